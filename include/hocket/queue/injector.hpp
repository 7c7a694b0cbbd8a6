// SPDX-License-Identifier: MIT
// The injector (injection queue): work from external threads. Any number of threads push, each with one CAS. Threads of
// the pool take batches out, the oldest items first, one thread at a time. No thread waits for a lock. The proof is in
// README.md of this folder.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/queue/work_item.hpp>

#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// An injector of `Item`s: work_item everywhere except in the models.
template<class Atomics, class Item = work_item>
class basic_injector {
  public:
    basic_injector() = default;
    basic_injector(basic_injector const&) = delete;
    basic_injector& operator=(basic_injector const&) = delete;

    /// Pushes `item`. The caller passes a full fence after an update before it looks for sleepers.
    void push(Item& item) noexcept { push_stack(item, item); }

    /// Pushes a list linked by `next` that ends with `last`; it is taken out in its order. The caller passes a full
    /// fence after an update before it looks for sleepers.
    void push(Item& first, Item& last) noexcept {
        Item* newest = &first; // of the stack, where it comes first
        for (Item* item = first.next; newest != &last;) {
            Item* const following = item->next;
            item->next = newest;
            newest = item;
            item = following;
        }
        push_stack(*newest, first);
    }

    /// Takes the oldest items, at most `most`, into `out`. Returns their number: 0 also while another thread takes
    /// items.
    std::uint32_t take(Item** out, std::uint32_t most) noexcept { return empty() ? 0 : take_some(out, most, most, 1); }
    /// As `take`, for `sharers` threads that take items again and again: of a long queue it takes a share, at most
    /// `most`, and of a short one at most `least`. So a long queue is emptied in few turns with the lock, and the items
    /// of a short one begin in their order.
    std::uint32_t take_share(Item** out, std::uint32_t least, std::uint32_t most, std::uint32_t sharers) noexcept {
        return empty() ? 0 : take_some(out, least, most, sharers);
    }

    /// Takes out an item of `scope` among the oldest `depth`, or returns null.
    Item* take_of(void const* scope, std::uint32_t depth) noexcept {
        return empty() ? nullptr : take_some_of(scope, depth);
    }

    /// Takes `item` out if it was pushed last. The caller has pushed it, and knows that no other thread has pushed it
    /// since.
    bool take_back(Item& item) noexcept {
        if (pushed_.load(std::memory_order_relaxed) != &item || !try_lock()) return false;
        Item* newest = &item;
        // While this thread holds the lock, no other thread takes items out: `item` is in the stack as long as it is
        // the head.
        bool const found =
            pushed_.load(std::memory_order_relaxed) == &item &&
            pushed_.compare_exchange_strong(newest, item.next, std::memory_order_relaxed, std::memory_order_relaxed);
        unlock();
        return found;
    }

    /// Whether there are no items. A hint, exact after a full fence that follows the push.
    bool empty() const noexcept {
        return pushed_.load(std::memory_order_acquire) == nullptr && // <- injector.fetch
               waiting_.load(std::memory_order_relaxed) == 0;
    }

    /// Returns about how many items wait: exact for those in the list, and one more for all that a taker has not
    /// fetched yet.
    std::uint32_t count_in_passing() const noexcept {
        return waiting_.load(std::memory_order_relaxed) + (pushed_.load(std::memory_order_relaxed) != nullptr);
    }

    /// Whether items wait and none was taken since the last call with the same `seen`, which the call updates. Returns
    /// false also while another thread takes items.
    HOCKET_COLD bool is_stuck_since(std::uint32_t& seen) noexcept {
        if (empty() || !try_lock()) return false;
        std::uint32_t const before = std::exchange(seen, takes_);
        unlock();
        return before == seen;
    }

    /// Returns the number of items: 0 also while another thread takes items. **Cost** visits each item.
    HOCKET_COLD std::uint32_t count() noexcept {
        if (!try_lock()) return 0;
        std::uint32_t items = 0;
        fetch();
        for (Item const* item = oldest_; item != nullptr; item = item == youngest_ ? nullptr : item->next) ++items;
        unlock();
        return items;
    }

