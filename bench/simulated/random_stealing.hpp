// SPDX-License-Identifier: MIT
// To compare with: plain random work stealing. Chase and Lev's deque, one task a steal, any victim, no sleep. It says
// how well large machines can be used, not what a join costs: each of its joins passes a full fence.
#pragma once

#include "machine_at_hand.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace random_stealing {

using machine::atomic;

/// A part of a range of leaves.
struct task {
    std::size_t first;
    std::size_t count;
    alignas(64) atomic<bool> done{false};
};

class alignas(128) deque {
  public:
    void push(task* t) {
        std::int64_t const b = bottom_.load(std::memory_order_relaxed);
        items_[b % room].store(t, std::memory_order_relaxed);
        bottom_.store(b + 1, std::memory_order_release);
    }
    task* pop() {
        std::int64_t const b = bottom_.load(std::memory_order_relaxed) - 1;
        bottom_.store(b, std::memory_order_relaxed);
        machine::full_fence();
        std::int64_t t = top_.load(std::memory_order_relaxed);
        task* found = nullptr;
        if (t <= b) {
            found = items_[b % room].load(std::memory_order_relaxed);
            if (t != b) return found;
            if (!top_.compare_exchange_strong(t, t + 1)) found = nullptr;
        }
        bottom_.store(b + 1, std::memory_order_relaxed);
        return found;
    }
    task* steal() {
        std::int64_t t = top_.load(std::memory_order_acquire);
        if (t >= bottom_.load(std::memory_order_acquire)) return nullptr;
        task* const found = items_[t % room].load(std::memory_order_relaxed);
        return top_.compare_exchange_strong(t, t + 1) ? found : nullptr;
    }

  private:
    static constexpr std::int64_t room = 512;
    alignas(128) atomic<std::int64_t> top_{0};
    alignas(128) atomic<std::int64_t> bottom_{0};
    alignas(128) atomic<task*> items_[room]{};
};

/// The threads, of which the caller is the first. They spin until the end.
template<class Split, class Leaf>
class pool {
  public:
    pool(unsigned workers, Split split, Leaf leaf) : split_(split), leaf_(leaf), deques_(workers) {
        for (unsigned i = 1; i < workers; ++i)
            threads_.emplace_back([this, i] {
                self_ = i;
                dice_ = 77 + 2654435761U * i;
                machine::bind(i);
                while (!over_.load(std::memory_order_acquire))
                    if (!help()) machine::spin();
            });
    }
    ~pool() {
        over_.store(true, std::memory_order_release);
        threads_.clear();
    }
    pool(pool const&) = delete;
    pool& operator=(pool const&) = delete;

    /// Runs the leaves of a range as a tree of joins.
    void run(std::size_t first, std::size_t count) {
        if (count == 1) return leaf_(first);
        std::size_t const left = split_(count);
        task right{first + left, count - left};
        deques_[self_].push(&right);
        run(first, left);
        if (deques_[self_].pop() != nullptr) return run(right.first, right.count);
        while (!right.done.load(std::memory_order_acquire))
            if (!help()) machine::spin();
    }

  private:
    bool help() {
        dice_ ^= dice_ << 13;
        dice_ ^= dice_ >> 17;
        dice_ ^= dice_ << 5;
        std::size_t const victim = dice_ % deques_.size();
        task* const t = victim == self_ ? nullptr : deques_[victim].steal();
        if (t == nullptr) return false;
        run(t->first, t->count);
        t->done.store(true, std::memory_order_release);
        return true;
    }

    static inline thread_local unsigned self_ = 0;
    static inline thread_local std::uint32_t dice_ = 1;
    Split split_;
    Leaf leaf_;
    std::vector<deque> deques_;
    atomic<bool> over_{false};
    std::vector<machine::thread> threads_;
};

} // namespace random_stealing
