// SPDX-License-Identifier: MIT
// A queue between coroutines: channel<T>. Public.
#pragma once

#include <hocket/coroutine/async_waiters.hpp>

#include <cstddef>
#include <list>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The error of a `push` into a closed channel.
class channel_closed : public std::runtime_error {
  public:
    channel_closed() : std::runtime_error("hocket: the channel is closed: it takes no more values") {}
};

/// A queue of at most `capacity` values between coroutines (`task`). `co_await c.push(x)` waits while it is full, and
/// `std::optional<T> x = co_await c.pop()` waits while it is empty. After `close` it takes no more values. The values
/// that it holds can still be popped; then `pop` returns an empty optional:
/// `while (auto x = co_await c.pop()) use(*x);`. With a capacity of 0 a push waits until its value is popped. Any
/// number of coroutines may push and pop. Values come out in the order in which they were pushed, and coroutines are
/// served in the order in which they came. A waiting coroutine occupies no thread.
///
/// **Threads** any, of any pools. Waiting coroutines must have gone on or ended before the channel is destroyed;
/// `close` makes them go on. **Throws** `channel_closed` from a `push` into a closed channel; `operation_cancelled` in
/// a coroutine whose stop token is requested while it waits, and its value was not pushed. **Order** effects before
/// `push` happen before `pop` returns the value.
template<class T>
class channel {
    static_assert(std::is_object_v<T>, "hocket: the T of channel<T> must be an object type");
    static_assert(!std::is_object_v<T> || std::is_nothrow_move_constructible_v<T>,
                  "hocket: a channel moves its values, which must not throw");

  public:
    explicit channel(std::size_t capacity) noexcept : capacity_(capacity) {}
    channel(channel const&) = delete;
    channel& operator=(channel const&) = delete;

    class push_awaiter : public detail::async_awaiter<channel, push_awaiter> {
      public:
        push_awaiter(detail::coroutine_run& its_run, channel& to, T&& from) noexcept
            : detail::async_awaiter<channel, push_awaiter>(its_run, to), value(std::move(from)) {}
        void await_resume() {
            this->finish();
            if (refused) throw channel_closed();
        }

        T value;
        bool refused = false;
    };
    class pop_awaiter : public detail::async_awaiter<channel, pop_awaiter> {
      public:
        using detail::async_awaiter<channel, pop_awaiter>::async_awaiter;
        std::optional<T> await_resume() {
            this->finish();
            return std::move(value);
        }

        std::optional<T> value;
    };
    /// The awaitable of `push`.
    struct [[nodiscard]] pushing {
        channel& to;
        T value;
        push_awaiter awaiter_in(detail::coroutine_run& run) noexcept { return push_awaiter(run, to, std::move(value)); }
    };
    struct [[nodiscard]] popping {
        channel& from;
        pop_awaiter awaiter_in(detail::coroutine_run& run) const noexcept { return pop_awaiter(run, from); }
    };

    /// Returns the awaitable of `co_await c.push(x)`.
    pushing push(T value) { return {*this, std::move(value)}; }
    /// `co_await c.pop()` returns a value, or an empty optional after the last value of a closed channel.
    popping pop() noexcept { return {*this}; }

    /// Pushes if this needs no wait; otherwise returns false, and `value` stays as it was. **Blocks** never. **Throws**
    /// channel_closed, std::bad_alloc.
    [[nodiscard]] bool try_push(T&& value) {
        detail::async_woken woken;
        {
            detail::os_lock const lock(mutex_);
            if (closed_) throw channel_closed();
            if (!accept(value, woken)) return false;
        }
        woken.wake_all();
        return true;
    }
    /// Returns a value, if there is one. **Blocks** never.
    [[nodiscard]] std::optional<T> try_pop() noexcept {
        detail::async_woken woken;
        std::optional<T> value;
        {
            detail::os_lock const lock(mutex_);
            give(value, woken);
        }
        woken.wake_all();
        return value;
    }
    /// Closes the channel: waiting pushes fail, and waiting pops return an empty optional. A second call does nothing.
    /// **Blocks** never.
    void close() noexcept {
        detail::async_woken woken;
        {
            detail::os_lock const lock(mutex_);
            closed_ = true;
            while (!pushers_.empty()) {
                detail::async_waiter& refused = pushers_.grant_first();
                static_cast<push_awaiter&>(refused).refused = true;
                woken.push(refused);
            }
            while (!poppers_.empty()) woken.push(poppers_.grant_first());
        }
        woken.wake_all();
    }
    [[nodiscard]] bool closed() const noexcept {
        detail::os_lock const lock(mutex_);
        return closed_;
    }
    /// Returns how many values it holds, at some moment.
    [[nodiscard]] std::size_t size() const noexcept {
        detail::os_lock const lock(mutex_);
        return values_.size();
    }

  private:
    template<class Object, class Derived>
    friend class detail::async_awaiter;

    /// Moves the value to a coroutine that waits for one, or into the queue. Returns false if there is no room.
    bool accept(T& value, detail::async_woken& woken) {
        if (!poppers_.empty()) {
            detail::async_waiter& served = poppers_.grant_first();
            static_cast<pop_awaiter&>(served).value.emplace(std::move(value));
            woken.push(served);
            return true;
        }
        if (values_.size() >= capacity_) return false;
        values_.emplace_back(std::move(value));
        return true;
    }
    /// Moves the oldest value to `to`; this makes room for the value of a coroutine that waits.
    void give(std::optional<T>& to, detail::async_woken& woken) noexcept {
        if (values_.empty() && pushers_.empty()) return;
        std::list<std::optional<T>> oldest;
        if (!values_.empty()) {
            oldest.splice(oldest.begin(), values_, values_.begin());
            to.emplace(std::move(*oldest.front()));
        }
        if (pushers_.empty()) return;
        detail::async_waiter& served = pushers_.grant_first();
        T& value = static_cast<push_awaiter&>(served).value;
        if (oldest.empty()) {
            to.emplace(std::move(value));
        } else {
            oldest.front().emplace(std::move(value));
            values_.splice(values_.end(), oldest);
        }
        woken.push(served);
    }

    bool begin(push_awaiter& who, detail::async_woken& woken) {
        who.refused = closed_;
        if (closed_ || accept(who.value, woken)) return true;
        pushers_.push(who);
        return false;
    }
    bool begin(pop_awaiter& who, detail::async_woken& woken) noexcept {
        give(who.value, woken);
        if (who.value.has_value() || closed_) return true;
        poppers_.push(who);
        return false;
    }
    void leave(push_awaiter& who) noexcept { pushers_.remove(who); }
    void leave(pop_awaiter& who) noexcept { poppers_.remove(who); }

    mutable detail::os_mutex mutex_; // guards the fields below
    std::size_t const capacity_;
    std::list<std::optional<T>> values_;
    detail::async_waiters pushers_; // empty while there is room
    detail::async_waiters poppers_; // empty while there is a value
    bool closed_ = false;
};

} // namespace hocket
