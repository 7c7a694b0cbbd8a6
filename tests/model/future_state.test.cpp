// SPDX-License-Identifier: MIT
// Model-checks future/future_word.hpp. Setting a result races with continuations, sleepers, sleepers that cancel their
// wait, two threads that want to begin the task, and the drop of the last reference. The countdown of several
// dependencies and the race of when_any are checked too. Wrong variants of the word, each with one step that looks
// harmless, are caught.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/future/future_word.hpp>

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

struct alignas(8) node {
    model::link<node> next;
    var<int> told;
};
[[maybe_unused]] bool asks_for_error(node const* newest) { return newest != nullptr; }

using sound_word = hocket::detail::basic_future_word<model_atomics, node>;

enum class flaw {
    set_is_load_and_store,
    add_does_not_look_again,
    begin_is_load_and_store,
    release_looks_twice,
    watch_is_store
};

/// The protocol of the word with one mistake.
template<flaw mistake>
class wrong_word {
  public:
    wrong_word(bool offered, std::uint32_t references) : word_(offered ? 2u : 0u), references_(references) {}

    bool complete() const { return (word_.load(order::acquire) & 1) != 0; }
    bool add(node& n) {
        std::uint64_t word = word_.load(order::acquire);
        while ((word & 1) == 0) {
            n.next = reinterpret_cast<node*>(word & ~std::uint64_t{7});
            std::uint64_t const next = reinterpret_cast<std::uint64_t>(&n) | (word & 7);
            if (mistake == flaw::add_does_not_look_again) {
                word_.store(next, order::release);
                return true;
            }
            if (word_.compare_exchange_weak(word, next, order::release, order::acquire)) return true;
        }
        return false;
    }
    node* set(bool) {
        std::uint64_t before = 0;
        if (mistake == flaw::set_is_load_and_store) {
            before = word_.load(order::acquire);
            word_.store(1, order::release);
        } else {
            before = word_.exchange(1, order::acq_rel);
        }
        if ((before & 4) != 0) {
            bell_.store(1, order::release);
            model_atomics::futex_wake_one(bell_);
        }
        return reinterpret_cast<node*>(before & ~std::uint64_t{7});
    }
    void offer() { word_.fetch_or(2, order::release); }
    bool try_begin() {
        std::uint64_t const word = word_.load(order::acquire);
        if ((word & 2) == 0) return false;
        if (mistake != flaw::begin_is_load_and_store)
            return (word_.fetch_and(~std::uint64_t{2}, order::acquire) & 2) != 0;
        word_.store(word & ~std::uint64_t{2}, order::relaxed);
        return true;
    }
    bool watch() {
        std::uint64_t word = word_.load(order::relaxed);
        if (mistake == flaw::watch_is_store) {
            if ((word & 1) == 0) word_.store(word | 4, order::relaxed);
            return (word & 1) == 0;
        }
        while ((word & 5) == 0)
            if (word_.compare_exchange_weak(word, word | 4, order::relaxed, order::relaxed)) return true;
        return (word & 1) == 0;
    }
    void sleep() {
        while (bell_.load(order::acquire) == 0) model_atomics::futex_wait(bell_, 0);
        model_atomics::futex_wake_one(bell_);
    }
    bool release() {
        if (mistake != flaw::release_looks_twice) return references_.fetch_sub(1, order::acq_rel) == 1;
        references_.fetch_sub(1, order::acq_rel);
        return references_.load(order::acquire) == 0;
    }

  private:
    atomic<std::uint64_t> word_;
    atomic<std::uint32_t> bell_{0};
    atomic<std::uint32_t> references_;
};

/// A state, its result, and the parties that are told of it.
template<class Word>
struct world {
    std::optional<Word> word;
    var<int> input;
    var<int> result;
    std::array<node, 2> nodes;
    std::array<atomic<int>, 2> notified;
    int destroyed = 0;

    world(bool offered, std::uint32_t references) { word.emplace(offered, references); }

