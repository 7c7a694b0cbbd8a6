// SPDX-License-Identifier: MIT
// Long items by std::transform, and one after the other from the stream.
#include "problem.hpp"

namespace hocket_bench::long_map_problem {
namespace {

[[maybe_unused]] bool const maps = add_maps(serially, [](int) {
    return [](items const& from, auto const& f) {
        items made(from.size());
        std::transform(from.begin(), from.end(), made.begin(), f);
        return made;
    };
});

[[maybe_unused]] bool const stream = add_stream(serially, [](int) {
    return [](numbers& from, auto const& f, std::size_t count) {
        items made;
        for (auto const x : from) {
            made.push_back(f(x));
            if (made.size() == count) break;
        }
        return made;
    };
});

} // namespace
} // namespace hocket_bench::long_map_problem
