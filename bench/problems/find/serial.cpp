// SPDX-License-Identifier: MIT
// find by std::find_if.
#include "problem.hpp"

namespace hocket_bench::find_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return [](values const& from) {
        return static_cast<std::size_t>(std::find_if(from.begin(), from.end(), is_hit) - from.begin());
    };
});

} // namespace
} // namespace hocket_bench::find_problem
