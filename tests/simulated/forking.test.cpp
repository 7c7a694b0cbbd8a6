// SPDX-License-Identifier: MIT
// Joins, groups, loops and algorithms in random mode: right results, work that begins while a worker is idle, and ends.
#include <hocket/future.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/options.hpp>
#include <hocket/reduce.hpp>
#include <hocket/scan.hpp>
#include <hocket/sort.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <simulated/scenario.hpp>

using namespace scenario;

namespace {

int tree(int depth) {
    if (depth == 0) {
        busy();
        return 1;
    }
    auto const [a, b] = hocket::join([=] { return tree(depth - 1); }, [=] { return tree(depth - 1); });
    return a + b;
}

TEST(join, begins_both_callables_at_once) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 3; ++round) {
            rest_somehow();
            meeting both(2);
            auto const come = [&] { both.come("a callable of a join does not begin while a worker is idle"); };
            hocket::join(pool, come, come);
        }
    });
}

/// Both callables last so long that a thread is woken for one of them.
TEST(join, publishes_while_the_last_worker_parks) {
    explore_few(
        [](thread_pool& pool) {
            auto const work = [] { sim::work(70us); };
            for (int round = 0; round < 12; ++round) {
                hocket::join(pool, work, work);
                rest_until_parking();
            }
        },
        2);
}

/// After a few short jobs, a caller wakes no worker as long as one watches. The long job begins when the watch ends.
TEST(join, begins_a_long_job_after_short_ones) {
    explore_few(
        [](thread_pool& pool) {
            for (int round = 0; round < 3; ++round) {
                bool is_long = false;
                meeting both(2);
                auto const come = [&] {
                    if (is_long) both.come("a callable does not begin after short jobs", 4ms);
                };
                auto const job = [&] { hocket::join(pool, come, come); };
                for (int i = 0; i < 6; ++i) job();
                pool.run([] {});
                hocket::submit(pool, [] {}).get(); // a worker parks, and begins to watch
                for (int i = sim::choose(2) == 0 ? 6 : 0; i != 0; --i) job();
                sim::sleep(std::chrono::nanoseconds(1'048'000 + sim::choose(8'000)));
                is_long = true;
                job();
            }
        },
        2);
}

TEST(join, begins_three_callables_at_once) {
    explore(
        [](thread_pool& pool) {
            rest_somehow();
            meeting all(3);
            auto const come = [&] { all.come("a callable of three does not begin while a worker is idle"); };
            hocket::join(pool, come, come, come);
        },
        3);
}

/// Joins as many tiny callables as use up what a job may publish, and more.
void join_tiny_ones() {
    for (int left = 30 + static_cast<int>(sim::choose(100)); left != 0; --left) hocket::join([] {}, [] {});
}

/// The tiny callables use up what the job may publish. So an idle thread has to publish in its place.
TEST(join, begins_a_long_callable_after_tiny_ones) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 3; ++round) {
            rest_somehow();
            pool.run([] {
                meeting both(2);
                auto const come = [&] { both.come("a long callable does not begin after tiny ones"); };
                join_tiny_ones();
                if (sim::choose(2) == 0) rest_until_parking();
                if (sim::choose(2) == 0) join_tiny_ones();
                hocket::join(come, come);
            });
        }
    });
}

TEST(join, begins_long_callables_of_two_jobs_after_tiny_ones) {
    explore(
        [](thread_pool& pool) {
            meeting all(4);
            auto const job = [&] {
                rest_somehow();
                join_tiny_ones();
                auto const come = [&] { all.come("a long callable beside another job does not begin", 20ms); };
                hocket::join(come, come);
            };
            hocket::join(pool, job, job);
        },
        4);
}

/// The callable must begin on the core of a worker that waits.
TEST(join, begins_what_another_worker_waits_for_after_tiny_ones) {
    explore_few(
        [](thread_pool& pool) {
            hocket::promise<void> begun;
            sim::atomic<bool> goes_on{false};
            hocket::future<void> const awaited = begun.get_future();
            hocket::future<void> const waiter = hocket::submit(pool, [&] {
                rest_somehow();
                awaited.get();
                goes_on.store(true);
            });
            hocket::submit(pool, [&] {
                rest_somehow();
                join_tiny_ones();
                hocket::join([&] { wait_for(goes_on, "what a waiting worker needs does not begin", 2ms); },
                             [&] { begun.set_value(); });
            }).get();
            waiter.get();
        },
        2);
}

