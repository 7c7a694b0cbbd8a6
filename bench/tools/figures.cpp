// SPDX-License-Identifier: MIT
// Runs the programs of all libraries in turn, row by row and several rounds, and prints the table of figures. So a
// library's spinning threads, its memory and its signal handlers never meet those of another, and a clock that drifts
// affects all of them. Fails when an answer was wrong.
//
//     bench_figures [--rounds=N] [--rows=REGEX] [--libraries=a,b] [--medians] [--csv=FILE]
#include "strangers.hpp"
#include "targets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>

namespace {

using hocket_bench::figure;

/// Measurements under one name: the minimum of the best values of all rounds, and the median of their medians.
class result {
  public:
    void add(double best, double median, bool undisturbed) {
        undisturbed_ = undisturbed_ || undisturbed;
        bests_.push_back(best);
        medians_.push_back(median);
        std::sort(bests_.begin(), bests_.end());
        std::sort(medians_.begin(), medians_.end());
    }
    bool undisturbed() const { return undisturbed_; }
    double best() const { return bests_.front(); }
    double worst() const { return bests_.back(); }
    double median() const { return medians_[medians_.size() / 2]; }

  private:
    std::vector<double> bests_;
    std::vector<double> medians_;
    bool undisturbed_ = false; // at least once
};

struct options {
    int rounds = 3;
    std::regex rows{""};
    std::set<std::string> libraries{"serial", "hocket", "tbb", "openmp"};
    bool medians = false;
    std::string csv;
};

struct library {
    std::string name;
    std::string title;
    std::string before; // shell command before its program: with some libraries deep trees need more stack than usual
};

std::array<library, 4> const libraries{{
    {"serial", "serial", "ulimit -s 1048576; "},
    {"hocket", "hocket", ""},
    {"tbb", "oneTBB", "ulimit -s 1048576; "},
    {"openmp", "OpenMP", "ulimit -s 1048576; OMP_STACKSIZE=256M "},
}};

/// Returns the value after `"key":` in a line of Google Benchmark's JSON, without quotes and comma.
std::string value_of(std::string const& line, std::string const& key) {
    auto const at = line.find("\"" + key + "\": ");
    if (at == std::string::npos) {
        return "";
    }
    auto value = line.substr(at + key.size() + 4);
    std::erase_if(value, [](char c) { return c == '"' || c == ',' || c == '\n'; });
    return value;
}

/// Describes the exit status of a program, as its shell reports it.
std::string how_it_ended(int status) {
    if (status == 124) return "no end within a minute";
    std::string text = status > 128 ? "ended by signal " : "exit status ";
    return text.append(std::to_string(status > 128 ? status - 128 : status));
}

class measurements {
  public:
    explicit measurements(std::filesystem::path folder) : folder_(std::move(folder)) {}

    bool has_program(library const& of) const { return exists(program(of)); }

    /// Runs one row in one library's program and stores its output. Runs it again when other processes used the machine
    /// meanwhile.
    void run(library const& of, std::string const& row) {
        for (int tries = 0; tries < 3 && !run_once(of, row); ++tries) {
        }
    }

    result const* find(std::string const& name) const {
        auto const found = results_.find(name);
        return found == results_.end() ? nullptr : &found->second;
    }

    std::map<std::string, result> const& all() const { return results_; }
    std::set<std::string> const& failures() const { return failures_; }

  private:
    struct measured {
        std::string name;
        double best;
        double median;
    };

    /// Runs a row once. Returns whether no other process disturbed it.
    bool run_once(library const& of, std::string const& row) {
        hocket_bench::strangers const others;
        auto const command = of.before + "timeout 60 '" + program(of).string() +
                             "' --benchmark_format=json '--benchmark_filter=^" + row + "/' 2>&1";
        std::FILE* const output = popen(command.c_str(), "r");
        if (output == nullptr) {
            fail(row, of, "cannot be started");
            return true;
        }
        std::vector<measured> found;
        std::string name;
        double best = 0;
        std::array<char, 4096> buffer{};
        while (std::fgets(buffer.data(), int(buffer.size()), output) != nullptr) {
            std::string const line = buffer.data();
            if (auto const text = value_of(line, "name"); !text.empty()) {
                name = text.substr(0, text.find("/iterations:"));
            } else if (auto const number = value_of(line, "best"); !number.empty()) {
                best = std::stod(number);
            } else if (auto const middle = value_of(line, "median"); !middle.empty()) {
                found.push_back({name, best, std::stod(middle)});
            } else if (!value_of(line, "error_message").empty()) {
                fail(name, of, value_of(line, "error_message"));
            }
        }
        if (int const status = pclose(output); status != 0) {
            fail(row, of, how_it_ended(WEXITSTATUS(status)));
            return true;
        }
        bool const undisturbed = others.busy_processors() < 0.1;
        for (auto const& one : found) {
            results_[one.name].add(one.best, one.median, undisturbed);
        }
        return undisturbed;
    }

