// SPDX-License-Identifier: MIT
// How a block of a scan is summed and scanned. Of floating-point numbers, whose additions the compiler may not reorder and
// of which each waits for the one before it, tiles of eight neighbours are scanned by themselves (Hillis and Steele, Data
// parallel algorithms, CACM 1986), so that the chain has one addition a tile. What std::plus adds goes by vectors.
// Floor: algorithm. parallel_scan and parallel_reduce_by_key use it.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/algorithm/reduce_blocks.hpp>
#include <hocket/algorithm/scan_numbers.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/range_traits.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace hocket::detail {

enum class scan_kind : bool { inclusive, exclusive };

/// Sums and scans of [at, last). When `op` throws, `at` is the element at which it was.
template<class T, scan_kind kind, class In, class Out, class Op>
struct scan_block {
    In const& in;
    Out const& out;
    Op const& op;
    bool past_caches = false; // whether a scan of numbers goes to memory at once

    static constexpr bool sums_lanes = adds_numbers<Op, T> && side_by_side<In, T>;
    static constexpr bool scans_lanes = sums_lanes && side_by_side<Out, T>;
    static constexpr bool tiled = std::is_floating_point_v<T>;
    /// Whether a scan of a block knows what a sum of it would have given: then one thread needs one pass only.
    static constexpr bool scan_gives_sum = std::is_arithmetic_v<T>;

    [[nodiscard]] T sum(std::uint64_t& at, std::uint64_t last) const {
        if constexpr (sums_lanes) return number_lanes<T>::sum(std::to_address(in) + at, last - at);
        std::uint64_t i = at;
        report_position const report(at, i);
        hot_callable<Op> combine = op;
        In from = advanced(in, i);
        if constexpr (tiled) {
            if (last - i >= tile_size) return sum_tiles(combine, from, i, last);
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

    /// Scans with `prefix` as what comes before; an inclusive scan may have none. Returns what comes before the next block.
    /// `ahead`: the first of at least as many elements, which this core will read next.
    T scan(T const* prefix, std::uint64_t& at, std::uint64_t last, [[maybe_unused]] std::uint64_t ahead) const {
        if constexpr (scans_lanes) {
            T const* const from = std::to_address(in);
            return number_lanes<T>::template scan<kind == scan_kind::exclusive>(
                prefix, {from + at, std::to_address(out) + at, from + ahead}, last - at, past_caches);
        }
        std::uint64_t i = at;
        report_position const report(at, i);
        hot_callable<Op> combine = op;
        In from = advanced(in, i);
        Out to = advanced(out, i);
        if constexpr (tiled) {
            if (prefix != nullptr) return scan_tiles<true>(combine, *prefix, from, to, i, last);
            return scan_tiles<false>(combine, T(), from, to, i, last);
        } else if constexpr (kind == scan_kind::inclusive) {
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
    static constexpr unsigned tile_size = 8;

    HOCKET_ALWAYS_INLINE static void load_tile(In& from, T (&values)[tile_size]) {
        for (T& value : values) {
            value = static_cast<T>(*from);
            ++from;
        }
    }

    /// Each value with all before it in the tile: the last is the sum of neighbours, of neighbours, of neighbours.
    HOCKET_ALWAYS_INLINE static void scan_tile(Op const& combine, T (&v)[tile_size]) {
        for (unsigned stride = 1; stride != tile_size; stride *= 2) {
            T shifted[tile_size];
            for (unsigned k = 0; k != tile_size; ++k) shifted[k] = v[k];
            for (unsigned k = stride; k != tile_size; ++k)
                v[k] = static_cast<T>(combine(shifted[k - stride], shifted[k]));
        }
    }

    HOCKET_ALWAYS_INLINE static T sum_tile(Op const& combine, T const (&v)[tile_size]) {
        T const left =
            static_cast<T>(combine(static_cast<T>(combine(v[0], v[1])), static_cast<T>(combine(v[2], v[3]))));
        T const right =
            static_cast<T>(combine(static_cast<T>(combine(v[4], v[5])), static_cast<T>(combine(v[6], v[7]))));
        return static_cast<T>(combine(left, right));
    }

    HOCKET_ALWAYS_INLINE static T sum_tiles(Op const& combine, In& from, std::uint64_t& i, std::uint64_t last) {
        T values[tile_size];
        load_tile(from, values);
        T total = sum_tile(combine, values);
        for (i += tile_size; last - i >= tile_size; i += tile_size) {
            keep_iterations_apart();
            load_tile(from, values);
            total = static_cast<T>(combine(total, sum_tile(combine, values)));
        }
        for (; i != last; ++i, ++from) fold_in(combine, total, *from);
        return total;
    }

    template<bool has_prefix>
    HOCKET_ALWAYS_INLINE static T behind(Op const& combine, T const& prefix, T const& local) {
        if constexpr (has_prefix)
            return static_cast<T>(combine(prefix, local));
        else
            return local;
    }

    /// `local`: the sum of the block so far, grouped as `sum` groups it. `before`: the same behind `prefix`.
    template<bool has_prefix>
    HOCKET_ALWAYS_INLINE static T scan_tiles(Op const& combine, T const prefix, In& from, Out& to, std::uint64_t& i,
                                             std::uint64_t last) {
        T local{}, before = prefix;
        std::uint64_t const start = i;
        T values[tile_size];
        if (last - i >= tile_size) {
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
            for (i += tile_size; last - i >= tile_size; i += tile_size) {
                keep_iterations_apart();
                load_tile(from, values);
                scan_tile(combine, values);
                if constexpr (kind == scan_kind::inclusive) {
                    for (unsigned k = 0; k != tile_size; ++k, ++to) *to = static_cast<T>(combine(before, values[k]));
                } else {
                    *to = before;
                    ++to;
                    for (unsigned k = 1; k != tile_size; ++k, ++to)
                        *to = static_cast<T>(combine(before, values[k - 1]));
                }
                local = static_cast<T>(combine(local, values[tile_size - 1]));
                before = behind<has_prefix>(combine, prefix, local);
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
