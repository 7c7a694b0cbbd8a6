// SPDX-License-Identifier: MIT
// Sums and scans a block. The compiler may not reorder additions of floating-point numbers, and each addition waits for
// the one before it. So tiles of eight neighbours are scanned by themselves (Hillis and Steele, Data parallel
// algorithms, CACM 1986), and the chain has one addition a tile. Sums by std::plus are vectorised. parallel_scan and
// parallel_reduce_by_key use it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/algorithm/scan/scan_numbers.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

enum class scan_kind : bool { inclusive, exclusive };

/// Sums and scans of [at, last). When `op` throws, `at` is the element at which it was.
template<class T, scan_kind kind, class In, class Out, class Op>
struct scan_block {
    In const& in;
    Out const& out;
    Op const& op;
    bool past_caches = false; // whether a scan of numbers goes to memory at once
    bool few = false; // each call of `op` may take long: tiles, which have three for each element, would not pay

    static constexpr bool sums_lanes = adds_numbers<Op, T> && side_by_side<In, T>;
    static constexpr bool scans_lanes = sums_lanes && side_by_side<Out, T>;
    static constexpr bool tiled = std::is_floating_point_v<T>;
    /// Whether a scan of a block knows what a sum of it would have given: then one thread needs one pass only.
    static constexpr bool scan_gives_sum = std::is_arithmetic_v<T>;

    /// Whether sums and scans may be cut anywhere: each goes on with what the one before it gave.
    [[nodiscard]] bool chains() const noexcept { return !sums_lanes && (!tiled || few); }

    /// Adds [at, last) to the sum of what lies before.
    void add(T& total, std::uint64_t& at, std::uint64_t last) const {
        std::uint64_t i = at;
        report_position const report(at, i);
        hot_callable<Op> combine = op;
        for (In from = advanced(in, i); i != last; void(++i), ++from) detail::fold_in(combine, total, *from);
    }

    template<class Pace>
    [[nodiscard]] T sum(std::uint64_t& at, std::uint64_t last, Pace& pace) const {
        if constexpr (sums_lanes) {
            if (!one_by_one()) return number_lanes<T>::sum(std::to_address(in) + at, last - at);
        }
        if constexpr (!tiled) {
            if (!pace.covers(last - at)) return sum_in_parts(at, last, pace);
        }
        std::uint64_t i = at;
        report_position const report(at, i);
        hot_callable<Op> combine = op;
        In from = advanced(in, i);
        if constexpr (tiled) {
            if (last - i >= tile_size && !one_by_one()) return sum_tiles(combine, from, i, last, pace);
        }
        T total = static_cast<T>(*from);
        ++i;
        for (++from; i != last; void(++i), ++from) detail::fold_in(combine, total, *from);
        return total;
    }

    /// What two sums of neighbours make.
    [[nodiscard]] T joined(T left, T right) const {
        if constexpr (sums_lanes)
            return number_lanes<T>::joined(left, right);
        else
            return static_cast<T>(op(std::move(left), std::move(right)));
    }

    /// Scans with `prefix` as what comes before; an inclusive scan may have none. Returns what comes before the next
    /// block. `ahead`: the first of at least as many elements, which this core will read next.
    T scan(T const* prefix, std::uint64_t& at, std::uint64_t last, [[maybe_unused]] std::uint64_t ahead) const {
        if constexpr (scans_lanes) {
            T const* const from = std::to_address(in);
            if (!one_by_one())
                return number_lanes<T>::template scan<kind == scan_kind::exclusive>(
                    prefix, {from + at, std::to_address(out) + at, from + ahead}, last - at, past_caches);
        }
        std::uint64_t i = at;
        report_position const report(at, i);
        hot_callable<Op> combine = op;
        In from = advanced(in, i);
        Out to = advanced(out, i);
        if constexpr (tiled) {
            if (!few && prefix != nullptr) return scan_tiles<true>(combine, *prefix, from, to, i, last);
            if (!few) return scan_tiles<false>(combine, T(), from, to, i, last);
        }
        if constexpr (kind == scan_kind::inclusive) {
            T total = prefix != nullptr ? static_cast<T>(op(T(*prefix), static_cast<T>(*from))) : static_cast<T>(*from);
            *to = std::as_const(total);
            ++i;
            for (void(++from), ++to; i != last; void(++i), void(++from), ++to) {
                detail::fold_in(combine, total, *from);
                *to = std::as_const(total);
            }
            return total;
        } else {
            T total = *prefix;
            for (; i != last; void(++i), void(++from), ++to) {
                T next = static_cast<T>(op(total, static_cast<T>(*from))); // `to` may be where `from` is
                *to = std::move(total);
                total = std::move(next);
            }
            return total;
        }
    }

  private:
    template<class Pace>
    HOCKET_COLD T sum_in_parts(std::uint64_t& at, std::uint64_t last, Pace& pace) const {
        T total = static_cast<T>(*advanced(in, at));
        for (++at; at != last;) add(total, at, pace.next(at, last));
        return total;
    }

    /// Few floating-point numbers are added in their order, by std::plus as well: the bits do not depend on which
    /// addition it is.
    [[nodiscard]] bool one_by_one() const noexcept { return tiled && few; }

    static constexpr unsigned tile_size = 8;

    HOCKET_ALWAYS_INLINE static void load_tile(In& from, T (&values)[tile_size]) {
        for (T& value : values) {
            value = static_cast<T>(*from);
            ++from;
        }
    }

