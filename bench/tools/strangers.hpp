// SPDX-License-Identifier: MIT
// The part of the machine that other processes (and the host of a virtual machine) used while one of our programs ran.
#pragma once

#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace hocket_bench {

/// Measures from its construction on.
class strangers {
  public:
    /// Returns the processors that other processes kept busy since then, on average. Call it after the watched program
    /// was waited for.
    double busy_processors() const {
        auto const now = sample();
        double const wall = now.wall - begin_.wall;
        return wall > 0 ? (now.all - begin_.all - (now.ours - begin_.ours)) / wall : 0;
    }

  private:
    struct times { // in seconds
        double wall;
        double all;
        double ours;
    };

    static double seconds(timeval t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; }

    static double own(int who) {
        rusage usage{};
        getrusage(who, &usage);
        return seconds(usage.ru_utime) + seconds(usage.ru_stime);
    }

    static times sample() {
        std::ifstream file("/proc/stat");
        std::string label;
        double user = 0, nice = 0, system = 0, idle = 0, io = 0, irq = 0, soft_irq = 0, stolen = 0;
        file >> label >> user >> nice >> system >> idle >> io >> irq >> soft_irq >> stolen;
        auto const ticks = double(sysconf(_SC_CLK_TCK));
        auto const processors = double(sysconf(_SC_NPROCESSORS_ONLN));
        double const busy = user + nice + system + irq + soft_irq + stolen;
        return {(busy + idle + io) / ticks / processors, busy / ticks, own(RUSAGE_SELF) + own(RUSAGE_CHILDREN)};
    }

    times begin_ = sample();
};

} // namespace hocket_bench
