// SPDX-License-Identifier: MIT
// What the owner of a worker slot does, since when, and in which task or loop with a name: for the text of `dump`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/ticks.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hocket::inline HOCKET_ABI::detail {

/// The first bytes of a name, behind them zeros. A copy: the name itself ends with its task.
struct name_start {
    static constexpr std::size_t words = 4;

    name_start() = default;
    explicit name_start(char const* name) noexcept {
        std::size_t size = 0;
        while (size != longest && name[size] != '\0') ++size;
        if (size == longest)
            while (size != 0 && is_within_character(name[size])) --size;
        std::memcpy(word, name, size);
    }
    static bool is_within_character(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

    static constexpr std::size_t longest = words * sizeof(std::uint64_t) - 1;
    std::uint64_t word[words] = {};
};

/// Writer: the owner of the worker slot, where it does something slow anyhow. Readers: any thread. Relaxed: nothing
/// follows from it.
class activity {
  public:
    /// `what` is a literal that follows the name of a thread: "waits for a future".
    void begin(char const* what, ticks since) noexcept {
        since_.store(since, std::memory_order_relaxed);
        what_.store(what, std::memory_order_relaxed);
    }
    void begin(char const* what) noexcept { begin(what, now_ticks()); }

    void set_name(name_start const& name) noexcept {
        for (std::size_t i = 0; i != name_start::words; ++i) name_[i].store(name.word[i], std::memory_order_relaxed);
    }
    /// The name of the innermost task or loop with one. May be a mixture of two names in the moment of a change.
    [[nodiscard]] name_start name() const noexcept {
        name_start read;
        for (std::size_t i = 0; i != name_start::words; ++i) read.word[i] = name_[i].load(std::memory_order_relaxed);
        return read;
    }

    [[nodiscard]] char const* what() const noexcept { return what_.load(std::memory_order_relaxed); }
    [[nodiscard]] ticks since() const noexcept { return since_.load(std::memory_order_relaxed); }

  private:
    atomic<char const*> what_{"sleeps"};
    atomic<ticks> since_{0};
    atomic<std::uint64_t> name_[name_start::words]{};
};

/// The owner does something else for the lifetime of the scope.
class activity_scope {
  public:
    activity_scope(activity& of, char const* what) noexcept : of_(of), outer_(of.what()), since_(of.since()) {
        of.begin(what);
    }
    ~activity_scope() { of_.begin(outer_, since_); }
    activity_scope(activity_scope const&) = delete;
    activity_scope& operator=(activity_scope const&) = delete;

  private:
    activity& of_;
    char const* const outer_;
    ticks const since_;
};

} // namespace hocket::inline HOCKET_ABI::detail
