// SPDX-License-Identifier: MIT
// Tests troubles of users of other process pools and clusters that no other file tests. README.md of this folder names
// the test of each trouble.
#include <hocket/base/error.hpp>
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using remote_test::comes_true;
using remote_test::program_result;
using remote_test::run_program;

long own_pid() { return static_cast<long>(getpid()); }

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
    void wait(shared_memory<int> open) {
        (void)comes_true([&] { return std::atomic_ref(*open).load() != 0; });
    }
};

/// Returns the message of the error of a call.
template<class F>
std::string loss_of(remote_pool& pool, F f, char const* name) {
    try {
        (void)submit(pool, f, {.name = name}).get();
    } catch (worker_lost const& error) {
        return error.what();
    }
    return "not lost";
}

TEST(process_pool_troubles, row_3_a_large_argument_to_a_process_that_is_killed) {
    process_pool pool(1);
    for (int round = 0; round != 3; ++round) {
        long const pid = submit(pool, own_pid).get();
        ref<std::size_t> const sent = submit(
            pool, [](std::vector<char> const& v) { return v.size(); }, std::vector<char>(64 << 20));
        kill(static_cast<pid_t>(pid), SIGKILL);
        try {
            EXPECT_EQ(sent.get(), std::size_t{64} << 20); // the call had not begun
        } catch (worker_lost const&) {
        }
        EXPECT_EQ(submit(pool, [] { return 5; }).get(), 5);
    }
}

TEST(process_pool_troubles, rows_5_and_8_how_a_process_has_ended) {
    process_pool pool(1);
    std::string const term = loss_of(
        pool, [] { return kill(getpid(), SIGTERM), pause(); }, "ends by term");
    EXPECT_NE(term.find("signal 15"), std::string::npos) << term;
    EXPECT_NE(term.find("ends by term"), std::string::npos) << term;
    EXPECT_EQ(term.find("memory"), std::string::npos) << term;
    std::string const status = loss_of(
        pool, [] { return std::_Exit(3), 0; }, "exits");
    EXPECT_NE(status.find("3"), std::string::npos) << status;
    EXPECT_NE(status.find("exits"), std::string::npos) << status;
    std::string const aborted = loss_of(
        pool, [] { return std::raise(SIGABRT); }, "aborts");
    EXPECT_NE(aborted.find("signal 6"), std::string::npos) << aborted;
    std::string const fault = loss_of(
        pool,
        [] {
            std::signal(SIGSEGV, SIG_DFL); // a sanitizer has a handler
            return std::raise(SIGSEGV);
        },
        "faults");
    EXPECT_NE(fault.find("signal 11"), std::string::npos) << fault;
}

TEST(process_pool_troubles, row_7_calls_of_an_actor_that_is_dead) {
    process_pool pool(1);
    actor<counter> const c(pool);
    shared_memory<int> const open(0);
    long const pid = c.call([](counter&) { return own_pid(); }).get();
    ref<void> const waits = c.call(&counter::wait, open);
    std::vector<ref<int>> calls;
    for (int i = 0; i != 100; ++i) calls.push_back(c.call(&counter::add, 1));
    kill(static_cast<pid_t>(pid), SIGKILL);
    for (int i = 0; i != 100; ++i) calls.push_back(c.call(&counter::add, 1));
    for (ref<int> const& each : calls) EXPECT_THROW((void)each.get(), actor_died);
    EXPECT_THROW(waits.get(), actor_died);
    EXPECT_TRUE(comes_true([&] { return !c.alive(); }));
}

std::size_t descriptors() {
    std::size_t count = 0;
    DIR* const all = opendir("/proc/self/fd");
    while (readdir(all) != nullptr) ++count;
    closedir(all);
    return count;
}

TEST(process_pool_troubles, row_29_descriptors_of_processes_that_have_ended) {
    process_pool pool({.workers = 2, .max_tasks_per_worker = 1});
    for (int i = 0; i != 10; ++i) (void)submit(pool, own_pid).get();
    auto const settled = [&] {
        for (node_info const& each : pool.nodes())
            if (!each.alive) return false;
        return true;
    };
    EXPECT_TRUE(comes_true(settled));
    std::size_t const before = descriptors();
    for (int i = 0; i != 200; ++i) (void)submit(pool, own_pid).get();
    EXPECT_TRUE(comes_true([&] { return settled() && descriptors() <= before; })) << before << " " << descriptors();
}

TEST(user_troubles, row_46_a_handle_that_is_gone_first) {
    EXPECT_EQ(actor<counter>(cluster()).call(&counter::add, 3).get(), 3);
}

TEST(user_troubles, row_47_calls_of_a_handle_that_was_dropped) {
    std::vector<ref<int>> calls;
    {
        actor<counter> const c(cluster());
        for (int i = 0; i != 1000; ++i) calls.push_back(c.call(&counter::add, 1));
    }
    for (int i = 0; i != 1000; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get(), i + 1);
}

