// SPDX-License-Identifier: MIT
// Loops over two or three dimensions, in tiles: neighbours in all directions are run close together, so what a body reads of
// its surroundings is still in the cache.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket {

/// How long each dimension is, the slowest first: `extents{ny, nx}`, `extents{nz, ny, nx}`. A negative length is none.
template<std::size_t Rank>
class extents {
  public:
    static_assert(Rank >= 2 && Rank <= 3, "extents have two or three dimensions");

    template<loop_index... Lengths>
        requires(sizeof...(Lengths) == Rank)
    constexpr extents(Lengths... lengths) : lengths_{checked(lengths)...}, tile_{default_tile()} {
        std::uint64_t all = 1;
        for (std::uint64_t const length : lengths_) {
            if (length != 0 && all > ~std::uint64_t{0} / length)
                throw std::invalid_argument("hocket: extents with more than 2^64 elements");
            all *= length;
        }
    }

    /// The same with tiles of this shape instead of 32 x 128 or 8 x 8 x 64. A length of 0 means the whole dimension.
    template<loop_index... Lengths>
        requires(sizeof...(Lengths) == Rank)
    [[nodiscard]] constexpr extents tiled(Lengths... lengths) const {
        extents with = *this;
        with.tile_ = {checked(lengths)...};
        return with;
    }

    [[nodiscard]] constexpr std::uint64_t length(std::size_t dimension) const noexcept { return lengths_[dimension]; }
    /// Of a tile; at least 1, and never longer than the dimension unless that is empty.
    [[nodiscard]] constexpr std::uint64_t tile(std::size_t dimension) const noexcept {
        std::uint64_t const wanted = tile_[dimension];
        std::uint64_t const most = lengths_[dimension] == 0 ? 1 : lengths_[dimension];
        return wanted == 0 || wanted > most ? most : wanted;
    }
    /// How many elements there are.
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
    static constexpr std::array<std::uint64_t, Rank> default_tile() noexcept {
        if constexpr (Rank == 2)
            return {32, 128};
        else
            return {8, 8, 64};
    }

    std::array<std::uint64_t, Rank> lengths_;
    std::array<std::uint64_t, Rank> tile_;
};

template<loop_index... Lengths>
extents(Lengths...) -> extents<sizeof...(Lengths)>;

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
struct tile_leaf {
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

    /// The rest of a row of the tile.
    HOCKET_ALWAYS_INLINE static void run_row(Body const& run, tile_place<Rank> const& place, std::uint64_t& k,
                                             std::uint64_t last) {
        std::size_t x = static_cast<std::size_t>(place.at(fastest));
        std::uint64_t const left = place.length[fastest] - place.within[fastest];
        std::uint64_t const end = last - k < left ? last : k + left;
        std::size_t const y = static_cast<std::size_t>(place.at(fastest - 1));
        if constexpr (Rank == 2)
            for (; k != end; ++k, ++x) run(std::size_t{y}, std::size_t{x});
        else
            for (std::size_t const z = static_cast<std::size_t>(place.at(0)); k != end; ++k, ++x)
                run(std::size_t{z}, std::size_t{y}, std::size_t{x});
    }

    /// False at the end of the tile.
    static bool next_row(tile_place<Rank>& place) noexcept {
        place.within[fastest] = 0;
        for (std::size_t d = fastest; d-- != 0;) {
            if (++place.within[d] != place.length[d]) return true;
            place.within[d] = 0;
        }
        return false;
    }
};

template<std::size_t Rank, class Body>
constexpr bool takes_place() {
    if constexpr (Rank == 2)
        return shared_callable<Body, std::size_t, std::size_t>;
    else
        return shared_callable<Body, std::size_t, std::size_t, std::size_t>;
}

} // namespace detail

/// Runs `body(y, x)`, or `body(z, y, x)`, for each element of a box of two or three dimensions: the indexes begin at 0 and are
/// std::size_t. Tiles are run whole where nothing else asks for less, each of them row by row, the last dimension fastest.
/// `.grain` counts elements. An index of a failure is that of the element in a row-major array: y * nx + x.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_for`.
template<std::size_t Rank, class Body>
void parallel_for(thread_pool& pool, extents<Rank> const& shape, Body const& body, loop_options const& options = {}) {
    static_assert(
        detail::takes_place<Rank, Body>(),
        "the body of parallel_for over extents takes one std::size_t for each dimension, and is const: several "
        "threads call it at once (a lambda must not be mutable)");
    detail::guarded_loop(pool, shape.size(), options, detail::tile_leaf<Rank, Body>{shape, body});
}

/// The same on the pool whose worker is calling, else on the default pool.
template<std::size_t Rank, class Body>
void parallel_for(extents<Rank> const& shape, Body const& body, loop_options const& options = {}) {
    parallel_for(detail::current_pool(), shape, body, options);
}

} // namespace hocket
