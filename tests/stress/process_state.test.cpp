// SPDX-License-Identifier: MIT
// The state of the process and of its own threads is left alone: threads of the library never take signals.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits.h>
#include <map>
#include <pthread.h>
#include <string>
#include <thread>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

/// Returns the masks of blocked signals of the threads whose names begin with "state" or "timer", by name.
std::map<std::string, std::uint64_t> masks_of_the_library() {
    std::map<std::string, std::uint64_t> found;
    for (auto const& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream comm(thread.path() / "comm");
        std::ifstream status(thread.path() / "status");
        std::string name, line;
        std::getline(comm, name);
        if (name.rfind("state", 0) != 0 && name.rfind("timer", 0) != 0) continue;
        while (std::getline(status, line))
            if (line.rfind("SigBlk:", 0) == 0)
                found.emplace(name + " " + thread.path().filename().string(), std::stoull(line.substr(7), nullptr, 16));
    }
    return found;
}

TEST(process_state, threads_of_the_library_take_no_signals_but_those_of_faults) {
    stress_test::watchdog const dog("signals");
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    thread_pool pool({.workers = 2, .bind = binding::none, .name = "state"});
    promise<void> kept;
    auto waits = kept.get_future().share();
    task_group group(pool);
    std::atomic<int> begun{0};
    for (int i = 0; i < 3; ++i) // the third one begins on a thread that the pool starts beside the workers
        group.run([waits, &begun] {
            ++begun;
            waits.wait();
        });
    submit(
        pool, [] {}, submit_options{.after = 1ms})
        .get(); // and the thread of the timers
    auto const limit = std::chrono::steady_clock::now() + 20s;
    // Waits, because a thread that is being started blocks all signals for a moment, and ThreadSanitizer does so later
    // as well.
    auto const settled = [&](auto const& all) {
        for (auto const& [name, mask] : all)
            if ((mask >> (SIGSEGV - 1) & 1) != 0) return false;
        return begun == 3 && all.size() >= 4;
    };
    auto masks = masks_of_the_library();
    while (!settled(masks) && std::chrono::steady_clock::now() < limit) {
        std::this_thread::sleep_for(1ms);
        masks = masks_of_the_library();
    }
    kept.set_value();
    group.wait();
    EXPECT_EQ(begun, 3);
    EXPECT_GE(masks.size(), 4U);
    auto const has = [](std::uint64_t mask, int signal) { return (mask >> (signal - 1) & 1) != 0; };
    for (auto const& [name, mask] : masks) {
        for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGCHLD, SIGUSR1, SIGUSR2, SIGPROF, SIGPIPE, SIGQUIT,
                                 SIGVTALRM, SIGIO, SIGWINCH, SIGRTMIN, SIGRTMAX})
            EXPECT_TRUE(has(mask, signal)) << name << " takes signal " << signal;
        for (int const signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
            EXPECT_FALSE(has(mask, signal)) << name << " blocks signal " << signal;
    }
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < SIGRTMAX; ++signal)
        EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
}

/// The first call of a process needs no more stack than later calls.
TEST(process_state, a_thread_with_the_smallest_stack_may_be_the_first_that_calls) {
    if (hocket::detail::sanitized) GTEST_SKIP() << "sanitized code needs a larger stack";
    auto const calls = [](void*) -> void* {
        static std::atomic<long> ran{0};
        parallel_for(0, 1000, [](int) { ++ran; }, {.schedule = schedule::dynamic});
        join([] { ++ran; }, [] { ++ran; });
        task_group group;
        for (int i = 0; i < 10; ++i) group.run([] { ++ran; });
        group.wait();
        ran += submit([] { return 1; }, submit_options{.after = 1ms}).get();
        return ran == 1013 ? &ran : nullptr;
    };
    EXPECT_EQ(stress_test::in_child([&] {
                  pthread_attr_t attributes;
                  pthread_attr_init(&attributes);
                  pthread_attr_setstacksize(&attributes, static_cast<std::size_t>(PTHREAD_STACK_MIN));
                  pthread_t thread;
                  void* result = nullptr;
                  if (pthread_create(&thread, &attributes, calls, nullptr) != 0) return 1;
                  pthread_join(thread, &result);
                  return result != nullptr ? 7 : 2;
              }),
              "exit 7");
}

} // namespace
