// SPDX-License-Identifier: MIT
// The two words of an actor's mailbox: a list that any thread pushes to and one thread at a time empties, and the turn,
// which says who that is. The proof is in remote/README.md. Caller: actor_cell.
#pragma once

#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// `Node` has a member `next` that points to a node. The list is idle (null), or a thread is responsible for it: then
/// it is a mark, or the newest node.
template<class Atomics, class Node>
class mailbox {
  public:
    /// True: it was idle. Then the caller sees to it that a thread takes the turn.
    bool push(Node& node) noexcept {
        Node* newest = newest_.load(std::memory_order_relaxed);
        do {
            node.next = newest;
        } while (!newest_.compare_exchange_weak(newest, &node,
                                                std::memory_order_acq_rel, // mailbox.push ->, <- mailbox.rest
                                                std::memory_order_relaxed));
        return newest == nullptr;
    }

    /// In the turn: the next node, oldest first; null when there is none.
    Node* pop() noexcept {
        if (oldest_ == nullptr) take_all();
        Node* const node = oldest_;
        if (node != nullptr) oldest_ = node->next;
        return node;
    }

    /// In the turn: whether `pop` would find something. A hint.
    bool empty() const noexcept { return oldest_ == nullptr && newest_.load(std::memory_order_relaxed) == mark(); }

    /// In the turn, after `pop` found nothing: it is idle, and the turn is over. False if nodes have come meanwhile.
    bool rest() noexcept {
        Node* expected = mark();
        return newest_.compare_exchange_strong(expected, nullptr, std::memory_order_release, // mailbox.rest ->
                                               std::memory_order_relaxed);
    }

    /// For a new actor: empty, and the caller is responsible for it.
    void renew() noexcept { newest_.store(mark(), std::memory_order_relaxed); }

  private:
    Node* mark() const noexcept { return reinterpret_cast<Node*>(const_cast<mailbox*>(this)); }

    void take_all() noexcept {
        Node* newest = newest_.load(std::memory_order_relaxed);
        if (newest == mark()) return;
        newest = newest_.exchange(mark(), std::memory_order_acquire); // <- mailbox.push
        while (newest != nullptr && newest != mark()) {
            Node* const older = newest->next;
            newest->next = oldest_;
            oldest_ = newest;
            newest = older;
        }
    }

    /// Writers: who pushes; the turn. Null, the mark, or the newest node.
    typename Atomics::template atomic<Node*> newest_{nullptr};
    alignas(64) Node* oldest_ =
        nullptr; // belongs to the turn, and lies in its line: taken out of the list, and not run yet
};

/// Who empties the mailbox: the item in the pool's queue, or a thread that waits.
template<class Atomics>
class turn_word {
  public:
    /// The turn is free. True: the caller must put the item into a queue.
    bool offer() noexcept {
        return (word_.fetch_or(offered | queued, std::memory_order_acq_rel) & queued) ==
               0; // turn.offer ->, <- turn.end
    }
    /// True: the caller has the turn.
    bool try_take() noexcept {
        if ((word_.load(std::memory_order_relaxed) & offered) == 0) return false;
        return (word_.fetch_and(~offered, std::memory_order_acquire) & offered) != 0; // <- turn.offer
    }

    enum class found { nothing, turn, end };
    /// The item was taken out of the queue.
    found dequeue() noexcept {
        std::uint32_t const before =
            word_.fetch_and(~(offered | queued), std::memory_order_acq_rel); // turn.dequeue ->, <- turn.offer
        return (before & ended) != 0 ? found::end : (before & offered) != 0 ? found::turn : found::nothing;
    }
    /// In the last turn. True: the item lies in no queue, and no thread looks at the actor any more.
    bool end() noexcept {
        return (word_.fetch_or(ended, std::memory_order_acq_rel) & queued) == 0; // turn.end ->, <- turn.dequeue
    }
    /// For a new actor.
    void renew() noexcept { word_.store(0, std::memory_order_relaxed); }

  private:
    static constexpr std::uint32_t offered = 1;
    static constexpr std::uint32_t queued = 2;
    static constexpr std::uint32_t ended = 4;

    /// Writers: who offers, takes, ends the turn, and takes the item out of the queue.
    typename Atomics::template atomic<std::uint32_t> word_{0};
};

} // namespace hocket::detail
