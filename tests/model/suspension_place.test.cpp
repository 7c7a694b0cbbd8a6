// SPDX-License-Identifier: MIT
// Model-checks coroutine/suspension.hpp. A coroutine waits at a place, an event ends the wait, and threads that drop
// the result end it early. Either the drop ends the wait, or the coroutine sees the drop. No thread touches the frame
// after the coroutine has left the wait. The wait around the place is a small copy of async_awaiter.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/coroutine/suspension.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace {

using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;
using model::var;

/// The system refuses the heavy fence, and the light fence is none.
struct without_fences : model_atomics {
    static void light_fence() {}
    static bool heavy_fence() { return false; }
};

/// What a coroutine waits for. A thread takes the wait out of it, and only that thread ends the wait.
struct object {
    static constexpr std::uint32_t nothing = 0;
    static constexpr std::uint32_t queued = 1;
    static constexpr std::uint32_t has_come = 2;
    static constexpr std::uint32_t dropped = 3;

    atomic<std::uint32_t> state{nothing, "object"};
};

/// A coroutine with at most two waits, one after the other. It goes on in a part of its own after each wait.
template<class Atomics>
struct coroutine {
    struct wait : hocket::detail::suspension {
        wait(coroutine& its_run, object& its_object) : suspension{&end_wait}, run(&its_run), at(&its_object) {}

        static void end_wait(suspension& self) noexcept {
            auto& mine = static_cast<wait&>(self);
            std::uint32_t seen = object::queued;
            if (!mine.at.get()->state.compare_exchange_strong(seen, object::dropped, order::acq_rel)) return;
            mine.ends.set(mine.ends.get() + 1);
            mine.one_is_through();
        }
        void one_is_through() {
            coroutine& it = *run.get();
            if (left.fetch_sub(1, order::acq_rel) == 1) it.wake();
        }

        var<coroutine*> run;
        var<object*> at;
        var<int> ends;    // how often it was ended
        var<int> granted; // by the event
        atomic<std::uint32_t> left{2, "left"};
    };

    hocket::detail::basic_suspension_place<Atomics> place;
    std::array<object, 2> objects;
    std::optional<wait> frame; // waits lie at the same address
    atomic<int> unwanted{0, "unwanted"};
    atomic<std::uint32_t> part{0, "part"}; // the part that may run
    var<std::uint32_t> waits;              // how many have begun
    var<int> finished;

    /// Hands the coroutine on.
    void wake() {
        part.fetch_add(1, order::release);
        model_atomics::futex_wake_all(part);
    }
    void run_part(std::uint32_t which) {
        for (std::uint32_t seen = 0; (seen = part.load(order::acquire)) != which;)
            model_atomics::futex_wait(part, seen);
    }

    /// Begins the next wait. Returns whether the coroutine goes on at once.
    bool suspend() {
        object& its_object = objects[waits.get()];
        waits.set(waits.get() + 1);
        frame.emplace(*this, its_object);
        std::uint32_t seen = object::nothing;
        if (!its_object.state.compare_exchange_strong(seen, object::queued, order::acq_rel)) {
            frame->granted.set(1);
            return true;
        }
        place.enter(*frame);
        if (unwanted.load(order::relaxed) != 0) frame->end(*frame);
        return frame->left.fetch_sub(1, order::acq_rel) == 1;
    }
    /// Ends the wait. The frame may be freed.
    void go_on() {
        place.leave();
        require(frame->ends.get() + frame->granted.get() == 1, "one thread ends it");
        frame.reset();
    }
    /// Waits in this thread, which also goes on.
    void await() {
        std::uint32_t const next = part.load(order::relaxed) + 1;
        if (!suspend()) run_part(next);
        go_on();
    }
    /// Waits until the result is dropped, or all events have come.
    void await_all(std::uint32_t count) {
        for (std::uint32_t i = 0; i < count && unwanted.load(order::relaxed) == 0; ++i) await();
        finished.set(1);
    }

    void event(std::size_t which) {
        if (objects[which].state.exchange(object::has_come, order::acq_rel) != object::queued) return;
        frame->granted.set(1);
        frame->one_is_through();
    }
    void drop() {
        unwanted.store(1, order::relaxed);
        place.end();
    }
};

using waiting = coroutine<model_atomics>;

/// Suspends while these threads work.
void suspends(execution& e, int events, int droppers) {
    auto& c = e.make<waiting>();
    e.thread("coroutine", [&c] { c.await_all(1); });
    for (int i = 0; i < events; ++i) e.thread("event", [&c] { c.event(0); });
    for (int i = 0; i < droppers; ++i) e.thread("dropper", [&c] { c.drop(); });
    e.finally([&c] { require(c.finished.get() == 1, "it has gone on"); });
}

