// SPDX-License-Identifier: MIT
// Steal requests: how a thief asks a busy thread to publish work. Each thread has two words with which its joins
// compare a slot: one at a push, one at a pop. They are thread-local, so a join finds them without a register. A worker
// slot passes their address to thieves while a thread owns the slot. The argument why no thief writes into a thread
// that has finished is in fork_join/README.md.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/unwinding.hpp>
#include <hocket/queue/task_slot.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

struct alignas(cache_line) steal_request {
    /// Values of `attention` below any slot's address.
    static constexpr std::uintptr_t asked = 0; // by a thief, or as a job begins: slow_push at the next push
    static constexpr std::uintptr_t later = 1; // slow_push when the fuel is used up
    static constexpr std::uintptr_t again = 2; // slow_push at the next push; set by the thread itself

    /// A value of `split` above any slot's address.
    static constexpr std::uintptr_t every_slot = ~std::uintptr_t{0};

    /// Writers: thieves (asked), the owner. Reader: the owner at each push: a slot at or above it calls slow_push().
    /// Relaxed: a hint.
    atomic<std::uintptr_t> attention{asked};
    /// Writers: thieves (every_slot), the owner. Reader: the owner at each pop: a slot below it calls sync(). Else
    /// the address of the oldest private slot. Relaxed: the exact value is `worker::split`, which only the owner sees.
    /// It is a variable beside this struct, since g++ then needs one instruction less to read it.
    atomic<std::uintptr_t>* split = nullptr;

    /// Writer: the owner; where a scope begins, until it is marked. Readers: thieves that publish in its place. The
    /// scopes of the slots below this address are marked: see stop_scope::mark_all.
    atomic<std::uintptr_t> marked_until{0};

    // For such thieves. Constant while the owner has a worker slot.
    atomic<task_slot*> const* top = nullptr;
    exception_globals const* exceptions = nullptr;
};

/// The words of the calling thread.
inline constinit thread_local steal_request request_here;
/// The slot of the task stack that the next push takes; null in a thread that is in no pool. Writer: the owner of the
/// stack. Readers: the owner, thieves that publish in its place. A variable of its own, so that a join needs no
/// register for the worker slot.
inline constinit thread_local atomic<task_slot*> task_top{nullptr};
alignas(cache_line) inline constinit thread_local atomic<std::uintptr_t> split_here{0};

/// The place where thieves find the words of the thread that owns a worker slot.
template<class Atomics, class Request>
class basic_request_box {
  public:
    /// Called by the owner: from now on thieves may write to `request`.
    void open(Request& request) noexcept {
        word_.store(reinterpret_cast<std::uintptr_t>(&request), std::memory_order_release); // request_box.open ->
    }

    /// Called by the owner before it gives the worker slot back or finishes. Afterwards no thief touches its words.
    /// `alone`: the threads that might hold the box are those of another process.
    void close(bool alone = false) noexcept {
        std::uintptr_t word = word_.load(std::memory_order_relaxed) & ~in_use;
        while (word != 0 && !word_.compare_exchange_weak(word, 0, std::memory_order_acquire, // <- request_box.let_go
                                                         std::memory_order_relaxed)) {
            if (alone) return word_.store(0, std::memory_order_relaxed);
            word &= ~in_use;
            Atomics::pause();
        }
    }

    /// Called by a thief: calls `write(request)` while the owner stays. Does nothing when there is no owner, or another
    /// thief holds the box.
    template<class Write>
    void with_request(Write const& write) noexcept {
        std::uintptr_t word = word_.load(std::memory_order_relaxed);
        if (word == 0 || (word & in_use) != 0) return;
        if (!word_.compare_exchange_strong(word, word | in_use, std::memory_order_acquire, // <- request_box.open
                                           std::memory_order_relaxed))
            return;
        write(*reinterpret_cast<Request*>(word));
        word_.store(word, std::memory_order_release); // request_box.let_go ->
    }

    /// Calls `write(request)` as `with_request` does, for a message that must not be lost: waits while another thread
    /// holds the box.
    template<class Write>
    void deliver(Write const& write) noexcept {
        std::uintptr_t word = word_.load(std::memory_order_relaxed);
        do {
            while ((word & in_use) != 0) {
                Atomics::pause();
                word = word_.load(std::memory_order_relaxed);
            }
            if (word == 0) return;
        } while (!word_.compare_exchange_weak(word, word | in_use, std::memory_order_acquire, // <- request_box.open
                                              std::memory_order_relaxed));
        write(*reinterpret_cast<Request*>(word));
        word_.store(word, std::memory_order_release); // request_box.let_go ->
    }

  private:
    static constexpr std::uintptr_t in_use = 1;

    /// Writers: the owner (address, 0), thieves (`in_use`). Readers: thieves, the owner when it leaves.
    typename Atomics::template atomic<std::uintptr_t> word_{0};
};

} // namespace hocket::detail
