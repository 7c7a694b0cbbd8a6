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

/// While it lives, the node is not destroyed, if it has not completed all its calls when the use begins: so a thread that then finds a call
/// incomplete may use the node of the call. The counts are no part of nodes, and several nodes may share one.
class node_use {
  public:
    explicit node_use(void const* node) noexcept : at_(place_of(node)) {
        begin(at_);
        ++here_[at_];
    }
    node_use(node_use const&) = delete;
    node_use& operator=(node_use const&) = delete;
    ~node_use() {
        --here_[at_];
        end(at_);
    }

    /// A use that another thread takes over, by `taken_over`.
    static void hand_over(void const* node) noexcept { begin(place_of(node)); }
    struct taken_over {
        void const* node;
        explicit taken_over(void const* its_node) noexcept : node(its_node) { ++here_[place_of(node)]; }
        taken_over(taken_over const&) = delete;
        taken_over& operator=(taken_over const&) = delete;
        ~taken_over() {
            --here_[place_of(node)];
            end(place_of(node));
        }
    };

    /// Returns when no other thread uses the node. Its calls are complete.
    static void wait_for_others(void const* node) noexcept {
        std::size_t const at = place_of(node);
        std_atomics::full_fence(); // <- node_use.begin
        for (unsigned looks = 1; counts_[at].load(std::memory_order_acquire) > here_[at]; ++looks) { // <- node_use.end
            if (looks % 64 == 0)
                sleep_for(50'000);
            else
                spin_hint();
        }
    }

  private:
    static constexpr std::size_t places = 64;

    static std::size_t place_of(void const* node) noexcept {
        return (reinterpret_cast<std::uintptr_t>(node) >> 6) % places;
    }
    static void begin(std::size_t at) noexcept {
        counts_[at].fetch_add(1, std::memory_order_relaxed);
        std_atomics::full_fence_after_update(); // node_use.begin ->
    }
    static void end(std::size_t at) noexcept { counts_[at].fetch_sub(1, std::memory_order_release); } // node_use.end ->

    /// Writers: those who use nodes. Reader: the end of a node.
    static inline constinit std::array<std::atomic<std::uint32_t>, places> counts_{};
    /// Those of the calling thread: a completion that it runs may end the node.
    static inline constinit thread_local std::array<std::uint32_t, places> here_{};

    std::size_t at_;
};

} // namespace hocket::detail