    void drop() {
        if (!word->release()) return;
        ++destroyed;
        require(destroyed == 1, "one thread drops the last reference");
        word.reset();
    }
    void notify(node& n) {
        n.told.set(n.told.get() + 1);
        notified[static_cast<std::size_t>(&n - nodes.data())].fetch_add(1, order::relaxed);
    }
    void set() {
        result.set(result.get() + 1);
        tell(word->set(false));
    }
    void tell(node* n) {
        while (n != nullptr) {
            node* const older = n->next;
            notify(*n);
            n = older;
        }
    }
    void follow(std::size_t i) {
        nodes[i].told.set(0);
        if (word->add(nodes[i])) return;
        require(result.get() == 1, "who comes late sees the result");
        notify(nodes[i]);
    }
    void wait() {
        if (word->watch()) {
            word->sleep();
            require(word->complete(), "it is complete after the sleep");
        }
        require(result.get() == 1, "the result is there");
    }
    void begin_or_leave() {
        if (!word->try_begin()) return;
        (void)input.get();
        set();
    }
};

template<class Word>
void set_against_then(execution& e, std::size_t followers) {
    auto& w = e.make<world<Word>>(false, static_cast<std::uint32_t>(1 + followers));
    e.thread("setter", [&w] {
        w.set();
        w.drop();
    });
    for (std::size_t i = 0; i < followers; ++i)
        e.thread("follower", [&w, i] {
            w.follow(i);
            w.drop();
        });
    e.finally([&w, followers] {
        for (std::size_t i = 0; i < followers; ++i) require(w.notified[i].load() == 1, "each is told exactly once");
        require(w.destroyed == 1, "the state is gone");
    });
}

/// Lets the thread that will set the result look at the parties added so far.
void looks_at_the_list(execution& e) {
    auto& w = e.make<world<sound_word>>(false, std::uint32_t{3});
    e.thread("setter", [&w] {
        for (node const* n = w.word->newest(); n != nullptr; n = n->next)
            require(n->told.get() == 0, "what was added is there, and not told");
        w.set();
        require(w.word->newest() == nullptr, "nobody is left");
        w.drop();
    });
    for (std::size_t i = 0; i < 2; ++i)
        e.thread("follower", [&w, i] {
            w.follow(i);
            w.drop();
        });
    e.finally([&w] { require(w.destroyed == 1, "the state is gone"); });
}

/// Runs `givers_up` threads that announce that they sleep and leave at once, as if their time had run out.
template<class Word>
void set_against_wait(execution& e, std::size_t sleepers, std::size_t givers_up) {
    auto& w = e.make<world<Word>>(false, static_cast<std::uint32_t>(1 + sleepers + givers_up));
    e.thread("setter", [&w] {
        w.set();
        w.drop();
    });
    for (std::size_t i = 0; i < sleepers; ++i)
        e.thread("sleeper", [&w] {
            w.wait();
            w.drop();
        });
    for (std::size_t i = 0; i < givers_up; ++i)
        e.thread("gives up", [&w] {
            (void)w.word->watch();
            if (w.word->complete()) require(w.result.get() == 1, "the result is there");
            w.drop();
        });
    e.finally([&w] { require(w.destroyed == 1, "the state is gone"); });
}

template<class Word>
void set_against_wait_and_then(execution& e) {
    auto& w = e.make<world<Word>>(false, std::uint32_t{3});
    e.thread("setter", [&w] {
        w.set();
        w.drop();
    });
    e.thread("sleeper", [&w] {
        w.wait();
        w.drop();
    });
    e.thread("follower", [&w] {
        w.follow(0);
        w.drop();
    });
    e.finally([&w] { require(w.notified[0].load() == 1 && w.destroyed == 1, "told once, and gone"); });
}

/// Lets the queue's thread and a waiting thread both try to begin the task. The waiting one sleeps if it comes second.
template<class Word>
void two_begin(execution& e) {
    auto& w = e.make<world<Word>>(true, std::uint32_t{2});
    e.thread("queue", [&w] {
        w.begin_or_leave();
        w.drop();
    });
    e.thread("waiter", [&w] {
        w.begin_or_leave();
        w.wait();
        w.drop();
    });
    e.finally([&w] { require(w.destroyed == 1 && w.result.get() == 1, "it ran once, and the state is gone"); });
}