/// While an external caller uses the place of the last idle worker, a job pushes what no other thread wants then.
TEST(join, begins_a_long_callable_when_a_caller_leaves) {
    explore_few(
        [](thread_pool& pool) {
            hocket::future<void> const job = hocket::submit(pool, [] {
                meeting both(2);
                rest_somehow();
                join_tiny_ones();
                auto const come = [&] { both.come("a long callable does not begin when a caller leaves", 2ms); };
                hocket::join(come, come);
            });
            rest_somehow();
            pool.run([] { rest_somehow(); });
            job.get();
        },
        2);
}

TEST(join, begins_a_long_callable_after_tiny_ones_in_a_warm_pool) {
    explore([](thread_pool& pool) {
        auto const warm = pool.keep_warm();
        rest_somehow();
        pool.run([] {
            meeting both(2);
            auto const come = [&] { both.come("a long callable does not begin in a warm pool", 4ms); };
            join_tiny_ones();
            hocket::join(come, come);
        });
    });
}

/// After a few short jobs, a caller wakes no worker as long as one watches. That worker publishes in its place.
TEST(join, begins_a_long_callable_after_tiny_ones_and_short_jobs) {
    explore_few(
        [](thread_pool& pool) {
            bool is_long = false;
            meeting both(2);
            auto const come = [&] {
                if (is_long) both.come("a callable does not begin after tiny ones and short jobs", 4ms);
            };
            auto const job = [&] {
                hocket::join(
                    pool, [] {},
                    [&] {
                        if (is_long) join_tiny_ones();
                        hocket::join(come, come);
                    });
            };
            for (int i = 0; i < 6; ++i) job();
            pool.run([] {});
            hocket::submit(pool, [] {}).get(); // a worker parks, and begins to watch
            for (int i = sim::choose(2) == 0 ? 6 : 0; i != 0; --i) job();
            if (sim::choose(2) == 0) sim::sleep(std::chrono::nanoseconds(1'040'000 + sim::choose(16'000)));
            is_long = true;
            job();
        },
        2);
}

/// The stop reaches what an idle thread publishes in place of the body, also if that comes at once after the push.
TEST(join, stops_a_long_callable_after_tiny_ones) {
    explore([](thread_pool& pool) {
        rest_somehow();
        pool.run([] {
            join_tiny_ones();
            for (int round = 0; round < 4; ++round) {
                hocket::stop_source source;
                meeting both(2);
                sim::atomic<bool> is_stopped{false};
                auto const body = [&](int) {
                    hocket::join(
                        [&] {
                            both.come("a long callable of a loop does not begin");
                            source.request_stop();
                            wait_for(is_stopped, "a long callable sees no stop");
                        },
                        [&] {
                            both.come("a long callable of a loop does not begin");
                            for (int looks = 0; looks < 50 && !hocket::this_task::stop_requested(); ++looks)
                                sim::sleep(10us);
                            is_stopped.store(hocket::this_task::stop_requested());
                        });
                };
                require_throw<hocket::operation_cancelled>(
                    [&] { hocket::parallel_for(0, 1, body, {.stop = source.get_token()}); }, "a loop is not stopped");
            }
        });
    });
}

TEST(join, adds_up_a_tree) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 2; ++round) {
            rest_somehow();
            auto const sums = hocket::join(
                pool, [] { return tree(4); }, [] { return tree(3); });
            sim::check(sums == std::tuple(16, 8), "a tree of joins is wrong");
        }
    });
}

TEST(join, adds_up_trees_of_two_threads) {
    explore([](thread_pool& pool) {
        auto const sum = [&] {
            for (int round = 0; round < 3; ++round) {
                rest();
                int const leaves = pool.run([] { return tree(3); });
                sim::check(leaves == 8, "a tree beside another one is wrong");
            }
        };
        sim::thread const other(sum);
        sum();
    });
}

