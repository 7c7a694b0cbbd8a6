// SPDX-License-Identifier: MIT
// One fib(n) by plain recursion, for counting its instructions: fib_once_serial n.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

[[gnu::noinline]] std::uint64_t fib(unsigned n) {
    if (n < 2) {
        return n;
    }
    std::uint64_t const a = fib(n - 1);
    std::uint64_t b = fib(n - 2);
    asm("" : "+r"(b)); // else the second call becomes a loop
    return a + b;
}

} // namespace

int main(int argc, char** argv) {
    auto const n = static_cast<unsigned>(argc > 1 ? std::atoi(argv[1]) : 20);
    std::printf("%llu\n", static_cast<unsigned long long>(fib(n)));
}
