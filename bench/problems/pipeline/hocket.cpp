// SPDX-License-Identifier: MIT
// pipeline by hocket::pipeline.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/pipeline/pipeline.hpp>

#include <optional>

namespace hocket_bench::pipeline_problem {
namespace {

[[maybe_unused]] bool const rows = add(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](shape const& s) {
        std::uint64_t next = 0;
        std::uint64_t checksum = 0;
        hocket::pipeline(hocket::stage<hocket::serial>([&]() -> std::optional<std::uint64_t> {
                             return next < s.items ? std::optional(next++) : std::nullopt;
                         }),
                         hocket::stage<hocket::parallel>([&](std::uint64_t x) { return chain(x, s.steps); }),
                         hocket::stage<hocket::serial>([&](std::uint64_t x) { checksum = added(checksum, x); }))
            .run(*pool, {.tokens = tokens});
        return checksum;
    };
});

} // namespace
} // namespace hocket_bench::pipeline_problem