/// Goes on, after a suspension that is complete, while an event and threads that drop the result end the wait.
void goes_on(execution& e, int droppers) {
    auto& c = e.make<waiting>();
    require(!c.suspend(), "the event has not come");
    e.thread("worker", [&c] {
        c.run_part(1);
        c.go_on();
    });
    e.thread("event", [&c] { c.event(0); });
    for (int i = 0; i < droppers; ++i) e.thread("dropper", [&c] { c.drop(); });
}

/// Suspends in one thread and goes on in another one.
void goes_on_elsewhere(execution& e, bool has_event) {
    auto& c = e.make<waiting>();
    e.thread("coroutine", [&c] {
        if (c.suspend()) c.wake();
    });
    e.thread("worker", [&c] {
        c.run_part(1);
        c.go_on();
    });
    if (has_event) e.thread("event", [&c] { c.event(0); });
    e.thread("dropper", [&c] { c.drop(); });
}

/// Goes on in another thread after each of two waits.
void changes_threads(execution& e) {
    auto& c = e.make<waiting>();
    e.thread("coroutine", [&c] {
        if (c.suspend()) c.wake();
        c.run_part(2);
        c.go_on();
    });
    e.thread("worker", [&c] {
        c.run_part(1);
        c.go_on();
        if (c.suspend()) c.wake();
    });
    e.thread("event", [&c] { c.event(0); });
    e.thread("dropper", [&c] { c.drop(); });
}

/// Suspends a second time at the same address, after an event. Without a second event only the drop ends that wait.
void suspends_twice(execution& e, int events, int droppers) {
    auto& c = e.make<waiting>();
    e.thread("coroutine", [&c] { c.await_all(2); });
    e.thread("event", [&c, events] {
        for (std::size_t i = 0; i < static_cast<std::size_t>(events); ++i) c.event(i);
    });
    for (int i = 0; i < droppers; ++i) e.thread("dropper", [&c] { c.drop(); });
    e.finally([&c] { require(c.finished.get() == 1, "it has gone on"); });
}

/// Suspends a second time after a wait that a drop has ended, as a coroutine that catches the exception may.
void suspends_after_the_drop(execution& e) {
    auto& c = e.make<waiting>();
    e.thread("coroutine", [&c] {
        c.await();
        c.await();
    });
    e.thread("dropper", [&c] { c.drop(); });
}

/// Drops the result where there is no heavy fence. The event ends the wait, and the frame is left alone.
void is_refused_the_fence(execution& e) {
    auto& c = e.make<coroutine<without_fences>>();
    e.thread("coroutine", [&c] { c.await(); });
    e.thread("event", [&c] { c.event(0); });
    e.thread("dropper", [&c] { c.drop(); });
}

std::vector<model::named_scenario> suite() {
    return {
        {"suspends beside an event", {}, [](execution& e) { suspends(e, 1, 0); }},
        {"suspends beside a drop", {}, [](execution& e) { suspends(e, 0, 1); }},
        {"goes on beside a drop", bounded(3), [](execution& e) { goes_on(e, 1); }},
        {"goes on beside two drops", bounded(2), [](execution& e) { goes_on(e, 2); }},
        {"suspends beside both", bounded(3), [](execution& e) { suspends(e, 1, 1); }},
        {"suspends beside two drops", bounded(2), [](execution& e) { suspends(e, 0, 2); }},
        {"suspends beside an event and two drops", bounded(1), [](execution& e) { suspends(e, 1, 2); }},
        {"goes on elsewhere", bounded(3), [](execution& e) { goes_on_elsewhere(e, false); }},
        {"goes on elsewhere, with an event", bounded(2), [](execution& e) { goes_on_elsewhere(e, true); }},
        {"changes threads", bounded(1), changes_threads},
        {"suspends twice", bounded(3), [](execution& e) { suspends_twice(e, 1, 1); }},
        {"suspends twice, with two events", bounded(3), [](execution& e) { suspends_twice(e, 2, 1); }},
        {"suspends twice beside two drops", bounded(1), [](execution& e) { suspends_twice(e, 1, 2); }},
        {"suspends after the drop", bounded(3), suspends_after_the_drop},
    };
}

TEST(suspension_place, ends_each_wait_once_and_leaves_the_frame_alone) { model::expect_all_pass(suite()); }

TEST(suspension_place, leaves_the_frame_alone_without_a_heavy_fence) {
    EXPECT_TRUE(model::passes(model::explore(bounded(3), is_refused_the_fence)));
}

TEST(suspension_place, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "suspension.hpp")));
}

} // namespace
