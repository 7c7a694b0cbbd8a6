// SPDX-License-Identifier: MIT
// Tasks with results in random mode: futures, coroutines, timers, priorities, stops. Tasks begin while a worker is
// idle, waits end, and threads that wait or block leave their core to other work.
#include <hocket/coroutine.hpp>
#include <hocket/future.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/options.hpp>
#include <hocket/timer.hpp>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include <simulated/scenario.hpp>

using namespace scenario;
using hocket::submit;

namespace {

/// Submits a task and requires that it begins without help.
void submit_and_watch(thread_pool& pool, char const* what) {
    sim::atomic<bool> begun{false};
    auto task = submit(pool, [&] { begun = true; });
    sim::sleep(1ms);
    sim::check(begun.load(), what);
    task.get();
}

TEST(submit, begins_within_a_millisecond) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 3; ++round) {
            rest_somehow();
            submit_and_watch(pool, "a task from outside does not begin while a worker is idle");
        }
    });
}

TEST(submit, begins_tasks_of_two_threads_within_a_millisecond) {
    explore([](thread_pool& pool) {
        auto const program = [&] {
            for (int round = 0; round < 4; ++round) {
                rest();
                submit_and_watch(pool, "a task of two threads does not begin while a worker is idle");
            }
        };
        sim::thread const other(program);
        program();
    });
}

TEST(submit, begins_as_many_tasks_as_there_are_workers) {
    explore([](thread_pool& pool) {
        rest_somehow();
        meeting all(pool.size());
        std::vector<hocket::future<void>> tasks;
        for (std::size_t i = 0; i < pool.size(); ++i) {
            if (sim::choose(4) == 0) rest();
            tasks.push_back(submit(pool, [&] { all.come("a task does not begin while a worker is idle"); }));
        }
        sim::sleep(2ms);
        for (auto& task : tasks) task.get();
    });
}

TEST(submit, begins_tasks_of_a_task) {
    explore([](thread_pool& pool) {
        rest_somehow();
        meeting all(pool.size());
        auto const come = [&] { all.come("a task of a task does not begin while a worker is idle"); };
        submit(pool, [&] {
            std::vector<hocket::future<void>> tasks;
            for (std::size_t i = 1; i < pool.size(); ++i) tasks.push_back(submit(come));
            come();
            for (auto& task : tasks) task.get();
        }).get();
    });
}

TEST(submit, begins_while_the_last_worker_parks) {
    explore_few([](thread_pool& pool) {
        for (int round = 0; round < 20; ++round) {
            auto task = submit(pool, [] {});
            rest_until_parking();
            task.get();
        }
    });
}

TEST(submit, begins_while_a_caller_takes_the_place_of_the_worker_that_parks) {
    explore_few([](thread_pool& pool) {
        for (int round = 0; round < 6; ++round) {
            submit(pool, [] {}).get();
            sim::thread const caller([&] {
                rest_until_parking();
                hocket::join(
                    pool, [] { sim::work(5us); }, [] { sim::work(5us); });
            });
            rest_until_parking();
            submit_and_watch(pool, "a task does not begin though a caller has left the place of a worker");
        }
    });
}

/// All workers but one are busy for long, and a caller has the place of the last one: what comes from another thread
/// begins when the caller leaves.
TEST(submit, begins_when_a_caller_leaves_the_place_of_a_worker) {
    explore([](thread_pool& pool) {
        std::vector<hocket::future<void>> long_ones;
        for (std::size_t i = 1; i < pool.size(); ++i) long_ones.push_back(submit(pool, [] { sim::sleep(4ms); }));
        sim::sleep(1ms);
        sim::thread other([&] {
            sim::sleep(std::chrono::nanoseconds(sim::choose(200'000)));
            submit_and_watch(pool, "a task waits though a caller has left the place of a worker");
        });
        hocket::join(
            pool, [] { sim::work(std::chrono::nanoseconds(100'000 + sim::choose(50'000))); }, [] { sim::work(50us); });
        other.join();
        for (auto& task : long_ones) task.get();
    });
}

TEST(submit, takes_dependencies) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const slow = [](int x) {
            busy();
            return x;
        };
        auto const a = submit(pool, slow, 1);
        auto const b = submit(pool, slow, 2);
        auto const c = submit(
            pool, [](int x, int y) { return x + y; }, a, b);
        auto d = submit(
            pool, [](int x, int y) { return x * y; }, a, c);
        rest_somehow();
        sim::check(d.get() == 3, "a task with dependencies is wrong");
    });
}

