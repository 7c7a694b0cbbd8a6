// SPDX-License-Identifier: MIT
// Answers questions about all words of a folder of text files: how many there are, which are names, which is the
// longest.
// usage: words [folder]      by default the system's C++ headers
#include <hocket/filter.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

std::vector<std::string> words_below(std::filesystem::path const& folder) {
    std::vector<std::string> all;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) {
            std::ifstream file(entry.path());
            std::copy(std::istream_iterator<std::string>(file), {}, std::back_inserter(all));
        }
    return all;
}

int main(int argc, char** argv) {
    auto const is_name = [](std::string const& word) { return std::isalpha(static_cast<unsigned char>(word[0])) != 0; };
    auto const is_empty = [](std::string const& word) { return word.empty(); };
    auto const is_type = [](std::string const& word) { return word.ends_with("_type"); };
    auto const is_short = [](std::string const& word) { return word.size() < 3; };

    std::vector<std::string> words = words_below(argc > 1 ? argv[1] : "/usr/include/c++");
    auto const names = hocket::parallel_count_if(words, is_name);
    auto const first = hocket::parallel_find_if(words, is_type);
    std::printf("%zu words, of which %ju are names; the first type is '%s'\n", words.size(),
                static_cast<std::uintmax_t>(names), first->c_str());
    bool right = hocket::parallel_none_of(words, is_empty) && hocket::parallel_any_of(words, is_type);

    hocket::parallel_sort(words);
    auto const repeated = hocket::parallel_unique(words);
    words.erase(repeated.begin(), repeated.end());
    auto const [least, greatest] = hocket::parallel_minmax_element(words);
    std::printf("%zu different ones, from '%s' to '%s'\n", words.size(), least->c_str(), greatest->c_str());

    auto const longest = hocket::parallel_max_element(words, std::less<>(), &std::string::size);
    auto const shortest = hocket::parallel_min_element(words, std::less<>(), &std::string::size);
    std::vector<std::string> by_size = words;
    auto const middle = by_size.begin() + std::ssize(by_size) / 2;
    hocket::parallel_nth_element(by_size, middle, std::less<>(), &std::string::size);
    std::printf("they have %zu to %zu letters, half of them up to %zu\n", shortest->size(), longest->size(),
                middle->size());

    std::vector<std::string> const types = hocket::parallel_copy_if(words, is_type);
    auto const others = hocket::parallel_partition(words, is_name); // moves names to the front
    words.erase(others.begin(), others.end());
    auto const removed = hocket::parallel_remove_if(words, is_short);
    words.erase(removed.begin(), removed.end());
    std::printf("%zu types, %zu names of three letters and more\n", types.size(), words.size());
    right = right && hocket::parallel_all_of(words, is_name) && hocket::parallel_none_of(words, is_short);
    return right && hocket::parallel_all_of(types, is_type) ? 0 : 1;
}
