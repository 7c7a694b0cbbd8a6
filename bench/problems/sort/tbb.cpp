// SPDX-License-Identifier: MIT
// Sorts by tbb::parallel_sort; oneTBB has no stable sort, no merge and no selection.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_sort.h>

#include <memory>

namespace hocket_bench::sort_problem {
namespace {

struct of_tbb {
    std::shared_ptr<tbb_threads> limit;

    void sort(auto& v) const { tbb::parallel_sort(v.begin(), v.end()); }
    void sort(auto& v, auto less) const { tbb::parallel_sort(v.begin(), v.end(), less); }
};

[[maybe_unused]] bool const rows = add(by_tbb, [](int threads) { return of_tbb{limit_tbb(threads)}; });

} // namespace
} // namespace hocket_bench::sort_problem
