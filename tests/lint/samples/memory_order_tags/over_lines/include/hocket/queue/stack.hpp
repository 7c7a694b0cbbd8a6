// SPDX-License-Identifier: MIT
if (!a.compare_exchange_weak(seen, next,
                             std::memory_order_acq_rel, // stack.publish ->
                             std::memory_order_relaxed) &&
    b)
    return false;
return a.load(std::memory_order_acquire) != // <- stack.publish
       nullptr;
