// SPDX-License-Identifier: MIT
// Tests of the public forms of calls, one call of each as a program would write it: they compile with the umbrella
// alone and return the documented results. The details are tested beside each header.
#include <hocket/hocket.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

std::vector<int> first_numbers(int count) {
    std::vector<int> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

int load() { return 20; }

std::vector<future<int>> futures_of(int count) {
    std::vector<future<int>> all;
    for (int i = 0; i < count; ++i) all.push_back(submit([i] { return i; }));
    return all;
}

TEST(public_surface, pools_and_the_machine) {
    {
        thread_pool pool;
        EXPECT_GE(pool.size(), 1U);
        EXPECT_EQ(pool.placement().workers.size(), pool.size());
        EXPECT_FALSE(pool.placement().reason.empty());
        EXPECT_FALSE(pool.placement().to_string().empty());
    }
    thread_pool pool({.workers = 4, .bind = binding::core, .name = "render"});
    EXPECT_EQ(pool.size(), 4U);
    EXPECT_GE(default_pool().size(), 1U);
    topology const& here = machine();
    EXPECT_GE(here.packages.size(), 1U);
    EXPECT_GE(here.numa_nodes.size(), 1U);
    EXPECT_GE(here.pus.size(), here.cores.size());
    auto const [index, core] = submit(pool, [] { return std::pair(this_worker::index(), this_worker::core()); }).get();
    EXPECT_LT(index, pool.size());
    EXPECT_LT(core, here.cores.size());

    worker_local<int> buffers(pool);
    auto warm = pool.keep_warm();
    parallel_for(pool, 0, 1000, [&](int) { buffers.local() += 1; });
    EXPECT_EQ(buffers.combine([](int a, int b) { return a + b; }), 1000);
    EXPECT_EQ(blocking([&] { return 5; }), 5);
}

TEST(public_surface, fork_and_join) {
    auto const [a, b] = join([&] { return 1; }, [&] { return std::string("b"); });
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, "b");
    EXPECT_EQ(std::get<2>(join([] { return 1; }, [] { return 2; }, [] { return 3; })), 3);
    int ran = 0;
    task_group g;
    g.run([&] { ran = 1; });
    g.wait();
    EXPECT_EQ(ran, 1);
}

