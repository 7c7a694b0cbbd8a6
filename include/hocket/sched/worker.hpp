// SPDX-License-Identifier: MIT
// A context in which pool work runs, floor 3: a task stack, its public face, and the words on which its thread sleeps.
// Each worker thread, spare thread and guest holds one at a time. Only the holder is handed a `worker&` as "me"; what
// others may touch are the atomic members.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/ticks.hpp>
#include <hocket/machine/os_thread.hpp>
#include <hocket/queue/inbox.hpp>
#include <hocket/queue/lane.hpp>
#include <hocket/queue/task_slot.hpp>
#include <hocket/sched/latch.hpp>
#include <hocket/sched/loop_record.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/sched/zeroed_array.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hocket::detail {

class scheduler;
struct stop_link;
struct worker;

/// The hot words of a thread that is inside a pool; null in every other thread. They are separate variables because
/// a join then needs no register for the worker: the slot that the next push takes, the oldest slot that nobody else can
/// see, and the context.
inline constinit thread_local task_slot* task_top = nullptr;
inline constinit thread_local task_slot* task_split = nullptr;
inline constinit thread_local worker* this_context = nullptr;

/// Which slots of a context may be public, and how deep in its job the first of them lies. A hint for thieves: each slot's
/// own state decides.
struct public_window {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t depth;
};

/// Work that only the thread that has it can see, beside its stack and its lane.
struct hidden_work {
    void (*show)(hidden_work& self) noexcept; // makes it public
    hidden_work* outer = nullptr;             // what the same thread has further down its stack
};

struct worker {
    static constexpr std::size_t slots_per_stack = 8192;
    static constexpr std::size_t loop_levels = 8;
    static constexpr std::uint32_t window_size = 8; // public slots at a time
    static constexpr std::uint32_t short_reach = 64;
    static constexpr std::uint32_t long_reach = 4096; // before it sleeps

    /// Values of `attention` below any slot's address.
    static constexpr std::uintptr_t asked = 0; // a thief is hungry, or a job begins: visit at the next push
    static constexpr std::uintptr_t later = 1; // visit when the fuel is used up

    worker(scheduler& owner, std::uint32_t number, std::uint32_t its_rank, std::uint32_t its_domain, idle_bit its_bit)
        : sched(&owner),
          id(number),
          domain(its_domain),
          bit(its_bit),
          stack(slots_per_stack + 1),
          stops(slots_per_stack),
          rank(its_rank) {
        attention.store(end_of_stack(), std::memory_order_relaxed);
    }

    std::uintptr_t end_of_stack() const noexcept {
        return reinterpret_cast<std::uintptr_t>(stack.data() + slots_per_stack);
    }
    std::uint32_t height() const noexcept { return static_cast<std::uint32_t>(task_top - stack.data()); }

    public_window window() const noexcept {
        std::uint64_t const word = shown.load(std::memory_order_acquire); // <- worker.show
        return {static_cast<std::uint32_t>(word & 0xffff), static_cast<std::uint32_t>((word >> 16) & 0xffff),
                static_cast<std::uint32_t>(word >> 32)};
    }
    void show(std::uint32_t first, std::uint32_t last) noexcept {
        std::uint64_t const depth = base_depth + (first - base);
        shown.store(first | (std::uint64_t{last} << 16) | (depth << 32), std::memory_order_release); // worker.show ->
    }

    /// A hungry thief asks for work; the owner looks at its next push. Written only when it changes something.
    void ask() noexcept {
        if (attention.load(std::memory_order_relaxed) != asked) attention.store(asked, std::memory_order_relaxed);
    }

    /// The holder, as a thief: whether it is time to ask again.
    bool may_ask(ticks now) noexcept {
        if (now - asked_at < 2 * ticks_per_microsecond()) return false;
        asked_at = now;
        return true;
    }

    /// The holder, before it sleeps: all that it has not begun becomes public, since it will not hear when somebody asks.
    /// In wait.hpp.
    void publish_all() noexcept;

    /// The holder, while it waits: whether it is time to look into others' lanes again.
    bool may_steal(ticks now) noexcept {
        if (now < steal_after) return false;
        steal_after = now + ticks_per_microsecond();
        return true;
    }
    void steal_again() noexcept { steal_after = 0; }

    // Places. A worker's place is its rank, its core and its mail. While its holder sleeps in a wait, one other thread may
    // stand in for it.

    /// The holder sleeps in a wait; so somebody else may have its place, or that of the one it stands in for.
    void leave_place() noexcept {
        std::uint32_t expected = here;
        (void)presence.compare_exchange_strong(expected, away, std::memory_order_relaxed);
        if (stands_for != nullptr) give_up_place();
    }
    /// Anyone, when what the holder waits for has ended. Whoever stands in for it notices that it comes back before it begins
    /// another task.
    void wake_waiter() noexcept {
        presence.store(here, std::memory_order_relaxed);
        wait_parker.wake();
    }
    void return_to_place() noexcept {
        presence.store(here, std::memory_order_relaxed);
        if (stands_for != nullptr) (void)stand_in_for(*stands_for);
    }
    /// Whether nobody runs in the place that the holder has left.
    bool has_free_place() const noexcept {
        worker const& place = stands_for != nullptr ? *stands_for : *this;
        return seated && place.presence.load(std::memory_order_relaxed) == away;
    }
    /// The holder takes the place of `other`, if nobody has it.
    bool stand_in_for(worker& other) noexcept {
        std::uint32_t expected = away;
        if (!other.presence.compare_exchange_strong(expected, first_stand_in + id, std::memory_order_relaxed))
            return false;
        if (stands_for != nullptr && stands_for != &other) give_up_place();
        stands_for = &other;
        rank = other.id;
        return true;
    }
    bool stands_in() const noexcept {
        return stands_for != nullptr && stands_for->presence.load(std::memory_order_relaxed) == first_stand_in + id;
    }
    void give_up_place() noexcept {
        std::uint32_t expected = first_stand_in + id;
        (void)stands_for->presence.compare_exchange_strong(expected, away, std::memory_order_relaxed);
    }
    /// Whether there is mail in a place where nobody is. Exact after a full fence that follows the change of either.
    bool has_orphaned_mail() const noexcept {
        return presence.load(std::memory_order_relaxed) == away && !mail.empty();
    }

