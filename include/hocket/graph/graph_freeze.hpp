// SPDX-License-Identifier: MIT
// Makes the flat form of a graph from its edges. Checks that its nodes do not wait for each other in a cycle (Kahn
// 1962). Called before the first run after each change.
#pragma once

#include <hocket/graph/graph_checks.hpp>
#include <hocket/graph/graph_core.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_freeze.ipp>
#endif
