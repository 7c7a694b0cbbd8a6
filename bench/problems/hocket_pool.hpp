// SPDX-License-Identifier: MIT
// A pool of hocket with a given number of workers, and a way to run the root of nested joins on it.
#pragma once

#include <hocket/fork_join/join.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstddef>
#include <memory>
#include <tuple>

namespace hocket_bench {

inline auto make_pool(int threads) {
    return std::make_shared<hocket::thread_pool>(hocket::pool_options{.workers = static_cast<std::size_t>(threads)});
}

/// Runs `f` on the pool by the calling thread and returns its result; joins inside need not name the pool.
template<class F>
auto on(hocket::thread_pool& pool, F&& f) {
    return std::get<0>(hocket::join(pool, f, [] { return 0; }));
}

} // namespace hocket_bench
