// SPDX-License-Identifier: MIT
// Sorts, merges and medians of the standard library.
#include "problem.hpp"

#include <algorithm>

namespace hocket_bench::sort_problem {
namespace {

struct standard {
    void sort(auto& v) const { std::sort(v.begin(), v.end()); }
    void sort(auto& v, auto less) const { std::sort(v.begin(), v.end(), less); }
    void stable(auto& v, auto less) const { std::stable_sort(v.begin(), v.end(), less); }
    void stable_by_key(auto& v) const { std::stable_sort(v.begin(), v.end(), by_key); }
    void merge(auto const& a, auto const& b, auto& out) const {
        std::merge(a.begin(), a.end(), b.begin(), b.end(), out.begin());
    }
    auto median(auto& v) const {
        std::nth_element(v.begin(), v.begin() + n / 2, v.end());
        return v[n / 2];
    }
};

[[maybe_unused]] bool const rows = add(serially, [](int) { return standard(); });
[[maybe_unused]] bool const others = add_others(serially, [](int) { return standard(); });

} // namespace
} // namespace hocket_bench::sort_problem
