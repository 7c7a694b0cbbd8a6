// SPDX-License-Identifier: MIT
// Model-checks memory/slab_depot.hpp: any thread puts batches in; threads that take something out exclude one another.
// Each batch comes out once, with the data that was written into it. That also holds for a batch that is put in again
// while another thread was about to take it. A thread that sorts blocks out finds the chunk of each block.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/memory/slab_depot.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct chunk {
    model::link<chunk> next;
    var<int> found;
};

struct batch {
    model::link<batch> below;
    int count = 1;
    chunk* of = nullptr;
    var<int> payload;
};

struct world {
    static constexpr std::size_t most = 4;

    hocket::detail::basic_slab_depot<model_atomics, batch, chunk> depot;
    std::array<batch, most> batches;
    std::array<int, most> held{}; // 1: a thread has it
    chunk chunks[2];

    world() {
        held.fill(1);
        for (batch& b : batches) b.of = &chunks[0];
    }

    void put(std::size_t i) { put_list(i, 1); }
    void put_list(std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i) {
            require(--held[i] == 0, "only who has it puts it back");
            batches[i].payload.set(1);
            if (i + 1 < first + count) batches[i].below = &batches[i + 1];
        }
        depot.put(batches[first], batches[first + count - 1], static_cast<std::ptrdiff_t>(count));
    }
    batch* take() {
        batch* const b = depot.take(1);
        if (b != nullptr) has(*b);
        return b;
    }
    void has(batch& b) {
        require(++held[static_cast<std::size_t>(&b - batches.data())] == 1, "nobody else has taken it");
        require(b.payload.get() == 1, "what was written into it before it was put in");
        b.payload.set(2); // the thread that has it owns it
        b.below = nullptr;
    }
    /// Takes the first batch and leaves the others, as a thread that gives chunks back does.
    bool sort_out() {
        return depot.sort_out(
            [this](batch*& all, chunk*& known) {
                for (chunk* c = known; c != nullptr; c = c->next) c->found.set(0);
                std::ptrdiff_t stay = 0;
                for (batch* b = all; b != nullptr; b = b->below, ++stay) {
                    bool is_known = false;
                    for (chunk* c = known; c != nullptr; c = c->next) is_known = is_known || c == b->of;
                    require(is_known, "the chunk of each block is there");
                    b->of->found.set(b->of->found.get() + 1);
                }
                if (all == nullptr) return stay;
                batch& first = *all;
                all = first.below;
                has(first);
                return stay - 1;
            },
            1);
    }
};

/// Checks at the end that every batch that no thread has lies in the depot.
void expect_each_once(execution& e, world& w) {
    e.finally([&w] {
        while (w.take() != nullptr) {
        }
        for (int const held : w.held) require(held == 1, "each batch is in one place");
    });
}

/// Gives each putter one batch; each taker takes as often as `takers` says.
void put_and_take(execution& e, std::size_t putters, std::vector<int> takers) {
    auto& w = e.make<world>();
    for (std::size_t i = 0; i < putters; ++i) e.thread("putter", [&w, i] { w.put(i); });
    for (int const times : takers)
        e.thread("taker", [&w, times] {
            for (int i = 0; i < times; ++i) w.take();
        });
    expect_each_once(e, w);
}

/// Lets two threads take and put back. The top that one has read is taken, and is the top again with another batch
/// below.
void taken_and_put_back(execution& e) {
    auto& w = e.make<world>();
    w.put_list(0, 3);
    e.thread("one", [&w] { w.take(); });
    e.thread("two", [&w] {
        batch* const first = w.take();
        w.take();
        if (first != nullptr) w.put(static_cast<std::size_t>(first - w.batches.data()));
    });
    expect_each_once(e, w);
}

void lists(execution& e) {
    auto& w = e.make<world>();
    e.thread("putter", [&w] {
        w.put(0);
        w.put_list(1, 3);
    });
    e.thread("taker", [&w] {
        for (int i = 0; i < 2; ++i) w.take();
    });
    expect_each_once(e, w);
}

/// Cuts and adds a chunk, and puts some of its blocks in while others sort out, take and put.
void sorted_out(execution& e, int sorters, bool take) {
    auto& w = e.make<world>();
    w.depot.add(w.chunks[0]);
    w.put(0);
    e.thread("cutter", [&w] {
        w.batches[1].of = &w.chunks[1];
        w.depot.add(w.chunks[1]);
        w.put(1);
    });
    for (int i = 0; i < sorters; ++i) e.thread("sorter", [&w] { w.sort_out(); });
    if (take) e.thread("taker", [&w] { w.take(); });
    expect_each_once(e, w);
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 2;
    return {
        {"one batch, all schedules", {}, [](execution& e) { put_and_take(e, 1, {1}); }},
        {"one batch, two takers", bounded(3),
         [](execution& e) {
             put_and_take(e, 1, {1, 1});
         }},
        {"two putters, one taker", bounded(3), [](execution& e) { put_and_take(e, 2, {2}); }},
        {"two putters, two takers", bounded(2),
         [](execution& e) {
             put_and_take(e, 2, {2, 1});
         }},
        {"taken and put back", bounded(3), taken_and_put_back},
        {"a list", bounded(3), lists},
        {"sorted out", bounded(3), [](execution& e) { sorted_out(e, 1, false); }},
        {"sorted out twice", bounded(2), [](execution& e) { sorted_out(e, 2, false); }},
        {"sorted out while one takes", bounded(2), [](execution& e) { sorted_out(e, 1, true); }},
        {"spurious failures", unreliable, [](execution& e) { put_and_take(e, 2, {1}); }},
    };
}

TEST(slab_depot, each_batch_comes_out_once) { model::expect_all_pass(suite()); }

TEST(slab_depot, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "slab_depot.hpp")));
}

} // namespace
