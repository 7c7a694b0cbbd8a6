// SPDX-License-Identifier: MIT
// Tests of plugin_guard: the environment of the process does not change for good.
#include <hocket/machine/plugin_guard.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

char const* const variable = "HWLOC_PLUGINS_PATH";

TEST(plugin_guard, leaves_the_environment_as_it_was) {
    unsetenv(variable);
    { hocket::detail::plugin_guard const guard; }
    EXPECT_EQ(std::getenv(variable), nullptr);
}

TEST(plugin_guard, respects_what_the_user_has_set) {
    setenv(variable, "/some/where", 1);
    {
        hocket::detail::plugin_guard const guard;
        EXPECT_STREQ(std::getenv(variable), "/some/where");
    }
    EXPECT_STREQ(std::getenv(variable), "/some/where");
    unsetenv(variable);
}

TEST(plugin_guard, writes_nothing_while_other_threads_run) {
    unsetenv(variable);
    std::thread other([] {
        hocket::detail::plugin_guard const guard;
        EXPECT_EQ(std::getenv(variable), nullptr);
    });
    other.join();
}

} // namespace
