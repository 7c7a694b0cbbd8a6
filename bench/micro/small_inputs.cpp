// SPDX-License-Identifier: MIT
// The costs of algorithms on a few elements, beside the serial ones of the standard library: rows name/serial/n and
// name/hocket/n.
#include <hocket/hocket.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

using numbers = std::vector<std::uint64_t>;

/// Takes one of many inputs in each round, so that no branch predictor learns the outcomes of their comparisons.
class work {
  public:
    explicit work(std::size_t n)
        : values(n), keys(n), other_keys(n), out(2 * n), rounds_((std::size_t{1} << 17) / n), inputs_(n * rounds_) {
        std::uint64_t x = 88172645463325252U;
        for (std::uint64_t& input : inputs_) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            input = x >> 32;
        }
    }
    void renew() {
        auto const first = inputs_.begin() + std::ssize(values) * static_cast<std::ptrdiff_t>(round_++ % rounds_);
        std::copy(first, first + std::ssize(values), values.begin());
        for (std::size_t i = 0, a = 0, b = 0; i != values.size(); ++i) {
            keys[i] = a += values[i] & 1;
            other_keys[i] = b += values[i] >> 1 & 1;
        }
    }

    numbers values, keys, other_keys, out;

  private:
    std::size_t rounds_;
    numbers inputs_;
    std::size_t round_ = 0;
};

hocket::thread_pool& pool() {
    static hocket::thread_pool two({.workers = 2});
    return two;
}

constexpr auto is_even = [](std::uint64_t x) { return x % 2 == 0; };
constexpr auto is_huge = [](std::uint64_t x) { return x > std::uint64_t{1} << 40; };
constexpr auto next = [](std::uint64_t x) { return x + 1; };
constexpr auto plus = [](std::uint64_t a, std::uint64_t b) { return a + b; };
constexpr auto greater = [](std::uint64_t a, std::uint64_t b) { return a > b; };

template<class F>
void add_one(std::string const& name, F f) {
    for (std::size_t const n : {1U, 10U, 30U, 100U, 1000U})
        benchmark::RegisterBenchmark((name + "/" + std::to_string(n)).c_str(), [f, n](benchmark::State& state) {
            work w(n);
            for (auto _ : state) {
                w.renew();
                f(w);
                benchmark::ClobberMemory();
            }
        })->UseRealTime();
}

template<class Serial, class Parallel>
void add(std::string const& name, Serial serial, Parallel parallel) {
    add_one(name + "/serial", serial);
    add_one(name + "/hocket", parallel);
}

template<class T>
void keep(T&& value) {
    benchmark::DoNotOptimize(value);
}

