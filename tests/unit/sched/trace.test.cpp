// SPDX-License-Identifier: MIT
// Tests of HOCKET_TRACE. A process has one trace, from its first pool on. So each test runs this program again, for one
// of the disabled tests, and reads the file that the program writes.
#include <hocket/hocket.hpp>

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int iterations = 20'000;
constexpr int threads = 8;
constexpr int events_of_a_thread = 2'000;

void work_for(std::chrono::microseconds time) {
    auto const end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
    }
}

hocket::task<int> coroutine() {
    co_await hocket::sleep_for(std::chrono::milliseconds(1));
    co_return 1;
}

// Programs that the tests run.

TEST(trace_program, DISABLED_does_a_bit_of_everything) {
    hocket::thread_pool pool({.workers = 2, .name = "ren\"der"});
    hocket::submit(pool, [] { work_for(std::chrono::microseconds(50)); }, {.name = "load \"it\"\n"})
        .then([] { work_for(std::chrono::microseconds(50)); })
        .get();
    hocket::task_graph graph;
    auto parse = graph.add("parse", [] { work_for(std::chrono::microseconds(50)); });
    auto unnamed = graph.add([] {});
    parse.precede(unnamed);
    graph.run(pool).get();
    hocket::parallel_for(pool, 0, iterations, [](int) { work_for(std::chrono::microseconds(1)); });
    hocket::submit(pool, coroutine(), {.name = "fetch"}).get();
    hocket::submit(pool, [] { hocket::blocking([] { work_for(std::chrono::microseconds(50)); }); }).get();
    hocket::task_group group(pool);
    for (int i = 0; i < 100; ++i) group.run([] { work_for(std::chrono::microseconds(20)); });
    group.wait();
}

TEST(trace_program, DISABLED_fills_the_buffer_from_many_threads) {
    hocket::thread_pool const pool({.workers = 1});
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([] {
            for (int i = 0; i < events_of_a_thread; ++i) hocket::detail::trace_scope const event("an event", "test");
        });
    for (std::thread& one : all) one.join();
}

TEST(trace_program, DISABLED_ends_early) {
    hocket::thread_pool pool({.workers = 1});
    hocket::submit(pool, [] {}, {.name = "first", .on = 0}).get();
    hocket::submit(pool, [] {}, {.name = "second", .after = std::chrono::milliseconds(20), .on = 0}).get();
    _exit(0);
}

TEST(trace_program, DISABLED_ends_after_its_threads_have_parked) {
    hocket::submit([] {}).get();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    hocket::detail::trace_scope const event("last", "test");
}

