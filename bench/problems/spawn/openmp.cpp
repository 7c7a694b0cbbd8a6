// SPDX-License-Identifier: MIT
// A million tiny tasks by OpenMP tasks; in bulk by an OpenMP loop.
#include "../openmp_team.hpp"
#include "problem.hpp"

#include <memory>

namespace hocket_bench::spawn_problem {
namespace {

struct openmp_tasks {
    int threads;

    template<class F>
    void one_by_one(int n, F const& f) {
        inside(1, n, f);
    }
    template<class F>
    void bulk(int n, F const& f) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (int i = 0; i < n; ++i) {
            f();
        }
    }
    template<class F>
    void inside(int rounds, int n, F const& f) {
        openmp_root(threads, [&] {
            for (int round = 0; round < rounds; ++round) {
                for (int i = 0; i < n; ++i) {
#pragma omp task firstprivate(f)
                    f();
                }
#pragma omp taskwait
            }
            return 0;
        });
    }
};

[[maybe_unused]] bool const rows =
    add(by_openmp, [](int threads) { return std::make_shared<openmp_tasks>(openmp_tasks{threads}); });

} // namespace
} // namespace hocket_bench::spawn_problem
