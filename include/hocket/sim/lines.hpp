// SPDX-License-Identifier: MIT
// The memory of a simulated machine: for each line of 64 bytes, which cores have it and until when it is on its way.
// Called by the machine in timed mode.
#pragma once

#include <hocket/sim/machine_options.hpp>

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hocket::sim {

inline constexpr unsigned most_cores = 1024;
using core_set = std::bitset<most_cores>;

struct line {
    int owner = -1;  // the core that may write it; -1: those in `sharers` may read it
    ns busy = 0;     // until then it is on its way, or promised to a core
    int holder = -1; // the core of the newest update, which has the line at least until `held_until`
    ns held_until = 0;
    core_set sharers;
    ns waited = 0; // time that threads spent waiting for it
};

class line_directory {
  public:
    line_directory(layout const& shape, costs const& cost) : cost_(cost), l3_(shape.cores), socket_(shape.cores) {
        for (unsigned core = 0; core < shape.cores; ++core)
            for (unsigned other = 0; other < shape.cores; ++other) {
                if (core / shape.per_l3 == other / shape.per_l3) l3_[core].set(other);
                if (core / shape.per_socket == other / shape.per_socket) socket_[core].set(other);
            }
    }

    line& at(void const* where) {
        auto const key = reinterpret_cast<std::uintptr_t>(where) / 64;
        auto& recent = recent_[key % recent_.size()];
        if (recent.first != key) recent = {key, &lines_[key]};
        return *recent.second;
    }

    /// Returns how long a line takes from the nearest core that has it.
    ns nearest(line const& l, int core) const {
        if (l.sharers.none()) return cost_.memory;
        auto const c = static_cast<std::size_t>(core);
        if ((l.sharers & l3_[c]).any()) return cost_.same_l3;
        return (l.sharers & socket_[c]).any() ? cost_.same_socket : cost_.other_socket;
    }
    /// Returns how long it takes until the farthest core has given the line up.
    ns farthest(line const& l, int core) const {
        core_set others = l.sharers;
        auto const c = static_cast<std::size_t>(core);
        others.reset(c);
        if (others.none()) return l.sharers.none() ? cost_.memory : 2;
        if ((others & ~socket_[c]).any()) return cost_.other_socket;
        return (others & ~l3_[c]).any() ? cost_.same_socket : cost_.same_l3;
    }

    template<class F>
    void each(F const& f) const {
        for (auto const& [key, l] : lines_) f(reinterpret_cast<void const*>(key * 64), l);
    }

  private:
    costs cost_;
    std::unordered_map<std::uintptr_t, line> lines_; // an element keeps its address
    std::array<std::pair<std::uintptr_t, line*>, 1 << 14> recent_{};
    std::vector<core_set> l3_;
    std::vector<core_set> socket_;
};

} // namespace hocket::sim
