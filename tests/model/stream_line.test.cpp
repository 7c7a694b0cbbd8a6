// SPDX-License-Identifier: MIT
// Model-checks algorithm/stream/stream_line.hpp: each published item is claimed once, by a thread that sees its
// description, comes back with its result, and is never left without a runner; a consumer that waits is woken.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/algorithm/stream/stream_line.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct item {
    item* next = nullptr;
    var<int> argument;
    var<int> result;
};

using stream_line = hocket::detail::basic_stream_line<model_atomics, item>;
using parker = hocket::detail::basic_parker<model_atomics>;

/// Where a consumer makes a mistake.
enum class consumer { correct, starts_no_runner, sleeps_unannounced };

/// A stream with two items at most. The consumer starts runners as the streams of the library do: if fewer run than
/// there are threads for them.
struct world {
    stream_line line;
    std::array<item, 2> items;
    std::array<parker, 2> started; // of the threads that become runners
    parker waits;
    int runners = 0;
    int taken = 0;

    explicit world(std::size_t most) : line(most) {}

    void compute(item& one) {
        one.result.set(one.argument.get() + 1);
        if (line.finish(one) != 0) waits.wake();
    }

    /// Runs what a thread of the pool does when it has been started.
    void run(std::size_t number) {
        started[number].sleep();
        while (item* const one = line.claim_or_retire()) compute(*one);
    }

    // Called by the consumer.

    void publish(item& one, int argument, int most_runners, consumer how) {
        one.argument.set(argument);
        bool const is_short = line.publish(one) < static_cast<std::uint32_t>(most_runners);
        if (!is_short || (how == consumer::starts_no_runner && runners != 0)) return;
        if (static_cast<std::size_t>(runners) == started.size()) { // the model has no third thread
            while (item* const its = line.claim()) compute(*its);
            return;
        }
        started[static_cast<std::size_t>(runners++)].wake();
        line.add_runner(); // as in the library, the runner may have begun before it is counted
    }

    void collect() {
        for (item* one = line.take_finished(); one != nullptr;) {
            item* const following = one->next;
            require(one->result.get() == one->argument.get() + 1, "an item comes back with its result");
            ++taken;
            one = following;
        }
    }

    void wait(consumer how) {
        waits.reset();
        if (how == consumer::sleeps_unannounced || line.announce_wait(0)) waits.sleep();
    }
};

void add_runners(execution& e, world& w) {
    for (std::size_t r = 0; r < w.started.size(); ++r) e.thread("runner " + std::to_string(r), [&w, r] { w.run(r); });
    e.finally([&w] { require(w.taken == 2, "each item came back once"); });
}

/// The consumer publishes both items, and sleeps until both are back.
void two_items(execution& e, int most_runners, consumer how = consumer::correct) {
    auto& w = e.make<world>(2);
    e.thread("consumer", [&w, most_runners, how] {
        for (int i = 0; i < 2; ++i) w.publish(w.items[static_cast<std::size_t>(i)], i, most_runners, how);
        for (w.collect(); w.taken != 2; w.collect()) w.wait(how);
    });
    add_runners(e, w);
}

/// A line with one place: the second item takes the place of the first one, which is back.
void one_place(execution& e) {
    auto& w = e.make<world>(1);
    e.thread("consumer", [&w] {
        for (int i = 0; i < 2; ++i) {
            w.publish(w.items[static_cast<std::size_t>(i)], i, 2, consumer::correct);
            for (w.collect(); w.taken != i + 1; w.collect()) w.wait(consumer::correct);
        }
    });
    add_runners(e, w);
}

/// The consumer computes items itself while a runner does the same.
void consumer_helps(execution& e) {
    auto& w = e.make<world>(2);
    e.thread("consumer", [&w] {
        for (int i = 0; i < 2; ++i) w.publish(w.items[static_cast<std::size_t>(i)], i, 1, consumer::correct);
        while (item* const one = w.line.claim()) w.compute(*one);
        for (w.collect(); w.taken != 2; w.collect()) w.wait(consumer::correct);
    });
    add_runners(e, w);
}

/// Threads that are never started sleep for ever.
auto parking(int preemptions) {
    auto options = bounded(preemptions);
    options.allow_parked = true;
    return options;
}

std::vector<model::named_scenario> suite() {
    auto unreliable = parking(0);
    unreliable.weak_failures = 2;
    return {
        {"one runner", parking(1), [](execution& e) { two_items(e, 1); }},
        {"two runners", parking(0), [](execution& e) { two_items(e, 2); }},
        {"one place", parking(1), one_place},
        {"the consumer helps", parking(1), consumer_helps},
        {"spurious failures", unreliable, [](execution& e) { two_items(e, 1); }},
    };
}

TEST(stream_line, each_item_is_computed_once_and_comes_back) { model::expect_all_pass(suite()); }

TEST(stream_line, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "stream_line.hpp")));
}

/// Shows that a missing runner must be replaced: the first one may have retired before the second item was published.
TEST(stream_line, an_item_is_lost_if_no_runner_replaces_one_that_has_retired) {
    auto const result = model::explore(parking(1), [](execution& e) { two_items(e, 1, consumer::starts_no_runner); });
    EXPECT_TRUE(result.failed);
}

TEST(stream_line, a_consumer_that_does_not_announce_its_wait_is_not_woken) {
    auto const result = model::explore(parking(1), [](execution& e) { two_items(e, 1, consumer::sleeps_unannounced); });
    EXPECT_TRUE(result.failed);
}

} // namespace
