// SPDX-License-Identifier: MIT
// The state that the phases of one sort share: the pool, the errors, and loops that tell the caller whether they were
// completed. The sorts and parallel_merge use it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/base/options.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the ticks that a call takes, from the calls `ask(1)` to `ask(asked)`, or fewer if they take long. `ask(0)`
/// comes first, because it may wait for memory. The answers are bools, and mean nothing. Throws if the operation was
/// stopped.
template<class Ask>
[[nodiscard]] double ticks_of_a_call(std::uint64_t asked, Ask const& ask) {
    look_at_stop();
    bool answers = ask(0);
    ticks const start = now_ticks();
    ticks spent = 0;
    std::uint64_t done = 0;
    for (std::uint64_t part = 1; done != asked && spent < loop_times::get().share_cold; part = 16) {
        look_at_stop();
        for (std::uint64_t const end = asked - done < part ? asked : done + part; done != end;)
            answers ^= static_cast<bool>(ask(++done));
        spent = now_ticks() - start;
    }
    [[maybe_unused]] bool const volatile kept = answers; // the compiler must not leave the calls out
    return static_cast<double>(spent) / static_cast<double>(done);
}

/// Runs the pieces of a phase one after another. Marks the completed pieces.
template<class Body>
struct piece_kernel {
    static constexpr bool resumes = true;
    Body const& body;
    unsigned char* done;
    std::uint64_t base;
    std::uint64_t elements; // of a piece, about

    std::uint64_t element(std::uint64_t at) const noexcept { return base + at * elements; }

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        for (at = first; at != last; ++at) {
            body(at);
            done[at] = 1;
        }
    }
};

class sort_run {
  public:
    sort_run(thread_pool& pool, loop_options const& options, loop_errors& errors) noexcept
        : pool_(pool), options_(options), errors_(errors) {}

    [[nodiscard]] std::size_t workers() const noexcept { return pool_.size(); }
    [[nodiscard]] bool may_stop() const noexcept { return errors_.may_stop(); }

    /// Tells the progress object, if there is one, how many elements there are.
    void expect(std::uint64_t elements) const noexcept { detail::expect(options_, elements); }

    /// Tells the progress object, if there is one, how many elements have reached their final place.
    void finished(std::uint64_t elements) const noexcept { detail::finished(options_, elements); }

    /// Calls `body(i)` for each `i` below `count`; returns false if this was not completed. Piece `i` stands for the
    /// elements from `base + i * elements` on.
    template<class Body>
    [[nodiscard]] bool each(std::uint64_t count, std::uint64_t base, std::uint64_t elements, Body const& body) const {
        if (count == 1) return once(body);
        auto const done = std::make_unique<unsigned char[]>(static_cast<std::size_t>(count));
        piece_kernel<Body> const kernel{body, done.get(), base, elements};
        guarded_chunk<piece_kernel<Body>> chunk(kernel, errors_);
        run_loop(pool_, count, plan_of(count, options_, 0), chunk);
        for (std::uint64_t i = 0; i < count; ++i)
            if (!done[i]) return false;
        return true;
    }

    /// Calls `body` for one piece, on the calling thread; returns false if this was not completed.
    template<class Body>
    [[nodiscard]] bool once(Body const& body) const {
        unsigned char done = 0;
        piece_kernel<Body> const kernel{body, &done, 0, 0};
        guarded_chunk<piece_kernel<Body>> const chunk(kernel, errors_);
        static_cast<void>(chunk(0, 1));
        return done != 0;
    }

    /// Calls `body(first, last)`, which throws nothing, for pieces of [0, n), whatever has happened before: for work
    /// that must not be left half done.
    template<class Body>
    void all(std::uint64_t n, Body const& body) const {
        if (n == 0) return;
        std::uint64_t const pieces = n / piece + (n % piece != 0);
        auto const one = [&](std::uint64_t first, std::uint64_t last) noexcept {
            for (std::uint64_t i = first; i < last; ++i) body(i * piece, n - i * piece < piece ? n : (i + 1) * piece);
            return true;
        };
        run_loop(pool_, pieces, loop_plan{.max_workers = options_.max_workers}, one);
    }

    template<class T>
    void copy(T* to, T const* from, std::uint64_t n) const {
        all(n, [&](std::uint64_t first, std::uint64_t last) { copy_plain(to + first, from + first, last - first); });
    }

  private:
    static constexpr std::uint64_t piece = 1 << 14;

    thread_pool& pool_;
    loop_options const& options_;
    loop_errors& errors_;
};

} // namespace hocket::detail
