// SPDX-License-Identifier: MIT
// Tests remote/call/process.hpp and remote/object/shared_memory.hpp: a call in a process of its own, its end, and
// memory that processes share.
#include <hocket/pool.hpp>
#include <hocket/remote/call/process.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/object/shared_memory.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include "run_program.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using hocket::process;
using hocket::shared_array;
using hocket::shared_memory;
using remote_test::comes_true;
using remote_test::runs;

int square(int x) { return x * x; }

TEST(process, runs_a_call_in_a_process_of_its_own) {
    process p(square, 10);
    EXPECT_EQ(p.get(), 100);
    EXPECT_EQ(p.exit_code(), 0);
    process q([] { return static_cast<long>(getpid()); });
    EXPECT_NE(q.pid(), getpid());
    EXPECT_EQ(q.get(), q.pid());
    process text([](std::string a, std::vector<int> b) { return a + std::to_string(b.size()); },
                 "three: ", std::vector<int>{1, 2, 3});
    EXPECT_EQ(text.get(), "three: 3");
}

TEST(process, has_a_memory_of_its_own) {
    static int here = 1;
    here = 2;
    process p([] { return ++here; });
    EXPECT_EQ(p.get(), 2); // the process has begun anew with 1
    EXPECT_EQ(here, 2);
}

TEST(process, tells_how_it_has_ended) {
    process waits([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
    EXPECT_EQ(waits.exit_code(), std::nullopt);
    waits.kill();
    waits.join();
    EXPECT_EQ(waits.exit_code(), -SIGKILL);
    EXPECT_THROW(waits.get(), hocket::worker_lost);
    process leaves([] { std::_Exit(3); });
    leaves.join();
    EXPECT_EQ(leaves.exit_code(), 3);
    process throws([](int x) -> int { throw std::out_of_range("no " + std::to_string(x)); }, 7);
    throws.join();
    EXPECT_EQ(throws.exit_code(), 1);
    EXPECT_THROW(throws.get(), std::out_of_range);
    process ends([] {});
    EXPECT_TRUE(comes_true([&] { return ends.exit_code().has_value(); }));
    EXPECT_EQ(ends.exit_code(), 0);
    ends.get();
}

TEST(process, carries_a_large_result_to_who_joins_late) {
    process p([](std::size_t n) { return std::vector<int>(n, 5); }, std::size_t{3'000'000});
    p.join();
    EXPECT_EQ(p.exit_code(), 0);
    std::vector<int> const result = p.get();
    EXPECT_EQ(result.size(), 3'000'000U);
    EXPECT_EQ(std::count(result.begin(), result.end(), 5), 3'000'000);
}

TEST(process, leaves_no_zombie) {
    for (int i = 0; i < (hocket::detail::sanitized ? 3 : 30); ++i) {
        long pid = 0;
        {
            process p(square, i);
            pid = p.pid();
            if (i % 3 == 0) p.kill();
        }
        EXPECT_NE(kill(static_cast<pid_t>(pid), 0), 0);
    }
}

TEST(process, lets_the_pool_work_while_a_task_joins) {
    hocket::thread_pool pool(1);
    pool.run([] {
        process outer([] {
            process inner(square, 3); // in a process that another process has started
            return inner.get();
        });
        EXPECT_EQ(outer.get(), 9);
    });
}

TEST(process_program, DISABLED_is_killed_beside_its_process) {
    process p([] {
        process inner([] { std::this_thread::sleep_for(std::chrono::hours(1)); });
        std::printf("pids %ld %ld end\n", static_cast<long>(getpid()), inner.pid());
        std::fflush(stdout);
        inner.join();
    });
    p.join();
}

TEST(process, ends_with_the_process_that_has_started_it) {
    remote_test::program driver({}, "process_program.DISABLED_is_killed_beside_its_process");
    ASSERT_TRUE(driver.wait_for("end\n"));
    long first = 0;
    long second = 0;
    ASSERT_EQ(std::sscanf(driver.out().c_str() + driver.out().find("pids"), "pids %ld %ld", &first, &second), 2);
    EXPECT_TRUE(runs(first) && runs(second));
    kill(driver.pid(), SIGKILL);
    EXPECT_FALSE(driver.finish().hung);
    EXPECT_TRUE(comes_true([&] { return !runs(first) && !runs(second); }));
}

TEST(shared_memory, is_changed_by_several_processes) {
    shared_memory total(0);
    {
        std::vector<process<void>> all;
        for (int i = 0; i < 4; ++i)
            all.emplace_back(
                [](shared_memory<int> sum) {
                    for (int k = 0; k < 1'000; ++k) std::atomic_ref(*sum).fetch_add(1);
                },
                total);
        for (auto& each : all) each.get();
    }
    EXPECT_EQ(*total, 4'000);
}

struct point {
    double x, y;
};

TEST(shared_array, is_filled_by_processes_each_of_which_has_a_part) {
    shared_array<point> a(1'000);
    EXPECT_EQ(a.size(), 1'000U);
    EXPECT_EQ(a[999].x, 0);
    {
        std::vector<process<void>> all;
        for (std::size_t part = 0; part < 2; ++part)
            all.emplace_back(
                [](shared_array<point> to, std::size_t first) {
                    for (std::size_t i = first; i < first + 500; ++i) to[i] = {static_cast<double>(i), 1};
                },
                a, 500 * part);
    } // joins
    EXPECT_EQ(std::accumulate(a.begin(), a.end(), 0.0, [](double sum, point const& p) { return sum + p.x * p.y; }),
              499'500.0);
}

TEST(shared_array, outlives_the_process_that_has_made_it) {
    process maker([] {
        shared_array<int> made(10);
        made[3] = 7;
        // Hands the memory on to a process of its own, which keeps it for longer.
        process keeper(
            [](shared_array<int> kept) {
                kept[4] = 8;
                return kept[3] + kept[4];
            },
            made);
        return keeper.get();
    });
    EXPECT_EQ(maker.get(), 15);
}

TEST(shared_array, may_be_empty_or_none) {
    shared_array<int> const none;
    EXPECT_EQ(none.size(), 0U);
    shared_array<int> const empty(0);
    process p([](shared_array<int> a, shared_array<int> b) { return a.size() + b.size(); }, none, empty);
    EXPECT_EQ(p.get(), 0U);
    EXPECT_THROW(shared_array<int>(~std::size_t{0} / 4), std::bad_alloc);
}

TEST(shared_array, is_lost_where_nobody_has_kept_it) {
    hocket::detail::archive_writer writer;
    {
        shared_array<int> gone(4);
        hocket::detail::write_value(writer, gone);
    }
    auto const read = [&] {
        hocket::detail::archive_reader reader(writer.bytes);
        return hocket::detail::read_value<shared_array<int>>(reader).size();
    };
    EXPECT_EQ(read(), 4U) << "the message keeps it";
    writer.memory.clear();
    EXPECT_THROW((void)read(), hocket::object_lost);
}

} // namespace
