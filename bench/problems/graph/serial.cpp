// SPDX-License-Identifier: MIT
// The graphs in a topological order; building a graph is writing its list of predecessors.
#include "problem.hpp"

#include <memory>

namespace hocket_bench::graph_problem {
namespace {

[[maybe_unused]] bool const runs = add_runs(serially, [](shape& graph, int) {
    return [&graph] {
        for (std::uint32_t i = 0; i < graph.size(); ++i) {
            graph.run(i);
        }
    };
});

} // namespace
} // namespace hocket_bench::graph_problem
