// SPDX-License-Identifier: MIT
// Sums and scans of contiguous numbers, by `+`: in vectors of sixteen bytes, which every processor has or the compiler
// splits. Floating-point numbers are grouped as scan_block.hpp groups them under any op, with the same bits. Integers
// wrap around, so their grouping is free. Sums of blocks may overflow where no sum of the result does. scan_block.hpp
// uses it.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory> // declares std::plus as well, without all of <functional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

template<class T>
concept lane_number = (std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 8) ||
                      std::is_same_v<T, float> || std::is_same_v<T, double>;

/// Whether `Op` adds numbers of type T and nothing else.
template<class Op, class T>
inline constexpr bool adds_numbers = lane_number<T> &&
                                     (std::is_same_v<Op, std::plus<>> || std::is_same_v<Op, std::plus<T>>);

/// What numbers are added as: integers without a sign, whose sums may wrap around.
template<class T>
struct lane_type {
    using type = T;
};
template<class T>
    requires std::is_integral_v<T>
struct lane_type<T> {
    using type = std::make_unsigned_t<T>;
};

/// Adds numbers of type T a tile at a time.
template<class T>
class number_lanes {
    static constexpr bool fixed_groups = std::is_floating_point_v<T>;
    static constexpr unsigned lanes = 16 / sizeof(T);
    static constexpr unsigned vectors = fixed_groups ? 8 / lanes : 4;
    static constexpr std::uint64_t tile = std::uint64_t{lanes} * vectors;

    using number = typename lane_type<T>::type;
    typedef number vector __attribute__((vector_size(16)));

    static constexpr number nothing =
        fixed_groups ? static_cast<number>(-0.0) : number{}; // x + nothing is x, also for -0.0

  public:
    /// Of `n` numbers, at least one.
    [[nodiscard]] static T sum(T const* from, std::uint64_t n) noexcept {
        number total = nothing;
        std::uint64_t i = 0;
        if constexpr (fixed_groups) {
            for (; n - i >= tile; i += tile) {
                vector v[vectors];
                load(from + i, v);
                total += sum_of_tile(v);
            }
        } else {
            vector totals[vectors] = {};
            for (; n - i >= tile; i += tile)
                for (unsigned k = 0; k != vectors; ++k) totals[k] += load_one(from + i + k * lanes);
            for (unsigned k = 1; k != vectors; ++k) totals[0] += totals[k];
            for (unsigned k = 0; k != lanes; ++k) total = added(total, totals[0][k]);
        }
        for (; i < n; ++i) total = added(total, static_cast<number>(from[i]));
        return static_cast<T>(total);
    }

    [[nodiscard]] static T joined(T left, T right) noexcept {
        return static_cast<T>(added(static_cast<number>(left), static_cast<number>(right)));
    }

    /// Where a scan reads and writes, which may be the same place. `ahead`: as many bytes, which the core will read
    /// next.
    struct places {
        T const* from;
        T* to;
        T const* ahead;
    };

    /// Scans `n` numbers behind `prefix`, if there is one. Returns what comes before the next ones. With `past_caches`,
    /// what is written goes to memory, if whole vectors can be stored there.
    template<bool exclusive>
    static T scan(T const* prefix, places at, std::uint64_t n, bool past_caches) noexcept {
        bool const aligned = reinterpret_cast<std::uintptr_t>(at.to) % 16 == 0;
        if (!past_caches || !aligned) return scan_to<exclusive, false>(prefix, at, n);
        T const last = scan_to<exclusive, true>(prefix, at, n);
        order_stores_past_caches();
        return last;
    }

  private:
    HOCKET_ALWAYS_INLINE static number added(number a, number b) noexcept { return static_cast<number>(a + b); }

    HOCKET_ALWAYS_INLINE static vector load_one(T const* from) noexcept {
        vector v;
        std::memcpy(&v, from, sizeof v);
        return v;
    }
    HOCKET_ALWAYS_INLINE static void load(T const* from, vector (&v)[vectors]) noexcept {
        for (unsigned k = 0; k != vectors; ++k) v[k] = load_one(from + k * lanes);
    }
    template<bool past_caches>
    HOCKET_ALWAYS_INLINE static void store(T* to, vector v) noexcept {
        if constexpr (past_caches)
            store_past_caches(to, v);
        else
            std::memcpy(static_cast<void*>(to), &v, sizeof v);
    }

