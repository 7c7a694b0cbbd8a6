// SPDX-License-Identifier: MIT
// Re-creates small bugs of queues that shipped in well-known runtimes. The checker has to find each of them, and has to
// pass the correct version in all schedules within the bounds. The comment above each test describes its bug.

#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::explore;
using model::fails_with;
using model::model_atomics;
using model::order;
using model::passes;
using model::require;
using model::var;

constexpr order relaxed = order::relaxed, acquire = order::acquire, release = order::release, acq_rel = order::acq_rel,
                seq_cst = order::seq_cst;

/// Items 1 .. count, each to be taken once. Taking an item reads the data that its producer wrote.
struct ledger {
    std::array<var<int>, 5> payload;
    std::array<int, 5> taken{};

    void make(int item) { payload[static_cast<std::size_t>(item)].set(item); }
    void take(int item) {
        if (item == 0) return;
        require(payload[static_cast<std::size_t>(item)].get() == item, "the payload is the one that was pushed");
        ++taken[static_cast<std::size_t>(item)];
    }
    void check(int count) const {
        for (int i = 1; i <= count; ++i)
            require(taken[static_cast<std::size_t>(i)] == 1, "each item is taken exactly once");
    }
};

enum class deque_flaw {
    none,
    push_without_fence,
    pop_without_fence,
    steal_without_fence,
    steal_reads_bottom_relaxed,
    steal_without_compare_exchange,
    thief_reads_buffer_first,
    grown_buffer_published_relaxed
};

/// Chase and Lev's deque with the orders of Le, Pop, Cohen and Zappa Nardelli (PPoPP 2013). It grows from `Capacity`.
template<deque_flaw Flaw, std::uint32_t Capacity = 4>
class chase_lev {
    struct buffer {
        explicit buffer(std::uint32_t n) : size(n) {}
        atomic<int>& at(std::int64_t i) { return slots[static_cast<std::size_t>(i) % size]; }
        std::uint32_t size;
        std::array<atomic<int>, 4> slots;
    };

  public:
    void push(int item) {
        const std::int64_t b = bottom_.load(relaxed);
        const std::int64_t t = top_.load(acquire);
        buffer* now = buffer_.load(relaxed);
        if (b - t >= now->size) now = grow(t, b, *now);
        now->at(b).store(item, relaxed);
        if (Flaw != deque_flaw::push_without_fence) model::fence(release);
        bottom_.store(b + 1, relaxed);
    }

    int pop() {
        const std::int64_t b = bottom_.load(relaxed) - 1;
        buffer* now = buffer_.load(relaxed);
        bottom_.store(b, relaxed);
        if (Flaw != deque_flaw::pop_without_fence) model::fence(seq_cst);
        std::int64_t t = top_.load(relaxed);
        if (t > b) {
            bottom_.store(b + 1, relaxed);
            return 0;
        }
        int item = now->at(b).load(relaxed);
        if (t == b) {
            if (!top_.compare_exchange_strong(t, t + 1, seq_cst, relaxed)) item = 0;
            bottom_.store(b + 1, relaxed);
        }
        return item;
    }

    int steal() {
        constexpr bool early = Flaw == deque_flaw::thief_reads_buffer_first;
        buffer* from = early ? buffer_.load(acquire) : nullptr;
        std::int64_t t = top_.load(acquire);
        if (Flaw != deque_flaw::steal_without_fence) model::fence(seq_cst);
        const std::int64_t b = bottom_.load(Flaw == deque_flaw::steal_reads_bottom_relaxed ? relaxed : acquire);
        if (t >= b) return 0;
        if (!early) from = buffer_.load(acquire);
        const int item = from->at(t).load(relaxed);
        if (Flaw == deque_flaw::steal_without_compare_exchange) {
            top_.store(t + 1, relaxed);
            return item;
        }
        return top_.compare_exchange_strong(t, t + 1, seq_cst, relaxed) ? item : 0;
    }

  private:
    buffer* grow(std::int64_t t, std::int64_t b, buffer& old) {
        auto& larger = execution::current().make<buffer>(old.size * 2);
        for (std::int64_t i = t; i < b; ++i) larger.at(i).store(old.at(i).load(relaxed), relaxed);
        buffer_.store(&larger, Flaw == deque_flaw::grown_buffer_published_relaxed ? relaxed : release);
        return &larger;
    }

    atomic<std::int64_t> top_{0, "top"}, bottom_{0, "bottom"};
    buffer first_{Capacity};
    atomic<buffer*> buffer_{&first_, "buffer"};
};

