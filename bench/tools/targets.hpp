// SPDX-License-Identifier: MIT
// The rows of the table of figures: the measurement, its baseline, and the target of hocket.
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
    std::optional<double> value[2]{}; // targets with one and with two workers, in the unit
    std::optional<double> ratio[2]{}; // targets relative to the baseline
    std::string row_of_others{};      // the row of the other libraries, if it has another name
    int rounds = 0;                   // the maximum number of rounds, if not 0
};

/// All figures in the order of the table.
std::vector<figure> const& figures();

} // namespace hocket_bench
