// SPDX-License-Identifier: MIT
// Graphs, pipelines, streams, and the lives of pools in random mode.
#include <hocket/future.hpp>
#include <hocket/graph.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/options.hpp>
#include <hocket/pipeline.hpp>
#include <hocket/stream.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <simulated/scenario.hpp>

using namespace scenario;
using hocket::submit;

namespace {

TEST(task_graph, passes_values) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        int x = 0;
        auto const slow = [&](int more) {
            return [&, more] {
                busy();
                return x + more;
            };
        };
        auto const left = graph.add(slow(1));
        auto const right = graph.add(slow(2));
        auto const sum = graph.add([](int a, int b) { return a + b; }, left, right);
        auto const last = graph.add([&] { ++x; });
        sum.precede(last);
        rest_somehow();
        graph.run_n(pool, 3).get();
        sim::check(sum.get() == 7 && x == 3, "a graph is wrong");
    });
}

TEST(task_graph, begins_all_nodes_of_a_fan_out) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        meeting all(pool.size());
        auto const first = graph.add(busy);
        for (std::size_t i = 0; i < pool.size(); ++i)
            first.precede(graph.add([&] { all.come("a node does not begin while a worker is idle"); }));
        rest_somehow();
        auto run = graph.run(pool);
        if (sim::choose(2) == 0) sim::sleep(2ms);
        run.get();
    });
}

TEST(task_graph, counts_predecessors_that_end_at_once) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        sim::atomic<int> ran{0};
        auto const last =
            graph.add([&] { sim::check(ran.load() % 8 == 0, "a node began before its predecessors ended"); });
        auto const first = graph.add([] {});
        meeting all(std::min<std::size_t>(pool.size(), 3));
        for (int i = 0; i < 8; ++i) {
            auto const node = graph.add([&, i] {
                if (i < 3) all.come("a node of few does not begin while a worker is idle");
                sim::work(std::chrono::nanoseconds(sim::choose(100)));
                ran.fetch_add(1);
            });
            first.precede(node);
            node.precede(last);
        }
        graph.run_n(pool, 4).get();
        sim::check(ran.load() == 32, "a graph lost a node");
    });
}

TEST(task_graph, begins_a_long_node_beside_short_ones) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        meeting two(2);
        auto const first = graph.add([] {});
        for (int i = 0; i < 8; ++i)
            first.precede(graph.add([&, i] {
                if (i == 2 || i == 7) return two.come("a node does not begin beside a long one");
                busy();
            }));
        rest_somehow();
        graph.run(pool).get();
    });
}

TEST(task_graph, loops_by_a_condition) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        int rounds = 0;
        auto const begin = graph.add([] {});
        auto const body = graph.add([&] {
            busy();
            ++rounds;
        });
        auto const again = graph.add_condition([&] { return rounds < 5 ? 0 : 1; });
        bool ended = false;
        auto const end = graph.add([&] { ended = true; });
        begin.precede(body);
        body.precede(again);
        again.precede(body, end);
        rest_somehow();
        graph.run(pool).get();
        sim::check(rounds == 5 && ended, "a condition is wrong");
    });
}

TEST(task_graph, runs_a_subgraph_and_subtasks) {
    explore([](thread_pool& pool) {
        hocket::task_graph inner;
        sim::atomic<int> ran{0};
        for (int i = 0; i < 3; ++i)
            inner.add([&] {
                busy();
                ran.fetch_add(1);
            });
        hocket::task_graph graph;
        auto const first = graph.add([&](hocket::subtasks& more) {
            for (int i = 0; i < 3; ++i)
                more.run([&] {
                    busy();
                    ran.fetch_add(1);
                });
        });
        auto const middle = graph.add_subgraph(inner);
        auto const last = graph.add([&] { sim::check(ran.load() == 6, "a node began before its predecessors ended"); });
        first.precede(middle);
        middle.precede(last);
        rest_somehow();
        graph.run(pool).get();
    });
}