template<deque_flaw Flaw, std::uint32_t Capacity = 4>
void steal_scenario(execution& e, int thieves, int items, int steals) {
    struct state {
        chase_lev<Flaw, Capacity> deque;
        ledger items;
    };
    auto& s = e.make<state>();
    e.thread("owner", [&s, items] {
        for (int i = 1; i <= items; ++i) {
            s.items.make(i);
            s.deque.push(i);
        }
        for (int i = 0; i < items; ++i) s.items.take(s.deque.pop());
    });
    for (int t = 0; t < thieves; ++t)
        e.thread("thief", [&s, steals] {
            for (int i = 0; i < steals; ++i) s.items.take(s.deque.steal());
        });
    e.finally([&s, items] {
        while (const int item = s.deque.pop()) s.items.take(item);
        s.items.check(items);
    });
}

TEST(history, chase_lev_is_right) {
    const auto one_thief = [](execution& e) { steal_scenario<deque_flaw::none>(e, 1, 2, 2); };
    const auto two_thieves = [](execution& e) { steal_scenario<deque_flaw::none>(e, 2, 2, 1); };
    EXPECT_TRUE(passes(explore(bounded(3), one_thief)));
    EXPECT_TRUE(passes(explore(bounded(2), two_thieves)));
    EXPECT_TRUE(passes(explore({}, [](execution& e) { steal_scenario<deque_flaw::none>(e, 1, 1, 1); })));
}

// Orders of the deque transcribed wrongly: OpenCilk on AArch64 (5084eb5), parlaylib, oneTBB 687 and 756.
TEST(history, chase_lev_without_one_of_its_orders) {
    using enum deque_flaw;
    EXPECT_TRUE(fails_with(explore(bounded(2), [](execution& e) { steal_scenario<push_without_fence>(e, 1, 2, 2); }),
                           "data race"));
    EXPECT_TRUE(fails_with(explore(bounded(2), [](execution& e) { steal_scenario<pop_without_fence>(e, 1, 2, 2); }),
                           "exactly once"));
    EXPECT_TRUE(fails_with(explore(bounded(2), [](execution& e) { steal_scenario<steal_without_fence>(e, 2, 2, 1); }),
                           "exactly once"));
    EXPECT_TRUE(
        fails_with(explore(bounded(2), [](execution& e) { steal_scenario<steal_reads_bottom_relaxed>(e, 1, 2, 2); }),
                   "data race"));
    EXPECT_TRUE(fails_with(
        explore(bounded(2), [](execution& e) { steal_scenario<steal_without_compare_exchange>(e, 1, 2, 2); }),
        "exactly once"));
}

// crossbeam-deque CVE-2021-32810 (a thief goes on with the buffer from before the deque grew). Also the bug that
// CDSChecker found in the published C11 version of the deque (OOPSLA 2013): the grown buffer was not released to
// thieves.
TEST(history, deque_grows_while_a_thief_is_at_it) {
    using enum deque_flaw;
    EXPECT_TRUE(passes(explore(bounded(2), [](execution& e) { steal_scenario<none, 1>(e, 1, 3, 2); })));
    EXPECT_TRUE(
        fails_with(explore(bounded(2), [](execution& e) { steal_scenario<thief_reads_buffer_first, 1>(e, 1, 3, 2); }),
                   "exactly once"));
    EXPECT_TRUE(fails_with(
        explore(bounded(2), [](execution& e) { steal_scenario<grown_buffer_published_relaxed, 1>(e, 1, 2, 1); }),
        "construction races"));
}

// tokio 2382 and 5041: indexes so narrow that they wrap around while a thief looks at a slot. The thief's
// compare-exchange then mistakes an old item for a new one.
template<std::uint32_t Mask>
void ring_scenario(execution& e) {
    struct state {
        atomic<std::uint32_t> head{Mask - 1, "head"};
        std::array<atomic<int>, 2> slots;
        ledger items;
    };
    auto& s = e.make<state>();
    const auto take = [&s] {
        std::uint32_t h = s.head.load(acquire);
        const int item = s.slots[h % 2].load(relaxed);
        if (item != 0 && s.head.compare_exchange_strong(h, (h + 1) & Mask, acq_rel, relaxed)) {
            s.items.take(item);
            return true;
        }
        return false;
    };
    const auto put = [&s](std::uint32_t index, int item) {
        s.items.make(item);
        s.slots[index % 2].store(item, release);
    };
    put(Mask - 1, 1);
    put(Mask, 2);
    e.thread("owner", [=] {
        for (std::uint32_t i = 0; i < 2; ++i)
            if (take())
                put(Mask + 1 + i, static_cast<int>(3 + i));
            else
                return;
    });
    e.thread("thief", [=] { take(); });
    e.finally([&s] {
        for (int taken : s.items.taken) require(taken <= 1, "no item is taken twice");
    });
}

TEST(history, a_narrow_index_comes_round) {
    EXPECT_TRUE(passes(explore(bounded(3), ring_scenario<0xffffffff>)));
    EXPECT_TRUE(fails_with(explore(bounded(3), ring_scenario<1>), "no item is taken twice"));
}

