// SPDX-License-Identifier: MIT
// The bodies of the functions that trace_file.hpp declares.
#pragma once

#include <hocket/os/trace_file.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void write_trace() noexcept {
    if (!traced()) the_trace.filled = 0; // discards lines that come after the end
    for (char const* from = text_of_trace; the_trace.filled != 0;) {
        ssize_t const done = write(the_trace.file, from, the_trace.filled);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            std::perror("hocket: the trace ends here, since its file cannot be written");
            the_trace.on.store(false, std::memory_order_relaxed);
            the_trace.filled = 0;
            return;
        }
        from += done;
        the_trace.filled -= static_cast<std::uint32_t>(done);
    }
}

HOCKET_COLD HOCKET_INLINE void flush_trace() noexcept {
    if (!traced()) return;
    os_lock const lock(the_trace.mutex);
    write_trace();
}

HOCKET_COLD HOCKET_INLINE void end_trace() noexcept {
    if (!traced()) return;
    os_lock const lock(the_trace.mutex);
    if (trace_lines::size - the_trace.filled < 2) write_trace();
    text_of_trace[the_trace.filled++] = ']';
    text_of_trace[the_trace.filled++] = '\n';
    write_trace();
    the_trace.on.store(false, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE int open_trace(char const* path) noexcept {
    int error = 0;
    os_lock const lock(the_trace.mutex);
    if (!the_trace.decided && path != nullptr) {
        the_trace.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
        if (the_trace.file >= 0) {
            the_trace.filled = static_cast<std::uint32_t>(std::sprintf(
                text_of_trace, "[{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,\"args\":{\"name\":\"hocket\"}}\n",
                getpid()));
            pthread_atfork(nullptr, nullptr, [] {
                the_trace.on.store(false, std::memory_order_relaxed);
                ::new (&the_trace.mutex) os_mutex; // a thread that stayed behind may hold it
            });
            (void)std::atexit(&end_trace);
            the_trace.on.store(true, std::memory_order_relaxed);
        } else {
            error = errno;
        }
    }
    the_trace.decided |= error == 0;
    return error;
}

} // namespace
