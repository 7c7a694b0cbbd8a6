// SPDX-License-Identifier: MIT
// Detection of deadlock by cycles of waits: finds out, before a thread goes to sleep, whether it would wait for itself.
// Callers: the slow paths of waits for futures, and code that runs tasks.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/wait_graph.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/sched/stop_link.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class running_scope;

/// The newest of the tasks that this thread runs, one on top of the other.
inline constinit thread_local running_scope const* innermost_running = nullptr;

/// The scope of an awaited line of tasks: the calling thread waits for the last task of the line. Set if a stop around
/// the wait is to reach the tasks of the line that the thread runs itself; null within each body.
inline constinit thread_local void const* awaited_line = nullptr;

/// While it lives, this thread runs a part of what it waits for. A stop around the wait reaches that part if one is to
/// reach what the thread waits for, and nothing else needs the part.
class awaited_part {
  public:
    awaited_part(void const* scope, bool alone) noexcept : whole_(awaited_line) {
        if (whole_ != nullptr) awaited_line = alone ? scope : nullptr;
    }
    awaited_part(awaited_part const&) = delete;
    awaited_part& operator=(awaited_part const&) = delete;
    ~awaited_part() { awaited_line = whole_; }

  private:
    void const* const whole_;
};

/// Says that this thread runs the task of a state, which is not complete before the scope ends. As a link it stands for
/// a task without a stop token.
class running_scope : public running_link {
  public:
    explicit running_scope(future_state_base& its_state) noexcept
        : running_link(&running_scope::is_unwanted),
          state(its_state),
          below(innermost_running),
          line_(std::exchange(awaited_line, nullptr)) {
        innermost_running = this;
    }
    ~running_scope() {
        awaited_line = line_;
        innermost_running = below;
    }
    /// Called when the body of the task is about to begin. The body is a part of what its thread runs if the thread
    /// waits for its line.
    void begins(stop_scope const& its_body) noexcept {
        if (line_ != nullptr && line_ == state.scope) body = &its_body;
    }
    running_scope(running_scope const&) = delete;
    running_scope& operator=(running_scope const&) = delete;

    future_state_base& state;
    running_scope const* const below;

    static bool is_unwanted(stop_link const& self) noexcept {
        return static_cast<running_scope const&>(self).state.word.unwanted();
    }

  private:
    void const* const line_;
};

/// The link of a run of a graph, whose future is complete after all of its nodes.
struct graph_run_link : stop_link {
    explicit graph_run_link(bool (*asked)(stop_link const&) noexcept) noexcept : stop_link{asked} { is_run = true; }

    future_state_base* awaited = nullptr; // while nodes run
};

/// A runner of a run of a graph, on one thread. While a node of the runner waits, the graph may hold units of
/// semaphores.
struct units_link : stop_operation {
    explicit units_link(void (*its_look)() noexcept) noexcept : stop_operation(&units_link::never), look(its_look) {}

    static bool never(stop_link const&) noexcept { return false; }

    /// Ends the waits for units that sleeping threads hold for ever. The caller holds no lock.
    void (*const look)() noexcept;
};

/// A thread that sleeps until a state is complete, to which it holds a reference.
struct sleeping_thread {
    /// With `last`, the awaited work may refer to what the caller owns. So other threads of a cycle are asked first to
    /// end their waits.
    explicit sleeping_thread(future_state_base& what, bool last = false) noexcept : awaited(what), ends_last(last) {}

    /// Notes the tasks that wait, on other threads, for the join, loop or group of which the thread runs a part. Notes
    /// also the tasks on whose results the threads that wait there depend in turn. Called by the thread itself. Returns
    /// false when one of these waits is not known yet.
    [[gnu::cold]] bool look_around() noexcept;
    bool runs_something() const noexcept { return running != nullptr || parts != 0; }
    /// Whether the wait of another thread of a cycle ends before the wait of this thread. Bodies of a task or of a run
    /// more often refer to what the waiting thread owns than futures that it has put together. Of two equal threads,
    /// the thread that fell asleep later may be a part of what the first one waits for.
    [[gnu::cold]] bool ends_after(sleeping_thread const& other) const noexcept {
        if (ends_last != other.ends_last) return ends_last;
        if (awaits_bodies() != other.awaits_bodies()) return awaits_bodies();
        return number < other.number;
    }

