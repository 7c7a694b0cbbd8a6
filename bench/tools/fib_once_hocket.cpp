// SPDX-License-Identifier: MIT
// One fib(n) by joins on a single worker, for counting its instructions: fib_once_hocket n.
#include <hocket/fork_join/join.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

std::uint64_t fib(unsigned n) {
    if (n < 2) {
        return n;
    }
    auto const [a, b] = hocket::join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
    return a + b;
}

} // namespace

int main(int argc, char** argv) {
    auto const n = static_cast<unsigned>(argc > 1 ? std::atoi(argv[1]) : 20);
    hocket::thread_pool pool({.workers = 1});
    auto const [value, nothing] = hocket::join(
        pool, [n] { return fib(n); }, [] { return 0; });
    std::printf("%llu\n", static_cast<unsigned long long>(value));
}
