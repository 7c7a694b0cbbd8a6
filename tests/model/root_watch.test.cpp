// SPDX-License-Identifier: MIT
// Model-checks sched/root_watch.hpp: the work that a hushed job publishes is seen by the worker that watches, or by a
// worker that the caller wakes when it finds no watch. The threads around it are small copies of scheduler::keep_watch
// and publication.ipp, on the real idle set and parkers.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/root_watch.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using hocket::detail::idle_bit;
using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

using root_watch = hocket::detail::basic_root_watch<model_atomics>;
using idle_set = hocket::detail::basic_idle_set<model_atomics>;
using parker = hocket::detail::basic_parker<model_atomics>;

/// The check that a watcher leaves out.
enum class watcher { sees_work, does_not_look_at_the_end };

struct world {
    root_watch watch;
    idle_set idle;
    std::array<parker, 2> parkers;
    atomic<int> published{0, "published"}; // 0: not yet, 1: published, 2: taken
    var<int> payload;
    int watchers = 0; // current number; no thread of the model reads it beside another access
    int taken = 0;
    watcher how = watcher::sees_work;

    explicit world(std::uint64_t parked) { idle.start_parked(parked); }

    // Publishes a hushed job, as the caller.

    void publish_hushed() {
        payload.set(1);
        published.store(1, order::release);
        idle_set::publication_fence();
        if (watch.is_kept()) return;
        idle_set::publication_fence();
        bool compensation_wanted = false;
        if (idle.look().searching() != 0) return;
        if (std::optional<idle_bit> const bit = idle.claim_sleeper(1, idle_set::no_worker, compensation_wanted))
            parkers[*bit].wake();
    }

    // Operations of a worker.

    bool work_visible() const { return published.load(order::relaxed) == 1; }

    /// Watches, as a parked worker. Returns true if the worker is awake afterwards. The step from one look to the next
    /// takes no time here.
    bool keep_watch(idle_bit bit, std::uint32_t& short_jobs) {
        if (!watch.begin()) return false;
        require(++watchers == 1, "one worker watches");
        for (bool kept = true;;) {
            if (kept) model_atomics::pause();
            std::uint32_t const before = short_jobs;
            short_jobs = watch.short_jobs();
            if (kept && before == short_jobs) {
                --watchers;
                watch.end();
                kept = false;
                if (how == watcher::does_not_look_at_the_end) return false;
            }
            if (work_visible() && idle.cancel_park(bit)) {
                if (kept) {
                    --watchers;
                    watch.end();
                }
                return true;
            }
            if (!kept) return false;
        }
    }
    /// Runs a worker until there is nothing to do any more.
    void live(idle_bit bit) {
        std::uint32_t short_jobs = 0;
        while (published.load(order::relaxed) != 2) {
            if (!keep_watch(bit, short_jobs)) parkers[bit].sleep();
            int there = 1;
            if (published.compare_exchange_strong(there, 2, order::acquire, order::relaxed)) {
                require(payload.get() == 1, "the payload is there");
                ++taken;
            }
            parkers[bit].reset();
            idle.park(bit);
        }
    }
};

/// Lets a worker begin to watch, end its watch, and sleep, while a caller has a hushed job, perhaps after a short one.
void one_worker(execution& e, int short_jobs, watcher how = watcher::sees_work) {
    auto& w = e.make<world>(1);
    w.how = how;
    e.thread("worker", [&w] { w.live(0); });
    e.thread("caller", [&w, short_jobs] {
        for (int i = 0; i < short_jobs; ++i) w.watch.note_short_job();
        w.publish_hushed();
    });
    e.finally([&w] { require(w.taken == 1, "the work was begun"); });
}

/// Checks that one of two workers that come at once watches.
void two_workers_begin(execution& e) {
    auto& w = e.make<world>(3);
    for (idle_bit b = 0; b < 2; ++b)
        e.thread("worker " + std::to_string(b), [&w, b] {
            std::uint32_t short_jobs = 0;
            (void)w.keep_watch(b, short_jobs);
        });
    e.thread("caller", [&w] { w.watch.note_short_job(); });
    e.finally([&w] { require(w.watchers == 0, "it has ended"); });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 2;
    return {
        {"a hushed job", bounded(3), [](execution& e) { one_worker(e, 0); }},
        {"after a short one", bounded(3), [](execution& e) { one_worker(e, 1); }},
        {"two begin", bounded(3), two_workers_begin},
        {"spurious failures", unreliable, [](execution& e) { one_worker(e, 1); }},
    };
}

TEST(root_watch, work_of_a_hushed_job_is_seen) { model::expect_all_pass(suite()); }

TEST(root_watch, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "root_watch.hpp")));
}

/// Shows that the look after the end of the watch is needed, too.
TEST(root_watch, who_ends_the_watch_without_a_look_loses_work) {
    auto const result =
        model::explore(bounded(3), [](execution& e) { one_worker(e, 0, watcher::does_not_look_at_the_end); });
    EXPECT_TRUE(result.failed);
}

} // namespace
