// SPDX-License-Identifier: MIT
// The queue of items between the consumer of a stream and the threads that compute them. Items are published in order,
// claimed in order, and handed back finished in any order. Caller: the streams of the algorithm floor. Three words:
//
// * `posted_` counts the published items, and the runners that claim them. A runner that finds no item retires by a CAS
//   on that word. Either the CAS comes before a publication, and then the publisher reads in its RMW that a runner is
//   missing. Or it comes after the publication: then it fails, and the runner looks again. So no item is left without a
//   thread.
// * `claimed_` counts the items that a thread has begun. It follows `posted_`, and moves by one CAS an item. The place
//   of an item in the ring is read before that CAS: as long as the item is not claimed, no thread writes there.
// * `finished_` is a stack of finished items, or the number of the worker slot of the consumer that waits for one. A
//   thread that pushes the next item learns from its own CAS which slot to wake, as with a latch.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

/// The queue. An `Item` has a member `next`, an `Item*`.
template<class Atomics, class Item>
class basic_stream_line {
  public:
    /// Makes a queue with at most `most` items between `publish` and `take_finished`.
    explicit basic_stream_line(std::size_t most) : most_(most), ring_(new place[most]) {}

    /// Publishes an item, called by the consumer: a thread may claim it and read its description. Returns how many
    /// active runners will see it.
    std::uint32_t publish(Item& item) noexcept {
        ring_[posted_.load(std::memory_order_relaxed) / one_item % most_].store(&item, std::memory_order_relaxed);
        std::uint64_t const before = posted_.fetch_add(one_item, std::memory_order_release); // stream.publish ->
        return static_cast<std::uint32_t>(before & runner_mask);
    }

    /// Counts one more runner, called by the consumer before its next publication. The runner may have begun, and even
    /// retired: then all items are claimed, and the count is right again after this call.
    void add_runner() noexcept { posted_.fetch_add(1, std::memory_order_relaxed); }

    /// Claims the next item, or returns null. Called by the consumer, which has published all items itself.
    Item* claim() noexcept { return claim_before(posted_.load(std::memory_order_relaxed) / one_item); }

    /// Claims the next item, called by a runner. Returns null if the runner has retired instead.
    Item* claim_or_retire() noexcept {
        for (;;) {
            std::uint64_t posted = posted_.load(std::memory_order_acquire); // <- stream.publish
            if (Item* const claimed = claim_before(posted / one_item)) return claimed;
            // Only the count matters: a retired runner has nothing to tell the consumer.
            if (posted_.compare_exchange_strong(posted, posted - 1, std::memory_order_relaxed)) return nullptr;
        }
    }

    /// Finishes an item, called by the thread that claimed it: its last access to the item. Returns the worker slot
    /// (`slot`) to wake plus one, or 0.
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

    /// Takes all items that have finished since the last call, oldest first, linked by `next`. Called by the consumer.
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

    /// Asks the thread that finishes the next item to wake the consumer, which calls it. Returns false when an item has
    /// finished already. Release: the token comes after the consumer has reset its parker.
    bool announce_wait(std::uint32_t slot) noexcept {
        std::uintptr_t head = 0;
        std::uintptr_t const mark = (std::uintptr_t{slot + 1} << 1) | 1;
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
            // The place was read before. If the claim succeeds, the item that was read is the one that was published
            // with this number: the consumer writes there again only when this item has been finished.
            if (claimed_.compare_exchange_weak(next, next + 1, std::memory_order_relaxed)) return item;
        }
        return nullptr;
    }

    using place = typename Atomics::template atomic<Item*>;

    std::uint64_t const most_;
    std::unique_ptr<place[]> const ring_; // writer: the consumer; readers: threads that claim
    /// {items:48 | runners:16}. Writers: the consumer (publish, add_runner), runners (retire). Readers: threads that
    /// claim.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> posted_{0};
    /// How many items were claimed. Writers and readers: threads that claim.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> claimed_{0};
    /// An Item*, or {context + 1 | 1}. Writers: threads that finish items (push), the consumer (takes all, announces).
    alignas(cache_line) typename Atomics::template atomic<std::uintptr_t> finished_{0};
};

template<class Item>
using stream_line = basic_stream_line<std_atomics, Item>;

} // namespace hocket::detail
