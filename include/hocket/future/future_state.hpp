// SPDX-License-Identifier: MIT
// The state behind a future: its words, its result, and the operations of the library on it. Futures, promises, tasks,
// coroutines and graphs hold references to it. It is one block of the slabs; nothing else is allocated.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/base/unobserved_error.hpp>
#include <hocket/future/future_copy.hpp>
#include <hocket/future/future_word.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/scope_numbers.hpp>
#include <hocket/sched/stop_link.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

struct future_state_base;
struct continuation;

/// A state that needs only some of several futures, as the continuation of one of these futures knows it. For threads
/// that search for cycles.
struct some_needed {
    const void* owner;        // of the continuations of all of these futures
    future_state_base* state; // null: no thread waits. May be gone, unless the futures below are known not to be ready
    std::size_t fatal;        // the state is not complete before one of any so many of the futures is ready
    bool continued;           // other continuations wait for the state
};

/// The operations of a kind of continuation.
struct continuation_kind {
    /// Called when the state is complete. Short; runs no code of the program but moves of values; may free the object
    /// that contains the continuation. It is never called within another `ready`.
    void (*ready)(continuation* self) noexcept;
    /// Returns the state that is not complete before the continuation was called; null for none.
    future_state_base* (*waiting)(continuation const& self) noexcept;
    /// Whether an error stays with the holders of the future: the call of the continuation does not count as asking for
    /// it.
    bool leaves_error = false;
    /// Set for a continuation of a state that needs only some of several futures. Then `waiting` returns a state only
    /// where one future is fatal.
    some_needed (*some)(continuation const& self) noexcept = nullptr;
};

/// A function that is called once when a state is complete, by the thread that completes the state.
struct continuation {
    continuation_kind const* kind = nullptr;
    continuation* next = nullptr; // for the list, while the continuation is in it
};

/// Whether a continuation of a list that gets an error passes it on or handles it.
bool asks_for_error(continuation const* newest) noexcept;

using future_word = basic_future_word<std_atomics, continuation>;

/// The order in which the results of one scope are computed.
enum class computing_order : std::uint8_t {
    any,
    one_runs,   ///< while a thread computes one, no thread computes another one
    one_by_one, ///< no other one is computed before one that has begun is complete
};

/// The operations and properties of a kind of state.
struct future_type {
    void (*destroy)(future_state_base*) noexcept;                             // the last reference is gone
    std::exception_ptr const& (*error)(future_state_base&) noexcept;          // of a failed state
    continuation* (*execute)(future_state_base*) noexcept;                    // of a task: see future_task.hpp
    continuation* (*refuse)(future_state_base*, std::exception_ptr) noexcept; // of a task that will not run: it fails
    bool nests;                                                               // the value may hold futures
    bool awaited = false; // the thread that drops the future waits: the task must not outlive it
    /// For a waiting thread: makes a stop around it, at the place that is not null, end the computation of the result.
    /// Returns true if no thread may look at that place for long; then the thread calls this once more when it is told
    /// of a stop. May be null.
    bool (*watch)(future_state_base&, stop_place const* around) noexcept = nullptr;
    /// Called when the result is not wanted any more: gives up what the state needs. May be null.
    void (*give_up)(future_state_base&) noexcept = nullptr;
    /// For a waiting external thread that takes no worker's place: runs what the result needs, if no other thread does.
    /// May be null.
    void (*help_outside)(future_state_base&) noexcept = nullptr;
    /// The order in which the results of the state's scope are computed.
    computing_order order = computing_order::any;
    /// Whether no task computes the result: a thread that gives it up ends it. See `promise`.
    bool is_promised = false;
    /// Called by a thread that waits, for a stop around the wait: notes which of the futures that the state needs its
    /// body has started, and no others may want. May be null.
    void (*note_ours)(future_state_base&) noexcept = nullptr;
};

struct future_state_base {
    future_state_base(future_type const& its_type, scheduler* pool, bool offered, std::uint32_t references) noexcept
        : word(offered, references), type(&its_type), sched(pool) {}
    future_state_base(future_state_base const&) = delete;
    future_state_base& operator=(future_state_base const&) = delete;

