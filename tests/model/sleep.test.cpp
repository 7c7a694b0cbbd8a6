// SPDX-License-Identifier: MIT
// Model-checks sched/sleep.hpp: no wake-up is lost between threads that publish work and threads that search, park,
// release their core, or are external. The threads around the idle set are those of sched/scheduler.hpp and
// search/search.hpp, written as small as possible. A source of work is one atomic word per task, or the real local
// deque, injector and mailbox.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/queue/injector.hpp>
#include <hocket/queue/local_deque.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
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

using idle_set = hocket::detail::basic_idle_set<model_atomics>;
using parker = hocket::detail::basic_parker<model_atomics>;

constexpr idle_bit spare = idle_set::no_bit;

/// The reaction of a thread that may not stay awake when it sees work, or the end of the pool, after it has parked.
enum class last_look { passes_on, ignores_work, ignores_stop };

/// Parks a worker. Returns true when it has to sleep now.
template<class Sees, class Wakes>
bool park_in(idle_set& set, parker& own, idle_bit me, const Sees& sees_work, const Wakes& wake_searchers) {
    own.reset();
    set.park(me);
    if (!sees_work()) return true;
    if (set.cancel_park(me)) return false;
    wake_searchers();
    return true;
}

/// The life of a worker, which begins asleep unless it `searches`: runs what it finds until `park` makes it sleep.
template<class Runs, class Parks>
void live(parker& own, bool searches, const Runs& run_all, const Parks& park) {
    if (!searches) own.sleep();
    for (;; own.sleep()) {
        do {
            run_all();
        } while (!park());
    }
}

struct pool {
    static constexpr std::size_t tasks = 2;

    idle_set idle;
    std::array<parker, 3> worker_parkers;
    parker spare_parker;
    std::array<atomic<int>, tasks> published; // 0: not yet, 1: published, 2: taken
    std::array<var<int>, tasks> payload;
    std::array<var<int>, 4> worker_slots; // plain data of the worker slots, and of the compensation thread's
    atomic<std::uint32_t> recalled{0, "recalled"}, stopping{0, "stopping"};
    atomic<std::uint32_t> spare_is_free{0, "spare is free"}; // for the list of free worker slots and its mutex
    std::array<int, tasks> taken{};
    last_look how = last_look::passes_on;
    bool tree = false; // a woken thread wakes others although it was not the last searcher

    explicit pool(std::uint64_t parked, int searching, bool spare_sleeps = false)
        : spare_is_free(spare_sleeps ? 1 : 0, "spare is free") {
        idle.start_parked(parked);
        for (int i = 0; i < searching; ++i) idle.begin_search();
    }

    void use_context(idle_bit bit) {
        var<int>& slot = worker_slots[bit == spare ? 3 : bit];
        slot.set(slot.get() + 1);
    }
    parker& parker_of(idle_bit bit) { return bit == spare ? spare_parker : worker_parkers[bit]; }

    // Operations of publishers.

    void publish(std::size_t task) {
        payload[task].set(1);
        published[task].store(1, order::release);
        idle_set::publication_fence();
        const idle_set::view now = idle.look();
        if (now.searching() >= 1 || (now.parked_workers() == 0 && now.released() == 0)) return;
        wake_searchers();
    }
    void wake_searchers(std::uint64_t enough = 1) {
        bool compensation_wanted = false;
        if (idle.look().searching() >= enough) return;
        if (const std::optional<idle_bit> bit = idle.claim_sleeper(enough, idle_set::no_worker, compensation_wanted))
            parker_of(*bit).wake();
        else if (compensation_wanted)
            start_compensation();
    }
    void start_compensation() {
        std::uint32_t is_free = 1;
        if (!spare_is_free.compare_exchange_strong(is_free, 0, order::acquire, order::relaxed)) return;
        if (idle.claim_released_core())
            spare_parker.wake();
        else
            spare_is_free.store(1, order::release);
    }
    bool work_visible() const {
        for (const auto& p : published)
            if (p.load(order::relaxed) == 1) return true;
        return false;
    }

    // Operations of threads of the pool.

