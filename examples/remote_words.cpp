// SPDX-License-Identifier: MIT
// Counts the words of all headers below a folder: each process counts some files, and the tables are merged in pairs.
// usage: remote_words [folder]      by default the headers of the C++ library
#include <hocket/remote.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

using table = std::map<std::string, long>;
using names = std::vector<std::string>;

table count_words(names const& files) {
    table found;
    for (std::string const& name : files) {
        std::ifstream file(name, std::ios::binary);
        std::string const text{std::istreambuf_iterator<char>(file), {}};
        auto const is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; };
        for (auto at = text.begin(); (at = std::find_if(at, text.end(), is_letter)) != text.end();) {
            auto const end = std::find_if_not(at, text.end(), is_letter);
            ++found[std::string(at, end)];
            at = end;
        }
    }
    return found;
}

table merged(table a, table const& b) {
    for (auto const& [word, count] : b) a[word] += count;
    return a;
}

} // namespace

int main(int argc, char** argv) {
    hocket::session session(argc, argv); // with HOCKET_ENGINE=processes the workers stay in here
    auto& all = hocket::cluster();
    names files;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(argc > 1 ? argv[1] : "/usr/include/c++"))
        if (entry.is_regular_file()) files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());

    std::vector<hocket::ref<table>> tables;
    for (std::size_t first = 0; first < files.size(); first += 50) {
        std::size_t const last = std::min(first + 50, files.size());
        tables.push_back(submit(all, count_words, names(&files[first], &files[0] + last)));
    }
    for (std::size_t step = 1; step < tables.size();
         step *= 2) // no thread waits here: a merge begins when both tables are there
        for (std::size_t i = 0; i + step < tables.size(); i += 2 * step)
            tables[i] = submit(all, merged, tables[i], tables[i + step]);
    table const& words = tables.front().get();

    std::vector<std::pair<long, std::string>> top;
    for (auto const& [word, count] : words) top.emplace_back(-count, word);
    std::sort(top.begin(), top.end());
    std::printf("%zu words in %zu files\n", words.size(), files.size());
    for (std::size_t i = 0; i < 5 && i < top.size(); ++i)
        std::printf("%7ld %s\n", -top[i].first, top[i].second.c_str());
    return words == count_words(files) ? 0 : 1;
}