TEST(trace_program, DISABLED_forks) {
    hocket::submit([] {}, {.name = "before"}).get();
    std::atomic<bool> over{false};
    std::thread busy([&over] { // so that it is recording when the process forks
        while (!over) hocket::detail::trace_scope const event("an event", "test");
    });
    pid_t child = 1;
    for (int i = 0; i < 50 && child != 0 && !HasFailure(); ++i) {
        child = fork();
        if (child == 0) break;
        int status = -1;
        waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    if (child == 0) {
        alarm(20); // ends the child if it waits for a thread that the fork did not copy
        hocket::detail::begin_trace({});
        { hocket::detail::trace_scope const event("child", "test"); }
        if constexpr (hocket::detail::sanitized) {
            hocket::detail::flush_trace(); // as at the end of a process
            _exit(0);
        } else {
            hocket::submit([] {}, {.name = "child"}).get();
            std::exit(0);
        }
    }
    over = true;
    busy.join();
    hocket::submit([] {}, {.name = "parent"}).get();
}

TEST(trace_program, DISABLED_has_odd_names) {
    static std::string const cut = std::string(63, 'x') + "\xc3\x9f";
    for (char const* name : {"\xff"
                             "broken",
                             cut.c_str(),
                             "Stra\xc3\x9f"
                             "e"})
        hocket::submit([] {}, {.name = name}).get();
}

TEST(trace_program, DISABLED_says_why_there_is_no_pool) {
    try {
        hocket::thread_pool const pool({.workers = 1});
    } catch (std::invalid_argument const& error) {
        std::printf("refused: %s\n", error.what());
    }
}

// Checks of the file that a program has written.

/// Returns the end of the strict JSON value that begins there, or npos.
std::size_t end_of_value(std::string const& text, std::size_t at) {
    auto const fails = std::string::npos;
    auto const is = [&](char c) { return at < text.size() && text[at] == c; };
    if (is('"')) {
        for (++at; at < text.size() && text[at] != '"'; ++at) {
            if (static_cast<unsigned char>(text[at]) < 0x20) return fails;
            if (text[at] == '\\' && ++at < text.size() && text[at] == 'u') at += 4;
        }
        return at < text.size() ? at + 1 : fails;
    }
    if (is('{')) {
        for (++at; !is('}');) {
            if (!is('"') || (at = end_of_value(text, at)) == fails || !is(':')) return fails;
            if ((at = end_of_value(text, at + 1)) == fails || (!is(',') && !is('}'))) return fails;
            if (is(',')) ++at;
        }
        return at + 1;
    }
    std::size_t const end = text.find_first_not_of("-.0123456789", at);
    return end == at ? fails : end;
}

struct event {
    std::string line;

    std::string get(std::string const& key) const {
        std::size_t const at = line.find("\"" + key + "\":");
        if (at == std::string::npos) return {};
        std::size_t const begin = at + key.size() + 3;
        return line.substr(begin, end_of_value(line, begin) - begin);
    }
    double begin() const { return std::stod(get("ts")); }
    double end() const { return begin() + std::stod(get("dur")); }
};

class trace : public testing::Test {
  protected:
    trace() : path_(testing::TempDir() + "hocket_trace_" + std::to_string(getpid()) + ".json") {}
    ~trace() override { std::remove(path_.c_str()); }

    /// Runs one of the programs with the variable set to `file`; returns its output.
    static std::string print(std::string const& program, std::string const& file) {
        char self[4096] = "";
        if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) return "no program";
        std::string const command = (file.empty() ? "env -u HOCKET_TRACE " : "HOCKET_TRACE='" + file + "' ") + "'" +
                                    self + "' --gtest_also_run_disabled_tests --gtest_filter=trace_program.DISABLED_" +
                                    program + " 2>&1";
        std::FILE* const output = popen(command.c_str(), "r");
        std::string text;
        for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) text += static_cast<char>(c);
        EXPECT_EQ(pclose(output), 0) << text;
        return text;
    }
    /// Returns the events that the program has written, each of which is a whole line.
    std::vector<event> run(std::string const& program) {
        std::string const output = print(program, path_);
        std::ifstream file(path_);
        std::vector<event> all;
        bool closed = false;
        for (std::string line; std::getline(file, line);) {
            EXPECT_FALSE(closed) << line;
            closed = line == "]";
            if (closed) continue;
            EXPECT_EQ(line.front(), all.empty() ? '[' : ',') << output;
            EXPECT_EQ(end_of_value(line, 1), line.size()) << line;
            all.push_back({line});
        }
        EXPECT_FALSE(all.empty()) << output;
        EXPECT_EQ(closed, program != "ends_early");
        return all;
    }
    static std::ptrdiff_t count(std::vector<event> const& all, std::string const& name, std::string const& category) {
        return std::ranges::count_if(all, [&](event const& it) {
            return it.get("name") == "\"" + name + "\"" && it.get("cat") == "\"" + category + "\"";
        });
    }

    std::string const path_;
};

TEST_F(trace, shows_tasks_nodes_loops_and_coroutines_by_name) {
    std::vector<event> const all = run("does_a_bit_of_everything");
    EXPECT_EQ(count(all, "load \\u0022it\\u0022\\u000a", "task"), 1);
    EXPECT_EQ(count(all, "then", "continuation"), 1);
    EXPECT_EQ(count(all, "parse", "node"), 1);
    EXPECT_EQ(count(all, "node 1", "node"), 1);
    EXPECT_GE(count(all, "graph", "graph"), 1);
    EXPECT_GE(count(all, "fetch", "coroutine"), 1); // one step, or two
    EXPECT_EQ(count(all, "blocked", "wait"), 1);
    EXPECT_EQ(count(all, "task", "task"), 101);
    EXPECT_GE(count(all, "parked", "idle"), 1);
}

