// SPDX-License-Identifier: MIT
// A million tiny tasks by a tbb::task_group; in bulk by tbb::parallel_for.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_group.h>

namespace hocket_bench::spawn_problem {
namespace {

struct group_of_tbb {
    std::shared_ptr<tbb_threads> limit;

    template<class F>
    void one_by_one(int n, F const& f) {
        tbb::task_group group;
        for (int i = 0; i < n; ++i) {
            group.run(f);
        }
        group.wait();
    }
    template<class F>
    void bulk(int n, F const& f) {
        tbb::parallel_for(0, n, [&](int) { f(); });
    }
    template<class F>
    void inside(int rounds, int n, F const& f) {
        tbb::task_group outer;
        outer.run_and_wait([&] {
            for (int round = 0; round < rounds; ++round) {
                one_by_one(n, f);
            }
        });
    }
};

[[maybe_unused]] bool const rows =
    add(by_tbb, [](int threads) { return std::make_shared<group_of_tbb>(group_of_tbb{limit_tbb(threads)}); });

} // namespace
} // namespace hocket_bench::spawn_problem
