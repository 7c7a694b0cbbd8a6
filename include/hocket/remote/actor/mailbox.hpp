// SPDX-License-Identifier: MIT
// The two words of an actor's mailbox. Any thread pushes to the list, and one thread at a time empties it. The turn
// says which thread that is. The proof is in remote/README.md. Called by actor_cell.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/atomics.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The list of a mailbox. `Node` has a member `next` that points to a node. If the list is idle, it is null. Otherwise
/// a thread is responsible for it, and it is a mark or the newest node.
template<class Atomics, class Node>
class mailbox {
  public:
    /// Pushes a node. Returns true if the list was idle; the caller must then make a thread take the turn.
    bool push(Node& node) noexcept {
        Node* newest = newest_.load(std::memory_order_relaxed);
        do {
            node.next = newest;
        } while (!newest_.compare_exchange_weak(newest, &node,
                                                std::memory_order_acq_rel, // mailbox.push ->, <- mailbox.rest
                                                std::memory_order_relaxed));
        return newest == nullptr;
    }

    /// Returns the next node, oldest first, or null if there is none. Called in the turn.
    Node* pop() noexcept {
        if (oldest_ == nullptr) take_all();
        Node* const node = oldest_;
        if (node != nullptr) oldest_ = node->next;
        return node;
    }

    /// Whether `pop` would find a node. A hint. Called in the turn.
    bool empty() const noexcept { return oldest_ == nullptr && newest_.load(std::memory_order_relaxed) == mark(); }

    /// Makes the list idle and ends the turn. Returns false if nodes have come meanwhile. Called in the turn, after
    /// `pop` found nothing.
    bool rest() noexcept {
        Node* expected = mark();
        return newest_.compare_exchange_strong(expected, nullptr, std::memory_order_release, // mailbox.rest ->
                                               std::memory_order_relaxed);
    }

    /// Makes an empty list for a new actor, for which the caller is responsible.
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

    /// Writers: threads that push, and the turn. Null, the mark, or the newest node.
    typename Atomics::template atomic<Node*> newest_{nullptr};
    alignas(64) Node* oldest_ =
        nullptr; // accessed in the turn, and shares its line: removed from the list and not run yet
};

/// Decides which thread empties the mailbox: a worker that runs the item of the pool's queue, or a thread that waits.
template<class Atomics>
class turn_word {
  public:
    /// Offers the turn. Returns true if the caller must push the item to a queue.
    bool offer() noexcept {
        return (word_.fetch_or(offered | queued, std::memory_order_acq_rel) & queued) ==
               0; // turn.offer ->, <- turn.end
    }
    /// Takes the turn if it is offered. Returns whether the caller has it.
    bool try_take() noexcept {
        if ((word_.load(std::memory_order_relaxed) & offered) == 0) return false;
        return (word_.fetch_and(~offered, std::memory_order_acquire) & offered) != 0; // <- turn.offer
    }

    enum class found { nothing, turn, end };
    /// Notes that the item was taken out of its queue.
    found dequeue() noexcept {
        std::uint32_t const before =
            word_.fetch_and(~(offered | queued), std::memory_order_acq_rel); // turn.dequeue ->, <- turn.offer
        return (before & ended) != 0 ? found::end : (before & offered) != 0 ? found::turn : found::nothing;
    }
    /// Ends the last turn. Returns true if the item is in no queue, and no thread looks at the actor any more.
    bool end() noexcept {
        return (word_.fetch_or(ended, std::memory_order_acq_rel) & queued) == 0; // turn.end ->, <- turn.dequeue
    }
    /// Resets the word for a new actor.
    void renew() noexcept { word_.store(0, std::memory_order_relaxed); }

  private:
    static constexpr std::uint32_t offered = 1;
    static constexpr std::uint32_t queued = 2;
    static constexpr std::uint32_t ended = 4;

    /// Writers: threads that offer, take or end the turn, and the thread that takes the item out of its queue.
    typename Atomics::template atomic<std::uint32_t> word_{0};
};

} // namespace hocket::detail