int nested(int depth) { return depth == 0 ? 1 : submit(cluster(), nested, depth - 1).get() + 1; }

TEST(user_troubles, row_51_a_task_that_waits_for_a_task) {
    std::vector<ref<int>> calls;
    for (int i = 0; i != 20; ++i) calls.push_back(submit(cluster(), nested, 3));
    for (ref<int> const& each : calls) EXPECT_EQ(each.get(), 4);
}

TEST(user_troubles, row_79_a_stop_that_comes_with_the_end) {
    int done = 0;
    for (int i = 0; i != 500; ++i) {
        stop_source source;
        ref<int> const call = submit(cluster(), [](int x) { return x; }, i, {.stop = source.get_token()});
        if (i % 3 == 0) std::this_thread::yield();
        (void)source.request_stop();
        try {
            EXPECT_EQ(call.get(), i);
            ++done;
        } catch (operation_cancelled const&) {
        }
    }
    EXPECT_EQ(submit(cluster(), [] { return 1; }).get(), 1);
    EXPECT_LE(done, 500);
}

TEST(user_troubles, rows_80_and_81_a_task_runs_once) {
    shared_memory<int> const runs(0);
    stop_source source;
    auto const count = [](shared_memory<int> counts) {
        std::atomic_ref(*counts).fetch_add(1);
        while (!this_task::stop_requested()) std::this_thread::sleep_for(100us);
        throw operation_cancelled();
    };
    ref<void> const stopped =
        submit(cluster(), count, runs, {.retries = 3, .retry_errors = true, .stop = source.get_token()});
    EXPECT_TRUE(comes_true([&] { return std::atomic_ref(*runs).load() != 0; }));
    (void)source.request_stop();
    EXPECT_THROW(stopped.get(), operation_cancelled);
    EXPECT_EQ(submit(cluster(), [] { return 1; }).get(), 1);
    EXPECT_EQ(std::atomic_ref(*runs).load(), 1);
}

TEST(process_pool_troubles, row_88_which_process_it_is) {
    process_pool pool(2);
    for (node_info const& each : pool.nodes()) {
        if (!each.alive) continue;
        std::string const name = submit(pool,
                                        [] {
                                            char text[64] = "";
                                            std::string const path = "/proc/" + std::to_string(getpid()) + "/comm";
                                            std::FILE* const file = std::fopen(path.c_str(), "re");
                                            if (file == nullptr) return std::string();
                                            if (std::fgets(text, sizeof text, file) == nullptr) text[0] = 0;
                                            std::fclose(file);
                                            return std::string(text, std::strcspn(text, "\n"));
                                        },
                                        {.where = on(each.process)})
                                     .get();
        std::string const end = "/w" + std::to_string(each.process);
        ASSERT_GT(name.size(), end.size()) << name;
        EXPECT_EQ(name.substr(name.size() - end.size()), end) << name;
    }
}

/// A value that counts how often it is written.
struct counted_table {
    std::vector<char> bytes;

    static inline std::atomic<int> written{0};

    template<class Archive>
    void serialize(Archive& archive) {
        if constexpr (!Archive::is_loading) ++written;
        archive(bytes);
    }
};
int look_up(counted_table const& table, int at) { return table.bytes[static_cast<std::size_t>(at)] + at; }

TEST(process_pool_troubles, row_75_a_large_callable_of_many_calls) {
    process_pool pool(2);
    for (std::size_t const size : {std::size_t{8} << 20, std::size_t{2000}}) {
        auto const f = hocket::bind_front(look_up, counted_table{std::vector<char>(size, 1)});
        auto const times = [&](auto const& loop) {
            int const before = counted_table::written.load();
            loop();
            return counted_table::written.load() - before;
        };
        int const of_map = times([&] {
            std::vector<int> const found = parallel_map(pool, 0, 2000, f);
            for (int i = 0; i != 2000; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i + 1);
        });
        int const of_reduce =
            times([&] { EXPECT_EQ(parallel_transform_reduce(pool, 0, 2000, 0, std::plus<>(), f), 1000 * 2001); });
        int const of_stream = times([&] {
            std::vector<int> elements(200);
            std::iota(elements.begin(), elements.end(), 0);
            int sum = 0;
            for (int const each : parallel_imap(pool, elements, f)) sum += each;
            EXPECT_EQ(sum, 100 * 201);
        });
        if (size < 10'000) continue; // small ones are in each message
        EXPECT_LE(of_map, 2);
        EXPECT_LE(of_reduce, 2);
        EXPECT_LE(of_stream, 2);
    }
}

TEST(process_pool_troubles, row_75_a_large_callable_with_a_handle) {
    process_pool pool(2);
    actor<counter> const c(pool);
    auto const f = hocket::bind_front(
        [](std::vector<char> const& table, actor<counter> const& to, int i) {
            to.tell(&counter::add, static_cast<int>(table.size()));
            return i;
        },
        std::vector<char>(100'000), c);
    std::vector<int> const found = parallel_map(pool, 0, 50, f);
    for (int i = 0; i != 50; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)], i);
    EXPECT_TRUE(comes_true([&] { return c.call(&counter::add, 0).get() == 5'000'000; }));
}

TEST(user_troubles, row_76_refs_inside_values) {
    constexpr std::size_t count = 1000;
    std::vector<ref<int>> numbers;
    for (std::size_t i = 0; i != count; ++i) numbers.push_back(put(cluster(), static_cast<int>(i)));
    std::vector<ref<std::vector<ref<int>>>> lists;
    for (std::size_t i = 0; i != count; ++i) lists.push_back(put(cluster(), numbers));
    auto const start = std::chrono::steady_clock::now();
    std::vector<std::vector<ref<int>>> const all = get(lists);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 10s); // a million refs
    ASSERT_EQ(all.size(), count);
    for (std::size_t i = 0; i != count; ++i) {
        ASSERT_EQ(all[i].size(), count);
        EXPECT_EQ(all[i][(i * 7) % count].get(), static_cast<int>((i * 7) % count));
    }
}

