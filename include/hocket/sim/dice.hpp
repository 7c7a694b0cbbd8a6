// SPDX-License-Identifier: MIT
// Random numbers that depend on the seed alone: the same with every compiler and standard library.
#pragma once

#include <cstdint>

namespace hocket::sim {

class dice {
  public:
    explicit dice(std::uint64_t seed) noexcept : state_(seed) {}

    /// Returns the next number (SplitMix64).
    std::uint64_t roll() noexcept {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// Returns a number below `n`, which is not 0.
    std::uint64_t below(std::uint64_t n) noexcept { return roll() % n; }
    bool one_in(std::uint64_t n) noexcept { return below(n) == 0; }

  private:
    std::uint64_t state_;
};

} // namespace hocket::sim
