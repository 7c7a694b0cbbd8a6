// SPDX-License-Identifier: MIT
// The list of stop listeners: the tokens of `this_task::stop_token`, each with the place where it was requested. A
// thread that stops an operation walks the list and requests a stop of each listener in that operation. A listener
// leaves the list before its place ends. Callers: stop_scope.hpp and future/task_stop_token.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/sched/stop_link.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

struct stop_listener {
    void (*request)(stop_listener&) noexcept; // runs callbacks of the program
    void (*destroy)(stop_listener&) noexcept; // called when the last reference is gone
    stop_place place;
    void const* scope; // the stop_scope in which it was requested; null: none
    bool silent;       // a stop may come without a call of `tell_of_stop`: a thread that polls tells it
    bool requested = false;
    stop_listener* next = nullptr;
    /// Writers: the list, and threads that call `request`.
    atomic<std::uint32_t> references{1};
};

/// A lock for a few steps of the whole process. Its word is the generation of the process in which the lock was taken:
/// a child of fork() does not wait for a thread that exists only in the parent.
template<class Atomics>
class basic_process_lock {
  public:
    using word = typename Atomics::template atomic<std::uint32_t>;

    HOCKET_NOINLINE explicit basic_process_lock(word& locked) noexcept : word_(locked) {
        std::uint32_t const taken = fork_generation + 1;
        for (unsigned looks = 1;; ++looks) {
            std::uint32_t seen = word_.load(std::memory_order_relaxed);
            if (seen != taken &&
                word_.compare_exchange_weak(seen, taken, std::memory_order_acquire, // <- process_lock.unlock
                                            std::memory_order_relaxed))
                return;
            if (looks % 128 == 0)
                sleep_for(20'000);
            else
                Atomics::pause();
        }
    }
    ~basic_process_lock() { word_.store(0, std::memory_order_release); } // process_lock.unlock ->
    basic_process_lock(basic_process_lock const&) = delete;
    basic_process_lock& operator=(basic_process_lock const&) = delete;

  private:
    word& word_;
};

using process_lock = basic_process_lock<std_atomics>;

/// Lets the owner of a listener wait until a thread that tells it of a stop has done what the listener asks for.
template<class Atomics>
class basic_stop_answer {
  public:
    /// Called once. The owner keeps a reference to the listener.
    void give() noexcept {
        word_.store(1, std::memory_order_release); // stop_answer.give ->
        Atomics::futex_wake_one(word_);
    }
    bool given() const noexcept { return word_.load(std::memory_order_acquire) != 0; } // <- stop_answer.give
    /// Called by one thread.
    void wait() noexcept {
        while (!given()) Atomics::futex_wait(word_, 0);
    }

  private:
    /// 1 when the answer is given. Writer: the thread that tells. Reader: the owner.
    typename Atomics::template atomic<std::uint32_t> word_{0};
};

using stop_answer = basic_stop_answer<std_atomics>;

/// `Listener` is stop_listener except in the model.
template<class Atomics, class Listener>
class basic_stop_listeners {
  public:
    using place = decltype(Listener::place);

    /// Adds a listener; the list takes over the reference. Tells it at once of a stop that came before.
    HOCKET_COLD void add(Listener& one) noexcept {
        guard const lock(*this);
        if (push(one)) one.request(one); // there are no callbacks yet
    }
    /// Adds a listener, but does not tell it of a stop that came before: returns whether there was one.
    [[nodiscard]] HOCKET_COLD bool add_unless_stopped(Listener& one) noexcept {
        guard const lock(*this);
        return push(one);
    }

    /// Calls `f` for the listener at this place, under the lock. Returns whether there is one.
    template<class F>
    bool find(place const& where, void const* scope, F const& f) noexcept {
        guard const lock(*this);
        for (Listener* one = first_; one != nullptr; one = one->next) {
            if (one->scope != scope || !is_same(one->place, where)) continue;
            f(*one);
            return true;
        }
        return false;
    }