    bool run_something() {
        for (std::size_t t = 0; t < tasks; ++t) {
            int there = 1;
            if (published[t].load(order::relaxed) != 1) continue;
            if (!published[t].compare_exchange_strong(there, 2, order::acquire, order::relaxed)) continue;
            const bool was_last = idle.end_search();
            if (was_last || tree) {
                model_atomics::full_fence();
                if (work_visible()) wake_searchers(tree ? 2 : 1);
            }
            require(payload[t].get() == 1, "the payload is there");
            ++taken[t];
            idle.begin_search();
            return true;
        }
        return false;
    }
    bool take_core_request() {
        std::uint32_t n = recalled.load(order::relaxed);
        while (n != 0)
            if (recalled.compare_exchange_weak(n, n - 1, order::relaxed)) return true;
        return false;
    }
    /// Returns true when the thread has to sleep now.
    bool park(idle_bit bit) {
        parker_of(bit).reset();
        idle.park(bit);
        const bool stop = stopping.load(order::relaxed) != 0;
        if (stop && how != last_look::ignores_stop) return !idle.cancel_park(bit);
        if (!stop && !work_visible()) return true;
        if (idle.cancel_park(bit)) return false;
        if (how != last_look::ignores_work) wake_searchers();
        return true;
    }
    void park_compensation(bool give_core_back) {
        spare_parker.reset();
        spare_is_free.store(1, order::release);
        idle.leave_search(give_core_back);
        if (stopping.load(order::relaxed) != 0) {
            if (how != last_look::ignores_stop) spare_parker.wake();
        } else if (work_visible() && how != last_look::ignores_work) {
            wake_searchers();
        }
    }
    /// Returns false when the pool ends.
    bool search_until_idle(idle_bit bit) {
        for (;;) {
            use_context(bit);
            if (bit == spare && (how == last_look::ignores_stop || stopping.load(order::relaxed) == 0) &&
                take_core_request()) {
                park_compensation(false);
                return true;
            }
            if (run_something()) continue;
            if (stopping.load(order::relaxed) != 0) return false;
            if (bit == spare) {
                park_compensation(true);
                return true;
            }
            if (park(bit)) return true;
        }
    }
    void life(idle_bit bit, bool searches_at_first) {
        if (searches_at_first && !search_until_idle(bit)) return;
        for (;;) {
            parker_of(bit).sleep();
            if (!search_until_idle(bit)) return;
        }
    }

    void check(std::size_t expected) const {
        for (std::size_t t = 0; t < expected; ++t)
            require(taken[t] == 1, "each task is taken once, and none lies there");
        const idle_set::view end = idle.look();
        require(end.searching() == 0, "those who are counted as searching are awake");
    }
};

void add_thread(execution& e, pool& p, idle_bit bit, bool searches) {
    e.thread(bit == spare ? "spare" : "worker " + std::to_string(bit), [&p, bit, searches] { p.life(bit, searches); });
}

/// Runs `searching` awake workers, `parked` sleeping workers, and publishers of one task each.
void publish_and_park(execution& e, idle_bit searching, idle_bit parked, std::size_t publishers) {
    auto& p = e.make<pool>(((std::uint64_t{1} << parked) - 1) << searching, static_cast<int>(searching));
    for (std::size_t i = 0; i < publishers; ++i) e.thread("publisher", [&p, i] { p.publish(i); });
    for (idle_bit b = 0; b < searching + parked; ++b) add_thread(e, p, b, b < searching);
    e.finally([&p, publishers] { p.check(publishers); });
}

/// Runs one publisher with two tasks in a row.
void two_tasks(execution& e, idle_bit searching, idle_bit parked, bool tree = false) {
    auto& p = e.make<pool>(((std::uint64_t{1} << parked) - 1) << searching, static_cast<int>(searching));
    p.tree = tree;
    e.thread("publisher", [&p] {
        p.publish(0);
        p.publish(1);
    });
    for (idle_bit b = 0; b < searching + parked; ++b) add_thread(e, p, b, b < searching);
    e.finally([&p] { p.check(2); });
}

void guest_uses(pool& p, idle_bit preferred, std::optional<std::size_t> publishes = {}) {
    const std::optional<idle_bit> bit = p.idle.occupy(preferred);
    if (!bit) return;
    p.use_context(*bit);
    if (publishes) p.publish(*publishes);
    const idle_set::view before = p.idle.vacate(*bit);
    if (before.parked_workers() == 0 && before.searching() == 0 && p.work_visible()) p.wake_searchers();
}

