// SPDX-License-Identifier: MIT
// Tries all settings of a simulation in other processes: a failed one is tried again, and a bar shows the progress.
// usage: remote_sweep
#include <hocket/progress.hpp>
#include <hocket/remote.hpp>

#include <atomic>
#include <cstdio>
#include <random>
#include <stdexcept>
#include <vector>

struct setting {
    double step = 0;
    unsigned seed = 0;
};

std::atomic<int> tries = 0; // each process has its own

double distance_walked(setting const& s) {
    if (++tries % 50 == 0) throw std::runtime_error("this machine has a bad day");
    std::mt19937 random(s.seed); // by setting and not by process: equal walks everywhere
    std::uniform_real_distribution<double> turn(-1, 1);
    double x = 0, y = 0;
    for (int i = 0; i < 20'000; ++i) {
        x += s.step * turn(random);
        y += s.step * turn(random);
    }
    return x * x + y * y;
}

int main(int argc, char** argv) {
    hocket::session session(argc, argv);
    auto& all = hocket::cluster();
    std::vector<hocket::ref<double>> found;
    for (unsigned seed = 0; seed < 40; ++seed)
        for (int step = 1; step <= 5; ++step)
            found.push_back(
                submit(all, distance_walked, setting{step / 10.0, seed}, {.retries = 2, .retry_errors = true}));

    hocket::terminal_progress bar("walking", found.size());
    std::vector<double> farthest(6);
    for (std::size_t i = 0; i < found.size(); ++i) {
        double& most = farthest[i % 5 + 1];
        if (found[i].get() > most) most = found[i].get();
        bar.advance(1);
    }
    for (int step = 1; step <= 5; ++step)
        std::printf("step 0.%d: at most %.1f\n", step, farthest[static_cast<std::size_t>(step)]);
}