/// Offers the task only when its input is there.
template<class Word>
void offered_late(execution& e) {
    auto& w = e.make<world<Word>>(false, std::uint32_t{2});
    e.thread("input, then queue", [&w] {
        w.input.set(1);
        w.word->offer();
        w.begin_or_leave();
        w.drop();
    });
    e.thread("waiter", [&w] {
        w.begin_or_leave();
        w.wait();
        w.drop();
    });
    e.finally([&w] { require(w.destroyed == 1 && w.result.get() == 1, "it ran once, and the state is gone"); });
}

void fails(execution& e) {
    auto& w = e.make<world<sound_word>>(false, std::uint32_t{2});
    e.thread("setter", [&w] {
        w.result.set(1);
        (void)w.word->set(true);
        w.drop();
    });
    e.thread("reader", [&w] {
        (void)w.word->watch();
        if (w.word->failed()) require(w.result.get() == 1, "the error is there");
        while (!w.word->complete()) model_atomics::pause();
        require(w.word->failed(), "it has failed");
        w.drop();
    });
}

/// Keeps a promise while another thread ends its result: one of them is the result, and what the first thread has
/// written belongs to it again if that is not the result.
void kept_against_ended(execution& e, bool with_sleeper) {
    auto& w = e.make<world<sound_word>>(false, std::uint32_t{3});
    auto& ended = e.make<bool>(false);
    e.thread("holder of the promise", [&w, &ended] {
        w.result.set(1);
        w.tell(w.word->set_unless_ended(false, ended));
        if (ended) w.result.set(0);
        w.drop();
    });
    e.thread("gives up", [&w] {
        w.tell(w.word->end());
        require(w.word->complete(), "it is complete");
        w.drop();
    });
    e.thread("holder of the future", [&w, with_sleeper] {
        if (with_sleeper) {
            if (w.word->watch()) w.word->sleep();
        } else {
            w.nodes[0].told.set(0);
            if (w.word->add(w.nodes[0])) return w.drop();
            w.notify(w.nodes[0]);
        }
        require(w.word->complete(), "it is complete");
        if (w.word->ended())
            require(w.word->failed(), "it has failed");
        else
            require(w.result.get() == 1 && !w.word->failed(), "the result is there");
        w.drop();
    });
    e.finally([&w, with_sleeper] {
        require(w.notified[0].load() == (with_sleeper ? 0 : 1), "told once");
        require(w.destroyed == 1, "the state is gone");
    });
}

void last_of_three_references(execution& e) {
    struct shared {
        std::optional<sound_word> word;
        std::array<var<int>, 3> written;
    };
    auto& s = e.make<shared>();
    s.word.emplace(false, 3u);
    for (std::size_t i = 0; i < 3; ++i)
        e.thread("holder", [&s, i] {
            s.written[i].set(1);
            if (!s.word->release()) return;
            for (var<int>& w : s.written) require(w.get() == 1, "the last one sees what all have done");
            s.word.reset();
        });
    e.finally([&s] { require(!s.word.has_value(), "the state is gone"); });
}

/// Lets one thread hold two references and give them back one by one, while another thread holds the third.
void two_of_three_references(execution& e) {
    struct shared {
        std::optional<sound_word> word;
        std::array<var<int>, 2> written;
        int destroyed = 0;
        void drop() {
            if (!word->release()) return;
            for (var<int>& w : written) require(w.get() == 1, "the last one sees what all have done");
            ++destroyed;
            word.reset();
        }
    };
    auto& s = e.make<shared>();
    s.word.emplace(false, 3u);
    e.thread("holds two", [&s] {
        s.written[0].set(1);
        s.word->release_one_of_two();
        s.drop();
    });
    e.thread("holds one", [&s] {
        s.written[1].set(1);
        s.drop();
    });
    e.finally([&s] { require(s.destroyed == 1, "the state is gone"); });
}

