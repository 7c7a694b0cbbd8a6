// SPDX-License-Identifier: MIT
// The local deque of a worker slot. Its owner, the thread that uses the worker slot, pushes and pops the newest items.
// Thieves take the oldest half. Each pushed item is public. The owner takes items back before it pops them, as many at
// a time as it asks for. One word says which items are public, and every change of the word is one RMW. The proof is in
// README.md of this folder.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/queue/work_item.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace hocket::inline HOCKET_ABI::detail {

/// A local deque of `Item`s: work_item everywhere except in the models. Begins with room for `least` items, a power of
/// two, and doubles the room when it is full.
template<class Atomics, class Item = work_item, std::uint32_t least = 1024>
class basic_local_deque {
  public:
    /// Makes an empty deque. Tests begin shortly before the indexes wrap.
    explicit basic_local_deque(std::uint32_t first = 0) noexcept
        : word_(pack(0, first, first)), end_(first), top_(first) {}
    ~basic_local_deque() {
        for (auto& places : larger_) delete[] places.load(std::memory_order_relaxed);
    }
    basic_local_deque(basic_local_deque const&) = delete;
    basic_local_deque& operator=(basic_local_deque const&) = delete;

    // For the owner.

    /// Pushes `item` and makes all items public. Returns false when there is neither room nor memory. After true, the
    /// owner passes a full fence after an update before it looks for sleepers.
    bool push(Item& item) noexcept {
        std::uint32_t const top = top_;
        if (at(top).load(std::memory_order_relaxed) != nullptr) [[unlikely]]
            if (!grow()) return false;
        at(top).store(&item, std::memory_order_relaxed);
        publish(top + 1);
        return true;
    }

    /// Pushes the first of `count` items, as many as there is room for, and makes them public at once. Returns their
    /// number.
    std::uint32_t push_some(Item* const* items, std::uint32_t count) noexcept {
        std::uint32_t pushed = 0;
        for (; pushed != count && at(top_ + pushed).load(std::memory_order_relaxed) == nullptr; ++pushed)
            at(top_ + pushed).store(items[pushed], std::memory_order_relaxed);
        if (pushed != 0) publish(top_ + pushed);
        return pushed;
    }

    /// Makes the items public that were taken back.
    void publish() noexcept {
        if (top_ != end_) publish(top_);
    }

    /// Takes out the newest item, or returns null. When nothing is taken back yet, takes back up to `most`.
    Item* pop(std::uint32_t most) noexcept {
        if (top_ == end_ && !take_back(most)) return nullptr;
        std::uint32_t const top = top_ - 1;
        top_ = top;
        slot& place = at(top);
        Item* const item = place.load(std::memory_order_relaxed);
        place.store(nullptr, std::memory_order_relaxed);
        return item;
    }

    /// Takes out the newest item of `scope` among the newest `depth`, or returns null. Leaves the other items public.
    HOCKET_NOINLINE Item* pop_of(void const* scope, std::uint32_t depth) noexcept {
        take_back(depth);
        for (std::uint32_t i = top_; i != end_ && top_ - i < depth;) {
            Item* const item = at(--i).load(std::memory_order_relaxed);
            if (item->scope != scope) continue;
            for (--top_; i != top_; ++i)
                at(i).store(at(i + 1).load(std::memory_order_relaxed), std::memory_order_relaxed);
            at(top_).store(nullptr, std::memory_order_relaxed);
            publish();
            return item;
        }
        publish();
        return nullptr;
    }

    /// Returns the number of items that the owner has taken back.
    std::uint32_t kept() const noexcept { return top_ - end_; }

    // For all threads.

    /// Whether no item is public. A hint, exact after a full fence that follows the push.
    bool empty() const noexcept { return public_in(word_.load(std::memory_order_relaxed)) == 0; }

    /// Returns the number of public items. A hint.
    std::uint32_t count() const noexcept { return public_in(word_.load(std::memory_order_relaxed)); }

    /// Returns the index of the oldest item, which changes when a thread other than the owner takes that item. A hint.
    std::uint32_t oldest() const noexcept { return first_of(word_.load(std::memory_order_relaxed)); }

