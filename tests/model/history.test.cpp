// SPDX-License-Identifier: MIT
// Bugs that shipped in well-known runtimes, re-created small: the checker has to find each of them, and has to pass the
// correct version in all schedules within the bounds. What each one was stands above its test.
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

/// Items 1 .. count, each to be taken once; taking one reads what its producer wrote.
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

// ---------------------------------------------------------------------------------------------------------------------

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

/// Chase and Lev's deque with the orders of Le, Pop, Cohen and Zappa Nardelli (PPoPP 2013), growing from `Capacity`.
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

// Orders of the deque taken over wrongly: OpenCilk on AArch64 (5084eb5), parlaylib, oneTBB 687 and 756.
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

// crossbeam-deque CVE-2021-32810 (a thief goes on with the buffer from before the deque grew), and what CDSChecker found
// in the published C11 version of the deque (OOPSLA 2013): the grown buffer was not released to thieves.
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

// ---------------------------------------------------------------------------------------------------------------------

enum class event_flaw { none, waiter_without_fence, notifier_without_fence, no_wake, no_second_look };

/// An event count: waiters announce themselves, look once more, and sleep until the epoch moves on.
template<event_flaw Flaw>
class event_count {
  public:
    std::uint32_t prepare() {
        waiters_.fetch_add(1, seq_cst);
        if (Flaw != event_flaw::waiter_without_fence) model::fence(seq_cst);
        return epoch_.load(acquire);
    }
    void cancel() { waiters_.fetch_sub(1, seq_cst); }
    void wait(std::uint32_t epoch) {
        while (epoch_.load(acquire) == epoch) model_atomics::futex_wait(epoch_, epoch);
        waiters_.fetch_sub(1, seq_cst);
    }
    void notify() {
        if (Flaw != event_flaw::notifier_without_fence) model::fence(seq_cst);
        if (waiters_.load(relaxed) == 0) return;
        epoch_.fetch_add(1, release);
        if (Flaw != event_flaw::no_wake) model_atomics::futex_wake_all(epoch_);
    }

  private:
    atomic<std::uint32_t> epoch_{0, "epoch"}, waiters_{0, "waiters"};
};

template<event_flaw Flaw>
void event_scenario(execution& e, int consumers) {
    struct state {
        event_count<Flaw> event;
        atomic<int> queued{0, "queued"};
        int served = 0;

        bool take() {
            int n = queued.load(acquire);
            while (n > 0)
                if (queued.compare_exchange_strong(n, n - 1, acq_rel, acquire)) return true;
            return false;
        }
    };
    auto& s = e.make<state>();
    e.thread("producer", [&s, consumers] {
        for (int i = 0; i < consumers; ++i) {
            s.queued.fetch_add(1, release);
            s.event.notify();
        }
    });
    for (int c = 0; c < consumers; ++c)
        e.thread("consumer", [&s] {
            while (!s.take()) {
                const std::uint32_t epoch = s.event.prepare();
                if (Flaw != event_flaw::no_second_look && s.take()) {
                    s.event.cancel();
                    break;
                }
                s.event.wait(epoch);
            }
            ++s.served;
        });
    e.finally([&s, consumers] { require(s.served == consumers, "every consumer is served"); });
}

TEST(history, event_count_is_right) {
    EXPECT_TRUE(passes(explore({}, [](execution& e) { event_scenario<event_flaw::none>(e, 1); })));
    EXPECT_TRUE(passes(explore(bounded(2), [](execution& e) { event_scenario<event_flaw::none>(e, 2); })));
    auto spurious = bounded(2);
    spurious.spurious_wakes = 1;
    EXPECT_TRUE(passes(explore(spurious, [](execution& e) { event_scenario<event_flaw::none>(e, 1); })));
}

// oneTBB 2136: the notifier took its caller's read-modify-write for a fence, and hung on Graviton 3. bun 28907, rayon 1297.
TEST(history, notifier_without_its_fence_loses_a_wake_up) {
    using enum event_flaw;
    EXPECT_TRUE(
        fails_with(explore({}, [](execution& e) { event_scenario<notifier_without_fence>(e, 1); }), "deadlock"));
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { event_scenario<waiter_without_fence>(e, 1); }), "deadlock"));
}

// tokio 525, marl 535d491: no second look after the announcement, or the wake-up forgotten.
TEST(history, sleeping_without_a_second_look_loses_a_wake_up) {
    using enum event_flaw;
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { event_scenario<no_second_look>(e, 1); }), "deadlock"));
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { event_scenario<no_wake>(e, 1); }), "deadlock"));
}

// ---------------------------------------------------------------------------------------------------------------------

