// SPDX-License-Identifier: MIT
// Tests of loops over extents: every element once, for all shapes and tiles, and the indexes of failures.
#include <hocket/algorithm/loops/extents.hpp>

#include "algorithm_support.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <stop_token>
#include <vector>

namespace {

using namespace hocket;
using namespace algorithm_test;

TEST(extents, runs_every_place_of_two_dimensions_once) {
    for (thread_pool* pool : pools())
        for (std::size_t const ny : numbers{0, 1, 2, 31, 32, 33, 100})
            for (std::size_t const nx : numbers{0, 1, 3, 127, 128, 130, 300})
                for (std::size_t const tile : numbers{0, 1, 7, 64})
                    for (std::uint64_t const grain : numbers{0, 5}) {
                        std::vector<std::atomic<char>> runs(ny * nx);
                        extents const shape = tile == 0 ? extents{ny, nx} : extents{ny, nx}.tiled(tile, 2 * tile);
                        parallel_for(*pool, shape, [&](std::size_t y, std::size_t x) { ++runs[y * nx + x]; },
                                     {.grain = grain, .schedule = all_schedules[(ny + nx + tile) % 3]});
                        for (auto const& count : runs) ASSERT_EQ(count, 1) << ny << 'x' << nx << '/' << tile;
                    }
}

TEST(extents, runs_every_place_of_three_dimensions_once) {
    for (thread_pool* pool : pools())
        for (std::size_t const nz : numbers{0, 1, 8, 11})
            for (std::size_t const ny : numbers{1, 7, 17})
                for (std::size_t const nx : numbers{1, 64, 70})
                    for (std::size_t const tile : numbers{0, 1, 3}) {
                        std::vector<std::atomic<char>> runs(nz * ny * nx);
                        extents const shape =
                            tile == 0 ? extents{nz, ny, nx} : extents{nz, ny, nx}.tiled(tile, tile + 1, 0);
                        parallel_for(
                            *pool, shape,
                            [&](std::size_t z, std::size_t y, std::size_t x) { ++runs[(z * ny + y) * nx + x]; },
                            {.schedule = all_schedules[(nz + ny + nx) % 3]});
                        for (auto const& count : runs) ASSERT_EQ(count, 1);
                    }
}

TEST(extents, runs_tiles_row_by_row) {
    thread_pool one({.workers = 1});
    std::vector<std::size_t> order;
    parallel_for(one, extents{3, 5}.tiled(2, 3), [&](std::size_t y, std::size_t x) { order.push_back(10 * y + x); });
    EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 10, 11, 12, 3, 4, 13, 14, 20, 21, 22, 23, 24}));
}

TEST(extents, takes_integers_of_all_types_and_refuses_too_many) {
    std::atomic<int> runs = 0;
    auto const count = [&](std::size_t, std::size_t) { ++runs; };
    parallel_for(extents{3, 4U}, count);
    parallel_for(extents{static_cast<short>(2), std::int64_t{5}}, count);
    EXPECT_EQ(runs, 22);
    parallel_for(extents{-3, 4}, count);
    EXPECT_EQ(runs, 22);
    std::uint64_t const huge = std::numeric_limits<std::uint64_t>::max();
    EXPECT_THROW(extents(huge, 2), std::invalid_argument);
    EXPECT_EQ(extents(huge, 1).size(), huge);
}

TEST(extents, names_the_row_major_index_of_what_failed) {
    for (thread_pool* pool : pools()) {
        auto const body = [](std::size_t y, std::size_t x) {
            if ((y == 40 && x == 7) || (y == 3 && x == 150)) throw failure_at(static_cast<int>(y));
        };
        try {
            parallel_for(*pool, extents{50, 200}, body, {.errors = error_policy::collect});
            FAIL();
        } catch (parallel_error const& error) {
            ASSERT_EQ(error.failures().size(), 2U);
            EXPECT_EQ(error.failures()[0].index, 3U * 200 + 150);
            EXPECT_EQ(error.failures()[1].index, 40U * 200 + 7);
            EXPECT_EQ(error.total(), 10'000U);
        }
        EXPECT_THROW(parallel_for(*pool, extents{50, 200}, body), failure_at);
        std::stop_source source;
        auto const stop = [&](std::size_t, std::size_t) { source.request_stop(); };
        EXPECT_THROW(parallel_for(*pool, extents{50, 200}, stop, {.stop = source.get_token()}), operation_cancelled);
    }
}

} // namespace
