// SPDX-License-Identifier: MIT
// Measures calls, actors and values on whatever engine the program is started with; the shapes are those of Ray's own
// microbenchmark. Prints a line for each row: its name, its value, its unit. Checks every answer.
// usage: [HOCKET_ENGINE=processes] remote_calls [row...]
#include <hocket/remote.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using bench_clock = std::chrono::steady_clock;

constexpr int window = 1'000;
constexpr std::size_t large = 100'000'000; // bytes

double seconds_since(bench_clock::time_point start) {
    return std::chrono::duration<double>(bench_clock::now() - start).count();
}

void require(bool right, char const* what) {
    if (right) return;
    std::fprintf(stderr, "remote_calls: a wrong answer: %s\n", what);
    std::exit(1);
}

int add_one(int x) { return x + 1; }
int length_of(std::string_view text) { return static_cast<int>(text.size()); }
int first_of(std::span<char const> bytes) { return bytes[0]; }
int count_of(std::vector<ref<int>> refs) { return static_cast<int>(refs.size()); }
int sleep_1ms(int x) {
    auto const start = bench_clock::now();
    while (seconds_since(start) < 1e-3) {
    }
    return x;
}
double cpu_seconds_of_process() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
double cpu_seconds_of(int) { return cpu_seconds_of_process(); }
int pid_of(int) { return static_cast<int>(getpid()); }
int sleep_long(int x) {
    std::this_thread::sleep_for(60s);
    return x;
}

struct counter {
    int n = 0;
    int add(int x) { return n += x; }
};

/// Returns the highest rate of operations in a second, where each `round` makes `each` of them: rounds of at least 0.2
/// s, best of five.
template<class Round>
double best_rate(int each, Round round) {
    round(); // warms up
    double best = 0;
    for (int turn = 0; turn < 5; ++turn) {
        auto const start = bench_clock::now();
        double done = 0;
        double taken = 0;
        do {
            round();
            done += each;
        } while ((taken = seconds_since(start)) < 0.2);
        best = std::max(best, done / taken);
    }
    return best;
}

/// Returns the median of the seconds that `round` returns.
template<class Round>
double median_of(int turns, Round round) {
    std::vector<double> taken;
    for (int i = 0; i < turns; ++i) taken.push_back(round());
    std::nth_element(taken.begin(), taken.begin() + turns / 2, taken.end());
    return taken[static_cast<std::size_t>(turns) / 2];
}

struct rows {
    std::vector<std::string> wanted;

    bool has(std::string_view name) const {
        return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    }
    template<class Measure>
    void operator()(char const* name, char const* unit, Measure measure) const {
        if (!has(name)) return;
        std::printf("%s\t%.4g\t%s\n", name, static_cast<double>(measure()), unit);
        std::fflush(stdout);
    }
};

