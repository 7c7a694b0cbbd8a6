// SPDX-License-Identifier: MIT
// The time from the start of a process to its first parallel result: two halves of 100 microseconds each. The programs
// of this folder print their answer; spawn.cpp starts and measures them.
#pragma once

#include "../work.hpp"

#include <cstdint>

namespace hocket_bench::start_up_problem {

inline constexpr std::uint64_t steps = 100 * steps_per_microsecond;

inline std::uint64_t half(int i) { return chain(std::uint64_t(i), steps); }

} // namespace hocket_bench::start_up_problem
