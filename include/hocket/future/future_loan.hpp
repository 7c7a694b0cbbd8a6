// SPDX-License-Identifier: MIT
// The loan by which a task uses a future that stays with its owner: the task reads the value in its state. Callers:
// submit, then.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/future/future_forward.hpp>
#include <hocket/future/future_state.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A reference to a state, and a loan of its value: until the loan has ended, the value is not moved out.
template<class T>
class loan {
  public:
    explicit loan(future_state<T>& of) noexcept : state_(&of) {
        prepare_to_lend<T>();
        of.retain();
        of.word.lend();
    }
    loan(loan&&) noexcept = default;
    loan& operator=(loan&&) = delete;
    ~loan() {
        if (state_) state_->word.end_loan();
    }

    future_state<T>* state() const noexcept { return state_.get(); }
    std::exception_ptr hand_on_error() const noexcept { return state_->error(); }

  private:
    state_reference<future_state<T>> state_;
};

/// Returns another future for the result of a named one. From now on the value is copied where it would be moved out.
template<class T>
future<T> another_handle(future_state<T>& of) noexcept {
    prepare_to_lend<T>();
    of.retain();
    of.word.lend();
    return future<T>(&of);
}

/// Returns a future of a copy of the value. **Throws** what copying throws, std::bad_alloc, std::logic_error for a
/// value that cannot be copied.
template<class T>
HOCKET_COLD void become_copy(future<T>& from) {
    state_reference<future_state<T>> made(make_state<T>(nullptr, 1));
    made->set_value(copy_lent<T>(from.state()->value()));
    from = future<T>(made.detach());
}

/// Replaces a future that was handed over by the future of a copy, while others may read the value. Called before the
/// value is moved out.
template<class T>
HOCKET_ALWAYS_INLINE void make_own(future<T>& from) {
    if constexpr (std::is_object_v<T>)
        if (from.state()->word.lent()) [[unlikely]]
            become_copy(from);
}

} // namespace hocket::detail