TEST(task_graph, limits_nodes_by_a_semaphore) {
    explore([](thread_pool& pool) {
        hocket::semaphore two(2);
        turnstile gate(2);
        hocket::task_graph graph;
        tally<6> ran;
        for (int i = 0; i < 6; ++i)
            graph
                .add([&, i] {
                    gate.pass(busy, "more nodes run than a semaphore has units");
                    ran.add(i);
                })
                .limit(two);
        rest_somehow();
        graph.run(pool).get();
        ran.require_once("a node that waits for a semaphore did not run once");
    });
}

TEST(task_graph, shares_a_semaphore_with_another_graph) {
    explore([](thread_pool& pool) {
        hocket::semaphore one(1);
        turnstile gate(1);
        auto const program = [&] {
            hocket::task_graph graph;
            auto const first = graph.add([] { busy(); });
            auto const last = graph.add([] { busy(); });
            auto const middle = graph.add([&] { gate.pass(busy, "two nodes hold one unit"); });
            first.acquire(one).precede(middle);
            middle.precede(last);
            last.release(one);
            rest_somehow();
            graph.run_n(pool, 2).get();
        };
        sim::thread const other(program);
        program();
    });
}

TEST(task_graph, throws_what_a_node_throws) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        auto const first = graph.add([] {
            busy();
            throw std::out_of_range("node");
        });
        bool ran = false;
        first.precede(graph.add([&] { ran = true; }));
        for (int i = 0; i < 4; ++i) graph.add(busy);
        rest_somehow();
        require_throw<std::out_of_range>([&] { graph.run(pool).get(); }, "a graph lost its exception");
        sim::check(!ran, "a node ran after its predecessor has failed");
    });
}

TEST(task_graph, ends_when_it_is_stopped) {
    explore([](thread_pool& pool) {
        hocket::stop_source source;
        hocket::task_graph graph;
        auto last = graph.add([] {});
        for (int i = 0; i < 1'000; ++i) {
            auto const next = graph.add([] { sim::work(10us); });
            last.precede(next);
            last = next;
        }
        auto run = graph.run(pool, {.stop = source.get_token()});
        rest_somehow();
        source.request_stop();
        auto const begin = sim::now();
        require_throw<hocket::operation_cancelled>([&] { run.get(); }, "a graph that was stopped does not say so");
        sim::check(sim::now() - begin < 2ms, "a stop does not end a graph");
    });
}

TEST(task_graph, is_waited_for_by_two_threads) {
    explore([](thread_pool& pool) {
        hocket::task_graph graph;
        sim::atomic<int> ran{0};
        for (int i = 0; i < 5; ++i)
            graph.add([&] {
                sim::work(10us);
                ran.fetch_add(1);
            });
        auto const run = graph.run(pool).share();
        auto const wait = [&] {
            run.get();
            sim::check(ran.load() == 5, "a wait for a graph returned early");
        };
        sim::thread const other(wait);
        wait();
    });
}

/// Returns a first stage that gives 0 to `count` - 1.
auto numbers(int count) {
    return hocket::stage<hocket::serial>([count, next = 0](hocket::end_of_input& end) mutable {
        if (next == count) end.stop();
        return next++;
    });
}

TEST(pipeline, keeps_the_order_of_items) {
    explore([](thread_pool& pool) {
        std::vector<int> seen;
        rest_somehow();
        hocket::pipeline(numbers(10), hocket::stage<hocket::parallel>([](int x) {
                             busy();
                             return x;
                         }),
                         hocket::stage<hocket::serial>([&](int x) {
                             busy();
                             seen.push_back(x);
                         }))
            .run(pool, {.tokens = 1 + sim::choose(6)});
        for (std::size_t i = 0; i < 10; ++i) sim::check(seen.at(i) == static_cast<int>(i), "a pipeline lost its order");
        sim::check(seen.size() == 10, "a pipeline has too many items");
    });
}

TEST(pipeline, keeps_the_order_of_tiny_items) {
    explore([](thread_pool& pool) {
        int seen = 0;
        auto const pause = [](int x) {
            if (sim::choose(3) == 0) sim::work(std::chrono::nanoseconds(sim::choose(100)));
            return x;
        };
        for (int round = 0; round < 3; ++round) {
            hocket::pipeline(numbers(16), hocket::stage<hocket::parallel>(pause), hocket::stage<hocket::serial>(pause),
                             hocket::stage<hocket::serial>(
                                 [&](int x) { sim::check(x == seen++ % 16, "a pipeline lost its order"); }))
                .run(pool, {.tokens = 8});
        }
        sim::check(seen == 48, "a pipeline lost an item");
    });
}

