// SPDX-License-Identifier: MIT
// Vector clocks of the model checker: the events of each thread that an event is ordered after.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace model {

inline constexpr std::size_t max_threads = 8; // the scenario's own (index 0) and seven more
using thread_index = std::uint32_t;
using tick = std::uint32_t; // events of one thread, counted from 1; 0 is "never"

struct vector_clock {
    std::array<tick, max_threads> ticks{};

    void join(const vector_clock& other) noexcept {
        for (std::size_t i = 0; i < max_threads; ++i)
            if (other.ticks[i] > ticks[i]) ticks[i] = other.ticks[i];
    }
    bool covers(const vector_clock& other) const noexcept {
        bool all = true;
        for (std::size_t i = 0; i < max_threads; ++i) all &= other.ticks[i] <= ticks[i];
        return all;
    }
    bool covers(thread_index thread, tick when) const noexcept { return ticks[thread] >= when; }
};

/// The knowledge that one thread hands to another when they synchronise.
///
/// `happened` is happens-before: it decides data races. `view` is the knowledge that coherence may no longer ignore. It
/// is `happened` plus the order that S, the total order of sequentially consistent fences, adds. S orders values but
/// does not make plain accesses race-free. `sc_fence` is the length of S at the latest seq_cst fence in the past: loads
/// behind that fence respect the seq_cst operations before it.
struct sync_clock {
    vector_clock happened;
    vector_clock view;
    std::uint32_t sc_fence = 0;

    void join(const sync_clock& other) noexcept {
        happened.join(other.happened);
        view.join(other.view);
        if (other.sc_fence > sc_fence) sc_fence = other.sc_fence;
    }
};

} // namespace model
