// SPDX-License-Identifier: MIT
// Sorts, merges and medians of hocket.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/sort/parallel_merge.hpp>
#include <hocket/algorithm/sort/parallel_nth_element.hpp>
#include <hocket/algorithm/sort/parallel_sort.hpp>
#include <hocket/algorithm/sort/parallel_stable_sort.hpp>

#include <functional>
#include <memory>

namespace hocket_bench::sort_problem {
namespace {

struct of_hocket {
    std::shared_ptr<hocket::thread_pool> pool;

    void sort(auto& v) const { hocket::parallel_sort(*pool, v); }
    void sort(auto& v, auto less) const { hocket::parallel_sort(*pool, v, less); }
    void stable(auto& v, auto less) const { hocket::parallel_stable_sort(*pool, v, less); }
    void stable_by_key(auto& v) const { hocket::parallel_stable_sort(*pool, v, std::less<>(), &entry::key); }
    void merge(auto const& a, auto const& b, auto& out) const { hocket::parallel_merge(*pool, a, b, out); }
    auto median(auto& v) const {
        hocket::parallel_nth_element(*pool, v, v.begin() + n / 2);
        return v[n / 2];
    }
};

auto const make = [](int threads) { return of_hocket{make_pool(threads)}; };
[[maybe_unused]] bool const rows = add(by_hocket, make);
[[maybe_unused]] bool const others = add_others(by_hocket, make);

} // namespace
} // namespace hocket_bench::sort_problem
