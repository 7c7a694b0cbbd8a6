// SPDX-License-Identifier: MIT
// Times that two pinned threads which wait for nothing else reach by hand where memory is the limit, each beside the
// corresponding call of the library. `--benchmark_enable_random_interleaving --benchmark_repetitions=9` measures both
// in turns.
#include <hocket/algorithm/filter/parallel_copy_if.hpp>
#include <hocket/algorithm/group/parallel_histogram.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/algorithm/scan/parallel_scan.hpp>
#include <hocket/algorithm/search/parallel_find_if.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <sched.h>
#include <thread>
#include <vector>

namespace {

/// Pins the calling thread to the nth processor that this process may use.
void pin_to(int nth) {
    cpu_set_t mine{};
    sched_getaffinity(0, sizeof mine, &mine);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &mine) && nth-- == 0) {
            CPU_ZERO(&mine);
            CPU_SET(cpu, &mine);
        }
    }
    sched_setaffinity(0, sizeof mine, &mine);
}

/// The calling thread and another thread, which spins between the calls.
class two_threads {
  public:
    two_threads() : other_([this] { serve(); }) {
        sched_getaffinity(0, sizeof before_, &before_);
        pin_to(0);
    }
    ~two_threads() {
        asked_.store(UINT64_MAX);
        other_.join();
        sched_setaffinity(0, sizeof before_, &before_);
    }
    two_threads(two_threads const&) = delete;
    two_threads& operator=(two_threads const&) = delete;

    /// Calls `part(0)` on the calling thread and `part(1)` on the other one.
    void run(std::function<void(std::size_t)> const& part) {
        part_ = &part;
        asked_.store(++turn_, std::memory_order_release);
        part(0);
        while (done_.load(std::memory_order_acquire) != turn_) {
        }
    }

    /// Waits, inside of `run`, until both threads have come here `count` times.
    void meet(std::size_t me, std::uint64_t count) {
        met_[me].value.store(count, std::memory_order_release);
        while (met_[1 - me].value.load(std::memory_order_acquire) < count) {
        }
    }

  private:
    struct alignas(128) counter {
        std::atomic<std::uint64_t> value{0};
    };

    void serve() {
        pin_to(1);
        for (std::uint64_t turn = 1;; ++turn) {
            std::uint64_t seen = 0;
            while ((seen = asked_.load(std::memory_order_acquire)) < turn) {
            }
            if (seen == UINT64_MAX) {
                return;
            }
            (*part_)(1);
            done_.store(turn, std::memory_order_release);
        }
    }

    std::function<void(std::size_t)> const* part_ = nullptr;
    std::uint64_t turn_ = 0;
    alignas(128) std::atomic<std::uint64_t> asked_{0};
    alignas(128) std::atomic<std::uint64_t> done_{0};
    counter met_[2];
    cpu_set_t before_{};
    std::thread other_;
};

hocket::thread_pool& pool() {
    static hocket::thread_pool it(hocket::pool_options{.workers = 2});
    return it;
}

/// Runs a row by hand, `part(threads, me)`; `by_hocket` runs a row by the library, `call()`.
template<class Part>
void by_hand(benchmark::State& state, Part part) {
    two_threads threads;
    for (auto _ : state) {
        threads.run([&](std::size_t me) { part(threads, me); });
    }
}
template<class Call>
void by_hocket(benchmark::State& state, Call call) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(call());
    }
}

constexpr std::size_t n = 10'000'000;

void reduce_by_two_threads(benchmark::State& state) {
    std::vector<double> const x(n, 1.0);
    by_hand(state, [from = x.data()](two_threads&, std::size_t me) {
        double sums[8][8] = {}; // eight registers of eight
        for (std::size_t i = me * (n / 2); i < (me + 1) * (n / 2); i += 64) {
            for (std::size_t r = 0; r < 8; ++r) {
                for (std::size_t lane = 0; lane < 8; ++lane) {
                    sums[r][lane] += from[i + 8 * r + lane];
                }
            }
        }
        benchmark::DoNotOptimize(sums);
    });
}
void reduce_by_hocket(benchmark::State& state) {
    std::vector<double> const x(n, 1.0);
    by_hocket(state, [&] { return hocket::parallel_reduce(pool(), x, 0.0, std::plus<>()); });
}

void find_none_by_two_threads(benchmark::State& state) {
    std::vector<std::uint64_t> const x(n, 1);
    by_hand(state, [from = x.data()](two_threads&, std::size_t me) {
        std::uint64_t any = 0;
        for (std::size_t i = me * (n / 2); i < (me + 1) * (n / 2); ++i) {
            any |= from[i] == 7 ? 1U : 0U;
        }
        benchmark::DoNotOptimize(any);
    });
}
void find_none_by_hocket(benchmark::State& state) {
    std::vector<std::uint64_t> const x(n, 1);
    by_hocket(state, [&] { return hocket::parallel_find_if(pool(), x, [](std::uint64_t v) { return v == 7; }); });
}