TEST_F(trace, counts_each_iteration_once) {
    long long sum = 0;
    for (event const& it : run("does_a_bit_of_everything"))
        if (it.get("cat") == "\"loop\"") sum += std::stoll(it.get("iterations"));
    EXPECT_EQ(sum, iterations);
}

TEST_F(trace, names_each_thread) {
    std::vector<event> const all = run("does_a_bit_of_everything");
    std::map<std::string, int> named;
    for (event const& it : all)
        if (it.get("name") == "\"thread_name\"") ++named[it.get("tid")];
    for (event const& it : all) {
        if (it.get("ph") != "\"X\"") continue;
        EXPECT_EQ(named[it.get("tid")], 1) << it.line;
        EXPECT_EQ(it.get("pid"), all.front().get("pid"));
    }
    for (char const* name : {"ren\\u0022der/0", "ren\\u0022der/1", "caller"})
        EXPECT_TRUE(std::ranges::any_of(all, [&](event const& it) {
            return it.get("name") == "\"thread_name\"" && it.line.find(name) != std::string::npos;
        })) << name;
}

TEST_F(trace, nests_events_within_each_thread) {
    std::map<std::string, std::vector<event>> by_thread;
    for (event const& it : run("does_a_bit_of_everything"))
        if (it.get("ph") == "\"X\"") by_thread[it.get("tid")].push_back(it);
    constexpr double rounded = 0.002;
    for (auto& [thread, all] : by_thread) { // in the order of their ends
        std::vector<event> open;
        for (event const& it : all) {
            while (!open.empty() && open.back().begin() >= it.begin() - rounded) open.pop_back();
            if (!open.empty()) {
                EXPECT_LE(open.back().end(), it.begin() + rounded) << open.back().line << it.line;
            }
            open.push_back(it);
        }
    }
}

TEST_F(trace, lines_of_many_threads_stay_whole) {
    EXPECT_EQ(count(run("fills_the_buffer_from_many_threads"), "an event", "test"), threads * events_of_a_thread);
}

TEST_F(trace, what_was_recorded_before_a_thread_slept_outlives_an_early_end) {
    EXPECT_EQ(count(run("ends_early"), "first", "task"), 1);
}

TEST_F(trace, what_is_recorded_last_is_written_at_the_end_of_the_process) {
    EXPECT_EQ(count(run("ends_after_its_threads_have_parked"), "last", "test"), 1);
}

TEST_F(trace, a_child_of_fork_has_none) {
    std::vector<event> const all = run("forks");
    EXPECT_EQ(count(all, "before", "task"), 1);
    EXPECT_EQ(count(all, "parent", "task"), 1);
    EXPECT_EQ(count(all, "child", "task"), 0);
    EXPECT_EQ(count(all, "child", "test"), 0);
}

TEST_F(trace, names_that_are_no_text_leave_it_strict_json) {
    std::vector<event> const all = run("has_odd_names");
    EXPECT_EQ(count(all, "\\ufffdbroken", "task"), 1);
    EXPECT_EQ(count(all, std::string(63, 'x') + "\\ufffd", "task"), 1); // half a character at the end
    EXPECT_EQ(count(all,
                    "Stra\xc3\x9f"
                    "e",
                    "task"),
              1);
}

TEST_F(trace, is_off_by_default) {
    print("does_a_bit_of_everything", "");
    EXPECT_FALSE(std::ifstream(path_).good());
}

TEST_F(trace, begins_with_an_empty_file) {
    std::ofstream(path_) << "something else\n";
    EXPECT_EQ(count(run("forks"), "before", "task"), 1);
}

TEST_F(trace, a_file_that_cannot_be_opened_is_an_error_that_says_why) {
    std::string const text = print("says_why_there_is_no_pool", "/no/such/folder/trace.json");
    EXPECT_NE(
        text.find("refused: HOCKET_TRACE=\"/no/such/folder/trace.json\" is not a file that can be written (No such "
                  "file or directory); correct it or unset it"),
        std::string::npos)
        << text;
}

TEST_F(trace, ends_where_the_disk_is_full) {
    std::string const text = print("does_a_bit_of_everything", "/dev/full");
    EXPECT_NE(text.find("the trace ends here"), std::string::npos) << text;
}

} // namespace