void add_all() {
    add(
        "for", [](work& w) { std::for_each(w.values.begin(), w.values.end(), [](auto& x) { x = next(x); }); },
        [](work& w) { hocket::parallel_for(pool(), w.values, [](auto& x) { x = next(x); }); });
    add(
        "map",
        [](work& w) {
            numbers r;
            r.reserve(w.values.size());
            std::transform(w.values.begin(), w.values.end(), std::back_inserter(r), next);
            keep(r);
        },
        [](work& w) { keep(hocket::parallel_map(pool(), w.values, next)); });
    add(
        "map_into", [](work& w) { std::transform(w.values.begin(), w.values.end(), w.out.begin(), next); },
        [](work& w) { hocket::parallel_map(pool(), w.values, w.out.begin(), next); });
    add(
        "reduce", [](work& w) { keep(std::accumulate(w.values.begin(), w.values.end(), std::uint64_t{0}, plus)); },
        [](work& w) { keep(hocket::parallel_reduce(pool(), w.values, std::uint64_t{0}, plus)); });
    add(
        "scan", [](work& w) { std::inclusive_scan(w.values.begin(), w.values.end(), w.out.begin(), plus); },
        [](work& w) { hocket::parallel_inclusive_scan(pool(), w.values, w.out.begin(), plus); });
    add(
        "sort", [](work& w) { std::sort(w.values.begin(), w.values.end()); },
        [](work& w) { hocket::parallel_sort(pool(), w.values); });
    add(
        "sort_opaque", [](work& w) { std::sort(w.values.begin(), w.values.end(), greater); },
        [](work& w) { hocket::parallel_sort(pool(), w.values, greater); });
    add(
        "stable_sort", [](work& w) { std::stable_sort(w.values.begin(), w.values.end(), greater); },
        [](work& w) { hocket::parallel_stable_sort(pool(), w.values, greater); });
    add(
        "nth_element",
        [](work& w) {
            std::nth_element(w.values.begin(), w.values.begin() + std::ssize(w.values) / 2, w.values.end());
        },
        [](work& w) { hocket::parallel_nth_element(pool(), w.values, w.values.begin() + std::ssize(w.values) / 2); });
    add(
        "merge",
        [](work& w) {
            std::merge(w.keys.begin(), w.keys.end(), w.other_keys.begin(), w.other_keys.end(), w.out.begin());
        },
        [](work& w) { hocket::parallel_merge(pool(), w.keys, w.other_keys, w.out.begin()); });
    add(
        "copy_if_into", [](work& w) { keep(std::copy_if(w.values.begin(), w.values.end(), w.out.begin(), is_even)); },
        [](work& w) { keep(hocket::parallel_copy_if(pool(), w.values, w.out.begin(), is_even)); });
    add(
        "copy_if",
        [](work& w) {
            numbers r;
            std::copy_if(w.values.begin(), w.values.end(), std::back_inserter(r), is_even);
            keep(r);
        },
        [](work& w) { keep(hocket::parallel_copy_if(pool(), w.values, is_even)); });
    add(
        "partition", [](work& w) { keep(std::partition(w.values.begin(), w.values.end(), is_even)); },
        [](work& w) { keep(hocket::parallel_partition(pool(), w.values, is_even)); });
    add(
        "remove_if", [](work& w) { keep(std::remove_if(w.values.begin(), w.values.end(), is_even)); },
        [](work& w) { keep(hocket::parallel_remove_if(pool(), w.values, is_even)); });
    add(
        "unique", [](work& w) { keep(std::unique(w.values.begin(), w.values.end())); },
        [](work& w) { keep(hocket::parallel_unique(pool(), w.values)); });
    add(
        "find_if", [](work& w) { keep(std::find_if(w.values.begin(), w.values.end(), is_huge)); },
        [](work& w) { keep(hocket::parallel_find_if(pool(), w.values, is_huge)); });
    add(
        "count_if", [](work& w) { keep(std::count_if(w.values.begin(), w.values.end(), is_even)); },
        [](work& w) { keep(hocket::parallel_count_if(pool(), w.values, is_even)); });
    add(
        "min_element", [](work& w) { keep(std::min_element(w.values.begin(), w.values.end())); },
        [](work& w) { keep(hocket::parallel_min_element(pool(), w.values)); });
    add(
        "histogram",
        [](work& w) {
            std::vector<std::uint64_t> counts(16);
            for (std::uint64_t const x : w.values) ++counts[x % 16];
            keep(counts);
        },
        [](work& w) {
            keep(hocket::parallel_histogram(pool(), w.values, 16, [](std::uint64_t x) { return x % 16; }));
        });
    add(
        "reduce_by_key",
        [](work& w) {
            std::vector<std::pair<std::uint64_t, std::uint64_t>> r;
            for (std::size_t i = 0; i < w.keys.size(); ++i) {
                if (i != 0 && w.keys[i] == w.keys[i - 1])
                    r.back().second += w.values[i];
                else
                    r.emplace_back(w.keys[i], w.values[i]);
            }
            keep(r);
        },
        [](work& w) { keep(hocket::parallel_reduce_by_key(pool(), w.keys, w.values, plus)); });
    add(
        "fill", [](work& w) { std::fill(w.values.begin(), w.values.end(), 3U); },
        [](work& w) { hocket::parallel_fill(pool(), w.values, 3U); });
    add(
        "copy", [](work& w) { std::copy(w.values.begin(), w.values.end(), w.out.begin()); },
        [](work& w) { hocket::parallel_copy(pool(), w.values, w.out.begin()); });
}

} // namespace

int main(int argc, char** argv) {
    add_all();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
