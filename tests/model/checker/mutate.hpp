// SPDX-License-Identifier: MIT
// Tests the tests: weakens each memory order that a suite of scenarios executes by one step, one at a time. Fences and
// futex wake-ups are dropped as well. Reports which of these mutants some scenario kills.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "explore.hpp"
#include "model_gtest.hpp"

namespace model {

struct named_scenario {
    std::string name;
    options bounds;
    scenario body;
};

/// Runs a suite as it stands.
inline void expect_all_pass(const std::vector<named_scenario>& suite) {
    for (const named_scenario& s : suite) {
        const result r = explore(s.bounds, s.body);
        EXPECT_TRUE(passes(r, s.bounds.how == search::depth_first)) << s.name;
        std::printf("%12llu executions: %s\n", static_cast<unsigned long long>(r.executions), s.name.c_str());
    }
}

struct mutant {
    mutation what;
    std::string killed_by; // scenario and failure; empty: it survives
    bool survives() const { return killed_by.empty(); }

    std::string kind_and_orders() const {
        std::string s = name_of(what.kind);
        if (what.weakened == order::relaxed && (what.kind == op_kind::fence || what.kind == op_kind::wake))
            return s + " dropped";
        return s + " " + name_of(what.written) + " -> " + name_of(what.weakened);
    }
    std::string text() const {
        return what.site.short_name() + " " + what.site.function + ": " + kind_and_orders() + "  | " +
               what.site.text() + (survives() ? "\n    SURVIVES" : "\n    killed by " + killed_by);
    }
};

struct mutation_report {
    std::string broken; // an unmutated scenario that fails: the rest of the report is void then
    std::vector<mutant> mutants;

    std::size_t survivors() const {
        return static_cast<std::size_t>(
            std::count_if(mutants.begin(), mutants.end(), [](auto& m) { return m.survives(); }));
    }
    std::string text() const {
        std::string s = broken;
        for (const mutant& m : mutants) s += m.text() + "\n";
        return s + std::to_string(mutants.size()) + " mutants, " + std::to_string(survivors()) + " survive\n";
    }
};

/// Tries few preemptions first: most errors show with one or two, and much sooner.
inline void try_to_kill(mutant& m, const named_scenario& s, int preemptions, std::uint64_t effort) {
    options o = s.bounds;
    if (o.preemptions >= 0 ? preemptions > o.preemptions : preemptions != 3) return;
    if (o.preemptions >= 0) o.preemptions = preemptions;
    o.max_executions = std::min(o.max_executions, effort);
    const result r = explorer::explore(o, s.body, nullptr, &m.what);
    if (r.failed) m.killed_by = s.name + ": " + r.failure + " (execution " + std::to_string(r.executions) + ")";
}

/// Gives each mutant up to `effort` executions per scenario and number of preemptions. Mutates only sites in files
/// whose name contains `file`: the protocol, not the scenario around it.
inline mutation_report mutate_all(const std::vector<named_scenario>& suite, const std::string& file,
                                  std::uint64_t effort = 20'000) {
    mutation_report report;
    std::vector<mutation> sites;
    for (const named_scenario& s : suite) {
        options o = s.bounds;
        o.max_executions = std::min(o.max_executions, effort);
        const result r = explorer::explore(o, s.body, &sites);
        if (r.failed) {
            report.broken = s.name + " fails without a mutation: " + r.report;
            return report;
        }
    }
    for (const mutation& site : sites) {
        if (site.site.short_name().find(file) == std::string::npos) continue;
        for (const order weakened : weaker(site.kind, site.written)) {
            mutant m{site, {}};
            m.what.weakened = weakened;
            for (int preemptions = 0; preemptions < 4 && m.survives(); ++preemptions)
                for (const named_scenario& s : suite)
                    if (m.survives()) try_to_kill(m, s, preemptions, effort);
            report.mutants.push_back(std::move(m));
        }
    }
    return report;
}

/// The reason why a mutant may survive.
struct excuse {
    std::string function;        // the function that contains the operation
    std::string kind_and_orders; // as in the report: `load acquire -> relaxed`
    std::string code;            // part of the line
    std::string reason;
};

/// Succeeds if every mutant is killed or excused, and every excuse is needed.
inline testing::AssertionResult all_killed(const mutation_report& report, const std::vector<excuse>& excuses = {}) {
    if (!report.broken.empty()) return testing::AssertionFailure() << report.broken;
    std::string bad;
    std::vector<bool> used(excuses.size());
    for (const mutant& m : report.mutants) {
        if (!m.survives()) continue;
        bool excused = false;
        for (std::size_t i = 0; i < excuses.size(); ++i)
            if (m.what.site.function == excuses[i].function && m.kind_and_orders() == excuses[i].kind_and_orders &&
                m.what.site.text().find(excuses[i].code) != std::string::npos)
                excused = used[i] = true;
        if (!excused) bad += m.text() + "\n";
    }
    for (std::size_t i = 0; i < excuses.size(); ++i)
        if (!used[i]) bad += "unneeded excuse: " + excuses[i].function + ": " + excuses[i].kind_and_orders + "\n";
    if (report.mutants.empty()) bad += "no mutant at all\n";
    if (!bad.empty()) return testing::AssertionFailure() << bad;
    std::printf("%zu mutants, %zu survive with a reason\n", report.mutants.size(), report.survivors());
    return testing::AssertionSuccess() << report.text();
}

} // namespace model