TEST(join, begins_all_long_leaves_of_a_tree) {
    explore(
        [](thread_pool& pool) {
            rest_somehow();
            meeting leaves(4);
            auto const leaf = [&] { leaves.come("a leaf of a tree does not begin while a worker is idle"); };
            auto const half = [&] { hocket::join(leaf, leaf); };
            hocket::join(pool, half, half);
        },
        4);
}

TEST(join, begins_what_lies_below_a_long_call) {
    explore(
        [](thread_pool& pool) {
            rest_somehow();
            meeting all(3);
            auto const come = [&] { all.come("a callable below a long call does not begin"); };
            hocket::join(
                pool,
                [&] {
                    int const leaves = tree(2);
                    hocket::join(come, come);
                    sim::check(leaves == 4, "a short tree is wrong");
                },
                come);
        },
        3);
}

TEST(join, throws_the_first_exception_and_stops_nested_joins) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const fail = [] {
            busy();
            throw std::out_of_range("second");
        };
        auto const nested = [] {
            for (int i = 0; i < 20; ++i) (void)tree(1);
        };
        require_throw<std::out_of_range>([&] { hocket::join(pool, nested, fail); }, "a join lost its exception");
    });
}

TEST(task_group, runs_each_task_once) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 2; ++round) {
            rest_somehow();
            tally<6> ran;
            hocket::task_group group(pool);
            for (int i = 0; i < 6; ++i)
                group.run([&, i] {
                    busy();
                    ran.add(i);
                });
            group.wait();
            ran.require_once("a group did not run a task once");
        }
    });
}

TEST(task_group, begins_as_many_tasks_as_there_are_workers) {
    explore([](thread_pool& pool) {
        rest_somehow();
        meeting all(pool.size());
        hocket::task_group group(pool);
        for (std::size_t i = 0; i < pool.size(); ++i)
            group.run([&] { all.come("a task of a group does not begin while a worker is idle"); });
        group.wait();
    });
}

TEST(task_group, begins_all_tasks_while_its_maker_sleeps) {
    explore([](thread_pool& pool) {
        rest_somehow();
        meeting all(pool.size());
        hocket::task_group group(pool);
        for (std::size_t i = 0; i < pool.size(); ++i) {
            if (sim::choose(2) == 0) rest();
            group.run([&] { all.come("a task of a group waits for the wait"); });
        }
        sim::sleep(2ms);
        group.wait();
    });
}

TEST(task_group, lets_two_threads_wait) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<int> ran{0};
        hocket::task_group group(pool);
        for (int i = 0; i < 4; ++i)
            group.run([&] {
                sim::work(10us);
                ran.fetch_add(1);
            });
        auto const wait = [&] {
            group.wait();
            sim::check(ran.load() == 4, "a wait for a group returned early");
        };
        sim::thread const other(wait);
        wait();
    });
}

TEST(task_group, takes_tasks_from_its_tasks) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<int> ran{0};
        hocket::task_group group(pool);
        for (int i = 0; i < 3; ++i)
            group.run([&] {
                for (int k = 0; k < 2; ++k)
                    group.run([&] {
                        busy();
                        ran.fetch_add(1);
                    });
            });
        group.wait();
        sim::check(ran.load() == 6, "a group lost tasks of its tasks");
    });
}

TEST(task_group, begins_a_bulk_at_once) {
    explore([](thread_pool& pool) {
        rest_somehow();
        tally<8> ran;
        meeting all(pool.size());
        hocket::task_group group(pool);
        group.run_bulk(8, [&](std::size_t i) {
            if (i < pool.size() && pool.size() < 8) {
                busy();
            } else if (pool.size() == 8)
                all.come("a task of a bulk does not begin while a worker is idle");
            ran.add(i);
        });
        group.wait();
        ran.require_once("a bulk did not run a task once");
    });
}

TEST(task_group, throws_in_both_of_two_waits) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<int> caught{0};
        {
            hocket::task_group group(pool);
            group.run([] { sim::work(50us); });
            group.run([] {
                sim::work(200us);
                throw std::out_of_range("task");
            });
            auto const wait = [&] {
                try {
                    group.wait();
                } catch (std::out_of_range const&) {
                    caught.fetch_add(1);
                }
            };
            sim::thread other(wait);
            wait();
            other.join();
        }
        sim::check(caught.load() >= 1, "a group lost its exception");
    });
}

