// SPDX-License-Identifier: MIT
// parallel_inclusive_scan and parallel_exclusive_scan: all partial sums of a range, the same bits on any machine.
// Public.
#pragma once

#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/algorithm/scan/scan_block.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory> // declares std::plus as well, without all of <functional>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {
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
        std::optional<T>& sum = sums_[cut_.slot(b)];
        std::uint64_t const first = i;
        stop_pace pace(block_.chains()); // else `in_pieces` takes all at once
        in_pieces(i, cut_.last(b), [&](std::uint64_t end) {
            if (i == first)
                sum.emplace(block_.sum(i, end, pace));
            else
                block_.add(*sum, i, end);
        });
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
        std::uint64_t const next = b + cut_.per_round; // the thread that scans block b sums block `next`
        std::uint64_t const ahead = next + 1 < cut_.blocks ? cut_.first(next) : i;
        T const* prefix = pointer_to(prefixes_[cut_.slot(b)]);
        std::optional<T> carried;
        in_pieces(i, cut_.last(b), [&](std::uint64_t end) {
            carried.emplace(block_.scan(prefix, i, end, ahead));
            prefix = pointer_to(carried);
        });
    }

    /// Both at once.
    void only_pass(std::uint64_t b, std::uint64_t& at) {
        std::uint64_t i = cut_.first(b);
        report_position const report(at, i);
        in_pieces(i, cut_.last(b),
                  [&](std::uint64_t end) { running_.emplace(block_.scan(pointer_to(running_), i, end, i)); });
    }

  private:
    /// Calls `step(end)`, which moves `i` to `end`, until that is `last`; in pieces that take little time, between
    /// which it looks whether the scan was stopped.
    template<class Step>
    void in_pieces(std::uint64_t const& i, std::uint64_t last, Step const& step) const {
        if (!block_.chains()) return step(last);
        ticks const wanted = loop_times::get().piece;
        ticks before = now_ticks();
        for (std::uint64_t size = 2; i != last && !errors_.stopped();) { // the first element may need no call
            std::uint64_t const from = i;
            step(last - i < size ? last : i + size);
            ticks const now = now_ticks();
            double const fitting =
                static_cast<double>(i - from) * static_cast<double>(wanted) / (static_cast<double>(now - before) + 1);
            std::uint64_t const most = size * (size < 32 ? 4 : 16); // elements that were not measured may take long
            size = fitting < static_cast<double>(most) ? static_cast<std::uint64_t>(fitting) + 1 : most;
            before = now;
            look_at_urgent_here();
        }
    }

    static T const* pointer_to(std::optional<T> const& value) noexcept {
        return value ? std::addressof(*value) : nullptr;
    }

    scan_block<T, kind, In, Out, Op> const& block_;
    block_cut const& cut_;
    std::optional<T> running_; // the sum of all blocks before the round
    loop_errors& errors_;
    std::unique_ptr<std::optional<T>[]> sums_, prefixes_;
};

/// Whether the sums are stored past the caches. It pays if they no longer fit a cache when they are read, and if they
/// go to other places than the elements, whose lines the caches have anyway. The lines of `out` then need not be read
/// first.
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

/// Below it each call of the operation is expected to take long.
inline constexpr std::uint64_t few_to_scan = 512;

/// The elements of a block: what lies just above one block is cut into eight, so that no worker has much more than its
/// share.
[[nodiscard]] inline std::uint64_t scan_grain(std::uint64_t n, std::uint64_t grain,
                                              std::uint64_t bytes_of_element) noexcept {
    std::uint64_t const usual = block_cut::of(n, bytes_of_element, 0, 1).block;
    return grain == 0 && n > usual && n < 8 * usual ? (n / 8 + 63) / 64 * 64 : grain;
}

