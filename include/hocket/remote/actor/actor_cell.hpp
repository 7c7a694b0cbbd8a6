// SPDX-License-Identifier: MIT
// Where an actor lives: its object, and the mailbox with the calls that wait for it. One thread at a time has the turn
// and runs calls; a thread that waits for a call may take the turn itself. Callers: actors, and the nodes of worker
// processes.
#pragma once

#include <hocket/future/future_state.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/remote/actor/mailbox.hpp>
#include <hocket/sched/scheduler.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;
class actor_names;
class node;

/// What lies in the mailbox of an actor: a call, what makes its object, or what ends it.
struct actor_message {
    /// In the turn of the actor: calls the method, or refuses to, and frees the message. False: a coroutine goes on,
    /// and the turn stays with it until `actor_cell::go_on`; nothing of the actor may be touched any more.
    bool (*run)(actor_message& self, actor_cell& cell) noexcept = nullptr;
    actor_message* next = nullptr; // the mailbox's, while it lies there
    fp_mode mode = fp_mode::now(); // of the caller
};

/// A call that waits for its arguments, or behind such a call of the same caller: in a block of the slabs. It holds a
/// handle.
struct held_call {
    actor_message* message = nullptr;
    void const* caller = nullptr;
    held_call* next = nullptr;
    bool ready = false; // its arguments are there
};

/// How many calls by `tell` have thrown, of actors here and of those that this process has sent to others. Relaxed: a
/// count.
inline constinit std::atomic<std::uint64_t> tell_errors{0};

/// What the cell has to know of an actor's options.
struct actor_terms {
    std::uint32_t max_pending = 0; // 0: no limit
    std::uint32_t concurrency = 1;
    bool interleave = false;
    std::uint32_t cpus = 0;         // in the driver: reserved as long as it lives
    std::uint32_t max_restarts = 0; // in the driver
    std::uint32_t call_retries = 0; // in the driver
    std::uint32_t restarts = 0;     // in a worker process: how often it was made anew
};

/// One turn of an actor on the stack of a thread.
struct actor_turn {
    actor_cell* cell;
    actor_turn const* outer;
};
inline constinit thread_local actor_turn const* innermost_turn = nullptr;

/// The memory of cells is never given back to the system: a thread that waits for a call may look at the turn of an
/// actor that has ended meanwhile. It then finds that its call is complete.
class actor_cell {
  public:
    /// A cell with one handle, whose mailbox only collects until `start`: before that its owner gives it the message
    /// that makes the object, by `begin_with`. **Throws** std::bad_alloc.
    static actor_cell& make(scheduler& pool, actor_terms const& terms, detail::node* node = nullptr,
                            bool sends_bytes = false);
    void start() noexcept { offer(); }

    actor_cell(actor_cell const&) = delete;
    actor_cell& operator=(actor_cell const&) = delete;

    // By who holds a handle, or runs in the turn.

