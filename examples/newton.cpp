// SPDX-License-Identifier: MIT
// A graph that loops: nodes that return values improve a square root until it is good enough; one node adds tasks by
// itself. usage: newton [number]
#include <hocket/graph.hpp>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    double const x = argc > 1 ? std::atof(argv[1]) : 2;
    double root = x;
    int rounds = 0;
    std::atomic<int> digits{0};

    hocket::task_graph graph("newton");
    hocket::graph_node start = graph.add("start", [&] { root = x; });
    hocket::graph_value<double> quotient = graph.add("quotient", [&] { return x / root; });
    hocket::graph_value<double> mean = graph.add(
        "mean", [&](double other) { return (root + other) / 2; }, quotient);
    hocket::graph_node again = graph.add_condition(
        "good enough?",
        [&](double next) {
            bool const good = std::abs(next - root) < 1e-12 * next;
            root = next;
            ++rounds;
            return good ? 1 : 0; // the number of the next successor
        },
        mean);
    hocket::graph_node check = graph.add("check", [&](hocket::subtasks& more) { // these finish before the node does
        for (int digit = 1; digit <= 12; ++digit)
            more.run([&, digit] { digits += std::abs(root * root - x) < std::pow(10.0, -digit) * x; });
    });
    start.precede(quotient);
    again.precede(quotient, check);
    check.priority(hocket::priority::high);

    graph.validate();
    graph.run().get();
    std::printf("the root of %g is %.12g, after %d rounds; %d digits are right\n", x, root, rounds, digits.load());
    return std::abs(root - std::sqrt(x)) < 1e-9 ? 0 : 1;
}
