// SPDX-License-Identifier: MIT
// Loads, uses and unloads plugins that use hocket as the program does, in the order of its arguments. The path of a
// plugin loads it and uses it, or uses it once more. +PATH loads it and runs bodies that do not wait, for which no more
// threads may exist than one pool has workers. -PATH unloads it. "self" uses hocket in the program. "fork" goes on in a
// child.
#include "plugin.hpp"

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/submit.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

#define CHECK(...)                                                                                                     \
    do {                                                                                                               \
        if (!(__VA_ARGS__)) {                                                                                          \
            std::printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #__VA_ARGS__);                                    \
            std::_Exit(1);                                                                                             \
        }                                                                                                              \
    } while (false)

constexpr int workers = 3; // the value of HOCKET_NUM_THREADS

/// Returns the number of threads called hocket/N.
int threads() {
    int count = 0;
    for (auto const& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(thread.path() / "comm");
        std::string name;
        std::getline(file, name);
        count += name.rfind("hocket/", 0) == 0;
    }
    return count;
}

/// Is called from a body of a plugin: computes one by way of the pool.
int one(void*) {
    return hocket::submit([] {
               auto const [a, b] = hocket::join([] { return 2; }, [] { return 1; });
               return a - b;
           })
        .get();
}

void use_self() {
    std::atomic<int> ran{0};
    hocket::parallel_for(0, 100, [&](int) { ran += one(nullptr); }, {.schedule = hocket::schedule::dynamic});
    CHECK(ran == 100);
}

struct plugin {
    void* handle;
    decltype(&plugin_work) work;
    decltype(&plugin_meets) meets;
    decltype(&plugin_waits) waits;
    decltype(&plugin_workers) size;

    explicit plugin(char const* path) : handle(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        if (handle == nullptr) std::printf("%s\n", dlerror());
        CHECK(handle != nullptr);
        work = reinterpret_cast<decltype(work)>(dlsym(handle, "plugin_work"));
        meets = reinterpret_cast<decltype(meets)>(dlsym(handle, "plugin_meets"));
        waits = reinterpret_cast<decltype(waits)>(dlsym(handle, "plugin_waits"));
        size = reinterpret_cast<decltype(size)>(dlsym(handle, "plugin_workers"));
        CHECK(work != nullptr && meets != nullptr && waits != nullptr && size != nullptr);
    }
};

void use(plugin const& one_of_them, bool uses_self) {
    CHECK(one_of_them.size() == workers);
    CHECK(one_of_them.meets(workers) == 1); // all threads of the pool, from outside
    CHECK(one_of_them.work(nullptr, nullptr) == 300);
    if (!uses_self) return;
    CHECK(one_of_them.work(&one, nullptr) == 300);
    std::atomic<int> right{0};
    hocket::task_group group; // from within tasks of the program, more than there are workers
    for (int i = 0; i < 20; ++i) group.run([&] { right += one_of_them.work(&one, nullptr) == 300; });
    group.wait();
    CHECK(right == 20);
    hocket::task_group waiting;
    for (int i = 0; i < 10; ++i) waiting.run([&] { right += one_of_them.waits(20) == 20; });
    waiting.wait();
    CHECK(right == 30);
    CHECK(hocket::submit([&] { return one_of_them.meets(workers); }).get() == 1);
}

} // namespace

int main(int count, char** arguments) {
    alarm(100);
    std::map<std::string, plugin> loaded;
    bool uses_self = false;
    pid_t child = 0;
    for (int i = 1; i < count; ++i) {
        char const* const what = arguments[i];
        if (std::strcmp(what, "self") == 0) {
            uses_self = true;
            use_self();
        } else if (std::strcmp(what, "fork") == 0) {
            child = fork();
            if (child != 0) break;
            alarm(100);
        } else if (what[0] == '+') {
            CHECK(loaded.try_emplace(what + 1, what + 1).first->second.meets(workers) == 1);
            for (int i = 0; i < 2'000 && threads() > workers; ++i)
                usleep(1'000); // the watcher first has the name of the thread that made it
            CHECK(threads() <= workers);
        } else if (what[0] == '-') {
            auto const found = loaded.find(what + 1);
            dlclose(found->second.handle);
            loaded.erase(found);
        } else {
            use(loaded.try_emplace(what, what).first->second, uses_self);
        }
        std::printf("%s: %d threads\n", what, threads());
    }
    for (auto const& [path, one_of_them] : loaded) use(one_of_them, uses_self);
    if (uses_self) use_self();
    int status = 0;
    if (child != 0) waitpid(child, &status, 0);
    CHECK(status == 0);
    return 0;
}
