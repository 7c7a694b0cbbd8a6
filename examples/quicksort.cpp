// SPDX-License-Identifier: MIT
// Sorts all words of a folder of text files by quicksort: split in two, and join the sorting of both sides.
// usage: quicksort [folder]      by default the system's C++ headers
#include <hocket/hocket.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace {

using words = std::span<std::string>;

/// Moves all words less than a pivot in front of the rest, and returns both sides without the pivot.
std::pair<words, words> split(words range) {
    std::string& middle = range[range.size() / 2];
    std::string const pivot =
        std::max(std::min(range.front(), middle), std::min(std::max(range.front(), middle), range.back()));
    auto const less = std::partition(range.begin(), range.end(), [&](std::string const& word) { return word < pivot; });
    auto const equal = std::partition(less, range.end(), [&](std::string const& word) { return word == pivot; });
    return {{range.begin(), less}, {equal, range.end()}};
}

void serial_sort(words range) {
    if (range.size() < 32) return std::sort(range.begin(), range.end());
    auto const [less, greater] = split(range);
    serial_sort(less);
    serial_sort(greater);
}

void parallel_sort(words range) {
    if (range.size() < 32) return std::sort(range.begin(), range.end());
    auto const [less, greater] = split(range);
    hocket::join([less = less] { parallel_sort(less); }, [greater = greater] { parallel_sort(greater); });
}

std::vector<std::string> words_below(std::filesystem::path const& folder) {
    std::vector<std::string> all;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) {
            std::ifstream file(entry.path());
            std::copy(std::istream_iterator<std::string>(file), {}, std::back_inserter(all));
        }
    return all;
}

template<class Sort>
double seconds_for(Sort const& sort, words range) {
    auto const start = std::chrono::steady_clock::now();
    sort(range);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string> by_one = words_below(argc > 1 ? argv[1] : "/usr/include/c++");
    std::vector<std::string> by_all = by_one;
    double const serial = seconds_for(serial_sort, by_one);
    double const parallel = seconds_for(parallel_sort, by_all);
    std::printf("%zu words, from '%s' to '%s'\n", by_all.size(), by_all.front().c_str(), by_all.back().c_str());
    std::printf("serial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", serial, parallel, serial / parallel);
    return std::is_sorted(by_all.begin(), by_all.end()) && by_all == by_one ? 0 : 1;
}
