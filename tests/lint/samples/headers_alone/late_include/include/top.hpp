// SPDX-License-Identifier: MIT
#pragma once

namespace sample {
struct top : base {};
} // namespace sample

#include <base.hpp>
