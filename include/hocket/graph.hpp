// SPDX-License-Identifier: MIT
// Graphs: tasks that depend on each other, built once and run repeatedly.
//
//     #include <hocket/graph.hpp>
//
//     int main() {
//         int x = 0;
//         hocket::task_graph graph("squares");
//         hocket::graph_value<int> const left = graph.add("left", [&] { return x * x; });
//         hocket::graph_value<int> const right = graph.add("right", [&] { return x + 1; });
//         hocket::graph_value<int> const sum = graph.add("sum", [](int a, int b) { return a + b; }, left, right);
//         hocket::graph_node next = graph.add("next", [&] { ++x; });
//         sum.precede(next);
//         graph.run_n(3).get();
//         return sum.get() == 7 ? 0 : 1;
//     }
//
// * `task_graph` holds the nodes. `graph_options` let a program stop a run. `add` makes a `graph_node`, or a
//   `graph_value` whose result is an argument of other nodes. `add_condition` makes a node that picks its successors.
//   `add_subgraph` makes a node that runs another graph.
// * `subtasks` lets a node add tasks while it runs.
// * `semaphore` limits how many of its nodes run at once. `priority` says which nodes begin next.
//
// Seldom written out: `graph_options`.
#pragma once

#include <hocket/base/priority.hpp>
#include <hocket/graph/graph_body.hpp>
#include <hocket/graph/graph_node.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>
