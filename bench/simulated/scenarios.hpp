// SPDX-License-Identifier: MIT
// The situations that the table of scaling.cpp shows. Each makes its own pool of `workers` workers, and tells its
// values.
#pragma once

#include "hot_code.hpp"
#include "machine_at_hand.hpp"
#include "random_stealing.hpp"
#include "values.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scenarios {

using hocket::thread_pool;
using machine::ns;
using machine::work;

inline constexpr ns leaf = 2'000;         // the work of a task
inline constexpr ns per_core = 1'000'000; // all work, for each worker
inline constexpr ns long_body = 40'000'000;

struct setting {
    unsigned workers;
    run_values& values;
    bool code; // also tells which code waits

    std::size_t leaves() const { return per_core / leaf * workers; }
    std::string name_of(char const* what, bool warm) const {
        return std::string(what) + (warm ? ", warm" : ", asleep");
    }
    void tell_percent(std::string const& name, double value) const {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f", value);
        values.tell(name + ", %", value, text);
    }
    void tell_nanoseconds(std::string const& name, double nanoseconds) const {
        char text[32];
        std::snprintf(text, sizeof text, "%.0f", nanoseconds);
        values.tell(name + ", ns", nanoseconds, text);
    }
    void tell_time(std::string const& name, double nanoseconds) const {
        char text[32];
        std::snprintf(text, sizeof text, nanoseconds < 10'000 ? "%.2f" : "%.0f", nanoseconds / 1e3);
        values.tell(name + ", us", nanoseconds / 1e3, text);
    }
};

inline hocket::pool_options options_of(setting const& s) {
    hocket::pool_options how;
    how.workers = s.workers;
    how.bind = machine::simulated ? hocket::binding::core : hocket::binding::none;
    return how;
}

/// Calls `f` on a pool that sleeps and on one that is kept warm, both of which have run it before. `told` gets whether
/// the pool was warm, and the time.
template<class F, class Told>
void in_both(setting const& s, thread_pool& pool, char const* what, F f, Told told) {
    machine::rest(1'000'000);
    f();
    for (bool const warm : {false, true}) {
        machine::rest(1'000'000);
        std::optional<thread_pool::warm_scope> keep;
        if (warm) {
            keep.emplace(pool.keep_warm());
            machine::rest(1'000'000);
        }
        std::optional<hot_code> hot;
        if (s.code) hot.emplace();
        ns const begin = machine::now();
        f();
        auto const time = static_cast<double>(machine::now() - begin);
        if (hot) hot->tell(s.values, s.name_of(what, warm), time * s.workers, static_cast<double>(s.leaves()));
        told(warm, time);
    }
}

/// Tells how much of the time of all workers `f` makes use of, which does all the work.
template<class F>
void efficiency(setting const& s, char const* what, double total, F const& f) {
    thread_pool pool(options_of(s));
    in_both(
        s, pool, what, [&] { f(pool); },
        [&](bool warm, double time) { s.tell_percent(s.name_of(what, warm), 100 * total / s.workers / time); });
}

inline std::size_t uneven(std::size_t n) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(0.618 * static_cast<double>(n)));
}
inline void tree(std::size_t n) {
    if (n == 1) return work(leaf);
    std::size_t const left = uneven(n);
    hocket::join([=] { tree(left); }, [=] { tree(n - left); });
}

inline void joins(setting const& s) {
    std::size_t const n = s.leaves();
    efficiency(s, "joins", static_cast<double>(n * leaf), [=](thread_pool& pool) {
        hocket::join(
            pool, [=] { tree(uneven(n)); }, [=] { tree(n - uneven(n)); });
    });
}
inline void flat_loop(setting const& s) {
    std::size_t const n = s.leaves();
    efficiency(s, "flat loop", static_cast<double>(n * leaf), [=](thread_pool& pool) {
        hocket::parallel_for(pool, std::size_t{0}, n, [](std::size_t) { work(leaf); });
    });
}
inline void skewed_loop(setting const& s) {
    std::size_t const n = s.leaves();
    efficiency(s, "skewed loop", static_cast<double>(n * leaf), [=](thread_pool& pool) {
        hocket::parallel_for(pool, std::size_t{0}, n, [=](std::size_t i) { work(2 * leaf * i / n); });
    });
}
inline void nested_loops(setting const& s) {
    std::size_t const n = s.leaves();
    std::size_t const outer = std::max(1U, s.workers / 2);
    efficiency(s, "nested loops", static_cast<double>(n * leaf), [=](thread_pool& pool) {
        hocket::parallel_for(pool, std::size_t{0}, outer, [=](std::size_t) {
            hocket::parallel_for(std::size_t{0}, n / outer, [](std::size_t) { work(leaf); });
        });
    });
}
inline void reduction(setting const& s) {
    std::vector<std::size_t> const v(s.leaves(), 1);
    efficiency(s, "reduction", static_cast<double>(v.size() * leaf), [&](thread_pool& pool) {
        auto const f = [](std::size_t one) {
            work(leaf);
            return one;
        };
        if (hocket::parallel_transform_reduce(pool, v, std::size_t{0}, std::plus<>(), f) != v.size()) std::abort();
    });
}

