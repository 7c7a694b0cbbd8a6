// SPDX-License-Identifier: MIT
// Keeps a table as columns, side by side: the kinds and the sizes of the files of two folders, sorted, merged, summed
// up. usage: file_sizes [folder [folder]]      by default the system's headers and its documents
#include <hocket/group.hpp>
#include <hocket/map.hpp>
#include <hocket/sort.hpp>
#include <hocket/zip.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

struct table {
    std::vector<std::string> kinds;
    std::vector<std::uintmax_t> sizes;
};
auto const by_kind = [](auto const& a, auto const& b) { return std::get<0>(a) < std::get<0>(b); };
auto const by_size = [](auto const& a, auto const& b) { return std::get<1>(a) > std::get<1>(b); };

table files_below(std::filesystem::path const& folder) {
    table found;
    auto const options = std::filesystem::directory_options::skip_permission_denied;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder, options))
        if (entry.is_regular_file() && !entry.is_symlink()) {
            found.kinds.push_back(entry.path().extension().string());
            found.sizes.push_back(entry.file_size());
        }
    return found;
}

int main(int argc, char** argv) {
    table left = files_below(argc > 1 ? argv[1] : "/usr/include"),
          right = files_below(argc > 2 ? argv[2] : "/usr/share/doc");
    for (table* each : {&left, &right}) { // the largest first, then by kind, which leaves files of one kind in order
        hocket::parallel_sort(hocket::zip(each->kinds, each->sizes), by_size);
        hocket::parallel_stable_sort(hocket::zip(each->kinds, each->sizes), by_kind);
    }
    std::size_t const count = left.kinds.size() + right.kinds.size();
    table all{std::vector<std::string>(count), std::vector<std::uintmax_t>(count)};
    hocket::parallel_merge(hocket::zip(left.kinds, left.sizes), hocket::zip(right.kinds, right.sizes),
                           hocket::zip(all.kinds, all.sizes), by_kind);

    auto totals = hocket::parallel_reduce_by_key(all.kinds, all.sizes, std::plus<>());
    std::size_t const kinds = totals.size();
    hocket::parallel_sort(totals, by_size);
    totals.resize(std::min<std::size_t>(kinds, 5));
    std::vector<std::string> const lines = hocket::parallel_starmap(
        totals, [](std::string const& kind, std::uintmax_t size) { return std::to_string(size) + " bytes " + kind; });
    std::printf("%zu files of %zu kinds\n", count, kinds);
    for (std::string const& line : lines) std::printf("%s\n", line.c_str());

    auto const digits = [](std::uintmax_t size) { return std::to_string(size).size(); };
    std::uintmax_t grouped = 0;
    for (auto const& [length, sizes] : hocket::parallel_group_by(all.sizes, digits)) grouped += sizes.size();
    return grouped == count && std::ranges::is_sorted(all.kinds) ? 0 : 1;
}
