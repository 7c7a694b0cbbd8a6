// SPDX-License-Identifier: MIT
// Tests the text of `dump`, and that a pool prints it by itself with HOCKET_WATCHDOG.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/pool_dump.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace hocket;

/// Reads all that was written to the file, and closes it.
std::string text_in(std::FILE* file) {
    std::fseek(file, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
    std::rewind(file);
    EXPECT_EQ(std::fread(text.data(), 1, text.size(), file), text.size());
    std::fclose(file);
    return text;
}

std::string text_of(thread_pool& pool) {
    std::FILE* const file = std::tmpfile();
    dump(pool, file);
    return text_in(file);
}

std::size_t count(std::string const& text, std::string const& what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
    return found;
}

/// Adds up the tasks that wait somewhere.
std::size_t tasks_that_wait(std::string const& text) {
    std::size_t sum = 0;
    for (char const* const what : {" task waits", " tasks wait"})
        for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1))
            sum += std::stoul(text.substr(text.rfind(' ', at - 1)));
    return sum;
}

/// Waits until the text says so often what is wanted.
void expect(thread_pool& pool, std::string const& what, std::size_t times = 1) {
    std::string text;
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do {
        text = text_of(pool);
        if (count(text, what) == times) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } while (std::chrono::steady_clock::now() < limit);
    FAIL() << "not " << times << " times \"" << what << "\" in\n" << text;
}

class dump_of : public testing::TestWithParam<int> {
  protected:
    std::size_t workers() const { return static_cast<std::size_t>(GetParam()); }

    stress_test::watchdog const watch_{"pool dump"};
    thread_pool pool_{{.workers = workers(), .bind = binding::none, .name = "dumped"}};
};
INSTANTIATE_TEST_SUITE_P(workers, dump_of, testing::Values(1, 2, 3, 4, 8, 16, 64),
                         [](auto const& about) { return std::to_string(about.param); });

TEST_P(dump_of, tells_that_all_sleep) {
    std::atomic<bool> done{false};
    auto const task = submit(pool_, [&] { done = true; });
    while (!done) std::this_thread::yield(); // a wait might run the task
    pool_.wait_idle();
    std::string const text = text_of(pool_);
    EXPECT_EQ(text.rfind("hocket: pool \"dumped\" of " + std::to_string(workers()) + " worker", 0), 0U) << text;
    EXPECT_EQ(count(text, "\n  worker "), workers()) << text;
    expect(pool_, ": sleeps", workers());
    expect(pool_, "1 task so far");
}

TEST_P(dump_of, tells_what_runs_and_what_waits) {
    std::atomic<std::size_t> begun{0};
    std::atomic<bool> end{false};
    std::vector<future<void>> tasks;
    for (std::size_t i = 0; i != workers(); ++i)
        tasks.push_back(submit(pool_, [&] {
            ++begun;
            while (!end) std::this_thread::sleep_for(std::chrono::microseconds(100));
        }));
    while (begun < workers()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    for (int i = 0; i != 3; ++i) tasks.push_back(submit(pool_, [] {}));
    expect(pool_, ": runs work for", workers());
    EXPECT_EQ(tasks_that_wait(text_of(pool_)), 3U) << text_of(pool_);
    end = true;
    for (auto& one : tasks) one.get();
}

TEST_P(dump_of, tells_what_tasks_wait_for) {
    promise<void> made;
    future<void> const awaited = made.get_future();
    auto waits = submit(pool_, [&] { awaited.get(); });
    expect(pool_, ": waits for a promise for");
    std::atomic<bool> begun{false};
    auto inner = submit(pool_, [&] {
        begun = true;
        awaited.get();
    });
    while (!begun) std::this_thread::yield();
    auto waits_too = submit(pool_, [&] { inner.get(); });
    expect(pool_, ": waits for a future for");
    std::atomic<bool> end{false};
    auto blocks = submit(pool_, [&] {
        blocking([&] {
            while (!end) std::this_thread::sleep_for(std::chrono::microseconds(100));
        });
    });
    expect(pool_, ": blocks for");
    auto of_group = submit(pool_, [&] {
        if (workers() == 1) return; // it would run the task itself
        task_group group;
        std::atomic<bool> taken{false};
        group.run([&] {
            taken = true;
            awaited.get();
        });
        while (!taken) std::this_thread::yield();
        group.wait();
    });
    if (workers() != 1) expect(pool_, ": waits for a group for");
    made.set_value();
    end = true;
    waits.get();
    waits_too.get();
    blocks.get();
    of_group.get();
    pool_.wait_idle();
    expect(pool_, ": waits", 0);
}

TEST_P(dump_of, tells_the_names_of_tasks_and_loops) {
    std::string const longest(29, 'x');
    std::string const too_long = longest + "\xe2\x82\xac and more"; // 31 bytes end within that character
    std::atomic<int> begun{0};
    std::atomic<bool> end{false};
    auto const stay = [&] {
        ++begun;
        while (!end) std::this_thread::sleep_for(std::chrono::microseconds(100));
    };
    auto named = submit(pool_, stay, {.name = "load"});
    while (begun != 1) std::this_thread::yield();
    expect(pool_, ", in \"load\";");
    end = true;
    named.get();
    pool_.wait_idle();
    expect(pool_, ", in \"", 0);

    end = false;
    begun = 0;
    auto const all = static_cast<int>(workers());
    auto loop = submit(pool_, [&] {
        parallel_for(0, all, [&](int) { stay(); }, {.schedule = schedule::dynamic, .name = too_long.c_str()});
        expect(pool_, ", in \"", 0);
        parallel_for(0, 1, [&](int) { expect(pool_, ", in \"again\""); }, {.name = "again"});
    });
    while (begun != all) std::this_thread::yield();
    expect(pool_, ", in \"" + longest + "\"", workers());
    end = true;
    loop.get();
    pool_.wait_idle();
    expect(pool_, ", in \"", 0);
}

TEST(dump, tells_the_name_around_a_wait_and_around_an_inner_task) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    promise<void> made;
    future<void> const awaited = made.get_future();
    auto outer = submit(pool,
                        [&] {
                            std::size_t const here = this_worker::index();
                            submit(pool, [&] { expect(pool, ", in \"inner\""); }, {.name = "inner", .on = here}).get();
                            awaited.get();
                        },
                        {.name = "outer"});
    expect(pool, ": waits for a promise for");
    expect(pool, ", in \"outer\";");
    made.set_value();
    outer.get();
}