template<class Options>
void visit(thread_pool& pool, Options const& options) {
    tally<9> ran;
    hocket::parallel_for(
        pool, 0, 9,
        [&](int i) {
            busy();
            ran.add(i);
        },
        options);
    ran.require_once("a loop did not visit an element once");
}

TEST(parallel_for, visits_each_element_once) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 3; ++round) {
            rest_somehow();
            visit(pool, hocket::loop_options{.schedule = static_cast<hocket::schedule>(sim::choose(3))});
        }
    });
}

TEST(parallel_for, visits_elements_of_two_threads) {
    explore([](thread_pool& pool) {
        auto const loops = [&] {
            for (int round = 0; round < 3; ++round) {
                rest();
                visit(pool, hocket::loop_options{.schedule = static_cast<hocket::schedule>(sim::choose(3))});
            }
        };
        sim::thread const other(loops);
        loops();
    });
}

TEST(parallel_for, publishes_while_the_last_worker_parks) {
    explore_few(
        [](thread_pool& pool) {
            for (int round = 0; round < 12; ++round) {
                hocket::parallel_for(pool, 0, 2, [](int) { sim::work(70us); }, {.schedule = hocket::schedule::dynamic});
                rest_until_parking();
            }
        },
        2);
}

void meet_in_loop(thread_pool& pool, hocket::schedule how, std::chrono::nanoseconds patience) {
    rest_somehow();
    meeting all(pool.size());
    hocket::parallel_for(pool, 0, static_cast<int>(pool.size()),
                         [&](int) { all.come("an element of a loop does not begin while a worker is idle", patience); },
                         {.schedule = how});
}

TEST(parallel_for, begins_as_many_elements_as_there_are_workers_dynamic) {
    explore([](thread_pool& pool) { meet_in_loop(pool, hocket::schedule::dynamic, 1ms); });
}

TEST(parallel_for, begins_as_many_elements_as_there_are_workers_fixed) {
    explore([](thread_pool& pool) { meet_in_loop(pool, hocket::schedule::fixed, 1ms); });
}

TEST(parallel_for, begins_as_many_elements_as_there_are_workers_adaptive) {
    explore([](thread_pool& pool) { meet_in_loop(pool, hocket::schedule::adaptive, 20ms); });
}

TEST(parallel_for, begins_elements_of_a_loop_in_a_task) {
    explore([](thread_pool& pool) {
        rest_somehow();
        pool.run([&] { meet_in_loop(pool, hocket::schedule::dynamic, 1ms); });
    });
}

TEST(parallel_for, nests) {
    explore(
        [](thread_pool& pool) {
            rest_somehow();
            tally<9> ran;
            meeting all(4);
            hocket::parallel_for(pool, 0, 2,
                                 [&](int i) {
                                     hocket::parallel_for(
                                         0, 2,
                                         [&](int k) {
                                             all.come(
                                                 "an element of a nested loop does not begin while a worker is idle");
                                             ran.add(3 * i + k);
                                         },
                                         {.schedule = hocket::schedule::dynamic});
                                 },
                                 {.schedule = hocket::schedule::dynamic});
            visit(pool, hocket::loop_options{});
        },
        4);
}

TEST(parallel_for, runs_on_no_more_threads_than_wanted) {
    explore([](thread_pool& pool) {
        rest_somehow();
        turnstile two(2);
        hocket::parallel_for(pool, 0, 9,
                             [&](int) { two.pass(busy, "a loop with max_workers = 2 runs on more threads"); },
                             {.schedule = static_cast<hocket::schedule>(sim::choose(3)), .max_workers = 2});
    });
}

TEST(parallel_for, throws_what_an_element_throws_and_stops_nested_loops) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<bool> failed{false};
        auto const nested = [&] {
            hocket::parallel_for(0, 1'000,
                                 [&](int) {
                                     sim::work(20us);
                                     if (failed.load()) sim::work(20us);
                                 },
                                 {.schedule = hocket::schedule::dynamic});
        };
        auto const begin = sim::now();
        require_throw<std::out_of_range>(
            [&] {
                hocket::parallel_for(pool, 0, 2,
                                     [&](int i) {
                                         if (i == 0) return nested();
                                         failed = true;
                                         throw std::out_of_range("element");
                                     },
                                     {.schedule = hocket::schedule::dynamic});
            },
            "a loop lost its exception");
        sim::check(sim::now() - begin < 4ms, "a failure does not reach a nested loop");
    });
}

