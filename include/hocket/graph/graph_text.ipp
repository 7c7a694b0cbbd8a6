// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_text.hpp declares.
#pragma once

#include <hocket/graph/graph_text.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE std::string quoted(std::string_view text) {
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

HOCKET_COLD HOCKET_INLINE void graph_writer::write(graph_core const& graph, std::string const& prefix) {
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
        text_ += "  subgraph cluster_" + name + " {\n  label=" + detail::quoted(graph.title_of(*inner.node)) + ";\n";
        write(*inner.graph, name + "_");
        text_ += "  }\n";
    });
}

HOCKET_INLINE char const* graph_writer::shape_of(node_record const& node) noexcept {
    switch (node.kind()) {
    case node_flags::condition: return " shape=diamond";
    case node_flags::subgraph: return " shape=box3d";
    case node_flags::spawning: return " shape=folder";
    default: return "";
    }
}

HOCKET_COLD HOCKET_INLINE std::string dot_of(graph_core const& graph) {
    std::string text = "digraph " + detail::quoted(graph.title) + " {\n";
    graph_writer(text).write(graph, "");
    return text + "}\n";
}

} // namespace
