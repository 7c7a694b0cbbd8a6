// SPDX-License-Identifier: MIT
// Walks a directory tree with coroutines: each folder is a coroutine, and waits for its subfolders without a thread.
// usage: tree_walk [folder]      by default the system's headers
#include <hocket/hocket.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <vector>

using path = std::filesystem::path;
using seconds = std::chrono::duration<double>;

struct totals {
    std::size_t folders = 0;
    std::size_t files = 0;
    std::uintmax_t bytes = 0;
    bool operator==(totals const&) const = default;
    totals& operator+=(totals const& more) {
        folders += more.folders;
        files += more.files;
        bytes += more.bytes;
        return *this;
    }
};

/// Sums up a folder without its subfolders, which it lists.
totals list(path const& folder, std::vector<path>& subfolders) {
    totals here{.folders = 1};
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.is_symlink()) continue;
        if (entry.is_directory())
            subfolders.push_back(entry.path());
        else if (entry.is_regular_file())
            here += {.files = 1, .bytes = entry.file_size()};
    }
    return here;
}

totals walk_serially(path const& folder) {
    std::vector<path> subfolders;
    totals sum = list(folder, subfolders);
    for (path const& subfolder : subfolders) sum += walk_serially(subfolder);
    return sum;
}

hocket::task<totals> walk(path folder) {
    std::vector<path> subfolders;
    totals sum = list(folder, subfolders);
    std::vector<hocket::future<totals>> below;
    for (path const& subfolder : subfolders) below.push_back(hocket::submit(walk(subfolder)));
    for (hocket::future<totals>& part : below) sum += co_await part;
    co_return sum;
}

int main(int argc, char** argv) {
    path const root = argc > 1 ? argv[1] : "/usr/include";
    totals const expected = walk_serially(root); // the first walk also brings the tree into memory
    auto const start = std::chrono::steady_clock::now();
    bool right = walk_serially(root) == expected;
    auto const middle = std::chrono::steady_clock::now();
    totals const found = hocket::sync_wait(walk(root));
    seconds const all = std::chrono::steady_clock::now() - middle, one = middle - start;
    right = right && found == expected;
    std::printf("%zu folders, %zu files, %ju bytes\n", found.folders, found.files, found.bytes);
    std::printf("serial   %8.4f s\nparallel %8.4f s\nspeed-up %8.2f x\n", one.count(), all.count(), one / all);
    return right ? 0 : 1;
}