TEST(parallel_for, ends_when_another_thread_stops_it) {
    explore([](thread_pool& pool) {
        hocket::stop_source source;
        sim::thread const other([&] {
            rest_somehow();
            source.request_stop();
        });
        auto const begin = sim::now();
        require_throw<hocket::operation_cancelled>(
            [&] {
                hocket::parallel_for(
                    pool, 0, 10'000, [](int) { sim::work(10us); },
                    {.schedule = static_cast<hocket::schedule>(sim::choose(3)), .stop = source.get_token()});
            },
            "a loop that was stopped does not say so");
        sim::check(sim::now() - begin < 4ms, "a stop does not end a loop");
    });
}

TEST(parallel_for_each, visits_what_elements_add) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<int> leaves{0};
        hocket::parallel_for_each(pool, std::vector{3, 2}, [&](int depth, hocket::feeder<int>& more) {
            busy();
            if (depth == 0) leaves.fetch_add(1);
            for (int child = 0; depth != 0 && child < 2; ++child) more.add(depth - 1);
        });
        sim::check(leaves.load() == 12, "parallel_for_each lost elements");
    });
}

TEST(algorithms, reduce_and_scan_few_elements) {
    explore([](thread_pool& pool) {
        std::vector<int> v(12);
        std::iota(v.begin(), v.end(), 1);
        rest_somehow();
        auto const add = [](int a, int b) {
            busy();
            return a + b;
        };
        sim::check(hocket::parallel_reduce(pool, v, 0, add, {.grain = 2}) == 78, "a sum is wrong");
        std::vector<int> sums(12);
        hocket::parallel_inclusive_scan(pool, v, sums, add, {.grain = 2});
        for (int i = 0, sum = 0; i < 12; ++i)
            sim::check((sum += i + 1) == sums[static_cast<std::size_t>(i)], "a partial sum is wrong");
    });
}

TEST(algorithms, sort_few_elements) {
    explore([](thread_pool& pool) {
        std::vector<int> v(40);
        for (int& x : v) x = static_cast<int>(sim::choose(20));
        rest_somehow();
        auto const less = [](int a, int b) {
            sim::work(2us);
            return a < b;
        };
        hocket::parallel_sort(pool, v, less);
        sim::check(std::is_sorted(v.begin(), v.end()), "a sort left its elements unsorted");
    });
}

void one_of_many(thread_pool& pool) {
    switch (sim::choose(4)) {
    case 0: {
        auto const sums = hocket::join(
            pool, [] { return tree(4); }, [] { return tree(3); });
        return sim::check(sums == std::tuple(16, 8), "a tree of joins is wrong");
    }
    case 1: {
        meeting both(2);
        return hocket::parallel_for(pool, 0, 2, [&](int) { both.come("an element beside other work does not begin"); },
                                    {.schedule = hocket::schedule::dynamic});
    }
    case 2: return visit(pool, hocket::loop_options{.schedule = hocket::schedule::fixed});
    default: {
        sim::atomic<int> ran{0};
        hocket::task_group group(pool);
        for (int i = 0; i < 5; ++i)
            group.run([&] {
                busy();
                ran.fetch_add(1);
            });
        group.wait();
        sim::check(ran.load() == 5, "a wait for a group returned early");
    }
    }
}

TEST(mixture, of_two_threads_between_which_workers_park) {
    explore(
        [](thread_pool& pool) {
            auto const program = [&] {
                for (int job = 0; job < 4; ++job) {
                    rest();
                    one_of_many(pool);
                }
            };
            sim::thread const other(program);
            program();
        },
        5);
}

TEST(mixture, of_nested_operations) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<int> ran{0};
        hocket::task_group group(pool);
        for (int i = 0; i < 2; ++i)
            group.run([&] {
                hocket::join([&] { ran.fetch_add(tree(2)); },
                             [&] { hocket::parallel_for(0, 3, [&](int) { ran.fetch_add(tree(1)); }); });
            });
        group.wait();
        sim::check(ran.load() == 20, "nested operations lost work");
    });
}

} // namespace