TEST(submit, runs_a_task_on_its_worker_within_a_millisecond) {
    explore([](thread_pool& pool) {
        for (int round = 0; round < 3; ++round) {
            rest_somehow();
            std::size_t const wanted = sim::choose(pool.size());
            sim::atomic<std::size_t> ran{99};
            auto task = submit(pool, [&] { ran = hocket::this_worker::index(); }, {.on = wanted});
            sim::sleep(1ms);
            sim::check(ran.load() == wanted, "a task with .on does not begin on its worker while that is idle");
            task.get();
        }
    });
}

TEST(submit, runs_tasks_on_all_workers_at_once) {
    explore([](thread_pool& pool) {
        rest_somehow();
        meeting all(pool.size());
        std::vector<hocket::future<void>> tasks;
        for (std::size_t i = 0; i < pool.size(); ++i)
            tasks.push_back(submit(pool, [&] { all.come("a task with .on does not begin beside others"); }, {.on = i}));
        for (auto& task : tasks) task.get();
    });
}

TEST(submit, drops_a_task_whose_stop_was_requested) {
    explore([](thread_pool& pool) {
        rest_somehow();
        hocket::stop_source source;
        hocket::promise<int> never;
        auto task = submit(pool, [](int x) { return x; }, never.get_future(), {.stop = source.get_token()});
        sim::thread const other([&] {
            rest_somehow();
            source.request_stop();
        });
        require_throw<hocket::operation_cancelled>([&] { (void)task.get(); }, "a stopped task does not end");
    });
}

TEST(submit, tells_a_running_task_of_a_stop) {
    explore([](thread_pool& pool) {
        hocket::stop_source source;
        auto task =
            submit(pool,
                   [] {
                       for (auto const limit = sim::now() + 10ms; !hocket::this_task::stop_requested(); sim::work(10us))
                           sim::check(sim::now() < limit, "a running task is not told of its stop");
                   },
                   {.stop = source.get_token()});
        rest_somehow();
        source.request_stop();
        try {
            task.get();
        } catch (hocket::operation_cancelled const&) { // before it began
        }
    });
}

TEST(future, continues) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto last = submit(pool, [] { return 1; });
        for (int i = 0; i < 4; ++i) {
            if (sim::choose(3) == 0) rest();
            last = std::move(last).then([](int x) {
                busy();
                return 2 * x;
            });
        }
        sim::check(last.get() == 16, "a chain of continuations is wrong");
    });
}

TEST(future, begins_a_continuation_within_a_millisecond) {
    explore([](thread_pool& pool) {
        hocket::promise<int> from;
        sim::atomic<bool> begun{false};
        auto next = pool.run([&] { return from.get_future().then([&](int) { begun = true; }); });
        rest_somehow();
        from.set_value(1);
        wait_for(begun, "a continuation does not begin while a worker is idle");
        next.get();
    });
}

TEST(future, of_a_promise_that_an_outside_thread_keeps) {
    explore([](thread_pool& pool) {
        hocket::promise<int> from;
        auto const value = from.get_future().share();
        sim::thread const keeper([&] {
            rest_somehow();
            from.set_value(7);
        });
        auto task = submit(pool, [&] { return value.get(); });
        sim::check(value.get() == 7 && task.get() == 7, "the value of a promise is wrong");
    });
}

TEST(future, is_shared_by_many_waits) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const value = submit(pool, [] {
                               sim::work(std::chrono::nanoseconds(sim::choose(60'000)));
                               return 3;
                           }).share();
        auto const get = [=] { sim::check(value.get() == 3, "a shared value is wrong"); };
        std::array tasks{submit(pool, get), submit(pool, get)};
        sim::thread const other(get);
        get();
        for (auto& task : tasks) task.get();
    });
}

