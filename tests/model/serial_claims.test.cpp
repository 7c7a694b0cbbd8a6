// SPDX-License-Identifier: MIT
// Model-checks loop/serial_claims.hpp the way loop/call_watch.hpp uses it: a thread runs a loop by itself, claim by
// claim, and the watcher takes the rest of the loop away. A flag stands for the lock under which both look at the
// watcher's decision.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/loop/serial_claims.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;
using model::var;

struct world {
    static constexpr std::uint64_t units = 3;

    hocket::detail::basic_serial_claims<model_atomics> claims;
    var<std::size_t> loop{0}; // the description, plain data: which loop runs
    model_atomics::atomic<std::uint32_t> lock{0};
    var<std::uint64_t> given_from{units + 1}; // under the lock: the index from which the watcher has given units away
    std::array<std::array<int, units>, 2> runs{};

    void acquire() {
        for (std::uint32_t expected = 0;
             !lock.compare_exchange_strong(expected, 1, std::memory_order_acquire, std::memory_order_relaxed);
             expected = 0)
            model_atomics::futex_wait(lock, 1);
    }
    void release() {
        lock.store(0, std::memory_order_release);
        model_atomics::futex_wake_one(lock);
    }

    void run(std::size_t which) {
        loop.set(which);
        std::uint64_t done = 0;
        claims.begin(1);
        for (bool mine = true; mine && done != units;) {
            if (done != 0 && !claims.claim(done + 1)) {
                acquire();
                mine = given_from.get() >= done + 1;
                release();
            }
            if (mine) ++runs[which][done++];
        }
        if (!claims.end()) {
            acquire();
            given_from.set(units + 1);
            claims.let_go();
            release();
        }
    }

    void watch() {
        acquire();
        std::uint64_t from = 0;
        std::uint64_t const step = claims.step();
        if (claims.runs(step) && given_from.get() > units && claims.hold(step, from)) {
            std::size_t const which = loop.get();
            if (from < units) {
                for (std::uint64_t u = from; u != units; ++u) ++runs[which][u];
                given_from.set(from);
            } else {
                claims.let_go();
            }
        }
        release();
    }
};

void watched(execution& e, std::size_t loops, int looks) {
    auto& w = e.make<world>();
    e.thread("caller", [&w, loops] {
        for (std::size_t i = 0; i < loops; ++i) w.run(i);
        w.acquire();
        for (std::size_t i = 0; i < loops; ++i)
            for (int const count : w.runs[i]) require(count == 1, "every iteration runs once");
        w.release();
    });
    e.thread("watcher", [&w, looks] {
        for (int i = 0; i < looks; ++i) w.watch();
    });
}

std::vector<model::named_scenario> suite() {
    return {{"one loop", bounded(3), [](execution& e) { watched(e, 1, 1); }},
            {"one loop, two looks", bounded(2), [](execution& e) { watched(e, 1, 2); }},
            {"two loops", bounded(2), [](execution& e) { watched(e, 2, 1); }},
            {"two loops, two looks", bounded(2), [](execution& e) { watched(e, 2, 2); }}};
}

TEST(serial_claims, every_iteration_runs_once_whoever_has_it) { model::expect_all_pass(suite()); }

TEST(serial_claims, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "serial_claims.hpp"),
                                  {{"hold", "load acquire -> relaxed", "step_.load",
                                    "the watcher has read this step before its fence, which acquires it; "
                                    "ThreadSanitizer does not see the fence"}}));
}

} // namespace