TEST(public_surface, loops) {
    std::vector<int> numbers = first_numbers(10'000);
    std::atomic<long> sum{0};
    parallel_for(0, 100, [&](int i) { sum += i; });
    EXPECT_EQ(sum.exchange(0), 4950);
    parallel_for(std::int64_t{1} << 40, (std::int64_t{1} << 40) + 10, [&](std::int64_t) { ++sum; });
    EXPECT_EQ(sum.exchange(0), 10);
    parallel_for(5, 3, [&](int) { ++sum; });
    EXPECT_EQ(sum, 0) << "a range whose end lies before its start is empty";
    parallel_for(numbers, [&](auto& x) { x += 1; });
    EXPECT_EQ(numbers[7], 8);
    std::size_t const ny = 17;
    std::size_t const nx = 33;
    parallel_for(extents{ny, nx}, [&](std::size_t y, std::size_t x) { sum += y < ny && x < nx ? 1 : 1000; });
    EXPECT_EQ(sum.exchange(0), 17 * 33);
    parallel_for(extents{3, 4, 5}, [&](std::size_t, std::size_t, std::size_t) { ++sum; });
    EXPECT_EQ(sum.exchange(0), 60);
    parallel_for_chunks(numbers, [&](auto chunk) {
        for (int const x : chunk) sum += x;
    });
    EXPECT_EQ(sum.exchange(0), 50'005'000);
    std::vector<int> const worklist = {10, 20};
    parallel_for_each(worklist, [&](int item, feeder<int>& more) {
        ++sum;
        if (item > 0) more.add(item - 1);
    });
    EXPECT_EQ(sum, 32);
}

TEST(public_surface, maps_and_streams) {
    std::vector<int> const numbers = first_numbers(10'000);
    std::vector<long> r = parallel_map(numbers, [](int x) { return 2L * x; });
    EXPECT_EQ(r[5], 10);
    parallel_map(numbers, r, [](int x) { return 3L * x; });
    EXPECT_EQ(r[5], 15);
    std::vector<std::tuple<int, int>> const tuples = {{1, 2}, {3, 4}};
    EXPECT_EQ(parallel_starmap(tuples, [](int a, int b) { return a * b; }), (std::vector<int>{2, 12}));

    std::list<int> const input_range = {1, 2, 3, 4, 5};
    std::vector<int> stream;
    for (auto&& square : parallel_imap(input_range, [](int x) { return x * x; }, {.lookahead = 64}))
        stream.push_back(square);
    EXPECT_EQ(stream, (std::vector<int>{1, 4, 9, 16, 25}));
    std::vector<int> by_index(5);
    for (auto&& [index, square] : parallel_imap_unordered(input_range, [](int x) { return x * x; }))
        by_index[index] = square;
    EXPECT_EQ(by_index, stream);
}

TEST(public_surface, sums_and_scans) {
    std::vector<int> const numbers = first_numbers(10'000);
    auto const plus = [](long a, long b) { return a + b; };
    EXPECT_EQ(parallel_reduce(numbers, 0L, plus), 49'995'000);
    EXPECT_EQ(parallel_transform_reduce(numbers, 0L, std::plus<>(), [](int x) { return 2L * x; }), 99'990'000);
    std::vector<long> out(numbers.size());
    parallel_inclusive_scan(numbers, out, plus);
    EXPECT_EQ(out.back(), 49'995'000);
    parallel_exclusive_scan(numbers, out, 7L, plus);
    EXPECT_EQ(out[2], 8);
    EXPECT_EQ(parallel_histogram(numbers, 10, [](int x) { return x % 10; }), std::vector<std::size_t>(10, 1000));
    auto const groups = parallel_group_by(numbers, [](int x) { return x % 3; });
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[2].first, 2);
    EXPECT_EQ(groups[2].second[1], 5);
    std::vector<char> const keys = {'a', 'a', 'b'};
    std::vector<int> const values = {1, 2, 3};
    EXPECT_EQ(parallel_reduce_by_key(keys, values, std::plus<>()),
              (std::vector<std::pair<char, int>>{{'a', 3}, {'b', 3}}));
}

TEST(public_surface, sorts) {
    struct named {
        int key;
        char name;
    };
    std::vector<int> numbers = first_numbers(10'000);
    std::reverse(numbers.begin(), numbers.end());
    parallel_sort(numbers);
    EXPECT_EQ(numbers, first_numbers(10'000));
    parallel_sort(numbers, std::greater<>());
    EXPECT_EQ(numbers.front(), 9999);
    parallel_nth_element(numbers, numbers.begin() + 5000);
    EXPECT_EQ(numbers[5000], 5000);
    std::vector<named> records = {{2, 'a'}, {1, 'b'}, {2, 'c'}};
    parallel_sort(records, std::less<>(), &named::key);
    EXPECT_EQ(records.front().name, 'b');
    records = {{2, 'a'}, {1, 'b'}, {2, 'c'}};
    parallel_stable_sort(records, std::greater<>(), &named::key);
    EXPECT_EQ(records[0].name, 'a');
    EXPECT_EQ(records[1].name, 'c');
    parallel_sort(records, {}, &named::key);
    EXPECT_EQ(records[0].name, 'b');
    parallel_stable_sort(records, {}, &named::name);
    EXPECT_EQ(records[0].name, 'a');
    parallel_nth_element(records, records.begin() + 2, {}, &named::name);
    EXPECT_EQ(records[2].name, 'c');
    EXPECT_EQ(parallel_min_element(records, {}, &named::key)->name, 'b');
    EXPECT_EQ(parallel_max_element(records, {}, &named::name)->name, 'c');
    EXPECT_EQ(parallel_minmax_element(records, {}, &named::key).min->name, 'b');
    std::vector<named> twice(6);
    parallel_merge(records, records, twice, {}, &named::name, &named::name);
    EXPECT_EQ(twice[1].name, 'a');
    std::vector<int> const odd = {1, 3, 5};
    std::vector<int> const even = {2, 4};
    std::vector<int> both(5);
    parallel_merge(odd, even, both);
    EXPECT_EQ(both, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST(public_surface, searches_and_selections) {
    std::vector<int> const numbers = first_numbers(10'000);
    auto const is_small = [](int x) { return x < 10; };
    EXPECT_EQ(parallel_copy_if(numbers, is_small), first_numbers(10));
    std::vector<int> changed = numbers;
    auto const large = parallel_partition(changed, [](int x) { return x % 2 == 0; });
    EXPECT_EQ(large.begin() - changed.begin(), 5000);
    changed = {1, 1, 2, 2, 3};
    auto const [repeated, end] = parallel_unique(changed);
    changed.erase(repeated, end);
    EXPECT_EQ(changed, (std::vector<int>{1, 2, 3}));
    auto const removed = parallel_remove_if(changed, [](int x) { return x == 2; });
    changed.erase(removed.begin(), removed.end());
    EXPECT_EQ(changed, (std::vector<int>{1, 3}));

    EXPECT_EQ(*parallel_find_if(numbers, [](int x) { return x >= 77; }), 77);
    EXPECT_TRUE(parallel_any_of(numbers, is_small));
    EXPECT_FALSE(parallel_all_of(numbers, is_small));
    EXPECT_TRUE(parallel_none_of(numbers, [](int x) { return x < 0; }));
    EXPECT_EQ(parallel_count_if(numbers, is_small), 10U);
    EXPECT_EQ(*parallel_min_element(numbers), 0);
    EXPECT_EQ(*parallel_max_element(numbers), 9999);
    auto const [least, most] = parallel_minmax_element(numbers);
    EXPECT_EQ(*least, 0);
    EXPECT_EQ(*most, 9999);

    std::vector<int> filled(100);
    parallel_fill(filled, 3);
    EXPECT_EQ(filled, std::vector<int>(100, 3));
    std::vector<int> copied(100);
    parallel_copy(filled, copied);
    EXPECT_EQ(copied, filled);
    parallel_generate(filled, [] { return 4; });
    EXPECT_EQ(filled, std::vector<int>(100, 4));
    parallel_iota(filled, 0);
    EXPECT_EQ(filled, first_numbers(100));
}

TEST(public_surface, options_of_loops) {
    std::stop_source source;
    progress bar;
    std::atomic<int> ran{0};
    parallel_for(0, 100, [&](int) { ++ran; },
                 {.grain = 1024,
                  .schedule = schedule::adaptive,
                  .stop = source.get_token(),
                  .progress = &bar,
                  .errors = error_policy::first});
    EXPECT_EQ(ran, 100);
    EXPECT_EQ(bar.done(), 100U);
    for (schedule const each : {schedule::fixed, schedule::dynamic})
        parallel_for(0, 100, [&](int) { ++ran; }, {.schedule = each});
    EXPECT_EQ(ran, 300);

    try {
        parallel_for(0, 10,
                     [](int i) {
                         if (i % 4 == 1) throw std::runtime_error(std::to_string(i));
                     },
                     {.errors = error_policy::collect});
        ADD_FAILURE() << "nothing was thrown";
    } catch (parallel_error const& error) {
        ASSERT_EQ(error.failures().size(), 3U);
        EXPECT_EQ(error.failures()[2].index, 9U);
        EXPECT_THROW(std::rethrow_exception(error.failures()[2].exception), std::runtime_error);
    }
    source.request_stop();
    EXPECT_THROW(parallel_for(0, 100, [](int) {}, {.stop = source.get_token()}), operation_cancelled);
    EXPECT_FALSE(this_task::stop_requested());
    EXPECT_THROW(thread_pool({.workers = 0}), std::invalid_argument);
}

TEST(public_surface, futures) {
    future<int> f = submit([](int a, int b) { return a + b; }, 1, 2);
    static_assert(std::is_same_v<decltype(f.get()), int&> && std::is_same_v<decltype(std::move(f).get()), int>);
    f.wait();
    EXPECT_TRUE(f.wait_for(50ms));
    EXPECT_TRUE(f.ready());
    EXPECT_EQ(f.get(), 3);
    auto doubled = f.then([](int v) { return 2.0 * v; });
    static_assert(std::is_same_v<decltype(doubled), future<double>>);
    EXPECT_EQ(doubled.get(), 6);
    future<int> sum = submit([](int a, int b) { return a + b; }, submit(load), std::move(doubled));
    EXPECT_EQ(sum.get(), 26);
    bool was_called = false;
    auto failed = submit([&](int) { was_called = true; }, submit([]() -> int { throw std::runtime_error("no"); }));
    EXPECT_THROW(failed.get(), std::runtime_error);
    EXPECT_FALSE(was_called);
    future<int> flat = submit([] { return submit(load); });
    EXPECT_EQ(flat.get(), 20);

    auto const [x, y] = when_all(submit(load), submit([] { return 2.5; })).get();
    EXPECT_EQ(x, 20);
    EXPECT_EQ(y, 2.5);
    EXPECT_EQ(when_all(futures_of(5)).get(), first_numbers(5));
    auto const [index, value] = when_any(futures_of(5)).get();
    EXPECT_EQ(static_cast<int>(index), value);
    int total = 0;
    for (auto&& done : as_completed(futures_of(5))) total += done.get();
    EXPECT_EQ(total, 10);

    shared_future<int> s = submit(load).share();
    EXPECT_EQ(s.get() + shared_future<int>(s).get(), 40);
    promise<std::unique_ptr<int>> p;
    future<std::unique_ptr<int>> promised = p.get_future();
    p.set_value(std::make_unique<int>(3));
    EXPECT_EQ(*std::move(promised).get(), 3);
    EXPECT_EQ(make_ready_future(5).get(), 5);
}

TEST(public_surface, options_of_tasks) {
    thread_pool pool({.workers = 2});
    std::stop_source source;
    for (priority const each : {priority::high, priority::normal, priority::low})
        EXPECT_EQ(
            submit(pool, load,
                   submit_options{.priority = each, .stop = source.get_token(), .name = "load", .after = 1ms, .on = 1})
                .get(),
            20);
    source.request_stop();
    EXPECT_THROW(submit(pool, load, {.stop = source.get_token()}).get(), operation_cancelled);
    EXPECT_EQ(submit(pool, [] { return this_worker::index(); }, {.on = 1}).get(), 1U);
}

task<int> one_more_than_loaded() {
    int const x = co_await submit(load);
    co_return x + 1;
}

task<std::size_t> size_of_the_pool_that_runs(thread_pool& pool) {
    co_await pool.schedule();
    int const y = co_await one_more_than_loaded();
    co_return this_worker::index() < pool.size() && y == 21 ? pool.size() : 0;
}

TEST(public_surface, coroutines) {
    EXPECT_EQ(submit(one_more_than_loaded()).get(), 21);
    EXPECT_EQ(sync_wait(one_more_than_loaded()), 21);
    thread_pool pool({.workers = 3});
    EXPECT_EQ(submit(size_of_the_pool_that_runs(pool)).get(), 3U);
}

TEST(public_surface, graphs) {
    task_graph g;
    std::string order;
    auto a = g.add("load", [&] { order += 'a'; });
    auto b = g.add("parse", [&] { order += 'b'; });
    a.precede(b);
    auto last = g.add([&] { order += 'c'; });
    last.succeed(b);
    auto left = g.add([] { return 1; });
    auto right = g.add([] { return 2; });
    auto c = g.add([](int x, int y) { return x + y; }, left, right);
    c.priority(priority::high);
    g.validate();
    g.run().get();
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(c.get(), 3);
    g.run_n(100).get();
    EXPECT_EQ(order.size(), 303U);
    int passes = 0;
    g.run_until([&] { return ++passes == 5; }).get();
    EXPECT_EQ(order.size(), 318U);
    std::ostringstream picture;
    g.to_dot(picture);
    EXPECT_NE(picture.str().find("parse"), std::string::npos);
    b.precede(a);
    try {
        g.validate();
        ADD_FAILURE() << "nothing was thrown";
    } catch (std::invalid_argument const& error) {
        EXPECT_NE(std::string(error.what()).find("parse"), std::string::npos) << error.what();
    }
}

TEST(public_surface, graphs_that_branch_nest_and_limit) {
    task_graph loop;
    int n = 0;
    auto start = loop.add([&] { n = 0; });
    auto body = loop.add([&] { ++n; });
    auto again = loop.add_condition([&] { return n < 10 ? 0 : 1; });
    auto end = loop.add([&] { n += 100; });
    start.precede(body);
    body.precede(again);
    again.precede(body, end);

    task_graph outer;
    semaphore one(1);
    auto nested = outer.add_subgraph(loop);
    int used = 0;
    for (int i = 0; i < 8; ++i) {
        auto node = outer.add([&] { ++used; });
        node.limit(one);
        node.succeed(nested);
    }
    outer.run().get();
    EXPECT_EQ(n, 110);
    EXPECT_EQ(used, 8);
}

TEST(public_surface, pipelines) {
    int next = 0;
    std::vector<int> written;
    auto const read = [&]() -> std::optional<int> { return next < 100 ? std::optional(next++) : std::nullopt; };
    auto const write = [&](int x) { written.push_back(x); };
    pipeline(stage<serial>(read), stage<parallel>([](int x) { return x + 1; }), stage<serial>(write))
        .run({.tokens = 16});
    std::vector<int> expected = first_numbers(101);
    expected.erase(expected.begin());
    EXPECT_EQ(written, expected);
}

} // namespace
