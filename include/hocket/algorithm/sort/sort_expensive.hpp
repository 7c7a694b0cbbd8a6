// SPDX-License-Identifier: MIT
// Sorts few elements whose comparisons are expensive in pieces, which are merged. If their keys are expensive, computes
// them once. A look at the clock tells such elements from others, which one worker has sorted before a second worker is
// awake. The sorts and the selection use it.
#pragma once

#include <hocket/algorithm/sort/detect_runs.hpp>
#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/base/config.hpp>
#include <hocket/loop/loop.hpp>
#include <hocket/loop/stop_pace.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The length from which ranges are cut into enough blocks anyway.
inline constexpr std::size_t most_slow = std::size_t{1} << 16;

/// The length below which a look at the clock does not pay.
inline constexpr std::size_t least_timed = 64;

/// Returns whether comparisons of the `n` elements are so expensive that sharing them pays. It times some comparisons
/// of neighbours.
template<class T, class Less>
[[nodiscard]] bool takes_long(T const* v, std::size_t n, std::size_t comparisons, Less const& less) {
    constexpr std::size_t most_asked = 64;
    if (n < least_timed) return false;
    std::size_t const asked = n / 16 < most_asked ? n / 16 : most_asked;
    double const each = detail::ticks_of_a_call(
        asked, [&](std::uint64_t i) { return static_cast<bool>(less(v[2 * i + 1], v[2 * i])); });
    return each * static_cast<double>(comparisons) > static_cast<double>(4 * loop_times::get().share_cold);
}

/// Returns whether the comparisons of a sort of the `n` elements are so expensive that sharing them pays.
template<class T, class Less>
[[nodiscard]] bool takes_long_to_sort(T const* v, std::size_t n, Less const& less) {
    return detail::takes_long(v, n, n * static_cast<std::size_t>(std::bit_width(n)), less);
}

/// An expensive comparator, without its type. Each call checks first whether the sort was stopped.
template<class T>
class slow_less {
  public:
    template<class Less>
    explicit slow_less(Less const& less) noexcept
        : less_(std::addressof(less)), ask_([](void const* self, T const& a, T const& b) {
              return static_cast<bool>((*static_cast<Less const*>(self))(a, b));
          }) {}
    bool operator()(T const& a, T const& b) const {
        look_at_stop();
        return ask_(less_, a, b);
    }

  private:
    void const* less_;
    bool (*ask_)(void const*, T const&, T const&);
};
template<class Less>
inline constexpr bool is_slow_less = false;
template<class T>
inline constexpr bool is_slow_less<slow_less<T>> = true;

/// Fewer elements are through with comparisons before it is worth asking about one, unless a stop may come.
inline constexpr std::size_t least_asked = 256;

/// Times a comparison of two elements. Returns false if it failed.
template<class T, class Less>
[[nodiscard]] bool ask_whether_slow(sort_run const& run, T const* v, std::size_t n, Less const& less, bool& slow) {
    if (n < least_asked && !run.may_stop()) return true;
    return run.once([&](std::uint64_t) { slow = is_slow_call([&] { return static_cast<bool>(less(v[1], v[0])); }); });
}

/// Sorts at least two, but few, elements in place.
template<class T, class Less>
void sort_few(sort_run const& run, T* v, std::size_t n, Less const& less) {
    static_cast<void>(run.once([&](std::uint64_t) {
        if (run.may_stop() && is_slow_call([&] { return static_cast<bool>(less(v[1], v[0])); }))
            detail::insert_rest(v, 1, n, slow_less<T>(less));
        else
            detail::insert_rest(v, 1, n, less);
        run.finished(n);
    }));
}

/// Sorts `v` stably. Returns false, with all elements in `v`, if it was not completed.
template<class T, class Less>
[[nodiscard]] bool sort_expensive(sort_run const& run, T* v, std::size_t n, T* scratch, Less const& less) {
    std::size_t const wanted = std::bit_ceil(4 * run.workers());
    std::size_t const share = (n - 1) / wanted + 1;
    std::size_t const piece = share < 8 ? 8 : share;
    std::size_t const pieces = (n - 1) / piece + 1;
    std::vector<std::size_t> ends(pieces);
    for (std::size_t k = 0; k < pieces; ++k) ends[k] = k + 1 == pieces ? n : (k + 1) * piece;
    if (!run.each(pieces, 0, piece, [&](std::uint64_t k) {
            std::size_t const first = k * piece;
            detail::sort_base_case(v + first, ends[k] - first, scratch + first, less);
        }))
        return false;
    return detail::merge_pattern(run, v, n, scratch, ends, piece, less);
}

/// An element and the bits of its key.
template<class T, class Key>
struct keyed_copy {
    Key key;
    T element;
};

/// Sorts `v` stably by `bits(element)`, which is called once for each element. Returns false, with `v` as it was, if it
/// was not completed.
template<class T, class Bits>
[[nodiscard]] bool sort_by_slow_keys(sort_run const& run, T* v, std::size_t n, Bits const& bits) {
    using pair = keyed_copy<T, typename Bits::bits>;
    plain_array<pair> const room(2 * n);
    pair* const pairs = room.data();
    if (!run.each(n, 0, 1, [&](std::uint64_t i) { detail::put(pairs + i, pair{bits(v[i]), v[i]}); })) return false;
    detail::sort_base_case(pairs, n, pairs + n, [](pair const& a, pair const& b) { return a.key < b.key; });
    for (std::size_t i = 0; i < n; ++i) detail::put(v + i, pairs[i].element);
    run.finished(n);
    return true;
}

} // namespace hocket::detail
