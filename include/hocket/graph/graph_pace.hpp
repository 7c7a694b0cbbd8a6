// SPDX-License-Identifier: MIT
// When a slice of a running graph hands nodes to others. While nodes take a microsecond and more, all that are not
// running: each may take long, or wait for something. While they are tiny, half of them, and only if a thread is
// hungry, or none has had a chance for a while, and if that is faster than one thread. The clock is looked at as rarely
// as the nodes are short.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class graph_pace {
  public:
    enum class share { nothing, half, all };

    /// `stride`: how many nodes seemed to take a microsecond lately. Before `quiet_until` nobody is to be woken.
    graph_pace(std::uint32_t stride, ticks quiet_until) noexcept
        : attention_(this_context != nullptr ? &request_here.attention : &nobody_asks),
          stride_(stride),
          since_(now_ticks()),
          quiet_until_(quiet_until) {}

    std::uint32_t stride() const noexcept { return stride_; }

    /// Asked before each node while there are others to be shared.
    HOCKET_ALWAYS_INLINE bool due() noexcept {
        return attention_->load(std::memory_order_relaxed) == steal_request::asked || --fuel_ == 0;
    }

    /// `spared`: so many nanoseconds less a node takes as long as this slice goes on alone.
    share decide(scheduler const& pool, std::uint64_t spared) noexcept;

  private:
    /// So many nodes took so long.
    void note(ticks took, std::uint32_t nodes) noexcept;
    /// Whether `workers` threads that share nodes of `t` + `spared` each take longer than one that takes `t`. Yes while
    /// nothing is noted.
    bool is_faster_alone(std::uint64_t workers, std::uint64_t spared) const noexcept;

    static constexpr std::uint32_t most_noted = 256;
    static constexpr std::uint32_t longest_stride = 32;

    /// What `attention_` points to in a thread without a context. Never written.
    static inline constinit std::atomic<std::uintptr_t> nobody_asks{steal_request::later};

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

#if HOCKET_BODIES
#include <hocket/graph/graph_pace.ipp>
#endif