// ABA on a list: pop reads the successor of a node that meanwhile was popped and pushed again.
TEST(history, a_stack_of_nodes_that_come_back) {
    const auto run = [](std::uint32_t tag_mask) {
        return explore(bounded(2), [=](execution& e) {
            struct state {
                atomic<std::uint64_t> top{0, "top"}; // tag << 8 | node, node 0 is none
                std::array<atomic<std::uint32_t>, 3> next;
                std::array<int, 3> owners{};
            };
            auto& s = e.make<state>();
            const auto push = [&s, tag_mask](std::uint32_t node) {
                std::uint64_t top = s.top.load(relaxed);
                do s.next[node].store(top & 0xff, relaxed);
                while (
                    !s.top.compare_exchange_strong(top, (((top >> 8) + 1) & tag_mask) << 8 | node, release, relaxed));
            };
            const auto pop = [&s, tag_mask]() -> std::uint32_t {
                std::uint64_t top = s.top.load(acquire);
                while ((top & 0xff) != 0) {
                    const std::uint32_t next = s.next[top & 0xff].load(relaxed);
                    const std::uint64_t after = (((top >> 8) + 1) & tag_mask) << 8 | next;
                    if (!s.top.compare_exchange_strong(top, after, acquire, acquire)) continue;
                    require(++s.owners[top & 0xff] == 1, "a popped node belongs to one thread");
                    return static_cast<std::uint32_t>(top & 0xff);
                }
                return 0;
            };
            push(1);
            push(2);
            e.thread("slow", [=] { pop(); });
            e.thread("quick", [=, &s] {
                const std::uint32_t a = pop();
                pop();
                if (a == 0) return;
                --s.owners[a];
                push(a);
            });
            e.finally([=] {
                while (pop() != 0) {
                }
            });
        });
    };
    EXPECT_TRUE(passes(run(0xffff)));
    EXPECT_TRUE(fails_with(run(0), "one thread"));
}

// stdexec 1812: Vyukov's multi-producer queue, re-implemented with one difference that loses nodes. Here the new node's
// own link is cleared after other threads can see the node.
void vyukov_scenario(execution& e, bool clears_first) {
    struct node {
        atomic<node*> next{nullptr, "next"};
        var<int> item{0};
    };
    struct state {
        node stub, nodes[2];
        atomic<node*> tail{&stub, "tail"};
        int seen = 0;
    };
    auto& s = e.make<state>();
    for (node& n : s.nodes)
        e.thread("producer", [&s, &n, clears_first] {
            n.item.set(1);
            if (clears_first) n.next.store(nullptr, relaxed);
            node* before = s.tail.exchange(&n, acq_rel);
            if (!clears_first) n.next.store(nullptr, relaxed);
            before->next.store(&n, release);
        });
    e.thread("consumer", [&s] {
        for (node* n = s.stub.next.load(acquire); n; n = n->next.load(acquire)) require(n->item.get() == 1, "item");
    });
    e.finally([&s] {
        for (node* n = s.stub.next.load(acquire); n; n = n->next.load(acquire)) ++s.seen;
        require(s.seen == 2, "no node is lost");
    });
}

TEST(history, a_queue_of_many_producers_that_clears_a_link_too_late) {
    EXPECT_TRUE(passes(explore({}, [](execution& e) { vyukov_scenario(e, true); })));
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { vyukov_scenario(e, false); }), "no node is lost"));
}

// stdexec 1967: stolen items are lost where a block ends. Two sides decide by different words whether the block is
// done.
TEST(history, a_block_closed_while_its_last_item_is_being_stolen) {
    const auto run = [](bool counts_by_one_word) {
        return explore({}, [=](execution& e) {
            struct state {
                atomic<int> left{1, "left"}, stolen{0, "stolen"};
                var<int> block{7};
                int taken = 0;
            };
            auto& s = e.make<state>();
            e.thread("thief", [&s] {
                if (s.left.fetch_sub(1, acq_rel) < 1) return;
                s.taken += s.block.get() == 7;
                s.stolen.fetch_add(1, release);
            });
            e.thread("owner", [&s, counts_by_one_word] {
                if (s.left.fetch_sub(1, acq_rel) >= 1) {
                    ++s.taken;
                } else if (counts_by_one_word) {
                    while (s.stolen.load(acquire) == 0) model_atomics::pause();
                }
                s.block.set(0); // the block is used again
            });
            e.finally([&s] { require(s.taken == 1, "the last item is taken once"); });
        });
    };
    EXPECT_TRUE(passes(run(true)));
    EXPECT_TRUE(fails_with(run(false), "data race"));
}

} // namespace
