// SPDX-License-Identifier: MIT
// Model-checks the injector (queue/injector.hpp). Any thread pushes one item or a list. Takers, which exclude one
// another, take the oldest item, one of a scope, or the item pushed last. Each item comes out exactly once, and an
// injector that looks empty has been emptied.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/queue/injector.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

struct item {
    model::link<item> next;
    void const* scope = nullptr;
    var<int> payload;
};

struct world {
    static constexpr std::size_t most = 4;

    hocket::detail::basic_injector<model_atomics, item> box;
    std::array<item, most> items;
    std::array<int, most> taken{};
    int const mine = 0;
    int const others = 0;

    world() {
        for (item& it : items) it.scope = &others;
    }

    void ran(item* it) {
        std::size_t const i = static_cast<std::size_t>(it - items.data());
        require(i < most, "an item that was pushed");
        require(it->payload.get() == 1, "what was written into it before the push");
        it->payload.set(2); // the thread that has the item owns it
        it->next = nullptr;
        require(++taken[i] == 1, "nobody else has taken it");
    }

    void push(std::size_t i) {
        items[i].payload.set(1);
        box.push(items[i]);
    }
    /// Pushes `count` items, from the one at `first` on, in one step.
    void push_list(std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i) {
            items[i].payload.set(1);
            if (i + 1 < first + count) items[i].next = &items[i + 1];
        }
        box.push(items[first], items[first + count - 1]);
    }
    bool take(std::uint32_t at_most) {
        std::array<item*, most> out{};
        std::uint32_t const count = box.take(out.data(), at_most);
        require(count <= at_most, "no more than asked for");
        for (std::uint32_t i = 0; i < count; ++i) ran(out[i]);
        return count != 0;
    }
    /// Fills up a list that still has items, and takes two of a long one, else one.
    bool take_share() {
        std::array<item*, most> out{};
        std::uint32_t const count = box.take_share(out.data(), 1, 2, 1);
        for (std::uint32_t i = 0; i < count; ++i) ran(out[i]);
        return count != 0;
    }
    bool take_of(void const* scope, std::uint32_t depth) {
        item* const it = box.take_of(scope, depth);
        if (it == nullptr) return false;
        require(it->scope == scope, "an item of that scope");
        ran(it);
        return true;
    }
    void take_back(std::size_t i) {
        if (box.take_back(items[i])) ran(&items[i]);
    }
};

/// Checks at the end, when no thread holds the lock, that the remaining items come out.
void expect_each_once(execution& e, world& w, std::size_t count) {
    e.finally([&w, count] {
        while (!w.box.empty()) require(w.take(1), "an injector that nobody uses gives what it has");
        for (std::size_t i = 0; i < count; ++i) require(w.taken[i] == 1, "each item comes out exactly once");
    });
}

/// Gives each pusher one item; each taker takes as often as `takers` says.
void push_and_take(execution& e, std::size_t pushers, std::vector<int> takers) {
    auto& w = e.make<world>();
    for (std::size_t i = 0; i < pushers; ++i) e.thread("pusher", [&w, i] { w.push(i); });
    for (int const times : takers)
        e.thread("taker", [&w, times] {
            for (int i = 0; i < times; ++i) w.take(2);
        });
    expect_each_once(e, w, pushers);
}

/// Runs a pusher with a list between two single items: the order of one thread is kept.
void lists(execution& e, std::vector<std::uint32_t> takers) {
    auto& w = e.make<world>();
    e.thread("pusher", [&w] {
        w.push(0);
        w.push_list(1, 3);
    });
    for (std::uint32_t const most : takers)
        e.thread("taker", [&w, most] {
            w.take(most);
            w.take(most);
        });
    expect_each_once(e, w, 4);
}

/// Checks that a single taker sees each pusher's items in the order of the pushes.
void order_is_kept(execution& e) {
    auto& w = e.make<world>();
    e.thread("pusher", [&w] {
        w.push(0);
        w.push_list(1, 2);
        w.push(3);
    });
    e.thread("taker", [&w] {
        for (int i = 0; i < 3; ++i) {
            w.take(1);
            for (std::size_t k = 1; k < 4; ++k) require(w.taken[k - 1] >= w.taken[k], "the oldest first");
        }
    });
    expect_each_once(e, w, 4);
}

/// Checks that as well while the taker fills up a list which still has items.
void order_is_kept_in_shares(execution& e, std::size_t other_takers) {
    auto& w = e.make<world>();
    e.thread("pusher", [&w] {
        w.push(0);
        w.push(1);
        w.push_list(2, 2);
    });
    e.thread("taker", [&w, other_takers] {
        for (int i = 0; i < 2; ++i) {
            w.take_share();
            for (std::size_t k = 1; k < 4 && other_takers == 0; ++k)
                require(w.taken[k - 1] >= w.taken[k], "the oldest first");
        }
    });
    for (std::size_t i = 0; i < other_takers; ++i) e.thread("another taker", [&w] { w.take_share(); });
    expect_each_once(e, w, 4);
}

