// SPDX-License-Identifier: MIT
// Loops over several dimensions, in tiles. Neighbours in all directions run close together, so the surroundings that a
// body reads are still in the cache. Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/range_traits.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// The bounds of a dimension: `{1, ny - 1}`. It is empty if the end does not lie behind the begin.
struct dimension {
    std::uint64_t first;
    std::uint64_t length;

    /// **Throws** std::invalid_argument if there are negative indexes in it.
    template<loop_index First, loop_index Last>
    constexpr dimension(First begin, Last end)
        : first(static_cast<std::uint64_t>(begin)), length(detail::index_length(begin, end)) {
        if (length != 0 && detail::index_less(begin, 0))
            throw std::invalid_argument("hocket: the bounds of extents must not be negative");
    }
};

} // namespace detail

template<std::size_t Rank>
class extents;

namespace detail {

template<class T>
inline constexpr bool is_extents = false;
template<std::size_t Rank>
inline constexpr bool is_extents<extents<Rank>> = true;

} // namespace detail

/// The box that `parallel_for(extents{ny, nx}, body)` runs over: the length of each dimension, the slowest first, or
/// its bounds: `extents{{1, ny - 1}, {1, nx - 1}}`. A negative length counts as 0. The body is called as `body(y, x)`
/// for each element, or in three dimensions as `body(z, y, x)`; the indexes are std::size_t. Tiles run whole unless
/// options ask for less, each of them row by row, the last dimension fastest. `.grain` counts elements. The index of a
/// failure is the index of the element in a row-major array of the size of the box.
template<std::size_t Rank>
class extents {
  public:
    static_assert(Rank >= 1, "extents have at least one dimension");

    template<loop_index... Lengths>
        requires(sizeof...(Lengths) == Rank)
    constexpr extents(Lengths... lengths) : first_{}, lengths_{checked(lengths)...}, tile_{default_tile()} {
        check_size();
    }
    constexpr extents(detail::dimension y, detail::dimension x) requires(Rank == 2)
        : first_{y.first, x.first}, lengths_{y.length, x.length}, tile_{default_tile()} {
        check_size();
    }
    constexpr extents(detail::dimension z, detail::dimension y, detail::dimension x) requires(Rank == 3)
        : first_{z.first, y.first, x.first}, lengths_{z.length, y.length, x.length}, tile_{default_tile()} {
        check_size();
    }
    constexpr extents(detail::dimension t, detail::dimension z, detail::dimension y,
                      detail::dimension x) requires(Rank == 4)
        : first_{t.first, z.first, y.first, x.first},
          lengths_{t.length, z.length, y.length, x.length},
          tile_{default_tile()} {
        check_size();
    }
    /// Says what a dimension is.
    template<class... Wrong>
        requires(sizeof...(Wrong) == Rank && !(loop_index<Wrong> && ...))
    constexpr extents(Wrong...) {
        static_assert(detail::never<Wrong...>,
                      "hocket: extents takes the lengths of the dimensions as integers: extents{ny, nx}; or their "
                      "bounds: extents{{1, ny - 1}, {1, nx - 1}}");
    }

    /// Returns the box with tiles of this shape instead of 32 x 128 or 8 x 8 x 64. A length of 0 means the whole
    /// dimension.
    template<loop_index... Lengths>
        requires(sizeof...(Lengths) == Rank)
    [[nodiscard]] constexpr extents tiled(Lengths... lengths) const {
        extents with = *this;
        with.tile_ = {checked(lengths)...};
        return with;
    }

    /// Returns the first index in a dimension.
    [[nodiscard]] constexpr std::uint64_t first(std::size_t dimension) const noexcept { return first_[dimension]; }
    [[nodiscard]] constexpr std::uint64_t length(std::size_t dimension) const noexcept { return lengths_[dimension]; }
    /// Returns the length of a tile; at least 1, and never longer than the dimension unless that is empty.
    [[nodiscard]] constexpr std::uint64_t tile(std::size_t dimension) const noexcept {
        std::uint64_t const wanted = tile_[dimension];
        std::uint64_t const most = lengths_[dimension] == 0 ? 1 : lengths_[dimension];
        return wanted == 0 || wanted > most ? most : wanted;
    }
    /// Returns how many elements there are.
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        std::uint64_t all = 1;
        for (std::uint64_t const one : lengths_) all *= one;
        return all;
    }

  private:
    template<class Length>
    static constexpr std::uint64_t checked(Length length) noexcept {
        return length > 0 ? static_cast<std::uint64_t>(length) : 0;
    }
    constexpr void check_size() const {
        std::uint64_t all = 1;
        for (std::uint64_t const length : lengths_) {
            if (length != 0 && all > ~std::uint64_t{0} / length)
                throw std::invalid_argument("hocket: extents have more than 2^64 elements");
            all *= length;
        }
    }
    static constexpr std::array<std::uint64_t, Rank> default_tile() noexcept {
        std::array<std::uint64_t, Rank> tile{};
        if constexpr (Rank == 2) {
            tile = {32, 128};
        } else if constexpr (Rank > 2) {
            tile.fill(1);
            tile[Rank - 3] = tile[Rank - 2] = 8;
            tile[Rank - 1] = 64;
        }
        return tile;
    }

    std::array<std::uint64_t, Rank> first_;
    std::array<std::uint64_t, Rank> lengths_;
    std::array<std::uint64_t, Rank> tile_;
};

template<loop_index... Lengths>
extents(Lengths...) -> extents<sizeof...(Lengths)>;

