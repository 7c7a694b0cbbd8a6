// SPDX-License-Identifier: MIT
// What a pool promises for the moments in which all threads of a simulated machine rest: no worker sleeps beside work
// that no thread looks for, and its counts are right. A thread that waits runs the work itself in the end, so a lost
// wake-up seldom shows in results. In other programs there is nothing of it. Called by search/pool_life.ipp.
#pragma once

#include <hocket/sched/scheduler.hpp>

#include <bit>
#include <cstdint>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// See pool/pool_dump.hpp.
std::string text_of(scheduler& pool, ticks now, ticks per_microsecond);

struct rest_check {
    /// From now on the machine looks. Called when the threads of the pool have started.
    static void begin([[maybe_unused]] scheduler& pool) {
        HOCKET_SIMULATE(sim::active->promise(
            &pool, &broken, [](void* of, sim::ns now) { return text_of(*static_cast<scheduler*>(of), now, 1'000); }));
    }
    /// Returns what is wrong, or null.
    static char const* broken(void const* of) {
        scheduler const& its = *static_cast<scheduler const*>(of);
        if (its.threads_.host != nullptr) return nullptr; // its threads do other work, too
        std::uint64_t parked = 0;
        std::uint64_t released = 0;
        for (std::uint32_t d = 0; d < its.domains_; ++d) {
            idle_set::view const now = its.idle_[d].look();
            if (now.searching() != 0 && !its.threads_.on_start) return "a thread counts as searching, and sleeps";
            parked += static_cast<std::uint64_t>(std::popcount(now.parked_workers()));
            released += now.released();
        }
        if (its.slots_wanted_.load() != 0) return "a worker slot is wanted by no external caller";
        bool hushed = false;
        bool mail_waits = false;
        std::uint64_t awake = 0;
        for (std::uint32_t i = 0; i < its.slots_made_; ++i) {
            worker const& one = *its.worker_slot(i);
            bool const is_worker = one.bit < idle_set::workers;
            bool const sleeps =
                is_worker ? (its.idle_[one.domain].look().parked_workers() >> one.bit & 1) != 0 : one.free;
            hushed |= one.owes_wake && !sleeps && its.watch_.is_kept();
            mail_waits |= is_worker && sleeps && !one.mailbox.empty();
            awake += !sleeps && one.counts_as_awake && one.times_released == 0;
        }
        if (mail_waits) return "a worker is parked, and an item lies in its mailbox";
        bool const counts = its.clogged_at_.load() == 0; // no core was added for threads that block
        if (counts && awake + parked + released != its.size_ + its.cores_wanted_.load())
            return "the cores of a pool are counted wrong";
        bool const helper = parked != 0 || (released != 0 && !its.is_full());
        if (helper && !hushed && its.work_visible()) return "work is public, and no thread looks for it";
        return nullptr;
    }
    /// The machine looks no more. Called before the threads end.
    static void end([[maybe_unused]] scheduler const& pool) { HOCKET_SIMULATE(sim::active->withdraw_promise(&pool)); }
};

} // namespace hocket::detail