/// Lets an external thread use a sleeping worker's slot while another thread publishes: in between no thread can be
/// woken.
void guest_comes_and_goes(execution& e, bool guest_publishes) {
    auto& p = e.make<pool>(std::uint64_t{1}, 0);
    e.thread("guest", [&p, guest_publishes] {
        guest_uses(p, 0, guest_publishes ? std::optional<std::size_t>(1) : std::nullopt);
    });
    e.thread("publisher", [&p] { p.publish(0); });
    add_thread(e, p, 0, false);
    e.finally([&p, guest_publishes] {
        const bool entered = guest_publishes && p.published[1].load(order::relaxed) != 0;
        p.check(entered ? 2 : 1);
    });
}

/// Lets two external threads use one worker slot.
void guests_in_turn(execution& e) {
    auto& p = e.make<pool>(std::uint64_t{1}, 0);
    for (int g = 0; g < 2; ++g) e.thread("guest", [&p] { guest_uses(p, 0); });
}

/// Lets an external thread take the slot of the last searcher just when the searcher parks, while another worker
/// sleeps.
void guest_takes_a_searchers_place(execution& e, last_look how) {
    auto& p = e.make<pool>(std::uint64_t{0b10}, 1);
    p.how = how;
    e.thread("guest", [&p] { guest_uses(p, 0); });
    e.thread("publisher", [&p] { p.publish(0); });
    add_thread(e, p, 0, true);
    add_thread(e, p, 1, false);
    e.finally([&p] { p.check(1); });
}

/// Lets a waiting worker release its core to a compensation thread.
void lend(execution& e) {
    auto& p = e.make<pool>(std::uint64_t{0}, 0, true);
    e.thread("waiting", [&p] {
        p.idle.release_core();
        if (p.work_visible()) p.wake_searchers();
    });
    e.thread("publisher", [&p] { p.publish(0); });
    add_thread(e, p, spare, false);
    e.finally([&p] { p.check(1); });
}

/// Lets the worker take the core back, before or after the compensation thread used it.
void lend_and_return(execution& e) {
    auto& p = e.make<pool>(std::uint64_t{0b10}, 0, true);
    e.thread("waiting", [&p] {
        p.idle.release_core();
        if (p.work_visible()) p.wake_searchers();
        if (!p.idle.reacquire_core()) p.recalled.fetch_add(1, order::relaxed);
    });
    e.thread("publisher", [&p] { p.publish(0); });
    add_thread(e, p, spare, false);
    add_thread(e, p, 1, false);
    e.finally([&p] { p.check(1); });
}

/// Lets a compensation thread search on a core whose worker comes back, while a thread publishes and another worker
/// sleeps.
void spare_is_recalled(execution& e, last_look how) {
    auto& p = e.make<pool>(std::uint64_t{0b10}, 1);
    p.how = how;
    e.thread("returning", [&p] {
        if (!p.idle.reacquire_core()) p.recalled.fetch_add(1, order::relaxed);
    });
    e.thread("publisher", [&p] { p.publish(0); });
    add_thread(e, p, spare, true);
    add_thread(e, p, 1, false);
    e.finally([&p] { p.check(1); });
}

/// Ends the pool while a worker reacquires its core from a compensation thread: every thread has to notice.
void pool_ends(execution& e, last_look how) {
    auto& p = e.make<pool>(std::uint64_t{0}, 1);
    p.how = how;
    e.thread("destructor", [&p] {
        if (!p.idle.reacquire_core()) p.recalled.fetch_add(1, order::relaxed);
        p.stopping.store(1, order::relaxed);
        model_atomics::full_fence();
        p.spare_parker.wake();
    });
    add_thread(e, p, spare, true);
}

// A model with the real queues: two workers, each with a local deque and a mailbox, and an injector.

struct item {
    item* next = nullptr;
    void const* scope = nullptr;
    var<int> payload;
};

struct queues {
    static constexpr std::size_t tasks = 2;
    static constexpr std::size_t workers = 2;

