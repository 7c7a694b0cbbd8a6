// SPDX-License-Identifier: MIT
// What a simulated machine knows of each of its threads. Pure data; the machine writes it.
#pragma once

#include <hocket/sim/host_thread.hpp>
#include <hocket/sim/machine_options.hpp>

#include <cstdint>
#include <deque>
#include <string>

namespace hocket::sim {

/// How long a thread sleeps that only a wake-up ends.
inline constexpr ns for_ever = ~ns{0};

enum class thread_state : std::uint8_t { ready, running, asleep, asleep_timed, joining, ended };

/// A thread of the simulated machine.
struct machine_thread {
    struct store { // that other threads do not see yet
        void* where;
        std::uint64_t value;
        unsigned size;
    };

    unsigned id = 0;
    thread_state state = thread_state::ready;
    int core = 0;
    ns clock = 0;
    ns drained = 0;             // when its stores so far are out
    ns busy = 0;                // time that it has worked or computed
    std::uint64_t stamp = 0;    // of its newest entry in the queue
    void const* word = nullptr; // that it sleeps on
    void* (*body)(void*) = nullptr;
    void* argument = nullptr;
    machine_thread* joiner = nullptr;
    bool updated = false;     // random mode: its last operation was an update or a full fence
    std::deque<store> buffer; // random mode
    std::string name;
    host_thread host;
};

} // namespace hocket::sim