/// Says what is wrong with the types of a scan; false if there is something.
template<class T, class In, class Out, class Op>
constexpr bool explain_scan() {
    constexpr bool fits = shared_callable<Op, T, T>;
    if constexpr (fits)
        ;
    else if constexpr (std::is_same_v<Op, std::plus<>>)
        static_assert(
            fits, "a parallel scan without an operation adds, and these values have no operator+: give an operation");
    else
        static_assert(says_why<Op, T, T>(), "the op of a parallel scan takes two values of the type of the sum");
    constexpr bool packed = packed_bits<Out>;
    static_assert(
        !packed,
        "a parallel scan into a std::vector<bool>: neighbouring elements share a word and cannot be written at "
        "the same time; use std::vector<char>");
    constexpr bool truncates = std::integral<T> && std::floating_point<std::iter_value_t<In>>;
    static_assert(!truncates,
                  "parallel_exclusive_scan: the elements are floating-point and init is an integer, so each sum would "
                  "lose its fraction: give a floating-point init, 0.0");
    if constexpr (fits && !packed && !truncates) {
        constexpr bool returns = std::convertible_to<call_result<Op, T, T>, T>;
        constexpr bool copies = std::copy_constructible<T>;
        constexpr bool assigns = std::is_assignable_v<std::iter_reference_t<Out>, T const&>;
        static_assert(returns,
                      "the op of a parallel scan returns something that does not convert to the type of the sum");
        static_assert(copies, "a parallel scan copies each sum: the type of the sum cannot be copied");
        constexpr bool open = explain_written<Out>();
        static_assert(assigns, "a parallel scan cannot assign its sums to the elements of `out`");
        return returns && copies && open && assigns;
    }
    return false;
}

template<scan_kind kind, class T, class In, class Out, class Op>
Out scan_range(thread_pool& pool, In const& in, std::uint64_t n, Out const& out, std::optional<T> init, Op const& op,
               loop_options const& options) {
    check_options(options);
    loop_errors errors(options);
    errors.finish(n);
    if (n == 0) return out;
    using block = scan_block<T, kind, In, Out, Op>;
    block_cut const cut = block_cut::of(n, sizeof(T), scan_grain(n, options.grain, sizeof(T)), pool.size());
    bool const few =
        n < few_to_scan && cut.blocks == 1; // of several blocks the bits would depend on the number of workers
    block const scan{in, out, op, writes_past_caches<block>(in, out, n), few};
    scan_work<T, kind, In, Out, Op> work(scan, cut, std::move(init), errors);
    if (cut.blocks == 1 || (pool.size() == 1 && block::scan_gives_sum)) {
        expect(options, n);
        for (std::uint64_t b = 0; b < cut.blocks; b += 16) {
            std::uint64_t const end = cut.blocks - b < 16 ? cut.blocks : b + 16;
            run_alone(pool, errors, [&](std::uint64_t& at) {
                for (std::uint64_t one = b; one != end && !errors.stopped(); ++one) work.only_pass(one, at);
            });
            errors.finish(n);
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
            throw std::invalid_argument("hocket: the output range of a parallel scan is shorter than its input");
        return std::ranges::begin(out);
    } else {
        return std::remove_cvref_t<Out>(out);
    }
}

template<class... Operands>
inline constexpr bool writes_first = false;
template<class Out, class... Operands>
inline constexpr bool writes_first<Out, Operands...> = write_target<Out>;

/// Looks at the types of a scan, and runs it.
template<scan_kind kind, class T, class Range, class Out, class Op>
auto scan_source(thread_pool& pool, loop_options const& options, Range& range, Out& out, std::optional<T> init,
                 Op const& op) {
    elements const in(range);
    auto const to = target_of(out, in.size());
    using in_iterator = typename elements<Range>::iterator;
    if constexpr (explain_scan<T, in_iterator, std::remove_const_t<decltype(to)>, Op>())
        return detail::scan_range<kind, T>(pool, in.begin(), in.size(), to, std::move(init), op, options);
}

/// Whether a scan can read its range and write to `out`; if not, the program does not compile.
template<class Range, class Out>
constexpr bool explain_scanned() {
    constexpr bool writes = write_target<Out>;
    static_assert(writes, "a parallel scan writes to a random access iterator, or to a range with random access and a "
                          "size: the argument after the input is neither");
    return writes && explain_readable<Range>();
}

struct parallel_inclusive_scan_fn : call_form<parallel_inclusive_scan_fn> {
    static constexpr std::size_t least = 1, most = 3;
    static constexpr bool steps = false;
    /// Two bounds are followed by a place to write to; a range of the same type and a place are not.
    template<class... Operands>
    static constexpr bool bounds_before = writes_first<Operands...>;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_inclusive_scan takes a range (or two iterators, or two integers) and a destination for the sums, "
            "and may take an operation and an initial value; a pool may come first, and options last");
    }

    template<class Range, class Out, class Op = std::plus<>, class T = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, Op const& op = {},
                    T const& init = left_out<T>) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_scanned<source, Out>()) {
            using given = std::decay_t<T const&>;
            using operation = callable_type<std::plus<>, Op>;
            if constexpr (std::is_same_v<given, loop_options>)
                return detail::scan_source<scan_kind::inclusive, std::iter_value_t<range_iterator<source>>>(
                    pool, given_options(op, init, options), range, out, std::nullopt,
                    detail::callable(callable_or<operation>(op)));
            else
                return detail::scan_source<scan_kind::inclusive, given>(pool, given_options(op, options), range, out,
                                                                        std::optional<given>(init),
                                                                        detail::callable(callable_or<operation>(op)));
        }
    }
};

