// SPDX-License-Identifier: MIT
// From the edges of a graph to its flat form, and the check that its nodes do not wait for each other in a circle
// (Kahn 1962). Called before the first run after each change.
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
