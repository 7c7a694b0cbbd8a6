// SPDX-License-Identifier: MIT
// The rows of the table of figures: what each measures, its baseline, and what hocket is to reach.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hocket_bench {

struct figure {
    std::string title;
    std::string unit;
    std::string row;                  // name of the rows in the programs, as in row/library/threads
    std::string baseline;             // the serial row, or empty
    std::optional<double> value[2]{}; // to reach with one and with two workers, in the unit
    std::optional<double> ratio[2]{}; // the same, relative to the baseline
    std::string row_of_others{};      // if the other libraries answer it by another row
    int rounds = 0;                   // at most so many, if not 0
};

/// All figures in the order of the table.
std::vector<figure> const& figures();

} // namespace hocket_bench
