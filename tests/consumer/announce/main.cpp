// SPDX-License-Identifier: MIT
// Loads a library after the session has begun, and calls its function in worker processes, also in a replacement
// process.
// usage: program PLUGIN
#include <hocket/remote.hpp>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <unistd.h>

static int pid() { return static_cast<int>(::getpid()); }
static int call(int (*f)(int), int x) { return f(x); }

int main(int argc, char** argv) try {
    hocket::session const session(argc, argv);
    hocket::remote_pool& all = hocket::cluster();
    if (argc < 2) return 2;
    bool const threads = all.nodes()[0].engine == "threads";
    int const first = submit(all, pid).get(); // libraries loaded from here on have no name yet
    void* const library = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return std::printf("%s\n", ::dlerror()), 3;
    int (*cube)(int) = nullptr;
    void* const found = ::dlsym(library, "cube");
    std::memcpy(&cube, &found, sizeof cube);
    if (!threads) {
        try {
            (void)submit(all, cube, 2).get();
            return 4;
        } catch (hocket::not_remotable const&) {
        }
    }
    session.announce_modules();
    session.announce_modules(); // nothing is new
    if (submit(all, cube, 3).get() != 27 || submit(all, call, cube, 2).get() != 8) return 5;
    if (!threads) {
        ::kill(first, SIGKILL);
        while (all.statistics().lost_processes == 0) ::usleep(1000);
        for (int i = 0; i != 20; ++i)
            if (submit(all, cube, i).get() != i * i * i) return 6;
    }
    hocket::process_pool pool(1); // made after the announcement
    if (submit(pool, cube, 4).get() != 64) return 7;
    return 0;
} catch (std::exception const& error) {
    std::printf("%s\n", error.what());
    return 8;
}
