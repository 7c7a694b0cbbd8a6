// SPDX-License-Identifier: MIT
// Who waits for which future, floor 5: finds out, before a thread goes to sleep, whether it would wait for itself. Callers: the
// waits of futures, on their slow side, and what runs tasks.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/task/future_state.hpp>

#include <cstddef>
#include <mutex>

namespace hocket::detail {

class running_scope;

/// The newest of the tasks that this thread runs, one on top of the other.
inline constinit thread_local running_scope const* innermost_running = nullptr;

/// Says that this thread runs the task of a state, which is not complete before the scope ends.
class running_scope {
  public:
    explicit running_scope(future_state_base& its_state) noexcept : state(its_state), below(innermost_running) {
        innermost_running = this;
    }
    ~running_scope() { innermost_running = below; }
    running_scope(running_scope const&) = delete;
    running_scope& operator=(running_scope const&) = delete;

    future_state_base& state;
    running_scope const* const below;
};

/// A thread that sleeps until a state is complete, to which it holds a reference.
struct sleeping_thread {
    explicit sleeping_thread(future_state_base& what) noexcept : awaited(what) {}

    future_state_base& awaited;
    running_scope const* const running = innermost_running;
    sleeping_thread* next = nullptr;
};

/// Looks through all states that cannot be complete before a sleeping thread goes on: those of the tasks that it runs, of what
/// continues them, of the tasks of threads that sleep for one of these, and so on. None of them is complete while this looks,
/// so none goes away, and nor does what lies in its list.
class wait_search {
  public:
    wait_search(sleeping_thread const& me, sleeping_thread const* others) noexcept : me_(me), others_(others) {}

    /// Whether the awaited state is one of them. What is too far to see counts as no.
    bool finds_circle() noexcept {
        tasks_.push(me_.running);
        for (;;) {
            if (running_scope const* const task = tasks_.pop()) {
                tasks_.push(task->below);
                if (is_awaited(task->state)) return true;
            } else if (continuation const* const one = links_.pop()) {
                links_.push(one->next);
                future_state_base* const state = one->kind->waiting(*one);
                if (state != nullptr && is_awaited(*state)) return true;
            } else {
                return false;
            }
        }
    }

  private:
    static constexpr std::size_t room = 128;
    static constexpr unsigned most_steps = 20'000;

    /// Where to go on: each stands for itself and those behind it in its list.
    template<class T>
    class to_do {
      public:
        explicit to_do(unsigned& steps) noexcept : steps_(steps) {}
        void push(T const* one) noexcept {
            if (one != nullptr && count_ != room && ++steps_ < most_steps) all_[count_++] = one;
        }
        T const* pop() noexcept { return count_ == 0 ? nullptr : all_[--count_]; }

      private:
        unsigned& steps_;
        std::size_t count_ = 0;
        T const* all_[room];
    };

    bool is_awaited(future_state_base& state) noexcept {
        if (&state == &me_.awaited) return true;
        links_.push(state.word.newest());
        for (sleeping_thread const* other = others_; other != nullptr && ++steps_ < most_steps; other = other->next)
            if (&other->awaited == &state) tasks_.push(other->running);
        return false;
    }

    sleeping_thread const& me_;
    sleeping_thread const* const others_;
    unsigned steps_ = 0;
    to_do<running_scope> tasks_{steps_};
    to_do<continuation> links_{steps_};
};

/// All of them, under one mutex. While it is held nobody that is listed goes on.
class sleeping_threads {
  public:
    /// Lists a thread that is about to sleep. False, and it is not listed, when what it waits for needs that this thread goes on.
    bool enter(sleeping_thread& me) noexcept {
        std::lock_guard const lock(mutex_);
        if (me.running != nullptr && wait_search(me, first_).finds_circle()) return false;
        me.next = first_;
        first_ = &me;
        return true;
    }

    void leave(sleeping_thread& me) noexcept {
        std::lock_guard const lock(mutex_);
        for (sleeping_thread** place = &first_; *place != nullptr; place = &(*place)->next)
            if (*place == &me) {
                *place = me.next;
                return;
            }
    }

  private:
    std::mutex mutex_;
    sleeping_thread* first_ = nullptr;
};

inline constinit sleeping_threads all_sleeping_threads;

} // namespace hocket::detail