/// Lets two waits look for their own items among others.
void scopes(execution& e, std::uint32_t depth) {
    auto& w = e.make<world>();
    w.items[1].scope = &w.mine;
    e.thread("pusher", [&w] {
        w.push(0);
        w.push(1);
        w.push(2);
    });
    e.thread("mine", [&w, depth] {
        for (int i = 0; i < 2; ++i) w.take_of(&w.mine, depth);
    });
    e.thread("others", [&w, depth] { w.take_of(&w.others, depth); });
    expect_each_once(e, w, 3);
}

/// Lets each pusher take back its item, unless another thread has it.
void take_back(execution& e, std::size_t pushers, int times_taken) {
    auto& w = e.make<world>();
    for (std::size_t i = 0; i < pushers; ++i)
        e.thread("pusher", [&w, i] {
            w.push(i);
            w.take_back(i);
        });
    e.thread("taker", [&w, times_taken] {
        for (int i = 0; i < times_taken; ++i) w.take(1);
    });
    expect_each_once(e, w, pushers);
}

/// Pushes an item again: a head of the stack that a thread read long ago is the head again.
void the_same_item_again(execution& e) {
    auto& w = e.make<world>();
    e.thread("again", [&w] {
        for (int i = 0; i < 2; ++i) {
            w.push(0);
            if (!w.box.take_back(w.items[0])) return;
        }
        w.ran(&w.items[0]);
    });
    e.thread("pusher", [&w] { w.push(1); });
    e.thread("taker", [&w] { w.take(1); });
    expect_each_once(e, w, 2);
}

/// Checks the look of a parking thread: if it finds the injector empty after a push, another thread has taken the item.
/// `takes`: how many a taker takes at a time, of the two items in the injector.
void empty_tells_the_truth(execution& e, std::uint32_t takes) {
    auto& w = e.make<world>();
    auto& pushed = e.make<atomic<int>>(0, "pushed");
    auto& came_out = e.make<atomic<int>>(0, "came out");
    e.thread("pusher", [&w, &pushed] {
        w.push(0);
        w.push(1);
        pushed.store(1, order::release);
    });
    e.thread("taker", [&w, &came_out, takes] {
        std::array<item*, 2> out{};
        // Counts the items at the latest permitted moment: after the thread has left the injector.
        std::uint32_t const count = w.box.take(out.data(), takes);
        for (std::uint32_t i = 0; i < count; ++i) w.ran(out[i]);
        came_out.store(static_cast<int>(count), order::relaxed);
    });
    e.thread("looks", [&w, &pushed] {
        if (pushed.load(order::acquire) == 0 || !w.box.empty()) return;
        w.items[3].payload.set(1); // seen below
    });
    e.finally([&w, &came_out] {
        if (w.items[3].payload.get() == 1)
            require(came_out.load(order::relaxed) == 2, "it looked empty, but something lies in it");
        while (!w.box.empty()) require(w.take(1), "an injector that nobody uses gives what it has");
    });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 2;
    return {
        {"one item, all schedules", {}, [](execution& e) { push_and_take(e, 1, {1}); }},
        {"one item, two takers", bounded(3),
         [](execution& e) {
             push_and_take(e, 1, {1, 1});
         }},
        {"two pushers, one taker", bounded(3), [](execution& e) { push_and_take(e, 2, {2}); }},
        {"two pushers, two takers", bounded(2),
         [](execution& e) {
             push_and_take(e, 2, {2, 1});
         }},
        {"three pushers", bounded(2), [](execution& e) { push_and_take(e, 3, {1}); }},
        {"a list", bounded(3), [](execution& e) { lists(e, {2}); }},
        {"a list, two takers", bounded(2),
         [](execution& e) {
             lists(e, {1, 2});
         }},
        {"the order is kept", bounded(3), order_is_kept},
        {"the order is kept in shares", bounded(3), [](execution& e) { order_is_kept_in_shares(e, 0); }},
        {"shares, two takers", bounded(2), [](execution& e) { order_is_kept_in_shares(e, 1); }},
        {"scopes", bounded(2), [](execution& e) { scopes(e, 4); }},
        {"scopes in reach", bounded(2), [](execution& e) { scopes(e, 1); }},
        {"taken back", bounded(3), [](execution& e) { take_back(e, 1, 2); }},
        {"two are taken back", bounded(2), [](execution& e) { take_back(e, 2, 1); }},
        {"the same item again", bounded(2), the_same_item_again},
        {"looks empty, one is taken", bounded(3), [](execution& e) { empty_tells_the_truth(e, 1); }},
        {"looks empty, both are taken", bounded(3), [](execution& e) { empty_tells_the_truth(e, 2); }},
        {"spurious failures", unreliable, [](execution& e) { push_and_take(e, 2, {1}); }},
    };
}

TEST(injector, each_item_comes_out_once_and_empty_means_emptied) { model::expect_all_pass(suite()); }

TEST(injector, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "injector.hpp")));
}

} // namespace
