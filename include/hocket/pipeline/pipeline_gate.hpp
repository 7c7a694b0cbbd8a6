// SPDX-License-Identifier: MIT
// Who may enter a serial stage of a pipeline. A token that may not enter lies at the gate until the one that
// leaves takes it along; nobody waits for a lock. Called by pipeline/pipeline_run.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/fixed_array.hpp>
#include <hocket/queue/work_item.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Carries one item at a time through the stages. What a queue of the pool does not need of it belongs to whoever runs
/// it.
struct pipeline_token : work_item {
    std::uint64_t number = 0; // of its item: how many came before
    std::uint32_t stage = 0;  // where it goes on
    bool has_turn = false;    // it may enter that stage
    bool empty = true;        // the item was dropped; the token goes on, so that those behind it get their turn
};

/// For a stage that takes the items by their numbers. At most `tokens` numbers are on their way at a time, and no
/// number leaves before a smaller one: so each place is used by one number at a time.
class ordered_gate {
  public:
    /// Before anybody else knows the gate.
    void prepare(std::size_t tokens);

    /// Whether it may enter at once. If not, it may run elsewhere by now. One RMW.
    bool arrive(pipeline_token& token) noexcept;

    /// The token with this number is through. Returns the next one if it lies here: it has the turn now.
    pipeline_token* leave(std::uint64_t number) noexcept;

  private:
    std::atomic<pipeline_token*>& at(std::uint64_t number) noexcept { return places_[number & (places_.size() - 1)]; }

    /// In the place of the number that may enter when it arrives.
    static pipeline_token* turn() noexcept { return &turn_; }
    static inline constinit pipeline_token turn_{};

    /// Writers: the token of that number when it arrives, the one before it when it leaves. Null, `turn()` or who lies
    /// here.
    fixed_array<std::atomic<pipeline_token*>> places_;
};

/// For a stage that takes the items as they come. Those that lie at the gate enter in the order of their arrival, or
/// with `NewestFirst` the last one first: the token whose memory is still in a cache.
template<bool NewestFirst>
class any_order_gate {
  public:
    enum class entry : unsigned char { enters, waits, closed };

    /// If it waits, it may run elsewhere by now.
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

    /// Who has the stage leaves it. Returns the one that has it now; null if nobody lies here.
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
                for (pipeline_token* token = head_.exchange(taken(), std::memory_order_acquire); token != nullptr;) {
                    auto* const older = static_cast<pipeline_token*>(token->next); // <- gate.arrive
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

    /// Who has the stage lets nobody in any more. Returns who lies here, linked by `next`.
    pipeline_token* close() noexcept {
        pipeline_token* const first =
            head_.exchange(closed(), std::memory_order_acq_rel); // gate.leave ->, <- gate.arrive
        return first == taken() ? nullptr : first;
    }

    /// Before anybody else knows the gate: somebody is inside, and these lie here.
    void start(pipeline_token* list) noexcept {
        head_.store(list == nullptr ? taken() : list, std::memory_order_relaxed);
    }

  private:
    static pipeline_token* taken() noexcept { return &marks_[0]; }
    static pipeline_token* closed() noexcept { return &marks_[1]; }
    static inline constinit pipeline_token marks_[2]{};

    /// Writers: tokens that arrive, and the one inside. Null: nobody is inside; `taken()`: nobody lies here;
    /// `closed()`; else the newest of those that lie here, linked by `next`.
    alignas(cache_line) std::atomic<pipeline_token*> head_{nullptr};
    /// Only the one inside: the oldest of those that lie here and were taken out of the list.
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
