// SPDX-License-Identifier: MIT
// Model-checks sched/stop_listeners.hpp. A listener is told once of the stop of its operation, whichever came first.
// Its place is not read after its end. A wait that ends sees what was done for its stop. A listener is freed when the
// list and all threads that tell it have released it.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/sched/stop_listeners.hpp>

#include <cstdint>
#include <memory>
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

/// An operation, which ends. No thread may read it afterwards.
struct operation {
    atomic<int> stopped{0, "stopped"};
};

/// Stands in for hocket::detail::stop_place, with one operation.
struct operation_place {
    operation const* link = nullptr;
    void const* slot = nullptr;
    void const* first = nullptr;
    void const* last = nullptr;
    bool stopped() const { return link->stopped.load(order::relaxed) != 0; }
};

struct plain_flag {
    plain_flag& operator=(bool yes) {
        value.set(yes);
        return *this;
    }
    operator bool() const { return value.get(); }
    var<bool> value{false};
};

struct listener {
    explicit listener(operation const& of, void const* its_scope, bool is_silent)
        : place{&of, nullptr, nullptr, nullptr}, scope(its_scope), silent(is_silent) {}

    static void ask(listener& self) {
        self.alive.get();
        self.requests.fetch_add(1, order::relaxed);
        self.callback.set(1); // written by a callback of the program: only one callback runs it
        self.answer.give();
    }
    static void end(listener& self) {
        self.callback.get();
        self.alive.set(0);
        require(++self.ends == 1, "it ends once");
    }

    void (*request)(listener&) = &ask;
    void (*destroy)(listener&) = &end;
    operation_place place;
    void const* scope;
    bool silent;
    plain_flag requested;
    model::link<listener> next;
    atomic<std::uint32_t> references{1, "references"};

    // State that the scenario reads.
    var<int> alive{1};
    var<int> callback;
    hocket::detail::basic_stop_answer<model_atomics> answer;
    atomic<int> requests{0, "requests"};
    int ends = 0;
};

using listeners = hocket::detail::basic_stop_listeners<model_atomics, listener>;

struct world {
    listeners all;
    std::optional<operation> work;
    std::optional<operation> other_work;
    std::optional<listener> one;
    std::optional<listener> other;
    int scope = 0; // for its address

    world() {
        work.emplace();
        other_work.emplace();
    }
    void listen(bool silent = false) { one.emplace(*work, &scope, silent); }

    /// Does the work of `tell_of_stop`, after its caller has written the stop.
    void stop(bool tells = true) {
        work->stopped.store(1, order::relaxed);
        if (tells) all.tell(false);
    }
    /// Ends the scope in which the listener was asked for.
    std::uint32_t end_scope() {
        return all.drop([this](listener const& it) { return it.scope == &scope; });
    }
};

/// Stops the operation while a body asks for a token.
void is_stopped_while_added(execution& e, int stoppers) {
    auto& w = e.make<world>();
    w.listen();
    e.thread("body", [&w] { w.all.add(*w.one); });
    for (int i = 0; i < stoppers; ++i) e.thread("stopper", [&w] { w.stop(); });
    e.finally([&w] { require(w.one->requests.load(order::relaxed) == 1, "it is told once"); });
}
void is_not_told_of_what_came_before(execution& e) {
    auto& w = e.make<world>();
    auto& before = e.make<int>(0);
    w.listen();
    e.thread("sleeper", [&w, &before] { before = w.all.add_unless_stopped(*w.one) ? 1 : 0; });
    e.thread("stopper", [&w] { w.stop(); });
    e.finally([&w, &before] {
        require(w.one->requests.load(order::relaxed) + before == 1, "it is told, or knows by itself");
    });
}

/// Ends the scope and its operation while another thread tells of a stop.
void ends_while_told(execution& e, bool is_another) {
    auto& w = e.make<world>();
    w.listen();
    e.thread("body", [&w, is_another] {
        w.all.add(*w.one);
        require(w.end_scope() == 1, "it was listed");
        if (is_another) w.work.reset(); // else the stopper reads it
    });
    e.thread("stopper", [&w, is_another] {
        if (is_another)
            w.all.tell(false); // of another operation
        else
            w.stop();
    });
    e.finally([&w] {
        require(w.one->ends == 1, "the last one lets it go");
        require(w.one->requests.load(order::relaxed) <= 1, "it is told once");
    });
}

