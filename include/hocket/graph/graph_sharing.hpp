// SPDX-License-Identifier: MIT
// The sharing policy: decides when a runner of a running graph hands nodes to other threads. While nodes take a
// microsecond or more, it hands out all nodes but the running one, since each may take long or wait. While nodes are
// short, it hands out half of them. It does so only if that is faster than one thread. It also needs a steal request,
// or a while without handing out nodes. The shorter the nodes are, the fewer of them read the clock.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class graph_sharing {
  public:
    enum class amount { nothing, half, all };

    /// `stride`: how many nodes seemed to take a microsecond lately. No worker is to be woken before `quiet_until`.
    graph_sharing(std::uint32_t stride, ticks quiet_until) noexcept
        : attention_(this_slot != nullptr ? &request_here.attention : &nobody_asks),
          stride_(stride),
          since_(now_ticks()),
          quiet_until_(quiet_until) {}

    std::uint32_t stride() const noexcept { return stride_; }

    /// Whether to call `decide`. Called before each node while there are other nodes to hand out.
    HOCKET_ALWAYS_INLINE bool due() noexcept { return due(*attention_); }
    HOCKET_ALWAYS_INLINE bool due(atomic<std::uintptr_t> const& attention) noexcept {
        return attention.load(std::memory_order_relaxed) == steal_request::asked || --fuel_ == 0;
    }
    /// The word of the thread by which others ask for nodes.
    atomic<std::uintptr_t> const& attention() const noexcept { return *attention_; }

    /// Decides which nodes to hand out. `spared`: how many nanoseconds less a node takes while this runner goes on
    /// alone.
    amount decide(scheduler const& pool, std::uint64_t spared) noexcept;

  private:
    /// Notes that `nodes` nodes took `took`.
    void note(ticks took, std::uint32_t nodes) noexcept;
    /// Whether one thread that takes `t` for a node is as fast as `workers` threads that take `t` + `spared` each. True
    /// if nothing is noted, unless `spared` is 0.
    bool is_faster_alone(std::uint64_t workers, std::uint64_t spared) const noexcept;

    static constexpr std::uint32_t most_noted = 256;
    static constexpr std::uint32_t longest_stride = 32;

    /// The word to which `attention_` points in a thread without a worker slot. Never written.
    static inline constinit atomic<std::uintptr_t> nobody_asks{steal_request::later};

    atomic<std::uintptr_t>* attention_;
    std::uint32_t stride_;
    std::uint32_t fuel_ = 1; // nodes until the next look at the clock
    bool known_ = false;     // the stride was measured by this runner
    ticks since_;
    ticks lately_ = 0; // time of the last nodes; the newest nodes weigh most
    std::uint32_t nodes_lately_ = 0;
    ticks quiet_until_;
    ticks alone_until_ = 0;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_sharing.ipp>
#endif
