// SPDX-License-Identifier: MIT
a.store(1, std::memory_order_release); // stack.publish ->
a.load(std::memory_order_acquire);     // <- stack.publish
a.store(0, std::memory_order_relaxed);
a.store(2, std::memory_order_release); // <- stack.publish is the wrong end
// stack.publish -> stands on no line of the statement
