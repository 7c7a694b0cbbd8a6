// SPDX-License-Identifier: MIT
// Who waits for which future: finds out, before a thread goes to sleep, whether it would wait for itself. Callers: the
// waits of futures, on their slow side, and what runs tasks.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/wait_graph.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/sched/stop_link.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

class running_scope;

/// The newest of the tasks that this thread runs, one on top of the other.
inline constinit thread_local running_scope const* innermost_running = nullptr;

/// The scope of the line of tasks for whose last one the calling thread waits, if a stop around the wait is to reach
/// those that the thread runs itself; null within each body.
inline constinit thread_local void const* awaited_line = nullptr;

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
    /// The body of the task is about to begin. It is a part of what its thread runs if that waits for its line.
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

/// Of a run of a graph, whose future is complete after all of its nodes.
struct graph_run_link : stop_link {
    explicit graph_run_link(bool (*asked)(stop_link const&) noexcept) noexcept : stop_link{asked} { is_run = true; }

    future_state_base* awaited = nullptr; // while nodes run
};

/// A piece of a run of a graph on one thread. While a node of it waits, the graph may hold units of semaphores.
struct units_link : stop_operation {
    explicit units_link(void (*its_look)() noexcept) noexcept : stop_operation(&units_link::never), look(its_look) {}

    static bool never(stop_link const&) noexcept { return false; }

    /// Ends the waits for units that sleeping threads hold for ever. The caller holds no lock.
    void (*const look)() noexcept;
};

/// A thread that sleeps until a state is complete, to which it holds a reference.
struct sleeping_thread {
    /// `last`: what is awaited may refer to what the caller owns, so the others of a circle are asked first to end
    /// their waits.
    explicit sleeping_thread(future_state_base& what, bool last = false) noexcept : awaited(what), ends_last(last) {}

    /// By the thread itself: notes the tasks that wait, on other threads, for the join, loop or group of which it runs
    /// a part, and the tasks on whose results the threads that wait there depend in turn. False when one of these waits
    /// is not known yet.
    [[gnu::cold]] bool look_around() noexcept;
    bool runs_something() const noexcept { return running != nullptr || parts != 0; }

    static constexpr std::uint32_t most_parts = 16;

    static constexpr std::uint32_t most_pieces = 8;

    static constexpr std::uint32_t most_requests = 4;

    future_state_base& awaited;
    bool const ends_last;
    std::uint32_t requests = 0; // to others, to look again, each after a longer sleep
    running_scope const* const running = innermost_running;
    future_state_base* part_of[most_parts] = {};
    std::uint32_t parts = 0;
    units_link const* pieces[most_pieces] = {}; // that do not go on before the thread does
    std::uint32_t piece_count = 0;
    bool stuck = false; // as far as a look for units knows, the thread never goes on
    sleeping_thread* next = nullptr;
    /// Writers: the thread, before it sleeps and under the mutex; others under the mutex. Relaxed: else it looks when
    /// it has slept for long.
    std::atomic<bool> looked_at_all{true};

  private:
    /// The task for which a link stands, or null.
    static future_state_base* task_of(stop_link const& link) noexcept;
    void note_part(future_state_base& state) noexcept;
    void note_piece(stop_link const& link) noexcept;
};

/// Whether `later` cannot be complete while a thread runs what computes `runs`.
inline bool holds_up(future_state_base const& runs, future_state_base const& later) noexcept {
    return &runs == &later || (later.type->order != computing_order::any && runs.type->order != computing_order::any &&
                               runs.scope == later.scope);
}

/// Looks through all states that cannot be complete before a sleeping thread goes on: those of the tasks that it runs,
/// or runs a part of, of what continues them, of the tasks of threads that sleep for one of these, and so on. None of
/// them is complete while this looks, so none goes away, and nor does what lies in its list.
class wait_search {
  public:
    wait_search(sleeping_thread const& me, sleeping_thread const* others) noexcept : me_(me), others_(others) {}

    /// Whether all was looked at, unless a circle was found.
    bool looked_at_all() const noexcept { return !tasks_.lost() && !links_.lost() && steps_ < most_steps; }

    /// Whether the awaited state is one of them, or in line behind one that runs. What is too far to see counts as no.
    bool finds_circle() noexcept;

  private:
    static constexpr std::size_t room = 128;
    static constexpr unsigned most_steps = 20'000;

    /// Where to go on: each stands for itself and those behind it in its list.
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

/// The same without a bound, and each state once: takes longer, and memory. Where there is none, the answer is no.
class full_wait_search {
  public:
    full_wait_search(sleeping_thread const& me, sleeping_thread const* others) noexcept;

    bool finds_circle() noexcept;

  private:
    bool is_awaited(future_state_base& state, bool runs = false) noexcept;

    sleeping_thread const& me_;
    bool complete_ = true; // there was memory so far
    sleeping_thread const* others_;
    pointer_table<sleeping_thread> sleepers_;
    pointer_table<void> seen_;
    pointer_stack<running_scope> tasks_;
    pointer_stack<sleeping_thread> threads_;
    pointer_stack<continuation> links_;
};

/// All of them, under one mutex. While it is held nobody that is listed goes on.
class sleeping_threads {
  public:
    /// Lists a thread that is about to sleep. False, and it is not listed, when what it waits for needs that this
    /// thread goes on.
    bool enter(sleeping_thread& me) noexcept;

    /// For a thread that is listed: looks at all. False, and it is not listed any more, when it waits for itself.
    bool stay(sleeping_thread& me) noexcept;

    void leave(sleeping_thread& me) noexcept;

    /// A state was completed before what it waits for: returns when no thread looks at its continuations any more,
    /// which may go then.
    [[gnu::cold]] void let_searches_end() noexcept { os_lock const lock(mutex_); }

    /// Calls `f(first)` with the list of them, while none of them goes on.
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
    /// A thread that ends last has found a circle. True: others of the circle may end it, and look again.
    bool asks_others(sleeping_thread& me) noexcept;

    os_mutex mutex_;
    sleeping_thread* first_ = nullptr;
    std::size_t with_pieces_ = 0; // how many of them
    units_look look_ = nullptr;   // of such a thread
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
