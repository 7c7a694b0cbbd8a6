// SPDX-License-Identifier: MIT
// Starts two functions side by side and waits for both: one submitted, the other called here meanwhile.
// usage: start_and_join
#include <hocket/hocket.hpp>

#include <cstdio>

int main() {
    int const limit = 2'000'000;
    auto const count_multiples_of = [](int step, int below) {
        int count = 0;
        for (int i = 0; i < below; ++i) count += i % step == 0;
        return count;
    };
    hocket::future<int> threes = hocket::submit(count_multiples_of, 3, limit);     // start
    int const sevens = count_multiples_of(7, limit);                               // meanwhile
    std::printf("multiples of 3: %d\nmultiples of 7: %d\n", threes.get(), sevens); // join
}
