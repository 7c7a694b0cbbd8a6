// SPDX-License-Identifier: MIT
// A worker slot (`worker`): the task stack, the queues and the parkers that one thread at a time uses to run tasks of a
// pool. Each worker thread, compensation thread and external caller owns one slot at a time. Only the owner of a slot
// is handed a `worker&` as `me`. Other threads may touch only the atomic members.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/memory/zeroed_array.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/queue/injector.hpp>
#include <hocket/queue/local_deque.hpp>
#include <hocket/queue/loop_record.hpp>
#include <hocket/queue/task_slot.hpp>
#include <hocket/sched/activity.hpp>
#include <hocket/sched/kept_work.hpp>
#include <hocket/sched/latch.hpp>
#include <hocket/sched/publication_lock.hpp>
#include <hocket/sched/scope_marks.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/sched/steal_request.hpp>
#include <hocket/sched/stop_link.hpp>
#include <hocket/sched/worker_counts.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class scheduler;
struct worker;

/// What the watcher knows about a queue: see overdue.hpp.
struct overdue_look {
    std::uint32_t seen = 0;  // what had been taken at the last look; for shares: what was open
    std::uint32_t least = 0; // the least number of items while the oldest stayed
    std::uint32_t looks = 0; // how many looks in a row have found that
    /// Writers: the watcher (true), threads that take from the queue. Relaxed: a hint.
    atomic<bool> due{false};
};

/// The worker slot of a thread that is inside a pool; null in every other thread. `task_top` and `request_here` belong
/// to it.
inline constinit thread_local worker* this_slot = nullptr;
/// The pool that has started this thread; null in every other thread.
inline constinit thread_local scheduler const* pool_of_thread = nullptr;

/// Which slots of a task stack may be public, and how deep in its job the first of them lies. A hint for thieves: the
/// state of each slot decides.
struct public_window {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t depth;
};

/// An item in the queue of another copy of hocket. A thread of that copy then runs work in this worker slot.
struct hosted_turn : work_item {
    worker* slot = nullptr;
};

struct worker {
    static constexpr std::size_t slots_per_stack = 8192;
    static constexpr std::size_t loop_levels = 8;
    static constexpr std::uint32_t window_size = 8; // public slots at a time, unless more threads are idle
    static constexpr std::uint32_t short_reach = 64;
    static constexpr std::uint32_t long_reach = 4096; // the reach before a sleep

    worker(scheduler& owner, std::uint32_t number, std::uint32_t its_rank, std::uint32_t its_domain, idle_bit its_bit);

    std::uintptr_t end_of_stack() const noexcept {
        return reinterpret_cast<std::uintptr_t>(stack.data() + slots_per_stack);
    }
    std::uint32_t height() const noexcept {
        return static_cast<std::uint32_t>(task_top.load(std::memory_order_relaxed) - stack.data());
    }

    public_window window() const noexcept;
    void expose(std::uint32_t first, std::uint32_t last) noexcept {
        expose({first, last, base_depth + (first - base)});
    }
    void expose(public_window const& window) noexcept;

    /// Makes the calling thread the owner of this worker slot, with an empty task stack.
    void open_stack() noexcept;
    void open_requests(std::uintptr_t attention) noexcept;

    /// Called by a sender of urgent work, after the push and a full fence: makes the owner look for urgent work between
    /// two pieces of what it runs.
    void urge() noexcept;

    /// Called by any thread after something was stopped: makes the owner look at its next push or pop.
    void tell() noexcept;
    /// Called by the owner in that look: makes all stops visible that came before `tell`. A later `tell` makes the
    /// owner look again.
    void hear() noexcept {
        (void)request_here.attention.exchange(end_of_stack(), std::memory_order_acquire); // <- worker.tell
    }
    /// Makes the owner look again, unless a thief or a stop has asked for that since `hear`.
    void want(std::uintptr_t attention) noexcept;

    /// Sends a steal request: the owner looks at its next push or pop. Writes only when it changes something.
    void request_steal() noexcept;
    /// Sends a steal request for a thief that has found nothing. All thieves together send one per `ask_pause`.
    void request_steal_again(ticks now) noexcept;

    /// Called by the owner before it sleeps: makes all tasks public that the owner has not begun, since it does not see
    /// steal requests while it sleeps. Defined in wait.ipp.
    void publish_all() noexcept;

