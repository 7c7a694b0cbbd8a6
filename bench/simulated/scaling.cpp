// SPDX-License-Identifier: MIT
// How the library scales: a table of situations and numbers of workers. With HOCKET_SIMULATED on the simulated machine,
// otherwise for one and two workers on the real one.
#include "scenarios.hpp"

#include <cstring>
#include <regex>
#include <string>
#include <vector>

namespace {

struct arguments {
    std::vector<unsigned> workers;
    std::string only = ".*";
    std::string csv;
    std::string against;
    bool code = false;
    int rounds = machine::simulated ? 1 : 15;
};

[[noreturn]] void usage() {
    std::fputs("usage: scaling [--workers=2,8,1024] [--only=REGEX] [--csv=FILE]\n"
               "  --code          simulated: also prints which code waits for memory\n"
               "  --rounds=N      real: the best of N runs (15)\n"
               "  --against=FILE  real: also prints the values that the simulated program has written by --csv\n",
               stderr);
    std::exit(2);
}

arguments parse(int count, char** words) {
    arguments a;
    if (machine::simulated)
        a.workers = {1, 2, 8, 32, 64, 128, 256};
    else
        a.workers = {1, 2};
    for (int i = 1; i < count; ++i) {
        std::string const word = words[i];
        std::string const key = word.substr(0, word.find('='));
        std::string const value = word.size() > key.size() ? word.substr(key.size() + 1) : "";
        if (key == "--workers") {
            a.workers.clear();
            for (char const* at = value.c_str(); *at != '\0'; at += *at == ',') {
                char* end = nullptr;
                a.workers.push_back(static_cast<unsigned>(std::strtoul(at, &end, 10)));
                if (end == at || a.workers.back() == 0) usage();
                at = end;
            }
        } else if (key == "--only")
            a.only = value;
        else if (key == "--csv")
            a.csv = value;
        else if (key == "--against")
            a.against = value;
        else if (key == "--code")
            a.code = true;
        else if (key == "--rounds")
            a.rounds = std::atoi(value.c_str());
        else
            usage();
    }
    return a;
}

/// Returns false if the run failed.
bool run(scenarios::scenario const& what, scenarios::setting const& s) {
    s.values.clear();
#if defined(HOCKET_SIMULATED)
    hocket::sim::options how;
    how.cores = s.workers;
    how.mode = hocket::sim::mode::timed;
    how.patience = std::chrono::seconds(1'800);
    auto const found = hocket::sim::run(
        1, [&] { what.run(s); }, how);
    if (!found.passed)
        std::fprintf(stderr, "%s with %u workers: %s\n", what.name.c_str(), s.workers, found.what.c_str());
    return found.passed;
#else
    what.run(s);
    return true;
#endif
}

void print_code(unsigned workers, run_values const& values) {
    for (std::size_t i = 0; i < values.hot_count(); ++i) {
        run_values::code const& c = values.hot()[i];
        if (c.address != nullptr)
            std::printf("  %5.1f %% of core time, %8.3f waits a task: %s\n", c.share, c.waits,
                        source_of(c.address).c_str());
        else
            std::printf("%s, W = %u: %.1f %% of core time waits for lines, of which the hottest line %.1f %%\n\n",
                        c.section, workers, c.share, c.waits);
    }
}

} // namespace

int main(int count, char** words) {
    arguments const a = parse(count, words);
    run_values& values = run_values::shared();
    value_table table;
    bool passed = true;
    std::regex const wanted(a.only);
    for (scenarios::scenario const& what : scenarios::all()) {
        if (!std::regex_match(what.name, wanted)) continue;
        for (unsigned const workers : a.workers)
            for (int round = 0; round < a.rounds; ++round) {
                passed = run(what, {workers, values, a.code}) && passed;
                table.add_best(workers, values);
                if (a.code) print_code(workers, values);
            }
        std::fprintf(stderr, "%s\n", what.name.c_str());
    }
    table.print(a.against.empty() ? value_table::values{} : value_table::read(a.against.c_str()));
    if (!a.csv.empty()) table.write(a.csv.c_str());
    return passed ? 0 : 1;
}
