// SPDX-License-Identifier: MIT
// Roots by std::transform.
#include "problem.hpp"

namespace hocket_bench::transform_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return [](numbers const& from) {
        numbers made(from.size());
        std::transform(from.begin(), from.end(), made.begin(), root);
        return made;
    };
});

} // namespace
} // namespace hocket_bench::transform_problem