    /// Adds a continuation. Returns false when the state is complete already: then `c` was not added.
    bool add(continuation& c) noexcept;
    bool complete() const noexcept { return word.complete(); }
    bool failed() const noexcept { return word.failed(); }
    /// Returns the error of a state that has failed.
    std::exception_ptr const& error() noexcept;
    /// Claims the task that computes the result, if there is one that can begin and no thread has begun it. Then the
    /// caller must run it.
    bool try_begin() noexcept { return word.try_begin(); }

    void retain(std::uint32_t more = 1) noexcept { word.retain(more); }
    void release() noexcept;

    future_word word;
    future_type const* type;
    /// Runs a part of the awaited work on a thread that waits for it; returns whether it ran something. May be null.
    bool (*help)(future_state_base& self, worker& me) noexcept = nullptr;
    scheduler* sched;            // where continuations run; null: on the pool of the thread that adds one
    void const* scope = nullptr; // of the task that computes it: see new_scope
};

/// The continuations that this thread still has to call, while it calls some.
struct continuation_queue {
    continuation* first = nullptr;
    continuation* last = nullptr;
};
inline constinit thread_local continuation_queue* calling = nullptr;

/// Calls the continuations of a state that was completed, in the order in which they were added. Within a continuation
/// it only notes them for the call under way. So the stack stays flat, however long a chain of states completes each
/// other.
void call_ready(continuation* newest) noexcept;

/// States that this thread has to destroy, while it destroys one; linked by `scope`.
inline constinit thread_local future_state_base** dropped = nullptr;

/// Destroys a state. A value may hold the last reference to another state: these states are destroyed one after the
/// other, not one within another.
[[gnu::cold]] void destroy_flat(future_state_base* state) noexcept;

/// The result of a callable that returns void.
struct no_value {};

template<class T>
using stored_value = std::conditional_t<std::is_void_v<T>, no_value,
                                        std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

/// A state with room for a T or an error.
template<class T>
struct future_state : future_state_base {
    using stored = stored_value<T>;
    static_assert(alignof(stored) <= slab_alignment, "hocket: a future's value needs more than 64 bytes of alignment");

    using future_state_base::future_state_base;
    ~future_state() {
        if (!complete()) return;
        if (failed())
            drop_error();
        else
            room_.value.~stored();
    }

    /// Makes the value; `word.set` must follow.
    template<class... Args>
    void emplace(Args&&... args) {
        if constexpr (std::is_reference_v<T>)
            ::new (static_cast<void*>(__builtin_addressof(room_.value))) stored(__builtin_addressof(args)...);
        else
            ::new (static_cast<void*>(__builtin_addressof(room_.value))) stored(std::forward<Args>(args)...);
    }
    void emplace_error(std::exception_ptr error) noexcept {
        ::new (static_cast<void*>(&room_.error)) std::exception_ptr(std::move(error));
    }
    /// Takes an error back that was made, before `word.set`.
    HOCKET_COLD std::exception_ptr withdraw_error() noexcept {
        std::exception_ptr error = std::move(room_.error);
        room_.error.~exception_ptr();
        return error;
    }
    /// Makes the result: what `f()` returns or throws.
    template<class F>
    bool emplace_result(F&& f) noexcept {
        try {
            if constexpr (std::is_void_v<T>) {
                std::forward<F>(f)();
                emplace();
            } else if constexpr (std::is_reference_v<T>) {
                emplace(std::forward<F>(f)());
            } else {
                ::new (static_cast<void*>(__builtin_addressof(room_.value))) stored(std::forward<F>(f)());
            }
            return true;
        } catch (...) {
            emplace_error(std::current_exception());
            return false;
        }
    }

    template<class... Args>
    void set_value(Args&&... args) {
        emplace(std::forward<Args>(args)...);
        call_ready(word.set(false));
    }
    void set_exception(std::exception_ptr error) noexcept {
        emplace_error(std::move(error));
        call_ready(word.set(true));
    }

