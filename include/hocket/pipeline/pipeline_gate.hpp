// SPDX-License-Identifier: MIT
// Gates that admit tokens to the serial stages of a pipeline. A token that may not enter stays at the gate until the
// leaving token takes it along; no thread waits for a lock. Called by pipeline/pipeline_run.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/fixed_array.hpp>
#include <hocket/queue/work_item.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Carries one item at a time through the stages. The fields that a queue of the pool does not use belong to the thread
/// that runs the token.
struct pipeline_token : work_item {
    std::uint64_t number = 0; // of its item: how many came before
    std::uint32_t stage = 0;  // where it continues
    bool has_turn = false;    // it may enter that stage
    bool empty = true;        // the item was dropped; the token continues, so that later tokens get their turn
};

/// The gate of a stage that takes items by their numbers. At most `tokens` numbers are in the pipeline at a time, and
/// no number leaves before a smaller one. So each place is used by one number at a time.
class ordered_gate {
  public:
    /// Prepares the gate before other threads can reach it.
    void prepare(std::size_t tokens);

    /// Returns whether the token may enter at once. If not, another thread may run it by now. One RMW.
    bool arrive(pipeline_token& token) noexcept;

    /// Ends the stage for the token with this number. Returns the next token if it is at the gate: it has the turn now.
    pipeline_token* leave(std::uint64_t number) noexcept;

  private:
    atomic<pipeline_token*>& at(std::uint64_t number) noexcept { return places_[number & (places_.size() - 1)]; }

    /// Marks the place of a number that may enter when it arrives.
    static pipeline_token* turn() noexcept { return &turn_; }
    static inline constinit pipeline_token turn_{};

    /// Each place: null, `turn()`, or the token at the gate. Writers: the token of that number when it arrives, the
    /// token before it when it leaves.
    fixed_array<atomic<pipeline_token*>> places_;
};

/// The gate of a stage that takes items in any order. Waiting tokens enter in the order of their arrival. With
/// `NewestFirst` the last one enters first, because its memory is still in a cache.
template<bool NewestFirst>
class any_order_gate {
  public:
    enum class entry : unsigned char { enters, waits, closed };

    /// Lets the token enter, or keeps it at the gate: then another thread may run it by now.
    entry arrive(pipeline_token& token) noexcept {
        pipeline_token* first = head_.load(std::memory_order_relaxed);
        for (;;) {
            if (first == closed()) return entry::closed;
            token.next = first == taken() ? nullptr : first;
            pipeline_token* const next = first == nullptr ? taken() : &token;
            if (head_.compare_exchange_weak(first, next, std::memory_order_acq_rel, // gate.arrive ->, <- gate.leave
                                            std::memory_order_relaxed))
                return first == nullptr ? entry::enters : entry::waits;
        }
    }

    /// Leaves the stage, called by the token inside. Returns the token that is inside now, or null if none waits.
    pipeline_token* leave() noexcept {
        if constexpr (NewestFirst) {
            pipeline_token* first = head_.load(std::memory_order_acquire); // <- gate.arrive
            for (;;) {
                pipeline_token* const token = first == taken() ? nullptr : first;
                pipeline_token* const rest = token == nullptr         ? nullptr
                                             : token->next == nullptr ? taken()
                                                                      : static_cast<pipeline_token*>(token->next);
                if (head_.compare_exchange_weak(first, rest, std::memory_order_acq_rel, // gate.leave ->, <- gate.arrive
                                                std::memory_order_acquire))             // <- gate.arrive
                    return token;
            }
        } else {
            if (in_order_ == nullptr) {
                pipeline_token* expected = taken();
                if (head_.compare_exchange_strong(expected, nullptr, std::memory_order_release, // gate.leave ->
                                                  std::memory_order_relaxed))
                    return nullptr;
                pipeline_token* token = head_.exchange(taken(), std::memory_order_acquire); // <- gate.arrive
                while (token != nullptr) {
                    auto* const older = static_cast<pipeline_token*>(token->next);
                    token->next = in_order_;
                    in_order_ = token;
                    token = older;
                }
            }
            pipeline_token* const token = in_order_;
            in_order_ = static_cast<pipeline_token*>(token->next);
            return token;
        }
    }

    /// Closes the gate, called by the token inside. Returns the waiting tokens, linked by `next`.
    pipeline_token* close() noexcept {
        pipeline_token* const first =
            head_.exchange(closed(), std::memory_order_acq_rel); // gate.leave ->, <- gate.arrive
        return first == taken() ? nullptr : first;
    }

    /// Starts the gate before other threads can reach it: one token is inside, and `list` waits.
    void start(pipeline_token* list) noexcept {
        head_.store(list == nullptr ? taken() : list, std::memory_order_relaxed);
    }

  private:
    static pipeline_token* taken() noexcept { return &marks_[0]; }
    static pipeline_token* closed() noexcept { return &marks_[1]; }
    static inline constinit pipeline_token marks_[2]{};

    /// Null: no token is inside; `taken()`: no token waits; `closed()`; otherwise the newest waiting token, linked by
    /// `next`. Writers: tokens that arrive, and the token inside.
    alignas(cache_line) atomic<pipeline_token*> head_{nullptr};
    /// The oldest waiting token that was taken out of the list. Used by the token inside only.
    pipeline_token* in_order_ = nullptr;
};

struct fifo_gate : any_order_gate<false> {
    void prepare(std::size_t) noexcept {}
};
struct no_gate {
    void prepare(std::size_t) noexcept {}
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/pipeline/pipeline_gate.ipp>
#endif