TEST(user_troubles, row_94_random_numbers_by_the_element) {
    std::vector<std::uint64_t> seeds(1000);
    std::iota(seeds.begin(), seeds.end(), std::uint64_t{1});
    auto const draw = [](std::uint64_t seed) { return std::mt19937_64(seed)(); };
    std::vector<std::uint64_t> drawn = parallel_map(cluster(), seeds, draw);
    std::vector<std::uint64_t> serial;
    for (std::uint64_t seed : seeds) serial.push_back(draw(seed));
    EXPECT_EQ(drawn, serial); // with any engine
    std::sort(drawn.begin(), drawn.end());
    EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
}

/// A static object that tasks use; its destructor prints the number of uses.
class used_by_tasks {
  public:
    ~used_by_tasks() {
        if (all_.empty()) return;
        std::printf("destroyed after %zu uses\n", all_.size());
        std::fflush(stdout);
    }
    int use(int x) {
        std::lock_guard const lock(mutex_);
        if (all_.empty()) std::atexit([] { std::puts("the function of atexit"); });
        all_.push_back(std::make_unique<int>(x));
        return *all_.front();
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<int>> all_;
};
used_by_tasks static_object;

TEST(trouble_program, DISABLED_uses_a_static_object) {
    for (node_info const& each : cluster().nodes())
        EXPECT_EQ(submit(cluster(), [] { return static_object.use(3); }, {.where = on(each.process)}).get(), 3);
    for (int i = 0; i != 1000; ++i)
        (void)submit(
            cluster(), [](int x) { return static_object.use(x); }, i);
}
/// Runs that test with two worker processes, and checks that the program ends without an error message.
program_result run_to_its_end(std::string const& test) {
    program_result result = run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2"}, test);
    EXPECT_FALSE(result.hung);
    EXPECT_EQ(result.status, 0) << result.out;
    EXPECT_EQ(result.err, "");
    return result;
}

TEST(session_troubles, rows_22_and_23_what_runs_at_the_end_of_a_worker) {
    for (int round = 0; round != 10; ++round) {
        program_result const result = run_to_its_end("trouble_program.DISABLED_uses_a_static_object");
        for (char const* text : {"destroyed after ", "the function of atexit"}) {
            std::size_t count = 0;
            for (std::size_t at = result.out.find(text); at != std::string::npos; at = result.out.find(text, at + 1))
                ++count;
            EXPECT_EQ(count, 2u) << text << " in " << result.out;
        }
    }
}

TEST(trouble_program, DISABLED_ends_with_calls_under_way) {
    for (int i = 0; i != 1000; ++i)
        (void)submit(
            cluster(), [](int x) { return x; }, i);
}
TEST(trouble_program, DISABLED_ends_with_a_task_that_sleeps) {
    shared_memory<int> const begun(0);
    (void)submit(
        cluster(),
        [](shared_memory<int> begins) {
            std::atomic_ref(*begins).store(1);
            std::this_thread::sleep_for(std::chrono::hours(1));
        },
        begun);
    EXPECT_TRUE(comes_true([&] { return std::atomic_ref(*begun).load() != 0; }));
}

TEST(session_troubles, rows_9_and_11_the_end_with_calls_under_way) {
    for (int round = 0; round != 10; ++round)
        (void)run_to_its_end("trouble_program.DISABLED_ends_with_calls_under_way");
}
TEST(session_troubles, row_54_the_end_with_a_task_that_nobody_wants) {
    program_result const result = run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2"},
                                              "trouble_program.DISABLED_ends_with_a_task_that_sleeps");
    EXPECT_FALSE(result.hung);
    EXPECT_EQ(result.status, 0) << result.out;
}

} // namespace