/// Calls `body` while as many tasks as the pool has workers wait for a promise.
template<class F>
void while_all_workers_wait(thread_pool& pool, F const& body) {
    hocket::promise<void> from;
    auto const kept = from.get_future().share();
    std::vector<hocket::future<void>> waits;
    for (std::size_t i = 0; i < pool.size(); ++i) waits.push_back(submit(pool, [=] { kept.get(); }));
    rest_somehow();
    body();
    from.set_value();
    for (auto& wait : waits) wait.get();
}

TEST(future, leaves_the_core_of_a_wait_to_other_tasks) {
    explore([](thread_pool& pool) {
        while_all_workers_wait(pool, [&] { submit_and_watch(pool, "a task does not begin though all workers wait"); });
    });
}

TEST(future, leaves_the_core_of_a_wait_to_tasks_while_its_stand_in_parks) {
    explore_few([](thread_pool& pool) {
        while_all_workers_wait(pool, [&] {
            for (int round = 0; round < 12; ++round) {
                auto task = submit(pool, [] {});
                rest_until_parking();
                task.get();
            }
        });
    });
}

TEST(future, gives_up_after_a_time) {
    explore([](thread_pool& pool) {
        hocket::promise<int> never;
        auto kept = never.get_future();
        auto const wait = [&] {
            auto const begin = sim::now();
            sim::check(kept.get_for(200us) == nullptr, "a promise that nobody keeps has a value");
            auto const took = sim::now() - begin;
            sim::check(took >= 200us && took < 2ms, "a wait with a time does not end in time");
        };
        if (sim::choose(2) == 0)
            wait();
        else
            submit(pool, wait).get();
        auto soon = submit(pool, [] {
            sim::work(50us);
            return 1;
        });
        int const* const value = soon.get_for(10ms);
        sim::check(value != nullptr && *value == 1, "a wait with a time misses its task");
    });
}

TEST(future, of_all) {
    explore([](thread_pool& pool) {
        rest_somehow();
        std::vector<hocket::future<int>> parts;
        for (int i = 0; i < 4; ++i)
            parts.push_back(submit(pool, [i] {
                busy();
                return i;
            }));
        auto all = hocket::when_all(std::move(parts));
        if (sim::choose(2) == 0) rest();
        sim::check(all.get() == std::vector{0, 1, 2, 3}, "when_all is wrong");
    });
}

TEST(future, of_any_cancels_losers) {
    explore([](thread_pool& pool) {
        rest_somehow();
        std::vector<hocket::future<int>> parts;
        for (int i = 0; i < 3; ++i)
            parts.push_back(submit(pool, [i] {
                for (int k = 0; k < 100 * i && !hocket::this_task::stop_requested(); ++k) sim::work(10us);
                return i;
            }));
        auto const begin = sim::now();
        auto const first = hocket::when_any(std::move(parts), hocket::cancel_losers).get();
        sim::check(first.value == static_cast<int>(first.index), "when_any is wrong");
        sim::check(sim::now() - begin < 5ms, "when_any does not wait for the first");
    });
}

TEST(future, of_some_as_they_complete) {
    explore([](thread_pool& pool) {
        rest_somehow();
        std::vector<hocket::future<int>> parts;
        for (int i = 0; i < 4; ++i)
            parts.push_back(submit(pool, [i] {
                sim::work(std::chrono::nanoseconds(sim::choose(80'000)));
                return i;
            }));
        auto [ready, pending] = hocket::wait(std::move(parts), {.count = 2});
        sim::check(ready.size() == 2 && pending.size() == 2, "wait for some is wrong");
        int sum = 0;
        for (auto& each : ready) sum += each.get();
        for (auto& done : hocket::as_completed(pending)) sum += done.get();
        sim::check(sum == 6, "as_completed lost a task");
    });
}

TEST(future, stops_what_nobody_waits_for) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<bool> ended{false};
        {
            auto const dropped = submit(pool, [&] {
                for (auto const limit = sim::now() + 10ms; !hocket::this_task::stop_requested(); sim::work(10us))
                    if (sim::now() > limit) break;
                ended = true;
            });
            rest_somehow();
        }
        pool.wait_idle();
    });
}