    static constexpr std::uint32_t most_parts = 64; // as many as beyond_runs has bits

    static constexpr std::uint32_t most_pieces = 8;

    static constexpr std::uint32_t most_requests = 4;

    future_state_base& awaited;
    bool const ends_last;
    std::uint64_t number = 0;   // in the order in which threads fell asleep
    std::uint32_t requests = 0; // to other threads, to look again, each after a longer sleep
    running_scope const* const running = innermost_running;
    future_state_base* part_of[most_parts] = {}; // null: forgotten
    std::uint32_t parts = 0;
    std::uint64_t beyond_runs = 0;              // bits: parts that may be complete before the thread goes on
    units_link const* pieces[most_pieces] = {}; // runners that do not go on before the thread does
    std::uint32_t piece_count = 0;
    bool stuck = false;    // as far as the search under way knows, the thread does not go on
    bool supposed = false; // the search under way supposes that the thread does not go on
    sleeping_thread* next = nullptr;
    /// Writers: the thread, before it sleeps and under the mutex; other threads under the mutex. Relaxed: otherwise it
    /// looks when it has slept for long.
    atomic<bool> looked_at_all{true};

  private:
    /// Whether the awaited state is that of a task, a run or a pipeline, and not put together of others.
    bool awaits_bodies() const noexcept {
        future_type const& its = *awaited.type;
        return its.execute != nullptr || its.watch != nullptr || its.give_up == nullptr;
    }
    /// Returns the task for which a link stands, or null.
    static future_state_base* task_of(stop_link const& link) noexcept;
    void note_part(future_state_base& state, bool is_beyond_run) noexcept;
    void note_piece(stop_link const& link) noexcept;
};

/// Whether `later` cannot be complete while a thread runs the task of `runs`.
inline bool holds_up(future_state_base const& runs, future_state_base const& later) noexcept {
    return &runs == &later || (later.type->order != computing_order::any && runs.type->order != computing_order::any &&
                               runs.scope == later.scope);
}

/// A search through all states that cannot be complete before a sleeping thread goes on. These are the states of the
/// tasks that it runs, or runs a part of; of what continues them; of the tasks of threads that sleep for one of these;
/// and so on. None of them is complete during the search, so no state goes away, nor does anything in its list.
class wait_search {
  public:
    wait_search(sleeping_thread const& me, sleeping_thread const* others) noexcept : me_(me), others_(others) {}

    /// Whether the search has looked at all states, unless it found a cycle.
    bool looked_at_all() const noexcept {
        return !tasks_.lost() && !threads_.lost() && !links_.lost() && steps_ < most_steps;
    }

    /// Whether the awaited state is one of them, or in line behind one that runs. A state that is too far to see counts
    /// as no.
    bool finds_cycle() noexcept;

  private:
    static constexpr std::size_t room = 128;
    static constexpr unsigned most_steps = 20'000;

    /// The entries where the search goes on: each stands for itself and for the entries behind it in its list.
    template<class T>
    class to_do {
      public:
        explicit to_do(unsigned& steps) noexcept : steps_(steps) {}
        void push(T const* one) noexcept {
            if (one == nullptr) return;
            if (count_ != room && ++steps_ < most_steps)
                all_[count_++] = one;
            else
                lost_ = true;
        }
        bool lost() const noexcept { return lost_; }
        T const* pop() noexcept { return count_ == 0 ? nullptr : all_[--count_]; }

      private:
        unsigned& steps_;
        std::size_t count_ = 0;
        bool lost_ = false;
        T const* all_[room];
    };

    bool is_awaited(future_state_base& state, bool runs = false) noexcept;

    sleeping_thread const& me_;
    sleeping_thread const* const others_;
    unsigned steps_ = 0;
    to_do<running_scope> tasks_{steps_};
    to_do<sleeping_thread> threads_{steps_}; // each for itself
    to_do<continuation> links_{steps_};
};

/// A search through all states that cannot be complete before some sleeping threads go on, or before some states are
/// complete. Marks the threads that sleep for one of these states as `stuck`. Has no bound, and looks at each state
/// once. None of the states is complete during the search: see README.md.
class held_up_states {
  public:
    /// `sleepers`: the list of all sleeping threads. Takes away their marks.
    explicit held_up_states(sleeping_thread* sleepers) noexcept;