    idle_set idle;
    std::array<parker, workers> parkers;
    std::array<hocket::detail::basic_local_deque<model_atomics, item, 2>, workers> deques;
    std::array<hocket::detail::basic_injector<model_atomics, item>, workers> mailbox;
    hocket::detail::basic_injector<model_atomics, item> injector;
    std::array<item, tasks> items;
    std::array<int, tasks> taken{};
    std::array<var<int>, workers> worker_slots;
    bool fenced = true;                            // a fence between a publication and the look at the sleepers
    atomic<std::uint32_t> presence{0, "presence"}; // of the holder of slot 0. 0: here, 1: away, else 2 + worker

    queues(std::uint64_t parked, int searching) {
        idle.start_parked(parked);
        for (int i = 0; i < searching; ++i) idle.begin_search();
    }

    void ran(item* it) {
        const auto i = static_cast<std::size_t>(it - items.data());
        require(it->payload.get() == 1, "the payload is there");
        ++taken[i];
    }
    item& made(std::size_t i) {
        items[i].payload.set(1);
        return items[i];
    }

    // Operations of publishers.

    void fence_after_update() {
        if (fenced) idle_set::publication_fence_after_update();
    }
    void announce_update() {
        fence_after_update();
        const idle_set::view now = idle.look();
        if (now.searching() != 0 || now.parked_workers() == 0) return;
        wake_searchers();
    }
    void wake_searchers() {
        bool compensation_wanted = false;
        if (idle.look().searching() >= 1) return;
        if (const std::optional<idle_bit> bit = idle.claim_sleeper(1, idle_set::no_worker, compensation_wanted))
            parkers[*bit].wake();
    }
    void announce_mailbox(idle_bit target) {
        fence_after_update();
        if (idle.claim(target))
            parkers[target].wake();
        else if (target == 0 && has_orphaned_mailbox())
            wake_searchers();
    }
    bool has_orphaned_mailbox() const { return presence.load(order::relaxed) == 1 && !mailbox[0].empty(); }
    bool work_visible() const {
        if (!injector.empty() || has_orphaned_mailbox()) return true;
        for (const auto& deque : deques)
            if (!deque.empty()) return true;
        return false;
    }
    /// Stops the search of the thread, which has found work.
    void found_work() {
        if (!idle.end_search()) return;
        model_atomics::full_fence();
        if (work_visible()) wake_searchers();
    }

    // Operations of workers.

    bool run_something(idle_bit me) {
        item* it = nullptr;
        std::uint32_t nobody = 1;
        const bool stands_in =
            has_orphaned_mailbox() && presence.compare_exchange_strong(nobody, 2 + me, order::relaxed);
        if (stands_in && mailbox[0].take(&it, 1) == 0) it = nullptr;
        std::uint32_t mine = 2 + me;
        if (stands_in) (void)presence.compare_exchange_strong(mine, 1, order::relaxed);
        if (it == nullptr && mailbox[me].take(&it, 1) == 0) it = deques[me].pop(1);
        if (it == nullptr && injector.take(&it, 1) == 0) deques[1 - me].steal(&it, 1);
        if (it == nullptr) return false;
        found_work();
        ran(it);
        idle.begin_search();
        return true;
    }
    void life(idle_bit me, bool searches) {
        const auto run_all = [&] {
            worker_slots[me].set(worker_slots[me].get() + 1);
            while (run_something(me)) {
            }
            model_atomics::pause(); // another thread may be inside the injector
        };
        const auto sees_work = [&] { return work_visible() || !mailbox[me].empty(); };
        live(parkers[me], searches, run_all,
             [&] { return park_in(idle, parkers[me], me, sees_work, [&] { wake_searchers(); }); });
    }
    /// Searches and takes up to `most` items from where `from` says. Keeps all but the first in its deque, and runs the
    /// first for ever.
    template<class Source>
    void takes_a_batch(idle_bit me, Source& source, std::uint32_t most) {
        std::array<item*, tasks> out{};
        std::uint32_t count = 0;
        if constexpr (requires { source.steal(out.data(), most); })
            count = source.steal(out.data(), most);
        else
            count = source.take(out.data(), most);
        for (std::uint32_t i = count; i > 1; --i) require(deques[me].push(*out[i - 1]), "there is room");
        if (count != 0) {
            found_work();
            ran(out[0]);
            return;
        }
        life(me, true);
    }

    void check(std::size_t expected) const {
        for (std::size_t t = 0; t < expected; ++t)
            require(taken[t] == 1, "each task is taken once, and none lies there");
    }
};

