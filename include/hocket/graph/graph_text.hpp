// SPDX-License-Identifier: MIT
// Writes a graph in the DOT language of Graphviz. Called by task_graph.
#pragma once

#include <hocket/graph/graph_core.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hocket::inline HOCKET_ABI::detail {

[[gnu::cold]] std::string quoted(std::string_view text);

/// Writes the nodes and edges of a graph. Its subgraphs become boxes around their nodes.
class graph_writer {
  public:
    explicit graph_writer(std::string& text) noexcept : text_(text) {}

    [[gnu::cold]] void write(graph_core const& graph, std::string const& prefix);

  private:
    static std::string id(std::string const& prefix, graph_core const& graph, node_record const& node) {
        return prefix + "n" + std::to_string(graph.index_of(node));
    }
    static char const* shape_of(node_record const& node) noexcept;

    std::string& text_;
};

[[gnu::cold]] std::string dot_of(graph_core const& graph);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_text.ipp>
#endif
