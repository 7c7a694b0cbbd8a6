// SPDX-License-Identifier: MIT
// What the scenarios need of the machine below them: with HOCKET_SIMULATED the simulated one, otherwise the real one.
#pragma once

#include <hocket/hocket.hpp>
#if defined(HOCKET_SIMULATED)
#include <hocket/sim.hpp>
#endif

#include <cstdint>
#include <thread>

namespace machine {

using ns = std::uint64_t;

#if defined(HOCKET_SIMULATED)
inline constexpr bool simulated = true;
inline ns now() { return static_cast<ns>(hocket::sim::now().count()); }
inline void work(ns time) { hocket::sim::work(std::chrono::nanoseconds(time)); }
inline void rest(ns time) { hocket::sim::sleep(std::chrono::nanoseconds(time)); }
inline void spin() { hocket::sim::active->pause(); }
inline void full_fence() { hocket::sim::active->full_fence(); }
inline void bind(unsigned core) { hocket::sim::active->bind(core); }
template<class T>
using atomic = hocket::sim::atomic<T>;
using thread = hocket::sim::thread;
#else
inline constexpr bool simulated = false;
inline ns now() {
    return static_cast<ns>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}
inline void work(ns time) {
    for (ns const end = now() + time; now() < end;) {
    }
}
inline void rest(ns time) { std::this_thread::sleep_for(std::chrono::nanoseconds(time)); }
inline void spin() { std::this_thread::yield(); }
inline void full_fence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline void bind(unsigned /*core*/) {}
template<class T>
using atomic = std::atomic<T>;
using thread = std::jthread;
#endif

} // namespace machine