void add_worker(execution& e, queues& q, idle_bit bit, bool searches) {
    e.thread("worker " + std::to_string(bit), [&q, bit, searches] { q.life(bit, searches); });
}

/// Pushes one or two items into the injector from an external thread.
void into_the_injector(execution& e, bool searches, bool list, bool fenced = true) {
    auto& q = e.make<queues>(searches ? 0u : 1u, searches ? 1 : 0);
    q.fenced = fenced;
    e.thread("publisher", [&q, list] {
        q.made(0);
        if (list) q.items[0].next = &q.made(1);
        q.injector.push(q.items[0], q.items[list ? 1 : 0]);
        q.announce_update();
    });
    add_worker(e, q, 0, searches);
    e.finally([&q, list] { q.check(list ? 2 : 1); });
}

/// Pushes into the local deque from a thread of the pool, which then runs something else for ever.
void into_a_deque(execution& e, bool searches, bool fenced = true) {
    auto& q = e.make<queues>(searches ? 0u : 1u, searches ? 1 : 0);
    q.fenced = fenced;
    e.thread("holder", [&q] {
        require(q.deques[1].push(q.made(0)), "there is room");
        q.announce_update();
    });
    add_worker(e, q, 0, searches);
    e.finally([&q] { q.check(1); });
}

/// Takes back the pushed item, finds that it may not run it, and pushes it again. `says_so`: announces the item again.
void into_a_deque_and_back(execution& e, bool says_so) {
    auto& q = e.make<queues>(0u, 1);
    e.thread("holder", [&q, says_so] {
        require(q.deques[1].push(q.made(0)), "there is room");
        q.announce_update();
        item* const it = q.deques[1].pop(1);
        if (it == nullptr) return;
        require(q.deques[1].push(*it), "there is room");
        if (says_so) q.announce_update();
    });
    add_worker(e, q, 0, true);
    e.finally([&q] { q.check(1); });
}

/// Runs two searchers. One takes two items and keeps the second where only threads look that have not parked yet.
void batch_from_the_injector(execution& e, bool other_searches) {
    auto& q = e.make<queues>(other_searches ? 0u : 2u, other_searches ? 2 : 1);
    q.items[0].next = &q.made(1);
    q.injector.push(q.made(0), q.items[1]);
    e.thread("takes two", [&q] { q.takes_a_batch(0, q.injector, 2); });
    add_worker(e, q, 1, other_searches);
    e.finally([&q] { q.check(2); });
}

/// Sends mail to a worker that searches, or sleeps, while another worker searches.
void mailbox(execution& e, bool target_searches, bool fenced = true) {
    auto& q = e.make<queues>(target_searches ? 0u : 1u, target_searches ? 1 : 0);
    q.fenced = fenced;
    e.thread("sender", [&q] {
        q.mailbox[0].push(q.made(0));
        q.announce_mailbox(0);
    });
    add_worker(e, q, 0, target_searches);
    e.finally([&q] { q.check(1); });
}

/// Sends mail to a worker while another thread wakes the same worker for other work.
void mailbox_and_work(execution& e) {
    auto& q = e.make<queues>(1u, 0);
    e.thread("sender", [&q] {
        q.mailbox[0].push(q.made(0));
        q.announce_mailbox(0);
    });
    e.thread("publisher", [&q] {
        q.injector.push(q.made(1));
        q.announce_update();
    });
    add_worker(e, q, 0, false);
    e.finally([&q] { q.check(2); });
}

/// Sends mail to a worker while an external thread uses its slot. `looks`: the external thread looks for mail before it
/// goes.
void mailbox_beside_an_external_caller(execution& e, bool looks) {
    auto& q = e.make<queues>(1u, 0);
    e.thread("guest", [&q, looks] {
        const std::optional<idle_bit> bit = q.idle.occupy(0);
        if (!bit) return;
        q.worker_slots[0].set(q.worker_slots[0].get() + 1);
        const idle_set::view before = q.idle.vacate(0);
        if (before.parked_workers() == 0 && before.searching() == 0 && q.work_visible()) q.wake_searchers();
        if (looks && !q.mailbox[0].empty()) q.announce_mailbox(0);
    });
    e.thread("sender", [&q] {
        q.mailbox[0].push(q.made(0));
        q.announce_mailbox(0);
    });
    add_worker(e, q, 0, false);
    e.finally([&q] { q.check(1); });
}

