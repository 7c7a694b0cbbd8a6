// SPDX-License-Identifier: MIT
// The bodies of the functions that pool_dump.hpp declares.
#pragma once

#include <hocket/os/clock.hpp>
#include <hocket/os/fork.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/os/signal_word.hpp>
#include <hocket/pool/pool_dump.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/sched/living_pools.hpp>

#include <cerrno>
#include <cstdint>
#include <new>
#include <system_error>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Builds a text from numbers and words.
class pool_text {
  public:
    void add(char const* words) { text_ += words; }
    /// Adds what std::snprintf makes of its arguments.
    template<class First, class... Rest>
    void add(char const* format, First first, Rest... rest) {
        char line[200];
        std::snprintf(line, sizeof line, format, first, rest...);
        text_ += line;
    }
    /// Adds "3 tasks wait in its queue", unless there are none.
    void add_count(unsigned long long count, char const* one, char const* many, char const* where) {
        if (count != 0) add("; %llu %s %s", count, count == 1 ? one : many, where);
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

/// Returns how many items wait: about, while another thread takes some.
HOCKET_COLD inline unsigned long long items_in(injector& queue) {
    std::uint32_t const exact = queue.count();
    return exact != 0 ? exact : queue.count_in_passing();
}

HOCKET_COLD inline void add_worker(pool_text& to, scheduler& pool, worker& slot, ticks now, ticks per_microsecond) {
    bool const is_worker = slot.id < pool.size();
    to.add(is_worker ? "\n  worker %u" : "\n  additional thread %u", static_cast<unsigned>(slot.id));
    worker_place const& place = pool.places().workers[slot.id < pool.size() ? slot.id : 0];
    if (is_worker && !place.pus.empty()) to.add(", core %u", static_cast<unsigned>(place.core));
    ticks const since = slot.doing.since();
    to.add(": %s", slot.doing.what());
    if (since != 0 && now > since) {
        double const seconds = static_cast<double>(now - since) / (1e6 * static_cast<double>(per_microsecond));
        bool const is_short = seconds < 0.1;
        to.add(is_short ? " for %.1f ms" : " for %.1f s", is_short ? 1e3 * seconds : seconds);
    }
    name_start const name = slot.doing.name();
    if (name.word[0] != 0) to.add(", in \"%s\"", reinterpret_cast<char const*>(name.word));
    unsigned long long const tasks = slot.counts.tasks.read();
    unsigned long long const steals = slot.counts.steals.read();
    unsigned long long const chunks = slot.counts.chunks.read();
    to.add_count(tasks, "task", "tasks", "so far");
    to.add_count(steals, "callable of a join", "callables of joins", "so far");
    to.add_count(chunks, "chunk of a loop", "chunks of loops", "so far");
    to.add_count(slot.deque.count() + slot.taken.count(), "task waits", "tasks wait", "in its queue");
    to.add_count(items_in(slot.mailbox), "task waits", "tasks wait", "for this worker alone");
    public_window const window = slot.window();
    unsigned long long visible = 0;
    for (std::uint32_t at = window.first; at < window.last; ++at)
        visible += slot_word::is_public(slot.stack[at].state.load(std::memory_order_relaxed));
    to.add_count(visible, "callable of a join waits", "callables of joins wait", "for another thread");
    std::uint32_t const loops = slot.open_loops.load(std::memory_order_acquire); // <- loop.open
    unsigned long long open = 0;
    for (std::uint32_t at = 0; at < loops; ++at) open += slot.loops[at].units_left(0);
    to.add_count(open, "loop has", "loops have", "parts that no thread has begun");
}

HOCKET_COLD HOCKET_INLINE std::string text_of(scheduler& pool, ticks now, ticks per_microsecond) {
    pool_text text;
    text.add("hocket: pool");
    if (*pool.name() != '\0') text.add(" \"%s\"", pool.name());
    text.add(" of %u worker%s: %u sleep, %s", static_cast<unsigned>(pool.size()), pool.size() == 1 ? "" : "s",
             static_cast<unsigned>(pool.sleeping_workers()),
             pool.somebody_searches() ? "some search" : "none searches");
    unsigned long long waiting = 0;
    for (priority const level : {priority::high, priority::normal, priority::low})
        waiting += items_in(pool.tasks(level));
    text.add_count(waiting, "task waits", "tasks wait", "in the queue of the pool");
    for (std::uint32_t i = 0; i != pool.max_worker_slots(); ++i) {
        worker* const slot = pool.worker_slot(i);
        if (slot == nullptr) break;
        add_worker(text, pool, *slot, now, per_microsecond);
    }
    text.add("\n");
    return text.take();
}

/// Looks at a pool. Adds its text if it has made no progress for as long.
HOCKET_COLD inline void look_for_stall(scheduler& pool, long long patience, std::string& text) {
    constexpr char const* heading = "hocket: no thread of this pool has begun anything for HOCKET_WATCHDOG seconds\n";
    std::uint64_t begun = 0;
    for (std::uint32_t i = 0; i != pool.max_worker_slots(); ++i) {
        worker const* const slot = pool.worker_slot(i);
        if (slot == nullptr) break;
        begun += slot->counts.tasks.read() + slot->counts.steals.read() + slot->counts.chunks.read();
    }
    auto const now = static_cast<long long>(monotonic_nanoseconds());
    bool const rests = pool.sleeping_workers() == pool.size() && !pool.work_visible();
    scheduler::stall_look& before = pool.stall;
    if (rests || begun != before.begun || before.since == 0) {
        before = {begun, now, false};
    } else if (!before.is_told && now - before.since >= patience) {
        text += heading + text_of(pool, now_ticks(), ticks_per_microsecond());
        before.is_told = true;
    }
}

HOCKET_COLD inline void* watch_for_stalls(void* its_seconds) noexcept {
    long long const patience = 1'000'000'000LL * static_cast<long long>(reinterpret_cast<std::uintptr_t>(its_seconds));
    for (;;) {
        sleep_for(patience < 4'000'000'000 ? patience / 8 : 500'000'000);
        try {
            std::string text;
            pools_of_process.for_each([&](scheduler& pool) { look_for_stall(pool, patience, text); });
            std::fputs(text.c_str(), stderr); // after the look: it may block
        } catch (std::bad_alloc const&) {     // the next look tells
        }
    }
}

HOCKET_COLD HOCKET_INLINE void begin_watchdog(unsigned seconds) noexcept {
    /// Writers: the makers of pools. The generation of the process that has a watchdog, plus one.
    static constinit atomic<std::uint32_t> watched{0};
    std::uint32_t const here = fork_generation + 1;
    HOCKET_SIMULATE(void()); // which tells of a hang by itself
    if (seconds == 0 || watched.exchange(here, std::memory_order_relaxed) == here) return;
    os_thread thread; // never joined
    if (!thread.start(&watch_for_stalls, reinterpret_cast<void*>(std::uintptr_t{seconds})))
        std::fputs("hocket: the system refuses the thread that HOCKET_WATCHDOG asks for\n", stderr);
}

HOCKET_COLD inline void* print_on_signals(void* those_before) noexcept {
    auto seen = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(those_before));
    for (;;) {
        futex_wait_on(&signals_counted, seen);
        std::uint32_t const now = signals_counted.load(std::memory_order_relaxed);
        if (now == seen) continue;
        seen = now;
        try {
            std::string text;
            pools_of_process.for_each(
                [&](scheduler& pool) { text += text_of(pool, now_ticks(), ticks_per_microsecond()); });
            std::fputs(text.empty() ? "hocket: this process has no pool\n" : text.c_str(), stderr);
        } catch (std::bad_alloc const&) {
            std::fputs("hocket: there is no memory for the text of a pool\n", stderr);
        }
    }
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE void dump(thread_pool& pool, std::FILE* to) {
    std::fputs(detail::text_of(pool.sched(), detail::now_ticks(), detail::ticks_per_microsecond()).c_str(), to);
}

HOCKET_COLD HOCKET_INLINE void dump_on_signal(int signal) {
    /// Writers: callers. The generation of the process that has the thread, plus one.
    static constinit detail::atomic<std::uint32_t> printed_in{0};
    std::uint32_t const generation = detail::fork_generation + 1;
    HOCKET_SIMULATE(void()); // signals are real there
    if (printed_in.exchange(generation, std::memory_order_relaxed) != generation) {
        std::uintptr_t const before = detail::signals_counted.load(std::memory_order_relaxed);
        detail::os_thread thread; // never joined
        if (!thread.start(&detail::print_on_signals, reinterpret_cast<void*>(before))) {
            printed_in.store(0, std::memory_order_relaxed);
            throw std::system_error(EAGAIN, std::generic_category(),
                                    "hocket: the system refuses the thread of dump_on_signal");
        }
    }
    if (!detail::count_signal(signal))
        throw std::system_error(EINVAL, std::generic_category(),
                                "hocket: dump_on_signal takes the number of a signal that can be caught, not " +
                                    std::to_string(signal));
}

} // namespace
