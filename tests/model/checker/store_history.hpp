// SPDX-License-Identifier: MIT
// The records that the memory model keeps per atomic location and per plain variable.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "code_site.hpp"
#include "operations.hpp"
#include "vector_clock.hpp"

namespace model {

/// One store in the modification order of a location.
struct store_record {
    std::uint64_t value = 0;
    sync_clock released;                        // knowledge gained by an acquire that reads this store
    std::array<tick, max_threads> first_seen{}; // per thread: when it first wrote or read this store
    std::uint32_t sc_index = 0; // place in S of the first seq_cst operation that wrote or read it; 0: none did
    bool is_rmw = false;        // it read its predecessor, so nothing can come between the two
};

/// An atomic object: all stores to it so far, oldest first in modification order.
struct location {
    std::vector<store_record> stores;
    vector_clock accessed; // per thread: its latest access; destruction has to come after all of them
    vector_clock kernel;   // view of the callers of futex_wake on this word: a later futex_wait sees no less
    std::array<std::uint32_t, max_threads> fresh{}; // per thread: oldest store it may read after a pause
    const void* address = nullptr;
    const char* name = nullptr;
    code_site made_at;
    thread_index maker = 0;
    tick made_when = 0;
    bool destroyed = false;

    std::uint32_t newest() const { return static_cast<std::uint32_t>(stores.size()) - 1; }

    /// Returns the index of the oldest store that a thread with this knowledge may still read. A store of the thread
    /// has to go behind that one: coherence forbids to go back behind any store that was seen in the past.
    std::uint32_t oldest_visible(thread_index thread, const vector_clock& view, std::uint32_t sc_fence,
                                 bool is_seq_cst) const {
        for (std::uint32_t j = newest(); j > fresh[thread]; --j) {
            const store_record& s = stores[j];
            if (s.sc_index != 0 && (is_seq_cst || s.sc_index <= sc_fence)) return j;
            for (std::size_t i = 0; i < max_threads; ++i)
                if (s.first_seen[i] != 0 && s.first_seen[i] <= view.ticks[i]) return j;
        }
        return fresh[thread];
    }

    /// Whether a read-modify-write or a store may put a new record right behind record `j`.
    bool has_room_behind(std::uint32_t j) const { return j == newest() || !stores[j + 1].is_rmw; }

    store_record& insert_behind(std::uint32_t j, const store_record& record) {
        for (auto& f : fresh)
            if (f > j) ++f;
        return *stores.insert(stores.begin() + j + 1, record);
    }
};

/// A plain variable, checked as FastTrack does: the latest write, and the latest read of each thread since.
struct plain_variable {
    vector_clock reads;
    thread_index writer = 0;
    tick written = 0;
    bool destroyed = false;
};

} // namespace model
