// SPDX-License-Identifier: MIT
// What a simulated machine looks like, and what things cost on it. Pure data.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace hocket::sim {

/// Simulated time, in nanoseconds.
using ns = std::uint64_t;

/// What things cost, in nanoseconds. Typical values of a server of this decade, not measured on the machine at hand.
struct costs {
    ns hit = 1;          // load or store of a line that this core has
    ns update = 5;       // read-modify-write of a line that this core alone has
    ns same_l3 = 40;     // a line comes from another core of the L3 group
    ns same_socket = 80; // ... from another L3 group of the socket
    ns other_socket = 200;
    ns memory = 90;           // no core has the line
    ns read_service = 10;     // readers of one line are served one after another, this far apart
    ns hold = 30;             // how long a core keeps a line that it has fetched to update
    ns fence = 6;             // and the time until the stores before it are out
    ns pause = 20;            // the hint of a thread that spins
    ns clock = 10;            // a reading of the clock
    ns system_call = 200;     // one that does nothing
    ns sleep_call = 1'000;    // one that puts the thread to sleep
    ns wake_call = 3'000;     // one that wakes a thread
    ns wake_latency = 10'000; // until the woken thread runs
    ns start_call = 10'000;   // start of a thread
    ns start_latency = 20'000;
    ns heavy_fence = 4'000; // the expensive side of an asymmetric fence
    ns slack = 40;          // how far a thread may run ahead of the others with lines that it has
};

/// Cores are numbered. Groups of consecutive ones share an L3, larger groups a socket.
struct layout {
    unsigned cores = 8;
    unsigned per_l3 = 8;
    unsigned per_socket = 64;

    /// Returns the description that hwloc reads.
    std::string synthetic() const {
        unsigned const socket = std::min(per_socket, cores);
        unsigned const l3 = std::min(per_l3, socket);
        return "pack:" + std::to_string(cores / socket) + " [numa] l3:" + std::to_string(socket / l3) +
               " core:" + std::to_string(l3) + " pu:1";
    }
};

/// Which thread goes on: the one whose clock is behind all others, or one that the seed picks.
enum class mode : std::uint8_t { timed, random };

struct options {
    unsigned cores = 4;
    unsigned cores_per_l3 = 8;
    unsigned cores_per_socket = 64;
    sim::mode mode = sim::mode::random;
    /// Simulated time after which a run counts as a livelock.
    std::chrono::nanoseconds limit = std::chrono::seconds(1);
    /// Real time after which a run counts as one that never ends.
    std::chrono::seconds patience{60};
    /// Random mode: one operation in so many gives the turn to another thread. Some seeds switch more rarely.
    unsigned switch_one_in = 3;
    /// Random mode: one operation in so many is followed by a pause of up to `longest_delay`, as if the system had
    /// taken the core away. 0: each seed chooses, and may choose longer pauses; see random_manner.
    unsigned delay_one_in = 0;
    std::chrono::nanoseconds longest_delay = std::chrono::microseconds(30);
    /// Random mode: whether other threads see a store only some operations later, as on x86-64.
    bool store_buffers = true;
    sim::costs costs{};
};

/// Random mode: how the machine behaves in one run. Each kind of error shows itself in a part of these manners.
struct random_manner {
    unsigned switch_one_in;
    unsigned delay_one_in; // 0: never
    unsigned stall_one_in; // one store, update or fence in so many has a delay before it, or behind it. 0: never
    unsigned drain_one_in; // one operation in so many lets a store out of a buffer
    ns longest_delay;
};

/// Returns the manner of the run with this seed.
inline random_manner manner_of(options const& its, std::uint64_t seed) {
    ns const longest = static_cast<ns>(its.longest_delay.count());
    random_manner const usual{its.switch_one_in, its.delay_one_in, 0, 64, longest};
    if (its.delay_one_in != 0) return usual;
    unsigned const rarely = its.switch_one_in * 8;
    unsigned const hardly = its.switch_one_in * 64;
    random_manner const manners[] = {
        usual,
        {its.switch_one_in, 300, 0, 64, longest},
        {its.switch_one_in, 0, 16, 64, longest},
        {its.switch_one_in, 0, 16, 4'096, longest}, // slow store buffers
        {rarely, 0, 12, 64, longest},
        {rarely, 300, 0, 2'048, 2 * longest},
        {its.switch_one_in, 2'000, 64, 64, 2 * longest},
        {hardly, 1'000, 32, 1'024, 2 * longest}, // few preemptions
    };
    return manners[seed % (sizeof manners / sizeof *manners)];
}

} // namespace hocket::sim
