// SPDX-License-Identifier: MIT
// What a program wants of the threads of a pool: how large their stacks are, how many there may be, and what each
// thread calls first and last. Filled by thread_pool, used where threads begin. Public by way of pool_options:
// `thread_hook`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/machine/process_registry.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// A callable that each thread of a pool calls with its number; empty by default. Copies share the one callable, which
/// several threads may call at once.
class thread_hook {
  public:
    thread_hook() = default;
    /// **Throws** std::bad_alloc, and what copying or moving the callable throws.
    template<class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, thread_hook> &&
                 std::is_invocable_v<std::decay_t<F>&, std::size_t>)
    thread_hook(F&& callable) : held_(new holder<std::decay_t<F>>(std::forward<F>(callable))) {}
    thread_hook(thread_hook const& other) noexcept : held_(other.held_) {
        if (held_ != nullptr) held_->references.fetch_add(1, std::memory_order_relaxed);
    }
    thread_hook(thread_hook&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
    thread_hook& operator=(thread_hook other) noexcept;
    ~thread_hook();

    explicit operator bool() const noexcept { return held_ != nullptr; }
    /// Calls the callable if there is one.
    void operator()(std::size_t number) const {
        if (held_ != nullptr) held_->call(number);
    }

  private:
    struct base {
        base() = default;
        base(base const&) = delete;
        base& operator=(base const&) = delete;
        virtual ~base() = default;
        virtual void call(std::size_t number) = 0;
        /// Writers: copies, when they are made and destroyed. How many copies there are.
        detail::atomic<std::uint32_t> references{1};
    };
    template<class F>
    struct holder final : base {
        template<class From>
        explicit holder(From&& from) : callable(std::forward<From>(from)) {}
        void call(std::size_t number) override { callable(number); }
        F callable;
    };

    base* held_ = nullptr;
};

namespace detail {

struct thread_options {
    thread_options(std::size_t most, std::size_t stack, thread_hook const& start, thread_hook const& end) noexcept
        : max_threads(most), stack_size(stack), on_start(start), on_end(end) {}
    explicit thread_options(process_host const& its_host) noexcept : max_threads(1024), host(&its_host) {}

    std::size_t max_threads;
    std::size_t stack_size = 0; // 0: the default of the system
    thread_hook on_start;
    thread_hook on_end;
    process_host const* host =
        nullptr; // the pool has no threads of its own: threads of another copy of hocket run its work
};

} // namespace detail
} // namespace hocket::inline HOCKET_ABI

#if HOCKET_BODIES
#include <hocket/sched/thread_hook.ipp>
#endif
