// SPDX-License-Identifier: MIT
// hocket::submit, promise and then. A thread of the pool submits tasks; with one worker no other thread runs.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>

#include <utility>

namespace hocket_bench::future_problem {
namespace {

std::uint64_t submit_and_get(std::uint64_t n) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
        sum += hocket::submit([i] { return i; }).get();
    }
    return sum;
}

std::uint64_t chain(std::uint64_t n) {
    auto end = hocket::make_ready_future(std::uint64_t{0});
    for (std::uint64_t i = 0; i < n; ++i) {
        end = std::move(end).then([](std::uint64_t x) { return x + 1; });
    }
    return std::move(end).get();
}

/// Runs a chain in which each link might have further continuations, so a thread other than the waiting one runs the
/// chain.
std::uint64_t named_chain(std::uint64_t n) {
    auto end = hocket::make_ready_future(std::uint64_t{0});
    for (std::uint64_t i = 0; i < n; ++i) {
        end = end.then([](std::uint64_t x) { return x + 1; });
    }
    return std::move(end).get();
}

template<class F>
auto in_pool(F f) {
    return [f](int threads) {
        return [f, pool = make_pool(threads)](std::uint64_t n) { return on(*pool, [f, n] { return f(n); }); };
    };
}

[[maybe_unused]] bool const rows[] = {
    add_submit(by_hocket, in_pool(submit_and_get)),
    add_promise(by_hocket,
                [](std::uint64_t n) {
                    std::uint64_t sum = 0;
                    for (std::uint64_t i = 0; i < n; ++i) {
                        hocket::promise<std::uint64_t> promise;
                        hocket::future<std::uint64_t> future = promise.get_future();
                        promise.set_value(i);
                        sum += std::move(future).get();
                    }
                    return sum;
                }),
    add_then(by_hocket, in_pool(chain)),
    add_then(by_hocket, in_pool(named_chain), "future_then_named"),
    add_allocations(by_hocket, in_pool(submit_and_get), in_pool(chain)),
};

} // namespace
} // namespace hocket_bench::future_problem
