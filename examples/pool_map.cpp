// SPDX-License-Identifier: MIT
// Maps a function over a list with a pool, as Python's `with Pool() as pool: pool.map(f, list)`, next to the serial
// loop.
// usage: pool_map
#include <hocket/hocket.hpp>

#include <cstdio>
#include <vector>

long long largest_prime_factor(long long n) {
    for (long long d = 2; d <= n / d;) n % d == 0 ? n /= d : ++d;
    return n;
}

int main() {
    std::vector<long long> list{11};
    while (list.size() < 16) list.push_back(10 * list.back() + 1); // 11, 111, 1111, ...

    hocket::thread_pool pool;
    std::vector<long long> const by_pool = hocket::parallel_map(pool, list, largest_prime_factor);

    std::vector<long long> by_loop;
    for (long long const n : list) by_loop.push_back(largest_prime_factor(n));

    for (std::size_t i = 0; i < list.size(); ++i) std::printf("%17lld %10lld\n", list[i], by_pool[i]);
    return by_pool == by_loop ? 0 : 1;
}
