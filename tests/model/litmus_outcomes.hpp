// SPDX-License-Identifier: MIT
// Runs a litmus test and collects its outcomes: the values read, in the order of the threads, as a string of digits.
// Used by the tests of the checker itself.
#pragma once
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"

#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace model {

inline constexpr order relaxed = order::relaxed, acquire = order::acquire, release = order::release,
                       acq_rel = order::acq_rel, seq_cst = order::seq_cst;

struct shared {
    atomic<int> x{0, "x"}, y{0, "y"}, z{0, "z"};
    var<int> data{0};
    std::array<int, 4> r{{-1, -1, -1, -1}};
};
using body = std::function<void(shared&)>;
using outcomes = std::set<std::string>;

/// Returns all outcomes of these threads; `observe` runs after them and may read more. Sleep sets must not change the
/// outcomes.
inline outcomes outcomes_of(const std::vector<body>& threads, const body& observe = {}) {
    outcomes found[2];
    for (const bool sleep_sets : {false, true}) {
        model::options o;
        o.sleep_sets = sleep_sets;
        const auto result = model::explore(o, [&](execution& e) {
            auto& s = e.make<shared>();
            for (const auto& t : threads) e.thread("T" + std::to_string(&t - threads.data()), [&] { t(s); });
            e.finally([&] {
                if (observe) observe(s);
                std::string text;
                for (int v : s.r)
                    if (v >= 0) text += std::to_string(v);
                found[sleep_sets].insert(text);
            });
        });
        EXPECT_TRUE(model::passes(result));
    }
    EXPECT_EQ(found[0], found[1]) << "sleep sets lost or invented an outcome";
    return found[1];
}

} // namespace model