TEST(pipeline, has_as_many_items_in_flight_as_there_are_workers) {
    explore([](thread_pool& pool) {
        meeting all(pool.size());
        rest_somehow();
        hocket::pipeline(numbers(static_cast<int>(pool.size())), hocket::stage<hocket::parallel>([&](int) {
                             all.come("an item of a pipeline does not begin while a worker is idle");
                         }))
            .run(pool, {.tokens = 16});
    });
}

TEST(pipeline, drops_and_expands_items) {
    explore([](thread_pool& pool) {
        int sum = 0;
        rest_somehow();
        hocket::pipeline(numbers(8), hocket::filter_stage<hocket::parallel>([](int x) {
                             busy();
                             return x % 2 == 0 ? std::optional(x) : std::nullopt;
                         }),
                         hocket::expand_stage<hocket::parallel>([](int x) {
                             return std::vector{x, x};
                         }),
                         hocket::stage<hocket::serial_any_order>([&](int x) { sum += x; }))
            .run(pool, {.tokens = 4});
        sim::check(sum == 24, "a pipeline lost an item");
    });
}

TEST(pipeline, throws_what_a_stage_throws) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const run = [&] {
            hocket::pipeline(numbers(1'000'000), hocket::stage<hocket::parallel>([](int x) {
                                 busy();
                                 if (x == 5) throw std::out_of_range("stage");
                             }))
                .run(pool, {.tokens = 4});
        };
        require_throw<std::out_of_range>(run, "a pipeline lost its exception");
    });
}

TEST(parallel_imap, yields_results_in_order) {
    explore([](thread_pool& pool) {
        rest_somehow();
        int next = 0;
        auto const square = [](int i) {
            busy();
            return i * i;
        };
        for (int const got : hocket::parallel_imap(pool, 0, 12, square, {.lookahead = 4})) {
            sim::check(got == next * next, "a stream lost its order");
            ++next;
            if (sim::choose(4) == 0) rest();
        }
        sim::check(next == 12, "a stream lost a result");
    });
}

TEST(parallel_imap, may_be_left_early) {
    explore([](thread_pool& pool) {
        rest_somehow();
        tally<1> seen;
        auto const same = [](int i) {
            busy();
            return i;
        };
        for (auto&& [index, got] : hocket::parallel_imap_unordered(pool, 0, 100, same, {.lookahead = 8})) {
            sim::check(static_cast<int>(index) == got, "a stream mixes its results up");
            seen.add(0);
            break;
        }
        seen.require_once("a stream has no result");
    });
}

TEST(parallel_imap, runs_ahead_of_its_consumer) {
    explore([](thread_pool& pool) {
        rest_somehow();
        std::size_t const others = std::min<std::size_t>(pool.size() - 1, 5); // items behind the first one
        meeting ahead(others);
        auto const f = [&](int i) {
            if (i != 0 && static_cast<std::size_t>(i) <= others) ahead.come("a stream does not run ahead", 2ms);
            return i;
        };
        int sum = 0;
        for (int const got : hocket::parallel_imap(pool, 0, 6, f, {.lookahead = 16})) {
            if (got == 0) sim::sleep(3ms);
            sum += got;
        }
        sim::check(sum == 15, "a stream lost a result");
    });
}

TEST(thread_pool, ends_with_all_its_tasks) {
    explore_program([] {
        sim::atomic<int> ran{0};
        {
            thread_pool pool({.workers = 2 + sim::choose(3)});
            if (sim::choose(2) == 0) rest_somehow();
            for (int i = 0; i < 4; ++i)
                hocket::spawn(pool, [&] {
                    busy();
                    hocket::spawn([&] {
                        busy();
                        ran.fetch_add(1);
                    });
                });
        }
        sim::check(ran.load() == 4, "a pool ended before its tasks");
    });
}

