// SPDX-License-Identifier: MIT
// Lists the headers that headers include, by a pipeline whose stages drop and multiply items: folder, files, lines,
// names.
// usage: find_includes [folder]      by default the system's C++ headers
#include <hocket/pipeline.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

using path = std::filesystem::path;

std::vector<std::string> lines_of(path const& file) {
    std::vector<std::string> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::optional<std::string> included_by(std::string const& line) {
    std::size_t const first = line.find('<'), last = line.find('>');
    if (!line.starts_with("#include") || first == std::string::npos || last < first) return std::nullopt;
    return line.substr(first + 1, last - first - 1);
}

int main(int argc, char** argv) {
    std::filesystem::recursive_directory_iterator next(argc > 1 ? argv[1] : "/usr/include/c++");
    std::map<std::string, int> count;
    std::size_t longest = 0;

    auto const files = [&](hocket::end_of_input& end) -> path {
        if (next == std::filesystem::recursive_directory_iterator()) return end.stop(), path();
        path file = next->path();
        ++next;
        return file;
    };
    auto const counted = [&](std::string const& name) {
        ++count[name];
        return name.size();
    };
    hocket::pipeline(
        hocket::stage<hocket::serial>(files),
        hocket::expand_stage<hocket::parallel>(lines_of),    // one file, many lines
        hocket::filter_stage<hocket::parallel>(included_by), // most of them are dropped
        hocket::stage<hocket::serial>(counted),              // in the order of the files
        hocket::stage<hocket::serial_any_order>([&](std::size_t size) { longest = size > longest ? size : longest; }))
        .run({.tokens = 16});

    std::string most;
    for (auto const& [name, times] : count)
        if (most.empty() || times > count[most]) most = name;
    std::printf("%zu names, of up to %zu letters; the most frequent is <%s>\n", count.size(), longest, most.c_str());
    return count[most] > 0 && longest > 0 ? 0 : 1;
}
