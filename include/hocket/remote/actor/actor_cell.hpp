// SPDX-License-Identifier: MIT
// The home of an actor: its object, and the mailbox with its waiting calls. One thread at a time has the turn and runs
// calls. A thread that waits for a call may take the turn itself. Called by actors, and by the nodes of worker
// processes.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/remote/actor/mailbox.hpp>
#include <hocket/sched/scheduler.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;
class actor_names;
class node;

/// A message in the mailbox of an actor: a call, the creation of the object, or its destruction.
struct actor_message {
    /// Calls or refuses the method in the turn of the actor, and frees the message. Returns false if a coroutine goes
    /// on and keeps the turn until `actor_cell::go_on`; the actor must not be touched any more.
    bool (*run)(actor_message& self, actor_cell& cell) noexcept = nullptr;
    actor_message* next = nullptr; // used by the mailbox while it holds the message
    fp_mode mode = fp_mode::now(); // mode of the caller
};

/// A call that waits for its arguments, or behind such a call of the same caller. It is a block of the slabs, and holds
/// a handle.
struct held_call {
    actor_message* message = nullptr;
    void const* caller = nullptr;
    held_call* next = nullptr;
    bool ready = false; // its arguments are ready
};

/// Number of calls by `tell` that have thrown, of actors here and of calls that this process has sent to others.
/// Relaxed: a count.
inline constinit atomic<std::uint64_t> tell_errors{0};

/// The options of an actor that the cell needs.
struct actor_terms {
    std::uint32_t max_pending = 0; // 0: no limit
    std::uint32_t concurrency = 1;
    bool interleave = false;
    std::uint32_t cpus = 0;         // in the driver: workers reserved as long as it lives
    std::uint32_t max_restarts = 0; // in the driver
    std::uint32_t call_retries = 0; // in the driver
    std::uint32_t restarts = 0;     // in a worker process: how often it was recreated
};

/// One turn of an actor on the stack of a thread.
struct actor_turn {
    actor_cell* cell;
    actor_turn const* outer;
};
inline constinit thread_local actor_turn const* innermost_turn = nullptr;

/// The cell of an actor. The memory of cells is never returned to the system: a waiting thread may look at the turn of
/// an actor that has ended meanwhile. It then finds that its call is complete.
class actor_cell {
  public:
    /// Makes a cell with one handle. Its mailbox only collects messages until `start`. Before that, the owner sets the
    /// message that makes the object, by `begin_with`. **Throws** std::bad_alloc.
    static actor_cell& make(scheduler& pool, actor_terms const& terms, detail::node* node = nullptr,
                            bool sends_bytes = false);
    void start() noexcept { offer(); }

    actor_cell(actor_cell const&) = delete;
    actor_cell& operator=(actor_cell const&) = delete;

    // Called by holders of a handle, or in the turn.

