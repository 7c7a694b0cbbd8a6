// SPDX-License-Identifier: MIT
// Calls in place of tasks and continuations, and std::promise.
#include "problem.hpp"

#include <future>

namespace hocket_bench::future_problem {
namespace {

[[gnu::noinline]] std::uint64_t task(std::uint64_t i) {
    conceal(i);
    return i;
}

[[maybe_unused]] bool const rows[] = {
    add_submit(serially,
               [](int) {
                   return [](std::uint64_t n) {
                       std::uint64_t sum = 0;
                       for (std::uint64_t i = 0; i < n; ++i) {
                           sum += task(i);
                       }
                       return sum;
                   };
               }),
    add_promise(serially,
                [](std::uint64_t n) {
                    std::uint64_t sum = 0;
                    for (std::uint64_t i = 0; i < n; ++i) {
                        std::promise<std::uint64_t> promise;
                        std::future<std::uint64_t> future = promise.get_future();
                        promise.set_value(i);
                        sum += future.get();
                    }
                    return sum;
                }),
    add_then(serially,
             [](int) {
                 return [](std::uint64_t n) {
                     std::uint64_t x = 0;
                     for (std::uint64_t i = 0; i < n; ++i) {
                         x = task(x + 1);
                     }
                     return x;
                 };
             }),
};

} // namespace
} // namespace hocket_bench::future_problem
