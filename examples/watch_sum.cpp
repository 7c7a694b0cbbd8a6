// SPDX-License-Identifier: MIT
// Looks at long work from time to time: a periodic task beside a loop.
// usage: watch_sum
#include <hocket/join.hpp>
#include <hocket/timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>

int main() {
    std::atomic<long> sum{0};
    std::atomic<int> looks{0};
    hocket::periodic_task watch = hocket::run_every(std::chrono::milliseconds(1), [&] {
        ++looks;
        looks.notify_all();
    });
    hocket::task_group work;
    work.run_bulk(1000, [&](std::size_t i) { sum += static_cast<long>(i); });
    work.wait();
    for (int seen = looks; seen < 3; seen = looks) looks.wait(seen);
    watch.stop();
    std::printf("the sum is %ld, and was looked at three times or more\n", sum.load());
    return watch.calls() >= 3 && !watch.running() ? 0 : 1;
}