TEST(dump, tells_of_a_caller_from_outside) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    pool.run([&] { expect(pool, ": runs a call from outside of the pool for"); });
    expect(pool, "a call from outside", 0);
}

TEST(dump, is_printed_on_a_signal) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(
        {
            std::FILE* const file = std::tmpfile();
            int const before = dup(STDERR_FILENO);
            dup2(fileno(file), STDERR_FILENO);
            dump_on_signal();
            dump_on_signal(SIGUSR2);
            EXPECT_THROW(dump_on_signal(SIGKILL), std::system_error);
            EXPECT_THROW(dump_on_signal(-1), std::system_error);
            thread_pool pool({.workers = 2, .bind = binding::none, .name = "asked"});
            thread_pool other({.workers = 1, .bind = binding::none, .name = "other"});
            auto const size_after = [&](int signal) { // of the text, once it has come
                struct stat about {};
                fstat(fileno(file), &about);
                auto const size = about.st_size;
                std::raise(signal);
                do {
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    fstat(fileno(file), &about);
                } while (about.st_size == size);
                return about.st_size;
            };
            auto const once = size_after(SIGUSR1);
            auto const twice = size_after(SIGUSR2);
            std::string const printed = text_in(file);
            dup2(before, STDERR_FILENO);
            bool const told_both = twice > once && count(printed, "pool \"asked\" of 2 workers") == 2 &&
                                   count(printed, "pool \"other\" of 1 worker") == 2;
            std::fputs(printed.c_str(), stderr);
            std::_Exit(told_both && !testing::Test::HasFailure() ? 0 : 1);
        },
        testing::ExitedWithCode(0), "pool \"asked\"");
}

/// Waits in a pool with a watchdog for longer than that has patience, while stderr is a file. Returns the text there.
std::string text_of_watchdog() {
    std::FILE* const file = std::tmpfile();
    dup2(fileno(file), STDERR_FILENO);
    setenv("HOCKET_WATCHDOG", "1", 1);
    thread_pool pool({.workers = 2, .bind = binding::none, .name = "stuck"});
    promise<void> made;
    future<void> const awaited = made.get_future();
    auto waits = submit(pool, [&] { awaited.get(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(3500));
    made.set_value();
    waits.get();
    std::this_thread::sleep_for(std::chrono::milliseconds(1500)); // all sleep: there is nothing to tell
    return text_in(file);
}

TEST(dump, is_printed_by_the_watchdog) {
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(
        {
            int const before = dup(STDERR_FILENO);
            std::string const printed = text_of_watchdog();
            dup2(before, STDERR_FILENO);
            std::fputs(printed.c_str(), stderr);
            bool const told_once = count(printed, "has begun anything") == 1 &&
                                   count(printed, "pool \"stuck\" of 2 workers") == 1 &&
                                   count(printed, "waits for a promise for 1") == 1;
            std::_Exit(told_once ? 0 : 1);
        },
        testing::ExitedWithCode(0), "has begun anything");
}

} // namespace
