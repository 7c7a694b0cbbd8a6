// SPDX-License-Identifier: MIT
// Skynet by hocket::join of ten callables.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <utility>

namespace hocket_bench::skynet_problem {
namespace {

std::int64_t skynet(std::int64_t first, std::int64_t size);

template<std::int64_t... Child>
std::int64_t children(std::int64_t first, std::int64_t size, std::integer_sequence<std::int64_t, Child...>) {
    auto const sums = hocket::join([first, size] { return skynet(first + Child * size, size); }...);
    return std::apply([](auto... sum) { return (sum + ...); }, sums);
}

std::int64_t skynet(std::int64_t first, std::int64_t size) {
    if (size == 1) {
        conceal(first);
        return first;
    }
    return children(first, size / 10, std::make_integer_sequence<std::int64_t, 10>());
}

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](std::int64_t size) { return on(*pool, [size] { return skynet(0, size); }); };
});

} // namespace
} // namespace hocket_bench::skynet_problem