TEST(thread_pool, begins_and_ends_beside_others) {
    explore([](thread_pool& pool) {
        sim::thread const other([&] {
            for (int i = 0; i < 2; ++i) {
                thread_pool own({.workers = 1 + sim::choose(3)});
                auto answer = submit(own, [] { return 1; });
                auto const both = hocket::join(
                    own, [] { return 2; }, [] { return 3; });
                sim::check(answer.get() == 1 && both == std::tuple(2, 3), "a short-lived pool is wrong");
            }
        });
        for (int i = 0; i < 3; ++i) {
            auto const answer = submit(pool, [] {
                busy();
                return 1;
            });
            rest();
            sim::check(answer.get() == 1, "a task beside a short-lived pool is wrong");
        }
    });
}

TEST(thread_pool, ends_while_its_results_are_continued_elsewhere) {
    explore([](thread_pool& pool) {
        auto own = std::make_unique<thread_pool>(hocket::pool_options{.workers = 2});
        auto const first = submit(*own, [] {
                               busy();
                               return 1;
                           }).share();
        auto second = submit(
            pool, [](int x) { return x + 1; }, first);
        if (sim::choose(2) == 0) rest();
        own.reset();
        sim::check(second.get() == 2, "a task that continues one of another pool is wrong");
    });
}

TEST(thread_pool, refuses_continuations_after_its_end) {
    explore_program([] {
        hocket::promise<int> from;
        std::optional<hocket::future<int>> next;
        sim::thread keeper([&] {
            rest_somehow();
            from.set_value(1);
        });
        {
            thread_pool pool({.workers = 2});
            next = submit(
                pool, [](int x) { return x; }, from.get_future());
            if (sim::choose(2) == 0) rest();
        }
        keeper.join();
        try {
            sim::check(next->get() == 1, "a continuation beside the end of its pool is wrong");
        } catch (hocket::pool_ended const&) {
        }
    });
}

TEST(thread_pool, ends_while_timers_run) {
    explore_program([] {
        std::optional<hocket::future<int>> late;
        {
            thread_pool pool({.workers = 2});
            late = submit(pool, [] { return 1; }, {.after = std::chrono::microseconds(sim::choose(100))});
            if (sim::choose(2) == 0) rest();
        }
        try {
            sim::check(late->get() == 1, "a timer beside the end of its pool is wrong");
        } catch (hocket::pool_ended const&) {
        }
    });
}

TEST(thread_pool, stays_warm) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const warm = pool.keep_warm();
        for (int round = 0; round < 3; ++round) {
            rest_somehow();
            meeting both(2);
            hocket::join(
                pool, [&] { both.come("a callable does not begin in a warm pool", 500us); },
                [&] { both.come("a callable does not begin in a warm pool", 500us); });
        }
    });
}

TEST(thread_pool, waits_until_it_is_idle) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<int> ran{0};
        for (int i = 0; i < 3; ++i)
            hocket::spawn(pool, [&] {
                busy();
                hocket::spawn([&] {
                    rest();
                    ran.fetch_add(1);
                });
            });
        pool.wait_idle();
        sim::check(ran.load() == 3, "a pool is idle before its tasks have ended");
    });
}

TEST(thread_pool, runs_within_another_pool) {
    explore([](thread_pool& pool) {
        thread_pool inner({.workers = 2});
        rest_somehow();
        sim::atomic<int> ran{0};
        hocket::parallel_for(pool, 0, 3,
                             [&](int) {
                                 hocket::parallel_for(inner, 0, 3, [&](int) {
                                     busy();
                                     ran.fetch_add(1);
                                 });
                                 ran.fetch_add(
                                     submit(inner, [&] { return submit(pool, [] { return 1; }).get(); }).get());
                             },
                             {.schedule = hocket::schedule::dynamic});
        sim::check(ran.load() == 12, "pools within pools lost work");
    });
}

TEST(thread_pool, of_one_worker_does_all) {
    explore_program([] {
        thread_pool pool({.workers = 1});
        auto const program = [&] {
            for (int i = 0; i < 3; ++i) {
                rest_somehow();
                auto const sum = hocket::join(
                    pool, [] { return 1; }, [&] { return submit(pool, [] { return 2; }).get(); });
                sim::check(sum == std::tuple(1, 2), "a pool of one worker is wrong");
            }
        };
        sim::thread const other(program);
        program();
    });
}

} // namespace