    /// The lanes from `first` on of two vectors, each `step` lanes behind the one before it.
    template<unsigned first, unsigned step, unsigned... place>
    HOCKET_ALWAYS_INLINE static vector pick(vector a, vector b, std::integer_sequence<unsigned, place...>) noexcept {
        return __builtin_shufflevector(a, b, (first + step * place)...);
    }
    using each_lane = std::make_integer_sequence<unsigned, lanes>;

    /// Each lane of `v`, `by` places further on; what falls out of `before` comes in.
    template<unsigned by>
    HOCKET_ALWAYS_INLINE static vector shifted(vector before, vector v) noexcept {
        return pick<lanes - by, 1>(before, v, each_lane{});
    }
    HOCKET_ALWAYS_INLINE static vector last_lane(vector v) noexcept { return pick<lanes - 1, 0>(v, v, each_lane{}); }
    HOCKET_ALWAYS_INLINE static vector all_lanes(number x) noexcept { return x - vector{}; } // also -0.0

    /// A tree of neighbours.
    HOCKET_ALWAYS_INLINE static number sum_of_tile(vector (&v)[vectors]) noexcept {
        for (unsigned left = vectors; left != 1; left /= 2)
            for (unsigned k = 0; k != left / 2; ++k)
                v[k] =
                    pick<0, 2>(v[2 * k], v[2 * k + 1], each_lane{}) + pick<1, 2>(v[2 * k], v[2 * k + 1], each_lane{});
        if constexpr (lanes == 2)
            return v[0][0] + v[0][1];
        else
            return (v[0][0] + v[0][1]) + (v[0][2] + v[0][3]);
    }

    /// Each lane with all before it: in the tile where groups are fixed, else in the vector.
    template<unsigned by = 1>
    HOCKET_ALWAYS_INLINE static void scan_tile(vector (&v)[vectors]) noexcept {
        vector const none = all_lanes(nothing);
        if constexpr (by < lanes) {
            vector before = none;
            for (unsigned k = 0; k != vectors; ++k) {
                vector const shift = shifted<by>(before, v[k]);
                if constexpr (fixed_groups) before = v[k];
                v[k] = shift + v[k];
            }
            scan_tile<2 * by>(v);
        } else if constexpr (fixed_groups) {
            for (unsigned stride = 1; stride != vectors; stride *= 2)
                for (unsigned k = vectors; k-- != stride;) v[k] = v[k - stride] + v[k];
        }
    }

    template<bool exclusive, bool past_caches>
    static T scan_to(T const* prefix, places at, std::uint64_t n) noexcept {
        number const start = prefix != nullptr ? static_cast<number>(*prefix) : nothing;
        number local = nothing,
               before = start; // of floating-point numbers: the sum of the block so far, and behind `start`
        vector sum = all_lanes(start);
        std::uint64_t i = 0;
        for (; n - i >= tile; i += tile) {
            for (std::uint64_t byte = 0; byte < tile * sizeof(T); byte += 64)
                __builtin_prefetch(reinterpret_cast<char const*>(at.ahead + i) + byte);
            vector v[vectors], left = all_lanes(nothing);
            load(at.from + i, v);
            scan_tile(v);
            for (unsigned k = 0; k != vectors; ++k) {
                store<past_caches>(at.to + i + k * lanes, sum + (exclusive ? shifted<1>(left, v[k]) : v[k]));
                if constexpr (fixed_groups)
                    left = v[k];
                else
                    sum += last_lane(v[k]);
            }
            if constexpr (fixed_groups) {
                local += v[vectors - 1][lanes - 1];
                sum = all_lanes(start + local);
            }
        }
        if (i != 0) before = sum[0];
        unsigned const rest = static_cast<unsigned>(n - i) % tile;
        T const* const from = at.from + i;
        T* const to = at.to + i;
        for (unsigned k = 0; k < rest; ++k) {
            number const value = static_cast<number>(from[k]);
            number next;
            if constexpr (fixed_groups) {
                local += value;
                next = start + local;
            } else {
                next = added(before, value);
            }
            to[k] = static_cast<T>(exclusive ? before : next);
            before = next;
        }
        return static_cast<T>(before);
    }
};

} // namespace hocket::detail
