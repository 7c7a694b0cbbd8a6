// SPDX-License-Identifier: MIT
// The line of items between the consumer of a stream and those who compute them: items are published in order,
// claimed in order, and handed back finished in any order. Caller: the streams of the algorithm floor. Three words:
//
// * `posted_` counts the items that were published, and the runners that claim them. A runner that finds nothing
//   retires by a CAS on that word: either it comes before a publication, and then the publisher reads in the same RMW
//   that a runner is missing; or after it, and then the CAS fails and the runner looks again. No item is left to
//   nobody.
// * `claimed_` counts the items that somebody has begun. It follows `posted_`, and moves by one CAS an item. The place
//   of an item in the ring is read before that CAS: as long as the item is not claimed, nobody writes there.
// * `finished_` is a stack of finished items, or the number of the context of the consumer who waits for one. Who
//   pushes the next one learns from its own CAS whom to wake, as with a latch.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

/// An `Item` has a member `next`, an `Item*`.
template<class Atomics, class Item>
class basic_stream_line {
  public:
    /// There are never more than `most` items on their way between `publish` and `take_finished`.
    explicit basic_stream_line(std::size_t most) : most_(most), ring_(new place[most]) {}

    /// Consumer: one more item may be claimed, and its description may be read by whoever claims it. Returns how many
    /// runners are at work that will see it.
    std::uint32_t publish(Item& item) noexcept {
        ring_[posted_.load(std::memory_order_relaxed) / one_item % most_].store(&item, std::memory_order_relaxed);
        std::uint64_t const before = posted_.fetch_add(one_item, std::memory_order_acq_rel); // stream.publish ->
        return static_cast<std::uint32_t>(before & runner_mask);
    }

    /// Consumer: one more runner is on its way.
    void add_runner() noexcept { posted_.fetch_add(1, std::memory_order_relaxed); }

    /// Anybody: the next item, or null.
    Item* claim() noexcept {
        std::uint64_t const posted = posted_.load(std::memory_order_acquire); // <- stream.publish
        return claim_before(posted / one_item);
    }

    /// A runner: the next item; null says that it has retired.
    Item* claim_or_retire() noexcept {
        for (;;) {
            std::uint64_t posted = posted_.load(std::memory_order_acquire); // <- stream.publish
            if (Item* const claimed = claim_before(posted / one_item)) return claimed;
            if (posted_.compare_exchange_strong(posted, posted - 1, std::memory_order_acq_rel,
                                                std::memory_order_relaxed))
                return nullptr;
        }
    }

    /// Whoever has claimed it: the item is finished. Returns the context to be woken plus one, or 0.
    /// The last access to the item.
    std::uint32_t finish(Item& item) noexcept {
        std::uintptr_t head = finished_.load(std::memory_order_relaxed);
        for (;;) {
            item.next = is_waiting(head) ? nullptr : reinterpret_cast<Item*>(head);
            if (finished_.compare_exchange_weak(head, reinterpret_cast<std::uintptr_t>(&item),
                                                std::memory_order_acq_rel, // stream.finish ->, <- stream.announce
                                                std::memory_order_relaxed))
                return is_waiting(head) ? static_cast<std::uint32_t>(head >> 1) : 0;
        }
    }

    /// Consumer: all that was finished since the last time, the oldest first, linked by `next`.
    Item* take_finished() noexcept {
        std::uintptr_t const seen = finished_.load(std::memory_order_relaxed);
        if (seen == 0 || is_waiting(seen)) return nullptr;
        auto* item = reinterpret_cast<Item*>(finished_.exchange(0, std::memory_order_acquire)); // <- stream.finish
        Item* oldest = nullptr;
        while (item != nullptr) {
            Item* const following = item->next;
            item->next = oldest;
            oldest = item;
            item = following;
        }
        return oldest;
    }

    /// Consumer: wants to be woken by whoever finishes the next item. False when one is finished already. Release: the
    /// token comes after the consumer has reset its parker.
    bool announce_wait(std::uint32_t context) noexcept {
        std::uintptr_t head = 0;
        std::uintptr_t const mark = (std::uintptr_t{context + 1} << 1) | 1;
        return finished_.compare_exchange_strong(head, mark, std::memory_order_release, // stream.announce ->
                                                 std::memory_order_relaxed);
    }

  private:
    static constexpr unsigned runner_bits = 16;
    static constexpr std::uint64_t one_item = std::uint64_t{1} << runner_bits;
    static constexpr std::uint64_t runner_mask = one_item - 1;

    static bool is_waiting(std::uintptr_t head) noexcept { return (head & 1) != 0; }

    Item* claim_before(std::uint64_t end) noexcept {
        std::uint64_t next = claimed_.load(std::memory_order_relaxed);
        while (next < end) {
            Item* const item = ring_[next % most_].load(std::memory_order_relaxed);
            // The place was read before; the consumer writes there when this item or a later one has been finished, and
            // so knows of this claim.
            if (claimed_.compare_exchange_weak(next, next + 1,
                                               std::memory_order_acq_rel, // stream.claim ->, <- stream.claim
                                               std::memory_order_relaxed))
                return item;
        }
        return nullptr;
    }

    using place = typename Atomics::template atomic<Item*>;

    std::uint64_t const most_;
    std::unique_ptr<place[]> const ring_; // writer: the consumer; readers: those who claim
    /// Writers: the consumer (publish, add_runner), runners (retire). Readers: those who claim. {items:48 | runners:16}
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> posted_{0};
    /// Writers and readers: those who claim.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> claimed_{0};
    /// Writers: those who finish items (push), the consumer (takes all, announces). An Item*, or {context + 1 | 1}.
    alignas(cache_line) typename Atomics::template atomic<std::uintptr_t> finished_{0};
};

template<class Item>
using stream_line = basic_stream_line<std_atomics, Item>;

} // namespace hocket::detail