TEST(lock, held_across_a_wait_for_tasks) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::mutex mutex;
        int guarded = 0;
        auto const task = [&] {
            mutex.lock();
            int const before = guarded;
            auto const [a, b] = hocket::join([] { return 1; },
                                             [] {
                                                 sim::work(5us);
                                                 return submit([] { return 1; }).get();
                                             });
            guarded = before + a + b;
            mutex.unlock();
        };
        std::vector<hocket::future<void>> tasks;
        for (std::size_t i = 0; i < pool.size() + 1; ++i) tasks.push_back(submit(pool, task));
        for (auto& each : tasks) each.get();
        sim::check(guarded == 2 * static_cast<int>(pool.size() + 1), "a lock is held twice");
    });
}

TEST(lock, of_an_outside_thread_that_waits) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::mutex mutex;
        mutex.lock();
        sim::atomic<std::size_t> blocked{0};
        std::vector<hocket::future<void>> tasks;
        for (std::size_t i = 0; i < pool.size() - 1; ++i)
            tasks.push_back(submit(pool, [&] {
                blocked.fetch_add(1);
                mutex.lock();
                mutex.unlock();
            }));
        submit(pool, [] { sim::work(10us); }).get();
        mutex.unlock();
        for (auto& each : tasks) each.get();
    });
}

TEST(blocking, leaves_the_core_to_other_tasks) {
    explore([](thread_pool& pool) {
        rest_somehow();
        std::vector<hocket::future<void>> tasks;
        for (std::size_t i = 0; i < pool.size(); ++i)
            tasks.push_back(submit(pool, [] { hocket::blocking([] { sim::sleep(5ms); }); }));
        if (sim::choose(2) == 0) rest();
        submit_and_watch(pool, "a task does not begin though all workers block");
        for (auto& task : tasks) task.get();
    });
}

TEST(timer, begins_a_task_in_time) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const begin = sim::now();
        auto const wanted = std::chrono::microseconds(50 + sim::choose(200));
        auto late = submit(pool, [] { return sim::now(); }, {.after = wanted});
        if (sim::choose(2) == 0) sim::sleep(2ms);
        auto const took = late.get() - begin;
        sim::check(took >= wanted, "a timer is early");
        sim::check(took < wanted + 1ms, "a timer is late");
    });
}

TEST(timer, fires_in_order) {
    explore([](thread_pool& pool) {
        sim::atomic<int> fired{0};
        std::vector<hocket::future<void>> tasks;
        for (int i = 5; i-- != 0;)
            tasks.push_back(submit(pool, [&] { fired.fetch_add(1); }, {.after = std::chrono::microseconds(100 * i)}));
        tasks.pop_back(); // dropped: it is cancelled, or has begun
        sim::sleep(2ms);
        sim::check(fired.load() >= 4, "a timer did not fire");
        for (auto& task : tasks) task.get();
    });
}

TEST(run_every, calls_until_it_is_stopped) {
    explore([](thread_pool& pool) {
        sim::atomic<int> calls{0};
        hocket::periodic_task clock = hocket::run_every(pool, 100us, [&] {
            calls.fetch_add(1);
            busy();
        });
        sim::sleep(1ms);
        sim::check(calls.load() >= 3, "a periodic task is not called");
        clock.stop();
        int const before = calls.load();
        sim::sleep(500us);
        sim::check(calls.load() == before, "a periodic task is called after its stop");
    });
}

TEST(priority, high_begins_within_ten_milliseconds_beside_a_loop) {
    explore([](thread_pool& pool) {
        sim::atomic<bool> begun{false};
        sim::thread const other([&] {
            sim::sleep(std::chrono::nanoseconds(sim::choose(2'000'000)));
            auto urgent = submit(pool, [&] { begun = true; }, {.priority = hocket::priority::high});
            wait_for(begun, "urgent work does not begin beside a loop", 10ms);
            urgent.get();
        });
        hocket::parallel_for(pool, 0, 500, [](int) { sim::work(100us); });
    });
}

