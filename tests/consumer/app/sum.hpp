// SPDX-License-Identifier: MIT
// Declarations for both files of the consumer.
#pragma once

#include <vector>

/// Returns the sum of the values, by join, and the address of the default pool that this file sees.
long sum(std::vector<long> const& values);
void const* pool_of_sum();
