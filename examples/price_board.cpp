// SPDX-License-Identifier: MIT
// Collects prices that come from tasks, from callbacks and from a cache: all of them are futures to the code that needs
// them.
// usage: price_board
#include <hocket/future.hpp>
#include <hocket/join.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

using price = hocket::future<double>;

price asked(std::string const& shop) { // like a library that answers from a cache, or fails at once
    if (shop == "cache") return hocket::make_ready_future(3.0);
    if (shop == "closed") return hocket::make_exceptional_future<double>(std::runtime_error("the shop is closed"));
    return hocket::submit([] { return 2.5; }, hocket::submit_options{.priority = hocket::priority::high,
                                                                     .name = "ask",
                                                                     .after = std::chrono::milliseconds(1)});
}

int main() {
    hocket::promise<double> by_hand, forgotten; // for callbacks of other libraries
    price told = by_hand.get_future();
    hocket::task_group group;
    group.run([&] { by_hand.set_value(4.5); });
    group.wait();

    // One future holds the values of all of them.
    auto const all = hocket::when_all(asked("cache"), asked("market"), std::move(told));
    auto const [cache, market, hand] = all.get();
    std::printf("prices: %.2f %.2f %.2f\n", cache, market, hand);

    // Many tasks may read a shared future, and continue it.
    hocket::shared_future<double> const shared = asked("market").share();
    std::vector<hocket::future<double>> taxed;
    for (int percent = 10; percent <= 30; percent += 10)
        taxed.push_back(shared.then([percent](double net) { return net * (100 + percent) / 100; }));
    double sum = 0;
    for (double const each : hocket::when_all(std::move(taxed)).get()) sum += each;
    std::printf("with taxes: %.2f\n", sum);

    // Errors are thrown where the result is asked for.
    try {
        asked("closed").then([](double net) { return 2 * net; }).get();
    } catch (std::runtime_error const& error) {
        std::printf("error: %s\n", error.what());
    }
    price never = forgotten.get_future();
    forgotten = hocket::promise<double>(); // the old promise ends without a value
    try {
        static_cast<void>(never.get());
    } catch (hocket::broken_promise const&) {
        std::printf("a promise was not kept\n");
    }
    return 0;
}
