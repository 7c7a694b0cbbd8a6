// SPDX-License-Identifier: MIT
// Where only one thread is allowed, the waiting threads run the work. Each case runs in a child process in which the
// kernel refuses every clone(2). No case is an error, and none hangs.
#include <hocket/hocket.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;
using namespace std::chrono_literals;

/// Forbids the calling process further threads from now on.
bool forbid_threads() {
    sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    sock_fprog const program{sizeof code / sizeof *code, code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Runs `body` in a child in which no thread can be started, and returns the way in which the child ended. `body`
/// returns whether all is right.
template<class Body>
std::string without_threads(Body const& body) {
    return in_child([&] {
        if (!forbid_threads()) return 77;
        try {
            std::thread([] {}).join();
            return 77;
        } catch (std::system_error const&) { // expected
        }
        return body() ? 7 : 1;
    });
}

#define ASSERT_RUNS_ALONE(...)                                                                                         \
    do {                                                                                                               \
        std::string const result = without_threads(__VA_ARGS__);                                                       \
        if (result == "exit 77") GTEST_SKIP() << "threads cannot be forbidden here";                                   \
        ASSERT_EQ(result, "exit 7");                                                                                   \
    } while (false)

TEST(no_threads, algorithms_and_forks_run_on_the_caller) {
    ASSERT_RUNS_ALONE([] {
        std::vector<int> v(100'000);
        std::iota(v.rbegin(), v.rend(), 0);
        parallel_sort(v);
        bool right = std::is_sorted(v.begin(), v.end()) && parallel_reduce(v, 0L) == 4'999'950'000L;
        auto const [a, b] = join([] { return 1; }, [] { return join([] { return 2; }, [] { return 3; }); });
        right &= a == 1 && std::get<1>(b) == 3;
        int ran = 0;
        task_group group;
        for (int i = 0; i < 100; ++i)
            group.run([&] {
                task_group inner;
                inner.run([&] { ++ran; });
                inner.wait();
            });
        group.wait();
        std::size_t seen = 0;
        for (int const x : parallel_imap(v, [](int y) { return y + 1; })) right &= x == static_cast<int>(++seen);
        return right && ran == 100 && seen == v.size() && default_pool().size() == 1;
    });
}

TEST(no_threads, a_wait_runs_what_it_needs_and_what_keeps_a_promise) {
    ASSERT_RUNS_ALONE([] {
        thread_pool pool(4);
        promise<int> kept;
        shared_future<int> const value = kept.get_future().share();
        std::vector<future<int>> waiting;
        constexpr int count = sanitized ? 100 : 900; // each lies on the stack above the one that began before
        for (int i = 0; i < count; ++i) waiting.push_back(submit(pool, [&, i] { return value.get() + i; }));
        spawn(pool, [&] { kept.set_value(1); });
        int sum = 0;
        for (future<int>& one : waiting) sum += one.get();
        future<int> const chain =
            submit(pool, [] { return submit([] { return 20; }); }).then([](int x) { return x + 1; });
        auto const [x, y] = when_all(chain, submit(pool, [] { return 21; })).get();
        return sum == count * (count + 1) / 2 && x + y == 42;
    });
}

TEST(no_threads, waits_with_a_limit_of_time_run_the_work_too) {
    ASSERT_RUNS_ALONE([] {
        future<int> const one = submit([] { return 1; });
        while (!one.wait_for(1ms)) {
        }
        std::vector<future<int>> several;
        for (int i = 0; i < 10; ++i) several.push_back(submit([i] { return i; }));
        return wait(several, {.count = 10, .timeout = 60s}).pending.empty() && one.get() == 1;
    });
}

TEST(no_threads, the_end_of_a_pool_and_wait_idle_run_what_is_left) {
    ASSERT_RUNS_ALONE([] {
        int ran = 0;
        {
            thread_pool pool(3);
            for (int round = 1; round <= 3; ++round) {
                for (priority const level : {priority::low, priority::normal, priority::high})
                    spawn(pool, [&] { spawn(pool, [&] { ++ran; }); }, {.priority = level});
                spawn(pool, [&] { ++ran; }, {.on = 0});
                if (round == 3) break;
                pool.wait_idle();
                if (ran != 4 * round) return false;
            }
        }
        return ran == 12;
    });
}

TEST(no_threads, delays_and_what_repeats_itself_come_in_waits) {
    ASSERT_RUNS_ALONE([] {
        thread_pool pool(2);
        int ticks = 0;
        promise<void> enough;
        auto ticker = run_every(pool, 1ms, [&] {
            if (++ticks == 5) enough.set_value();
        });
        enough.get_future().get();
        ticker.stop();
        int const late = submit(
                             pool, [] { return 1; }, submit_options{.after = 2ms})
                             .get();
        spawn(pool, [&] { ticks = 100; }, {.after = 2ms});
        pool.wait_idle();
        return late == 1 && ticks == 100;
    });
}

task<int> sleeper(async_event& event) {
    co_await hocket::sleep_for(1ms);
    event.set();
    co_return co_await submit([] { return 40; });
}

task<int> waiter(async_event& event) {
    co_await event.wait();
    co_return 2;
}

TEST(no_threads, coroutines_graphs_and_pipelines_come_to_their_ends) {
    ASSERT_RUNS_ALONE([] {
        async_event event;
        future<int> first = submit(waiter(event));
        int sum = sync_wait(sleeper(event)) + first.get();
        task_graph graph;
        auto const a = graph.add([&] { ++sum; });
        auto b = graph.add([&] { parallel_for(0, 10, [&](int) { ++sum; }); });
        b.succeed(a);
        graph.run().get();
        int given = 0;
        pipeline(
            stage<serial>([&]() -> std::optional<int> { return given < 9 ? std::optional(++given) : std::nullopt; }),
            stage<parallel>([](int x) { return x; }), stage<serial>([&](int) { ++sum; }))
            .run({.tokens = 4});
        return sum == 42 + 11 + 9;
    });
}

TEST(no_threads, a_stop_of_the_waiting_operation_does_not_reach_what_its_wait_runs) {
    ASSERT_RUNS_ALONE([] {
        thread_pool pool(2);
        bool stopped = true;
        promise<void> kept;
        spawn(pool, [&] {
            stopped = this_task::stop_requested();
            kept.set_value();
        });
        future<void> made_before = kept.get_future(); // the stop does not end the wait for it
        stop_source source;
        try {
            parallel_for(0, 1,
                         [&](int) {
                             source.request_stop();
                             made_before.get();
                         },
                         {.stop = source.get_token()});
        } catch (operation_cancelled const&) {
        }
        return !stopped;
    });
}

TEST(no_threads, several_threads_of_the_program_share_the_work) {
    std::string const result = in_child([] {
        std::atomic<thread_pool*> made{nullptr};
        promise<int> kept;
        shared_future<int> const value = kept.get_future().share();
        std::atomic<int> sum{0};
        std::vector<std::thread> callers;
        for (int i = 0; i < 4; ++i)
            callers.emplace_back([&] {
                while (made == nullptr) std::this_thread::yield();
                thread_pool& pool = *made;
                for (int round = 0; round < 30; ++round) {
                    auto needs = submit(pool, [&] { return submit([&] { return value.get(); }).get() + 1; });
                    task_group group(pool);
                    for (int k = 0; k < 10; ++k) group.run([&, k] { sum += k; });
                    group.wait();
                    parallel_for(pool, 0, 10, [&](int k) { sum -= k; });
                    sum += needs.get();
                    spawn(pool, [&] { ++sum; });
                }
            });
        if (!forbid_threads()) _exit(77);
        {
            thread_pool pool(4);
            if (pool.size() != 1) _exit(1);
            made = &pool;
            kept.set_value(
                1); // by a thread that does not wait: below a wait this would be too late for what the wait runs
            for (std::thread& caller : callers) caller.join();
        }
        return sum == 4 * 30 * 3 ? 7 : 1;
    });
    if (result == "exit 77") GTEST_SKIP() << "threads cannot be forbidden here";
    ASSERT_EQ(result, "exit 7");
}

TEST(no_threads, an_error_comes_to_the_one_who_waits) {
    ASSERT_RUNS_ALONE([] {
        try {
            submit([] { throw std::domain_error("as intended"); }).get();
        } catch (std::domain_error const&) {
            return true;
        }
        return false;
    });
}

} // namespace
