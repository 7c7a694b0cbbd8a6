// SPDX-License-Identifier: MIT
// Walks a folder as a list that grows: each folder adds its subfolders. Counts on the way how much each worker has
// done.
// usage: who_does_what [folder]      by default the system's headers
#include <hocket/loop.hpp>
#include <hocket/pool.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <vector>

using path = std::filesystem::path;

struct share {
    std::size_t worker = 0, core = 0, folders = 0, files = 0;
};

int main(int argc, char** argv) {
    path const root = argc > 1 ? argv[1] : "/usr/include";
    hocket::dump_on_signal(); // kill -USR1 prints at any time what each thread does
    hocket::thread_pool pool(hocket::pool_options{.bind = hocket::binding::none, .name = "walk"});
    hocket::worker_local<share> shares(pool);
    std::atomic<int> outside{0};

    hocket::parallel_for_each(pool, std::vector{root}, [&](path const& folder, hocket::feeder<path>& more) {
        if (!hocket::this_worker::inside_pool()) ++outside; // never: the caller counts as a worker while it takes part
        if (hocket::this_task::id() == 0) ++outside;        // never: each call of this body has a number
        share& mine = shares.local();
        mine.worker = hocket::this_worker::index();
        mine.core = hocket::this_worker::core();
        ++mine.folders;
        for (auto const& entry : std::filesystem::directory_iterator(folder)) {
            if (entry.is_symlink()) continue;
            if (entry.is_directory()) more.add(entry.path());
            if (entry.is_regular_file()) ++mine.files;
        }
    });

    share all;
    for (share const& each : shares) {
        std::printf("worker %zu, whose core is %zu: %zu folders, %zu files\n", each.worker, each.core, each.folders,
                    each.files);
        all.folders += each.folders;
        all.files += each.files;
    }
    std::size_t folders = 1, files = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(root)) {
        folders += !entry.is_symlink() && entry.is_directory();
        files += !entry.is_symlink() && entry.is_regular_file();
    }
    std::printf("%zu folders, %zu files\n", all.folders, all.files);
    hocket::dump(pool, stdout); // as a program that hangs might print to stderr
    hocket::pool_statistics const done = pool.statistics();
    std::printf("%ju tasks, %ju chunks\n", std::uintmax_t{done.total.tasks}, std::uintmax_t{done.total.chunks});
    return all.folders == folders && all.files == files && outside == 0 ? 0 : 1;
}
