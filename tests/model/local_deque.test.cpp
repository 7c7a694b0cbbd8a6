// SPDX-License-Identifier: MIT
// Model-checks the local deque (queue/local_deque.hpp): its owner pushes, takes back and pops while thieves take the
// oldest half. Each item comes out exactly once, and the thread that takes it sees all that was written into it. A slot
// is used again only when it is free.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/queue/local_deque.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct item {
    void const* scope = nullptr;
    var<int> payload;
};

/// `holds` is the number of items for which the deque has room at first.
template<std::uint32_t holds>
struct world {
    static constexpr std::size_t most = 4;

    hocket::detail::basic_local_deque<model_atomics, item, holds> deque;
    std::array<item, most> items;
    std::array<int, most> taken{};
    int const mine = 0;
    int const others = 0;

    explicit world(std::uint32_t first) : deque(first) {}

    void ran(item* it) {
        std::size_t const i = static_cast<std::size_t>(it - items.data());
        require(i < most, "an item that was pushed");
        require(it->payload.get() == 1, "what was written into it before the push");
        it->payload.set(2); // the thread that has the item owns it
        require(++taken[i] == 1, "nobody else has taken it");
    }

    // Operations of the owner.

    bool push(std::size_t i) {
        items[i].payload.set(1);
        return deque.push(items[i]);
    }
    bool pop(std::uint32_t at_most) {
        item* const it = deque.pop(at_most);
        if (it != nullptr) ran(it);
        return it != nullptr;
    }
    void pop_all(std::uint32_t at_most) {
        while (pop(at_most)) {
        }
        require(deque.kept() == 0, "nothing is hidden in an empty deque");
        require(deque.empty(), "nothing is left");
    }
    /// Pushes an item, or runs it: the deque rejects an item while a slow thief keeps the slot for it.
    void push_or_run(std::size_t i) {
        if (!push(i)) ran(&items[i]);
    }

    /// Pushes all items at once, and runs those for which there is no room.
    void push_batch(std::size_t begin, std::size_t end) {
        std::array<item*, most> batch{};
        for (std::size_t i = begin; i < end; ++i) {
            items[i].payload.set(1);
            batch[i - begin] = &items[i];
        }
        std::size_t const pushed = deque.push_some(batch.data(), static_cast<std::uint32_t>(end - begin));
        require(deque.kept() == 0, "all is public after a push");
        for (std::size_t i = begin + pushed; i < end; ++i) ran(&items[i]);
    }
    bool steal_one() {
        item* const it = deque.steal_one();
        if (it != nullptr) ran(it);
        return it != nullptr;
    }
    void steal(std::uint32_t at_most) {
        std::array<item*, most> out{};
        std::uint32_t const count = deque.steal(out.data(), at_most);
        require(count <= at_most, "no more than asked for");
        for (std::uint32_t i = 0; i < count; ++i) {
            require(out[i] != nullptr, "a place that was claimed is not empty");
            if (i != 0) require(out[i - 1] < out[i], "the oldest first");
            ran(out[i]);
        }
    }
};

template<std::uint32_t holds>
void expect_each_once(execution& e, world<holds>& w, std::size_t count) {
    e.finally([&w, count] {
        for (std::size_t i = 0; i < count; ++i) require(w.taken[i] == 1, "each item comes out exactly once");
    });
}

/// Pushes all, then pops all, as the owner. It takes back `batch` at a time.
void push_and_pop(execution& e, std::size_t count, std::uint32_t batch, std::vector<std::uint32_t> thieves,
                  std::uint32_t first = 0) {
    auto& w = e.make<world<4>>(first);
    e.thread("holder", [&w, count, batch] {
        for (std::size_t i = 0; i < count; ++i) require(w.push(i), "there is room");
        w.pop_all(batch);
    });
    for (std::uint32_t const most : thieves) e.thread("thief", [&w, most] { w.steal(most); });
    expect_each_once(e, w, count);
}

/// Gives the word the same value again and again: a thief may have read it before the first item was taken back.
void one_at_a_time(execution& e, std::size_t count, std::size_t thieves) {
    auto& w = e.make<world<2>>(0u);
    e.thread("holder", [&w, count] {
        for (std::size_t i = 0; i < count; ++i) {
            w.push_or_run(i);
            w.pop(1);
        }
        w.pop_all(1);
    });
    for (std::size_t t = 0; t < thieves; ++t) e.thread("thief", [&w] { w.steal(2); });
    expect_each_once(e, w, count);
}

/// Pushes more items than slots. A slot is used again only after the thief that had claimed it has read it.
void places_are_used_again(execution& e, std::size_t thieves, std::uint32_t first) {
    auto& w = e.make<world<2>>(first);
    e.thread("holder", [&w] {
        for (std::size_t i = 0; i < 4; ++i) w.push_or_run(i);
        w.pop_all(2);
    });
    for (std::size_t t = 0; t < thieves; ++t) e.thread("thief", [&w] { w.steal(1); });
    expect_each_once(e, w, 4);
}

/// Lets a deque without room move to more slots while thieves read the old ones. Some slots are hidden at that time.
void grows(execution& e, std::size_t thieves, std::uint32_t first) {
    auto& w = e.make<world<1>>(first);
    e.thread("holder", [&w] {
        w.push_or_run(0);
        w.push_or_run(1);
        w.pop(1);
        w.push_or_run(2);
        w.pop_all(2);
    });
    for (std::size_t t = 0; t < thieves; ++t) e.thread("thief", [&w] { w.steal(2); });
    expect_each_once(e, w, 3);
}

