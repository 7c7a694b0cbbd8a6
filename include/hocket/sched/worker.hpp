// SPDX-License-Identifier: MIT
// A context in which pool work runs: a task stack, its public face, and the words on which its thread sleeps.
// Each worker thread, spare thread and guest holds one at a time. Only the holder is handed a `worker&` as "me"; what
// others may touch are the atomic members.
#pragma once

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
#include <hocket/sched/kept_work.hpp>
#include <hocket/sched/latch.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/sched/steal_request.hpp>
#include <hocket/sched/stop_link.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class scheduler;
struct worker;

/// What the watcher knows of a queue: see overdue.hpp.
struct overdue_look {
    std::uint32_t seen = 0;  // what was taken out by then
    std::uint32_t least = 0; // how many items there were at least, while none of the oldest was taken
    std::uint32_t looks = 0; // at which that was so
    /// Writers: the watcher (true), threads that take from the queue. Relaxed: a hint.
    std::atomic<bool> due{false};
};

/// The hot words of a thread that is inside a pool; null in every other thread. They are separate variables because
/// a join then needs no register for the worker: the slot that the next push takes, and the context. `request_here` belongs to them.
inline constinit thread_local task_slot* task_top = nullptr;
inline constinit thread_local worker* this_context = nullptr;
/// The pool that has started this thread; null in every other thread.
inline constinit thread_local scheduler const* pool_of_thread = nullptr;

/// Which slots of a context may be public, and how deep in its job the first of them lies. A hint for thieves: each slot's
/// own state decides.
struct public_window {
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t depth;
};

/// Lies in the queue of another copy of hocket, one of whose threads then runs in this context.
struct hosted_turn : work_item {
    worker* context = nullptr;
};

struct worker {
    static constexpr std::size_t slots_per_stack = 8192;
    static constexpr std::size_t loop_levels = 8;
    static constexpr std::uint32_t window_size = 8; // public slots at a time, unless more threads have nothing to do
    static constexpr std::uint32_t short_reach = 64;
    static constexpr std::uint32_t long_reach = 4096; // before it sleeps

    worker(scheduler& owner, std::uint32_t number, std::uint32_t its_rank, std::uint32_t its_domain, idle_bit its_bit);

    std::uintptr_t end_of_stack() const noexcept {
        return reinterpret_cast<std::uintptr_t>(stack.data() + slots_per_stack);
    }
    std::uint32_t height() const noexcept { return static_cast<std::uint32_t>(task_top - stack.data()); }

    public_window window() const noexcept;
    void show(std::uint32_t first, std::uint32_t last) noexcept;

    /// The calling thread begins to use the context, on an empty stack; and ceases to, or parks.
    void open_stack() noexcept;
    void open_requests(std::uintptr_t attention) noexcept;

    /// A sender of urgent work: the holder looks at it between two pieces of what it runs. Called after the push and a full fence.
    void urge() noexcept;

    /// Anyone, after something was stopped: the holder looks at its next push or pop.
    void tell() noexcept;
    /// The holder, in that look: sees all that was stopped before it was told, and hears of what is stopped later.
    void hear() noexcept {
        (void)request_here.attention.exchange(end_of_stack(), std::memory_order_acquire); // <- worker.tell
    }
    /// The holder wants to look again, unless it was asked to since it heard.
    void want(std::uintptr_t attention) noexcept;

    /// A hungry thief asks for work: the owner looks at its next push or pop. Written only when it changes something.
    void ask() noexcept;
    /// A thief that has found nothing asks; not more often than is of use, whichever thief it is.
    void ask_again(ticks now) noexcept;

    /// The holder, before it sleeps: all that it has not begun becomes public, since it will not hear when somebody asks.
    /// In wait.hpp.
    void publish_all() noexcept;

    /// The holder, while it waits: whether it is time to look into others' deques again.
    bool may_steal(ticks now) noexcept;
    void steal_again() noexcept { steal_after = 0; }

    // Places. A worker's place is its rank, its core and its mail. While its holder sleeps in a wait, one other thread may
    // stand in for it.

    /// The holder sleeps in a wait; so somebody else may have its place, or that of the one it stands in for.
    void leave_place() noexcept;
    /// Anyone, when what the holder waits for has ended. Whoever stands in for it notices that it comes back before it begins
    /// another task.
    void wake_waiter() noexcept;
    void return_to_place() noexcept;
    /// Whether nobody runs in the place that the holder has left.
    bool has_free_place() const noexcept;
    /// The holder takes the place of `other`, if nobody has it.
    bool stand_in_for(worker& other) noexcept;
    /// The holder: in whose place it runs.
    worker& place() noexcept { return stands_in() ? *stands_for : *this; }
    bool stands_in() const noexcept {
        return stands_for != nullptr && stands_for->presence.load(std::memory_order_relaxed) == first_stand_in + id;
    }
    void give_up_place() noexcept;
    /// Whether there is mail in a place where nobody is. Exact after a full fence that follows the change of either.
    bool has_orphaned_mail() const noexcept {
        return presence.load(std::memory_order_relaxed) == away && !mail.empty();
    }

    /// The holder: the newest item of its deque, or null. All others stay public: this one may block, and what it waits for may be
    /// among them.
    work_item* pop_deque() noexcept { return deque.pop(1); }