    /// Called by the owner while it waits: whether it is time to look into the local deques of other threads again.
    bool may_steal(ticks now) noexcept;
    void steal_again() noexcept { steal_after = 0; }

    // Places. The place of a worker is its rank, its core and its mailbox. While the owner sleeps in a wait, one other
    // thread may stand in: it runs work in that place.

    /// Called by the owner before it sleeps in a wait. Another thread may then stand in for it, or take the place in
    /// which the owner stands in.
    void leave_place() noexcept;
    /// Called by the owner while it stands in for another worker: until it stores `here`, others may stand in for it.
    void leave_own_place() noexcept;
    /// Called by any thread when the awaited work has finished. A stand-in notices it before it begins another task.
    void wake_waiter() noexcept;
    void return_to_place() noexcept;
    /// Whether no thread runs in the place that the owner has left.
    bool has_free_place() const noexcept;
    /// Makes the owner stand in for `other`, if no thread runs in that place.
    bool stand_in_for(worker& other) noexcept;
    /// Called by the owner: the worker slot in whose place it runs.
    worker& place() noexcept { return stands_in() ? *stands_for : *this; }
    bool stands_in() const noexcept {
        return stands_for != nullptr && stands_for->presence.load(std::memory_order_relaxed) == first_stand_in + id;
    }
    void give_up_place() noexcept;
    /// Whether there are items in the mailbox of a place in which no thread runs. Exact after a full fence that follows
    /// the change of either.
    bool has_orphaned_mailbox() const noexcept {
        return presence.load(std::memory_order_relaxed) == away && !mailbox.empty();
    }

    /// Called by the owner: takes the newest item of the local deque; null when there is none. All others stay public:
    /// this item may block, and what it waits for may be among the others.
    work_item* pop_deque() noexcept { return deque.pop(1); }

    // Constant.
    scheduler* const sched;
    std::uint32_t const id;     // among all worker slots of the pool
    std::uint32_t const domain; // the idle set, and the bit there (below)
    idle_bit const bit;
    zeroed_array<task_slot> stack; // zero is the word of an empty slot
    zeroed_array<stop_note> stops; // of each slot that is or was public: the operation to which the task belongs
    zeroed_array<fp_mode> modes;   // of each such slot: the floating-point mode of the owner

    // Used by the owner alone: in whose place it runs.
    std::uint32_t rank;           // of the worker whose place it is: the stripe in loops
    worker* stands_for = nullptr; // the worker slot of that worker if it is another one
    unsigned times_released = 0;  // nested scopes that have released its core

    // Used by the owner alone: publication.
    std::uint32_t lowest = 0;        // the first slot that may still be public
    std::uint32_t tokens = 0;        // publications in stock
    std::uint32_t grants = 0;        // publications in stock for idle threads
    std::uint32_t fuel = 0;          // pushes until the next look, while attention is `later`
    std::uint32_t base = 0;          // the stack's height when the job began
    std::uint32_t base_depth = 0;    // the job's depth within its root
    std::uint32_t next_loop = 0;     // level of nesting of the next loop
    bool owes_wake = false;          // published while hushed
    ticks refilled = 0;              // when the tokens were counted
    ticks wake_after = 0;            // wakes no worker for this job before this time
    ticks polled_at = 0;             // when the owner last looked at a token within joins
    std::uint32_t pushes_a_poll = 1; // joins from one look at a token to the next
    ticks regret = 0;                // spent lately on loops that a second awake thread would have shared
    ticks regret_since = 0;
    hidden_work* hidden = nullptr;     // innermost first
    std::uint64_t job = 0;             // the number of the current job
    std::uint64_t jobs = 0;            // how many jobs have begun
    void const* tally_of = nullptr;    // the group that the owner waits for: finished tasks of it are counted here,
    std::int64_t tally = 0;            // and not in the latch that all threads share
    latch* batch_of = nullptr;         // of the group whose tasks this thread has run one after another:
    std::uint64_t batch = 0;           // how many of them the latch does not know yet
    bool counts_as_awake = true;       // counts among the pool's awake workers; false for an additional external caller
    ticks steal_after = 0;             // while it waits: when to look into the local deques of other threads
    std::uint32_t reach = short_reach; // while it waits: how many items it looks at in search of its own
    ticks helps_until = 0;             // helps with loops until this time, unless urgent work waits; then looks around
    bool prefers_items = false;        // has left a loop for items that wait
    ticks gives_way_after = 0;         // does not leave its core to urgent work before this time
    std::uint32_t beside_overdue = 0;  // pieces that it has run since something was overdue
    ticks beside_since = 0;            // the time of the first of them
    hosted_turn turn;                  // in a pool without threads of its own
    void* host_core = nullptr;         // the host's record of the core that the owner has released
    loop_record loops[loop_levels];