/// Lets the deque grow twice; the thieves have time to take all items.
void grows_twice(execution& e, std::size_t thieves) {
    auto& w = e.make<world<1>>(0u);
    e.thread("holder", [&w] {
        for (std::size_t i = 0; i < 4; ++i) w.push_or_run(i);
        w.pop_all(1);
    });
    for (std::size_t t = 0; t < thieves; ++t)
        e.thread("thief", [&w] {
            w.steal(1);
            w.steal(2);
        });
    expect_each_once(e, w, 4);
}

/// Publishes again the items that were taken back, also together with a new one.
void takes_back_and_publishes(execution& e, std::size_t thieves) {
    auto& w = e.make<world<4>>(0u);
    e.thread("holder", [&w] {
        w.push(0);
        w.push(1);
        w.pop(2);
        w.push(2);
        require(w.deque.kept() == 0, "all is public after a push");
        w.pop(3);
        w.deque.publish();
        w.pop_all(1);
    });
    for (std::size_t t = 0; t < thieves; ++t) e.thread("thief", [&w] { w.steal(2); });
    expect_each_once(e, w, 3);
}

/// Lets a wait take out the newest item of its scope; the other items move up and stay public.
void takes_out_of_the_middle(execution& e, std::uint32_t depth, std::size_t thieves, std::uint32_t first) {
    auto& w = e.make<world<4>>(first);
    e.thread("holder", [&w, depth] {
        for (std::size_t i = 0; i < 4; ++i) {
            w.items[i].scope = i == 1 || i == 2 ? &w.mine : &w.others;
            require(w.push(i), "there is room");
        }
        for (int i = 0; i < 2; ++i)
            if (item* const it = w.deque.pop_of(&w.mine, depth)) {
                require(it->scope == &w.mine, "an item of that scope");
                w.ran(it);
            }
        require(w.deque.kept() == 0, "the others are public");
        w.pop_all(1);
    });
    for (std::size_t t = 0; t < thieves; ++t) e.thread("thief", [&w] { w.steal(3); });
    expect_each_once(e, w, 4);
}

/// Lets the owner take from the old end as well: it runs items that it took from elsewhere in order.
void oldest_first(execution& e, std::size_t thieves, std::uint32_t first) {
    auto& w = e.make<world<2>>(first);
    e.thread("holder", [&w] {
        w.push_batch(0, 2);
        w.steal_one();
        w.push_batch(2, 4);
        while (w.steal_one()) {
        }
        require(w.deque.empty(), "nothing is left");
    });
    for (std::size_t t = 0; t < thieves; ++t)
        e.thread("thief", [&w] {
            w.steal_one();
            w.steal(2);
        });
    expect_each_once(e, w, 4);
}

constexpr std::uint32_t before_the_wrap = ~std::uint32_t{0}; // 2^32 - 1: the second index is 0

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 2;
    return {
        {"one item, one thief, all schedules", {}, [](execution& e) { push_and_pop(e, 1, 1, {1}); }},
        {"two items, one thief, all schedules", {}, [](execution& e) { push_and_pop(e, 2, 2, {2}); }},
        {"one at a time", bounded(3), [](execution& e) { push_and_pop(e, 3, 1, {2}); }},
        {"two thieves", bounded(2),
         [](execution& e) {
             push_and_pop(e, 3, 2, {2, 1});
         }},
        {"all taken back at once", bounded(3), [](execution& e) { push_and_pop(e, 4, 4, {2}); }},
        {"the same word again", bounded(2), [](execution& e) { one_at_a_time(e, 3, 2); }},
        {"places are used again", bounded(2), [](execution& e) { places_are_used_again(e, 2, 0); }},
        {"places are used again while indexes wrap", bounded(2),
         [](execution& e) { places_are_used_again(e, 1, before_the_wrap - 1); }},
        {"indexes wrap", bounded(2), [](execution& e) { push_and_pop(e, 3, 2, {2}, before_the_wrap); }},
        {"grows", bounded(2), [](execution& e) { grows(e, 2, 0); }},
        {"grows while indexes wrap", bounded(2), [](execution& e) { grows(e, 1, before_the_wrap); }},
        {"grows twice", bounded(2), [](execution& e) { grows_twice(e, 1); }},
        {"takes back and publishes", bounded(2), [](execution& e) { takes_back_and_publishes(e, 2); }},
        {"takes out of the middle", bounded(2), [](execution& e) { takes_out_of_the_middle(e, 4, 1, 0); }},
        {"takes out of the middle while indexes wrap", bounded(2),
         [](execution& e) { takes_out_of_the_middle(e, 3, 1, before_the_wrap - 1); }},
        {"takes out of the middle, two thieves", bounded(1), [](execution& e) { takes_out_of_the_middle(e, 4, 2, 0); }},
        {"oldest first", bounded(2), [](execution& e) { oldest_first(e, 1, 0); }},
        {"oldest first, two thieves", bounded(1), [](execution& e) { oldest_first(e, 2, 0); }},
        {"oldest first while indexes wrap", bounded(2), [](execution& e) { oldest_first(e, 1, before_the_wrap - 1); }},
        {"spurious failures", unreliable, [](execution& e) { push_and_pop(e, 2, 1, {2}); }},
    };
}

TEST(deque, each_item_comes_out_once_and_is_seen_by_whoever_has_it) { model::expect_all_pass(suite()); }

TEST(deque, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "local_deque.hpp")));
}

} // namespace
