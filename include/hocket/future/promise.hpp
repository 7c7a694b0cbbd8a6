// SPDX-License-Identifier: MIT
// The other end of a future: the holder of the promise sets the result. Public.
#pragma once

#include <hocket/base/lasting_error.hpp>
#include <hocket/future/future.hpp>

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Sets the result of one future, once. A result that is given up meanwhile, such as by a stop around a call of `get`,
/// ends: the future has the error `operation_cancelled`, and what is set later is dropped. **Threads** one at a time;
/// other threads may use the future. **Blocks** never: it hands continuations to their pool; continuations of a pool
/// that has ended fail with `pool_ended`.
template<class T>
class promise {
  public:
    promise() {
        static bool const prepared = prepare(); // the destructor needs no memory
        (void)prepared;
        state_ = detail::make_in_slab<detail::future_state<T>>(detail::promised_future<T>, nullptr, false, 1u);
        state_->scope = detail::new_scope(); // a body that makes the promise has started what its future waits for
    }
    promise(promise&& other) noexcept
        : state_(std::exchange(other.state_, nullptr)),
          given_(other.given_),
          kept_(std::exchange(other.kept_, false)) {}
    promise& operator=(promise&& other) noexcept {
        promise taken(std::move(other));
        std::swap(state_, taken.state_);
        std::swap(given_, taken.given_);
        std::swap(kept_, taken.kept_);
        return *this;
    }
    /// Gives waiters the error `broken_promise`, if no result was set.
    ~promise() {
        if (state_ == nullptr) return;
        if (!kept_ && given_) give_up();
        state_->release();
    }

    /// Returns the future. **Throws** std::logic_error the second time.
    future<T> get_future() {
        require();
        if (given_)
            throw std::logic_error(
                "hocket: get_future() was already called: a promise has one future, which can be shared");
        given_ = true;
        state_->retain();
        return future<T>(state_);
    }

    /// Sets the value; a T& for a reference, nothing for void. **Throws** std::logic_error when the result was set
    /// before.
    template<class... Args>
        requires(std::is_void_v<T> ? sizeof...(Args) == 0 : std::is_constructible_v<detail::stored_value<T>, Args...>)
    void set_value(Args&&... args) {
        require_unkept();
        state_->emplace(std::forward<Args>(args)...);
        keep(false);
    }
    template<class U = T>
        requires(std::is_reference_v<U>)
    void set_value(std::type_identity_t<U> value) {
        require_unkept();
        state_->emplace(value);
        keep(false);
    }
    /// Sets an error. **Throws** std::logic_error when the result was set before, std::invalid_argument when there is
    /// no error.
    void set_exception(std::exception_ptr error) {
        require_unkept();
        if (error == nullptr) throw std::invalid_argument("hocket: promise::set_exception is given no exception");
        state_->emplace_error(std::move(error));
        keep(true);
    }

    /// For the library.
    detail::future_state<T>* state() const noexcept { return state_; }

  private:
    HOCKET_COLD static bool prepare() {
        (void)detail::lasting_error<broken_promise>();
        (void)detail::lasting_error<operation_cancelled>();
        return true;
    }

    HOCKET_COLD void give_up() noexcept {
        state_->emplace_error(detail::error_without_memory<broken_promise>());
        keep(true);
        state_->word.observe(); // not worth a report
    }

    void require() const {
        if (state_ == nullptr) [[unlikely]]
            throw std::logic_error("hocket: this promise was moved from");
    }
    void require_unkept() const {
        require();
        if (kept_) [[unlikely]]
            throw std::logic_error("hocket: the promise is already satisfied: its result can be set only once");
    }
    void keep(bool failed) noexcept {
        kept_ = true;
        bool ended = false;
        detail::call_ready(state_->word.set_unless_ended(failed, ended));
        if (ended) [[unlikely]]
            state_->take_back(failed);
    }

    detail::future_state<T>* state_ = nullptr;
    bool given_ = false; // the future
    bool kept_ = false;
};

} // namespace hocket
