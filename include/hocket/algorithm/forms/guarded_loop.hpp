// SPDX-License-Identifier: MIT
// The loop under all data-parallel algorithms: the loop engine, plus exceptions, stop tokens and their order. The
// algorithms call it; programs do not.
#pragma once

#include <hocket/base/options.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/loop/loop.hpp>
#include <hocket/loop/loop_errors.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <cstdint>
#include <iterator>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// Tells the progress object of an operation, if it has one, how many elements there are.
inline void expect(loop_options const& options, std::uint64_t elements) noexcept {
    if (options.progress != nullptr) options.progress->expect(elements);
}

/// Tells the progress object of an operation, if it has one, how many elements have finished.
inline void finished(loop_options const& options, std::uint64_t elements) noexcept {
    if (options.progress != nullptr) options.progress->advance(elements);
}

/// The body that the engine calls for each chunk. A kernel is called as `kernel(first, last, at)` and runs
/// the elements [first, last). When it throws, `at` is the element that failed. The try block encloses the whole chunk
/// and not each element, so the inner loop is a plain one. If failures are collected, the kernel goes on behind the
/// failed element, unless a chunk is one call of the body: that call was the whole chunk. A kernel that does not
/// loop over elements names the failed element by `element(at)`.
/// loop over elements says with `element(at)` which one is meant.
template<class Kernel>
class guarded_chunk {
  public:
    guarded_chunk(Kernel const& kernel, loop_errors& errors, progress* bar = nullptr) noexcept
        : kernel_(kernel), errors_(errors), progress_(bar) {}

    bool operator()(std::uint64_t first, std::uint64_t last) const noexcept {
        if (errors_.stopped()) return false;
        stop_scope const scope(errors_.link());
        std::uint64_t at = first;
        do {
            try {
                kernel_(at, last, at);
                break;
            } catch (...) {
                if (!errors_.record(element(at))) return false;
                ++at;
            }
        } while (Kernel::resumes && at != last);
        if (progress_ != nullptr) progress_->advance(last - first);
        return true;
    }

  private:
    std::uint64_t element(std::uint64_t at) const noexcept {
        if constexpr (requires { kernel_.element(at); })
            return kernel_.element(at);
        else
            return at;
    }

    Kernel const& kernel_;
    loop_errors& errors_;
    progress* progress_; // may be null; counts what this chunk's range counts
};

/// Returns the plan of a loop over `n` elements. Chunks on demand are single elements, but at most 2^16 chunks, unless
/// the caller sets a grain. `whole`: the program sees chunks, so none is smaller than the grain.
/// `unstoppable`: only a failure can end the loop, and nothing watches its progress.
[[nodiscard]] constexpr loop_plan plan_of(std::uint64_t n, loop_options const& options, std::uint64_t grain,
                                          bool whole = false, bool unstoppable = false) noexcept {
    std::uint64_t const given = grain == 0 && options.schedule == schedule::dynamic ? (n >> 16) + 1 : grain;
    return {given,       whole && given != 0 ? given : 1, options.max_workers, options.schedule, false, unstoppable,
            options.name};
}

/// Returns the least number of elements that are worth a chunk, as far as their types tell. A kernel that calls no
/// code of the program knows it, so no clock is needed. Returns 0 if only time can tell.
template<class Kernel>
inline constexpr std::uint64_t least_chunk = 0;
template<class Kernel>
    requires requires { Kernel::least_chunk; }
inline constexpr std::uint64_t least_chunk<Kernel> = Kernel::least_chunk;

/// Returns the least number of elements that move as plain bytes through the caches: moving 8 KiB takes about as long
/// as it costs to wake a thread.
template<class Iterator>
inline constexpr bool written_as_bytes =
    std::contiguous_iterator<Iterator>&& std::is_trivially_copyable_v<std::iter_value_t<Iterator>> &&
    !std::is_volatile_v<std::remove_reference_t<std::iter_reference_t<Iterator>>>;
template<class T>
inline constexpr std::uint64_t bytes_worth_a_chunk = sizeof(T) < 8192 ? 8192 / sizeof(T) : 1;

/// Runs the loop engine in a pool.
template<class Chunk>
void run_loop(thread_pool& pool, std::uint64_t n, loop_plan const& plan, Chunk& chunk) {
    run_loop(pool.sched(), n, plan, chunk);
}

/// Runs `kernel` over [0, n) and throws what rules 3, 4 and 7 of the public surface say.
template<class Kernel>
void guarded_loop(thread_pool& pool, std::uint64_t n, loop_options const& options, Kernel const& kernel) {
    check_options(options);
    loop_errors errors(options);
    if (n != 0 && !errors.stopped()) {
        expect(options, n);
        guarded_chunk<Kernel> chunk(kernel, errors, options.progress);
        bool const by_type = options.grain == 0 && options.schedule == schedule::adaptive;
        bool const unstoppable = Kernel::resumes && !errors.may_stop() && options.progress == nullptr;
        std::uint64_t const grain = by_type ? least_chunk<Kernel> : options.grain;
        detail::run_loop(pool, n, plan_of(n, options, grain, !Kernel::resumes, unstoppable), chunk);
    }
    errors.finish(n);
}

/// Reports the position of a kernel when it ends, however it ends.
template<class Count>
class report_position {
  public:
    report_position(std::uint64_t& at, Count const& count) noexcept : at_(at), count_(count) {}
    ~report_position() { at_ = static_cast<std::uint64_t>(count_); }
    report_position(report_position const&) = delete;
    report_position& operator=(report_position const&) = delete;

  private:
    std::uint64_t& at_;
    Count const& count_;
};

} // namespace hocket::detail