    /// Each value with all before it in the tile: the last is the sum of neighbours, of neighbours, of neighbours.
    template<class Combine>
    HOCKET_ALWAYS_INLINE static void scan_tile(Combine const& combine, T (&v)[tile_size]) {
        for (unsigned stride = 1; stride != tile_size; stride *= 2) {
            T shifted[tile_size];
            for (unsigned k = 0; k != tile_size; ++k) shifted[k] = v[k];
            for (unsigned k = stride; k != tile_size; ++k)
                v[k] = static_cast<T>(combine(shifted[k - stride], shifted[k]));
        }
    }

    template<class Combine>
    HOCKET_ALWAYS_INLINE static T sum_tile(Combine const& combine, T const (&v)[tile_size]) {
        T const left =
            static_cast<T>(combine(static_cast<T>(combine(v[0], v[1])), static_cast<T>(combine(v[2], v[3]))));
        T const right =
            static_cast<T>(combine(static_cast<T>(combine(v[4], v[5])), static_cast<T>(combine(v[6], v[7]))));
        return static_cast<T>(combine(left, right));
    }

    template<class Pace>
    HOCKET_ALWAYS_INLINE static T sum_tiles(Op const& combine, In& from, std::uint64_t& i, std::uint64_t last,
                                            Pace& pace) {
        T values[tile_size];
        load_tile(from, values);
        T total = sum_tile(combine, values);
        if (pace.is_slow()) pace.has_run(tile_size);
        i += tile_size;
        for (std::uint64_t const tiles = last - (last - i) % tile_size; i != tiles;) {
            std::uint64_t const stop = pace.next_whole(i, tiles, tile_size);
            if (pace.is_slow()) {
                add_tile_slowly(combine, total, from);
                i += tile_size;
            }
            for (; i != stop; i += tile_size) {
                keep_iterations_apart();
                load_tile(from, values);
                total = static_cast<T>(combine(total, sum_tile(combine, values)));
            }
        }
        for (; i != last; ++i, ++from) fold_in(combine, total, *from);
        return total;
    }

    template<bool has_prefix, class Combine>
    HOCKET_ALWAYS_INLINE static T behind(Combine const& combine, T const& prefix, T const& local) {
        if constexpr (has_prefix)
            return static_cast<T>(combine(prefix, local));
        else
            return local;
    }

    template<bool has_prefix, class Combine>
    HOCKET_ALWAYS_INLINE static void next_tile(Combine const& combine, T const& prefix, In& from, Out& to, T& local,
                                               T& before) {
        T values[tile_size];
        load_tile(from, values);
        scan_tile(combine, values);
        if constexpr (kind == scan_kind::inclusive) {
            for (unsigned k = 0; k != tile_size; ++k, ++to) *to = static_cast<T>(combine(before, values[k]));
        } else {
            *to = before;
            ++to;
            for (unsigned k = 1; k != tile_size; ++k, ++to) *to = static_cast<T>(combine(before, values[k - 1]));
        }
        local = static_cast<T>(combine(local, values[tile_size - 1]));
        before = behind<has_prefix>(combine, prefix, local);
    }

    // With a look before each call.

    template<bool has_prefix>
    HOCKET_COLD static void next_tile_slowly(Op const& combine, T const& prefix, In& from, Out& to, T& local,
                                             T& before) {
        next_tile<has_prefix>(looking_call<Op>{combine}, prefix, from, to, local, before);
    }
    HOCKET_COLD static void add_tile_slowly(Op const& combine, T& total, In& from) {
        looking_call<Op> const slow{combine};
        T values[tile_size];
        load_tile(from, values);
        total = static_cast<T>(slow(total, sum_tile(slow, values)));
    }

    /// `local`: the sum of the block so far, grouped as `sum` groups it. `before`: the same behind `prefix`.
    template<bool has_prefix>
    HOCKET_ALWAYS_INLINE static T scan_tiles(Op const& combine, T const prefix, In& from, Out& to, std::uint64_t& i,
                                             std::uint64_t last) {
        T local{}, before = prefix;
        std::uint64_t const start = i;
        T values[tile_size];
        if (last - i >= tile_size) {
            stop_pace pace;
            load_tile(from, values);
            scan_tile(combine, values);
            for (unsigned k = 0; k != tile_size; ++k, ++to) {
                if constexpr (kind == scan_kind::inclusive)
                    *to = behind<has_prefix>(combine, prefix, values[k]);
                else
                    *to = k == 0 ? prefix : static_cast<T>(combine(prefix, values[k - 1]));
            }
            local = values[tile_size - 1];
            before = behind<has_prefix>(combine, prefix, local);
            i += tile_size;
            pace.has_run(tile_size);
            for (std::uint64_t const tiles = last - (last - i) % tile_size; i != tiles;) {
                std::uint64_t const stop = pace.next_whole(i, tiles, tile_size);
                if (pace.is_slow()) {
                    next_tile_slowly<has_prefix>(combine, prefix, from, to, local, before);
                    i += tile_size;
                }
                for (; i != stop; i += tile_size) {
                    keep_iterations_apart();
                    next_tile<has_prefix>(combine, prefix, from, to, local, before);
                }
            }
        }
        for (; i != last; ++i, ++from, ++to) {
            T const value = static_cast<T>(*from);
            local = i == start ? value : static_cast<T>(combine(local, value));
            T const next = behind<has_prefix>(combine, prefix, local);
            if constexpr (kind == scan_kind::inclusive)
                *to = next;
            else
                *to = before;
            before = next;
        }
        return before;
    }
};

} // namespace hocket::detail
