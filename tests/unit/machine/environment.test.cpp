// SPDX-License-Identifier: MIT
// Tests of read_environment.
#include <hocket/machine/environment.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

class environment : public testing::Test {
  protected:
    environment() { clear(); }
    ~environment() override { clear(); }
    static void clear() {
        for (char const* name : {"HOCKET_NUM_THREADS", "HOCKET_BIND", "HOCKET_DISPLAY", "HOCKET_TRACE"}) unsetenv(name);
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
    auto const read = hocket::read_environment();
    EXPECT_EQ(read.num_threads, 12U);
    EXPECT_EQ(read.bind, hocket::binding::numa);
    EXPECT_TRUE(read.display);
    EXPECT_STREQ(read.trace, "t.json");
}

TEST_F(environment, complaints_name_variable_value_and_remedy) {
    for (char const* value : {"0", "-3", "four", "4 ", "1e9", "99999999999999999999"}) {
        auto const text = complaint("HOCKET_NUM_THREADS", value);
        EXPECT_NE(text.find("HOCKET_NUM_THREADS"), std::string::npos) << value;
        EXPECT_NE(text.find(value), std::string::npos) << text;
        EXPECT_NE(text.find("such as 4"), std::string::npos) << text;
    }
    EXPECT_NE(complaint("HOCKET_BIND", "socket").find("automatic, core, pu, numa, none"), std::string::npos);
    EXPECT_NE(complaint("HOCKET_DISPLAY", "yes").find("HOCKET_DISPLAY=\"yes\""), std::string::npos);
}

TEST_F(environment, a_huge_value_gives_a_short_complaint) {
    EXPECT_LT(complaint("HOCKET_BIND", std::string(100'000, 'x').c_str()).size(), 400U);
}

} // namespace
