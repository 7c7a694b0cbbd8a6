// SPDX-License-Identifier: MIT
ready_.store(1, std::memory_order_release); // stack.publish ->
while (ready_.load(std::memory_order_acquire)) // <- stack.publishes
