// SPDX-License-Identifier: MIT
// Tests that ready work begins while a long loop keeps all workers busy. A helper of the loop leaves it for nodes that
// the caller of the loop keeps, for tasks in the caller's queues, and for external tasks.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>

namespace {

using namespace hocket;

/// A loop on all workers that has nothing more to do once other work has begun. Reports whether the other work began in
/// its first half.
class long_loop {
  public:
    void begin_other() { other_ = true; }
    bool is_running() const { return running_; }
    bool run() {
        parallel_for(0, 4000, [this](int) {
            running_ = true;
            if (other_) return;
            ++waited_;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        });
        return waited_ < 2000;
    }

  private:
    std::atomic<bool> other_{false};
    std::atomic<bool> running_{false};
    std::atomic<int> waited_{0};
};

class beside_a_loop : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool{{.workers = GetParam(), .bind = binding::none}};
};

INSTANTIATE_TEST_SUITE_P(on_workers, beside_a_loop, testing::Values(2, 3, 4, 8));

TEST_P(beside_a_loop, a_node_of_the_graph_begins) {
    for (int round = 0; round < 4; ++round) { // the length of the bodies is known after the first round
        long_loop loop;
        bool began = false;
        task_graph g;
        g.add([&] { began = loop.run(); });
        g.add([&] { loop.begin_other(); });
        g.run(pool).get();
        EXPECT_TRUE(began) << round;
    }
}

TEST_P(beside_a_loop, a_task_that_the_caller_has_submitted_begins) {
    for (int round = 0; round < 4; ++round) {
        long_loop loop;
        bool const began = submit(pool, [&] {
                               future<void> const other = submit([&] { loop.begin_other(); });
                               return loop.run();
                           }).get();
        EXPECT_TRUE(began) << round;
    }
}

TEST_P(beside_a_loop, a_task_from_outside_begins) {
    for (int round = 0; round < 4; ++round) {
        long_loop loop;
        future<bool> began = submit(pool, [&] { return loop.run(); });
        while (!loop.is_running()) std::this_thread::yield();
        future<void> other = submit(pool, [&] { loop.begin_other(); });
        EXPECT_TRUE(began.get()) << round;
        other.wait();
    }
}

} // namespace