/// Scans in passes of half a MiB for each thread: sums first, then the scan of the elements that are still in the
/// core's own cache.
template<class T>
void scan_by_two_threads(benchmark::State& state) {
    constexpr std::size_t all = 100'000'000 / sizeof(T), share = 512 * 1024 / sizeof(T), rounds = all / (2 * share);
    std::vector<T> const in(all, T(1));
    std::vector<T> out(all);
    alignas(128) T sums[2][2] = {};
    std::uint64_t met = 0;
    by_hand(state, [&, before = &met](two_threads& threads, std::size_t me) {
        std::uint64_t const met_before = *before;
        T running{};
        for (std::size_t round = 0; round < rounds; ++round) {
            T const* const from = in.data() + (2 * round + me) * share;
            T* const to = out.data() + (2 * round + me) * share;
            sums[round % 2][me] = std::reduce(from, from + share);
            threads.meet(me, met_before + round + 1);
            T sum = running + (me == 0 ? T{} : sums[round % 2][0]);
            running += sums[round % 2][0] + sums[round % 2][1];
            for (std::size_t i = 0; i < share; i += 4) { // one addition of every four depends on the last one
                T const two = from[i] + from[i + 1], four = two + (from[i + 2] + from[i + 3]);
                to[i] = sum + from[i];
                to[i + 1] = sum + two;
                to[i + 2] = sum + (two + from[i + 2]);
                sum = to[i + 3] = sum + four;
            }
        }
        threads.meet(me, met_before + rounds + 1);
        if (me == 0) {
            *before += rounds + 2;
        }
        threads.meet(me, met_before + rounds + 2);
    });
}
template<class T>
void scan_by_hocket(benchmark::State& state) {
    std::vector<T> const in(100'000'000 / sizeof(T), T(1));
    std::vector<T> out(in.size());
    by_hocket(state, [&] { return hocket::parallel_inclusive_scan(pool(), in, out, std::plus<>()); });
}

std::vector<std::uint64_t> random_numbers() {
    std::vector<std::uint64_t> made(n);
    std::uint64_t x = 1;
    for (auto& number : made) {
        x = x * 6364136223846793005U + 1442695040888963407U;
        number = x >> 20;
    }
    return made;
}

constexpr auto chosen = [](std::uint64_t x) { return (x >> 40 & 1) != 0; };

/// Copies without a branch, each half straight to its own place: the first of two passes.
void copy_if_by_two_threads(benchmark::State& state) {
    auto const in = random_numbers();
    std::vector<std::uint64_t> out(n + 2);
    by_hand(state, [from = in.data(), to = out.data()](two_threads&, std::size_t me) {
        std::size_t at = me * (n / 2 + 1);
        for (std::size_t i = me * (n / 2); i < (me + 1) * (n / 2); ++i) {
            to[at] = from[i];
            at += chosen(from[i]) ? 1U : 0U;
        }
        benchmark::DoNotOptimize(at);
    });
}
void copy_if_by_hocket(benchmark::State& state) {
    auto const in = random_numbers();
    std::vector<std::uint64_t> out(n);
    by_hocket(state, [&] { return hocket::parallel_copy_if(pool(), in, out.begin(), chosen); });
}

/// Counts into a table that each thread has: the table is neither made nor cleared nor added up.
template<class Key, std::size_t buckets, std::size_t count, std::size_t tables>
void histogram_by_two_threads(benchmark::State& state) {
    auto const random = random_numbers();
    std::vector<Key> keys(count);
    for (std::size_t i = 0; i < count; ++i) {
        keys[i] = static_cast<Key>(random[i % n] % buckets);
    }
    std::vector<std::uint32_t> counts[2];
    for (auto& table : counts) {
        table.resize(tables * buckets);
    }
    by_hand(state, [&, from = keys.data()](two_threads&, std::size_t me) {
        std::uint32_t* const table = counts[me].data();
        for (std::size_t i = me * (count / 2); i < (me + 1) * (count / 2); i += tables) {
            for (std::size_t t = 0; t < tables; ++t) {
                ++table[t * buckets + from[i + t]];
            }
        }
    });
}
template<class Key, std::size_t buckets, std::size_t count>
void histogram_by_hocket(benchmark::State& state) {
    auto const random = random_numbers();
    std::vector<Key> keys(count);
    for (std::size_t i = 0; i < count; ++i) {
        keys[i] = static_cast<Key>(random[i % n] % buckets);
    }
    by_hocket(state, [&] { return hocket::parallel_histogram(pool(), keys, buckets); });
}

#define ROW(...) BENCHMARK(__VA_ARGS__)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(0.05)
ROW(reduce_by_two_threads);
ROW(reduce_by_hocket);
ROW(find_none_by_two_threads);
ROW(find_none_by_hocket);
ROW(scan_by_two_threads<int>);
ROW(scan_by_hocket<int>);
ROW(scan_by_two_threads<double>);
ROW(scan_by_hocket<double>);
ROW(copy_if_by_two_threads);
ROW(copy_if_by_hocket);
ROW(histogram_by_two_threads<std::uint32_t, 1024, n, 4>);
ROW(histogram_by_hocket<std::uint32_t, 1024, n>);
ROW(histogram_by_two_threads<std::uint32_t, 1'000'000, n, 1>);
ROW(histogram_by_hocket<std::uint32_t, 1'000'000, n>);
ROW(histogram_by_two_threads<unsigned char, 256, 10 * n, 4>);
ROW(histogram_by_hocket<unsigned char, 256, 10 * n>);
#undef ROW

} // namespace
