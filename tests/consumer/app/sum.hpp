// SPDX-License-Identifier: MIT
// What the two files of the consumer share.
#pragma once

#include <vector>

/// The sum of the values, by join, and the address of the default pool that this file sees.
long sum(std::vector<long> const& values);
void const* pool_of_sum();