    /// Tells each listener whose operation was stopped and that was not told before: the `silent` ones if `silent`,
    /// else the others. **Blocks** while their callbacks run.
    HOCKET_COLD void tell(bool silent) noexcept {
        while (Listener* const one = take_stopped(silent)) {
            one->request(*one);
            release(*one);
        }
    }

    /// Drops the listeners for which `ends(listener)` is true; returns how many.
    template<class F>
    HOCKET_COLD std::uint32_t drop(F const& ends) noexcept {
        Listener* taken_out = nullptr;
        {
            guard const lock(*this);
            for (link* at = &first_; Listener* const one = *at;) {
                if (!ends(*one)) {
                    at = &one->next;
                    continue;
                }
                Listener* const next = one->next;
                *at = next;
                one->next = taken_out;
                taken_out = one;
            }
        }
        std::uint32_t count = 0;
        for (; taken_out != nullptr; ++count) {
            Listener* const next = taken_out->next;
            release(*taken_out);
            taken_out = next;
        }
        return count;
    }

    /// Drops listeners that were told when an earlier join at this place failed; returns how many. Called by the thread
    /// that is there.
    HOCKET_COLD std::uint32_t drop_used(place const& where, void const* scope) noexcept {
        return drop([&](Listener const& one) {
            return one.requested && one.scope == scope && is_same(one.place, where) && !where.stopped();
        });
    }

    /// Whether a listener needs a thread that polls.
    HOCKET_COLD bool any_silent() noexcept {
        guard const lock(*this);
        for (Listener const* one = first_; one != nullptr; one = one->next)
            if (one->silent && !one->requested) return true;
        return false;
    }

    /// Gives a reference back.
    static void release(Listener& one) noexcept {
        if (one.references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            one.destroy(one); // stop_listener.release ->, <- stop_listener.release
    }

  private:
    using link = decltype(Listener::next);

    /// The lock. Forgets the listeners of the parent process: their threads do not exist here.
    class guard {
      public:
        explicit guard(basic_stop_listeners& all) noexcept : lock_(all.lock_) {
            if (all.generation_ == fork_generation) return;
            all.generation_ = fork_generation;
            all.first_ = nullptr;
        }

      private:
        basic_process_lock<Atomics> lock_;
    };

    static bool is_same(place const& a, place const& b) noexcept {
        return a.link == b.link && a.slot == b.slot && a.first == b.first && a.last == b.last;
    }
    /// Adds a listener. Returns whether its operation was stopped before.
    bool push(Listener& one) noexcept {
        Listener* const next = first_;
        one.next = next;
        first_ = &one;
        one.requested = one.place.stopped();
        return one.requested;
    }
    /// Takes the next listener that is to be told. Under the lock its place has not ended.
    Listener* take_stopped(bool silent) noexcept {
        guard const lock(*this);
        for (Listener* one = first_; one != nullptr; one = one->next) {
            if (one->silent != silent || one->requested || !one->place.stopped()) continue;
            one->requested = true;
            one->references.fetch_add(1, std::memory_order_relaxed);
            return one;
        }
        return nullptr;
    }

    /// Writers: threads that look at the list. It guards the next two and `requested`.
    typename Atomics::template atomic<std::uint32_t> lock_{0};
    std::uint32_t generation_ = 0;
    link first_{};
};

using stop_listeners = basic_stop_listeners<std_atomics, stop_listener>;

inline constinit stop_listeners stop_listeners_of_process;

/// How many listeners were requested in stop_scopes of this thread.
inline constinit thread_local std::uint32_t stop_listeners_here = 0;

/// Drops the listeners of a scope that ends.
[[gnu::cold]] void drop_stop_listeners(void const* scope) noexcept;

/// Drops the listeners of a pool that ends.
[[gnu::cold]] void drop_stop_listeners_of(scheduler const& pool) noexcept;

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/stop_listeners.ipp>
#endif
