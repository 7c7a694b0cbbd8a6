// SPDX-License-Identifier: MIT
// What threads do and when, for HOCKET_TRACE: lines of JSON in the trace-event format of Chromium, which
// ui.perfetto.dev and chrome://tracing open. Without a trace each call here is one load. Callers: code in which a
// thread begins a task, a part of a loop, or a sleep.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/os/trace_file.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <cstdio>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The system's number of this thread; 0: the thread has no name in the trace yet.
inline constinit thread_local int number_in_trace = 0;

HOCKET_COLD inline std::uint64_t time_in_trace() noexcept { return monotonic_nanoseconds(); }

/// How many bytes the UTF-8 character at `text` has; 0: the text is not UTF-8.
[[gnu::cold]] int length_of_character(char const* text) noexcept;

/// Records what this thread has begun at `since` and finishes now; `iterations` is below 0 if it is not a loop. If
/// there is no category, records the name of the thread instead.
[[gnu::cold]] void add_to_trace(char const* name, char const* category, std::uint64_t since,
                                long long iterations) noexcept;

/// Returns the time when something begins; 0 without a trace.
HOCKET_ALWAYS_INLINE std::uint64_t trace_begin() noexcept {
    if (traced()) [[unlikely]]
        return time_in_trace();
    return 0;
}

/// Records that what began at `since` finishes now.
HOCKET_ALWAYS_INLINE void trace_end(char const* name, char const* category, std::uint64_t since,
                                    long long iterations = -1) noexcept {
    if (since != 0) [[unlikely]]
        add_to_trace(name, category, since, iterations);
}

/// A task, a node, or a step of a coroutine: from here to the end of the scope. The code that it runs may give it a
/// name.
class trace_scope {
  public:
    /// Both arguments are literals.
    trace_scope(char const* name, char const* category) noexcept;
    ~trace_scope() {
        if (since_ != 0) [[unlikely]]
            leave();
    }
    trace_scope(trace_scope const&) = delete;
    trace_scope& operator=(trace_scope const&) = delete;

    /// Gives what this thread has begun last the name `name`, of which a copy is kept.
    static void rename(char const* name, char const* category) noexcept;
    /// Records that what this thread has begun last has finished, and begins another task in its place. The task is
    /// counted in any case, with or without a trace.
    static void next() noexcept;
    /// Records nothing for this scope, and takes the count of the item back: there was nothing to begin.
    static void forget() noexcept;

  private:
    [[gnu::cold]] void enter() noexcept;
    [[gnu::cold]] void leave() noexcept;
    [[gnu::cold]] static void rename_innermost(char const* name, char const* category) noexcept;
    [[gnu::cold]] static void begin_next() noexcept;

    static inline constinit thread_local trace_scope* innermost = nullptr;

    char const* name_; // null: not recorded
    char const* category_;
    std::uint64_t since_; // 0: there is no trace
    trace_scope* outer_;
    char copy_[65];
};

/// While it lives, `dump` shows that this thread is in a task or loop of this name. A null pointer shows nothing.
class name_scope {
  public:
    explicit name_scope(char const* name) noexcept {
        if (name != nullptr && this_slot != nullptr) [[unlikely]]
            show(name);
    }
    ~name_scope() {
        if (slot_ != nullptr) [[unlikely]]
            slot_->doing.set_name(outer_);
    }
    name_scope(name_scope const&) = delete;
    name_scope& operator=(name_scope const&) = delete;

  private:
    [[gnu::cold]] void show(char const* name) noexcept;

    worker* slot_ = nullptr;
    name_start outer_;
};

/// Runs an item from a queue, and records it.
[[gnu::cold]] void run_traced(work_item& item) noexcept;
/// Runs an item from a queue in the default floating-point mode, in which the calling thread is; an item sets another
/// mode by itself.
HOCKET_ALWAYS_INLINE void run_item(work_item& item) noexcept {
    if (traced()) [[unlikely]]
        run_traced(item);
    else
        item.run(&item);
    fp_mode{}.set(); // undoes a mode that the item has left
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/sched/trace.ipp>
#endif