    /// The local deque: items that the owner has spawned. The owner pushes and pops; all other threads steal.
    hocket::detail::deque deque;
    /// The batch: items that the owner has taken from the injector or from another worker slot and not begun, oldest
    /// first. The owner pushes; all threads take.
    taken_batch taken;
    /// Writer: the owner. Readers: searchers. When the owner last pushed into `taken`. A hint.
    atomic<ticks> taken_at{0};
    /// Whether work in `deque`, in `taken` or in shares is to be begun before other work: see overdue.hpp.
    overdue_look deque_look, taken_look, share_look;
    /// The mailbox: items that may run only in the place of this worker.
    injector mailbox;
    /// What the innermost of `hidden` keeps while it runs code of the program.
    kept_work kept;

    /// Which operations the owner runs at which height of its stack.
    scope_marks scopes;

    // Used by the scheduler alone, under its mutex.
    worker* next_owned = nullptr;
    bool free = false; // of slots beyond the workers': no thread uses the slot, except one that sleeps
    os_thread thread;

    /// The words by which thieves send steal requests to the owner.
    alignas(cache_line) basic_request_box<std_atomics, steal_request> requests;
    /// Writers, readers: thieves. When a thief last sent a steal request, except directly after a theft. A hint.
    atomic<ticks> asked_at{0};
    /// Writers: senders of urgent work (true), the owner before it looks (false). Reader: the owner. See
    /// sched/urgent.hpp. The owner reads this line at each look, and searchers do not touch it.
    alignas(cache_line) atomic<bool> urged{false};

    /// Writers: thieves, before they finish a task that has failed; the owner, when it takes such a task back. Readers:
    /// parts of the joins on this stack. How many slots say that they have failed.
    atomic<std::uint32_t> failed_slots{0};

    /// Writers: the owner, a thief that publishes in its place. Readers: thieves. {depth:32 | last:16 | first:16} of
    /// the public window.
    alignas(cache_line) atomic<std::uint64_t> exposed{0};
    /// Writers: the thread that holds `publication`. Readers: that thread, the owner. The oldest slot that is not
    /// public.
    atomic<task_slot*> split;
    /// Held by the owner while it writes `split`, `split_here` or `exposed`.
    basic_publication_lock<std_atomics> publication;
    /// Writer: the owner. Readers: searchers. Whether the owner has no publication left for idle threads. A hint.
    atomic<bool> out_of_stock{false};
    /// Writer: the owner. Readers: searchers. How many of `loops` are open to helpers, outermost first.
    atomic<std::uint32_t> open_loops{0};
    /// Writers: the owner (here; away), the thread that wakes it (here), stand-ins by a CAS (from away to their own
    /// number plus `first_stand_in`, and back). Readers: searchers, senders of mailbox items. Which thread runs in this
    /// worker's place: the owner (`here`), none (`away`), or the stand-in whose slot has the number that is left
    /// without `first_stand_in`. Relaxed: a stand-in gains nothing from it but the right to take from the mailbox,
    /// which the injector orders.
    atomic<std::uint32_t> presence{here};
    /// Writers: the thread that runs in this place and leaves it to urgent work (from zero to its number plus one, and
    /// back), the stand-in that gives the place back (to zero). Readers: stand-ins. All writes are CAS, relaxed: see
    /// "Urgent work" in README.md.
    atomic<std::uint32_t> errand{0};
    static constexpr std::uint32_t here = 0;
    static constexpr std::uint32_t away = 1;
    static constexpr std::uint32_t first_stand_in = 2;

    /// Writer: the owner, and no other thread writes to this line.
    alignas(cache_line) worker_counts counts;
    activity doing;

    /// The parker of a parked thread; a token comes with each claim of its idle bit.
    alignas(cache_line) parker idle_parker;
    /// The parker of an owner that waits for its own work, which other threads run.
    parker wait_parker;
};

/// Owns worker slots.
struct worker_list {
    worker* first = nullptr;

    worker_list() = default;
    worker_list(worker_list const&) = delete;
    worker_list& operator=(worker_list const&) = delete;
    ~worker_list();
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/worker.ipp>
#endif