TEST(priority, high_begins_before_queued_tasks) {
    explore([](thread_pool& pool) {
        std::vector<hocket::future<void>> tasks;
        for (int i = 0; i < 100; ++i) tasks.push_back(submit(pool, [] { sim::work(1ms); }));
        sim::atomic<bool> begun{false};
        auto urgent = submit(pool, [&] { begun = true; }, {.priority = hocket::priority::high});
        wait_for(begun, "urgent work does not begin before queued tasks", 10ms);
        urgent.get();
        tasks.clear();
    });
}

TEST(priority, low_begins_when_a_worker_is_idle) {
    explore([](thread_pool& pool) {
        rest_somehow();
        sim::atomic<bool> begun{false};
        auto low = submit(pool, [&] { begun = true; }, {.priority = hocket::priority::low});
        wait_for(begun, "a task of low priority does not begin while a worker is idle");
        low.get();
    });
}

hocket::task<int> doubled(int x) {
    if (sim::choose(2) == 0) co_await hocket::sleep_for(20us);
    co_return 2 * x;
}

TEST(coroutine, awaits_coroutines_and_timers) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const sum = [](int n) -> hocket::task<int> {
            int total = 0;
            for (int i = 0; i < n; ++i) total += co_await doubled(i);
            co_return total;
        };
        auto a = submit(pool, sum(3));
        auto b = submit(pool, sum(4));
        sim::check(a.get() == 6 && b.get() == 12, "a coroutine is wrong");
    });
}

TEST(coroutine, passes_values_through_a_channel) {
    explore([](thread_pool& pool) {
        rest_somehow();
        hocket::channel<int> numbers(2);
        auto const read = [&]() -> hocket::task<int> {
            int total = 0;
            while (auto x = co_await numbers.pop()) total += *x;
            co_return total;
        };
        auto const write = [&](int from) -> hocket::task<void> {
            for (int i = 0; i < 3; ++i) co_await numbers.push(from + i);
        };
        auto one = submit(pool, read());
        auto two = submit(pool, read());
        auto writer = submit(pool, write(0));
        auto other = submit(pool, write(10));
        writer.get();
        other.get();
        numbers.close();
        sim::check(one.get() + two.get() == 36, "a channel lost a value");
    });
}

TEST(coroutine, holds_a_lock_and_awaits_an_event) {
    explore([](thread_pool& pool) {
        hocket::async_mutex mutex;
        hocket::async_event begin;
        int guarded = 0;
        auto const step = [&]() -> hocket::task<void> {
            co_await begin.wait();
            auto const lock = co_await mutex.lock();
            int const before = guarded;
            co_await pool.schedule();
            guarded = before + 1;
        };
        std::vector<hocket::future<void>> tasks;
        for (int i = 0; i < 4; ++i) tasks.push_back(submit(pool, step()));
        rest_somehow();
        begin.set();
        for (auto& task : tasks) task.get();
        sim::check(guarded == 4, "an async_mutex is held twice");
    });
}

TEST(coroutine, is_resumed_by_a_promise_of_an_outside_thread) {
    explore([](thread_pool& pool) {
        hocket::promise<int> from;
        auto const wait = [](hocket::future<int> value) -> hocket::task<int> { co_return 1 + co_await value; };
        auto result = submit(pool, wait(from.get_future()));
        rest_somehow();
        from.set_value(1);
        sim::check(result.get() == 2, "a coroutine has a wrong value");
    });
}

TEST(failure, reaches_nested_work_and_waits) {
    explore([](thread_pool& pool) {
        rest_somehow();
        auto const begin = sim::now();
        hocket::promise<void> never;
        auto const kept = never.get_future().share();
        require_throw<std::out_of_range>(
            [&] {
                hocket::join(
                    pool,
                    [] {
                        auto nested = submit([] {
                            for (int i = 0; i < 1'000 && !hocket::this_task::stop_requested(); ++i) sim::work(20us);
                        });
                        nested.get();
                    },
                    [] {
                        sim::work(100us);
                        throw std::out_of_range("second");
                    });
            },
            "a join lost its exception");
        sim::check(sim::now() - begin < 8ms, "a failure does not reach a task for which a callable waits");
    });
}

} // namespace