/// Sends mail to a worker while an external thread in its slot sleeps. `looks`: before it sleeps it looks for work, and
/// so for mail.
void mail_to_a_sleeping_guest(execution& e, bool other_searches, bool looks) {
    auto& q = e.make<queues>(other_searches ? 0u : 0b10u, other_searches ? 1 : 0);
    e.thread("guest", [&q, looks] {
        q.presence.store(1, order::relaxed);
        q.idle.release_core();
        if (looks && q.work_visible()) q.wake_searchers();
    });
    e.thread("sender", [&q] {
        q.mailbox[0].push(q.made(0));
        q.announce_mailbox(0);
    });
    add_worker(e, q, 1, other_searches);
    e.finally([&q] { q.check(1); });
}

// A model with two idle sets. The publisher belongs to the first, whose workers are busy; the second has two workers.

struct two_sets {
    idle_set::offer_count offering{0, "offering"};
    std::array<idle_set, 2> sets;
    std::array<parker, 2> parkers;
    atomic<int> published{0, "published"}; // 0: not yet, 1: published, 2: taken
    int taken = 0;

    two_sets(std::uint64_t parked, int searching) {
        sets[0].start_parked(0, &offering);
        sets[1].start_parked(parked, &offering);
        for (int i = 0; i < searching; ++i) sets[1].begin_search();
    }

    void publish() {
        published.store(1, order::release);
        idle_set::publication_fence();
        const idle_set::view now = sets[0].look();
        if (now.parked_workers() == 0 && now.released() == 0 && offering.load(order::relaxed) == 0) return;
        wake_searchers();
    }
    void wake_searchers() {
        for (idle_set& set : sets) {
            bool compensation_wanted = false;
            if (set.look().searching() >= 1) return;
            const auto bit = set.claim_sleeper(1, idle_set::no_worker, compensation_wanted);
            if (bit) return parkers[*bit].wake();
        }
    }
    bool work_visible() const { return published.load(order::relaxed) == 1; }

    bool run_something() {
        int there = 1;
        if (!work_visible() || !published.compare_exchange_strong(there, 2, order::acquire, order::relaxed))
            return false;
        ++taken;
        return true;
    }
    void life(idle_bit me, bool searches) {
        const auto run_all = [&] {
            while (run_something()) {
            }
        };
        live(parkers[me], searches, run_all, [&] {
            return park_in(
                sets[1], parkers[me], me, [&] { return work_visible(); }, [&] { wake_searchers(); });
        });
    }
    void check() const {
        require(taken == 1, "each task is taken once, and none lies there");
        const std::uint32_t with_offers = sets[1].look().parked_workers() != 0;
        require(offering.load(order::relaxed) == with_offers, "the sets that offer a core are counted");
    }
};

/// Runs a publisher of the first set beside the workers of the second.
void publish_to_another_set(execution& e, idle_bit searching, idle_bit parked) {
    auto& s = e.make<two_sets>(((std::uint64_t{1} << parked) - 1) << searching, static_cast<int>(searching));
    e.thread("publisher", [&s] { s.publish(); });
    for (idle_bit b = 0; b < searching + parked; ++b)
        e.thread("worker " + std::to_string(b), [&s, b, searching] { s.life(b, b < searching); });
    e.finally([&s] { s.check(); });
}

/// Lets an external caller leave the second set, in which the other worker searches. `looks`: it looks for work because
/// the set offers a core from now on.
void guest_leaves_another_set(execution& e, bool looks) {
    auto& s = e.make<two_sets>(std::uint64_t{0}, 1);
    e.thread("guest", [&s, looks] {
        const idle_set::view before = s.sets[1].vacate(1);
        if (before.parked_workers() == 0 && (before.searching() == 0 || looks) && s.work_visible()) s.wake_searchers();
    });
    e.thread("publisher", [&s] { s.publish(); });
    for (const idle_bit b : {0u, 1u}) e.thread("worker " + std::to_string(b), [&s, b] { s.life(b, b == 0); });
    e.finally([&s] { s.check(); });
}

model::options parking(int preemptions) {
    auto o = bounded(preemptions);
    o.allow_parked = true;
    return o;
}