template<class First, class... Wrong>
    requires(!detail::is_extents<First> && !(loop_index<First> && ... && loop_index<Wrong>))
extents(First, Wrong...)
->extents<1 + sizeof...(Wrong)>;

extents(detail::dimension, detail::dimension)->extents<2>;
extents(detail::dimension, detail::dimension, detail::dimension)->extents<3>;
extents(detail::dimension, detail::dimension, detail::dimension, detail::dimension)->extents<4>;

namespace detail {

/// A place in the order of the tiles: the tile, and the element in it.
template<std::size_t Rank>
struct tile_place {
    std::array<std::uint64_t, Rank> first;  // of the tile
    std::array<std::uint64_t, Rank> length; // of the tile: at the edges it is cut
    std::array<std::uint64_t, Rank> within;

    /// The `k`th element, where the tiles are in row-major order, and so are the elements of each tile.
    tile_place(extents<Rank> const& shape, std::uint64_t k) noexcept {
        std::uint64_t sections = 1; // what the lengths of the tile in the dimensions so far multiply to
        for (std::size_t d = 0; d < Rank; ++d) {
            std::uint64_t behind = sections;
            for (std::size_t e = d + 1; e < Rank; ++e) behind *= shape.length(e);
            std::uint64_t const slice = behind * shape.tile(d); // elements in a row of tiles in this dimension
            std::uint64_t const number = k / slice;
            k -= number * slice;
            first[d] = number * shape.tile(d);
            std::uint64_t const rest = shape.length(d) - first[d];
            length[d] = rest < shape.tile(d) ? rest : shape.tile(d);
            sections *= length[d];
        }
        for (std::size_t d = Rank; d-- != 0; k /= length[d]) within[d] = k % length[d];
    }

    std::uint64_t at(std::size_t d) const noexcept { return first[d] + within[d]; }
};

template<std::size_t Rank, class Body>
struct tile_kernel {
    static constexpr bool resumes = true;
    extents<Rank> const& shape;
    Body const& body;

    /// The row-major index: that of the element in a plain array of this shape.
    std::uint64_t element(std::uint64_t k) const noexcept {
        tile_place<Rank> const place(shape, k);
        std::uint64_t index = 0;
        for (std::size_t d = 0; d < Rank; ++d) index = index * shape.length(d) + place.at(d);
        return index;
    }

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Body> run = body;
        std::uint64_t k = first;
        report_position const report(at, k);
        while (k != last) {
            tile_place<Rank> place(shape, k);
            do {
                run_row(run, place, k, last);
            } while (k != last && next_row(place));
        }
    }

  private:
    static constexpr std::size_t fastest = Rank - 1;

    /// Runs the rest of a row of the tile.
    HOCKET_ALWAYS_INLINE void run_row(Body const& run, tile_place<Rank> const& place, std::uint64_t& k,
                                      std::uint64_t last) const {
        std::size_t x = index(place, fastest);
        std::uint64_t const left = place.length[fastest] - place.within[fastest];
        std::uint64_t const end = last - k < left ? last : k + left;
        if constexpr (Rank == 1) {
            for (; k != end; ++k, ++x) run(std::size_t{x});
        } else if constexpr (Rank == 2) {
            for (std::size_t const y = index(place, 0); k != end; ++k, ++x) run(std::size_t{y}, std::size_t{x});
        } else if constexpr (Rank == 3) {
            std::size_t const z = index(place, 0), y = index(place, 1);
            for (; k != end; ++k, ++x) run(std::size_t{z}, std::size_t{y}, std::size_t{x});
        } else {
            [&]<std::size_t... At>(std::index_sequence<At...>) {
                std::size_t const fixed[] = {index(place, At)...};
                for (; k != end; ++k, ++x) run(std::size_t{fixed[At]}..., std::size_t{x});
            }
            (std::make_index_sequence<fastest>());
        }
    }
    std::size_t index(tile_place<Rank> const& place, std::size_t d) const noexcept {
        return static_cast<std::size_t>(shape.first(d) + place.at(d));
    }

    /// Goes to the next row; returns false at the end of the tile.
    static bool next_row(tile_place<Rank>& place) noexcept {
        place.within[fastest] = 0;
        for (std::size_t d = fastest; d-- != 0;) {
            if (++place.within[d] != place.length[d]) return true;
            place.within[d] = 0;
        }
        return false;
    }
};

template<class Body, std::size_t... At>
constexpr bool takes_place(std::index_sequence<At...>) {
    return shared_callable<Body, decltype(static_cast<std::size_t>(At))...>;
}

template<class Body, std::size_t... At>
constexpr bool explain_place(std::index_sequence<At...>) {
    return says_why<Body, decltype(static_cast<std::size_t>(At))...>();
}

template<std::size_t Rank>
inline constexpr bool is_shape<extents<Rank>> = true;

/// Implements `parallel_for` over extents.
template<std::size_t Rank>
struct loop_over_shape<extents<Rank>> {
    template<class Body>
    static auto run(thread_pool& pool, extents<Rank> const& shape, Body const& body, loop_options const& options) {
        constexpr bool fits = takes_place<Body>(std::make_index_sequence<Rank>());
        if constexpr (!fits)
            static_assert(explain_place<Body>(std::make_index_sequence<Rank>()),
                          "the body of parallel_for over extents takes one std::size_t for each dimension");
        else
            detail::guarded_loop(pool, shape.size(), options, tile_kernel<Rank, Body>{shape, body});
    }
};

} // namespace detail
} // namespace hocket
