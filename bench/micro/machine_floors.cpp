// SPDX-License-Identifier: MIT
// The prices of this machine for the operations that schedulers are built from. No library can be faster than these.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// Pins the calling thread to the first (0) or second (1) processor that this process may use, as long as it lives.
class pinned_to {
  public:
    explicit pinned_to(int nth) {
        sched_getaffinity(0, sizeof before_, &before_);
        cpu_set_t only{};
        CPU_ZERO(&only);
        std::size_t cpu = 0;
        for (; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(cpu, &before_) && nth-- == 0) {
                break;
            }
        }
        CPU_SET(cpu, &only);
        sched_setaffinity(0, sizeof only, &only);
    }
    ~pinned_to() { sched_setaffinity(0, sizeof before_, &before_); }
    pinned_to(pinned_to const&) = delete;
    pinned_to& operator=(pinned_to const&) = delete;

  private:
    cpu_set_t before_;
};

void locked_add(benchmark::State& state) {
    std::atomic<std::uint64_t> word{0};
    for (auto _ : state) {
        benchmark::DoNotOptimize(word.fetch_add(1));
    }
}
BENCHMARK(locked_add);

void store_seq_cst(benchmark::State& state) {
    std::atomic<std::uint64_t> word{0};
    for (auto _ : state) {
        word.store(1);
    }
}
BENCHMARK(store_seq_cst);

void store_relaxed(benchmark::State& state) {
    std::atomic<std::uint64_t> word{0};
    for (auto _ : state) {
        word.store(1, std::memory_order_relaxed);
        benchmark::ClobberMemory();
    }
}
BENCHMARK(store_relaxed);

void read_clock(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(std::chrono::steady_clock::now());
    }
}
BENCHMARK(read_clock);

/// Sends a cache line to another core and back.
void line_round_trip(benchmark::State& state) {
    alignas(128) std::atomic<std::uint64_t> ball{0};
    std::thread other([&] {
        pinned_to const second(1);
        for (std::uint64_t expected = 1;; expected += 2) {
            std::uint64_t seen = 0;
            while ((seen = ball.load(std::memory_order_acquire)) < expected) {
            }
            if (seen == UINT64_MAX) {
                return;
            }
            ball.store(expected + 1, std::memory_order_release);
        }
    });
    pinned_to const first(0);
    std::uint64_t turn = 0;
    for (auto _ : state) {
        ball.store(turn + 1, std::memory_order_release);
        turn += 2;
        while (ball.load(std::memory_order_acquire) != turn) {
        }
    }
    ball.store(UINT64_MAX);
    other.join();
}
BENCHMARK(line_round_trip)->UseRealTime();

void wait_for(std::atomic<std::uint32_t>& word, std::uint32_t value) {
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

/// Measures the time from the call that wakes a thread which slept for a millisecond until that thread runs.
void futex_wake(benchmark::State& state) {
    std::atomic<std::uint32_t> word{0};
    std::atomic<std::int64_t> awake{0};
    auto const now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
    std::thread sleeper([&] {
        for (;;) {
            while (word.load() == 0) {
                wait_for(word, 0);
            }
            if (word.exchange(0) == 2) {
                return;
            }
            awake.store(now());
        }
    });
    for (auto _ : state) {
        auto const end = now() + 1'000'000;
        while (now() < end) {
        }
        auto const begin = now();
        awake.store(0);
        word.store(1);
        syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
        std::int64_t woken = 0;
        while ((woken = awake.load()) == 0) {
        }
        state.SetIterationTime(double(woken - begin) * 1e-9);
    }
    word.store(2);
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
    sleeper.join();
}
BENCHMARK(futex_wake)->UseManualTime()->Iterations(200);

/// Computes y = a x + y over ten million doubles, one half for each of two pinned threads that wait for nothing else:
/// the time that a library can reach in the row `axpy`.
void axpy_by_two_threads(benchmark::State& state) {
    constexpr std::size_t n = 10'000'000;
    std::vector<double> x(n, 1.0);
    std::vector<double> y(n, 1.0);
    auto const half = [from = x.data(), to = y.data()](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            to[i] = 2 * from[i] + to[i];
        }
    };
    std::atomic<std::uint64_t> asked{0};
    std::atomic<std::uint64_t> done{0};
    std::thread other([&] {
        pinned_to const second(1);
        for (std::uint64_t turn = 1;; ++turn) {
            std::uint64_t seen = 0;
            while ((seen = asked.load(std::memory_order_acquire)) < turn) {
            }
            if (seen == UINT64_MAX) {
                return;
            }
            half(n / 2, n);
            done.store(turn, std::memory_order_release);
        }
    });
    pinned_to const first(0);
    std::uint64_t turn = 0;
    for (auto _ : state) {
        asked.store(++turn, std::memory_order_release);
        half(0, n / 2);
        while (done.load(std::memory_order_acquire) != turn) {
        }
    }
    asked.store(UINT64_MAX);
    other.join();
}
BENCHMARK(axpy_by_two_threads)->UseRealTime()->Unit(benchmark::kMillisecond);

void thread_start_and_join(benchmark::State& state) {
    for (auto _ : state) {
        std::thread([] {}).join();
    }
}
BENCHMARK(thread_start_and_join)->UseRealTime();

} // namespace
