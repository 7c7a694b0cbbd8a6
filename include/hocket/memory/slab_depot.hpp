// SPDX-License-Identifier: MIT
// Free memory that threads hand each other: a stack of batches of blocks, and the chunks that blocks come from. Any
// thread puts something in with one CAS; those who take something out exclude one another, without waiting for long.
// The proof is in README.md of this folder. Caller: the slabs.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/os/fork.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A `Batch` has `below`, for the depot, and `count`, its blocks. A `Chunk` has `next`, for the depot. Lives for ever:
/// memory may be freed while the process ends.
template<class Atomics, class Batch, class Chunk>
class basic_slab_depot {
  public:
    static constexpr int patience = 200;

    /// From `top` to `bottom`, linked by `below`; `blocks` in all of them. Never blocks. Returns how many there are
    /// now, about.
    std::ptrdiff_t put(Batch& top, Batch& bottom, std::ptrdiff_t blocks) noexcept {
        push(batches_, top, bottom.below); // slab_depot.put ->
        return blocks_.fetch_add(blocks, std::memory_order_relaxed) + blocks;
    }

    /// A batch, or null. A lock that cannot be had after so many looks counts as an empty depot.
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

    /// How many blocks there are, about.
    std::ptrdiff_t blocks() const noexcept { return blocks_.load(std::memory_order_relaxed); }

    /// How many there were at the least since the last call, about.
    std::ptrdiff_t unused_blocks() noexcept {
        std::ptrdiff_t const now = blocks();
        std::ptrdiff_t const least = least_.exchange(now, std::memory_order_relaxed);
        return least < now ? least : now;
    }

    /// A chunk whose blocks may come here.
    void add(Chunk& chunk) noexcept { push(chunks_, chunk, chunk.next); } // slab_depot.add ->

    /// Calls `f(batches, chunks)` with all that is here, both as lists, which it changes to what is to stay; it returns
    /// how many blocks those batches have. False, and it was not called, while others take something out. While it
    /// runs, they find nothing.
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

    /// `end` is the link of the last of them.
    template<class T, class Link>
    static void push(atomic<T*>& stack, T& top, Link& end) noexcept {
        T* head = stack.load(std::memory_order_relaxed);
        do {
            end = head;
        } while (!stack.compare_exchange_weak(head, &top, std::memory_order_release, std::memory_order_relaxed));
    }
    template<class T, class Link>
    static T* last_of(T* first, Link T::*link) noexcept {
        while (first->*link != nullptr) first = first->*link;
        return first;
    }

    /// The word is the generation of the process: in a child of fork() the lock of a thread that stayed behind is
    /// nobody's.
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

    /// Writers: everyone puts, the holder of the lock takes.
    alignas(cache_line) atomic<Batch*> batches_{nullptr};
    /// Writers: whoever puts or takes. About right, as it is written afterwards.
    atomic<std::ptrdiff_t> blocks_{0};
    /// Writers: takers; unused_blocks. A hint.
    atomic<std::ptrdiff_t> least_{0};
    /// Writers: those who take something out. 0: free.
    alignas(cache_line) atomic<std::uint32_t> locked_{0};
    /// Writers: everyone adds, the holder of the lock takes.
    atomic<Chunk*> chunks_{nullptr};
};

} // namespace hocket::detail
