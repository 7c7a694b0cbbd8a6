// SPDX-License-Identifier: MIT
// Assertions of the model tests on results of explore(), and a visible skip where the checker cannot run. Its fibers
// change stacks, which the address and thread sanitizers do not follow.
#pragma once
#include <hocket/base/config.hpp>

#include <gtest/gtest.h>

#include <string>

#include "explore.hpp"

namespace model {

struct skip_under_sanitizers : testing::Environment {
    void SetUp() override { GTEST_SKIP() << "the fibers of the model checker do not run under this sanitizer"; }
};
inline testing::Environment* const skip_all =
    hocket::detail::sanitized ? testing::AddGlobalTestEnvironment(new skip_under_sanitizers) : nullptr;

/// Succeeds if no execution failed and all within the bounds were explored (or the search was a random one).
inline testing::AssertionResult passes(const result& r, bool has_to_be_complete = true) {
    if (r.failed) return testing::AssertionFailure() << r.report;
    if (has_to_be_complete && !r.complete)
        return testing::AssertionFailure() << "not complete after " << r.executions << " executions";
    testing::Test::RecordProperty("executions", std::to_string(r.executions));
    return testing::AssertionSuccess() << r.executions << " executions, " << r.redundant << " of them redundant";
}

/// Succeeds if some execution failed with a message that contains `text`.
inline testing::AssertionResult fails_with(const result& r, const std::string& text) {
    if (!r.failed) return testing::AssertionFailure() << "no failure in " << r.executions << " executions";
    if (r.failure.find(text) == std::string::npos)
        return testing::AssertionFailure() << "failed otherwise: " << r.report;
    return testing::AssertionSuccess() << r.report;
}

} // namespace model
