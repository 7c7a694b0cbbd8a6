// SPDX-License-Identifier: MIT
// The queue of a context, floor 2: its holder pushes and pops the newest items, thieves take the oldest half. Everything that
// was pushed is public; the holder takes some back at a time and then pops those without an atomic operation. One word
// says what is public, and every change of it is one RMW. The proof is in README.md of this folder.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/base/config.hpp>
#include <hocket/queue/work_item.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::detail {

/// `Item` is work_item but in the models.
template<class Atomics, class Item = work_item, std::uint32_t slots = 1024>
class basic_lane {
  public:
    static constexpr std::uint32_t capacity = slots;

    // The holder.

    /// False when the lane is full. On true everything in the lane is public; a full fence after an update must follow before
    /// the holder looks for sleepers.
    bool push(Item& item) noexcept {
        slot& place = at(top_);
        if (place.load(std::memory_order_relaxed) != nullptr) return false;
        place.store(&item, std::memory_order_relaxed);
        ++top_;
        publish();
        return true;
    }

    /// Makes public what was taken back.
    void publish() noexcept {
        if (top_ == end_) return;
        std::uint64_t const count = top_ - end_;
        end_ = top_;
        word_.fetch_add(count << 32, std::memory_order_release); // lane.publish ->
    }

    /// The newest item, or null. When nothing was taken back, takes back up to `most`.
    Item* pop(std::uint32_t most) noexcept {
        if (top_ == end_ && !take_back(most)) return nullptr;
        slot& place = at(--top_);
        Item* const item = place.load(std::memory_order_relaxed);
        place.store(nullptr, std::memory_order_relaxed);
        return item;
    }

    /// The newest item of `scope` among the newest `depth`, or null. Leaves the others public.
    Item* pop_of(void const* scope, std::uint32_t depth) noexcept {
        take_back(depth);
        for (std::uint32_t i = top_; i != end_ && top_ - i < depth;) {
            Item* const item = at(--i).load(std::memory_order_relaxed);
            if (item->scope != scope) continue;
            for (--top_; i != top_; ++i) at(i).store(at(i + 1).load(std::memory_order_relaxed), std::memory_order_relaxed);
            at(top_).store(nullptr, std::memory_order_relaxed);
            publish();
            return item;
        }
        publish();
        return nullptr;
    }

    /// How many were taken back.
    std::uint32_t kept() const noexcept { return top_ - end_; }

    // Anyone.

    /// A hint, exact after a full fence that follows the push.
    bool empty() const noexcept {
        std::uint64_t const word = word_.load(std::memory_order_relaxed);
        return end_of(word) == first_of(word);
    }

    /// Takes the oldest half, at most `most`, into `out`, oldest first. Returns how many.
    std::uint32_t steal(Item** out, std::uint32_t most) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint32_t const first = first_of(word);
            std::uint32_t const there = end_of(word) - first;
            if (there == 0) return 0;
            std::uint32_t const count = (there + 1) / 2 < most ? (there + 1) / 2 : most;
            if (!word_.compare_exchange_weak(word, pack(first + count, end_of(word)),
                                             std::memory_order_acquire, // <- lane.publish
                                             std::memory_order_relaxed))
                continue;
            for (std::uint32_t i = 0; i < count; ++i) {
                out[i] = at(first + i).load(std::memory_order_relaxed);
                at(first + i).store(nullptr, std::memory_order_relaxed); // the holder may use the place again
            }
            return count;
        }
    }

  private:
    using slot = typename Atomics::template atomic<Item*>;

    static constexpr std::uint32_t first_of(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word); }
    static constexpr std::uint32_t end_of(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> 32); }
    static constexpr std::uint64_t pack(std::uint32_t first, std::uint32_t end) noexcept {
        return (std::uint64_t{end} << 32) | first;
    }

    slot& at(std::uint32_t index) noexcept { return slots_[index % slots]; }

    /// Relaxed: the holder wrote what lies there, or acquired it before. One word decides who has it.
    bool take_back(std::uint32_t most) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint32_t const there = end_of(word) - first_of(word);
            if (there == 0) return false;
            std::uint32_t const count = there < most ? there : most;
            if (word_.compare_exchange_weak(word, pack(first_of(word), end_of(word) - count), std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
                end_ -= count;
                return true;
            }
        }
    }

    /// Writers: the holder (publish, take_back), thieves (steal). {end of the public items:32 | the oldest of them:32},
    /// indexes that only grow, modulo 2^32.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> word_{0};

    // The holder's: the public end as in the word, and the end of what it has taken back.
    alignas(cache_line) std::uint32_t end_ = 0;
    std::uint32_t top_ = 0;

    /// Writers: the holder, where it finds null; whoever took the item out, null.
    slot slots_[slots] = {};
};

using lane = basic_lane<std_atomics>;

} // namespace hocket::detail
