// SPDX-License-Identifier: MIT
// The first program: counts primes with a plain loop and with hocket, and prints which cores took part and why.
// usage: hello_speedup [limit]
#include <hocket/hocket.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

bool is_prime(int n) {
    if (n % 2 == 0) return n == 2;
    for (int d = 3; d <= n / d; d += 2)
        if (n % d == 0) return false;
    return n > 1;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

int main(int argc, char** argv) {
    int const limit = argc > 1 ? std::atoi(argv[1]) : 5'000'000;
    hocket::thread_pool& pool = hocket::default_pool();
    std::printf("%s", pool.describe().c_str());

    auto start = std::chrono::steady_clock::now();
    int serial = 0;
    for (int n = 0; n < limit; ++n) serial += is_prime(n);
    double const serial_seconds = seconds_since(start);

    start = std::chrono::steady_clock::now();
    int const parallel = hocket::parallel_transform_reduce(
        0, limit, 0, [](int a, int b) { return a + b; }, [](int n) { return int{is_prime(n)}; });
    double const parallel_seconds = seconds_since(start);

    std::printf("primes below %d: %d\n", limit, parallel);
    std::printf("serial   %8.3f s\n", serial_seconds);
    std::printf("parallel %8.3f s\n", parallel_seconds);
    std::printf("speed-up %8.2f x on %zu cores\n", serial_seconds / parallel_seconds, pool.size());
    return serial == parallel ? 0 : 1;
}
