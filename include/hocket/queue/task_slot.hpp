// SPDX-License-Identifier: MIT
// One slot of a worker's task stack: the word that says which thread may run the task in it, and the transitions of
// that word. The owner pushes, publishes and takes back; a thief steals, finishes or puts back. The proof is in
// README.md of this folder. After Wool's direct task stack (Faxen 2008) and Lace's split deque (van Dijk, van de Pol
// 2014).
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How a thief runs the contents of a slot. `run(bytes)` calls the stored callable and leaves its result, or the
/// `std::exception_ptr` that it threw, in the same bytes. Returns whether it threw. Aligned: the low bits carry tags.
struct alignas(16) task_type {
    bool (*run)(void* bytes) noexcept;
};

/// The values of the state word of a slot. A plain number, so that the models can print it.
namespace slot_word {

inline constexpr std::uint64_t empty = 0;
inline constexpr std::uint64_t public_tag = 1; // task_type | 1: the thread that claims it by a CAS runs it
inline constexpr std::uint64_t stolen_tag = 2; // a thief runs it; the word says which, and where its stack began
inline constexpr std::uint64_t done_tag = 3;   // finished: the bytes hold the result
inline constexpr std::uint64_t tag_mask = 3;
inline constexpr std::uint64_t waiting_flag = 4; // with stolen: the owner sleeps and wants to be woken
inline constexpr std::uint64_t failed_flag = 4;  // with done: the bytes hold an exception

constexpr bool is_public(std::uint64_t word) { return (word & tag_mask) == public_tag; }
constexpr bool is_stolen(std::uint64_t word) { return (word & tag_mask) == stolen_tag; }
constexpr bool is_done(std::uint64_t word) { return (word & tag_mask) == done_tag; }
constexpr bool is_failed(std::uint64_t word) { return is_done(word) && (word & failed_flag) != 0; }

/// Packs `thief`, the worker slot that runs the task, and `base`, the height of the thief's own stack when it began.
constexpr std::uint64_t stolen(std::uint32_t thief, std::uint32_t base) {
    return (std::uint64_t{base} << 32) | (std::uint64_t{thief} << 8) | stolen_tag;
}
constexpr std::uint32_t thief_of(std::uint64_t word) { return static_cast<std::uint32_t>((word >> 8) & 0xffffff); }
constexpr std::uint32_t base_of(std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); }

} // namespace slot_word

template<class Atomics>
struct alignas(64) basic_task_slot {
    static constexpr std::size_t capacity = 56;

    /// Writers: the owner (push, publish, reclaim, announce_wait), one thief at a time (steal, finish, put_back).
    /// Readers: all threads. Meaning: slot_word.
    typename Atomics::template atomic<std::uint64_t> state{slot_word::empty};

    /// The callable, later its result or exception. Belongs to the thread that the state names; never read without a
    /// claim.
    alignas(8) unsigned char bytes[capacity];

    // For the owner.

    /// Writes the state of a private task. Relaxed: until it is published, no other thread reads the contents.
    void push(task_type const* type) noexcept {
        state.store(reinterpret_cast<std::uint64_t>(type), std::memory_order_relaxed);
    }

    /// Opens the slot to thieves.
    void publish() noexcept {
        std::uint64_t const word = state.load(std::memory_order_relaxed);     // written by this thread
        state.store(word | slot_word::public_tag, std::memory_order_release); // slot.publish ->
    }

    /// Takes a published task back. Returns false when a thief has it or has finished it. Relaxed suffices: one
    /// location decides which thread runs it, and the owner wrote the contents itself.
    bool reclaim() noexcept {
        std::uint64_t word = state.load(std::memory_order_relaxed);
        while (slot_word::is_public(word)) {
            if (state.compare_exchange_weak(word, slot_word::empty, std::memory_order_relaxed,
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    /// Returns the state, and makes visible what the thief wrote before that state.
    std::uint64_t observe() const noexcept {
        return state.load(std::memory_order_acquire); // <- slot.finish
    }

    /// Says that the owner is about to sleep until the thief finishes. Returns false when there is nothing to wait for
    /// any more. Release: a thief that reads the announcement wakes the owner after the owner has reset its parker.
    bool announce_wait() noexcept {
        std::uint64_t word = state.load(std::memory_order_relaxed);
        while (slot_word::is_stolen(word)) {
            if (state.compare_exchange_weak(word, word | slot_word::waiting_flag,
                                            std::memory_order_release, // slot.announce ->
                                            std::memory_order_relaxed))
                return true;
        }
        return false;
    }

    // For a thief.

    /// Claims a published task. Returns null when there is none, or when another thread was faster.
    task_type const* steal(std::uint32_t thief, std::uint32_t base) noexcept {
        std::uint64_t word = state.load(std::memory_order_relaxed);
        if (!slot_word::is_public(word)) return nullptr;
        if (!state.compare_exchange_strong(word, slot_word::stolen(thief, base),
                                           std::memory_order_acquire, // <- slot.publish
                                           std::memory_order_relaxed))
            return nullptr;
        return reinterpret_cast<task_type const*>(word & ~slot_word::tag_mask);
    }

    /// Says that the bytes hold the result, or with `failed` the exception. It is the last access of the thief to this
    /// slot. Returns whether the owner sleeps and must be woken. Acquire, so that the wake-up comes after the
    /// announcement.
    bool finish(bool failed) noexcept {
        std::uint64_t const word = slot_word::done_tag | (failed ? slot_word::failed_flag : 0);
        std::uint64_t const before =
            state.exchange(word, std::memory_order_acq_rel); // slot.finish ->, <- slot.announce
        return (before & slot_word::waiting_flag) != 0;
    }

    /// Undoes a claim before anything of the task has run. Returns whether the owner sleeps and must be woken.
    bool put_back(task_type const* type) noexcept {
        std::uint64_t const word = reinterpret_cast<std::uint64_t>(type) | slot_word::public_tag;
        std::uint64_t const before =
            state.exchange(word, std::memory_order_acq_rel); // slot.publish ->, <- slot.announce
        return (before & slot_word::waiting_flag) != 0;
    }
};

using task_slot = basic_task_slot<std_atomics>;

} // namespace hocket::detail