/// Looks, as the destructor of a pool, for a parked thread: what that thread did before is visible.
void quiet_pool_is_seen(execution& e) {
    struct world {
        idle_set idle;
        model::var<int> written{0};
    };
    auto& w = e.make<world>();
    w.idle.begin_search();
    e.thread("worker", [&w] {
        w.written.set(1);
        w.idle.park(0);
    });
    e.thread("destructor", [&w] {
        if ((w.idle.look_at_parked().parked_workers() & 1) != 0)
            require(w.written.get() == 1, "what the parked thread did is visible");
    });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = parking(2);
    unreliable.spurious_wakes = 1;
    unreliable.weak_failures = 1;
    return {
        {"quiet", parking(3), quiet_pool_is_seen},
        {"one searcher", parking(3), [](execution& e) { publish_and_park(e, 1, 0, 1); }},
        {"one sleeper", parking(3), [](execution& e) { publish_and_park(e, 0, 1, 1); }},
        {"two tasks, one searcher, one sleeper", parking(2), [](execution& e) { two_tasks(e, 1, 1); }},
        {"two tasks, two sleepers", parking(2), [](execution& e) { two_tasks(e, 0, 2); }},
        {"two tasks, two sleepers, a tree of wake-ups", parking(1), [](execution& e) { two_tasks(e, 0, 2, true); }},
        {"two publishers, one searcher", parking(2), [](execution& e) { publish_and_park(e, 1, 0, 2); }},
        {"two publishers, two sleepers", parking(1), [](execution& e) { publish_and_park(e, 0, 2, 2); }},
        {"a guest comes and goes", parking(2), [](execution& e) { guest_comes_and_goes(e, false); }},
        {"a guest publishes", parking(2), [](execution& e) { guest_comes_and_goes(e, true); }},
        {"guests in turn", {}, guests_in_turn},
        {"a guest takes a searcher's place", parking(1),
         [](execution& e) { guest_takes_a_searchers_place(e, last_look::passes_on); }},
        {"lends its core", parking(3), lend},
        {"lends its core and takes it back", parking(1), lend_and_return},
        {"a spare is recalled", parking(1), [](execution& e) { spare_is_recalled(e, last_look::passes_on); }},
        {"into the injector of a searcher", parking(3), [](execution& e) { into_the_injector(e, true, false); }},
        {"into the injector of a sleeper", parking(3), [](execution& e) { into_the_injector(e, false, false); }},
        {"a list into the injector", parking(2), [](execution& e) { into_the_injector(e, true, true); }},
        {"into a local deque, one searches", parking(3), [](execution& e) { into_a_deque(e, true); }},
        {"into a local deque, one sleeps", parking(3), [](execution& e) { into_a_deque(e, false); }},
        {"into a local deque and back", parking(2), [](execution& e) { into_a_deque_and_back(e, true); }},
        {"a batch, another one searches", parking(2), [](execution& e) { batch_from_the_injector(e, true); }},
        {"a batch, another one sleeps", parking(2), [](execution& e) { batch_from_the_injector(e, false); }},
        {"mailbox to one who searches", parking(3), [](execution& e) { mailbox(e, true); }},
        {"mailbox to one who sleeps", parking(3), [](execution& e) { mailbox(e, false); }},
        {"mailbox and work", parking(1), mailbox_and_work},
        {"mailbox beside an external caller", parking(2),
         [](execution& e) { mailbox_beside_an_external_caller(e, true); }},
        {"mailbox to an external caller that sleeps, one searches", parking(1),
         [](execution& e) { mail_to_a_sleeping_guest(e, true, true); }},
        {"mailbox to an external caller that sleeps, one sleeps", parking(1),
         [](execution& e) { mail_to_a_sleeping_guest(e, false, true); }},
        {"into another set, two search", parking(2), [](execution& e) { publish_to_another_set(e, 2, 0); }},
        {"into another set, one searches, one sleeps", parking(2),
         [](execution& e) { publish_to_another_set(e, 1, 1); }},
        {"into another set, one sleeps", parking(3), [](execution& e) { publish_to_another_set(e, 0, 1); }},
        {"an external caller leaves another set", parking(1), [](execution& e) { guest_leaves_another_set(e, true); }},
        {"the pool ends", bounded(3), [](execution& e) { pool_ends(e, last_look::passes_on); }},
        {"spurious failures and returns", unreliable, [](execution& e) { publish_and_park(e, 1, 0, 1); }},
    };
}

