// SPDX-License-Identifier: MIT
// Tests of read_environment.
#include <hocket/machine/environment.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

class environment : public testing::Test {
  protected:
    environment() { clear(); }
    ~environment() override { clear(); }
    static void clear() {
        for (char const* name :
             {"HOCKET_NUM_THREADS", "HOCKET_BIND", "HOCKET_DISPLAY", "HOCKET_TRACE", "HOCKET_WATCHDOG"})
            unsetenv(name);
    }
    static std::string complaint(char const* name, char const* value) {
        setenv(name, value, 1);
        try {
            hocket::read_environment();
        } catch (std::invalid_argument const& error) {
            unsetenv(name);
            return error.what();
        }
        return {};
    }
};

TEST_F(environment, asks_for_nothing_by_default) {
    auto const read = hocket::read_environment();
    EXPECT_FALSE(read.num_threads.has_value());
    EXPECT_FALSE(read.bind.has_value());
    EXPECT_FALSE(read.display);
    EXPECT_EQ(read.trace, nullptr);
}

TEST_F(environment, empty_is_unset) {
    setenv("HOCKET_NUM_THREADS", "", 1);
    setenv("HOCKET_BIND", "", 1);
    setenv("HOCKET_DISPLAY", "", 1);
    EXPECT_FALSE(hocket::read_environment().num_threads.has_value());
}

TEST_F(environment, takes_what_is_set) {
    setenv("HOCKET_NUM_THREADS", "12", 1);
    setenv("HOCKET_BIND", "numa", 1);
    setenv("HOCKET_DISPLAY", "1", 1);
    setenv("HOCKET_TRACE", "t.json", 1);
    setenv("HOCKET_WATCHDOG", "30", 1);
    auto const read = hocket::read_environment();
    EXPECT_EQ(read.num_threads, 12U);
    EXPECT_EQ(read.bind, hocket::binding::numa);
    EXPECT_TRUE(read.display);
    EXPECT_STREQ(read.trace, "t.json");
    EXPECT_EQ(read.watchdog, 30U);
}

TEST_F(environment, complaints_name_variable_value_and_remedy) {
    for (char const* value : {"0", "-3", "four", "4 ", "1e9", "99999999999999999999"}) {
        auto const text = complaint("HOCKET_NUM_THREADS", value);
        EXPECT_NE(text.find("HOCKET_NUM_THREADS"), std::string::npos) << value;
        EXPECT_NE(text.find(value), std::string::npos) << text;
        EXPECT_NE(text.find("such as 4"), std::string::npos) << text;
    }
    for (char const* value : {"0", "-1", "1.5", "soon", "1000001"}) {
        auto const text = complaint("HOCKET_WATCHDOG", value);
        EXPECT_NE(text.find(value), std::string::npos) << text;
        EXPECT_NE(text.find("such as 10"), std::string::npos) << text;
    }
    EXPECT_NE(complaint("HOCKET_BIND", "socket").find("automatic, core, pu, numa, none"), std::string::npos);
    EXPECT_NE(complaint("HOCKET_DISPLAY", "maybe").find("HOCKET_DISPLAY=\"maybe\""), std::string::npos);
}

TEST_F(environment, words_for_yes_and_no_are_understood_in_any_letters) {
    for (char const* yes : {"1", "yes", "Yes", "TRUE", "true", "on", "ON"}) {
        setenv("HOCKET_DISPLAY", yes, 1);
        setenv("HOCKET_BIND", yes, 1);
        EXPECT_TRUE(hocket::read_environment().display) << yes;
        EXPECT_EQ(hocket::read_environment().bind, hocket::binding::core) << yes;
    }
    for (char const* no : {"0", "no", "NO", "False", "off", "OFF"}) {
        setenv("HOCKET_DISPLAY", no, 1);
        setenv("HOCKET_BIND", no, 1);
        EXPECT_FALSE(hocket::read_environment().display) << no;
        EXPECT_EQ(hocket::read_environment().bind, hocket::binding::none) << no;
    }
    unsetenv("HOCKET_DISPLAY");
    for (char const* bind : {"NONE", "None", "none"}) {
        setenv("HOCKET_BIND", bind, 1);
        EXPECT_EQ(hocket::read_environment().bind, hocket::binding::none) << bind;
    }
    setenv("HOCKET_BIND", "NUMA", 1);
    EXPECT_EQ(hocket::read_environment().bind, hocket::binding::numa);
}

TEST_F(environment, variables_that_do_not_exist_are_named_in_one_line) {
    setenv("HOCKET_NUM_THREAD", "4", 1);
    setenv("HOCKET_Display", "1", 1);
    testing::internal::CaptureStderr();
    hocket::detail::name_unknown_variables();
    std::string const line = testing::internal::GetCapturedStderr();
    unsetenv("HOCKET_NUM_THREAD");
    unsetenv("HOCKET_Display");
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    for (char const* part : {"HOCKET_NUM_THREAD,", "HOCKET_Display;", "HOCKET_NUM_THREADS,"})
        EXPECT_NE(line.find(part), std::string::npos) << line;
    if (std::getenv("HOCKET_TOPOLOGIES") != nullptr) return;
    setenv("HOCKET_DISPLAY", "1", 1);
    testing::internal::CaptureStderr();
    hocket::detail::name_unknown_variables();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(environment_program, DISABLED_of_a_program_with_other_rights) {
    auto const read = hocket::read_environment();
    std::_Exit(getauxval(AT_SECURE) == 0 ? 2 : read.num_threads || read.display || read.trace != nullptr ? 1 : 7);
}

TEST_F(environment, is_not_read_by_a_program_that_runs_with_other_rights_than_its_user) {
    if (geteuid() != 0 || hocket::detail::sanitized) GTEST_SKIP() << "it takes root to make such a program";
    namespace fs = std::filesystem;
    fs::path const folder = fs::temp_directory_path() / ("hocket_setuid_" + std::to_string(getpid()));
    fs::path const program = folder / "program";
    fs::create_directories(folder);
    fs::copy_file("/proc/self/exe", program);
    ASSERT_EQ(chmod(folder.c_str(), 0755), 0);
    ASSERT_EQ(chmod(program.c_str(), 04755), 0);
    pid_t const child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
        char const* const arguments[] = {program.c_str(), "--gtest_also_run_disabled_tests",
                                         "--gtest_filter=environment_program.DISABLED_of_a_program_with_other_rights",
                                         nullptr};
        char const* const variables[] = {"HOCKET_NUM_THREADS=3", "HOCKET_DISPLAY=1", "HOCKET_TRACE=/tmp/t.json",
                                         nullptr};
        execve(program.c_str(), const_cast<char**>(arguments), const_cast<char**>(variables));
        _exit(2);
    }
    int status = 0;
    waitpid(child, &status, 0);
    fs::remove_all(folder);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) GTEST_SKIP() << "the system gives it no other rights here";
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7) << status;
}

TEST_F(environment, a_huge_value_gives_a_short_complaint) {
    EXPECT_LT(complaint("HOCKET_BIND", std::string(100'000, 'x').c_str()).size(), 400U);
}

} // namespace