    /// Supposes that the thread does not go on.
    void add(sleeping_thread const& thread) noexcept { complete_ &= threads_.push(&thread); }
    /// Supposes that the state is not complete.
    void add(future_state_base& state, bool runs = false) noexcept;

    /// Finds all states that follow, or goes on until `last` is stuck. Returns false when there was no memory.
    bool find(sleeping_thread const* last = nullptr) noexcept;
    /// Finds the states of `all` that would follow if each state needed all of its futures.
    bool find_within(held_up_states const& all) noexcept {
        within_ = &all;
        return find();
    }

    /// Whether a state is none of these, needs some of several futures, depends on one of these, and matters to others.
    [[nodiscard]] bool is_open() const noexcept { return open_; }

  private:
    void add_waiting(continuation const& link) noexcept;
    void add_some(some_needed const& needed) noexcept;
    bool are_fatal(some_needed const& needed) noexcept;
    void mark(sleeping_thread& thread) noexcept {
        if (!std::exchange(thread.stuck, true)) complete_ &= threads_.push(&thread);
    }

    sleeping_thread* const first_;
    bool complete_ = true; // there was memory so far
    bool open_ = false;
    held_up_states const* within_ = nullptr;
    pointer_table<sleeping_thread*> sleepers_;
    pointer_table<bool> seen_;
    pointer_table<std::size_t> counts_; // of the futures of one owner that are held up
    pointer_stack<running_scope> tasks_;
    pointer_stack<sleeping_thread> threads_;
    pointer_stack<continuation> links_;
};

/// A wait_search without a bound, also through states that need only some of several futures. Takes longer, and memory.
/// Without memory the answer is no. The thread is listed.
class full_wait_search {
  public:
    full_wait_search(sleeping_thread& me, sleeping_thread* first) noexcept : me_(me), first_(first) {}

    bool finds_cycle() noexcept;

  private:
    /// Whether the thread is one of several threads none of which goes on before another one of them does.
    bool finds_knot() noexcept;
    /// Supposes of the threads that are not stuck that they go on. Returns whether that is new for any.
    bool drop_others() noexcept;

    sleeping_thread& me_;
    sleeping_thread* const first_;
};

/// All sleeping threads, under one mutex. While it is held no listed thread goes on.
class sleeping_threads {
  public:
    /// Lists a thread that is about to sleep. Returns false, and does not list it, when the work that it waits for
    /// needs that this thread goes on.
    bool enter(sleeping_thread& me) noexcept;

    /// Searches all states for a thread that is listed. Returns false, and removes it from the list, when it waits for
    /// itself.
    bool stay(sleeping_thread& me) noexcept;

    void leave(sleeping_thread& me) noexcept;

    /// Called by a thread that stops waiting for a run before the end of the run. Other threads forget the tasks that
    /// they know by such a wait, until they look around again.
    [[gnu::cold]] void forget_beyond_runs() noexcept;

    /// Returns when no thread looks any more at the continuations of a state that was completed before what it waits
    /// for. They may go then.
    [[gnu::cold]] void let_searches_end() noexcept { os_lock const lock(mutex_); }

    /// Calls `f(first)` with the list of sleeping threads, while none of them goes on.
    template<class F>
    void hold(F const& f) noexcept {
        os_lock const lock(mutex_);
        f(first_);
    }

  private:
    using units_look = void (*)() noexcept;

    bool try_enter(sleeping_thread& me, units_look& look) noexcept;
    bool try_stay(sleeping_thread& me, units_look& look) noexcept;
    void list(sleeping_thread& me) noexcept;
    void unlist(sleeping_thread& me) noexcept;
    /// Asks the other threads of a cycle, which a thread that ends last has found, to look again. Returns true if one
    /// of them may end it. With `in_full` the threads of the cycle are marked.
    bool asks_others(sleeping_thread& me, bool in_full) noexcept;

    os_mutex mutex_;
    sleeping_thread* first_ = nullptr;
    std::uint64_t sleeps_ = 0;
    std::size_t with_pieces_ = 0; // the number of listed threads with runners
    units_look look_ = nullptr;   // the look for units of such a thread
};

inline constinit sleeping_threads all_sleeping_threads;

/// Calls the continuations of a state that was completed before what it waits for, once no search looks at them.
HOCKET_COLD inline void call_ready_early(continuation* newest) noexcept {
    all_sleeping_threads.let_searches_end();
    call_ready(newest);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/wait_cycle.ipp>
#endif
