// SPDX-License-Identifier: MIT
// Stop tokens for standard libraries that have none, such as libc++ before 20: std::stop_token and its siblings, with a
// mutex. On a simulated machine they take the place of the standard's. Caller: stop_token.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#if defined(HOCKET_SIMULATED)
#include <hocket/sim/simulated_mutex.hpp>
#endif

namespace hocket::inline HOCKET_ABI::detail {

#if defined(HOCKET_SIMULATED)
using stop_mutex = sim::mutex;
using stop_condition = sim::condition;
#else
using stop_mutex = std::mutex;
using stop_condition = std::condition_variable;
#endif

class own_stop_state {
  public:
    struct callback {
        void (*call)(callback*) noexcept;
        callback* next = nullptr;
        callback** link = nullptr; // the pointer to this callback, while it is registered
    };

    bool requested() const noexcept { return requested_.load(std::memory_order_acquire); } // <- own_stop.request
    bool possible() const noexcept { return requested() || sources_.load(std::memory_order_relaxed) != 0; }
    void add_source() noexcept { sources_.fetch_add(1, std::memory_order_relaxed); }
    void drop_source() noexcept { sources_.fetch_sub(1, std::memory_order_relaxed); }

    bool request() noexcept {
        std::unique_lock lock(mutex_);
        if (requested()) return false;
        requested_.store(true, std::memory_order_release); // own_stop.request ->
        runner_ = this_thread();
        while (callback* const c = first_) {
            unlink(*c);
            running_ = c;
            lock.unlock();
            c->call(c);
            lock.lock();
            running_ = nullptr; // `c` may have been destroyed
            returned_.notify_all();
        }
        return true;
    }
    /// Registers `c`. Returns false if a stop was requested before.
    bool add(callback& c) noexcept {
        std::lock_guard const lock(mutex_);
        if (requested()) return false;
        c.next = first_;
        c.link = &first_;
        if (first_ != nullptr) first_->link = &c.next;
        first_ = &c;
        return true;
    }
    /// Removes `c`, which does not run any more afterwards, unless this thread runs it.
    void remove(callback& c) noexcept {
        std::unique_lock lock(mutex_);
        if (c.link != nullptr)
            unlink(c);
        else if (runner_ != this_thread())
            returned_.wait(lock, [&] { return running_ != &c; });
    }

  private:
    static void const* this_thread() noexcept {
        static constinit thread_local char here = 0;
        return &here;
    }
    void unlink(callback& c) noexcept {
        *c.link = c.next;
        if (c.next != nullptr) c.next->link = c.link;
        c.link = nullptr;
    }

    stop_mutex mutex_;        // guards the fields that are not atomic
    stop_condition returned_; // a callback has returned
    callback* first_ = nullptr;
    callback const* running_ = nullptr; // writer: the thread that requested the stop
    void const* runner_ = nullptr;      // that thread
    atomic<bool> requested_{false};     // writer: the first request, under the mutex
    atomic<long> sources_{0};           // writers: sources
};

/// Replaces std::stop_token.
class own_stop_token {
  public:
    own_stop_token() noexcept = default;
    explicit own_stop_token(std::shared_ptr<own_stop_state> state) noexcept : state_(std::move(state)) {}

    [[nodiscard]] bool stop_requested() const noexcept { return state_ != nullptr && state_->requested(); }
    [[nodiscard]] bool stop_possible() const noexcept { return state_ != nullptr && state_->possible(); }
    friend bool operator==(own_stop_token const&, own_stop_token const&) noexcept = default;

    std::shared_ptr<own_stop_state> const& state() const noexcept { return state_; }

  private:
    std::shared_ptr<own_stop_state> state_;
};

/// Replaces std::stop_source.
class own_stop_source {
  public:
    own_stop_source() : state_(std::make_shared<own_stop_state>()) { state_->add_source(); }
    own_stop_source(own_stop_source const& other) noexcept : state_(other.state_) {
        if (state_ != nullptr) state_->add_source();
    }
    own_stop_source(own_stop_source&&) noexcept = default;
    own_stop_source& operator=(own_stop_source other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~own_stop_source() {
        if (state_ != nullptr) state_->drop_source();
    }

    [[nodiscard]] own_stop_token get_token() const noexcept { return own_stop_token(state_); }
    [[nodiscard]] bool stop_requested() const noexcept { return state_ != nullptr && state_->requested(); }
    [[nodiscard]] bool stop_possible() const noexcept { return state_ != nullptr; }
    bool request_stop() noexcept { return state_ != nullptr && state_->request(); }

  private:
    std::shared_ptr<own_stop_state> state_;
};

/// Replaces std::stop_callback.
template<class F>
class own_stop_callback : own_stop_state::callback {
  public:
    template<class From>
        requires std::is_constructible_v<F, From>
    explicit own_stop_callback(own_stop_token const& token, From&& from)
        : callback{[](callback* self) noexcept { std::forward<F>(static_cast<own_stop_callback*>(self)->f_)(); }},
          f_(std::forward<From>(from)),
          state_(token.state()) {
        if (state_ == nullptr || state_->add(*this)) return;
        state_ = nullptr;
        std::forward<F>(f_)();
    }
    own_stop_callback(own_stop_callback const&) = delete;
    own_stop_callback& operator=(own_stop_callback const&) = delete;
    ~own_stop_callback() {
        if (state_ != nullptr) state_->remove(*this);
    }

  private:
    F f_;
    std::shared_ptr<own_stop_state> state_;
};
template<class F>
own_stop_callback(own_stop_token, F) -> own_stop_callback<F>;

} // namespace hocket::detail
