// SPDX-License-Identifier: MIT
// The graphs by continue_nodes of oneTBB's flow graph.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/flow_graph.h>

#include <deque>
#include <memory>

namespace hocket_bench::graph_problem {
namespace {

struct flow {
    using node = tbb::flow::continue_node<tbb::flow::continue_msg>;

    explicit flow(shape& of) {
        for (std::uint32_t i = 0; i < of.size(); ++i) {
            nodes.emplace_back(graph, [&of, i](tbb::flow::continue_msg const&) { of.run(i); });
            for (std::uint32_t p = 0; p != of.cells[i].count; ++p) {
                tbb::flow::make_edge(nodes[of.cells[i].from[p]], nodes[i]);
            }
            if (of.cells[i].count == 0) {
                roots.push_back(i);
            }
        }
    }

    void run() {
        for (std::uint32_t const root : roots) {
            nodes[root].try_put(tbb::flow::continue_msg());
        }
        graph.wait_for_all();
    }

    tbb::flow::graph graph;
    std::deque<node> nodes;
    std::vector<std::uint32_t> roots;
};

[[maybe_unused]] bool const runs = add_runs(by_tbb, [](shape& of, int threads) {
    auto limit = limit_tbb(threads);
    return [limit, graph = std::make_shared<flow>(of)] { graph->run(); };
});

[[maybe_unused]] bool const builds =
    add_builds({"tbb", {1}}, [](shape& of, int) { return std::make_shared<flow>(of); });

} // namespace
} // namespace hocket_bench::graph_problem