    std::filesystem::path program(library const& of) const { return folder_ / ("bench_" + of.name); }

    void fail(std::string const& row, library const& of, std::string const& why) {
        failures_.insert(row + " of " + of.title + ": " + why);
    }

    std::filesystem::path folder_;
    std::map<std::string, result> results_;
    std::set<std::string> failures_;
};

options parse(int argc, char** argv) {
    options chosen;
    for (int i = 1; i < argc; ++i) {
        std::string const argument = argv[i];
        auto const value = argument.substr(argument.find('=') + 1);
        if (argument.starts_with("--rounds=")) {
            chosen.rounds = std::max(1, std::stoi(value));
        } else if (argument.starts_with("--rows=")) {
            chosen.rows = std::regex(value);
        } else if (argument.starts_with("--libraries=")) {
            chosen.libraries.clear();
            std::istringstream names(value);
            for (std::string name; std::getline(names, name, ',');) {
                chosen.libraries.insert(name);
            }
        } else if (argument == "--medians") {
            chosen.medians = true;
        } else if (argument.starts_with("--csv=")) {
            chosen.csv = value;
        } else {
            std::cerr << "bench_figures [--rounds=N] [--rows=REGEX] [--libraries=a,b] [--medians] [--csv=FILE]\n";
            std::exit(EXIT_FAILURE);
        }
    }
    return chosen;
}

std::string const& row_in(figure const& f, library const& of) {
    return of.name == "hocket" || f.row_of_others.empty() ? f.row : f.row_of_others;
}

/// Measures row by row, round by round, library by library.
void measure(std::vector<figure> const& chosen, options const& how, measurements& to) {
    std::set<std::string> done;
    for (auto const& f : chosen) {
        int const rounds = f.rounds == 0 ? how.rounds : std::min(f.rounds, how.rounds);
        std::set<std::string> now;
        for (int round = 0; round < rounds; ++round) {
            std::cerr << "\r\033[K" << f.title << ", round " << round + 1 << " of " << rounds << std::flush;
            for (auto const& of : libraries) {
                auto row = row_in(f, of);
                if (of.name == "serial" && !f.baseline.empty()) {
                    row = f.baseline.substr(0, f.baseline.find('/'));
                }
                auto const name = row + " " + of.name;
                if (how.libraries.contains(of.name) && to.has_program(of) && !done.contains(name)) {
                    to.run(of, row);
                    now.insert(name);
                }
            }
        }
        done.merge(now);
    }
    std::cerr << "\r\033[K";
}

std::string digits(double value) {
    std::array<char, 32> text{};
    int const decimals = value == 0 ? 0 : value < 0.1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

/// Returns "met", "missed", or the one measure by which alone a figure is met.
std::string verdict(figure const& f, int workers, result const* got, result const* serial) {
    auto const& value = f.value[workers - 1];
    auto const& ratio = f.ratio[workers - 1];
    if (got == nullptr || (!value && !ratio)) {
        return got == nullptr && (value || ratio) ? "?" : "";
    }
    bool const by_value = value && got->best() <= *value;
    bool const by_ratio = ratio && serial != nullptr && got->best() <= *ratio * serial->best();
    if (!value || !ratio || serial == nullptr) {
        return by_value || by_ratio ? "met" : "missed";
    }
    return by_value && by_ratio ? "met" : by_ratio ? "ratio met" : by_value ? "value met" : "missed";
}

std::string target(figure const& f, int workers) {
    auto const& value = f.value[workers - 1];
    auto const& ratio = f.ratio[workers - 1];
    std::string text = value ? digits(*value) : "";
    if (ratio) {
        text += (text.empty() ? "" : " ") + digits(*ratio) + "x";
    }
    return text.empty() ? "-" : text;
}

void print(std::vector<figure> const& chosen, options const& how, measurements const& from) {
    auto const number = [&](result const& r) { return how.medians ? r.median() : r.best(); };
    auto const line = [](std::vector<std::string> const& cells) {
        std::array<int, 13> const widths{31, 8, 9, 15, 15, 15, 15, 15, 15, 14, 14, 10, 10};
        for (std::size_t i = 0; i < cells.size(); ++i) {
            int const padding = std::max(0, widths[i] - int(cells[i].size()));
            std::cout << (i < 2 || i > 8 ? cells[i] + std::string(std::size_t(padding), ' ')
                                         : std::string(std::size_t(padding), ' ') + cells[i])
                      << (i == 8 ? "   " : " ");
        }
        std::cout << '\n';
    };
    line({(how.medians ? "medians" : "best of all rounds"), "unit", "serial", "hocket 1T", "2T", "oneTBB 1T", "2T",
          "OpenMP 1T", "2T", "reach 1T", "2T", "1T", "2T"});
    for (auto const& f : chosen) {
        auto const* const serial = f.baseline.empty() ? nullptr : from.find(f.baseline);
        std::vector<std::string> cells{f.title, f.unit, serial != nullptr ? digits(number(*serial)) : "-"};
        for (auto const& of : libraries) {
            for (int workers = 1; of.name != "serial" && workers <= 2; ++workers) {
                auto const* const r = from.find(row_in(f, of) + "/" + of.name + "/" + std::to_string(workers));
                std::string cell = r != nullptr ? digits(number(*r)) : "-";
                if (r != nullptr && serial != nullptr && number(*serial) > 0) {
                    cell += " " + digits(number(*r) / number(*serial)) + "x";
                }
                if (r != nullptr && !r->undisturbed()) cell += "~";
                cells.push_back(cell);
            }
        }
        for (int workers = 1; workers <= 2; ++workers) {
            cells.push_back(target(f, workers));
        }
        for (int workers = 1; workers <= 2; ++workers) {
            auto const* const got = from.find(f.row + "/hocket/" + std::to_string(workers));
            cells.push_back(verdict(f, workers, got, serial));
        }
        line(cells);
    }
}

/// Prints how much the times of each serial program differed between rounds: the effect of the clock and of other
/// processes.
void print_drift(measurements const& from) {
    std::vector<double> drift;
    for (auto const& [name, r] : from.all()) {
        if (name.ends_with("/serial") && r.best() > 0) {
            drift.push_back(r.worst() / r.best());
        }
    }
    if (!drift.empty()) {
        std::sort(drift.begin(), drift.end());
        std::cout << "serial programs between rounds: " << digits(drift[drift.size() / 2]) << "x in the middle, "
                  << digits(drift.back()) << "x at worst; " << std::thread::hardware_concurrency() << " processors\n";
    }
    auto const& all = from.all();
    auto const disturbed =
        std::count_if(all.begin(), all.end(), [](auto const& one) { return !one.second.undisturbed(); });
    if (disturbed > 0) {
        std::cout << disturbed << " of " << all.size() << " figures (~) were never measured without other processes "
                  << "using more than a tenth of a processor\n";
    }
}

} // namespace

int main(int argc, char** argv) {
    auto const how = parse(argc, argv);
    measurements measured(std::filesystem::read_symlink("/proc/self/exe").parent_path());
    std::vector<figure> chosen;
    std::copy_if(hocket_bench::figures().begin(), hocket_bench::figures().end(), std::back_inserter(chosen),
                 [&](figure const& f) { return std::regex_search(f.row, how.rows); });
    measure(chosen, how, measured);
    print(chosen, how, measured);
    print_drift(measured);
    for (auto const& of : libraries) {
        if (how.libraries.contains(of.name) && !measured.has_program(of)) {
            std::cout << of.title << " is not installed: its columns are empty\n";
        }
    }
    if (!how.csv.empty()) {
        std::ofstream file(how.csv);
        file << "name,best,median\n";
        for (auto const& [name, r] : measured.all()) {
            file << name << ',' << r.best() << ',' << r.median() << '\n';
        }
    }
    for (auto const& failure : measured.failures()) {
        std::cout << "FAILED: " << failure << '\n';
    }
    return measured.failures().empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