/// Ends a wait: its thread sees what a thread that tells of the stop has done, or that thread never begins.
void is_answered(execution& e, int stoppers) {
    auto& w = e.make<world>();
    w.listen();
    w.one->references.store(2, order::relaxed); // of the list, and of the wait
    e.thread("sleeper", [&w] {
        bool const before = w.all.add_unless_stopped(*w.one);
        require(w.end_scope() == 1, "it was listed");
        if (w.one->requested && !before) w.one->answer.wait();
        require(before || w.one->callback.get() == (w.one->requested ? 1 : 0), "told and answered, or never told");
        listeners::release(*w.one);
    });
    for (int i = 0; i < stoppers; ++i) e.thread("stopper", [&w] { w.stop(); });
    e.finally([&w] { require(w.one->ends == 1, "the last one lets it go"); });
}

/// Checks with two listeners that the end of one leaves the other, which is behind it or before it.
void others_stay(execution& e, bool behind) {
    auto& w = e.make<world>();
    w.listen();
    w.other.emplace(*w.other_work, nullptr, false);
    w.all.add(behind ? *w.other : *w.one);
    w.all.add(behind ? *w.one : *w.other);
    e.thread("body", [&w] {
        require(w.end_scope() == 1, "one of them");
        w.work.reset();
    });
    e.thread("stopper", [&w] {
        w.other_work->stopped.store(1, order::relaxed);
        w.all.tell(false);
    });
    e.finally([&w] { require(w.other->requests.load(order::relaxed) == 1, "the other one is told"); });
}

/// Checks that only the polling thread tells listeners to which no stop is told.
void is_silent(execution& e) {
    auto& w = e.make<world>();
    w.listen(true);
    e.thread("body", [&w] { w.all.add(*w.one); });
    e.thread("stopper", [&w] { w.stop(); });
    e.thread("timers", [&w] {
        w.all.tell(true);
        if (w.all.any_silent()) w.all.tell(true);
    });
    e.finally([&w] {
        w.all.tell(false);
        int const before = w.one->requests.load(order::relaxed);
        w.all.tell(true);
        require(before <= 1 && w.one->requests.load(order::relaxed) == 1, "by the poll, once");
    });
}

/// Lets a body ask again at a place where a listener was told of an earlier stop, and find the listener there.
void is_asked_for_again(execution& e) {
    auto& w = e.make<world>();
    w.listen();
    w.all.add(*w.one);
    e.thread("body", [&w] {
        operation_place const here{&*w.work, nullptr, nullptr, nullptr};
        bool found = false;
        require(w.all.drop_used(here, &w.scope) == 0, "its operation is still stopped, or was never");
        w.all.find(here, &w.scope, [&found](listener&) { found = true; });
        require(found, "it is there");
        (void)w.end_scope();
    });
    e.thread("stopper", [&w] { w.stop(); });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.weak_failures = 2;
    return {
        {"stopped while added", bounded(3), [](execution& e) { is_stopped_while_added(e, 1); }},
        {"stopped twice", bounded(2), [](execution& e) { is_stopped_while_added(e, 2); }},
        {"stopped before", bounded(3), is_not_told_of_what_came_before},
        {"ends while told", bounded(3), [](execution& e) { ends_while_told(e, false); }},
        {"ends while others are told", bounded(3), [](execution& e) { ends_while_told(e, true); }},
        {"answered", bounded(3), [](execution& e) { is_answered(e, 1); }},
        {"answered once", bounded(1), [](execution& e) { is_answered(e, 2); }},
        {"the one in front stays", bounded(2), [](execution& e) { others_stay(e, false); }},
        {"the one behind stays", bounded(2), [](execution& e) { others_stay(e, true); }},
        {"silent", bounded(1), is_silent},
        {"asked for again", bounded(2), is_asked_for_again},
        {"spurious failures", unreliable, [](execution& e) { ends_while_told(e, false); }},
    };
}

TEST(stop_listeners, are_told_once_and_their_places_are_not_read_after_their_end) { model::expect_all_pass(suite()); }

TEST(stop_listeners, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "stop_listeners.hpp")));
}

} // namespace
