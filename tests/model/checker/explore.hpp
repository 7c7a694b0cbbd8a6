// SPDX-License-Identifier: MIT
// explore(): runs a scenario in all executions that the options ask for, or until one fails, and then repeats the
// failed execution with a trace. The entry point of every model test.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "execution.hpp"

namespace model {

using scenario = std::function<void(execution&)>;

struct options : execution_limits {
    std::uint64_t max_executions = 50'000'000;
    std::uint64_t seed = 1; // of `random` and `pct`
    std::string replay;     // the choices that a failure printed: runs exactly that execution, with its trace
};

/// Returns options for all schedules with at most `preemptions` preemptions.
inline options bounded(int preemptions) {
    options o;
    o.preemptions = preemptions;
    return o;
}
inline options random_walks(std::uint64_t executions, std::uint64_t seed = 1) {
    options o;
    o.how = search::random;
    o.max_executions = executions;
    o.seed = seed;
    return o;
}
inline options pct(std::uint64_t executions, unsigned depth = 3, std::uint64_t seed = 1) {
    options o = random_walks(executions, seed);
    o.how = search::pct;
    o.pct_depth = depth;
    return o;
}

struct result {
    bool failed = false;
    bool complete = false; // everything within the bounds was explored
    std::string failure;   // the error, in one line
    std::string choices;   // replays it
    std::string report;    // failure, choices and trace, for people
    std::uint64_t executions = 0;
    std::uint64_t redundant = 0; // executions that partly repeated an explored one (sleep sets)
    std::uint64_t steps = 0;
};

class explorer {
  public:
    /// Explores `body`. `sites`, where given, collects each operation with an order; `mutant`, where given, is in
    /// force.
    static result explore(const options& o, const scenario& body, std::vector<mutation>* sites = nullptr,
                          const mutation* mutant = nullptr) {
        execution& e = execution::current();
        e.sites_ = sites;
        e.mutation_ = mutant;
        e.tracing_ = false;
        result r;
        if (!o.replay.empty()) {
            retrace(e, o, body, o.replay, r);
        } else {
            search_through(e, o, body, r);
            if (r.failed) {
                const std::string first_failure = r.failure;
                retrace(e, o, body, r.choices, r);
                if (r.failure != first_failure)
                    r.report = "NOT DETERMINISTIC: first " + first_failure + ", repeated " + r.report;
            }
        }
        e.sites_ = nullptr;
        e.mutation_ = nullptr;
        e.tracing_ = false;
        return r;
    }

  private:
    static void search_through(execution& e, const options& o, const scenario& body, result& r) {
        const bool depth_first = o.how == search::depth_first;
        e.choices_.start_search(depth_first ? choice_path::source::depth_first : choice_path::source::random, o.seed);
        std::uint64_t longest = 20;
        while (r.executions < o.max_executions) {
            const auto ending = e.run(o, body, longest);
            ++r.executions;
            r.steps += e.steps_;
            r.redundant += e.picker_.redundant();
            if (e.steps_ > longest) longest = e.steps_;
            if (ending == execution::ending::failed) {
                r.failed = true;
                r.failure = e.failure_;
                r.choices = e.choices_.text();
                return;
            }
            if (depth_first && !e.choices_.advance()) {
                r.complete = true;
                return;
            }
        }
    }

    static void retrace(execution& e, const options& o, const scenario& body, const std::string& choices, result& r) {
        e.tracing_ = true;
        e.choices_.record(choices);
        const auto ending = e.run(o, body, 20);
        if (r.executions == 0) r.executions = 1;
        r.failed = ending == execution::ending::failed;
        r.failure = e.failure_;
        r.choices = choices;
        r.report = (r.failed ? r.failure : std::string("no failure")) + "\n  replay: \"" + choices + "\" (execution " +
                   std::to_string(r.executions) + ")\n" + text_of(e.trace_);
    }
};

inline result explore(const options& o, const scenario& body) { return explorer::explore(o, body); }

} // namespace model