    /// Takes the oldest item out, or returns null.
    Item* steal_one() noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            if (public_in(word) == 0) return nullptr;
            std::uint32_t const first = first_of(word);
            if (!word_.compare_exchange_weak(word, pack(level_of(word), first + 1, end_of(word)),
                                             std::memory_order_acquire, // <- deque.publish
                                             std::memory_order_relaxed))
                continue;
            slot& place = places_of(level_of(word))[first & (room_at(level_of(word)) - 1)];
            Item* const item = place.load(std::memory_order_relaxed);
            place.store(nullptr, std::memory_order_relaxed); // the owner may use the entry again
            return item;
        }
    }

    /// Takes the oldest half, at most `most`, into `out`, oldest first. Returns the number of items.
    HOCKET_NOINLINE std::uint32_t steal(Item** out, std::uint32_t most) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint32_t const there = public_in(word);
            if (there == 0) return 0;
            std::uint32_t const first = first_of(word);
            std::uint32_t const count = (there + 1) / 2 < most ? (there + 1) / 2 : most;
            if (!word_.compare_exchange_weak(word, pack(level_of(word), first + count, end_of(word)),
                                             std::memory_order_acquire, // <- deque.publish
                                             std::memory_order_relaxed))
                continue;
            slot* const places = places_of(level_of(word));
            for (std::uint32_t i = 0; i < count; ++i) {
                slot& place = places[(first + i) & (room_at(level_of(word)) - 1)];
                out[i] = place.load(std::memory_order_relaxed);
                place.store(nullptr, std::memory_order_relaxed); // the owner may use the entry again
            }
            return count;
        }
    }

  private:
    using slot = typename Atomics::template atomic<Item*>;

    static_assert((least & (least - 1)) == 0, "an index wraps at a multiple of the room");
    static constexpr std::uint32_t most_levels = 14;
    static constexpr unsigned end_shift = 36;
    static constexpr unsigned level_shift = 28;
    static constexpr std::uint32_t index_mask = (std::uint32_t{1} << level_shift) - 1;

    static constexpr std::uint32_t first_of(std::uint64_t word) noexcept {
        return static_cast<std::uint32_t>(word) & index_mask;
    }
    static constexpr std::uint32_t level_of(std::uint64_t word) noexcept {
        return static_cast<std::uint32_t>(word >> level_shift) & 0xff;
    }
    static constexpr std::uint32_t end_of(std::uint64_t word) noexcept {
        return static_cast<std::uint32_t>(word >> end_shift);
    }
    static constexpr std::uint32_t public_in(std::uint64_t word) noexcept {
        return (end_of(word) - first_of(word)) & index_mask;
    }
    static constexpr std::uint64_t pack(std::uint32_t level, std::uint32_t first, std::uint32_t end) noexcept {
        return (std::uint64_t{end} << end_shift) | (std::uint64_t{level} << level_shift) | (first & index_mask);
    }

    static constexpr std::uint32_t room_at(std::uint32_t level) noexcept { return least << level; }
    slot* places_of(std::uint32_t level) noexcept {
        return level == 0 ? slots_ : larger_[level - 1].load(std::memory_order_relaxed);
    }

    // For the owner.

    slot& at(std::uint32_t index) noexcept { return places_[index & (room_ - 1)]; }

    /// Makes all items below `top` public.
    void publish(std::uint32_t top) noexcept {
        std::uint64_t const count = top - end_;
        top_ = top;
        word_.fetch_add(count << end_shift, std::memory_order_release); // deque.publish ->
        end_ = top;
    }

    /// Takes up to `most` of the newest public items back. Relaxed: the owner wrote the items, or acquired them before.
    /// One word decides which thread has them.
    bool take_back(std::uint32_t most) noexcept {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint32_t const there = public_in(word);
            if (there == 0) return false;
            std::uint32_t const count = there < most ? there : most;
            if (word_.compare_exchange_weak(word, word - (std::uint64_t{count} << end_shift), std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
                end_ -= count;
                return true;
            }
        }
    }

    /// Moves to a ring of twice the size; no item is public meanwhile. A thief that claimed items before finds them in
    /// the old ring. Returns false also while such a thief merely keeps the wanted entry.
    HOCKET_COLD bool grow() noexcept {
        std::uint64_t const word = word_.load(std::memory_order_relaxed);
        std::uint32_t const level = level_of(word);
        if (((top_ - first_of(word)) & index_mask) < room_ || level == most_levels) return false;
        slot* const places = new (std::nothrow) slot[room_at(level + 1)]{};
        if (places == nullptr) return false;
        take_back(room_);
        for (std::uint32_t i = end_; i != top_; ++i)
            places[i & (room_at(level + 1) - 1)].store(at(i).load(std::memory_order_relaxed),
                                                       std::memory_order_relaxed);
        larger_[level].store(places, std::memory_order_relaxed);
        places_ = places;
        room_ = room_at(level + 1);
        word_.fetch_add(std::uint64_t{1} << level_shift, std::memory_order_relaxed); // seen with the next deque.publish
        return true;
    }

    /// Which items are public. Writers: the owner (publish, take_back, grow), thieves (steal). {end of the public
    /// items:28 | level of their ring:8 | the oldest of them:28}; the indexes only grow, modulo 2^28.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> word_;

    // For the owner: the public end as in the word, the end of the items that it has taken back, and their ring.
    alignas(cache_line) std::uint32_t end_;
    std::uint32_t top_;
    std::uint32_t room_ = least;
    slot* places_ = slots_;

    /// The rings of the higher levels. Writer: the owner, once each. Readers: thieves that have claimed items of that
    /// ring.
    typename Atomics::template atomic<slot*> larger_[most_levels] = {};

    /// The ring of level 0. Writers: the owner, where it finds null; the thread that took an item out, null.
    alignas(cache_line) slot slots_[least] = {};
};

using deque = basic_local_deque<std_atomics>;

/// A batch that a thread has taken from another queue at once. All threads take from it, the oldest item first.
using taken_batch = basic_local_deque<std_atomics, work_item, 32>;

} // namespace hocket::detail
