// SPDX-License-Identifier: MIT
// Tests that worker processes get along with their surroundings: limits of memory, other builds of the program,
// debuggers, folders that cannot be written. README.md of this folder names the troubles.
#include <hocket/remote.hpp>
#include <hocket/remote/transport/fd_server.hpp>
#include <hocket/remote/transport/oom_kills.hpp>
#include <hocket/remote/transport/shared_region.hpp>
#include <hocket/remote/wire/code_token.hpp>

#include "run_program.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using remote_test::program_result;
using remote_test::run_program;
using remote_test::works;

long own_pid() { return static_cast<long>(getpid()); }
bool contains(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

void write_file(std::string const& path, std::string const& text) { std::ofstream(path) << text << std::flush; }
std::string text_of(std::string const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The programs that the tests below run.

/// Touches memory until the process is killed.
int touches_too_much() {
    constexpr std::size_t size = std::size_t{1} << 30;
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 1;
    for (std::size_t at = 0; at < size; at += 4096) static_cast<char volatile*>(memory)[at] = 1;
    return 0;
}
void print_loss(remote_pool& pool, int (*f)()) {
    try {
        std::printf("<returned %d>\n", submit(pool, f).get());
    } catch (worker_lost const& error) {
        std::printf("<%s>\n", error.what());
    }
    std::fflush(stdout);
}

TEST(surroundings_program, DISABLED_runs_out_of_memory) {
    write_file(std::getenv("HOCKET_TEST_GROUP") + std::string("/cgroup.procs"), "0");
    process_pool pool(1);
    (void)submit(pool, own_pid).get();
    print_loss(pool, touches_too_much);
    print_loss(pool, [] { return kill(getpid(), SIGKILL); });
    std::printf("<%d>\n", submit(pool, [] { return 7; }).get());
}

/// Uses most of the parts of remote/, and prints how many calls gave the right value.
TEST(surroundings_program, DISABLED_uses_all) {
    process_pool pool(2);
    int right = 0;
    for (int i = 0; i != 100; ++i)
        right += submit(
                     pool, [](int x) { return x + 1; }, i)
                     .get() == i + 1;
    std::vector<int> const squares = parallel_map(pool, 0, 1000, [](int i) { return i * i; });
    for (int i = 0; i != 1000; ++i) right += squares[static_cast<std::size_t>(i)] == i * i;
    shared_array<int> const shared(100);
    submit(
        pool, [](shared_array<int> a) { std::fill(a.begin(), a.end(), 1); }, shared)
        .get();
    for (int const one : shared) right += one;
    right += submit(
                 pool, [](std::vector<int> const& v) { return v.back(); }, std::vector<int>(1'000'000, 100))
                 .get();
    try {
        submit(pool, [] { throw std::runtime_error("text"); }).get();
    } catch (std::runtime_error const& error) {
        right += error.what() == std::string("text") ? 100 : 0;
    }
    struct counter {
        int n = 0;
        int add(int x) { return n += x; }
    };
    actor<counter> const c(pool);
    for (int i = 0; i != 99; ++i) c.tell(&counter::add, 1);
    right += c.call(&counter::add, 1).get();
    process single([] { return 100; });
    right += single.get();
    std::printf("<%d right>\n", right);
}

/// Shares memory both ways, although the system lets nothing open the descriptors of this process.
TEST(surroundings_program, DISABLED_is_not_dumpable) {
    ASSERT_EQ(prctl(PR_SET_DUMPABLE, 0), 0);
    process_pool pool(2);
    int right = 0;
    for (int i = 0; i != 10; ++i) {
        shared_array<int> const shared(1000);
        submit(
            pool, [](shared_array<int> a) { std::fill(a.begin(), a.end(), 1); }, shared)
            .get();
        for (int const one : shared) right += one;
        shared_memory<int> const made = submit(pool, [] {
                                            static shared_memory<int> kept;
                                            kept = shared_memory<int>(5);
                                            return kept;
                                        }).get();
        right += *made;
    }
    std::printf("<%d right>\n", right);
}

// The tests.

/// The control group of this process that limits memory, and the names of its files.
struct memory_group {
    std::string folder, limit;
};
memory_group group_of_memory() {
    std::ifstream lines("/proc/self/cgroup");
    for (std::string line; std::getline(lines, line);) {
        std::string const path = line.substr(line.rfind(':') + 1);
        if (line.rfind("0::", 0) == 0 && works("test -e /sys/fs/cgroup" + path + "/memory.events"))
            return {"/sys/fs/cgroup" + path, "/memory.max"};
        if (contains(line, ":memory:")) return {"/sys/fs/cgroup/memory" + path, "/memory.limit_in_bytes"};
    }
    return {};
}

TEST(process_pool_surroundings, row_6_killed_for_lack_of_memory) {
    memory_group const own = group_of_memory();
    std::string const group = own.folder + "/hocket-test-" + std::to_string(getpid());
    std::string const limit = std::to_string(hocket::detail::sanitized ? 512 << 20 : 64 << 20);
    if (own.folder.empty() || mkdir(group.c_str(), 0755) != 0) GTEST_SKIP() << "no right to make a control group";
    write_file(group + own.limit, limit);
    write_file(group + "/memory.swap.max", "0");
    write_file(group + "/memory.memsw.limit_in_bytes", limit);
    if (!contains(text_of(group + own.limit), limit)) {
        rmdir(group.c_str());
        GTEST_SKIP() << "no right to limit the memory of a control group";
    }
    program_result const result =
        run_program({"HOCKET_TEST_GROUP=" + group}, "surroundings_program.DISABLED_runs_out_of_memory");
    EXPECT_TRUE(remote_test::comes_true([&] { return rmdir(group.c_str()) == 0; }));
    std::size_t const end = result.out.find(">\n");
    std::string const first = result.out.substr(0, end);
    std::string const second = result.out.substr(std::min(end + 1, result.out.size()));
    EXPECT_TRUE(contains(first, "signal 9") && contains(first, "out of memory")) << result.out;
    EXPECT_TRUE(contains(second, "signal 9") && !contains(second, "out of memory")) << result.out;
    EXPECT_TRUE(contains(second, "<7>")) << result.out;
}

/// A copy of this program in memory, with another build id.
struct other_build {
    other_build() {
        std::string program = text_of("/proc/self/exe");
        std::vector<hocket::detail::code_module> const& modules = hocket::detail::code_modules();
        auto const own = std::find_if(modules.begin(), modules.end(), [](auto const& one) { return one.name.empty(); });
        auto const* const bytes = reinterpret_cast<char const*>(own->build.data());
        std::size_t const at = program.find(std::string(bytes, own->build.size()));
        if (at == std::string::npos) return; // the linker has written none
        program[at] = static_cast<char>(program[at] ^ 0x55);
        int const file = memfd_create("other build", 0);
        if (write(file, program.data(), program.size()) != static_cast<ssize_t>(program.size())) return;
        path = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file);
        char first[3];
        std::snprintf(first, sizeof first, "%02x", static_cast<unsigned char>(program[at]));
        id = first + hocket::detail::program_build_id().substr(2);
    }

    std::string path, id;
};

TEST(process_pool_surroundings, row_18_a_worker_of_another_build) {
    other_build const other;
    if (other.path.empty()) GTEST_SKIP() << "the linker writes no build id";
    program_result const result =
        run_program({"HOCKET_EXECUTABLE=" + other.path, "HOCKET_ENGINE=processes", "HOCKET_PROCESSES=1"},
                    "session_program.DISABLED_prints_its_engine");
    std::string const own_id = hocket::detail::program_build_id();
    EXPECT_NE(result.status, 0);
    EXPECT_FALSE(result.hung);
    EXPECT_TRUE(contains(result.out, "different code")) << result.out;
    std::string const error = result.out.substr(std::min(result.out.find("C++ exception"), result.out.size()));
    EXPECT_TRUE(contains(error, "build " + other.id + ", ")) << error;
    EXPECT_TRUE(contains(error, "build " + own_id + ", ")) << error;
}

std::string const right_values = "<1600 right>";

TEST(process_pool_surroundings, row_27_a_program_in_a_debugger) {
    if (hocket::detail::sanitized) GTEST_SKIP() << "the search for leaks does not work in a debugger";
    if (!works("gdb -nx -batch -ex run --args true")) GTEST_SKIP() << "no gdb";
    program_result const result =
        run_program({}, "surroundings_program.DISABLED_uses_all", {"gdb", "-nx", "-batch", "-ex", "run", "--args"});
    if (contains(result.err, "ptrace")) GTEST_SKIP() << "no right to debug: " << result.err;
    EXPECT_FALSE(result.hung);
    EXPECT_TRUE(contains(result.out, right_values)) << result.out << result.err;
    EXPECT_TRUE(contains(result.out, "exited normally")) << result.out;
    EXPECT_FALSE(contains(result.out, "received signal")) << result.out;
}

TEST(process_pool_surroundings, row_27_workers_that_stand_still_in_a_debugger) {
    process_pool pool(2);
    actor<std::vector<int>> const numbers(pool);
    auto const pid = static_cast<pid_t>(numbers.call([](std::vector<int>&) { return own_pid(); }).get());
    auto const calls = [&] {
        std::vector<ref<int>> sent;
        for (int i = 0; i != 100; ++i)
            sent.push_back(submit(
                pool,
                [](int x) {
                    std::this_thread::sleep_for(100us);
                    return x;
                },
                i));
        for (int i = 0; i != 100; ++i) numbers.tell([](std::vector<int>& v, int x) { v.push_back(x); }, i);
        return sent;
    };
    std::vector<ref<int>> sent = calls();
    ASSERT_EQ(kill(pid, SIGSTOP), 0); // in the middle of calls
    for (ref<int> const& each : calls()) sent.push_back(each);
    std::this_thread::sleep_for(3s); // longer than any limit in remote/
    kill(pid, SIGCONT);
    if (works("gdb --version")) { // attaching interrupts system calls
        std::string const gdb = "gdb -nx -batch -ex 'shell sleep 1' -ex detach -p " + std::to_string(pid);
        std::thread debugger([&] { (void)works(gdb); });
        for (int i = 0; i != 10; ++i)
            for (ref<int> const& each : calls()) EXPECT_GE(each.get(), 0);
        debugger.join();
    }
    for (std::size_t i = 0; i != sent.size(); ++i) EXPECT_EQ(sent[i].get(), static_cast<int>(i % 100));
    std::vector<int> const all = numbers.call([](std::vector<int>& v) { return v; }).get();
    EXPECT_EQ(all.size() % 100, 0u);
    EXPECT_GE(all.size(), 200u);
    for (std::size_t i = 0; i != all.size(); ++i) EXPECT_EQ(all[i], static_cast<int>(i % 100));
    EXPECT_EQ(numbers.call([](std::vector<int>&) { return own_pid(); }).get(), pid);
}

TEST(process_pool_surroundings, row_38_nothing_can_be_written) {
    std::string const read_only = "for folder in /tmp /dev/shm /var/tmp /run \"$HOME\" \"$PWD\"; do"
                                  " mount --bind \"$folder\" \"$folder\" && mount -o remount,bind,ro \"$folder\";"
                                  " done 2>/dev/null; cd /tmp && ! touch /tmp/x /dev/shm/x \"$HOME/x\" 2>/dev/null";
    std::vector<std::string> const unshare{"unshare", "-Urm", "sh", "-c"};
    if (!works("unshare -Urm sh -c '" + read_only + "'")) GTEST_SKIP() << "no right to make namespaces";
    std::vector<std::string> command = unshare;
    command.push_back(read_only + " && exec \"$@\"");
    command.push_back("sh");
    program_result const result =
        run_program({"HOCKET_ENGINE=processes"}, "surroundings_program.DISABLED_uses_all", command);
    EXPECT_FALSE(result.hung);
    EXPECT_EQ(result.status, 0);
    EXPECT_TRUE(contains(result.out, right_values)) << result.out << result.err;
    EXPECT_EQ(result.err, "");
}

TEST(process_pool_surroundings, row_90_a_process_that_may_not_be_opened) {
    std::string const user = "setpriv --reuid 1234 --regid 1234 --clear-groups";
    if (!works(user + " true")) GTEST_SKIP() << "no right to become another user";
    program_result const result = run_program({}, "surroundings_program.DISABLED_is_not_dumpable",
                                              {"setpriv", "--reuid", "1234", "--regid", "1234", "--clear-groups"});
    if (contains(result.err, "failed to execute")) GTEST_SKIP() << "another user may not run this program";
    EXPECT_FALSE(result.hung);
    EXPECT_TRUE(contains(result.out, "<10050 right>")) << result.out << result.err;
}

TEST(process_pool_surroundings, row_90_descriptors_that_a_process_passes) {
    EXPECT_EQ(hocket::detail::shared_region(64).address().server, 0u) << "not needed here";
    hocket::detail::passes_fds.store(true);
    hocket::detail::shared_region const made(64);
    hocket::detail::passes_fds.store(false);
    hocket::detail::region_address address = made.address();
    ASSERT_NE(address.server, 0u);
    address.pid = 0; // there is no /proc/0
    for (int i = 0; i != 100; ++i) {
        hocket::detail::shared_region const mapped(address);
        mapped.data()[0] = static_cast<std::byte>(i);
        EXPECT_EQ(made.data()[0], static_cast<std::byte>(i));
    }
    hocket::detail::region_address other = address;
    ++other.file;
    EXPECT_THROW(hocket::detail::shared_region{other}, object_lost) << "the descriptor has been used for another file";
    other = address;
    other.fd = 1'000'000;
    EXPECT_THROW(hocket::detail::shared_region{other}, object_lost);
    other = address;
    other.server = address.server ^ 1;
    EXPECT_THROW(hocket::detail::shared_region{other}, object_lost) << "no such server";
    other.server = 0;
    EXPECT_THROW(hocket::detail::shared_region{other}, object_lost);
}

/// The files of control groups, in a folder that is removed at the end.
class group_files {
  public:
    explicit group_files(std::string const& line) {
        char name[] = "/tmp/hocket-groups-XXXXXX";
        root = mkdtemp(name);
        EXPECT_TRUE(works("mkdir -p " + root + "/proc/self " + root + "/sys/fs/cgroup/memory/a/b"));
        write_file(root + "/proc/self/cgroup", "5:cpu,cpuacct:/other\n" + line + "\n");
    }
    group_files(group_files const&) = delete;
    group_files& operator=(group_files const&) = delete;
    ~group_files() { EXPECT_TRUE(works("rm -r " + root)); }

    void set(std::string const& file, int kills) const {
        write_file(root + "/sys/fs/cgroup/" + file, "oom 7\noom_kill " + std::to_string(kills) + "\n");
    }

    std::string root;
};
void explains_each_kill(std::string const& line, std::string const& file) {
    group_files const files(line);
    files.set(file, 3);
    hocket::detail::oom_kills kills(files.root);
    EXPECT_FALSE(kills.explains_a_death()) << "by earlier kills";
    files.set(file, 5);
    EXPECT_TRUE(kills.explains_a_death()) << line;
    EXPECT_TRUE(kills.explains_a_death()) << line;
    EXPECT_FALSE(kills.explains_a_death()) << "two kills explain two deaths";
    files.set(file, 6);
    EXPECT_TRUE(kills.explains_a_death());
}

TEST(process_pool_surroundings, row_6_kills_that_the_control_group_counts) {
    explains_each_kill("0::/", "memory.events");
    explains_each_kill("0::/memory/a", "memory/a/memory.events");
    explains_each_kill("3:memory:/a/b", "memory/a/b/memory.oom_control");
    explains_each_kill("3:hugetlb,memory:/a", "memory/a/memory.oom_control");
    explains_each_kill("3:memory:/of/the/host", "memory/memory.oom_control");
    group_files const none("0::/");
    EXPECT_FALSE(hocket::detail::oom_kills(none.root).explains_a_death());
    EXPECT_FALSE(hocket::detail::oom_kills(none.root + "/nothing").explains_a_death());
}

} // namespace
