// SPDX-License-Identifier: MIT
// Runs a piece of a program on a simulated machine, once or for many seeds. Public through sim.hpp.
#pragma once

#include <hocket/sim/run_outcome.hpp>
#include <hocket/sim/simulated_machine.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fcntl.h>

namespace hocket::sim {

#if defined(HOCKET_SIMULATED)
inline constexpr bool simulated_build = true;
#else
inline constexpr bool simulated_build = false;
#endif

namespace detail {

[[noreturn]] inline void fail_run(std::string const& what) {
    run_report told;
    if (machine* const on = std::exchange(active, nullptr)) {
        told.operations = on->operations();
        told.time = on->time();
    }
    end_run(told, what);
}

/// The life of the process that runs `program` with a seed.
template<class F>
[[noreturn]] void live(std::uint64_t seed, F& program, options const& how) {
    ::alarm(static_cast<unsigned>(how.patience.count()));
    machine on(how, seed);
    bool passed = true;
    auto whole = [&] {
        if constexpr (std::is_same_v<std::invoke_result_t<F&>, bool>)
            passed = program();
        else
            (void)program();
    };
    try {
        on.run(whole, [](std::string const& story) { fail_run(story); });
    } catch (std::exception const& e) {
        fail_run(std::string("threw an exception: ") + e.what());
    } catch (...) {
        fail_run("threw something that is no std::exception");
    }
    run_report told;
    told.passed = passed ? 1 : 0;
    told.operations = on.operations();
    told.time = on.time();
    end_run(told, passed ? "" : "returned false");
}

inline void check(options const& how) {
    if (how.cores == 0 || how.cores > most_cores)
        throw std::invalid_argument("sim::options::cores is " + std::to_string(how.cores) + ", and must be 1 to " +
                                    std::to_string(most_cores));
    if (how.cores_per_l3 == 0 || how.cores_per_socket == 0 || how.switch_one_in == 0)
        throw std::invalid_argument("cores_per_l3, cores_per_socket and switch_one_in of sim::options must not be 0");
    unsigned const socket = how.cores_per_socket < how.cores ? how.cores_per_socket : how.cores;
    unsigned const l3 = how.cores_per_l3 < socket ? how.cores_per_l3 : socket;
    if (how.cores % socket != 0 || socket % l3 != 0)
        throw std::invalid_argument("sim::options: " + std::to_string(how.cores) +
                                    " cores can't be divided into sockets of " + std::to_string(socket) +
                                    " cores with L3 groups of " + std::to_string(l3) +
                                    ": set cores_per_socket and cores_per_l3 to numbers that divide them");
}

} // namespace detail

/// Runs `program` on a simulated machine, in a child process: the same seed gives the same run. `program` fails if it
/// throws, returns false, calls `sim::check(false, "...")`, crashes, hangs, or takes more than the limits of `how`. Its
/// writes to memory are lost. Its default pool has one worker for each simulated core.
///
/// **Threads** any, while no thread of the process uses a pool. **Throws** `std::invalid_argument`, `std::system_error`
/// if the system has no process for the run, `std::bad_alloc`.
template<class F>
outcome run(std::uint64_t seed, F&& program, options const& how = {}) {
    static_assert(simulated_build || !std::is_same_v<F, F>,
                  "hocket::sim needs -DHOCKET_SIMULATED for all files of the program");
    detail::check(how);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "hocket::sim::run");
    std::fflush(nullptr); // the child would write it too
    pid_t const process = ::fork();
    if (process == 0) {
        ::close(ends[0]);
        report_to = ends[1];
        detail::live(seed, program, how);
    }
    int const failed = errno;
    ::close(ends[1]);
    if (process < 0) {
        ::close(ends[0]);
        throw std::system_error(failed, std::generic_category(), "hocket::sim::run: no process for the run");
    }
    outcome found = end_of_run(ends[0], process, seed, how.patience);
    ::close(ends[0]);
    return found;
}

