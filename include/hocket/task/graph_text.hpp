// SPDX-License-Identifier: MIT
// A graph as a text in the DOT language of Graphviz, floor 5. Called by task_graph.
#pragma once

#include <hocket/task/graph_core.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hocket::detail {

HOCKET_COLD inline std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') result += '\\';
        if (c == '\n')
            result += "\\n";
        else
            result += c;
    }
    return result + '"';
}

/// The nodes and edges of one graph; graphs inside of it are boxes around theirs.
class graph_writer {
  public:
    explicit graph_writer(std::string& text) noexcept : text_(text) {}

    HOCKET_COLD void write(graph_core const& graph, std::string const& prefix) {
        graph.nodes.for_each([&](node_record const& node) {
            text_ += "  " + id(prefix, graph, node) + " [label=" + detail::quoted(graph.title_of(node));
            text_ += shape_of(node);
            if ((node.flags & node_flags::limited) != 0) text_ += " peripheries=2";
            text_ += "];\n";
        });
        std::unique_ptr<std::uint32_t[]> const successors(new std::uint32_t[graph.nodes.size() + std::size_t{1}]());
        graph.edges_made.for_each([&](graph_edge const& edge) {
            text_ += "  " + id(prefix, graph, *edge.from) + " -> " + id(prefix, graph, *edge.to);
            std::uint32_t const number = successors[graph.index_of(*edge.from)]++;
            if (edge.from->kind() == node_flags::condition)
                text_ += " [style=dashed label=\"" + std::to_string(number) + "\"]";
            text_ += ";\n";
        });
        graph.nested.for_each([&](graph_nested const& inner) {
            std::string const name = id(prefix, graph, *inner.node);
            text_ +=
                "  subgraph cluster_" + name + " {\n  label=" + detail::quoted(graph.title_of(*inner.node)) + ";\n";
            write(*inner.graph, name + "_");
            text_ += "  }\n";
        });
    }

  private:
    static std::string id(std::string const& prefix, graph_core const& graph, node_record const& node) {
        return prefix + "n" + std::to_string(graph.index_of(node));
    }
    static char const* shape_of(node_record const& node) noexcept {
        switch (node.kind()) {
        case node_flags::condition: return " shape=diamond";
        case node_flags::subgraph: return " shape=box3d";
        case node_flags::spawning: return " shape=folder";
        default: return "";
        }
    }

    std::string& text_;
};

HOCKET_COLD inline std::string dot_of(graph_core const& graph) {
    std::string text = "digraph " + detail::quoted(graph.title) + " {\n";
    graph_writer(text).write(graph, "");
    return text + "}\n";
}

} // namespace hocket::detail
