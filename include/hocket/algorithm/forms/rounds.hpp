// SPDX-License-Identifier: MIT
// Two passes over a range, in rounds that fit the caches: the second pass of a round finds in the core's own cache what
// its first pass has read. The second pass of a round runs in one loop with the first pass of the next round. So reads
// overlap writes, and each round has one barrier. No thread waits for a predecessor, unlike in a chained scan with
// look-back. Also here: cuts into blocks, and passes over them one unit of work at a time. Scans, packing, partitions
// and groups use it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/options.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// A range cut into blocks of `block` elements; the last one may be shorter. Results depend on this cut, which follows
/// from the size and the grain alone, and never on `per_round`, which follows from the pool.
struct block_cut {
    std::uint64_t n;
    std::uint64_t block;
    std::uint64_t blocks;
    std::uint64_t per_round;

    /// Returns a cut. By default a block has 32 KiB. A round has as many blocks as fill half a MiB for each worker.
    [[nodiscard]] static block_cut of(std::uint64_t n, std::uint64_t bytes_of_element, std::uint64_t grain,
                                      std::size_t workers) noexcept {
        constexpr std::uint64_t block_bytes = 32 * 1024, bytes_for_worker = 512 * 1024, most_blocks = 64;
        std::uint64_t const usual = block_bytes / bytes_of_element;
        std::uint64_t const given = grain < n ? grain : (n + 63) / 64 * 64; // memory is made for blocks
        std::uint64_t const block = grain != 0 ? given : usual < 64 ? 64 : usual / 64 * 64;
        std::uint64_t const bytes = block < bytes_for_worker ? block * bytes_of_element : bytes_for_worker;
        std::uint64_t const share = bytes < bytes_for_worker ? bytes_for_worker / bytes : 1;
        return {n, block, n / block + (n % block != 0), (share < most_blocks ? share : most_blocks) * workers};
    }

    [[nodiscard]] std::uint64_t first(std::uint64_t b) const noexcept { return b * block; }
    [[nodiscard]] std::uint64_t last(std::uint64_t b) const noexcept { return b + 1 == blocks ? n : (b + 1) * block; }
    /// Returns the number of elements of the blocks [b, end).
    [[nodiscard]] std::uint64_t elements(std::uint64_t b, std::uint64_t end) const noexcept {
        return b == end ? 0 : last(end - 1) - first(b);
    }

    /// Returns for how many blocks results are kept: two rounds are in progress at a time.
    [[nodiscard]] std::uint64_t kept_blocks() const noexcept { return blocks < 2 * per_round ? blocks : 2 * per_round; }
    [[nodiscard]] std::uint64_t slot(std::uint64_t b) const noexcept { return b % (2 * per_round); }
};

/// Returns the number of elements of a block where each of them may take long: even few elements have some hundreds of
/// blocks.
[[nodiscard]] constexpr std::uint64_t fine_grain(std::uint64_t n, std::uint64_t grain,
                                                 std::uint64_t bytes_of_element) noexcept {
    if (grain != 0) return grain;
    std::uint64_t const fine = (n / 256 + 63) / 64 * 64;
    std::uint64_t const usual = block_cut::of(n, bytes_of_element, 0, 1).block;
    return fine < usual ? fine : usual;
}

/// One loop of the rounds: the second pass over the blocks from `second`, the first pass over those from `first`.
template<class Work>
struct round_kernel {
    static constexpr bool resumes = false;
    Work& work;
    std::uint64_t second, second_end, first, first_end;

    void operator()(std::uint64_t from, std::uint64_t to, std::uint64_t& at) const {
        stop_pace pace(to - from != 1);
        for (std::uint64_t i = from; i != to; ++i) {
            if (i < second_end - second) work.second_pass(second + i, at);
            if (i >= first_end - first) continue;
            if constexpr (requires { work.first_pass(first, at, pace); })
                work.first_pass(first + i, at, pace);
            else
                work.first_pass(first + i, at);
        }
    }
};

/// Calls `work.first_pass(block, at)`, or `work.first_pass(block, at, pace)`, for each block. When the blocks [first,
/// last) of a round have finished, calls `work.between(first, last)` on the calling thread, and then
/// `work.second_pass(block, at)` for each block. A pass that throws leaves the failed element in `at`. A failure ends
/// the rounds: later rounds do not begin. Progress counts elements whose second pass has finished.
template<class Work>
void run_rounds(thread_pool& pool, block_cut const& cut, Work& work, loop_options const& options, loop_errors& errors) {
    expect(options, cut.n);
    std::uint64_t second = 0, first = 0;
    do {
        std::uint64_t const left = cut.blocks - first;
        std::uint64_t const end = first + (left < cut.per_round ? left : cut.per_round);
        round_kernel<Work> const kernel{work, second, first, first, end};
        std::uint64_t const units = end - first < first - second ? first - second : end - first;
        guarded_chunk<round_kernel<Work>> chunk(kernel, errors);
        detail::run_loop(pool, units, plan_of(units, options, 0), chunk);
        errors.finish(cut.n);
        finished(options, cut.elements(second, first));
        work.between(first, end);
        second = first;
        first = end;
    } while (second != cut.blocks);
}

/// The single chunk of work that the calling thread runs alone.
template<class Body>
struct alone_kernel {
    static constexpr bool resumes = false;
    Body const& body;
    void operator()(std::uint64_t, std::uint64_t, std::uint64_t& at) const { body(at); }
};

/// Calls `body(at)` on the calling thread, with the errors and the stops of an operation.
template<class Body>
void run_alone(thread_pool& pool, loop_errors& errors, Body const& body) {
    pool_entry const entry(pool.sched(), pool_entry::lazily{}); // calls from within belong to this pool
    alone_kernel<Body> const kernel{body};
    static_cast<void>(guarded_chunk<alone_kernel<Body>>(kernel, errors)(0, 1));
}

/// Calls `body(at)` on the calling thread, with the errors and the stops of a loop over `n` elements.
template<class Body>
void run_alone(thread_pool& pool, std::uint64_t n, loop_options const& options, Body const& body) {
    loop_errors errors(options);
    run_alone(pool, errors, body);
    errors.finish(n);
}

/// Runs units one by one; a unit that throws leaves the failed element in `at`.
template<class Body>
struct unit_kernel {
    static constexpr bool resumes = false;
    Body const& body;
    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        for (std::uint64_t unit = first; unit != last; ++unit) body(unit, at);
    }
};

/// Calls `body(unit, at)` for each of `units`, which together are a pass over `n` elements.
template<class Body>
void run_units(thread_pool& pool, std::uint64_t units, std::uint64_t n, loop_options const& options, Body const& body) {
    loop_errors errors(options);
    unit_kernel<Body> const kernel{body};
    guarded_chunk<unit_kernel<Body>> chunk(kernel, errors);
    if (units != 0) run_loop(pool, units, plan_of(units, options, 0), chunk);
    errors.finish(n);
}

} // namespace hocket::detail
