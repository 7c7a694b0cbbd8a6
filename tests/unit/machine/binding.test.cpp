// SPDX-License-Identifier: MIT
// Tests of binding and its names.
#include <hocket/machine/binding.hpp>

#include <gtest/gtest.h>

namespace {

using hocket::binding;

TEST(binding, each_name_leads_back_to_its_binding) {
    for (binding const b : {binding::automatic, binding::core, binding::pu, binding::numa, binding::none}) {
        EXPECT_EQ(hocket::binding_from(hocket::to_string(b)), b);
    }
}

TEST(binding, other_names_are_nothing) {
    for (char const* text : {"", "Core", "cores", "core ", "yes"}) {
        EXPECT_FALSE(hocket::binding_from(text).has_value()) << text;
    }
}

} // namespace
