// SPDX-License-Identifier: MIT
// Work that comes from outside threads: any number of them push with one CAS; threads of the pool take batches
// out, the oldest first, one thread at a time. Nobody waits for a lock. The proof is in README.md of this folder.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/queue/work_item.hpp>

#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// `Item` is work_item but in the models.
template<class Atomics, class Item = work_item>
class basic_inbox {
  public:
    basic_inbox() = default;
    basic_inbox(basic_inbox const&) = delete;
    basic_inbox& operator=(basic_inbox const&) = delete;

    /// A full fence after an update must follow before the caller looks for sleepers.
    void push(Item& item) noexcept { push_stack(item, item); }

    /// The same for a list linked by `next`, of which `last` is the end. Taken out in its order.
    void push(Item& first, Item& last) noexcept {
        Item* newest = &first; // of a stack: it comes first
        for (Item* item = first.next; newest != &last;) {
            Item* const following = item->next;
            item->next = newest;
            newest = item;
            item = following;
        }
        push_stack(*newest, first);
    }

    /// The oldest items, at most `most`, into `out`. Returns how many: none also while another thread takes some.
    std::uint32_t take(Item** out, std::uint32_t most) noexcept { return empty() ? 0 : take_some(out, most); }

    /// An item of `scope`, or null; looks at the oldest `depth`.
    Item* take_of(void const* scope, std::uint32_t depth) noexcept {
        return empty() ? nullptr : take_some_of(scope, depth);
    }

    /// Takes `item` out if it was pushed last. The caller has pushed it, and knows that it has not been pushed since by
    /// others.
    bool take_back(Item& item) noexcept {
        if (pushed_.load(std::memory_order_relaxed) != &item || !try_lock()) return false;
        Item* newest = &item;
        // While the lock is held nobody else takes items out, so this one lies in the stack as long as it is its head.
        bool const found =
            pushed_.load(std::memory_order_relaxed) == &item &&
            pushed_.compare_exchange_strong(newest, item.next, std::memory_order_relaxed, std::memory_order_relaxed);
        unlock();
        return found;
    }

    /// A hint, exact after a full fence that follows the push.
    bool empty() const noexcept {
        return pushed_.load(std::memory_order_acquire) == nullptr && // <- inbox.fetch
               !waiting_.load(std::memory_order_relaxed);
    }

    /// Whether items wait and none was taken since the last call with the same `seen`, which is changed. False also
    /// while another thread takes some.
    HOCKET_COLD bool is_stuck_since(std::uint32_t& seen) noexcept {
        if (empty() || !try_lock()) return false;
        std::uint32_t const before = std::exchange(seen, takes_);
        unlock();
        return before == seen;
    }

    /// How many items there are. 0 also while another thread takes some. **Cost** it looks at each.
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
                break;
            }
            before = item;
            item = following != nullptr ? following : fetch();
        }
        unlock();
        return depth != 0 ? item : nullptr;
    }

    HOCKET_NOINLINE std::uint32_t take_some(Item** out, std::uint32_t most) noexcept {
        if (!try_lock()) return 0;
        std::uint32_t count = 0;
        if (oldest_ == nullptr) fetch();
        for (; count < most && oldest_ != nullptr; ++count) {
            out[count] = oldest_;
            oldest_ = oldest_->next;
        }
        takes_ += count;
        unlock();
        return count;
    }

    void push_stack(Item& newest, Item& oldest) noexcept {
        Item* head = pushed_.load(std::memory_order_relaxed);
        do {
            oldest.next = head;
        } while (!pushed_.compare_exchange_weak(head, &newest, std::memory_order_release, // inbox.push ->
                                                std::memory_order_relaxed));
    }

    /// The lock is held: everything that was pushed comes to the end of the list, turned round. Returns the oldest of
    /// that.
    Item* fetch() noexcept {
        if (pushed_.load(std::memory_order_relaxed) == nullptr) return nullptr;
        waiting_.store(true, std::memory_order_relaxed);                   // before the stack looks empty
        Item* item = pushed_.exchange(nullptr, std::memory_order_acq_rel); // <- inbox.push, inbox.fetch ->
        Item* const newest = item;
        Item* turned = nullptr;
        while (item != nullptr) {
            Item* const following = item->next;
            item->next = turned;
            turned = item;
            item = following;
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
               !locked_.exchange(true, std::memory_order_acquire); // <- inbox.unlock
    }
    void unlock() noexcept {
        if (waiting_.load(std::memory_order_relaxed) != (oldest_ != nullptr))
            waiting_.store(oldest_ != nullptr, std::memory_order_relaxed);
        locked_.store(false, std::memory_order_release); // inbox.unlock ->
    }

    /// Writers: those who push; the taker. The newest item of a stack.
    alignas(cache_line) typename Atomics::template atomic<Item*> pushed_{nullptr};

    /// Writers: takers. Guards the rest.
    alignas(cache_line) typename Atomics::template atomic<bool> locked_{false};
    Item* oldest_ = nullptr;   // a list, from the oldest
    Item* youngest_ = nullptr; // to the youngest, if there is an oldest one
    std::uint32_t takes_ = 0;  // how often the oldest was taken out
    /// Writers: takers. Readers: everyone. Whether the list has items.
    typename Atomics::template atomic<bool> waiting_{false};
};

using inbox = basic_inbox<std_atomics>;

} // namespace hocket::detail