    /// The holder: the newest item of its lane, or null. All others stay public: this one may block, and what it waits for may be
    /// among them.
    work_item* pop_lane() noexcept { return lane.pop(1); }

    // What never changes.
    scheduler* const sched;
    std::uint32_t const id;     // among all contexts of the pool
    std::uint32_t const domain; // its idle set, and its place there
    idle_bit const bit;
    zeroed_array<task_slot> stack;        // zero is the word of an empty slot
    zeroed_array<stop_link const*> stops; // of each slot that is or was public: the operation it is a part of

    // Only the holder: in whose place it runs.
    std::uint32_t rank;           // of that worker: its stripe in loops
    worker* stands_for = nullptr; // that worker's context if it is another one
    unsigned times_lent = 0;      // its core, by scopes within each other

    // Only the holder: about publication.
    std::uint32_t lowest = 0;     // the first slot that may still be public
    std::uint32_t tokens = 0;     // publications in stock
    std::uint32_t fuel = 0;       // pushes until the next visit, while attention is `later`
    std::uint32_t base = 0;       // the stack's height when the job began
    std::uint32_t base_depth = 0; // the job's depth within its root
    std::uint32_t next_loop = 0;  // level of nesting of the next loop
    bool owes_wake = false;       // published while hushed
    ticks refilled = 0;           // when the tokens were counted
    ticks wake_after = 0;         // do not wake anybody for this job before then
    ticks regret = 0;             // spent lately on loops that a second thread would have shared, had it been awake
    ticks regret_since = 0;
    ticks asked_at = 0;                // when this thread, as a thief, last asked
    hidden_work* hidden = nullptr;     // innermost first
    std::uint64_t job = 0;             // the number of the job that runs
    std::uint64_t jobs = 0;            // how many have begun
    void const* tally_of = nullptr;    // the group that the holder waits for: its tasks are counted here when they end,
    std::int64_t tally = 0;            // and not in the latch that all threads share
    latch* batch_of = nullptr;         // of the group whose tasks this thread has run one after another:
    std::uint64_t batch = 0;           // how many, of which the latch does not know yet
    bool seated = true;                // counts among the pool's awake workers; an additional guest does not
    ticks steal_after = 0;             // while it waits: look into others' lanes then
    std::uint32_t reach = short_reach; // while it waits: how many items it looks at in search of its own
    loop_record loops[loop_levels];

    /// Work that was spawned on this context. The holder pushes and pops; everyone steals.
    hocket::detail::lane lane;
    /// Work that may run only in the place of this worker.
    inbox mail;

    // Only the scheduler, under its mutex.
    worker* next_owned = nullptr;
    worker* next_free = nullptr; // among the contexts that wait for a guest
    os_thread thread;

    /// Writers: thieves (asked), the holder. Reader: the holder at each push: a slot at or above it calls visit().
    alignas(cache_line) std::atomic<std::uintptr_t> attention{0};

    /// Writer: the holder. Readers: thieves. {depth:32 | last:16 | first:16} of the public window.
    alignas(cache_line) std::atomic<std::uint64_t> shown{0};
    /// Writer: the holder. Readers: searchers. How many of `loops` are open to helpers, outermost first.
    std::atomic<std::uint32_t> open_loops{0};
    /// Writers: the holder (here; away), whoever wakes it (here), stand-ins by a CAS (from away to their own, and back). Readers:
    /// searchers, senders of mail. Who is in this worker's place: the holder, nobody, or the context with the number that is
    /// left without `first_stand_in`. Relaxed: a stand-in takes nothing from it but the right to take mail, which the inbox
    /// orders.
    std::atomic<std::uint32_t> presence{here};
    static constexpr std::uint32_t here = 0;
    static constexpr std::uint32_t away = 1;
    static constexpr std::uint32_t first_stand_in = 2;

    /// On which the thread sleeps while it is parked; a token comes with each claim of its idle bit.
    alignas(cache_line) parker idle_parker;
    /// On which the holder sleeps while it waits for work of its own that others run.
    parker wait_parker;
};

/// Owns contexts.
struct worker_list {
    worker* first = nullptr;

    worker_list() = default;
    worker_list(worker_list const&) = delete;
    worker_list& operator=(worker_list const&) = delete;
    ~worker_list() {
        while (worker* const context = first) {
            first = context->next_owned;
            delete context;
        }
    }
};

} // namespace hocket::detail