struct parallel_exclusive_scan_fn : call_form<parallel_exclusive_scan_fn> {
    static constexpr std::size_t least = 2, most = 3;
    static constexpr bool steps = false;
    /// Two bounds are followed by a place to write to; a range of the same type and a place are not.
    template<class... Operands>
    static constexpr bool bounds_before = writes_first<Operands...>;

    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_exclusive_scan takes a range (or two iterators, or two integers), a destination for the sums and "
            "an initial value, and may take an operation; a pool may come first, and options last");
    }

    template<class Range, class Out, class T, class Op = std::plus<>>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, T&& init,
                    Op const& op = {}) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_scanned<source, Out>()) {
            using sum = std::decay_t<T>;
            using operation = callable_type<std::plus<>, Op>;
            return detail::scan_source<scan_kind::exclusive, sum>(pool, given_options(op, options), range, out,
                                                                  std::optional<sum>(std::forward<T>(init)),
                                                                  detail::callable(callable_or<operation>(op)));
        }
    }
};

} // namespace detail

/// Assigns the sums, by `op`, of each element of a range and all before it, as std::inclusive_scan:
/// `parallel_inclusive_scan(range, out, op)`; the range may be two iterators or two integers. Without `op` it adds. An
/// initial value may stand behind `op`. `out` is a random access iterator, or a sized range that is at least as long as
/// the input: a shorter one throws `std::invalid_argument`, and nothing has run. It may be the input itself. Returns
/// the end of the output. `op` must be associative and need not be commutative; the type of the sums is that of the
/// elements, or of the initial value. With `.grain` the blocks that are summed one after the other have that many
/// elements; by itself a block has 32 KiB of sums, and a range of one block is scanned by the caller. So where elements
/// are few and `op` takes long, give a `.grain`: the library does not shorten blocks by the time that `op` takes, as
/// the grouping would depend on it. **Threads** any; the caller takes part. **Blocks** until all work has finished, and
/// helps only with this scan. **Throws** as `parallel_for`, with the first element on the right side of the `op` that
/// failed, or one near it, as index. A failure ends the scan, also where failures are collected: later elements of
/// `out` are not assigned. **Order** the grouping depends on size and grain alone: the same input gives the same bits
/// on any machine. **Cost** two calls of `op` an element, three of floating-point numbers; the input is read from
/// memory once; two allocations of at most 256 sums for each worker. `std::plus` of integers, floats or doubles, from
/// and to contiguous storage of that type, goes by vectors: twice as fast and more. Integers then wrap around, and sums
/// that do not fit into the caches and do not replace their elements are written past them.
inline constexpr detail::parallel_inclusive_scan_fn parallel_inclusive_scan{};

/// Assigns the sums, by `op`, of an initial value and all before each element of a range, as std::exclusive_scan:
/// `parallel_exclusive_scan(range, out, init, op)`. Without `op` it adds. The type of `init` is the type of the sums.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_inclusive_scan`.
inline constexpr detail::parallel_exclusive_scan_fn parallel_exclusive_scan{};

} // namespace hocket
