// SPDX-License-Identifier: MIT
a.store(1, std::memory_order_release); // latch.done, latch.error ->
a.load(std::memory_order_acquire);     // <- latch.done
a.load(std::memory_order_acquire);     // <- latch.error, latch.value
