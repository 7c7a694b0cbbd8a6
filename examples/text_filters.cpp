// SPDX-License-Identifier: MIT
// Sends the lines of a file through the filters that the command line names, as a shell's pipe does.
// usage: text_filters [file [filter...]]      filters: lower, words, long, reverse
#include <hocket/hocket.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

using step = void (*)(hocket::stage_list<std::string>&);
using hocket::parallel;
using hocket::stage;

std::map<std::string, step> const filters{
    {"lower",
     [](auto& list) {
         list.add(stage<parallel>([](std::string line) {
             for (char& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
             return line;
         }));
     }},
    {"words",
     [](auto& list) { // replaces everything but letters by a blank
         list.add(stage<parallel>([](std::string line) {
             for (char& c : line) c = std::isalpha(static_cast<unsigned char>(c)) != 0 ? c : ' ';
             return line;
         }));
     }},
    {"long",
     [](auto& list) { // drops short lines
         list.add(hocket::filter_stage<parallel>(
             [](std::string line) { return line.size() > 40 ? std::optional(std::move(line)) : std::nullopt; }));
     }},
    {"reverse",
     [](auto& list) {
         list.add(stage<parallel>([](std::string line) { return std::string(line.rbegin(), line.rend()); }));
     }},
};

} // namespace

int main(int argc, char** argv) {
    std::ifstream file(argc > 1 ? argv[1] : "/usr/share/common-licenses/GPL-3");
    std::vector<std::string> const names =
        argc > 2 ? std::vector<std::string>(argv + 2, argv + argc) : std::vector<std::string>{"lower", "words", "long"};
    hocket::stage_list<std::string> chosen;
    for (std::string const& name : names) {
        if (!filters.contains(name)) return std::fprintf(stderr, "there is no filter %s\n", name.c_str()), 2;
        filters.at(name)(chosen);
    }
    std::size_t read = 0, written = 0;
    std::string longest;
    hocket::pipeline(stage<hocket::serial>([&]() -> std::optional<std::string> {
                         std::string line;
                         if (!std::getline(file, line)) return std::nullopt;
                         ++read;
                         return line;
                     }),
                     std::move(chosen), stage<hocket::serial>([&](std::string const& line) {
                         ++written;
                         if (line.size() > longest.size()) longest = line;
                     }))
        .run();
    std::printf("%zu lines through %zu filters: %zu come out\nthe longest is: %s\n", read, names.size(), written,
                longest.c_str());
    return read != 0 && written <= read ? 0 : 1;
}
