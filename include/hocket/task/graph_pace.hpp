// SPDX-License-Identifier: MIT
// When a slice of a running graph hands nodes to others, floor 5. While nodes take a microsecond and more, all that are not
// running: each may take long, or wait for something. While they are tiny, half of them, and only if a thread is hungry, or
// none has had a chance for a while, and if that is faster than one thread. The clock is looked at as rarely as the nodes are
// short.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/ticks.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::detail {

class graph_pace {
  public:
    enum class share { nothing, half, all };

    /// `stride`: how many nodes seemed to take a microsecond lately. Before `quiet_until` nobody is to be woken.
    graph_pace(std::uint32_t stride, ticks quiet_until) noexcept
        : attention_(this_context != nullptr ? &this_context->attention : &nobody_asks),
          stride_(stride),
          since_(now_ticks()),
          quiet_until_(quiet_until) {}

    std::uint32_t stride() const noexcept { return stride_; }

    /// Asked before each node while there are others to be shared.
    HOCKET_ALWAYS_INLINE bool due() noexcept {
        return attention_->load(std::memory_order_relaxed) == worker::asked || --fuel_ == 0;
    }

    /// `spared`: so many nanoseconds less a node takes as long as this slice goes on alone.
    HOCKET_NOINLINE share decide(scheduler const& pool, std::uint64_t spared) noexcept {
        ticks const now = now_ticks();
        ticks const took = now - since_;
        ticks const microsecond = ticks_per_microsecond();
        since_ = now;
        if (known_) note(took, stride_ - fuel_ + (fuel_ != 0)); // the very first one may come from far
        if (took >= stride_ * microsecond)
            stride_ = 1;
        else if (2 * took < stride_ * microsecond && known_ && stride_ < longest_stride)
            stride_ *= 2;
        fuel_ = stride_;
        bool asked = attention_->load(std::memory_order_relaxed) == worker::asked;
        if (asked) attention_->store(this_context->end_of_stack(), std::memory_order_relaxed);
        if (!known_ && pool.size() == 1) asked = false; // it was asked as each job is when it begins, and nobody sleeps
        known_ = true;
        if (!asked && now < quiet_until_) return share::nothing;
        if (stride_ == 1) return share::all;
        if (pool.contexts() == 1) return share::nothing;
        if (is_faster_alone(pool.size(), spared)) return share::nothing;
        if (!asked && (pool.size() == 1 || now < alone_until_)) return share::nothing;
        bool const first = alone_until_ == 0;
        alone_until_ = now + patience * microsecond;
        if (first && !asked) return share::nothing;
        return this_context == nullptr || this_context->lane.empty() ? share::half : share::nothing;
    }

  private:
    /// So many nodes took so long.
    void note(ticks took, std::uint32_t nodes) noexcept {
        lately_ += took;
        nodes_lately_ += nodes;
        if (nodes_lately_ < most_noted) return;
        lately_ /= 2;
        nodes_lately_ /= 2;
    }
    /// Whether `workers` threads that share nodes of `t` + `spared` each take longer than one that takes `t`. Yes while nothing is noted.
    bool is_faster_alone(std::uint64_t workers, std::uint64_t spared) const noexcept {
        ticks const together = spared * nodes_lately_ * ticks_per_microsecond() / 1000;
        return spared != 0 && lately_ * (workers - 1) <= together;
    }

    static constexpr std::uint32_t most_noted = 256;
    static constexpr std::uint32_t longest_stride = 32;
    static constexpr unsigned patience = 20; // microseconds: to wake a thread takes about as long

    /// What `attention_` points to in a thread without a context. Never written.
    static inline constinit std::atomic<std::uintptr_t> nobody_asks{worker::later};

    std::atomic<std::uintptr_t>* attention_;
    std::uint32_t stride_;
    std::uint32_t fuel_ = 1; // nodes until the clock is looked at
    bool known_ = false;     // the stride is this slice's own
    ticks since_;
    ticks lately_ = 0; // what the last nodes took, the newest of which count most
    std::uint32_t nodes_lately_ = 0;
    ticks quiet_until_;
    ticks alone_until_ = 0;
};

} // namespace hocket::detail
