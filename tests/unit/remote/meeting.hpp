// SPDX-License-Identifier: MIT
// Calls that wait for each other, and calls that keep all worker processes but one busy, for tests.
#pragma once

#include <hocket/remote/node/node.hpp>
#include <hocket/remote/object/shared_memory.hpp>
#include <hocket/remote/worker/worker_link.hpp>

#include "call_worker.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <unistd.h>

namespace remote_test {

inline bool all_serve(hocket::detail::node& n) {
    auto const all = n.states();
    return std::all_of(all.begin(), all.end(), [](auto const& state) { return state.threads != 0; });
}

/// Returns when the last element of `open` is set, or after a long time.
inline int pass(hocket::shared_array<int> open) {
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::atomic_ref(open[open.size() - 1]).load() == 0 && std::chrono::steady_clock::now() < limit)
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    return static_cast<int>(getpid());
}

/// Notes the calling process in one of the places, all but the last one. Returns whether all places are taken before a
/// long time is over. The last process tells the others.
inline bool meet(hocket::shared_array<int> places) {
    int const me = static_cast<int>(getpid());
    std::size_t const wanted = places.size() - 1;
    for (std::size_t at = 0; at != wanted; ++at) {
        int found = 0;
        if (std::atomic_ref(places[at]).compare_exchange_strong(found, me) || found == me) break;
    }
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::atomic_ref(places[wanted - 1]).load() == 0) {
        if (std::chrono::steady_clock::now() > limit) std::atomic_ref(places[wanted]).store(1);
        if (std::atomic_ref(places[wanted]).load() != 0) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return true;
}

/// Keeps all processes but the first from taking further calls, until `open` is called or this object is destroyed.
class gate {
  public:
    explicit gate(hocket::detail::node& n) : open_(1) {
        for (std::size_t slot = 1; slot < n.size(); ++slot)
            for (std::size_t i = 0; i != hocket::detail::link_page::most_places; ++i)
                behind_.push_back(remote_test::send_call_with(n, {.slot = slot}, pass, open_));
    }
    ~gate() { open(); }
    gate(gate const&) = delete;
    gate& operator=(gate const&) = delete;

    void open() { std::atomic_ref(open_[0]).store(1); }

  private:
    hocket::shared_array<int> open_;
    std::vector<std::unique_ptr<sent_call<int>>> behind_;
};

} // namespace remote_test
