// SPDX-License-Identifier: MIT
// Compresses the files of a folder by a pipeline: read in order, compress side by side, write in order.
// usage: compress [folder [output]]      by default the system's headers, written to nowhere
#include <hocket/hocket.hpp>

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using path = std::filesystem::path;
using seconds = std::chrono::duration<double>;

std::vector<path> files_below(path const& folder) {
    std::vector<path> found;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::string text_of(path const& file) {
    std::string text(std::filesystem::file_size(file), ' ');
    std::ifstream(file, std::ios::binary).read(text.data(), std::ssize(text));
    return text;
}

std::string compressed(std::string const& text) {
    std::string packed(compressBound(text.size()), ' ');
    uLongf size = packed.size();
    if (compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<Bytef const*>(text.data()),
                 text.size()) != Z_OK)
        throw std::runtime_error("zlib failed");
    packed.resize(size);
    return packed;
}

/// The output so far: its size, and a checksum that depends on the order.
struct archive {
    void add(std::string const& packed) {
        bytes += packed.size();
        checksum = crc32(checksum, reinterpret_cast<Bytef const*>(packed.data()), static_cast<uInt>(packed.size()));
        out.write(packed.data(), std::ssize(packed));
    }
    std::ofstream out;
    std::size_t bytes = 0;
    uLong checksum = 0;
};

int main(int argc, char** argv) {
    std::vector<path> const files = files_below(argc > 1 ? argv[1] : "/usr/include");
    std::size_t bytes_in = 0;
    auto const start = std::chrono::steady_clock::now();
    archive serial;
    for (path const& file : files) serial.add(compressed(text_of(file)));
    auto const middle = std::chrono::steady_clock::now();
    archive parallel;
    if (argc > 2) parallel.out.open(argv[2], std::ios::binary);
    hocket::pipeline(hocket::stage<hocket::serial>([&, next = files.begin()]() mutable -> std::optional<std::string> {
                         if (next == files.end()) return std::nullopt;
                         std::string text = text_of(*next++);
                         bytes_in += text.size();
                         return text;
                     }),
                     hocket::stage<hocket::parallel>(compressed),
                     hocket::stage<hocket::serial>([&](std::string const& packed) { parallel.add(packed); }))
        .run({.tokens = 16});
    seconds const all = std::chrono::steady_clock::now() - middle, one = middle - start;
    std::printf("files    %8zu\nbytes    %8zu in, %zu out\n", files.size(), bytes_in, parallel.bytes);
    std::printf("serial   %8.3f s\nparallel %8.3f s\nspeed-up %8.2f x\n", one.count(), all.count(), one / all);
    return parallel.bytes == serial.bytes && parallel.checksum == serial.checksum ? 0 : 1;
}