// dispenso 0cbe889: a "queue non-empty" hint, cleared late by a consumer that had seen the queue empty, hides an item
// from everyone who asks the hint alone before he sleeps. tokio 8056, rayon 992.
void hint_scenario(execution& e, bool looks_at_queue) {
    struct state {
        atomic<int> queued{0, "queued"}, non_empty{0, "hint"};
        atomic<std::uint32_t> sleeping{0, "sleeping"};
        bool served = false;

        bool take() {
            int n = queued.load(acquire);
            if (n == 0) non_empty.store(0, relaxed);
            return n > 0 && queued.compare_exchange_strong(n, n - 1, acq_rel, relaxed);
        }
    };
    auto& s = e.make<state>();
    e.thread("producer", [&s] {
        s.queued.fetch_add(1, release);
        s.non_empty.store(1, release);
        model_atomics::full_fence();
        if (s.sleeping.exchange(0, acq_rel) != 0) model_atomics::futex_wake_one(s.sleeping);
    });
    e.thread("consumer", [&s, looks_at_queue] {
        while (!s.take()) {
            s.sleeping.store(1, relaxed);
            model_atomics::full_fence();
            const bool more = looks_at_queue ? s.queued.load(relaxed) != 0 : s.non_empty.load(relaxed) != 0;
            if (!more) model_atomics::futex_wait(s.sleeping, 1);
        }
        s.served = true;
    });
    e.finally([&s] { require(s.served, "the item is taken"); });
}

TEST(history, a_stale_hint_hides_an_item_from_the_sleeper) {
    EXPECT_TRUE(passes(explore(bounded(3), [](execution& e) { hint_scenario(e, true); })));
    EXPECT_TRUE(fails_with(explore(bounded(3), [](execution& e) { hint_scenario(e, false); }), "deadlock"));
}

// rayon rfcs 5 and 746, Taskflow 518: a counter of events that wraps makes "nothing new" of a full turn.
template<std::uint32_t Mask>
void epoch_scenario(execution& e) {
    struct state {
        atomic<std::uint32_t> epoch{Mask - 1, "epoch"}, work{0, "work"};
    };
    auto& s = e.make<state>();
    e.thread("producer", [&s] {
        for (int i = 0; i < 2; ++i) {
            if (i == 1) s.work.store(1, release);
            s.epoch.store((s.epoch.load(relaxed) + 1) & Mask, release);
            model_atomics::futex_wake_one(s.epoch);
        }
    });
    e.thread("consumer", [&s] {
        for (;;) {
            const std::uint32_t seen = s.epoch.load(acquire);
            if (s.work.load(acquire) != 0) return;
            model_atomics::futex_wait(s.epoch, seen);
        }
    });
}

TEST(history, a_counter_of_events_that_wraps_loses_a_wake_up) {
    EXPECT_TRUE(passes(explore({}, epoch_scenario<0xffffffff>)));
    EXPECT_TRUE(fails_with(explore({}, epoch_scenario<1>), "deadlock"));
}

// ---------------------------------------------------------------------------------------------------------------------

// rayon 739, 768, 913, 929, 934: the latch of a join lies on the waiter's stack; whoever sets it may not touch it again.
void latch_scenario(execution& e, bool copies_first) {
    struct pool {
        atomic<std::uint32_t> wake{0, "pool.wake"};
    };
    struct latch {
        atomic<std::uint32_t> is_set{0, "latch.is_set"};
        var<pool*> owner;
    };
    struct state {
        pool threads;
        atomic<latch*> job{nullptr, "job"};
    };
    auto& s = e.make<state>();
    e.thread("waiter", [&s] {
        latch on_stack;
        on_stack.owner.set(&s.threads);
        s.job.store(&on_stack, release);
        for (;;) {
            const std::uint32_t seen = s.threads.wake.load(acquire);
            if (on_stack.is_set.load(acquire) != 0) return;
            model_atomics::futex_wait(s.threads.wake, seen);
        }
    });
    e.thread("setter", [&s, copies_first] {
        latch* l = nullptr;
        while (!(l = s.job.load(acquire))) model_atomics::pause();
        pool* p = copies_first ? l->owner.get() : nullptr;
        l->is_set.store(1, release);
        if (!copies_first) p = l->owner.get();
        p->wake.fetch_add(1, release);
        model_atomics::futex_wake_all(p->wake);
    });
}

TEST(history, a_latch_touched_after_it_was_set) {
    EXPECT_TRUE(passes(explore(bounded(3), [](execution& e) { latch_scenario(e, true); })));
    const auto r = explore(bounded(3), [](execution& e) { latch_scenario(e, false); });
    EXPECT_TRUE(r.failed) << r.report;
}

