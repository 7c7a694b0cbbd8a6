// SPDX-License-Identifier: MIT
// expected: waits for memory
#include <atomic>
extern "C" int fast_path(std::atomic<int>& a) { return a.exchange(1, std::memory_order_relaxed); }
