// SPDX-License-Identifier: MIT
// The graphs by hocket::task_graph.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/graph/task_graph.hpp>

#include <memory>

namespace hocket_bench::graph_problem {
namespace {

std::shared_ptr<hocket::task_graph> build(shape& of) {
    auto made = std::make_shared<hocket::task_graph>();
    std::vector<hocket::graph_node> nodes;
    nodes.reserve(of.size());
    for (std::uint32_t i = 0; i < of.size(); ++i) {
        nodes.push_back(made->add([&of, i] { of.run(i); }));
        for (std::uint32_t p = 0; p != of.cells[i].count; ++p) {
            nodes[of.cells[i].from[p]].precede(nodes[i]);
        }
    }
    return made;
}

[[maybe_unused]] bool const runs = add_runs(by_hocket, [](shape& of, int threads) {
    return [pool = make_pool(threads), graph = build(of)] { graph->run(*pool).get(); };
});

[[maybe_unused]] bool const builds = add_builds({"hocket", {1}}, [](shape& of, int) { return build(of); });

} // namespace
} // namespace hocket_bench::graph_problem