    void retain() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
    /// The last one ends the actor, behind the calls that are on their way.
    void release() noexcept {
        if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) // actor_cell.release ->, <- actor_cell.release
            end();
    }

    /// By who knows the actor by its name, under the mutex of the names: a handle, unless the last one is gone.
    bool try_retain() noexcept;
    bool has_handles() const noexcept { return handles_.load(std::memory_order_relaxed) != 0; }
    /// Before others know of the actor: it has a name or is detached.
    void set_names(actor_names& names, void (*forget)(actor_names&, actor_cell&) noexcept) noexcept {
        names_ = &names;
        forget_ = forget;
    }

    void push(actor_message& message) noexcept {
        if (mailbox_.push(message)) offer();
    }
    /// A call whose arguments are not there yet: it is pushed when they are, and what the same caller sends meanwhile
    /// behind it.
    void hold(held_call& call) noexcept;
    /// A call whose arguments are there is held behind one of the same caller that waits; false if there is none.
    bool hold_behind(held_call& call) noexcept;
    /// Whether any call is held. What the calling thread holds, it sees.
    bool holds_calls() const noexcept { return held_count_.load(std::memory_order_relaxed) != 0; }
    /// The arguments of a held call are there. From any thread.
    void arguments_ready(held_call& call) noexcept;

    /// One more call is on its way. **Throws** queue_full.
    void count_call() {
        if (terms_.max_pending != 0) [[unlikely]]
            count_limited_call();
    }
    void call_ended() noexcept {
        if (terms_.max_pending != 0) [[unlikely]]
            pending_.fetch_sub(1, std::memory_order_relaxed);
    }

    /// From now on no call begins; those that wait fail with `actor_died`, and the object is destroyed when the one
    /// that runs has ended.
    void kill() noexcept;
    /// Whether it was not killed and its constructor has not thrown.
    bool alive() const noexcept { return !dead_.load(std::memory_order_acquire); } // <- actor_cell.dead

    // In the turn.

    /// Why calls are refused; null if they may run.
    std::exception_ptr refusal() const noexcept {
        return dead_.load(std::memory_order_acquire) ? why_refused() : nullptr; // <- actor_cell.dead
    }
    void* object() const noexcept { return object_; }
    void set_object(void* made, void (*destroy)(void*) noexcept) noexcept {
        object_ = made;
        destroy_ = destroy;
    }
    /// A method that is a coroutine awaits, and other calls run meanwhile: the object stays until it has ended.
    void begins_to_await() noexcept { ++awaiting_; }
    void ends_to_await() noexcept {
        if (--awaiting_ == 0 && was_killed_) destroy_object();
    }
    /// Goes with the object.
    void keep_with_object(std::shared_ptr<void> kept) noexcept { kept_ = std::move(kept); }
    /// The constructor has thrown this: all calls fail with it.
    void fail(std::exception_ptr error) noexcept;
    /// Prints an error that a `tell` has left, if it is the first one of its type.
    void report(std::exception_ptr const& error) noexcept;

    /// What the turn was left to is over: a coroutine has ended, the arguments of the constructor are there. From any
    /// thread.
    void go_on() noexcept;
    /// The next turn begins with this message.
    void begin_with(actor_message& message) noexcept { begun_ = &message; }
    void forget_begun() noexcept { begun_ = nullptr; }

    scheduler& pool() const noexcept { return *pool_; }
    void const* scope() const noexcept { return item_.scope; }
    actor_terms const& terms() const noexcept { return terms_; }
    /// What sends to the process where the object is; null if it is here.
    detail::node* node() const noexcept { return node_; }
    /// The number by which other processes know an actor that lives in a worker process; 0 of others.
    std::uint64_t number() const noexcept { return number_; }
    void set_number(std::uint64_t number) noexcept { number_ = number; }
    /// Whether its object is only a stub, which sends calls.
    bool lives_elsewhere() const noexcept { return number_ != 0; }
    bool sends_bytes() const noexcept { return sends_bytes_; }

    /// For a thread that waits for `state`, a call of this actor: takes the turn if it is free, and runs calls up to
    /// that one. Says whether it ran something.
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

    /// The turn is free for who takes it first: the pool, or who waits.
    void offer(bool behind_others = false) noexcept;
    /// The same from a thread that does not know whether the pool has ended.
    void offer_late() noexcept;
    static void run_queued(work_item* item) noexcept;
    /// Runs calls, at most `burst` and none behind `until`, which may be null. The caller has the turn, and loses it.
    void run_turn(future_state_base const* until) noexcept;
    /// Hands calls to the pool, where several may run at once.
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
    // The next seven belong to the turn; what follows them is seldom written.
    void* object_ = nullptr;
    void (*destroy_)(void*) noexcept = nullptr;
    actor_message* begun_ = nullptr; // what the turn goes on with
    std::uint32_t permits_ = 0;      // those that it has collected for that
    bool has_permit_ = false;
    bool was_killed_ = false;        // and awaits
    std::uint32_t awaiting_ = 0;     // coroutines between which others run
    alignas(64) queued_turn item_{}; // the pool's, while it lies in a queue
    scheduler* pool_ = nullptr;
    std::uint64_t pool_id_ = 0;
    detail::node* node_ = nullptr;
    std::uint64_t number_ = 0;
    bool sends_bytes_ = false;     // also where calls on threads go through bytes
    actor_names* names_ = nullptr; // if they know of it
    void (*forget_)(actor_names&, actor_cell&) noexcept = nullptr;
    actor_terms terms_;
    actor_message last_words_;
    actor_message kill_message_;
    /// Writers: who copies and drops handles.
    std::atomic<std::uint32_t> handles_{1};
    /// Writers: `kill`, and a constructor that throws, after `error_`.
    std::atomic<bool> dead_{false};
    /// Writers: `kill`. Relaxed: the first one goes on.
    std::atomic<bool> killed_{false};
    /// Writers: callers, and the turn; only where the number of calls is limited. Relaxed: a count.
    std::atomic<std::uint32_t> pending_{0};
    /// Writers: the turn, and calls that end; only where several may run at once. Below zero: the turn waits for one.
    std::atomic<std::int32_t> free_permits_{0};
    /// Writers: callers, under the mutex. Relaxed: each wants to see its own.
    std::atomic<std::uint32_t> held_count_{0};
    mutable std::mutex mutex_; // guards the next four
    std::exception_ptr error_; // of the constructor
    held_call* first_held_ = nullptr;
    held_call* last_held_ = nullptr;
    std::vector<std::string> reported_; // types of errors
    std::shared_ptr<void> kept_;        // with the object; the turn's

    actor_cell* next_free_ = nullptr; // under the mutex of the list of free cells
    friend class actor_cells;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/actor/actor_cell.ipp>
#endif
