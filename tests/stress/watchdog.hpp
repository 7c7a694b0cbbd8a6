// SPDX-License-Identifier: MIT
// Shared support of the stress tests and the tests of the core: a watchdog, because a hanging test must name itself and
// end, and the duration of a stress test. Test code only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOCKET_TEST_TSAN
#elif __has_feature(address_sanitizer)
#define HOCKET_TEST_ASAN
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define HOCKET_TEST_TSAN
#elif defined(__SANITIZE_ADDRESS__)
#define HOCKET_TEST_ASAN
#endif

namespace stress_test {

#if defined(HOCKET_TEST_TSAN)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif
#if defined(HOCKET_TEST_ASAN)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
inline constexpr bool sanitized = thread_sanitizer || address_sanitizer;

/// Returns a number of repetitions: `usual`, or a small part of it where each step is ten times slower.
constexpr int repetitions(int usual) { return sanitized ? usual / 20 + 1 : usual; }

/// Counts the looks of a loop that waits for another thread without sleeping: after many looks in vain, that thread may
/// need this core.
class spinning {
  public:
    void look_again() {
        if (++looks_ % 1024 == 0) std::this_thread::yield();
    }

  private:
    unsigned looks_ = 0;
};

/// Ends the program with a message if it is not destroyed in time.
class watchdog {
  public:
    explicit watchdog(char const* what, std::chrono::seconds limit = std::chrono::seconds(120))
        : thread_([this, what, limit] {
              std::unique_lock lock(mutex_);
              if (ended_.wait_for(lock, limit, [this] { return done_; })) return;
              std::fprintf(stderr, "watchdog: \"%s\" hangs: it has not ended after %lld s\n", what,
                           static_cast<long long>(limit.count()));
              std::abort();
          }) {}
    ~watchdog() {
        {
            std::lock_guard const lock(mutex_);
            done_ = true;
        }
        ended_.notify_one();
        thread_.join();
    }
    watchdog(watchdog const&) = delete;
    watchdog& operator=(watchdog const&) = delete;

  private:
    std::mutex mutex_;
    std::condition_variable ended_;
    bool done_ = false;
    std::thread thread_;
};

/// Is true until the time for one stress test is used up: 5 s, or `HOCKET_STRESS_SECONDS`.
class time_budget {
  public:
    explicit time_budget(double share = 1)
        : end_(std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                      std::chrono::duration<double>(share * seconds()))) {}
    bool left() const { return std::chrono::steady_clock::now() < end_; }

  private:
    static double seconds() {
        char const* const wish = std::getenv("HOCKET_STRESS_SECONDS");
        return wish != nullptr ? std::atof(wish) : 5;
    }
    std::chrono::steady_clock::time_point end_;
};

/// Keeps the processor busy: about a nanosecond a step.
inline void burn(unsigned steps) {
    for (unsigned i = 0; i < steps; ++i) asm volatile("" ::: "memory");
}

/// Small pseudo-random numbers; every run gives one sequence.
class dice {
  public:
    explicit dice(unsigned long long seed) : state_(seed * 0x9e37'79b9'7f4a'7c15ull + 1) {}
    unsigned long long operator()() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    unsigned below(unsigned n) { return static_cast<unsigned>((*this)() >> 33) % n; }

  private:
    unsigned long long state_;
};

} // namespace stress_test
