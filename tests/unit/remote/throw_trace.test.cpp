// SPDX-License-Identifier: MIT
// Tests that an error names the place in a worker process where it was thrown, if the program asks for that.
#include <hocket/remote.hpp>

#include "run_program.hpp"

#include <dlfcn.h>
#include <exception>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace remote_trace_test {

/// Not inlined, and externally visible, so that it has a name.
[[gnu::noinline]] int goes_wrong(int x) {
    if (x > 2) throw std::out_of_range("too far");
    return x;
}

std::string trace_of_call(int x) {
    try {
        (void)submit(
            hocket::cluster(), [](int y) { return goes_wrong(y) + 1; }, x)
            .get();
    } catch (std::out_of_range const& error) {
        try {
            std::rethrow_if_nested(error);
        } catch (hocket::remote_error const& origin) {
            return origin.trace();
        }
    }
    return "no error";
}

TEST(trace_program, DISABLED_has_a_trace) {
    for (int i = 0; i != 100; ++i) {
        std::string const trace = trace_of_call(3);
        EXPECT_NE(trace.find("+0x"), std::string::npos) << trace;
        Dl_info about{};
        bool const has_names =
            ::dladdr(reinterpret_cast<void*>(&goes_wrong), &about) != 0 && about.dli_sname != nullptr;
        EXPECT_EQ(trace.find("goes_wrong") != std::string::npos, has_names) << trace; // linked with -rdynamic
    }
    EXPECT_EQ(submit(hocket::cluster(), goes_wrong, 1).get(), 1);
    EXPECT_THROW(throw std::runtime_error("here"), std::runtime_error);
}
TEST(trace_program, DISABLED_has_none) { EXPECT_EQ(trace_of_call(3), ""); }

TEST(session_trace, tells_where_an_error_was_thrown) {
    for (char const* const test : {"trace_program.DISABLED_has_a_trace", "trace_program.DISABLED_has_none"}) {
        bool const traced = std::string(test).find("none") == std::string::npos;
        remote_test::program_result const result =
            remote_test::run_program({"HOCKET_ENGINE=processes", "HOCKET_PROCESSES=2",
                                      traced ? "HOCKET_REMOTE_TRACE=1" : "HOCKET_REMOTE_TRACE=0"},
                                     test);
        EXPECT_EQ(result.status, 0) << result.out << result.err;
    }
}

} // namespace remote_trace_test
