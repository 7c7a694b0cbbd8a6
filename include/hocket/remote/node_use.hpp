// SPDX-License-Identifier: MIT
// Who uses a node while it ends, floor 8: threads that help it, stop its calls, or have results of it in hand. Its end waits for them.
// Called by calls of worker processes, and by the node.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/base/futex.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// How many uses there are of nodes: the counts are no part of nodes, and several nodes may share one.
template<class Atomics>
class basic_use_counts {
  public:
    static constexpr std::size_t places = 64;

    static std::size_t place_of(void const* node) noexcept {
        return (reinterpret_cast<std::uintptr_t>(node) >> 6) % places;
    }

    /// A use begins. Who finds a call of the node incomplete afterwards may use the node until the use ends.
    void begin(std::size_t at) noexcept {
        counts_[at].fetch_add(1, std::memory_order_relaxed);
        Atomics::full_fence_after_update(); // node_use.begin ->
    }
    void end(std::size_t at) noexcept { counts_[at].fetch_sub(1, std::memory_order_release); } // node_use.end ->

    /// The end of a node, after its calls are complete: before each question whether there are uses but those of the thread itself.
    static void prepare_to_end() noexcept { Atomics::full_fence(); } // <- node_use.begin
    bool used_by_others(std::size_t at, std::uint32_t own) const noexcept {
        return counts_[at].load(std::memory_order_acquire) > own; // <- node_use.end
    }

  private:
    /// Writers: those who use nodes. Reader: the end of a node.
    std::array<typename Atomics::template atomic<std::uint32_t>, places> counts_{};
};

/// While it lives, the node is not destroyed, if it has not completed all its calls when the use begins: so a thread that then finds a call
/// incomplete may use the node of the call.
class node_use {
  public:
    explicit node_use(void const* node) noexcept : at_(counts::place_of(node)) {
        counts_.begin(at_);
        ++here_[at_];
    }
    node_use(node_use const&) = delete;
    node_use& operator=(node_use const&) = delete;
    ~node_use() {
        --here_[at_];
        counts_.end(at_);
    }

    /// A use that another thread takes over, by `taken_over`.
    static void hand_over(void const* node) noexcept { counts_.begin(counts::place_of(node)); }
    struct taken_over {
        void const* node;
        explicit taken_over(void const* its_node) noexcept : node(its_node) { ++here_[counts::place_of(node)]; }
        taken_over(taken_over const&) = delete;
        taken_over& operator=(taken_over const&) = delete;
        ~taken_over() {
            --here_[counts::place_of(node)];
            counts_.end(counts::place_of(node));
        }
    };

    /// Returns when no other thread uses the node. Its calls are complete.
    static void wait_for_others(void const* node) noexcept {
        std::size_t const at = counts::place_of(node);
        counts::prepare_to_end();
        for (unsigned looks = 1; counts_.used_by_others(at, here_[at]); ++looks) {
            if (looks % 64 == 0)
                sleep_for(50'000);
            else
                spin_hint();
        }
    }

  private:
    using counts = basic_use_counts<std_atomics>;

    static inline constinit counts counts_{};
    /// Those of the calling thread: a completion that it runs may end the node.
    static inline constinit thread_local std::array<std::uint32_t, counts::places> here_{};

    std::size_t at_;
};

} // namespace hocket::detail
