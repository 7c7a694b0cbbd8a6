// SPDX-License-Identifier: MIT
// Tests of the stop tokens for standard libraries that have none.
#include <hocket/base/any_stop_token.hpp>
#include <hocket/base/own_stop_token.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace {

using hocket::detail::own_stop_callback;
using hocket::detail::own_stop_source;
using hocket::detail::own_stop_token;

static_assert(hocket::stop_token_like<own_stop_token>);

TEST(own_stop_token, tells_of_the_one_request) {
    EXPECT_FALSE(own_stop_token().stop_possible());
    std::optional<own_stop_source> source(std::in_place);
    own_stop_token const token = source->get_token();
    EXPECT_TRUE(token.stop_possible());
    EXPECT_FALSE(token.stop_requested());
    hocket::any_stop_token const any = token;
    own_stop_source copy = *source;
    EXPECT_TRUE(copy.request_stop());
    EXPECT_FALSE(source->request_stop());
    EXPECT_TRUE(token.stop_requested() && any.stop_requested() && copy.stop_requested());
    own_stop_token lost;
    {
        own_stop_source const gone;
        lost = gone.get_token();
    }
    EXPECT_FALSE(lost.stop_possible());
    EXPECT_FALSE(lost == token);
}

TEST(own_stop_token, calls_each_callback_once) {
    int calls = 0;
    own_stop_source source;
    {
        own_stop_callback const dropped(source.get_token(), [&] { calls += 100; });
    }
    own_stop_callback const first(source.get_token(), [&] { ++calls; });
    std::unique_ptr<own_stop_callback<std::function<void()>>> itself;
    itself = std::make_unique<own_stop_callback<std::function<void()>>>(source.get_token(), std::function<void()>([&] {
                                                                            ++calls;
                                                                            itself.reset();
                                                                        }));
    source.request_stop();
    EXPECT_EQ(calls, 2);
    own_stop_callback const late(source.get_token(), [&] { ++calls; });
    EXPECT_EQ(calls, 3);
}

TEST(own_stop_token, waits_for_a_callback_that_runs) {
    for (int i = 0; i < 200; ++i) {
        own_stop_source source;
        int touched = 0; // by the callback alone, or after it
        std::thread stopper;
        {
            own_stop_callback const callback(source.get_token(), [&] { ++touched; });
            stopper = std::thread([&] { source.request_stop(); });
        }
        ++touched;
        stopper.join();
        ASSERT_TRUE(touched == 1 || touched == 2);
    }
}

} // namespace
