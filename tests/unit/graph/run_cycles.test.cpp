// SPDX-License-Identifier: MIT
// Tests of cycles of waits that lead through runs of graphs: a node waits for its own run, by way of tasks, coroutines,
// continuations or other runs, and from within loops, joins and groups of the node. Each wait gets an error, and none
// hangs.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>
#include <unit/wait_places.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using namespace hocket;
using stress_test::watchdog;
using wait_test::place;
using wait_test::places;

/// The future that a body waits for, which is known only later.
class known_later {
  public:
    void set(shared_future<void> what) { promise_.set_value(std::move(what)); }
    void wait() const { known_.get().get(); }

  private:
    promise<shared_future<void>> promise_;
    shared_future<shared_future<void>> const known_ = promise_.get_future().share();
};

class run_cycle : public testing::TestWithParam<std::size_t> {
  protected:
    /// Checks that one of the waiting tasks has got the error, and that all of them have finished.
    void expect_error(shared_future<void> const& one) { EXPECT_THROW(one.get(), std::logic_error); }

    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, run_cycle, testing::Values(1u, 2u, 3u, 4u, 8u));

TEST_P(run_cycle, of_a_node_and_its_own_run) {
    for (place const& from : places) {
        watchdog const dog(from.name, std::chrono::seconds(60));
        known_later own;
        task_graph g;
        g.add([&] { from.call([&] { own.wait(); }); }).precede(g.add([] { ADD_FAILURE(); }));
        shared_future<void> const run = g.run(pool_).share();
        own.set(run);
        expect_error(run);
    }
}

TEST_P(run_cycle, of_a_node_and_a_task_that_waits_for_the_run) {
    for (place const& from : places) {
        for (place const& of_task : places) {
            std::string const name = std::string(from.name) + ", " + of_task.name;
            watchdog const dog(name.c_str(), std::chrono::seconds(60));
            known_later own, other;
            task_graph g;
            g.add([&] { from.call([&] { other.wait(); }); });
            shared_future<void> const run = g.run(pool_).share();
            shared_future<void> const waits = submit(pool_, [&] { of_task.call([&] { own.wait(); }); }).share();
            own.set(run);
            other.set(waits);
            expect_error(run);
            EXPECT_THROW(waits.get(), std::logic_error);
        }
    }
}

TEST_P(run_cycle, of_a_node_and_a_coroutine_that_awaits_the_run) {
    for (place const& from : places) {
        watchdog const dog(from.name, std::chrono::seconds(60));
        known_later other;
        task_graph g;
        g.add([&] { from.call([&] { other.wait(); }); });
        shared_future<void> const run = g.run(pool_).share();
        auto const awaits = [](shared_future<void> what) -> task<> { co_await what; };
        shared_future<void> const waits = submit(pool_, awaits(run)).share();
        other.set(waits);
        expect_error(run);
        expect_error(waits);
    }
}

TEST_P(run_cycle, of_a_node_and_what_continues_its_run) {
    for (place const& from : places) {
        watchdog const dog(from.name, std::chrono::seconds(60));
        known_later other;
        task_graph g;
        g.add([&] { from.call([&] { other.wait(); }); });
        shared_future<void> const run = g.run(pool_).share();
        future<void> last = run.then([] {}).then([] {});
        shared_future<void> const continues = when_all(std::move(last), submit(
                                                                            pool_, [](int) {}, make_ready_future(1)))
                                                  .then([](auto const&) {})
                                                  .share();
        other.set(continues);
        expect_error(run);
        expect_error(continues);
    }
}

TEST_P(run_cycle, of_two_and_three_runs) {
    for (std::size_t const count : {2u, 3u}) {
        for (place const& from : places) {
            watchdog const dog(from.name, std::chrono::seconds(60));
            known_later next[3];
            task_graph graphs[3];
            shared_future<void> runs[3];
            for (std::size_t i = 0; i < count; ++i) {
                graphs[i].add([&, i] { from.call([&] { next[i].wait(); }); });
                runs[i] = graphs[i].run(pool_).share();
            }
            for (std::size_t i = 0; i < count; ++i) next[i].set(runs[(i + 1) % count]);
            for (std::size_t i = 0; i < count; ++i) expect_error(runs[i]);
        }
    }
}

TEST_P(run_cycle, of_nodes_inside_of_nodes) {
    for (place const& from : places) {
        watchdog const dog(from.name, std::chrono::seconds(60));
        known_later own;
        task_graph inner;
        inner.add([&] { from.call([&] { own.wait(); }); });
        task_graph outer;
        outer.add_subgraph(inner);
        shared_future<void> const run = outer.run(pool_).share();
        own.set(run);
        expect_error(run);
    }
}

} // namespace
