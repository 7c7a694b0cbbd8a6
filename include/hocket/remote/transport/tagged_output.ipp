// SPDX-License-Identifier: MIT
// The bodies of the functions that tagged_output.hpp declares. Standard output is a pipe in which marks say where a
// task begins. A thread of this process reads the pipe, and writes each line as a whole.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/os/os_condition.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/remote/transport/tagged_output.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

inline void write_whole(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        ssize_t const done = ::write(fd, text.data(), text.size());
        if (done < 0 && errno != EINTR) return;
        if (done > 0) text.remove_prefix(static_cast<std::size_t>(done));
    }
}

/// The thread that reads the pipe. It lives as long as the process.
class output_tagger {
  public:
    static constexpr std::string_view mark = "\x1e\x02hocket:"; // then 't' and a tag, or 's' and a number, then \x1e

    explicit output_tagger(std::uint32_t process) : process_(std::to_string(process)) { set_tag({}); }

    /// Starts the thread. Returns false without any change if descriptors or threads are lacking.
    bool start() noexcept {
        int ends[2];
        real_ = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
        if (real_ < 0) return false;
        if (::pipe2(ends, O_CLOEXEC) != 0) return false;
        from_ = ends[0];
        std::fflush(stdout);
        os_thread thread;
        bool const good = thread.start(&output_tagger::run, this) && ::dup2(ends[1], 1) == 1;
        ::close(ends[1]);
        return good;
    }
    void begin_task(std::string const& tag) noexcept {
        std::fflush(stdout);
        write_whole(1, std::string(mark) + 't' + tag + '\x1e');
    }
    void flush() {
        std::fflush(stdout);
        std::unique_lock lock(mutex_);
        std::uint64_t const mine = ++asked_;
        write_whole(1, std::string(mark) + 's' + std::to_string(mine) + '\x1e');
        (void)out_.wait_for(lock, std::chrono::seconds(2), [&] { return done_ >= mine; });
    }
    void end() {
        flush();
        ::dup2(real_, 1);
    }

  private:
    static void* run(void* self) noexcept {
        ::pthread_detach(::pthread_self()); // never joined, since a process that a task has started may hold the pipe
        static_cast<output_tagger*>(self)->read_all();
        return nullptr;
    }
    void set_tag(std::string_view task) {
        tag_ = "[" + process_ + (task.empty() ? "" : " ") + std::string(task) + "] ";
    }
    void put_line() {
        if (line_.empty()) return;
        if (line_.back() != '\n') line_ += '\n';
        write_whole(real_, tag_ + line_);
        line_.clear();
    }
    /// Removes the complete lines and marks from the front of `came`.
    void take(std::string& came) {
        std::string_view rest = came;
        while (!rest.empty()) {
            std::size_t const at = rest.find_first_of("\n\x1e");
            if (at == rest.npos) {
                line_ += rest;
                rest = {};
                break;
            }
            if (rest[at] == '\n') {
                line_ += rest.substr(0, at + 1);
                rest.remove_prefix(at + 1);
                put_line();
                continue;
            }
            line_ += rest.substr(0, at);
            rest.remove_prefix(at);
            std::size_t const common = rest.size() < mark.size() ? rest.size() : mark.size();
            if (rest.substr(0, common) != mark.substr(0, common)) { // output of the program itself
                line_ += rest.front();
                rest.remove_prefix(1);
                continue;
            }
            std::size_t const end = rest.find('\x1e', 1);
            if (end == rest.npos) break; // the rest has not arrived yet
            std::string_view const said = rest.substr(mark.size(), end - mark.size());
            put_line();
            if (said.front() == 't') {
                set_tag(said.substr(1));
            } else {
                std::lock_guard const lock(mutex_);
                done_ = std::strtoull(said.data() + 1, nullptr, 10); // the number ends at the mark
                out_.notify_all();
            }
            rest.remove_prefix(end + 1);
        }
        came.erase(0, came.size() - rest.size());
    }
    void read_all() noexcept {
        try {
            std::string came;
            char text[8192];
            for (;;) {
                ssize_t const got = ::read(from_, text, sizeof text);
                if (got < 0 && errno == EINTR) continue;
                if (got <= 0) return;
                came.append(text, static_cast<std::size_t>(got));
                take(came);
            }
        } catch (std::exception const&) { // out of memory
            ::dup2(real_, 1);
        }
    }

    std::string const process_;
    std::string tag_, line_; // used only by the thread
    int real_ = -1, from_ = -1;
    os_mutex mutex_; // guards all members below
    os_condition out_;
    std::uint64_t asked_ = 0, done_ = 0;
};

/// Writer: a worker process, before it serves. Never destroyed. Null without tags.
inline constinit output_tagger* the_output_tagger = nullptr;

HOCKET_COLD HOCKET_INLINE void tag_output(std::uint32_t process) noexcept {
    char const* const text = variable("HOCKET_TAG_OUTPUT");
    if (text == nullptr || yes_or_no(text) != true) return;
    try {
        auto* const made = new output_tagger(process);
        if (made->start()) the_output_tagger = made;
    } catch (std::exception const&) { // continues without tags
    }
}

HOCKET_INLINE void tag_task(char const* name, char const* kind, std::uint64_t number) noexcept {
    if (the_output_tagger == nullptr) [[likely]]
        return;
    the_output_tagger->begin_task(name != nullptr ? name : std::string(kind) + " " + std::to_string(number));
}

HOCKET_INLINE void flush_output() noexcept {
    if (the_output_tagger == nullptr) [[likely]]
        std::fflush(stdout);
    else
        the_output_tagger->flush();
}

HOCKET_COLD HOCKET_INLINE void end_tags() noexcept {
    if (the_output_tagger != nullptr) the_output_tagger->end();
}

} // namespace