/// Two inputs become ready. The thread that waits for both counts itself too.
void all_of_two(execution& e) {
    struct shared {
        hocket::detail::basic_countdown<model_atomics> left{3};
        std::array<var<int>, 3> written;
        var<int> begun;
    };
    auto& s = e.make<shared>();
    for (std::size_t i = 0; i < 3; ++i)
        e.thread("condition", [&s, i] {
            s.written[i].set(1);
            if (!s.left.one_less()) return;
            for (var<int>& w : s.written) require(w.get() == 1, "every condition is met");
            s.begun.set(s.begun.get() + 1);
        });
    e.finally([&s] { require(s.begun.get() == 1, "it begins once"); });
}

/// Cancels the wait for the conditions early. The cancelling thread still reads the job, which the last condition that
/// tells destroys.
void countdown_against_end(execution& e) {
    struct shared {
        hocket::detail::basic_countdown<model_atomics> left{2};
        var<int> job;
        var<int> begun;
        var<int> ended;
        void tell() {
            using step = hocket::detail::basic_countdown<model_atomics>::step;
            step const learnt = left.tell();
            if (learnt == step::not_last) return;
            require(job.get() == 0, "the job is there");
            job.set(1);
            if (learnt == step::last) begun.set(1);
        }
    };
    auto& s = e.make<shared>();
    for (int i = 0; i < 2; ++i) e.thread("condition", [&s] { s.tell(); });
    e.thread("ends", [&s] {
        if (!s.left.end()) return;
        s.ended.set(1);
        require(s.job.get() == 0, "the job lives until this thread has told");
        s.tell();
    });
    e.finally([&s] {
        require(s.job.get() == 1, "the job runs or is dropped");
        require(s.begun.get() + s.ended.get() == 1, "it begins, or it has ended before");
    });
}

/// Lets a borrower read the value. The holder of the future changes the value only while it is not lent.
void loan_against_taking(execution& e) {
    struct shared {
        sound_word word{false, 2};
        var<int> value;
    };
    auto& s = e.make<shared>();
    s.word.lend();
    e.thread("borrower", [&s] {
        require(s.value.get() == 0, "the value is still there");
        s.word.end_loan();
    });
    e.thread("setter, then holder", [&s] {
        (void)s.word.set(false);
        if (!s.word.lent()) s.value.set(1);
    });
}

/// Returns a loan while a thread sleeps.
void loan_against_wait(execution& e) {
    auto& w = e.make<world<sound_word>>(false, std::uint32_t{2});
    w.word->lend();
    e.thread("setter and borrower", [&w] {
        w.word->end_loan();
        w.set();
        w.drop();
    });
    e.thread("sleeper", [&w] {
        w.wait();
        require(!w.word->lent(), "the loan has ended");
        w.drop();
    });
    e.finally([&w] { require(w.destroyed == 1, "the state is gone"); });
}

