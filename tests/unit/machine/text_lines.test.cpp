// SPDX-License-Identifier: MIT
// Tests of text_lines and of the words in them.
#include <hocket/machine/text_lines.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace hocket::detail;

std::vector<std::string> lines_of(std::string const& content) {
    std::string const path = testing::TempDir() + "hocket_text_lines_" + std::to_string(content.size());
    std::ofstream(path) << content;
    text_lines lines(path.c_str());
    std::vector<std::string> found;
    while (char const* line = lines.next()) found.emplace_back(line);
    std::filesystem::remove(path);
    return found;
}

TEST(text_lines, come_without_their_ends) {
    EXPECT_EQ(lines_of("a\n\nbc\n"), (std::vector<std::string>{"a", "", "bc"}));
    EXPECT_EQ(lines_of("a\nlast"), (std::vector<std::string>{"a", "last"}));
    EXPECT_TRUE(lines_of("").empty());
}

TEST(text_lines, too_long_ones_are_left_out_whole) {
    for (std::size_t const length : {8190U, 8191U, 8192U, 8193U, 16384U, 30000U}) {
        auto const found = lines_of("before\n" + std::string(length, 'x') + "\nafter\n");
        ASSERT_GE(found.size(), 2U) << length;
        EXPECT_EQ(found.front(), "before");
        EXPECT_EQ(found.back(), "after") << length;
        for (auto const& line : found) EXPECT_TRUE(line.size() < 10 || line.size() == length) << length;
    }
}

TEST(text_lines, a_missing_file_and_a_folder_have_none) {
    EXPECT_EQ(text_lines("/nonexistent/file").next(), nullptr);
    EXPECT_EQ(text_lines("/").next(), nullptr);
}

TEST(text_lines, take_until_cuts_fields) {
    char text[] = "12:cpu,cpuacct:/a b";
    char* rest = text;
    EXPECT_STREQ(take_until(rest, ':'), "12");
    EXPECT_STREQ(take_until(rest, ':'), "cpu,cpuacct");
    EXPECT_STREQ(take_until(rest, ':'), "/a b");
    EXPECT_STREQ(take_until(rest, ':'), "");
}

TEST(text_lines, lists_knows_whole_words) {
    EXPECT_TRUE(lists("cpu", "cpu"));
    EXPECT_TRUE(lists("rw,cpu,cpuacct", "cpu"));
    EXPECT_TRUE(lists("cpuacct,cpu", "cpu"));
    EXPECT_FALSE(lists("cpuacct,cpuset", "cpu"));
    EXPECT_FALSE(lists("", "cpu"));
    EXPECT_FALSE(lists("cp", "cpu"));
    EXPECT_FALSE(lists(",", "cpu"));
}

} // namespace
