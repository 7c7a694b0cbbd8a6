// SPDX-License-Identifier: MIT
// Free memory that threads exchange: a stack of batches of blocks, and the chunks that the blocks come from. Any thread
// pushes with one CAS. Threads that take something out exclude each other, without waiting for long. The proof is in
// README.md of this folder. Caller: the slabs.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// The depot. A `Batch` has the fields `below`, a link for the depot, and `count`, its blocks. A `Chunk` has the link
/// `next`. The depot lives for ever: memory may be freed while the process ends.
template<class Atomics, class Batch, class Chunk>
class basic_slab_depot {
  public:
    static constexpr int patience = 200;

    /// Pushes the batches from `top` to `bottom`, linked by `below`, with `blocks` blocks in total. Never blocks.
    /// Returns about how many blocks there are now.
    std::ptrdiff_t put(Batch& top, Batch& bottom, std::ptrdiff_t blocks) noexcept {
        push(batches_, top, bottom.below);
        return blocks_.fetch_add(blocks, std::memory_order_relaxed) + blocks;
    }

    /// Takes a batch, or returns null. The depot counts as empty if the lock cannot be had after `looks` looks.
    Batch* take(int looks = patience) noexcept {
        if (batches_.load(std::memory_order_relaxed) == nullptr || !try_lock(looks)) return nullptr;
        Batch* top = nullptr;
        for (Batch* seen = nullptr;; Atomics::pause()) {
            seen = top = batches_.load(std::memory_order_acquire); // <- slab_depot.put
            if (top == nullptr || batches_.compare_exchange_weak(seen, top->below, std::memory_order_relaxed)) break;
        }
        unlock();
        if (top != nullptr) {
            std::ptrdiff_t const left = blocks_.fetch_sub(top->count, std::memory_order_relaxed) - top->count;
            if (left < least_.load(std::memory_order_relaxed)) least_.store(left, std::memory_order_relaxed);
        }
        return top;
    }

    /// Returns about how many blocks there are.
    std::ptrdiff_t blocks() const noexcept { return blocks_.load(std::memory_order_relaxed); }

    /// Returns about the least number of blocks that there were since the last call.
    std::ptrdiff_t unused_blocks() noexcept {
        std::ptrdiff_t const now = blocks();
        std::ptrdiff_t const least = least_.exchange(now, std::memory_order_relaxed);
        return least < now ? least : now;
    }

    /// Adds a chunk whose blocks may come here.
    void add(Chunk& chunk) noexcept { push(chunks_, chunk, chunk.next); }

    /// Calls `f(batches, chunks)` with all batches and chunks as two lists. `f` changes the lists to those that stay,
    /// and returns how many blocks the batches have. Returns false, without a call, while another thread takes
    /// something out. While `f` runs, other threads find an empty depot.
    template<class F>
    bool sort_out(F&& f, int looks = patience) {
        if (!try_lock(looks)) return false;
        Batch* batches = batches_.exchange(nullptr, std::memory_order_acquire); // <- slab_depot.put
        Chunk* chunks = chunks_.exchange(nullptr, std::memory_order_acquire);   // <- slab_depot.add
        std::ptrdiff_t const stay = f(batches, chunks);
        blocks_.store(stay, std::memory_order_relaxed);
        if (batches != nullptr) push(batches_, *batches, last_of(batches, &Batch::below)->below);
        if (chunks != nullptr) push(chunks_, *chunks, last_of(chunks, &Chunk::next)->next);
        unlock();
        return true;
    }

  private:
    template<class T>
    using atomic = typename Atomics::template atomic<T>;

    /// Pushes a list; `end` is the link of its last element. Release, for batches (`put`) as for chunks (`add`).
    template<class T, class Link>
    static void push(atomic<T*>& stack, T& top, Link& end) noexcept {
        T* head = stack.load(std::memory_order_relaxed);
        do {
            end = head;
        } while (!stack.compare_exchange_weak(head, &top,
                                              std::memory_order_release, // slab_depot.put, slab_depot.add ->
                                              std::memory_order_relaxed));
    }
    template<class T, class Link>
    static T* last_of(T* first, Link T::*link) noexcept {
        while (first->*link != nullptr) first = first->*link;
        return first;
    }

    /// Tries to take the lock. The word holds the generation of the process, so that a lock of a thread of the parent
    /// is free in a child of fork().
    bool try_lock(int looks) noexcept {
        std::uint32_t const taken = fork_generation + 1;
        for (int i = 0; i < looks; ++i) {
            std::uint32_t seen = locked_.load(std::memory_order_relaxed);
            if (seen != taken &&
                locked_.compare_exchange_strong(seen, taken, std::memory_order_acquire, // <- slab_depot.unlock
                                                std::memory_order_relaxed))
                return true;
            Atomics::pause();
        }
        return false;
    }
    void unlock() noexcept { locked_.store(0, std::memory_order_release); } // slab_depot.unlock ->

    /// The stack. Writers: any thread pushes, the holder of the lock takes.
    alignas(cache_line) atomic<Batch*> batches_{nullptr};
    /// About how many blocks there are, as it is written after the stack. Writers: threads that push or take.
    atomic<std::ptrdiff_t> blocks_{0};
    /// The least number of blocks since the last `unused_blocks`, a hint. Writers: takers; unused_blocks.
    atomic<std::ptrdiff_t> least_{0};
    /// The lock; 0 is free. Writers: threads that take something out.
    alignas(cache_line) atomic<std::uint32_t> locked_{0};
    /// The chunks. Writers: any thread adds, the holder of the lock takes.
    atomic<Chunk*> chunks_{nullptr};
};

} // namespace hocket::detail
