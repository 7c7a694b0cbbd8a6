// SPDX-License-Identifier: MIT
// pipeline as a loop.
#include "problem.hpp"

namespace hocket_bench::pipeline_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) { return &serial_answer; });

} // namespace
} // namespace hocket_bench::pipeline_problem
