// SPDX-License-Identifier: MIT
// fib twice: as a compiler leaves it to a parallel program (one call a node), and as it may inline it in a serial one.
#include "problem.hpp"

namespace hocket_bench::fib_problem {
namespace {

[[gnu::noinline]] std::uint64_t plain(unsigned n) {
    if (n < 2) {
        return n;
    }
    std::uint64_t const a = plain(n - 1);
    std::uint64_t b = plain(n - 2);
    asm("" : "+r"(b)); // else the second call becomes a loop
    return a + b;
}

std::uint64_t inlined(unsigned n) { return n < 2 ? n : inlined(n - 1) + inlined(n - 2); }

[[maybe_unused]] bool const rows[] = {
    add("fib", serially, large, [](int) { return plain; }),
    add("fib_inlined", serially, large, [](int) { return inlined; }),
};

} // namespace
} // namespace hocket_bench::fib_problem
