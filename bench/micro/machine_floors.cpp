// SPDX-License-Identifier: MIT
// What this machine charges for the operations that schedulers are built from. No library can be faster than these.
#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace {

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

/// A cache line that goes to another core and comes back.
void line_round_trip(benchmark::State& state) {
    alignas(128) std::atomic<std::uint64_t> ball{0};
    std::thread other([&] {
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

/// From the call that wakes a thread which slept for a millisecond until that thread runs.
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

void thread_start_and_join(benchmark::State& state) {
    for (auto _ : state) {
        std::thread([] {}).join();
    }
}
BENCHMARK(thread_start_and_join)->UseRealTime();

} // namespace
