// SPDX-License-Identifier: MIT
// Re-creates small bugs that shipped in well-known runtimes: lost wake-ups, and objects that died too early. The
// checker has to find each of them, and has to pass the correct version in all schedules within the bounds.

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

TEST(history_of_sleep, event_count_is_right) {
    EXPECT_TRUE(passes(explore({}, [](execution& e) { event_scenario<event_flaw::none>(e, 1); })));
    EXPECT_TRUE(passes(explore(bounded(2), [](execution& e) { event_scenario<event_flaw::none>(e, 2); })));
    auto spurious = bounded(2);
    spurious.spurious_wakes = 1;
    EXPECT_TRUE(passes(explore(spurious, [](execution& e) { event_scenario<event_flaw::none>(e, 1); })));
}

// oneTBB 2136: the notifier took its caller's read-modify-write for a fence, and hung on Graviton 3. Also bun 28907 and
// rayon 1297.
TEST(history_of_sleep, notifier_without_its_fence_loses_a_wake_up) {
    using enum event_flaw;
    EXPECT_TRUE(
        fails_with(explore({}, [](execution& e) { event_scenario<notifier_without_fence>(e, 1); }), "deadlock"));
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { event_scenario<waiter_without_fence>(e, 1); }), "deadlock"));
}

// tokio 525, marl 535d491: no second look after the announcement, or the wake-up forgotten.
TEST(history_of_sleep, sleeping_without_a_second_look_loses_a_wake_up) {
    using enum event_flaw;
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { event_scenario<no_second_look>(e, 1); }), "deadlock"));
    EXPECT_TRUE(fails_with(explore({}, [](execution& e) { event_scenario<no_wake>(e, 1); }), "deadlock"));
}

// dispenso 0cbe889: a consumer that saw the queue empty clears a "queue non-empty" hint late. This hides an item from
// every thread that asks the hint alone before it sleeps. Also tokio 8056 and rayon 992.
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

TEST(history_of_sleep, a_stale_hint_hides_an_item_from_the_sleeper) {
    EXPECT_TRUE(passes(explore(bounded(3), [](execution& e) { hint_scenario(e, true); })));
    EXPECT_TRUE(fails_with(explore(bounded(3), [](execution& e) { hint_scenario(e, false); }), "deadlock"));
}

// rayon rfcs 5 and 746, Taskflow 518: a counter of events wraps, and a full turn looks like "nothing new".
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

TEST(history_of_sleep, a_counter_of_events_that_wraps_loses_a_wake_up) {
    EXPECT_TRUE(passes(explore({}, epoch_scenario<0xffffffff>)));
    EXPECT_TRUE(fails_with(explore({}, epoch_scenario<1>), "deadlock"));
}

// rayon 739, 768, 913, 929, 934: the latch of a join lies on the waiter's stack. A thread that has set it may not touch
// it again.
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

TEST(history_of_sleep, a_latch_touched_after_it_was_set) {
    EXPECT_TRUE(passes(explore(bounded(3), [](execution& e) { latch_scenario(e, true); })));
    const auto r = explore(bounded(3), [](execution& e) { latch_scenario(e, false); });
    EXPECT_TRUE(r.failed) << r.report;
}

// stdexec 2051, 1746: the notifier sleeps and wakes on a word of the object that the waiter frees.
TEST(history_of_sleep, a_word_notified_after_its_owner_may_have_freed_it) {
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

enum class mailbox_flaw { none, push_relaxed, idle_without_second_look, idle_by_store_and_fence };

// An actor's mailbox: messages, and a flag that says whether the actor stands in the run queue. Setting the flag to
// idle by a store, even a seq_cst one with a fence behind, strands a message. A prototype of this project had this bug.
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

TEST(history_of_sleep, a_mailbox_that_strands_a_message) {
    using enum mailbox_flaw;
    EXPECT_TRUE(passes(explore(bounded(2), mailbox_scenario<none>)));
    EXPECT_TRUE(fails_with(explore(bounded(2), mailbox_scenario<push_relaxed>), "data race"));
    EXPECT_TRUE(fails_with(explore(bounded(2), mailbox_scenario<idle_without_second_look>), "stranded"));
    EXPECT_TRUE(fails_with(explore(bounded(2), mailbox_scenario<idle_by_store_and_fence>), "stranded"));
}

} // namespace
