// SPDX-License-Identifier: MIT
// Work that a thread keeps to itself between short calls of the program's code. While such a call takes long, an idle
// thread hands out what is kept, in place of the thread that is inside the call. To keep work and to run such a call
// costs the owner two stores and a load; the proof is in README.md of this folder. Used by graph/graph_runner.hpp and
// search/search.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/ticks.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Work that only its owner thread can see, beside the task stack and the local deque.
struct hidden_work {
    void (*show)(hidden_work& self) noexcept;     // makes it public: called by the owner
    void (*hand_out)(hidden_work& self) noexcept; // makes it public while no other thread touches it; for any thread
    hidden_work* outer = nullptr;                 // what the owner has further down its stack
};

/// Which thread may touch what a worker slot keeps: the owner of the slot, except during a call; then a thief that
/// claims it. `Work` is hidden_work except in the model.
template<class Atomics, class Work = hidden_work>
class basic_kept_work {
  public:
    /// The values of `status`. **Closed**: nothing is kept, or no thread may take it. **Open**: a thief may claim it.
    /// **Claimed**: a thief checks whether the owner is in a call, and hands out what is kept if it is.
    static constexpr std::uint32_t closed = 0;
    static constexpr std::uint32_t opened = 1;
    static constexpr std::uint32_t claimed = 2;

    // Called by the owner.

    /// Keeps `work`, of this scope, from now on. The owner is not in a call. The caller announces the work.
    void open(Work& work, void const* scope) noexcept {
        work_ = &work;
        scope_.store(scope, std::memory_order_relaxed);
        status_.store(opened, std::memory_order_relaxed); // what is kept becomes visible with the next kept.call
    }

    /// Begins a call: until `end_call` the owner does not touch what it keeps. `number`: not 0, and seldom that of a
    /// call shortly before, as `is_stuck` takes such calls for one.
    HOCKET_ALWAYS_INLINE void begin_call(std::uint64_t number) noexcept {
        call_.store(number, std::memory_order_release); // kept.call ->
    }
    HOCKET_ALWAYS_INLINE void begin_call() noexcept { begin_call(++calls_); }

    /// Ends the call. `expected`: the status as the owner left it. Returns false if the status differs: a thief has
    /// claimed what is kept, or has handed it out. Then the owner must call `wait_for_thieves` before it touches it.
    HOCKET_ALWAYS_INLINE bool end_call(std::uint32_t expected) noexcept {
        call_.store(0, std::memory_order_relaxed);
        Atomics::light_fence();
        return status_.load(std::memory_order_relaxed) == expected;
    }

    /// Waits until no thief has a claim. Returns the status: open if the thief took nothing, closed if it handed all
    /// out.
    HOCKET_COLD std::uint32_t wait_for_thieves() noexcept {
        for (unsigned round = 1;; ++round) {
            std::uint32_t const status = status_.load(std::memory_order_acquire); // <- kept.return
            if (status != claimed) return status;
            Atomics::pause();
            if (round % 256 == 0) sleep_for(20'000);
        }
    }

    /// Closes what is open: nothing is kept from now on, and the work may be destroyed. The owner is not in a call.
    HOCKET_NOINLINE void close() noexcept {
        std::uint32_t expected = opened;
        while (!status_.compare_exchange_weak(expected, closed, std::memory_order_release, // kept.return ->
                                              std::memory_order_relaxed)) {
            (void)wait_for_thieves(); // a thief checks, and takes nothing
            expected = opened;
        }
    }

    // Called by any thread.

    /// Whether a thief may claim. A hint, exact after a full fence that follows `open`.
    bool is_open() const noexcept { return status_.load(std::memory_order_relaxed) == opened; }
    /// Whether nothing is kept. What was kept before is then visible elsewhere.
    bool is_closed() const noexcept { return status_.load(std::memory_order_acquire) == closed; } // <- kept.return
    /// The scope of what is kept. A hint.
    void const* scope() const noexcept { return scope_.load(std::memory_order_relaxed); }

    /// Whether the owner has been in the same call for `patience`, as far as earlier calls of this function can tell.
    bool is_stuck(ticks now, ticks patience) noexcept {
        if (now - seen_at_.load(std::memory_order_relaxed) < patience) return false;
        std::uint64_t const call = call_.load(std::memory_order_relaxed);
        if (call == seen_.load(std::memory_order_relaxed)) return call != 0;
        seen_.store(call, std::memory_order_relaxed);
        seen_at_.store(now, std::memory_order_relaxed);
        return false;
    }

    /// Claims what is kept if no other thread has claimed it and the owner is in a call; then `give_back` must follow.
    /// Else returns null.
    HOCKET_COLD Work* claim() noexcept {
        std::uint32_t expected = opened;
        if (!status_.compare_exchange_strong(expected, claimed, std::memory_order_relaxed, std::memory_order_relaxed))
            return nullptr;
        if (Atomics::heavy_fence() && call_.load(std::memory_order_acquire) != 0) // <- kept.call
            return work_;
        status_.store(opened, std::memory_order_relaxed);
        return nullptr;
    }

    /// Ends the claim after all that was kept has been handed out.
    void give_back() noexcept { status_.store(closed, std::memory_order_release); } // kept.return ->

  private:
    /// Writer: the owner. Readers: thieves. 0 while the owner may touch what is kept, else the number of its call.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> call_{0};
    std::uint64_t calls_ = 0;

    /// Writers: the owner (open, closed), thieves (claimed, and back). Readers: all threads.
    alignas(cache_line) typename Atomics::template atomic<std::uint32_t> status_{closed};
    /// Writer: the owner. Readers: threads that wait for something of the scope.
    typename Atomics::template atomic<void const*> scope_{nullptr};
    Work* work_ = nullptr; // written while closed, read while claimed

    /// Writers, readers: thieves. The owner's last known call, and when a thief first saw it. Hints.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> seen_{0};
    typename Atomics::template atomic<ticks> seen_at_{0};
};

using kept_work = basic_kept_work<std_atomics>;

/// Called by a thief: hands out what the owner keeps if the owner has been in one call for long. Returns false if there
/// is nothing to hand out.
bool hand_out_stuck(kept_work& kept) noexcept;

/// The owner's side, for one piece of work after another.
class keeper {
  public:
    explicit keeper(kept_work& kept) noexcept : kept_(kept) {}

    bool is_open() const noexcept { return status_ == kept_work::opened; }

    void open(hidden_work& work, void const* scope) noexcept;
    HOCKET_ALWAYS_INLINE void begin_call() noexcept { kept_.begin_call(); }
    HOCKET_ALWAYS_INLINE void end_call() noexcept { end_call(kept_); }
    /// As above; `kept` is what `kept()` returns.
    HOCKET_ALWAYS_INLINE void end_call(kept_work& kept) noexcept {
        if (!kept.end_call(status_)) [[unlikely]]
            status_ = kept.wait_for_thieves();
    }
    kept_work& kept() const noexcept { return kept_; }
    void close() noexcept;

  private:
    kept_work& kept_;
    std::uint32_t status_ = kept_work::closed; // as the owner left it, or found it
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/kept_work.ipp>
#endif
