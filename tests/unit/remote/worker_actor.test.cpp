// SPDX-License-Identifier: MIT
// Tests actors in worker processes by remote/node/node.hpp: calls of one caller in order, errors of constructors and
// methods, the end of the object, and the end of its process.
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include "call_worker.hpp"
#include "run_program.hpp"

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using hocket::detail::node;
using hocket::detail::this_program;
using hocket::detail::worker_plan;
using remote_test::comes_true;
using remote_test::send_actor;
using remote_test::send_call_with;
using remote_test::send_method;

constexpr int many = hocket::detail::sanitized ? 100 : 2'000;

int living_counters = 0; // of this process

struct counter {
    explicit counter(int from) : n(from) {
        if (from < 0) throw std::invalid_argument("a counter begins at 0");
        ++living_counters;
    }
    ~counter() { --living_counters; }
    int add(int x) { return n += x; }
    int fail(std::string text) { throw std::domain_error(text); }
    int n;
};

struct pair_of_sums { // an aggregate
    int first = 0;
    std::string second;
    std::string text() const { return std::to_string(first) + second; }
};

struct workers : node {
    explicit workers(std::size_t count) : node(*this_program, worker_plan{.workers = count}) {}
};

TEST(worker_actor, runs_the_calls_of_one_caller_in_order) {
    workers n(2);
    auto const first = send_actor<counter>(n, 0, 0);
    auto const second = send_actor<counter>(n, 1, 1'000);
    std::vector<std::unique_ptr<remote_test::sent_call<int>>> sent;
    for (int i = 0; i < many; ++i) {
        sent.push_back(send_method<counter>(n, first->number(), &counter::add, 1));
        sent.push_back(send_method<counter>(n, second->number(), &counter::add, 1));
    }
    first->get();
    second->get();
    for (int i = 0; i < many; ++i) {
        ASSERT_EQ(sent[static_cast<std::size_t>(2 * i)]->get(), i + 1);
        ASSERT_EQ(sent[static_cast<std::size_t>(2 * i + 1)]->get(), 1'000 + i + 1);
    }
    auto const plain = send_actor<pair_of_sums>(n, 0, 4, std::string("x"));
    EXPECT_EQ(send_method<pair_of_sums>(n, plain->number(), &pair_of_sums::text)->get(), "4x");
    auto const lambda = send_method<counter>(
        n, first->number(), [](counter& c, int x) { return c.n * x; }, 2);
    EXPECT_EQ(lambda->get(), 2 * many);
}

TEST(worker_actor, hands_on_errors_and_lives_on) {
    workers n(1);
    auto const made = send_actor<counter>(n, 0, 5);
    EXPECT_THROW(send_method<counter>(n, made->number(), &counter::fail, std::string("no"))->get(), std::domain_error);
    EXPECT_EQ(send_method<counter>(n, made->number(), &counter::add, 1)->get(), 6);
    auto const bad = send_actor<counter>(n, 0, -1);
    for (int i = 0; i < 3; ++i)
        EXPECT_THROW(send_method<counter>(n, bad->number(), &counter::add, 1)->get(), std::invalid_argument);
    EXPECT_THROW(bad->get(), std::invalid_argument);
}

TEST(worker_actor, is_destroyed_behind_its_calls_when_it_is_dropped) {
    workers n(1);
    auto const living = [&] { return send_call_with(n, {}, [] { return living_counters; })->get(); };
    auto const made = send_actor<counter>(n, 0, 0);
    made->get();
    EXPECT_EQ(living(), 1);
    std::vector<std::unique_ptr<remote_test::sent_call<int>>> sent;
    for (int i = 0; i < 50; ++i) sent.push_back(send_method<counter>(n, made->number(), &counter::add, 1));
    n.drop_actor(made->number());
    for (int i = 0; auto& each : sent) EXPECT_EQ(each->get(), ++i);
    EXPECT_TRUE(comes_true([&] { return living() == 0; }));
}

TEST(worker_actor, dies_with_its_process) {
    workers n(2);
    auto const made = send_actor<counter>(n, 0, 0);
    auto const other = send_actor<counter>(n, 1, 0);
    made->get();
    std::vector<std::unique_ptr<remote_test::sent_call<int>>> sent;
    for (int i = 0; i < 50; ++i) sent.push_back(send_method<counter>(n, made->number(), &counter::add, 1));
    EXPECT_THROW(send_method<counter>(n, made->number(), [](counter&) { return std::raise(SIGKILL); })->get(),
                 hocket::actor_died);
    for (int i = 0; i < 50; ++i) sent.push_back(send_method<counter>(n, made->number(), &counter::add, 1));
    int answered = 0;
    int died = 0;
    for (auto& each : sent) try {
            int const value = each->get();
            EXPECT_EQ(value, ++answered);
        } catch (hocket::actor_died const& error) {
            EXPECT_NE(std::string(error.what()).find("signal 9"), std::string::npos) << error.what();
            ++died;
        }
    EXPECT_EQ(died, 50);
    EXPECT_EQ(send_method<counter>(n, other->number(), &counter::add, 7)->get(), 7);
}

TEST(worker_actor, has_run_what_nobody_waits_for_before_its_node_ends) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0); // inherited by the worker processes
    {
        workers n(1);
        auto const made = send_actor<counter>(n, 0, 0);
        for (int i = 0; i < 20; ++i) {
            auto const write_one = [](counter&, int fd) { return write(fd, "x", 1) == 1 ? 1 : throw fd; };
            hocket::detail::archive_writer writer;
            hocket::detail::write_call(writer, write_one, ends[1]);
            n.call_actor(made->number(),
                         hocket::detail::thunk_token<std::remove_const_t<decltype(write_one)>, counter, int>(),
                         std::move(writer.bytes), {}, nullptr);
        }
    }
    char text[32];
    EXPECT_EQ(read(ends[0], text, sizeof text), 20);
    close(ends[0]);
    close(ends[1]);
}

} // namespace
