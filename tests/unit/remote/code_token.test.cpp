// SPDX-License-Identifier: MIT
#include <hocket/remote/wire/code_token.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <sys/personality.h>
#include <unistd.h>

using hocket::detail::code_modules;
using hocket::detail::code_of_token;
using hocket::detail::token_of_code;

static int plain(int x) { return x + 1; }
template<class T>
static T instance(T x) {
    return x + 2;
}

template<class F>
static std::uintptr_t address_of(F* function) {
    return reinterpret_cast<std::uintptr_t>(function);
}

/// Returns addresses of code of the program and of a shared library.
static std::vector<std::uintptr_t> some_code() {
    int (*const lambda)(int) = [](int x) { return x + 3; };
    return {address_of(&plain), address_of(&instance<int>), address_of(&instance<double>), address_of(lambda),
            address_of(&std::abort)};
}

TEST(CodeToken, code_is_found_by_its_name) {
    for (std::uintptr_t const address : some_code()) {
        std::uint64_t const token = token_of_code(address);
        EXPECT_NE(token, 0U);
        EXPECT_EQ(code_of_token(token), address);
    }
    EXPECT_NE(token_of_code(address_of(&plain)), token_of_code(address_of(&instance<int>)));
}

TEST(CodeToken, what_is_no_code_has_no_name) {
    int local = 0;
    static int data = 0;
    EXPECT_THROW((void)token_of_code(reinterpret_cast<std::uintptr_t>(&local)), hocket::not_remotable);
    EXPECT_THROW((void)token_of_code(reinterpret_cast<std::uintptr_t>(&data)), hocket::not_remotable);
    EXPECT_THROW((void)token_of_code(0), hocket::not_remotable);
}

TEST(CodeToken, names_of_nothing_are_bad_messages) {
    auto const modules = code_modules().size();
    EXPECT_THROW((void)code_of_token(0), hocket::bad_message);
    EXPECT_THROW((void)code_of_token(~std::uint64_t{0}), hocket::bad_message);
    for (std::uint64_t number = 0; number <= modules + 1; ++number) {
        EXPECT_THROW((void)code_of_token(number << 48 | 0xffffffffffff), hocket::bad_message);
        EXPECT_THROW((void)code_of_token(number << 48), hocket::bad_message) << "the header of the file";
    }
    EXPECT_THROW((void)code_of_token(std::uint64_t{modules + 1} << 48 | 0x1000), hocket::bad_message);
}

TEST(CodeToken, modules_are_in_the_order_of_their_build_ids) {
    auto const& modules = code_modules();
    EXPECT_GE(modules.size(), 2U);
    EXPECT_TRUE(
        std::is_sorted(modules.begin(), modules.end(), [](auto const& a, auto const& b) { return a.build < b.build; }));
    EXPECT_EQ(std::count_if(modules.begin(), modules.end(), [](auto const& module) { return module.name.empty(); }), 1)
        << "the program has no name";
    std::string const build = hocket::detail::program_build_id();
    EXPECT_EQ(build.size(), 40U);
    EXPECT_TRUE(std::all_of(build.begin(), build.end(), [](unsigned char c) { return std::isxdigit(c) != 0; }));
}

static std::string all_names() {
    std::string text = std::to_string(hocket::detail::code_fingerprint());
    for (std::uintptr_t const address : some_code()) text += ' ' + std::to_string(token_of_code(address));
    return text;
}

TEST(CodeToken, DISABLED_prints_names) { // NOLINT: run by the next one
    std::printf("names: %s\naddress: %p\n", all_names().c_str(), reinterpret_cast<void*>(&plain));
}

TEST(CodeToken, names_hold_in_a_process_with_other_addresses) {
    int const before = personality(0xffffffff);
    personality(static_cast<unsigned long>(before) & ~static_cast<unsigned long>(ADDR_NO_RANDOMIZE));
    std::string const command = "/proc/" + std::to_string(getpid()) +
                                "/exe --gtest_filter=CodeToken.DISABLED_prints_names --gtest_also_run_disabled_tests";
    std::FILE* const output = popen(command.c_str(), "r");
    personality(static_cast<unsigned long>(before));
    ASSERT_NE(output, nullptr);
    std::string text;
    for (int c = std::fgetc(output); c != EOF; c = std::fgetc(output)) text += static_cast<char>(c);
    EXPECT_EQ(pclose(output), 0);
    EXPECT_NE(text.find("names: " + all_names() + "\n"), std::string::npos) << text;
}
