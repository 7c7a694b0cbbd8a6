// SPDX-License-Identifier: MIT
// What the scenarios tell: named values for each number of workers. A simulated run is a process of its own, so the
// values lie in memory that it shares with its parent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sys/mman.h>

/// The values of one run, and the code that waited most.
class run_values {
  public:
    static constexpr std::size_t most = 64;
    struct value {
        char name[96];
        char text[40]; // as the table shows it
        double number;
    };
    /// Waits of one piece of code. Without an address: of all code; `waits` is the share of the hottest line then.
    struct code {
        char section[48];
        void const* address;
        double share; // of the time of all cores, in percent
        double waits; // for each task
    };

    static run_values& shared() {
        void* const memory =
            ::mmap(nullptr, sizeof(run_values), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) std::abort();
        return *new (memory) run_values;
    }
    void clear() { count_ = codes_ = 0; }

    void tell(std::string const& name, double number, std::string const& text) {
        if (count_ == most) std::abort();
        value& v = values_[count_++];
        std::snprintf(v.name, sizeof v.name, "%s", name.c_str());
        std::snprintf(v.text, sizeof v.text, "%s", text.c_str());
        v.number = number;
    }
    void tell_code(code const& what) {
        if (codes_ != most) hot_[codes_++] = what;
    }
    value const* begin() const { return values_; }
    value const* end() const { return values_ + count_; }
    code const* hot() const { return hot_; }
    std::size_t hot_count() const { return codes_; }

  private:
    std::size_t count_ = 0;
    std::size_t codes_ = 0;
    value values_[most];
    code hot_[most];
};

/// Rows in the order in which they came, a column for each number of workers.
class value_table {
  public:
    using values = std::map<std::pair<std::string, unsigned>, double>;

    /// Of several values for a cell, the best stays: percentages are high, times low.
    void add_best(unsigned workers, run_values const& found) {
        if (std::find(columns_.begin(), columns_.end(), workers) == columns_.end()) columns_.push_back(workers);
        for (run_values::value const& v : found) {
            if (std::find(rows_.begin(), rows_.end(), v.name) == rows_.end()) rows_.push_back(v.name);
            auto const [at, is_new] = cells_.try_emplace({v.name, workers}, v);
            bool const more_is_better = std::strchr(v.name, '%') != nullptr;
            if (!is_new && (more_is_better ? v.number > at->second.number : v.number < at->second.number))
                at->second = v;
        }
    }
    /// `predicted`: a prediction stands behind each value that has one, and how far the value is above it.
    void print(values const& predicted) const {
        std::printf("| workers |");
        for (unsigned const w : columns_) std::printf(" %u |", w);
        std::printf("\n|---|");
        for (std::size_t i = 0; i < columns_.size(); ++i) std::printf("---|");
        std::printf("\n");
        for (std::string const& row : rows_) {
            std::printf("| %s |", row.c_str());
            for (unsigned const w : columns_) {
                auto const found = cells_.find({row, w});
                std::printf(" %s", found == cells_.end() ? "" : found->second.text);
                auto const other = predicted.find({row, w});
                if (found != cells_.end() && other != predicted.end() && other->second != 0)
                    std::printf(" (%.4g, %+.1f %%)", other->second, 100 * (found->second.number / other->second - 1));
                std::printf(" |");
            }
            std::printf("\n");
        }
    }
    /// Writes a line for each value: the number of workers, the value, the name.
    void write(char const* path) const {
        std::FILE* const file = std::fopen(path, "w");
        if (file == nullptr) return std::perror(path);
        for (auto const& [at, v] : cells_) std::fprintf(file, "%u %.9g %s\n", at.second, v.number, v.name);
        std::fclose(file);
    }
    static values read(char const* path) {
        values found;
        std::FILE* const file = std::fopen(path, "r");
        if (file == nullptr) return std::perror(path), found;
        unsigned workers = 0;
        double number = 0;
        char name[96];
        while (std::fscanf(file, "%u %lf %95[^\n]\n", &workers, &number, name) == 3) found[{name, workers}] = number;
        std::fclose(file);
        return found;
    }

  private:
    std::vector<unsigned> columns_;
    std::vector<std::string> rows_;
    std::map<std::pair<std::string, unsigned>, run_values::value> cells_;
};
