// SPDX-License-Identifier: MIT
// Sorts the lines of a text file of a hundred megabytes, made from the system's headers.
// usage: sort_text [megabytes [folder]]      by default 100 and the system's headers
#include <hocket/hocket.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using path = std::filesystem::path;

/// Writes the headers below the folder, over and over again, until there are `bytes` bytes.
path make_text(std::size_t bytes, path const& folder) {
    std::vector<path> headers;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().extension() == ".h") headers.push_back(entry.path());
    if (headers.empty()) throw std::runtime_error("no headers in " + folder.string());
    path const text = std::filesystem::temp_directory_path() / ("hocket_sort_text_" + std::to_string(bytes) + ".txt");
    std::ofstream out(text, std::ios::binary);
    for (std::size_t i = 0; static_cast<std::size_t>(out.tellp()) < bytes; i = (i + 1) % headers.size())
        if (std::ifstream in(headers[i], std::ios::binary); in.peek() != EOF) out << in.rdbuf();
    return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        std::size_t const end = std::min(text.find('\n'), text.size() - 1);
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    return lines;
}

double seconds_of(auto const& work) {
    auto const start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int main(int argc, char** argv) {
    std::size_t const megabytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100;
    path const file = make_text(megabytes * 1'000'000, argc > 2 ? argv[2] : "/usr/include");
    std::string text(std::filesystem::file_size(file), ' ');
    std::ifstream(file, std::ios::binary).read(text.data(), std::ssize(text));

    std::vector<std::string_view> lines = lines_of(text), expected = lines;
    std::printf("%zu bytes, %zu lines\n", text.size(), lines.size());
    double const serial = seconds_of([&] { std::sort(expected.begin(), expected.end()); });
    hocket::default_pool(); // starts its threads, which is not measured
    double const parallel = seconds_of([&] { hocket::parallel_sort(lines); });

    std::ofstream sorted(file, std::ios::binary); // the sorted text replaces the other one
    for (std::string_view const line : lines) sorted << line << '\n';
    std::printf("sorted lines are in %s\n", file.c_str());
    std::printf("serial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", serial, parallel, serial / parallel);
    return lines == expected ? 0 : 1;
}