// stdexec 2051, 1746: the notifier sleeps and wakes on a word of the object that the waiter frees.
TEST(history, a_word_notified_after_its_owner_may_have_freed_it) {
    const auto run = [](bool word_outlives) {
        return explore({}, [=](execution& e) {
            struct state {
                atomic<atomic<std::uint32_t>*> job{nullptr, "job"};
                atomic<std::uint32_t> outside{0, "outside"};
            };
            auto& s = e.make<state>();
            e.thread("waiter", [&s, word_outlives] {
                atomic<std::uint32_t> inside{0, "inside"};
                auto& word = word_outlives ? s.outside : inside;
                s.job.store(&word, release);
                while (word.load(acquire) == 0) model_atomics::futex_wait(word, 0);
            });
            e.thread("setter", [&s] {
                atomic<std::uint32_t>* word = nullptr;
                while (!(word = s.job.load(acquire))) model_atomics::pause();
                word->store(1, release);
                model_atomics::futex_wake_one(*word);
            });
        });
    };
    EXPECT_TRUE(passes(run(true)));
    EXPECT_TRUE(fails_with(run(false), "destr"));
}

// ---------------------------------------------------------------------------------------------------------------------

// tokio 2382 and 5041: indexes so narrow that they come round while a thief looks at a slot; its compare-exchange takes
// an old item for a new one.
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

// The same on a list: pop reads the successor of a node that meanwhile was popped, and pushed again (ABA).
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

// ---------------------------------------------------------------------------------------------------------------------

// stdexec 1812: Vyukov's queue for many producers re-implemented with one difference; nodes get lost. Here: the new
// node's own link is cleared after the node can be seen.
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

enum class mailbox_flaw { none, push_relaxed, idle_without_second_look, idle_by_store_and_fence };

// An actor's mailbox: messages, and a flag that says whether the actor stands in the run queue. Setting it idle by a
// store, even a seq_cst one with a fence behind, strands a message: a slip of this project's own prototype.
template<mailbox_flaw Flaw>
void mailbox_scenario(execution& e) {
    struct message {
        var<int> content;
        var<message*> next;
    };
    struct state {
        atomic<message*> head{nullptr, "head"};
        atomic<int> queued{0, "flag"}, run_queue{0, "run queue"};
        var<int> actor;
        std::array<message, 2> messages;
        int seen = 0;

        void schedule() {
            if (queued.exchange(1, acq_rel) == 0) run_queue.fetch_add(1, release);
        }
        void go_idle() {
            if (Flaw == mailbox_flaw::idle_by_store_and_fence) {
                queued.store(0, seq_cst);
                model::fence(seq_cst);
            } else if (Flaw == mailbox_flaw::idle_without_second_look) {
                queued.store(0, release);
                return;
            } else {
                queued.exchange(0, acq_rel);
            }
            if (head.load(relaxed)) schedule();
        }
    };
    auto& s = e.make<state>();
    for (message& m : s.messages)
        e.thread("sender", [&s, &m] {
            m.content.set(1);
            message* h = s.head.load(relaxed);
            do m.next.set(h);
            while (!s.head.compare_exchange_strong(h, &m, Flaw == mailbox_flaw::push_relaxed ? relaxed : release,
                                                   relaxed));
            s.schedule();
        });
    for (int w = 0; w < 2; ++w)
        e.thread("worker", [&s] {
            int r = s.run_queue.load(acquire);
            if (r == 0 || !s.run_queue.compare_exchange_strong(r, r - 1, acq_rel, relaxed)) return;
            message* m = s.head.exchange(nullptr, acquire);
            s.actor.set(s.actor.get() + 1);
            for (; m; m = m->next.get()) s.seen += m->content.get();
            s.go_idle();
        });
    e.finally([&s] {
        int left = 0;
        for (message* m = s.head.load(acquire); m; m = m->next.get()) ++left;
        require(s.seen + left == 2, "no message is lost or doubled");
        require(left == 0 || s.run_queue.load(relaxed) > 0, "no message is stranded in a box that nobody will open");
    });
}

TEST(history, a_mailbox_that_strands_a_message) {
    using enum mailbox_flaw;
    EXPECT_TRUE(passes(explore(bounded(2), mailbox_scenario<none>)));
    EXPECT_TRUE(fails_with(explore(bounded(2), mailbox_scenario<push_relaxed>), "data race"));
    EXPECT_TRUE(fails_with(explore(bounded(2), mailbox_scenario<idle_without_second_look>), "stranded"));
    EXPECT_TRUE(fails_with(explore(bounded(2), mailbox_scenario<idle_by_store_and_fence>), "stranded"));
}

// stdexec 1967: stolen items lost where a block ends. Two sides decide by different words whether the block is done.
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
