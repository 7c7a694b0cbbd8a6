// SPDX-License-Identifier: MIT
// Finds the most frequent identifiers in all C and C++ headers below a folder.
// usage: identifiers [folder]      by default the system's headers
#include <hocket/hocket.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using path = std::filesystem::path;
using counts = std::unordered_map<std::string_view, std::size_t>;
using tables = std::array<counts, 64>; // an identifier is always in one of them, so each table is added up by itself
using top_list = std::vector<std::pair<std::string_view, std::size_t>>;

std::string text_of(path const& header) {
    std::string text(std::filesystem::file_size(header), ' ');
    std::ifstream(header, std::ios::binary).read(text.data(), std::ssize(text));
    return text;
}

void count_in(std::string_view text, tables& found) {
    auto const is_part = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
    for (auto at = text.begin(); at != text.end();) {
        auto const end = std::find_if_not(at, text.end(), is_part);
        if (end != at && !std::isdigit(static_cast<unsigned char>(*at)))
            ++found[static_cast<unsigned>(7 * *at + 5 * end[-1] + (end - at)) % 64][std::string_view(at, end)];
        at = std::find_if(end, text.end(), is_part);
    }
}

/// Returns the twenty most frequent rows of both lists together.
top_list merged(top_list a, top_list const& b) {
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end(), [](auto& x, auto& y) { return x.second != y.second ? x.second > y.second : x < y; });
    a.resize(std::min<std::size_t>(a.size(), 20));
    return a;
}

int main(int argc, char** argv) {
    std::vector<path> files;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(argc > 1 ? argv[1] : "/usr/include"))
        if (path const type = entry.path().extension(); entry.is_regular_file() && (type == ".h" || type.empty()))
            files.push_back(entry.path());
    std::vector<std::string> const texts = hocket::parallel_map(files, text_of);
    auto const plus = [](std::size_t a, std::size_t b) { return a + b; };
    std::size_t const bytes = hocket::parallel_transform_reduce(texts, 0UL, plus, &std::string::size);
    auto const start = std::chrono::steady_clock::now();
    tables counted;
    for (std::string const& text : texts) count_in(text, counted);
    top_list expected;
    for (counts const& table : counted) expected = merged(expected, {table.begin(), table.end()});
    auto const middle = std::chrono::steady_clock::now();
    std::size_t const groups = 4 * hocket::default_pool().size();
    std::vector<tables> found = hocket::parallel_map(0UL, groups, [&](std::size_t group) {
        tables of_group;
        for (std::size_t i = group; i < texts.size(); i += groups) count_in(texts[i], of_group);
        return of_group;
    });
    auto const add_up = [&](std::size_t t) {
        for (std::size_t group = 1; group < groups; ++group)
            for (auto const& [word, count] : found[group][t]) found[0][t][word] += count;
        return merged({found[0][t].begin(), found[0][t].end()}, {});
    };
    top_list const top = hocket::parallel_transform_reduce(0UL, counted.size(), top_list(), merged, add_up);
    std::chrono::duration<double> const all = std::chrono::steady_clock::now() - middle, one = middle - start;
    std::printf("%zu files, %zu bytes\n", files.size(), bytes);
    for (auto const& [word, count] : top) std::printf("%9zu %.*s\n", count, static_cast<int>(word.size()), word.data());
    std::printf("serial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", one.count(), all.count(), one / all);
    return top == expected ? 0 : 1;
}