TEST(sleep, no_wake_up_is_lost) { model::expect_all_pass(suite()); }

TEST(sleep, a_recalled_spare_has_to_pass_on_the_work_that_it_sees) {
    EXPECT_TRUE(model::fails_with(
        model::explore(parking(2), [](execution& e) { spare_is_recalled(e, last_look::ignores_work); }),
        "none lies there"));
}

TEST(sleep, a_searcher_whose_place_a_guest_took_has_to_pass_on_the_work_that_it_sees) {
    EXPECT_TRUE(model::fails_with(
        model::explore(parking(2), [](execution& e) { guest_takes_a_searchers_place(e, last_look::ignores_work); }),
        "none lies there"));
}

TEST(sleep, a_push_has_to_be_followed_by_a_fence) {
    const auto lost = "none lies there";
    EXPECT_TRUE(model::fails_with(
        model::explore(parking(2), [](execution& e) { into_the_injector(e, true, false, false); }), lost));
    EXPECT_TRUE(
        model::fails_with(model::explore(parking(2), [](execution& e) { into_a_deque(e, true, false); }), lost));
    EXPECT_TRUE(model::fails_with(model::explore(parking(2), [](execution& e) { mailbox(e, true, false); }), lost));
}

TEST(sleep, what_a_wait_has_hidden_for_a_moment_has_to_be_told_of) {
    EXPECT_TRUE(model::fails_with(model::explore(parking(2), [](execution& e) { into_a_deque_and_back(e, false); }),
                                  "none lies there"));
}

TEST(sleep, a_guest_that_leaves_has_to_look_for_mail) {
    EXPECT_TRUE(
        model::fails_with(model::explore(parking(2), [](execution& e) { mailbox_beside_an_external_caller(e, false); }),
                          "none lies there"));
}

TEST(sleep, a_guest_that_leaves_another_set_has_to_look_although_a_worker_searches) {
    EXPECT_TRUE(model::passes(model::explore(parking(2), [](execution& e) { guest_leaves_another_set(e, true); })));
    EXPECT_TRUE(model::fails_with(model::explore(parking(2), [](execution& e) { guest_leaves_another_set(e, false); }),
                                  "none lies there"));
}

TEST(sleep, who_leaves_its_place_has_to_look_for_mail) {
    EXPECT_TRUE(
        model::fails_with(model::explore(parking(2), [](execution& e) { mail_to_a_sleeping_guest(e, false, false); }),
                          "none lies there"));
}

TEST(sleep, a_recalled_spare_has_to_notice_the_end_of_the_pool) {
    EXPECT_TRUE(model::fails_with(
        model::explore(bounded(2), [](execution& e) { pool_ends(e, last_look::ignores_stop); }), "deadlock"));
}

TEST(sleep, every_weaker_order_is_caught) {
    const char* const fence = "the full fence behind it orders all that has to be ordered";
    const char* const nothing = "carries only which place is free, a hint that this model does not have";
    EXPECT_TRUE(model::all_killed(
        model::mutate_all(suite(), "sleep.hpp"),
        {{"end_search", "rmw acq_rel -> release", "fetch_sub", fence},
         {"park", "rmw acq_rel -> release", "fetch_add", fence},
         {"cancel_park", "cas acq_rel -> acquire", "word_", "nobody needs what a thread did that goes on searching"},
         {"claim_sleeper", "cas acq_rel -> acquire", "word_", "what the waker did comes with the token"},
         {"vacate", "rmw acq_rel -> release", "fetch_add", fence},
         {"release_core", "rmw acq_rel -> acquire", "fetch_add", fence},
         {"release_core", "rmw acq_rel -> release", "fetch_add", fence},
         {"claim_released_core", "cas acq_rel -> acquire", "word_", nothing},
         {"claim_released_core", "cas acq_rel -> release", "word_", nothing},
         {"leave_search", "rmw acq_rel -> acquire", "fetch_add", fence},
         {"leave_search", "rmw acq_rel -> release", "fetch_add", fence},
         {"reacquire_core", "cas acq_rel -> acquire", "word_", nothing},
         {"reacquire_core", "cas acq_rel -> release", "word_", nothing}}));
}

} // namespace