/// One external thread submits all tasks, until the last one has run. What limits it is the work of all cores, or the
/// thread: the time of a submit while all workers are busy and none looks for work. To get the results, which lie in
/// the caches of other cores, takes the thread longer than that.
inline void submits(setting const& s) {
    thread_pool pool(options_of(s));
    std::size_t const n = s.leaves();
    std::vector<hocket::future<ns>> all;
    all.reserve(n);
    ns begin = 0;
    double submitting = 0;
    double running = 0;
    auto const submit_all = [&] {
        begin = machine::now();
        auto const one = [] {
            work(leaf);
            return machine::now();
        };
        for (std::size_t i = 0; i < n; ++i) all.push_back(hocket::submit(pool, one));
        submitting = static_cast<double>(machine::now() - begin);
    };
    auto const get_all = [&] {
        ns last = 0;
        for (auto& f : all) last = std::max(last, f.get());
        running = static_cast<double>(last - begin);
        all.clear();
    };
    hocket::task_group busy(pool);
    for (unsigned i = 0; i < s.workers; ++i) busy.run([] { work(long_body); });
    machine::rest(long_body / 2);
    submit_all();
    double const alone = submitting;
    busy.wait();
    get_all();
    s.tell_nanoseconds("a submit, all workers busy", alone / static_cast<double>(n));
    auto const f = [&] {
        submit_all();
        get_all();
    };
    double const limit = std::max(alone, static_cast<double>(n * leaf) / s.workers);
    in_both(s, pool, "submits", f, [&](bool warm, double time) {
        s.tell_percent(s.name_of("submits, of what is possible", warm), 100 * limit / running);
        s.tell_nanoseconds(s.name_of("a submit", warm), submitting / static_cast<double>(n));
        s.tell_nanoseconds(s.name_of("a submit and its result", warm), time / static_cast<double>(n));
    });
}

inline void wavefront(setting const& s) {
    std::size_t const side = static_cast<std::size_t>(std::sqrt(static_cast<double>(s.leaves())));
    hocket::task_graph graph;
    std::vector<hocket::graph_node> up(side);
    for (std::size_t y = 0; y < side; ++y)
        for (std::size_t x = 0; x < side; ++x) {
            hocket::graph_node const made = graph.add([] { work(leaf); });
            if (y != 0) up[x].precede(made);
            if (x != 0) up[x - 1].precede(made);
            up[x] = made;
        }
    std::size_t steps = 0;
    for (std::size_t d = 0; d < 2 * side - 1; ++d)
        steps += (std::min(d + 1, 2 * side - 1 - d) + s.workers - 1) / s.workers;
    auto const total = static_cast<double>(side * side);
    s.tell_percent("wavefront, diagonal by diagonal", 100 * total / s.workers / static_cast<double>(steps));
    efficiency(s, "wavefront graph", total * static_cast<double>(leaf),
               [&](thread_pool& pool) { graph.run(pool).get(); });
}

inline void empty_loop(setting const& s) {
    thread_pool pool(options_of(s));
    auto const loops = [&] {
        std::vector<ns> times;
        for (int i = 0; i < 31; ++i) {
            ns const begin = machine::now();
            hocket::parallel_for(pool, std::size_t{0}, std::size_t{s.workers}, [](std::size_t) {},
                                 {.schedule = hocket::schedule::fixed});
            times.push_back(machine::now() - begin);
        }
        std::sort(times.begin(), times.end());
        return static_cast<double>(times[times.size() / 2]);
    };
    double median = 0;
    in_both(
        s, pool, "empty loop", [&] { median = loops(); },
        [&](bool warm, double) { s.tell_time(s.name_of("empty loop", warm), median); });
}

