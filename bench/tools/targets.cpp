// SPDX-License-Identifier: MIT
// The targets of hocket. Values come from a machine with 2 cores on which the serial program took the time of
// `against`. Where both are given, their ratio is a target as well, since clocks differ and drift.
#include "targets.hpp"

#include <utility>

namespace hocket_bench {
namespace {

using number = std::optional<double>;

figure plain(std::string title, std::string unit, std::string row) {
    return {std::move(title), std::move(unit), row, row + "/serial"};
}

figure without_baseline(std::string title, std::string unit, std::string row) {
    return {std::move(title), std::move(unit), std::move(row), ""};
}

/// Adds values to reach, and their ratios to the time of the serial program on that machine.
figure reach(figure f, number one, number two, number against = {}) {
    number const values[2]{one, two};
    for (int i = 0; i < 2; ++i) {
        f.value[i] = values[i];
        if (values[i] && against) {
            f.ratio[i] = *values[i] / *against;
        }
    }
    return f;
}

figure reach_ratio(figure f, number one, number two) {
    f.ratio[0] = one;
    f.ratio[1] = two;
    return f;
}

figure at_most_rounds(figure f, int rounds) {
    f.rounds = rounds;
    return f;
}

figure others_by(figure f, std::string row) {
    f.row_of_others = std::move(row);
    return f;
}

figure with_baseline(figure f, std::string baseline) {
    f.baseline = std::move(baseline);
    return f;
}

std::vector<figure> make() {
    constexpr number none{};
    return {
        reach_ratio(reach(plain("fib, plain recursion", "ns/join", "fib"), 1.8, 1.1), 0.75, 0.45),
        with_baseline(plain("fib, inlined by the compiler", "ns/join", "fib"), "fib_inlined/serial"),
        reach(plain("tree of 2^24 nodes", "ns/node", "tree_large"), 2.1, 1.1, 1.36),
        reach(plain("tree of 1,023 nodes", "ns/node", "tree_small"), 2.4, 2.4, 1.13),
        reach(plain("skynet", "ns/leaf", "skynet"), 1.7, 0.87, 1.76),
        reach_ratio(plain("nqueens 12", "ns/node", "nqueens"), none, 1 / 1.9),
        at_most_rounds(reach_ratio(plain("UTS T1", "ns/node", "uts_t1"), none, 1 / 1.9), 3),
        at_most_rounds(reach_ratio(plain("UTS T3", "ns/node", "uts_t3"), none, 1 / 1.9), 3),
        reach(plain("empty loop of 2, hot", "ns", "launch_hot_2"), 60, 60),
        reach(plain("empty loop of 4, hot", "ns", "launch_hot_4"), 60, 60),
        reach(plain("empty loop of 8, hot", "ns", "launch_hot_8"), 60, 60),
        reach(plain("empty loop of 2, after 1 ms", "ns", "launch_idle_2"), 130, 130),
        reach(plain("empty loop of 4, after 1 ms", "ns", "launch_idle_4"), 130, 130),
        reach(plain("empty loop of 8, after 1 ms", "ns", "launch_idle_8"), 130, 130),
        reach(plain("two 500-ns bodies, hot", "ns", "two_500ns"), none, 700, 1000),
        others_by(with_baseline(reach(plain("two 20-us halves, kept warm", "us", "halves_warm"), none, 24, 43.4),
                                "halves/serial"),
                  "halves"),
        reach_ratio(plain("two 20-us halves after 1 ms", "us", "halves"), none, 1.1),
        reach(plain("1e6 fine iterations", "us", "fine_1e6"), none, 330, 549),
        reach(plain("20,000 fine iterations", "us", "fine_2e4"), none, 7.0, 10.9),
        reach(plain("axpy of 1e7", "ms", "axpy"), none, 2.8, 6.1),
        reach_ratio(plain("linearly skewed loop", "us", "skew_linear"), none, 1 / 1.97),
        reach_ratio(plain("one heavy block", "us", "skew_heavy"), none, 1 / 1.97),
        reach(plain("1e6 tiny tasks from outside", "ns/task", "spawn_outside"), 30, 60),
        reach(plain("1e6 tiny tasks from outside in bulk", "ns/task", "spawn_bulk"), 5, 5),
        reach(plain("graph, chain of 200,000", "ns/node", "graph_chain"), 10, 12),
        reach(plain("graph, binary tree of 2^17", "ns/node", "graph_tree"), 8, 6),
        reach(plain("graph, wavefront of 512 x 512", "ns/node", "graph_wave"), 12, 10),
        reach(plain("graph, random, 100,000", "ns/node", "graph_random"), 28, 18),
        reach(without_baseline("building the chain", "ns/node", "graph_build_chain"), 20, none),
        reach(without_baseline("building the tree", "ns/node", "graph_build_tree"), 20, none),
        reach(without_baseline("building the wavefront", "ns/node", "graph_build_wave"), 20, none),
        reach(without_baseline("building the random graph", "ns/node", "graph_build_random"), 20, none),
        reach(plain("spawn a tiny task inside and run it", "ns/task", "spawn_inside"), 10, none),
        reach_ratio(plain("sum of 1e7 doubles", "ms", "reduce"), none, 0.41),
        plain("sum of 1e7 squares", "ms", "transform_reduce"),
        reach_ratio(plain("find in 1e7, at 1 %", "us", "find_1"), none, 1.1),
        plain("find in 1e7, at 50 %", "us", "find_50"),
        reach_ratio(plain("find in 1e7, nowhere", "us", "find_none"), none, 0.55),
        reach_ratio(plain("map 1e6 items, new vector", "us", "map_vector"), none, 0.53),
        plain("map 1e6 items, in place", "us", "map_into"),
        reach_ratio(plain("map 100 items of 1 ms", "ms", "map_1ms"), none, 0.52),
        plain("map 500 items of 100 us", "us/item", "map_100us"),
        plain("stream 500 items of 100 us", "us/item", "imap_100us"),
        reach(without_baseline("the stream in parts of the map", "x", "imap_to_map"), none, 1 / 0.95),
        reach_ratio(plain("square roots of 1e7, new vector", "ms", "transform"), none, 0.50),
        reach_ratio(plain("inclusive scan of 1e7 doubles", "ms", "scan_double"), none, 0.62),
        reach_ratio(plain("inclusive scan of 2.5e7 ints", "ms", "scan_int"), none, 0.45),
        without_baseline("parallel copy of 2.5e7 ints", "ms", "scan_int_copy"),
        reach_ratio(plain("copy_if, a half of 1e7, into storage", "ms", "copy_if"), none, 0.11),
        plain("copy_if, a half of 1e7, new vector", "ms", "copy_if_vector"),
        reach_ratio(plain("histogram of 1e7 into 1,024", "ms", "histogram_1024"), none, 0.44),
        reach_ratio(plain("histogram of 1e7 into 1e6", "ms", "histogram_1e6"), none, 0.44),
        reach_ratio(plain("histogram of 1e8 bytes", "ms", "histogram_bytes"), none, 0.44),
        plain("group 1e7 by 1,024 keys", "ms", "group_by_1024"),
        plain("group 1e6 by 1e5 keys", "ms", "group_by_1e5"),
        reach_ratio(plain("sort 1e7 uint64", "ms", "sort_uint64"), none, 0.115),
        reach_ratio(plain("sort 1e7 int", "ms", "sort_int"), none, 0.115),
        reach_ratio(plain("sort 1e7 float", "ms", "sort_float"), none, 0.115),
        reach_ratio(plain("sort 1e7 double", "ms", "sort_double"), none, 0.115),
        reach_ratio(plain("sort 1e7 by a comparator", "ms", "sort_opaque"), none, 0.20),
        reach_ratio(plain("sort 1e7 almost sorted", "ms", "sort_almost"), none, 0.60),
        reach_ratio(plain("sort 1e7 of 16 values", "ms", "sort_few"), none, 0.60),
        reach_ratio(plain("sort 1e7 in a pipe", "ms", "sort_pipe"), none, 0.60),
        reach_ratio(plain("sort 1e6 strings", "ms", "sort_strings"), none, 0.50),
        reach_ratio(plain("stable sort 5e6, key", "ms", "stable_by_key"), none, 0.20),
        reach_ratio(plain("stable sort 5e6, comparator", "ms", "stable_opaque"), none, 0.50),
        plain("merge to 1e7", "ms", "merge"),
        plain("median of 1e7", "ms", "median"),
        reach(plain("submit and get", "ns", "future_submit_get"), 50, 60),
        reach(plain("promise, set, get (std::promise)", "ns", "future_promise"), 30, none),
        reach(plain("then, chain of 1e6", "ns", "future_then"), 25, 25),
        without_baseline("second thread runs, after 1 ms", "ns", "wake_up_1ms"),
        without_baseline("second thread runs, after 20 ms", "ns", "wake_up_20ms"),
        at_most_rounds(reach(without_baseline("CPU after a region", "ms", "cpu_after"), none, 0.1), 3),
        at_most_rounds(reach(without_baseline("CPU of a waiting worker, 50 ms", "ms", "cpu_waiting"), none, 1), 3),
        at_most_rounds(reach(without_baseline("CPU while unused, 200 ms", "ms", "cpu_unused"), none, 0.1), 2),
        plain("process to first result", "us", "start_up"),
        at_most_rounds(reach(without_baseline("allocations per join", "", "allocations_join"), 0, 0), 1),
        at_most_rounds(reach(without_baseline("allocations per loop", "", "allocations_loop"), 0, 0), 1),
        at_most_rounds(reach(without_baseline("allocations per submit", "", "allocations_submit"), 0, 0), 1),
        at_most_rounds(reach(without_baseline("allocations per then", "", "allocations_then"), 0, 0), 1),
        at_most_rounds(reach(plain("stack per nested join", "bytes", "stack_join"), 112, none), 1),
    };
}

} // namespace

std::vector<figure> const& figures() {
    static std::vector<figure> const all = make();
    return all;
}

} // namespace hocket_bench
