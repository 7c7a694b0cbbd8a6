// SPDX-License-Identifier: MIT
// What threads do and when, for HOCKET_TRACE, floor 3: lines of JSON in the trace-event format of Chromium, which
// ui.perfetto.dev and chrome://tracing open. Without a trace each call here is one load. Callers: where a thread begins a task,
// a part of a loop, or a sleep.
#pragma once

#include <hocket/base/ticks.hpp>
#include <hocket/base/trace_file.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>
#include <cstdio>
#include <utility>

namespace hocket::detail {

/// The system's number of this thread; 0: it has no name in the trace yet.
inline constinit thread_local int number_in_trace = 0;

HOCKET_COLD inline std::uint64_t time_in_trace() noexcept { return monotonic_nanoseconds(); }

/// Records what this thread has begun at `since` and ends now; `iterations` below 0: not a loop. Or, if there is no category, the
/// name of the thread.
HOCKET_COLD inline void add_to_trace(char const* name, char const* category, std::uint64_t since,
                                     long long iterations) noexcept {
    constexpr std::uint64_t shortest_loop = 1000; // it takes as long to write it down
    std::uint64_t const duration = time_in_trace() - since;
    if (!traced() || (iterations >= 0 && duration < shortest_loop)) return;
    char shown[6 * 64 + 1];
    char* to = shown;
    for (int left = 64; *name != '\0' && left != 0; ++name, --left)
        if (*name == '"' || *name == '\\' || static_cast<unsigned char>(*name) < 0x20)
            to += std::sprintf(to, "\\u%04x", static_cast<unsigned>(*name));
        else
            *to++ = *name;
    *to = '\0';
    pthread_mutex_lock(&the_trace.mutex);
    if (trace_lines::size - the_trace.filled < trace_lines::longest) write_trace();
    char* line = text_of_trace + the_trace.filled;
    int const process = getpid();
    if (number_in_trace == 0) {
        number_in_trace = static_cast<int>(syscall(SYS_gettid));
        line += std::sprintf(
            line, ",{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%d,\"tid\":%d,\"args\":{\"name\":\"%s\"}}\n",
            process, number_in_trace, category == nullptr ? shown : "caller");
    }
    if (category != nullptr) {
        line += std::sprintf(line,
                             ",{\"ph\":\"X\",\"name\":\"%s\",\"cat\":\"%s\",\"pid\":%d,\"tid\":%d,\"ts\":%llu.%03u,"
                             "\"dur\":%llu.%03u,\"args\":{\"worker\":%d",
                             shown, category, process, number_in_trace, since / 1000ULL,
                             static_cast<unsigned>(since % 1000), duration / 1000ULL,
                             static_cast<unsigned>(duration % 1000),
                             this_context != nullptr ? static_cast<int>(this_context->rank) : -1);
        line += std::sprintf(line, iterations < 0 ? "}}\n" : ",\"iterations\":%lld}}\n", iterations);
    }
    the_trace.filled = static_cast<std::uint32_t>(line - text_of_trace);
    pthread_mutex_unlock(&the_trace.mutex);
}

/// When something begins; 0 without a trace.
HOCKET_ALWAYS_INLINE std::uint64_t trace_begin() noexcept {
    if (traced()) [[unlikely]]
        return time_in_trace();
    return 0;
}

/// That it ends now.
HOCKET_ALWAYS_INLINE void trace_end(char const* name, char const* category, std::uint64_t since,
                                    long long iterations = -1) noexcept {
    if (since != 0) [[unlikely]]
        add_to_trace(name, category, since, iterations);
}

/// A task, a node, or a step of a coroutine: from here to the end of the scope. It may get its name from what it runs.
class trace_scope {
  public:
    /// Both are literals.
    trace_scope(char const* name, char const* category) noexcept
        : name_(name), category_(category), since_(trace_begin()) {
        if (since_ != 0) [[unlikely]]
            enter();
    }
    ~trace_scope() {
        if (since_ != 0) [[unlikely]]
            leave();
    }
    trace_scope(trace_scope const&) = delete;
    trace_scope& operator=(trace_scope const&) = delete;

    /// What this thread has begun last is called `name`, of which a copy is kept.
    static void rename(char const* name, char const* category) noexcept {
        if (traced()) [[unlikely]]
            rename_innermost(name, category);
    }
    /// That has ended, and another task begins in its place.
    static void next() noexcept {
        if (traced()) [[unlikely]]
            begin_next();
    }
    /// There was nothing to begin.
    static void forget() noexcept {
        if (traced() && innermost != nullptr) [[unlikely]]
            innermost->name_ = nullptr;
    }

  private:
    HOCKET_COLD void enter() noexcept { outer_ = std::exchange(innermost, this); }
    HOCKET_COLD void leave() noexcept {
        innermost = outer_;
        if (name_ != nullptr) add_to_trace(name_, category_, since_, -1);
    }
    HOCKET_COLD static void rename_innermost(char const* name, char const* category) noexcept {
        if (innermost == nullptr) return;
        std::snprintf(innermost->copy_, sizeof copy_, "%s", name);
        innermost->name_ = innermost->copy_;
        innermost->category_ = category;
    }
    HOCKET_COLD static void begin_next() noexcept {
        if (innermost == nullptr) return;
        add_to_trace(innermost->name_, innermost->category_, innermost->since_, -1);
        innermost->name_ = innermost->category_ = "task";
        innermost->since_ = time_in_trace();
    }

    static inline constinit thread_local trace_scope* innermost = nullptr;

    char const* name_; // null: not recorded
    char const* category_;
    std::uint64_t since_; // 0: there is no trace
    trace_scope* outer_;
    char copy_[65];
};

/// Begins what lay in a queue.
HOCKET_COLD inline void run_traced(work_item& item) noexcept {
    trace_scope const scope("task", "task");
    item.run(&item);
}
HOCKET_ALWAYS_INLINE void run_item(work_item& item) noexcept {
    if (traced()) [[unlikely]]
        return run_traced(item);
    item.run(&item);
}

} // namespace hocket::detail