void measure_calls(rows const& row, remote_pool& all) {
    row("call_one_by_one", "/s", [&] {
        return best_rate(100, [&] {
            for (int i = 0; i < 100; ++i) require(submit(all, add_one, i).get() == i + 1, "call");
        });
    });
    row("call_window", "/s", [&] {
        std::vector<ref<int>> refs;
        return best_rate(window, [&] {
            refs.clear();
            for (int i = 0; i < window; ++i) refs.push_back(submit(all, add_one, i));
            for (int i = 0; i < window; ++i) require(refs[static_cast<std::size_t>(i)].get() == i + 1, "window");
        });
    });
    row("call_8kb", "/s", [&] {
        std::string const text(8'192, 'x');
        return best_rate(100, [&] {
            for (int i = 0; i < 100; ++i) require(submit(all, length_of, text).get() == 8'192, "8 KB");
        });
    });
    row("call_after_3ms", "us", [&] {
        return 1e6 * median_of(200, [&] {
                   std::this_thread::sleep_for(3ms);
                   auto const start = bench_clock::now();
                   require(submit(all, add_one, 1).get() == 2, "after silence");
                   return seconds_since(start);
               });
    });
    row("map_100k_ints", "items/s", [&] {
        return best_rate(100'000, [&] {
            std::vector<int> const third = parallel_map(all, 0, 100'000, [](int i) { return i / 3; });
            require(third[300] == 100, "map");
        });
    });
    row("map_1ms", "of perfect", [&] {
        std::size_t workers = 0;
        for (node_info const& each : all.nodes()) workers += each.cores;
        constexpr int elements = 400;
        auto const start = bench_clock::now();
        std::vector<int> const same = parallel_map(all, 0, elements, sleep_1ms);
        require(same[200] == 200, "map of 1 ms");
        return elements * 1e-3 / static_cast<double>(workers) / seconds_since(start);
    });
}

void measure_actors(rows const& row, remote_pool& all) {
    row("actor_one_by_one", "/s", [&] {
        actor<counter> const c(all);
        return best_rate(100, [&] {
            for (int i = 0; i < 100; ++i) require(c.call(&counter::add, 1).get() > 0, "actor");
        });
    });
    auto const burst = [](actor<counter> const& c) {
        std::vector<ref<int>> refs;
        for (int i = 0; i < window; ++i) refs.push_back(c.call(&counter::add, 1));
        require(refs.back().get() - refs.front().get() >= window - 1, "order of an actor's calls");
    };
    row("actor_window", "/s", [&] {
        actor<counter> const c(all);
        return best_rate(window, [&] { burst(c); });
    });
    row("actor_tell", "/s", [&] {
        actor<counter> const c(all);
        int sent = 0;
        return best_rate(window, [&] {
            for (int i = 0; i < window; ++i) c.tell(&counter::add, 1);
            require(c.call(&counter::add, 0).get() == (sent += window), "tells");
        });
    });
    row("actor_2_to_1", "/s", [&] {
        actor<counter> const c(all);
        return best_rate(2 * window, [&] {
            std::thread other([&] { burst(c); });
            burst(c);
            other.join();
        });
    });
    row("actors_n_to_n", "/s", [&] {
        std::vector<actor<counter>> each;
        for (int i = 0; i < 4; ++i) each.emplace_back(all);
        return best_rate(4 * window, [&] {
            std::vector<std::thread> callers;
            for (actor<counter> const& c : each) callers.emplace_back([&] { burst(c); });
            for (std::thread& caller : callers) caller.join();
        });
    });
}

void measure_values(rows const& row, remote_pool& all) {
    row("put_small", "/s", [&] {
        return best_rate(window, [&] {
            for (int i = 0; i < window; ++i) require(put(all, i).ready(), "put");
        });
    });
    row("get_small", "/s", [&] {
        ref<int> const value = put(all, 7);
        return best_rate(window, [&] {
            for (int i = 0; i < window; ++i) require(value.get() == 7, "get");
        });
    });
    row("copy_100mb", "GB/s", [&] { // the floor of the next row
        std::vector<char> const bytes(large, 'b');
        std::vector<char> copy(large);
        return 1e-9 * best_rate(static_cast<int>(large), [&] { std::memcpy(copy.data(), bytes.data(), large); });
    });
    row("put_100mb", "GB/s", [&] {
        std::vector<char> const bytes(large, 'b');
        return 1e-9 *
               best_rate(static_cast<int>(large), [&] { require(put(all, bytes).get().size() == large, "large put"); });
    });
    row("look_into_100mb", "/s", [&] {
        ref<std::vector<char>> const value = put(all, std::vector<char>(large, 'b'));
        return best_rate(1, [&] { require(submit(all, first_of, value).get() == 'b', "view"); });
    });
    row("wait_1000", "rounds/s", [&] {
        return best_rate(1, [&] {
            std::vector<ref<int>> waiting;
            for (int i = 0; i < window; ++i) waiting.push_back(submit(all, add_one, i));
            while (!waiting.empty()) waiting = wait(std::move(waiting), {.count = 1}).pending;
        });
    });
    row("ref_of_10000_refs", "/s", [&] {
        std::vector<ref<int>> refs;
        for (int i = 0; i < 10'000; ++i) refs.push_back(put(all, i));
        return best_rate(1, [&] { require(submit(all, count_of, refs).get() == 10'000, "refs in a container"); });
    });
}

void measure_idleness(rows const& row, remote_pool& all) {
    row("idle", "ms of CPU a second and process", [&] {
        auto const used = [&] {
            double sum = 0;
            for (node_info const& each : all.nodes())
                sum += submit(all, cpu_seconds_of, 0, {.where = on(each.process)}).get();
            return sum;
        };
        std::this_thread::sleep_for(3s); // free memory goes back to the system first
        double const before = used();
        std::this_thread::sleep_for(3s);
        return 1e3 * (used() - before) / 3 / static_cast<double>(all.size());
    });
    if (all.size() < 2 || all.nodes()[1].engine != "processes") return;
    row("lost_after", "us", [&] {
        return 1e6 * median_of(5, [&] {
                   std::size_t const last = all.nodes().back().process;
                   ref<int> const pid = submit(all, pid_of, 0, {.where = on(last)});
                   ref<int> const slow = submit(all, sleep_long, 0, {.where = on(last)});
                   pid_t const victim = pid.get();
                   std::this_thread::sleep_for(20ms);
                   auto const start = bench_clock::now();
                   kill(victim, SIGKILL);
                   bool lost = false;
                   try {
                       (void)slow.get();
                   } catch (worker_lost const&) {
                       lost = true;
                   }
                   double const taken = seconds_since(start);
                   require(lost, "a killed process");
                   std::this_thread::sleep_for(200ms); // until another process has replaced it
                   return taken;
               });
    });
}

} // namespace

int main(int argc, char** argv) {
    auto const begun = bench_clock::now();
    session const driver(argc, argv);
    remote_pool& all = cluster();
    rows const row{std::vector<std::string>(argv + 1, argv + argc)};
    row("first_answer", "ms", [&] {
        require(submit(all, add_one, 1).get() == 2, "first");
        return 1e3 * seconds_since(begun);
    });
    measure_calls(row, all);
    measure_actors(row, all);
    measure_values(row, all);
    measure_idleness(row, all);
}
