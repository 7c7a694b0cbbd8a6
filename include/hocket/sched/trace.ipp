// SPDX-License-Identifier: MIT
// The bodies of the functions that trace.hpp declares.
#pragma once

#include <hocket/sched/trace.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE int length_of_character(char const* text) noexcept {
    auto const first = static_cast<unsigned char>(*text);
    int const length = first < 0x80                    ? 1
                       : first >= 0xc2 && first < 0xe0 ? 2
                       : (first & 0xf0) == 0xe0        ? 3
                       : (first & 0xf8) == 0xf0        ? 4
                                                       : 0;
    for (int i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
    return length;
}

HOCKET_COLD HOCKET_INLINE void add_to_trace(char const* name, char const* category, std::uint64_t since,
                                            long long iterations) noexcept {
    constexpr std::uint64_t shortest_loop = 1000; // to record a loop takes as long
    std::uint64_t const duration = time_in_trace() - since;
    if (!traced() || (iterations >= 0 && duration < shortest_loop)) return;
    char shown[6 * 64 + 1];
    char* to = shown;
    for (char const* const end = name + 64; *name != '\0' && name < end;) {
        int const bytes = length_of_character(name);
        if (bytes == 0 || *name == '"' || *name == '\\' || static_cast<unsigned char>(*name) < 0x20)
            to += std::sprintf(to, "\\u%04x", bytes == 0 ? 0xfffdU : static_cast<unsigned>(*name));
        else if (name + bytes > end)
            break;
        else
            for (int i = 0; i < bytes; ++i) *to++ = name[i];
        name += bytes == 0 ? 1 : bytes;
    }
    *to = '\0';
    os_lock const lock(the_trace.mutex);
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
                             this_slot != nullptr ? static_cast<int>(this_slot->rank) : -1);
        line += std::sprintf(line, iterations < 0 ? "}}\n" : ",\"iterations\":%lld}}\n", iterations);
    }
    the_trace.filled = static_cast<std::uint32_t>(line - text_of_trace);
}

HOCKET_INLINE trace_scope::trace_scope(char const* name, char const* category) noexcept
    : name_(name), category_(category), since_(trace_begin()) {
    if (since_ != 0) [[unlikely]]
        enter();
}

HOCKET_INLINE void trace_scope::rename(char const* name, char const* category) noexcept {
    if (traced()) [[unlikely]]
        rename_innermost(name, category);
}

HOCKET_INLINE void trace_scope::next() noexcept {
    if (this_slot != nullptr) this_slot->counts.tasks.add();
    if (traced()) [[unlikely]]
        begin_next();
}

HOCKET_INLINE void trace_scope::forget() noexcept {
    if (this_slot != nullptr) this_slot->counts.tasks.take_back();
    if (traced() && innermost != nullptr) [[unlikely]]
        innermost->name_ = nullptr;
}

HOCKET_COLD HOCKET_INLINE void trace_scope::enter() noexcept { outer_ = std::exchange(innermost, this); }

HOCKET_COLD HOCKET_INLINE void trace_scope::leave() noexcept {
    innermost = outer_;
    if (name_ != nullptr) add_to_trace(name_, category_, since_, -1);
}

HOCKET_COLD HOCKET_INLINE void trace_scope::rename_innermost(char const* name, char const* category) noexcept {
    if (innermost == nullptr) return;
    std::snprintf(innermost->copy_, sizeof copy_, "%s", name);
    innermost->name_ = innermost->copy_;
    innermost->category_ = category;
}

HOCKET_COLD HOCKET_INLINE void trace_scope::begin_next() noexcept {
    if (innermost == nullptr) return;
    add_to_trace(innermost->name_, innermost->category_, innermost->since_, -1);
    innermost->name_ = innermost->category_ = "task";
    innermost->since_ = time_in_trace();
}

HOCKET_COLD HOCKET_INLINE void name_scope::show(char const* name) noexcept {
    slot_ = this_slot;
    outer_ = slot_->doing.name();
    slot_->doing.set_name(name_start(name));
}

HOCKET_COLD HOCKET_INLINE void run_traced(work_item& item) noexcept {
    trace_scope const scope("task", "task");
    item.run(&item);
}

} // namespace
