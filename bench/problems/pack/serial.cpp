// SPDX-License-Identifier: MIT
// A half of the numbers by std::copy_if.
#include "problem.hpp"

#include <iterator>

namespace hocket_bench::pack_problem {
namespace {

[[maybe_unused]] bool const rows = add(serially, [](int) {
    return std::pair(
        [](numbers const& in, numbers& out) {
            return std::size_t(std::copy_if(in.begin(), in.end(), out.begin(), chosen) - out.begin());
        },
        [](numbers const& in) {
            numbers made;
            std::copy_if(in.begin(), in.end(), std::back_inserter(made), chosen);
            return made;
        });
});

} // namespace
} // namespace hocket_bench::pack_problem
