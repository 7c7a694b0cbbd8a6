// SPDX-License-Identifier: MIT
// Counts the threads that use a node while it ends: threads that help it, stop its calls, or deliver its results. The
// end of the node waits for them. Called by calls of worker processes, and by the node.
#pragma once

#include <hocket/os/atomics.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/use_counts.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Keeps a node from being destroyed, if the node has not completed all its calls when the use begins. A thread that
/// then finds a call incomplete may therefore use the node of the call.
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

    /// Begins a use that another thread takes over with `taken_over`.
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

    /// Returns when no other thread uses the node, whose calls are complete.
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
    /// Counts the uses by the calling thread: a completion that the thread runs may end the node.
    static inline constinit thread_local std::array<std::uint32_t, counts::places> here_{};

    std::size_t at_;
};

} // namespace hocket::detail
