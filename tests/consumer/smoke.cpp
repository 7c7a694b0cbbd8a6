// SPDX-License-Identifier: MIT
// A little of each part of the library, for cmake/compilers.sh to compile with every compiler.
#include <hocket/hocket.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace {

hocket::task<int> twice(int x) {
    co_await hocket::sleep_for(std::chrono::microseconds(1));
    co_return 2 * co_await hocket::submit([x] { return x; });
}

bool works() {
    std::vector<int> numbers(10'000);
    hocket::parallel_for(0, 10'000, [&](int i) { numbers[static_cast<std::size_t>(i)] = 9'999 - i; });
    hocket::parallel_sort(numbers);
    bool good = numbers.front() == 0 && hocket::parallel_reduce(numbers, 0, std::plus<>()) == 49'995'000;
    good = good && hocket::parallel_map(numbers, [](int x) { return std::to_string(x); })[77] == "77";

    auto [left, right] = hocket::join([] { return 1; }, [] { return 2; });
    hocket::future<int> const three = hocket::submit([](int x, int y) { return x + y; }, left, right);
    good = good && hocket::when_all(three, three).get() == std::tuple(3, 3) && hocket::sync_wait(twice(4)) == 8;

    hocket::stop_source source;
    source.request_stop();
    hocket::future<void> const stopped = hocket::submit([] {}, {.stop = source.get_token()});
    try {
        stopped.get();
        good = false;
    } catch (hocket::operation_cancelled const&) {
    }

    std::atomic<int> ran{0};
    hocket::task_graph graph;
    auto first = graph.add([&] { ++ran; });
    auto second = graph.add([&] { ran = 2 * ran; });
    first.precede(second);
    graph.run().get();
    hocket::task_group group;
    group.run([&] { ++ran; });
    group.wait();
    int given = 0;
    auto const next = [&]() -> std::optional<int> {
        if (given == 5) return std::nullopt;
        return ++given;
    };
    hocket::pipeline(hocket::stage<hocket::serial>(next), hocket::stage<hocket::parallel>([&](int x) { ran += x; }))
        .run({.tokens = 2});
    return good && ran == 18;
}

} // namespace

int main() {
    if (works()) return 0;
    std::puts("a wrong answer");
    return 1;
}