/// Runs `program` with the seeds 1 to `seeds`, and returns the outcome of the first that fails, or of the last one.
/// Prints a failure with its seed on stderr. With `HOCKET_SEED=n` in the environment, runs that seed alone.
///
/// **Threads**, **Throws** as `run`; `std::invalid_argument` also if HOCKET_SEED is no number.
template<class F>
outcome explore(std::uint64_t seeds, F&& program, options const& how = {}) {
    std::uint64_t first = 1;
    if (char const* const text = std::getenv("HOCKET_SEED"); text != nullptr && *text != '\0') {
        char* end = nullptr;
        errno = 0;
        first = seeds = std::strtoull(text, &end, 10);
        if (*end != '\0' || errno != 0 || *text == '-')
            throw std::invalid_argument(std::string("HOCKET_SEED=\"") + text + "\" is not a seed, such as 17");
    }
    outcome found;
    found.passed = true;
    for (std::uint64_t seed = first; seed <= seeds && found.passed; ++seed) {
        found = run(seed, program, how);
        if (seed == ~std::uint64_t{0}) break;
    }
    if (!found.passed)
        std::fprintf(stderr, "hocket: the run with seed %llu failed: %s\nHOCKET_SEED=%llu repeats it\n",
                     static_cast<unsigned long long>(found.seed), found.what.c_str(),
                     static_cast<unsigned long long>(found.seed));
    return found;
}

/// Ends the run with the failure `what`, unless `held`. Outside of a run it throws `std::logic_error`.
inline void check(bool held, char const* what) {
    if (held) return;
    if (report_to < 0) throw std::logic_error(what);
    detail::fail_run(what);
}

/// Works for that long on the simulated machine. Nothing outside of a run.
inline void work(std::chrono::nanoseconds time) {
    if (active != nullptr) active->work(static_cast<ns>(time.count()));
}

/// Sleeps for that long, on the simulated machine or on the real one.
inline void sleep(std::chrono::nanoseconds time) {
    if (active != nullptr) return active->sleep_for(static_cast<ns>(time.count()));
    timespec const wanted{static_cast<time_t>(time.count() / 1'000'000'000),
                          static_cast<long>(time.count() % 1'000'000'000)};
    (void)::nanosleep(&wanted, nullptr);
}

/// Returns the time since the run began, on its machine; 0 outside of a run.
inline std::chrono::nanoseconds now() { return std::chrono::nanoseconds(active != nullptr ? active->clock() : 0); }

/// Returns a number below `n`, which is not 0: the seed decides. 0 outside of a run.
inline std::uint64_t choose(std::uint64_t n) { return active != nullptr ? active->rolls().below(n) : 0; }

/// A thread of the simulated machine that belongs to no pool. It is joined by its destructor, as std::jthread.
class thread {
  public:
    template<class F>
        requires std::is_invocable_v<F&>
    explicit thread(F body) {
        auto* const own = new F(std::move(body));
        started_ = active == nullptr ? nullptr
                                     : active->start(
                                           [](void* its) -> void* {
                                               std::unique_ptr<F> const run(static_cast<F*>(its));
                                               (*run)();
                                               return nullptr;
                                           },
                                           own);
        if (started_ != nullptr) return;
        delete own;
        throw std::runtime_error(active == nullptr ? "a sim::thread is made within a run only"
                                                   : "the system refuses a thread for the simulated machine");
    }
    thread(thread&& other) noexcept : started_(std::exchange(other.started_, nullptr)) {}
    thread& operator=(thread&& other) noexcept {
        join();
        started_ = std::exchange(other.started_, nullptr);
        return *this;
    }
    ~thread() { join(); }

    void join() {
        if (machine_thread* const mine = std::exchange(started_, nullptr)) active->join(*mine);
    }

  private:
    machine_thread* started_ = nullptr;
};

} // namespace hocket::sim
