// SPDX-License-Identifier: MIT
// Searches for a number with a wanted hash in several places at once, and stops all other searches when one has found
// it.
// usage: first_answer
#include <hocket/future.hpp>
#include <hocket/loop.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

std::uint64_t hash(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}
bool is_wanted(std::uint64_t x) { return hash(x) >> 44 == 0; } // one number in a million

int main() {
    // Four infinite searches: the losers see that they were stopped, and those that have not begun never do.
    std::vector<hocket::future<std::uint64_t>> searches;
    for (std::uint64_t place = 0; place < 4; ++place)
        searches.push_back(hocket::submit([place]() -> std::uint64_t {
            for (std::uint64_t x = place << 60; !hocket::this_task::stop_requested(); ++x)
                if (is_wanted(x)) return x;
            return 0;
        }));
    auto const first = hocket::when_any(std::move(searches), hocket::cancel_losers).get();
    std::printf("search %zu was the first\n", first.index);

    // A loop that is stopped by a token throws, so it cannot be mistaken for a finished one.
    hocket::stop_source found;
    std::atomic<std::uint64_t> answer{0};
    int told = 0;
    hocket::stop_callback const tell(found.get_token(), [&] { ++told; });
    bool stopped = false;
    try {
        hocket::parallel_for(std::uint64_t{1}, ~std::uint64_t{0},
                             [&](std::uint64_t x) {
                                 if (!is_wanted(x)) return;
                                 answer = x;
                                 found.request_stop();
                             },
                             {.stop = found.get_token()});
    } catch (hocket::operation_cancelled const&) {
        stopped = true;
    }
    std::printf("the loop was %s\n", stopped ? "stopped by its token" : "never stopped");

    // A timeout stops a loop, too.
    std::atomic<bool> late = false;
    try {
        hocket::parallel_for(std::uint64_t{1}, ~std::uint64_t{0},
                             [&](std::uint64_t x) {
                                 if (is_wanted(x)) answer = x;
                             },
                             {.timeout = std::chrono::milliseconds(20)});
    } catch (hocket::operation_cancelled const&) {
        late = true;
    }
    hocket::stop_token const token = found.get_token();
    return is_wanted(first.value) && is_wanted(answer) && told == 1 && token.stop_requested() && late ? 0 : 1;
}