  private:
    HOCKET_NOINLINE Item* take_some_of(void const* scope, std::uint32_t depth) noexcept {
        if (!try_lock()) return nullptr;
        Item* before = nullptr;
        Item* item = oldest_ != nullptr ? oldest_ : fetch();
        for (; item != nullptr && depth != 0; --depth) {
            Item* const following = item->next;
            if (item->scope == scope) {
                if (item == youngest_) youngest_ = before;
                if (before != nullptr) {
                    before->next = following;
                } else {
                    oldest_ = following;
                    ++takes_;
                }
                --listed_;
                break;
            }
            before = item;
            item = following != nullptr ? following : fetch();
        }
        unlock();
        return depth != 0 ? item : nullptr;
    }

    HOCKET_NOINLINE std::uint32_t take_some(Item** out, std::uint32_t least, std::uint32_t most,
                                            std::uint32_t sharers) noexcept {
        constexpr std::uint32_t shortest_share = 4; // of a long queue
        if (!try_lock()) return 0;
        std::uint32_t count = 0;
        if (oldest_ == nullptr || (least < most && listed_ < shortest_share * sharers)) fetch();
        if (least < most) {
            std::uint32_t const share = listed_ / sharers;
            if (share >= shortest_share && share > least) least = share < most ? share : most;
        }
        for (; count < least && oldest_ != nullptr; ++count) {
            out[count] = oldest_;
            oldest_ = oldest_->next;
        }
        takes_ += count;
        listed_ -= count;
        unlock();
        return count;
    }

    void push_stack(Item& newest, Item& oldest) noexcept {
        Item* head = pushed_.load(std::memory_order_relaxed);
        do {
            oldest.next = head;
        } while (!pushed_.compare_exchange_weak(head, &newest, std::memory_order_release, // injector.push ->
                                                std::memory_order_relaxed));
    }

    /// Moves everything that was pushed to the end of the list, in reverse. The caller holds the lock. Returns the
    /// oldest item that was moved.
    Item* fetch() noexcept {
        if (pushed_.load(std::memory_order_relaxed) == nullptr) return nullptr;
        if (listed_ == 0) waiting_.store(1, std::memory_order_relaxed);    // before the stack looks empty
        Item* item = pushed_.exchange(nullptr, std::memory_order_acq_rel); // <- injector.push, injector.fetch ->
        Item* const newest = item;
        Item* turned = nullptr;
        while (item != nullptr) {
            Item* const following = item->next;
            item->next = turned;
            turned = item;
            item = following;
            ++listed_;
        }
        if (turned == nullptr) return nullptr;
        if (oldest_ != nullptr)
            youngest_->next = turned;
        else
            oldest_ = turned;
        youngest_ = newest;
        return turned;
    }

    bool try_lock() noexcept {
        return !locked_.load(std::memory_order_relaxed) &&
               !locked_.exchange(true, std::memory_order_acquire); // <- injector.unlock
    }
    void unlock() noexcept {
        if (waiting_.load(std::memory_order_relaxed) != listed_) waiting_.store(listed_, std::memory_order_relaxed);
        locked_.store(false, std::memory_order_release); // injector.unlock ->
    }

    /// The newest item of a stack. Writers: threads that push; the taker.
    alignas(cache_line) typename Atomics::template atomic<Item*> pushed_{nullptr};

    /// The lock of the members below. Writers: takers.
    alignas(cache_line) typename Atomics::template atomic<bool> locked_{false};
    Item* oldest_ = nullptr;   // a list, from the oldest item
    Item* youngest_ = nullptr; // to the youngest, if the list has items
    std::uint32_t takes_ = 0;  // the number of times that the oldest item was taken out
    std::uint32_t listed_ = 0; // the length of the list
    /// The length of the list, at least one while a taker fills the list. Writers: takers. Readers: all threads.
    typename Atomics::template atomic<std::uint32_t> waiting_{0};
};

using injector = basic_injector<std_atomics>;

} // namespace hocket::detail