    /// Returns the value of a complete state that has not failed.
    stored& value() noexcept { return room_.value; }
    /// Returns the error of a state that has failed: moved out, unless others may read it.
    std::exception_ptr take_error() noexcept {
        word.observe();
        if (word.ended()) return lasting_error<operation_cancelled>();
        if (word.lent()) [[unlikely]]
            return room_.error;
        return std::move(room_.error);
    }
    /// Returns the T for get(): moved out, or copied while others may read it. **Throws** std::logic_error for a value
    /// that others may read and that cannot be copied.
    T take() {
        if constexpr (std::is_reference_v<T>) {
            return static_cast<T>(*room_.value);
        } else if constexpr (!std::is_void_v<T>) {
            if (word.lent()) [[unlikely]]
                return copy_lent<T>(room_.value);
            return std::move(room_.value);
        }
    }

    /// Destroys what the holder of a promise has written after another thread had ended the result.
    HOCKET_COLD void take_back(bool is_error) noexcept {
        if (is_error)
            room_.error.~exception_ptr();
        else
            room_.value.~stored();
    }

    HOCKET_COLD void drop_error() noexcept {
        if (word.ended()) return;
        if (!word.observed()) report_unobserved(room_.error);
        room_.error.~exception_ptr();
    }

    static std::exception_ptr const& error_of(future_state_base& base) noexcept {
        if (base.word.ended()) return lasting_error<operation_cancelled>(); // made by the promise
        return static_cast<future_state&>(base).room_.error;
    }

  private:
    union room {
        room() noexcept {}
        ~room() {}
        stored value;
        std::exception_ptr error;
    } room_;
};

/// Returns the type of states of class State with a T. If they are tasks, `execute` runs them and `refuse` makes them
/// fail.
template<class State, class T>
constexpr future_type type_of_state(continuation* (*execute)(future_state_base*) noexcept = nullptr,
                                    continuation* (*refuse)(future_state_base*,
                                                            std::exception_ptr) noexcept = nullptr) noexcept {
    return {[](future_state_base* base) noexcept { destroy_in_slab(static_cast<State*>(base)); },
            &future_state<T>::error_of, execute, refuse, !std::is_trivially_destructible_v<stored_value<T>>};
}

template<class T>
inline constexpr future_type plain_future = type_of_state<future_state<T>, T>();

[[nodiscard]] constexpr future_type promised_type(future_type type) noexcept {
    type.is_promised = true;
    return type;
}
template<class T>
inline constexpr future_type promised_future = promised_type(plain_future<T>);

[[nodiscard]] constexpr future_type awaited_type(future_type type) noexcept {
    type.awaited = true;
    return type;
}
/// Returns the type of a state that needs others, which `give_up` gives up.
[[nodiscard]] constexpr future_type with_parts(future_type type, void (*give_up)(future_state_base&) noexcept) {
    type.give_up = give_up;
    return type;
}
/// Returns the type of a state that needs named futures.
[[nodiscard]] constexpr future_type with_named(future_type type, void (*note_ours)(future_state_base&) noexcept) {
    type.note_ours = note_ours;
    return type;
}
/// Returns the type of calls of one object.
[[nodiscard]] constexpr future_type ordered_type(future_type type, computing_order order,
                                                 void (*help_outside)(future_state_base&) noexcept) {
    type.order = order;
    type.help_outside = help_outside;
    return type;
}
/// Makes a state whose result other code will set. `pool` may be null.
template<class T>
future_state<T>* make_state(scheduler* pool, std::uint32_t references) {
    return make_in_slab<future_state<T>>(plain_future<T>, pool, false, references);
}

/// An owner of one reference to a state.
template<class State>
class state_reference {
  public:
    state_reference() = default;
    explicit state_reference(State* adopted) noexcept : state_(adopted) {}
    state_reference(state_reference&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    state_reference(state_reference const& other) noexcept : state_(other.state_) {
        if (state_ != nullptr) state_->retain();
    }
    state_reference& operator=(state_reference other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~state_reference() {
        if (state_ != nullptr) state_->release();
    }

    State* get() const noexcept { return state_; }
    State* operator->() const noexcept { return state_; }
    State& operator*() const noexcept { return *state_; }
    explicit operator bool() const noexcept { return state_ != nullptr; }
    /// Hands the reference to the caller.
    State* detach() noexcept { return std::exchange(state_, nullptr); }

  private:
    State* state_ = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/future/future_state.ipp>
#endif
