// SPDX-License-Identifier: MIT
// A tbb::task_group that runs one task and is waited for.
#include "../tbb_threads.hpp"
#include "problem.hpp"

#include <tbb/task_group.h>

namespace hocket_bench::future_problem {
namespace {

[[maybe_unused]] bool const rows = add_submit(by_tbb, [](int threads) {
    return [limit = limit_tbb(threads)](std::uint64_t n) {
        tbb::task_group group;
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < n; ++i) {
            std::uint64_t result = 0;
            group.run([&result, i] { result = i; });
            group.wait();
            sum += result;
        }
        return sum;
    };
});

} // namespace
} // namespace hocket_bench::future_problem