    void retain() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
    /// Releases a handle. The last release ends the actor, behind the calls in flight.
    void release() noexcept {
        if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) // actor_cell.release ->, <- actor_cell.release
            end();
    }

    /// Adds a handle, unless the last one is gone. Called by threads that know the actor by its name, under the mutex
    /// of the names.
    bool try_retain() noexcept;
    bool has_handles() const noexcept { return handles_.load(std::memory_order_relaxed) != 0; }
    /// Sets the names for an actor that has a name or is detached. Called before other threads know the actor.
    void set_names(actor_names& names, void (*forget)(actor_names&, actor_cell&) noexcept) noexcept {
        names_ = &names;
        forget_ = forget;
    }

    void push(actor_message& message) noexcept {
        if (mailbox_.push(message)) offer();
    }
    /// Holds a call whose arguments are not ready. It is pushed once they are, followed by later calls of the same
    /// caller.
    void hold(held_call& call) noexcept;
    /// Holds a call whose arguments are ready behind a held call of the same caller. Returns false if there is none.
    bool hold_behind(held_call& call) noexcept;
    /// Whether any call is held. The calling thread always sees its own held calls.
    bool holds_calls() const noexcept { return held_count_.load(std::memory_order_relaxed) != 0; }
    /// Handles that the arguments of a held call are ready. **Threads** any.
    void arguments_ready(held_call& call) noexcept;

    /// Counts another call in flight. **Throws** queue_full.
    void count_call() {
        if (terms_.max_pending != 0) [[unlikely]]
            count_limited_call();
    }
    void call_ended() noexcept {
        if (terms_.max_pending != 0) [[unlikely]]
            pending_.fetch_sub(1, std::memory_order_relaxed);
    }

    /// Kills the actor: no further call begins, waiting calls fail with `actor_died`, and the object is destroyed when
    /// the running call has finished.
    void kill() noexcept;
    /// Whether it was not killed and its constructor has not thrown.
    bool alive() const noexcept { return !dead_.load(std::memory_order_acquire); } // <- actor_cell.dead

    // Called in the turn.

    /// Returns the reason why calls are refused, or null if they may run.
    std::exception_ptr refusal() const noexcept {
        return dead_.load(std::memory_order_acquire) ? why_refused() : nullptr; // <- actor_cell.dead
    }
    void* object() const noexcept { return object_; }
    void set_object(void* made, void (*destroy)(void*) noexcept) noexcept {
        object_ = made;
        destroy_ = destroy;
    }
    /// Notes that a coroutine method awaits while other calls run. The object stays until the coroutine has finished.
    void begins_to_await() noexcept { ++awaiting_; }
    void ends_to_await() noexcept {
        if (--awaiting_ == 0 && was_killed_) destroy_object();
    }
    /// Keeps a value that is destroyed with the object.
    void keep_with_object(std::shared_ptr<void> kept) noexcept { kept_ = std::move(kept); }
    /// Makes all calls fail with the exception of the constructor.
    void fail(std::exception_ptr error) noexcept;
    /// Prints an exception of a `tell` if it is the first one of its type.
    void report(std::exception_ptr const& error) noexcept;

    /// Resumes the turn after a coroutine has finished, or the arguments of the constructor are ready. **Threads** any.
    void go_on() noexcept;
    /// Makes the next turn begin with this message.
    void begin_with(actor_message& message) noexcept { begun_ = &message; }
    void forget_begun() noexcept { begun_ = nullptr; }

    scheduler& pool() const noexcept { return *pool_; }
    void const* scope() const noexcept { return item_.scope; }
    actor_terms const& terms() const noexcept { return terms_; }
    /// Returns the node that sends to the object's process, or null if the object is here.
    detail::node* node() const noexcept { return node_; }
    /// Returns the number by which other processes know an actor in a worker process; 0 for other actors.
    std::uint64_t number() const noexcept { return number_; }
    void set_number(std::uint64_t number) noexcept { number_ = number; }
    /// Whether its object is only a stub, which sends calls.
    bool lives_elsewhere() const noexcept { return number_ != 0; }
    bool sends_bytes() const noexcept { return sends_bytes_; }

    /// Takes the turn if it is free, and runs calls up to `state`, a call of this actor. Returns whether it ran a call.
    /// Called by a thread that waits for `state`.
    bool help(future_state_base const& state) noexcept;

  private:
    static constexpr unsigned burst = 64;

    struct queued_turn : work_item {
        actor_cell* cell;
    };
    struct concurrent_call : work_item {
        actor_cell* cell;
        actor_message* message;
    };

    actor_cell() = default;

    /// Offers the turn to the pool and to waiting threads.
    void offer(bool behind_others = false) noexcept;
    /// Offers the turn like `offer`, from a thread that does not know whether the pool has ended.
    void offer_late() noexcept;
    static void run_queued(work_item* item) noexcept;
    /// Runs calls, at most `burst` and none behind `until`, which may be null. The caller has the turn, and loses it.
    void run_turn(future_state_base const* until) noexcept;
    /// Passes calls to the pool if several may run at once.
    void share_out() noexcept;
    bool take_permit() noexcept;
    static void run_concurrent(work_item* item) noexcept;
    void end() noexcept;
    void destroy_object() noexcept;
    std::exception_ptr why_refused() const noexcept;
    void count_limited_call();
    void finish() noexcept;

    mailbox<std_atomics, actor_message> mailbox_;
    turn_word<std_atomics> turn_;
    // Accessed in the turn: the next seven members. The members behind them are rarely written.
    void* object_ = nullptr;
    void (*destroy_)(void*) noexcept = nullptr;
    actor_message* begun_ = nullptr; // message with which the turn continues
    std::uint32_t permits_ = 0;      // permits collected for that message
    bool has_permit_ = false;
    bool was_killed_ = false;        // the actor was killed while it awaited
    std::uint32_t awaiting_ = 0;     // suspended coroutines between which other calls run
    alignas(64) queued_turn item_{}; // used by the pool while it is in a queue
    scheduler* pool_ = nullptr;
    std::uint64_t pool_id_ = 0;
    detail::node* node_ = nullptr;
    std::uint64_t number_ = 0;
    bool sends_bytes_ = false;     // also set if calls on threads go through bytes
    actor_names* names_ = nullptr; // null unless the actor has a name or is detached
    void (*forget_)(actor_names&, actor_cell&) noexcept = nullptr;
    actor_terms terms_;
    actor_message last_words_;
    actor_message kill_message_;
    /// Writers: threads that copy and drop handles. Number of handles.
    atomic<std::uint32_t> handles_{1};
    /// Writers: `kill`, and a constructor that throws, after `error_`. Readers: any thread. No further call begins.
    atomic<bool> dead_{false};
    /// Writers: `kill`. Relaxed: only the first `kill` continues.
    atomic<bool> killed_{false};
    /// Writers: callers, and the turn, only if the number of calls is limited. Relaxed: a count.
    atomic<std::uint32_t> pending_{0};
    /// Writers: the turn, and calls that finish, only if several may run at once. Below zero: the turn waits for a
    /// permit.
    atomic<std::int32_t> free_permits_{0};
    /// Writers: callers, under the mutex. Relaxed: each caller needs to see only its own calls.
    atomic<std::uint32_t> held_count_{0};
    mutable os_mutex mutex_;   // guards the next four members
    std::exception_ptr error_; // exception of the constructor
    held_call* first_held_ = nullptr;
    held_call* last_held_ = nullptr;
    std::vector<std::string> reported_; // printed types of errors
    std::shared_ptr<void> kept_;        // destroyed with the object; accessed in the turn

    actor_cell* next_free_ = nullptr; // guarded by the mutex of the list of free cells
    friend class actor_cells;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/actor/actor_cell.ipp>
#endif
