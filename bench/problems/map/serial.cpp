// SPDX-License-Identifier: MIT
// map by std::transform.
#include "problem.hpp"

namespace hocket_bench::map_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    auto const into = [](items const& from, items& to) {
        std::transform(from.begin(), from.end(), to.begin(), mapped);
    };
    return std::pair(
        [into](items const& from) {
            items made(from.size());
            into(from, made);
            return made;
        },
        into);
});

} // namespace
} // namespace hocket_bench::map_problem
