// SPDX-License-Identifier: MIT
// parallel_inclusive_scan and parallel_exclusive_scan: all partial sums of a range, the same bits on any machine.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/rounds.hpp>
#include <hocket/algorithm/scan_block.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket {
namespace detail {

/// The passes of a scan: sums of blocks, then the blocks themselves.
template<class T, scan_kind kind, class In, class Out, class Op>
class scan_work {
  public:
    scan_work(scan_block<T, kind, In, Out, Op> const& block, block_cut const& cut, std::optional<T> running,
              loop_errors& errors)
        : block_(block), cut_(cut), running_(std::move(running)), errors_(errors) {}

    void reserve() {
        sums_ = std::make_unique<std::optional<T>[]>(static_cast<std::size_t>(cut_.kept_blocks()));
        prefixes_ = std::make_unique<std::optional<T>[]>(static_cast<std::size_t>(cut_.kept_blocks()));
    }

    void first_pass(std::uint64_t b, std::uint64_t& at) const {
        std::uint64_t i = cut_.first(b);
        report_position const report(at, i);
        sums_[cut_.slot(b)].emplace(block_.sum(i, cut_.last(b)));
    }

    /// Turns sums into prefixes, from left to right.
    void between(std::uint64_t first, std::uint64_t last) {
        std::uint64_t b = first;
        try {
            for (; b != last; ++b) {
                prefixes_[cut_.slot(b)] = running_;
                T& sum = *sums_[cut_.slot(b)];
                if (running_)
                    running_.emplace(block_.joined(T(*std::move(running_)), std::move(sum)));
                else
                    running_.emplace(std::move(sum));
            }
        } catch (...) {
            static_cast<void>(errors_.record(cut_.first(b)));
        }
        errors_.finish(cut_.n);
    }

    void second_pass(std::uint64_t b, std::uint64_t& at) const {
        std::uint64_t i = cut_.first(b);
        report_position const report(at, i);
        std::uint64_t const next = b + cut_.per_round; // whoever scans this one, sums that one
        std::uint64_t const ahead = next + 1 < cut_.blocks ? cut_.first(next) : i;
        static_cast<void>(block_.scan(pointer_to(prefixes_[cut_.slot(b)]), i, cut_.last(b), ahead));
    }

    /// Both at once.
    void only_pass(std::uint64_t b, std::uint64_t& at) {
        std::uint64_t i = cut_.first(b);
        report_position const report(at, i);
        running_.emplace(block_.scan(pointer_to(running_), i, cut_.last(b), i));
    }

  private:
    static T const* pointer_to(std::optional<T> const& value) noexcept {
        return value ? std::addressof(*value) : nullptr;
    }

    scan_block<T, kind, In, Out, Op> const& block_;
    block_cut const& cut_;
    std::optional<T> running_; // the sum of all blocks before the round
    loop_errors& errors_;
    std::unique_ptr<std::optional<T>[]> sums_, prefixes_;
};

/// Whether the sums go past the caches: so many that they are not in one when somebody reads them, and to other places than
/// the elements, whose lines the caches have anyway. The lines of `out` then need not be read first.
template<class Block, class In, class Out>
[[nodiscard]] bool writes_past_caches([[maybe_unused]] In const& in, [[maybe_unused]] Out const& out,
                                      [[maybe_unused]] std::uint64_t n) {
    if constexpr (Block::scans_lanes) {
        std::uint64_t const bytes = n * sizeof(*std::to_address(out));
        std::uint64_t held = 0;
        if (bytes <= std::uint64_t{32} << 20 || std::to_address(in) == std::to_address(out)) return false;
        for (topology::group const& cache : machine().l3_groups) held += cache.bytes;
        return bytes > held;
    } else {
        return false;
    }
}

template<scan_kind kind, class T, class In, class Out, class Op>
Out scan_range(thread_pool& pool, In const& in, std::uint64_t n, Out const& out, std::optional<T> init, Op const& op,
               loop_options const& options) {
    static_assert(
        shared_callable<Op, T, T>,
        "the op of a parallel scan takes two values of the type of the sum, and is const: several threads call "
        "it at once (a lambda must not be mutable)");
    static_assert(std::convertible_to<call_result<Op, T, T>, T>,
                  "the op of a parallel scan returns something that does not convert to the type of the sum");
    static_assert(std::copy_constructible<T>, "a parallel scan copies each sum: the type of the sum has no copies");
    static_assert(std::is_assignable_v<std::iter_reference_t<Out>, T const&>,
                  "a parallel scan cannot assign its sums to the elements of `out`");
    static_assert(
        !packed_bits<Out>,
        "a parallel scan into a std::vector<bool>: neighbouring elements share a word and cannot be written at "
        "the same time; use std::vector<char>");
    static_assert(!(std::integral<T> && std::floating_point<std::iter_value_t<In>>),
                  "parallel_exclusive_scan: the elements are floating-point and init is an integer, so each sum would "
                  "lose its fraction: give a floating-point init, 0.0");
    check_options(options);
    loop_errors errors(options);
    errors.finish(n);
    if (n == 0) return out;
    using block = scan_block<T, kind, In, Out, Op>;
    block const scan{in, out, op, writes_past_caches<block>(in, out, n)};
    block_cut const cut = block_cut::of(n, sizeof(T), options.grain, pool.size());
    scan_work<T, kind, In, Out, Op> work(scan, cut, std::move(init), errors);
    if (cut.blocks == 1 || (pool.size() == 1 && block::scan_gives_sum)) {
        expect(options, n);
        for (std::uint64_t b = 0; b < cut.blocks; b += 16) {
            std::uint64_t const end = cut.blocks - b < 16 ? cut.blocks : b + 16;
            run_alone(pool, n, options, [&](std::uint64_t& at) {
                for (std::uint64_t one = b; one != end; ++one) work.only_pass(one, at);
            });
            finished(options, cut.elements(b, end));
        }
    } else {
        work.reserve();
        run_rounds(pool, cut, work, options, errors);
    }
    return advanced(out, n);
}

/// An iterator to `out`, which has at least `n` places.
template<class Out>
auto target_of(Out&& out, std::uint64_t n) {
    if constexpr (parallel_range<Out>) {
        if (range_length(out) < n)
            throw std::invalid_argument("hocket: a parallel scan into a range that is shorter than its input");
        return std::ranges::begin(out);
    } else {
        return std::remove_cvref_t<Out>(out);
    }
}

} // namespace detail

