// SPDX-License-Identifier: MIT
// Long items by hocket::parallel_map and hocket::parallel_imap.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/stream/parallel_imap.hpp>

namespace hocket_bench::long_map_problem {
namespace {

auto make_map(int threads) {
    return
        [pool = make_pool(threads)](items const& from, auto const& f) { return hocket::parallel_map(*pool, from, f); };
}

auto make_stream(int threads) {
    return [pool = make_pool(threads)](numbers& from, auto const& f, std::size_t count) {
        items made;
        for (auto const x : hocket::parallel_imap(*pool, from, f, {.lookahead = lookahead})) {
            made.push_back(x);
            if (made.size() == count) break;
        }
        return made;
    };
}

[[maybe_unused]] bool const maps = add_maps(by_hocket, make_map);
[[maybe_unused]] bool const stream = add_stream(by_hocket, make_stream);
[[maybe_unused]] bool const quotient = add_quotient(by_hocket, make_map, make_stream);

} // namespace
} // namespace hocket_bench::long_map_problem
