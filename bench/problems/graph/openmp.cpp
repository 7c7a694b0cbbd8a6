// SPDX-License-Identifier: MIT
// The graphs by tasks of OpenMP with dependences, which one thread makes anew in each run: OpenMP 4.5 has no graphs
// that are kept.
#include "../openmp_team.hpp"
#include "problem.hpp"

namespace hocket_bench::graph_problem {
namespace {

void run(shape& of, int threads) {
    openmp_root(threads, [&of] {
        cell* const cells = of.cells.data();
        for (std::uint32_t i = 0; i < of.size(); ++i) {
            std::uint32_t const* const from = cells[i].from;
            switch (cells[i].count) {
            case 0:
#pragma omp task shared(of) firstprivate(i) depend(out : cells[i])
                of.run(i);
                break;
            case 1:
#pragma omp task shared(of) firstprivate(i) depend(in : cells[from[0]]) depend(out : cells[i])
                of.run(i);
                break;
            case 2:
#pragma omp task shared(of) firstprivate(i) depend(in : cells[from[0]], cells[from[1]]) depend(out : cells[i])
                of.run(i);
                break;
            default:
#pragma omp task shared(of) firstprivate(i) depend(in                                                                  \
                                                   : cells[from[0]], cells[from[1]], cells[from[2]])                   \
    depend(out                                                                                                         \
           : cells[i])
                of.run(i);
            }
        }
#pragma omp taskwait
        return 0;
    });
}

[[maybe_unused]] bool const runs =
    add_runs(by_openmp, [](shape& of, int threads) { return [&of, threads] { run(of, threads); }; });

} // namespace
} // namespace hocket_bench::graph_problem
