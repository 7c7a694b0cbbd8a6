// SPDX-License-Identifier: MIT
// Divides a list by hand into chunks: one task for each, collects the futures, adds up. Then does so in one line, where
// the program need not choose the number of chunks.
// usage: chunks_by_hand
#include <hocket/hocket.hpp>

#include <cstdio>
#include <span>
#include <vector>

long long sum_of(std::span<long long const> chunk) {
    long long sum = 0;
    for (long long const element : chunk) sum += element;
    return sum;
}

int main() {
    auto const square = [](long long n) { return n * n; };
    std::vector<long long> const list = hocket::parallel_map(0LL, 2'000'000LL, square);
    std::size_t const chunks = 8;

    std::vector<hocket::future<long long>> sums;
    for (std::size_t i = 0; i < chunks; ++i) {
        std::size_t const first = list.size() * i / chunks, last = list.size() * (i + 1) / chunks;
        sums.push_back(hocket::submit(sum_of, std::span(list).subspan(first, last - first)));
    }
    long long by_hand = 0;
    for (hocket::future<long long>& sum : sums) by_hand += sum.get();

    long long const in_a_line = hocket::parallel_reduce(list, 0LL, [](long long a, long long b) { return a + b; });

    long long const serial = sum_of(list);
    std::printf("serial    %lld\nby hand   %lld\nin a line %lld\n", serial, by_hand, in_a_line);
    return by_hand == serial && in_a_line == serial ? 0 : 1;
}