    // What never changes.
    scheduler* const sched;
    std::uint32_t const id;     // among all contexts of the pool
    std::uint32_t const domain; // its idle set, and its place there
    idle_bit const bit;
    zeroed_array<task_slot> stack; // zero is the word of an empty slot
    zeroed_array<stop_note> stops; // of each slot that is or was public: the operation it is a part of
    zeroed_array<fp_mode> modes;   // of each such slot: the floating-point mode of its owner

    // Only the holder: in whose place it runs.
    std::uint32_t rank;           // of that worker: its stripe in loops
    worker* stands_for = nullptr; // that worker's context if it is another one
    unsigned times_lent = 0;      // its core, by scopes within each other

    // Only the holder: about publication.
    std::uint32_t lowest = 0;        // the first slot that may still be public
    task_slot* split;                // the oldest slot that no other thread can see
    std::uint32_t tokens = 0;        // publications in stock
    std::uint32_t grants = 0;        // publications in stock for threads that have nothing to do
    std::uint32_t fuel = 0;          // pushes until the next visit, while attention is `later`
    std::uint32_t base = 0;          // the stack's height when the job began
    std::uint32_t base_depth = 0;    // the job's depth within its root
    std::uint32_t next_loop = 0;     // level of nesting of the next loop
    bool owes_wake = false;          // published while hushed
    ticks refilled = 0;              // when the tokens were counted
    ticks wake_after = 0;            // wakes no worker for this job before then
    ticks polled_at = 0;             // when the holder last looked at a token within joins
    std::uint32_t pushes_a_poll = 1; // joins from one such look to the next
    ticks regret = 0;                // spent lately on loops that a second thread would have shared, had it been awake
    ticks regret_since = 0;
    hidden_work* hidden = nullptr;     // innermost first
    std::uint64_t job = 0;             // the number of the job that runs
    std::uint64_t jobs = 0;            // how many have begun
    void const* tally_of = nullptr;    // the group that the holder waits for: its tasks are counted here when they end,
    std::int64_t tally = 0;            // and not in the latch that all threads share
    latch* batch_of = nullptr;         // of the group whose tasks this thread has run one after another:
    std::uint64_t batch = 0;           // how many, of which the latch does not know yet
    bool seated = true;                // counts among the pool's awake workers; an additional guest does not
    ticks steal_after = 0;             // while it waits: look into others' deques then
    std::uint32_t reach = short_reach; // while it waits: how many items it looks at in search of its own
    ticks helps_until = 0;             // stays with the loops of others until then, unless something urgent waits
    bool prefers_items = false;        // has left a loop for items that wait
    ticks gives_way_after = 0;         // does not leave its core to urgent work before then
    std::uint32_t beside_overdue = 0;  // pieces that it has run since something was overdue
    hosted_turn turn;                  // in a pool without threads of its own
    void* host_core = nullptr;         // what the host knows of the core that the holder has lent
    loop_record loops[loop_levels];

    /// Work that was spawned on this context. The holder pushes and pops; everyone steals.
    hocket::detail::deque deque;
    /// Work that the holder has taken from outside or from another context and not begun, oldest first. The holder pushes; everyone takes.
    taken_batch taken;
    /// Writer: the holder. Readers: searchers. When it pushed last. A hint.
    std::atomic<ticks> taken_at{0};
    /// Work that is to be taken out of `deque` and `taken` before other work: see overdue.hpp.
    overdue_look deque_look, taken_look, share_look;
    /// Work that may run only in the place of this worker.
    injector mail;
    /// What the innermost of `hidden` keeps while it runs the program's code.
    kept_work kept;

    // Only the scheduler, under its mutex.
    worker* next_owned = nullptr;
    bool free = false; // of those beyond the workers': no thread uses it but one that sleeps
    os_thread thread;

    /// The words by which thieves ask the holder.
    alignas(cache_line) basic_request_box<std_atomics, steal_request> requests;
    /// Writers, readers: thieves. When one of them asked for the last time, but for those that have just stolen. A hint.
    std::atomic<ticks> asked_at{0};
    /// Writers: senders of urgent work (true), the holder before it looks (false). Reader: the holder. See sched/urgent.hpp.
    std::atomic<bool> urged{false};

    /// Writers: thieves, before they finish a task that has failed; the holder, when it takes such a task back. Readers: parts of
    /// the joins on this stack. How many slots say that they have failed.
    std::atomic<std::uint32_t> failed_slots{0};

    /// Writer: the holder. Readers: thieves. {depth:32 | last:16 | first:16} of the public window.
    alignas(cache_line) std::atomic<std::uint64_t> shown{0};
    /// Writer: the holder. Readers: searchers. How many of `loops` are open to helpers, outermost first.
    std::atomic<std::uint32_t> open_loops{0};
    /// Writers: the holder (here; away), whoever wakes it (here), stand-ins by a CAS (from away to their own, and back). Readers:
    /// searchers, senders of mail. Who is in this worker's place: the holder, nobody, or the context with the number that is
    /// left without `first_stand_in`. Relaxed: a stand-in takes nothing from it but the right to take mail, which the injector
    /// orders.
    std::atomic<std::uint32_t> presence{here};
    /// Writers: the thread that runs in this place and leaves it to urgent work (from zero to its number plus one, and back), the
    /// stand-in that gives the place back (to zero). Readers: stand-ins. All by CAS, relaxed: see "Urgent work" in README.md.
    std::atomic<std::uint32_t> errand{0};
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
    ~worker_list();
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/worker.ipp>
#endif