inline void random_joins(setting const& s) {
    std::size_t const n = s.leaves();
    auto const tell = [&](char const* what, auto split, auto body) {
        random_stealing::pool pool(s.workers, split, body);
        for (int round = 0; round < 2; ++round) {
            machine::rest(1'000'000);
            ns const begin = machine::now();
            pool.run(0, n);
            auto const time = static_cast<double>(machine::now() - begin);
            if (round == 1) s.tell_percent(what, 100 * static_cast<double>(per_core) / time);
        }
    };
    auto const even = [](std::size_t count) { return count / 2; };
    tell("random stealing, joins", uneven, [](std::size_t) { work(leaf); });
    tell("random stealing, halves", even, [](std::size_t) { work(leaf); });
    tell("random stealing, skewed halves", even, [=](std::size_t i) { work(2 * leaf * i / n); });
}

// Ramp-up: how long it takes until as many long bodies as there are workers have begun.

template<class F>
void split_in_halves(std::size_t first, std::size_t count, F const& f) {
    if (count == 1) return f(first);
    hocket::join([&, first, count] { split_in_halves(first, count / 2, f); },
                 [&, first, count] { split_in_halves(first + count / 2, count - count / 2, f); });
}

template<class F>
void begin_all(std::string const& form, thread_pool& pool, std::size_t n, F const& f) {
    if (form == "loop") {
        hocket::parallel_for(pool, std::size_t{0}, n, f, {.schedule = hocket::schedule::dynamic});
    } else if (form == "group") {
        hocket::task_group group(pool);
        for (std::size_t i = 0; i < n; ++i) group.run([&f, i] { f(i); });
        group.wait();
    } else if (form == "joins") {
        hocket::join(
            pool, [&] { split_in_halves(0, std::max<std::size_t>(1, n / 2), f); },
            [&] {
                if (n > 1) split_in_halves(n / 2, n - n / 2, f);
            });
    } else {
        std::size_t next = 0;
        auto const source = [&]() -> std::optional<std::size_t> {
            if (next == n) return std::nullopt;
            return next++;
        };
        hocket::pipeline(hocket::stage<hocket::serial>(source), hocket::stage<hocket::parallel>(f))
            .run(pool, {.tokens = n});
    }
}

/// The time until all threads of a binary tree of wake-ups run, in which each wakes two.
inline double binary_tree(unsigned workers) {
#if defined(HOCKET_SIMULATED)
    hocket::sim::costs const cost;
    return std::log2(workers) * static_cast<double>(cost.wake_latency + cost.wake_call);
#else
    return std::log2(workers) * 40'000;
#endif
}

inline void ramp_up(setting const& s, std::string const& form, bool inside) {
    thread_pool pool(options_of(s));
    std::vector<ns> begun(s.workers);
    auto const round = [&] {
        ns const begin = machine::now();
        begin_all(form, pool, s.workers, [&](std::size_t i) {
            begun[i] = machine::now() - begin;
            work(long_body);
        });
    };
    machine::rest(1'000'000);
    for (std::string const state : {"first", "asleep", "warm"}) {
        std::optional<thread_pool::warm_scope> keep;
        if (state == "warm") keep.emplace(pool.keep_warm());
        if (state != "first") machine::rest(1'000'000);
        if (inside)
            hocket::submit(pool, round).get();
        else
            round();
        std::sort(begun.begin(), begun.end());
        double const all = static_cast<double>(begun.back()) / 1e3;
        char text[40];
        std::snprintf(text, sizeof text, all < 10 ? "%.2f/%.2f/%.2f" : "%.0f/%.0f/%.0f",
                      static_cast<double>(begun[(s.workers + 3) / 4 - 1]) / 1e3,
                      static_cast<double>(begun[(s.workers + 1) / 2 - 1]) / 1e3, all);
        s.values.tell("ramp-up, " + form + (inside ? " in a task, " : ", ") + state + ", us", all, text);
    }
    if (form == "loop" && !inside) s.tell_time("ramp-up, a binary tree of wake-ups", binary_tree(s.workers));
}

struct scenario {
    std::string name;
    std::function<void(setting const&)> run;
};

inline std::vector<scenario> all() {
    std::vector<scenario> found = {{"joins", joins},         {"flat", flat_loop},      {"skewed", skewed_loop},
                                   {"nested", nested_loops}, {"reduction", reduction}, {"random", random_joins},
                                   {"submits", submits},     {"wavefront", wavefront}, {"empty", empty_loop}};
    for (std::string const form : {"loop", "group", "joins", "pipeline"})
        for (bool const inside : {false, true})
            found.push_back(
                {"ramp_" + form + (inside ? "_inside" : ""), [=](setting const& s) { ramp_up(s, form, inside); }});
    return found;
}

} // namespace scenarios
