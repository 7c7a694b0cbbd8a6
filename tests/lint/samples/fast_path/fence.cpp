// SPDX-License-Identifier: MIT
// expected: waits for memory
#include <atomic>
extern "C" void fast_path(std::atomic<int>& a) {
    a.store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}
