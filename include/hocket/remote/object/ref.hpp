// SPDX-License-Identifier: MIT
// References to results of calls. A `ref<T>` is copyable, its value never changes, and it can be an argument of other
// calls, in any process. Public.
#pragma once

#include <hocket/coroutine/awaitables.hpp>
#include <hocket/coroutine/coroutine_state.hpp>
#include <hocket/future/future.hpp>

#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

template<class T>
class ref;

namespace detail {

/// The state that a ref refers to. The thread that computes the value calls `set_value` or `set_exception` once, from
/// any thread.
template<class T>
using ref_state = future_state<T>;

template<class R>
inline constexpr bool is_ref = false;
template<class T>
inline constexpr bool is_ref<ref<T>> = true;

[[noreturn]] [[gnu::cold]] void throw_value_is_shared();
/// Checks a wait of an actor method that is a coroutine. **Throws** std::logic_error if it would wait for a call that
/// is queued behind it.
void check_awaited(future_state_base const& state, coroutine_run const& run);

/// Takes the value of a complete state, of which the caller holds one ref. Moves the value if no other holder can read
/// it, else copies it.
template<class T>
T take_or_copy(ref_state<T>& state) {
    if constexpr (!std::is_void_v<T>) {
        if (!state.word.lent()) return std::move(state.value());
        if constexpr (value_can_be_copied<T>)
            return T(std::as_const(state.value()));
        else
            throw_value_is_shared();
    }
}

} // namespace detail

/// The result of a call on a `remote_pool`, or a value that was `put` there: an immutable T, nothing (void), or an
/// exception. Copies refer to the same result, which lives as long as any of them in this process.
///
/// As an argument of another call it is a dependency: the call begins when the value is ready, and receives the value.
/// A ref within a container or class stays a ref. So does a ref for a parameter of type `ref<T>`.
///
/// **Threads** one at a time for each object; several threads may use copies at once. **Order** all effects of the task
/// happen before the return of `get` and `wait`.
template<class T>
class [[nodiscard]] ref : public detail::future_handle<T, detail::wanted_by::owner> {
    static_assert(!std::is_reference_v<T> && !std::is_const_v<T>, "hocket: a ref<T> refers to a value of type T");
    static_assert(!detail::is_ref<T>,
                  "hocket: a ref of a ref does not exist: what a call returns as a ref<T> is a ref<T>");
    using base = detail::future_handle<T, detail::wanted_by::owner>;

  public:
    using value_type = T;

    ref() = default;
    ref(ref&&) noexcept = default;
    ref(ref const& other) noexcept : base(other) { share(); }
    ref& operator=(ref&& other) noexcept {
        if (this != &other) {
            drop();
            this->state_ = std::move(other.state_);
        }
        return *this;
    }
    ref& operator=(ref const& other) noexcept { return *this = ref(other); }
    ~ref() { drop(); }

    /// Returns the value once it is ready. A named ref returns a reference to the stored value, which is valid as long
    /// as any ref to it exists in this process. A temporary (`submit(...).get()`) returns the value itself: moved out
    /// if this is the last ref, else copied. **Blocks** and **Throws** as `future::get`; each call rethrows the
    /// exception of the task.
    std::add_lvalue_reference_t<T const> get() const& { return this->lasting_value(); }
    T get() && {
        ref const taken(std::move(*this));
        return taken.take_value();
    }

    /// Returns the value and clears the ref: moves the value out if this is the last ref in this process, else copies
    /// it. **Blocks** and **Throws** as `get()`; std::logic_error if others may read a value that cannot be copied.
    T take() { return std::move(*this).get(); }

    /// For the library: adopts one reference, of which this object is the first holder.
    explicit ref(detail::ref_state<T>* adopted) noexcept : base(adopted) {}
    explicit ref(detail::state_reference<detail::ref_state<T>> from) noexcept : base(std::move(from)) {}
    /// For the library: returns the error for work that depends on this ref.
    std::exception_ptr hand_on_error() const noexcept { return this->state()->error(); }
    /// For the library: serializes a ref within a value that goes to another process.
    template<class Archive>
    void serialize(Archive& archive) {
        serialize_ref(archive, *this); // see ref_bytes.hpp
    }
    /// For the library: takes the value of a ref that is complete and has not failed.
    T take_value_now() const { return detail::take_or_copy<T>(*this->state_); }
    /// For the library: returns the awaiter of `co_await`.
    auto awaiter_in(detail::coroutine_run& run) const& {
        detail::check_awaited(this->require(), run);
        return detail::future_awaiter<ref const&>(run, *this);
    }
    auto awaiter_in(detail::coroutine_run& run) && {
        detail::check_awaited(this->require(), run);
        return detail::future_awaiter<ref&&>(run, std::move(*this));
    }

  private:
    void share() const noexcept {
        if (this->state_) this->state_->word.lend();
    }
    void drop() noexcept {
        if (this->state_) this->state_->word.end_share();
    }
    T take_value() const {
        detail::ref_state<T>& state = this->require();
        detail::wait_for_state(state, detail::wanted_by::caller, detail::wait_goal::value);
        if (state.failed()) [[unlikely]]
            std::rethrow_exception(state.take_error());
        return take_value_now();
    }
};

namespace detail {

/// A task that returns a ref promises the value of that ref.
template<class T>
struct promised<ref<T>> {
    using type = T;
    static constexpr bool nested = true;
    static constexpr bool coroutine = false;
};

} // namespace detail

/// Returns the future of the value of a ref: for `then`, `when_all` and `as_completed`. The future has a copy of the
/// value. If the ref is moved in and is the last one, the future has the value itself. **Threads** any. **Blocks**
/// never. **Throws** std::logic_error for an empty ref, std::bad_alloc.
template<class T>
future<T> to_future(ref<T> from) {
    if (!from.valid()) detail::throw_no_state();
    detail::scheduler* const pool = from.state()->sched;
    detail::future_state<T>* const state = detail::make_state<T>(pool, 1);
    future<T> result(state);
    detail::call_ready(detail::forward_result<T>(std::move(from), *state));
    return result;
}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/object/ref.ipp>
#endif