/// Three inputs become ready. The first one decides the result, while the asking thread still adds itself to the
/// others.
void any_of_several(execution& e, std::size_t inputs) {
    struct shared {
        hocket::detail::basic_race<model_atomics> first;
        hocket::detail::basic_countdown<model_atomics> known{2}; // one for a winner, one for the end of the asking
        std::array<std::optional<sound_word>, 3> input;
        std::array<node, 3> nodes;
        std::array<var<int>, 3> value;
        std::array<atomic<int>, 3> told;
        sound_word result{false, 1};
        var<int> winner;
        var<int> chosen;
        shared() {
            for (auto& w : input) w.emplace(false, 2u);
        }
        void ready(std::size_t i) {
            told[i].fetch_add(1, order::relaxed);
            if (!first.win()) return;
            winner.set(static_cast<int>(i));
            decided();
        }
        void decided() {
            if (!known.one_less()) return;
            chosen.set(value[static_cast<std::size_t>(winner.get())].get());
            (void)result.set(false);
        }
        void drop(std::size_t i) {
            if (input[i]->release()) input[i].reset();
        }
    };
    auto& s = e.make<shared>();
    for (std::size_t i = 0; i < inputs; ++i)
        e.thread("input", [&s, i] {
            s.value[i].set(static_cast<int>(i) + 1);
            if (s.input[i]->set(false) != nullptr) s.ready(i);
            s.drop(i);
        });
    e.thread("asks", [&s, inputs] {
        for (std::size_t i = 0; i < inputs; ++i)
            if (!s.input[i]->add(s.nodes[i])) s.ready(i);
        s.decided();
        if (s.result.watch()) s.result.sleep();
        require(s.chosen.get() >= 1, "the value of an input that is ready");
        for (std::size_t i = 0; i < inputs; ++i) s.drop(i);
    });
    e.finally([&s, inputs] {
        for (std::size_t i = 0; i < inputs; ++i) require(s.told[i].load() == 1, "each input tells once");
        require(s.chosen.get() == s.winner.get() + 1, "the winner's value");
    });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.spurious_wakes = 1;
    unreliable.weak_failures = 1;
    using word = sound_word;
    return {
        {"set against then, all schedules", {}, [](execution& e) { set_against_then<word>(e, 1); }},
        {"set against two thens", bounded(3), [](execution& e) { set_against_then<word>(e, 2); }},
        {"who sets looks at the list", bounded(3), looks_at_the_list},
        {"set against a wait, all schedules", {}, [](execution& e) { set_against_wait<word>(e, 1, 0); }},
        {"set against two waits", bounded(3), [](execution& e) { set_against_wait<word>(e, 2, 0); }},
        {"set against a wait that gives up, all schedules", {}, [](execution& e) { set_against_wait<word>(e, 0, 1); }},
        {"set against a wait and one that gives up", bounded(3), [](execution& e) { set_against_wait<word>(e, 1, 1); }},
        {"set against a wait and a then", bounded(3), set_against_wait_and_then<word>},
        {"spurious failures and returns", unreliable, set_against_wait_and_then<word>},
        {"two begin, all schedules", {}, two_begin<word>},
        {"offered late, all schedules", {}, offered_late<word>},
        {"an error", bounded(3), fails},
        {"kept against ended", bounded(3), [](execution& e) { kept_against_ended(e, false); }},
        {"kept against ended, with a sleeper", bounded(3), [](execution& e) { kept_against_ended(e, true); }},
        {"the last of three references", {}, last_of_three_references},
        {"two of three references", {}, two_of_three_references},
        {"a countdown against its end, all schedules", {}, countdown_against_end},
        {"a loan against taking, all schedules", {}, loan_against_taking},
        {"a loan against a wait, all schedules", {}, loan_against_wait},
        {"all of two", bounded(3), all_of_two},
        {"any of two", bounded(3), [](execution& e) { any_of_several(e, 2); }},
        {"any of three", bounded(1), [](execution& e) { any_of_several(e, 3); }}};
}

TEST(future_state, is_told_waited_for_begun_and_dropped_once) { model::expect_all_pass(suite()); }

TEST(future_state, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "future_word.hpp")));
}

template<flaw mistake, class Scenario>
void expect_caught(Scenario scenario) {
    SCOPED_TRACE(static_cast<int>(mistake));
    EXPECT_TRUE(model::explore(bounded(3), scenario).failed);
}

TEST(future_state, wrong_variants_are_caught) {
    expect_caught<flaw::set_is_load_and_store>(
        [](execution& e) { set_against_then<wrong_word<flaw::set_is_load_and_store>>(e, 1); });
    expect_caught<flaw::set_is_load_and_store>(
        [](execution& e) { set_against_wait<wrong_word<flaw::set_is_load_and_store>>(e, 1, 0); });
    expect_caught<flaw::add_does_not_look_again>(
        [](execution& e) { set_against_then<wrong_word<flaw::add_does_not_look_again>>(e, 1); });
    expect_caught<flaw::add_does_not_look_again>(
        [](execution& e) { set_against_wait_and_then<wrong_word<flaw::add_does_not_look_again>>(e); });
    expect_caught<flaw::begin_is_load_and_store>(two_begin<wrong_word<flaw::begin_is_load_and_store>>);
    expect_caught<flaw::release_looks_twice>(
        [](execution& e) { set_against_then<wrong_word<flaw::release_looks_twice>>(e, 1); });
    expect_caught<flaw::watch_is_store>(
        [](execution& e) { set_against_wait<wrong_word<flaw::watch_is_store>>(e, 1, 0); });
    expect_caught<flaw::watch_is_store>(set_against_wait_and_then<wrong_word<flaw::watch_is_store>>);
}

} // namespace
