// SPDX-License-Identifier: MIT
// A program with a session, run as several ranks of MPI; its first argument selects its behaviour.
#include <hocket/pool.hpp>
#include <hocket/remote.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "unit/remote/call_worker.hpp"
#include "unit/remote/meeting.hpp"

#include <csignal>
#include <mpi.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace detail = hocket::detail;
using remote_test::send_call;
using remote_test::send_call_with;

std::size_t index_here(int) { return hocket::this_process::index(); }
std::size_t threads_here(int) { return hocket::default_pool().size(); }
std::vector<int> reversed(std::vector<int> v) { return {v.rbegin(), v.rend()}; }
int fails(int x) { throw std::out_of_range("no " + std::to_string(x)); }
int prints(int x) {
    std::printf("task %d\n", x);
    return x;
}
int dies(int how) {
    if (how == 0) std::raise(SIGKILL);
    std::_Exit(how);
}
int sleeps_long(int) {
    for (;;) sleep(1);
}

[[noreturn]] void wrong(char const* what) { throw std::logic_error(std::string("wrong: ") + what); }
void check(bool good, char const* what) {
    if (!good) wrong(what);
}

void calls(detail::node& node) {
    std::size_t const workers = node.size();
    for (std::size_t slot = 0; slot < workers; ++slot) {
        check(send_call_with(node, {.slot = slot}, &index_here, 0)->get() == slot + 1, "index");
        check(send_call_with(node, {.slot = slot}, &threads_here, 0)->get() >= 1, "threads");
    }
    check(send_call(
              node, [k = 3](int x) { return k * x; }, 5)
                  ->get() == 15,
          "a lambda with a capture");
    std::vector<int> large(1'000'000);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<int>(i);
    std::vector<int> const back = send_call(node, &reversed, large)->get();
    check(back.size() == large.size() && back.front() == 999'999 && back.back() == 0, "a large value");
    try {
        send_call(node, &fails, 7)->get();
        wrong("no error");
    } catch (std::out_of_range const& error) {
        check(std::string(error.what()) == "no 7", "text of an error");
    }
    for (int round = 0; round < 20; ++round) {
        std::vector<decltype(send_call(
            node, [](int x) { return x + 1; }, 0))>
            sent;
        for (int i = 0; i < 200; ++i)
            sent.push_back(send_call(
                node, [](int x) { return x + 1; }, i));
        for (int i = 0; i < 200; ++i) check(sent[static_cast<std::size_t>(i)]->get() == i + 1, "one of many");
    }
}

/// Makes calls that wait for each other, all of them sent to one rank while the others are busy.
void meet_in_all(detail::node& node) {
    for (int round = 0; round < 5; ++round) {
        hocket::shared_array<int> const places(node.size() + 1);
        std::vector<decltype(send_call(node, remote_test::meet, places))> sent;
        remote_test::gate others(node);
        for (std::size_t i = 0; i < 10 * node.size(); ++i) sent.push_back(send_call(node, remote_test::meet, places));
        others.open();
        for (auto& each : sent) check(each->get(), "a meeting of all ranks");
    }
}

/// Whether MPI was initialised in this process.
bool uses_mpi() {
    int initialised = 0;
    MPI_Initialized(&initialised);
    return initialised != 0;
}

/// Makes a process_pool, whose worker processes are no ranks, and returns the sum of its results. 0 if one is a rank.
int calls_of_own_pool(int x) {
    hocket::process_pool pool(2);
    for (hocket::node_info const& each : pool.nodes())
        if (each.alive && submit(pool, uses_mpi, {.where = hocket::on(each.process)}).get()) return 0;
    std::vector<int> const squares = hocket::parallel_map(pool, 0, 10, [x](int i) { return x * i; });
    hocket::process single([](int y) { return uses_mpi() ? 0 : y; }, x);
    return std::accumulate(squares.begin(), squares.end(), single.get());
}
/// Makes pools of worker processes in all ranks at once, the driver included.
void pools_in_ranks(detail::node& node) {
    std::vector<decltype(send_call(node, calls_of_own_pool, 1))> sent;
    for (std::size_t slot = 0; slot != node.size(); ++slot)
        for (int i = 1; i != 4; ++i) sent.push_back(send_call_with(node, {.slot = slot}, calls_of_own_pool, i));
    check(calls_of_own_pool(1) == 46, "a pool in the driver");
    for (std::size_t i = 0; i != sent.size(); ++i)
        check(sent[i]->get() == 46 * (static_cast<int>(i % 3) + 1), "a pool in a rank");
}

/// Checks that nodes and errors name the host of each rank, which its variable HOST_OF_RANK says.
void hosts_of_ranks(detail::node& node) {
    (void)node.wait_for_workers();
    std::vector<hocket::node_info> const all = hocket::cluster().nodes();
    for (std::size_t slot = 0; slot != node.size(); ++slot) {
        auto const host =
            send_call_with(node, {.slot = slot}, [] { return std::string(std::getenv("HOST_OF_RANK")); })->get();
        check(all[slot].name == host, "the host of a node");
        std::string const place = "process " + std::to_string(slot + 1) + " on " + host;
        check(node.report().find(place) != std::string::npos, "the host in a report");
        try {
            send_call_with(node, {.slot = slot}, [] { throw 42; })->get();
        } catch (hocket::remote_error const& error) {
            check(error.where().rfind(place + " (pid ", 0) == 0, "the host of an error");
        }
    }
}

/// Starts programs in all ranks, while others send messages.
void programs_in_ranks(detail::node& node) {
    std::vector<decltype(send_call(node, &reversed, std::vector<int>()))> sent;
    std::vector<decltype(send_call(node, prints, 0))> statuses;
    std::vector<int> const large(100'000, 5);
    for (int i = 0; i != 20; ++i) {
        sent.push_back(send_call(node, &reversed, large));
        for (std::size_t slot = 0; slot != node.size(); ++slot)
            statuses.push_back(send_call_with(
                node, {.slot = slot},
                [](int status) { return std::system(("exit " + std::to_string(status)).c_str()); }, i));
        check(std::system("true") == 0, "a program that the driver starts");
    }
    for (auto& each : sent) check(each->get() == large, "a value beside programs");
    for (std::size_t i = 0; i != statuses.size(); ++i)
        check(WEXITSTATUS(statuses[i]->get()) == static_cast<int>(i / node.size()), "the status of a program");
}

} // namespace

int main(int argc, char** argv) {
    std::string const what = argc > 1 ? argv[1] : "calls";
    if (what == "no session") {
        try {
            (void)hocket::cluster();
        } catch (std::exception const& error) {
            std::printf("%s\n", error.what());
            return 3;
        }
        return 0;
    }
    hocket::session const session(argc, argv);
    std::printf("driver\n");
    detail::node* const node = detail::node_of_session();
    if (node == nullptr) { // one rank: threads
        check(submit(
                  hocket::cluster(), [](int x) { return x + 1; }, 1)
                      .get() == 2,
              "a call on threads");
        std::printf("passed\n");
        return 0;
    }
    if (what == "calls") {
        calls(*node);
        meet_in_all(*node);
    }
    if (what == "pools") pools_in_ranks(*node);
    if (what == "hosts") hosts_of_ranks(*node);
    if (what == "programs") programs_in_ranks(*node);
    if (what == "prints") check(send_call(*node, &prints, 1)->get() == 1, "a call that prints");
    if (what == "throws") throw std::runtime_error("thrown out of main");
    if (what == "exits") std::exit(0);
    if (what == "exits with 5") std::exit(5);
    if (what == "returns 4") return 4;
    if (what == "driver dies") std::raise(SIGKILL);
    if (what == "worker dies") send_call(*node, &dies, 0)->get();
    if (what == "worker exits") send_call(*node, &dies, 9)->get();
    if (what == "task hangs") {
        auto* const unfinished = send_call_with(*node, {.slot = 0}, &sleeps_long, 0).release();
        std::this_thread::sleep_for(std::chrono::milliseconds(300)); // the call has begun, very likely
        check(unfinished != nullptr, "a call");
        std::exit(0);
    }
    std::printf("passed\n");
    return 0;
}