/// The sums, by `op`, of each element of `range` and all before it: as std::inclusive_scan. They are assigned to `out`: a
/// random access iterator, or a sized range that is at least as long as `range`: a shorter one throws
/// `std::invalid_argument`, and nothing has run. It may be `range` itself. Returns the end of what was assigned. `op` must be
/// associative and need not be commutative; the type of the sums is that of the elements.
/// With `.grain` the blocks that are summed one after the other have that many elements; by itself a block has 32 KiB of sums,
/// and a range of one block is scanned by the caller. So where elements are few and `op` takes long, give a `.grain`: the library
/// does not shorten blocks by the time that `op` takes, as the grouping would depend on it.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this scan.
/// **Throws** as `parallel_for`, with the first element on the right side of the `op` that failed, or one near it, as index.
/// A failure ends the scan, also where failures are collected: later elements of `out` are not assigned.
/// **Order** the grouping depends on size and grain alone: the same input gives the same bits on any machine.
/// **Cost** two calls of `op` an element, three of floating-point numbers; the input is read from memory once; two
/// allocations of at most 256 sums for each worker. `std::plus` of integers, floats or doubles, from and to contiguous storage
/// of that type, goes by vectors: twice as fast and more. Integers then wrap around, and sums that do not fit into the caches
/// and do not replace their elements are written past them.
template<readable_range Range, detail::write_target Out, class Op>
auto parallel_inclusive_scan(thread_pool& pool, Range&& range, Out&& out, Op const& op,
                             loop_options const& options = {}) {
    using sum = std::iter_value_t<detail::range_iterator<Range>>;
    detail::elements const in(range);
    return detail::scan_range<detail::scan_kind::inclusive, sum>(
        pool, in.begin(), in.size(), detail::target_of(out, in.size()), std::nullopt, op, options);
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, detail::write_target Out, class Op>
auto parallel_inclusive_scan(thread_pool& pool, First first, Last last, Out&& out, Op const& op,
                             loop_options const& options = {}) {
    return hocket::parallel_inclusive_scan(pool, detail::between(first, last), out, op, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::write_target Out, class Op>
auto parallel_inclusive_scan(Range&& range, Out&& out, Op const& op, loop_options const& options = {}) {
    return hocket::parallel_inclusive_scan(detail::current_pool(), range, out, op, options);
}
template<class First, detail::end_of_readable<First> Last, detail::write_target Out, class Op>
auto parallel_inclusive_scan(First first, Last last, Out&& out, Op const& op, loop_options const& options = {}) {
    return hocket::parallel_inclusive_scan(detail::current_pool(), detail::between(first, last), out, op, options);
}

/// The sums, by `op`, of `init` and all before each element of `range`: as std::exclusive_scan. The type of `init` is the
/// type of the sums. Else as `parallel_inclusive_scan`.
template<readable_range Range, detail::write_target Out, class T, class Op>
auto parallel_exclusive_scan(thread_pool& pool, Range&& range, Out&& out, T init, Op const& op,
                             loop_options const& options = {}) {
    detail::elements const in(range);
    return detail::scan_range<detail::scan_kind::exclusive, T>(
        pool, in.begin(), in.size(), detail::target_of(out, in.size()), std::optional<T>(std::move(init)), op, options);
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, detail::write_target Out, class T, class Op>
auto parallel_exclusive_scan(thread_pool& pool, First first, Last last, Out&& out, T init, Op const& op,
                             loop_options const& options = {}) {
    return hocket::parallel_exclusive_scan(pool, detail::between(first, last), out, std::move(init), op, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::write_target Out, class T, class Op>
    requires(!std::is_base_of_v<thread_pool, std::remove_cvref_t<Range>>)
auto parallel_exclusive_scan(Range&& range, Out&& out, T init, Op const& op, loop_options const& options = {}) {
    return hocket::parallel_exclusive_scan(detail::current_pool(), range, out, std::move(init), op, options);
}
template<class First, detail::end_of_readable<First> Last, detail::write_target Out, class T, class Op>
auto parallel_exclusive_scan(First first, Last last, Out&& out, T init, Op const& op,
                             loop_options const& options = {}) {
    return hocket::parallel_exclusive_scan(detail::current_pool(), detail::between(first, last), out, std::move(init),
                                           op, options);
}

} // namespace hocket
