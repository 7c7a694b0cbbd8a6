// SPDX-License-Identifier: MIT
// Tests of bodies that go on to start tasks and to wait for them after the operation around them was stopped. The waits
// begin none of these tasks themselves.
#include <hocket/coroutine.hpp>
#include <hocket/future.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/map.hpp>
#include <hocket/pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;

/// Tasks that take long. The third of them has the operation around them stopped. Those that begin afterwards are
/// counted.
class slow_tasks {
  public:
    static constexpr int count = 200;
    static constexpr int most_late = 50; // other workers may begin some until the waiting thread gets to look

    int operator()() {
        int const number = ++calls_;
        if (over_.load()) ++late_;
        if (number == 3) {
            source_.request_stop();
            reached_ = true;
        }
        for (int looks = 0; reached_.load() && !over_.load(); ++looks) {
            if (polls_ && this_task::stop_requested()) break;
            if (polls_ && looks == most_looks) ++untold_;
            std::this_thread::sleep_for(100us);
        }
        std::this_thread::sleep_for(3ms);
        return number;
    }
    /// A task that has the operation around it stopped, and returns when it is told.
    int until_told() {
        runner_ = std::this_thread::get_id();
        source_.request_stop();
        reached_ = true;
        for (int looks = 0; !this_task::stop_requested() && looks != most_looks; ++looks)
            std::this_thread::sleep_for(100us);
        return 3;
    }
    /// Returns a copy for `submit`: a task calls the object itself.
    auto one() {
        return [this] { return (*this)(); };
    }

    hocket::stop_token token() const { return source_.get_token(); }
    void wait_for_third() const {
        while (!reached_.load()) std::this_thread::sleep_for(100us);
    }
    void is_over() { over_ = true; }
    /// The body goes on with the value of such a task.
    void went_on(int) {
        if (runner_.load() != std::this_thread::get_id()) ++went_on_;
    }
    int times_went_on() const { return went_on_; }
    /// From now on the tasks ask themselves whether they are stopped.
    void poll() { polls_ = true; }
    int untold() const { return untold_; }
    int late() const { return late_; }

  private:
    static constexpr int most_looks = 20'000; // two seconds at least

    std::atomic<int> calls_{0};
    std::atomic<int> untold_{0};
    std::atomic<bool> polls_{false};
    std::atomic<int> late_{0};
    std::atomic<int> went_on_{0};
    std::atomic<std::thread::id> runner_{};
    std::atomic<bool> reached_{false};
    std::atomic<bool> over_{false};
    hocket::stop_source source_;
};

struct wait_form {
    char const* name;
    void (*run)(slow_tasks&);
    bool needs_worker_0 = false;
    bool tells = true; // a task that the waiting thread runs itself
};
void PrintTo(wait_form const& it, std::ostream* out) { *out << it.name; }

std::vector<future<int>> start_all(slow_tasks& tasks) {
    std::vector<future<int>> all;
    for (int i = 0; i < slow_tasks::count; ++i) all.push_back(submit(tasks.one()));
    return all;
}

void get_each(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit(tasks.one()).get();
}
void wait_for_each(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) {
        future<int> one = submit(tasks.one());
        one.wait();
        (void)one.get();
    }
}
void get_continuations(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit(tasks.one()).then([&](int) { return tasks(); }).get();
}
void get_dependent(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit([&](int) { return tasks(); }, submit(tasks.one())).get();
}
void get_long_chain(slow_tasks& tasks) {
    future<int> last = submit(tasks.one());
    for (int i = 1; i < slow_tasks::count; ++i) last = std::move(last).then([&](int) { return tasks(); });
    (void)last.get();
}
void get_all(slow_tasks& tasks) { (void)when_all(start_all(tasks)).get(); }
void get_as_completed(slow_tasks& tasks) {
    for (future<int>& one : as_completed(start_all(tasks))) (void)one.get();
}
void get_named_as_completed(slow_tasks& tasks) {
    std::vector<future<int>> all = start_all(tasks);
    for (future<int>& one : as_completed(all)) (void)one.get();
}
void wait_for_all(slow_tasks& tasks) {
    for (future<int>& one : wait(start_all(tasks)).ready) (void)one.get();
}
void wait_for_all_named(slow_tasks& tasks) {
    std::vector<future<int>> all = start_all(tasks);
    (void)wait(all);
    for (future<int>& one : all) (void)one.get();
}
void get_with_options(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit(tasks.one(), {.name = "slow"}).get();
}
void get_nested(slow_tasks& tasks) {
    submit([&] { get_each(tasks); }).get();
}
void get_of_tasks_that_return_futures(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit([&] { return submit(tasks.one()); }).get();
}
hocket::task<int> await_each(slow_tasks& tasks) {
    int sum = 0;
    for (int i = 0; i < slow_tasks::count; ++i) sum += co_await submit(tasks.one());
    co_return sum;
}
void get_coroutine(slow_tasks& tasks) { (void)submit(await_each(tasks)).get(); }
hocket::task<int> call(slow_tasks& tasks) { co_return tasks(); }
void get_coroutines(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit(call(tasks)).get();
}
void get_async_loops(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) async(parallel_for, 0, 1, [&](int) { tasks(); }).get();
}
void get_in_another_pool(slow_tasks& tasks) {
    thread_pool other({.workers = 1, .bind = binding::none});
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit(other, tasks.one()).get();
}
void get_on_one_worker(slow_tasks& tasks) {
    for (int i = 0; i < slow_tasks::count; ++i) (void)submit(tasks.one(), {.on = 0}).get();
}

auto one_told(slow_tasks& tasks) {
    return [&tasks] { return tasks.until_told(); };
}
void take_value(slow_tasks& tasks) { tasks.went_on(submit(one_told(tasks)).get()); }
void take_value_of_named(slow_tasks& tasks) {
    future<int> one = submit(one_told(tasks));
    tasks.went_on(one.get());
}
void take_value_with_options(slow_tasks& tasks) { tasks.went_on(submit(one_told(tasks), {.name = "told"}).get()); }
void take_value_of_continuation(slow_tasks& tasks) {
    tasks.went_on(submit([] { return 1; }).then([&tasks](int) { return tasks.until_told(); }).get());
}
void take_value_of_dependent(slow_tasks& tasks) {
    tasks.went_on(submit([&tasks](int) { return tasks.until_told(); }, submit([] { return 1; })).get());
}
void take_value_of_returned(slow_tasks& tasks) {
    tasks.went_on(submit([&tasks] { return submit(one_told(tasks)); }).get());
}
void take_value_of_nested(slow_tasks& tasks) {
    submit([&tasks] { take_value(tasks); }).get();
    tasks.went_on(0);
}
void take_values(slow_tasks& tasks) {
    std::vector<future<int>> all;
    for (int i = 0; i < 2; ++i) all.push_back(submit(one_told(tasks)));
    tasks.went_on(when_all(std::move(all)).get().front());
}
void take_from_another_pool(slow_tasks& tasks) {
    thread_pool other({.workers = 1, .bind = binding::none});
    tasks.went_on(submit(other, one_told(tasks)).get());
}
void take_from_one_worker(slow_tasks& tasks) { tasks.went_on(submit(one_told(tasks), {.on = 0}).get()); }

struct stop_form {
    char const* name;
    bool needs_two; // workers
    void (*run)(thread_pool&, slow_tasks&, wait_form const&);
};
void PrintTo(stop_form const& it, std::ostream* out) { *out << it.name; }

void in_loop_with_token(thread_pool& pool, slow_tasks& tasks, wait_form const& form) {
    parallel_for(pool, 0, 1, [&](int) { form.run(tasks); }, {.stop = tasks.token()});
}
void in_task_with_token(thread_pool& pool, slow_tasks& tasks, wait_form const& form) {
    submit(pool, [&] { form.run(tasks); }, {.stop = tasks.token()}).get();
}
void in_loop_within_task(thread_pool& pool, slow_tasks& tasks, wait_form const& form) {
    submit(pool, [&] { parallel_for(0, 1, [&](int) { form.run(tasks); }); }, {.stop = tasks.token()}).get();
}
/// Runs the form in one of two parts, after the other one has begun, which fails after the third task has begun.
class failing_parts {
  public:
    failing_parts(slow_tasks& tasks, wait_form const& form) : tasks_(tasks), form_(form) {}
    void wait() {
        while (!began_.load()) std::this_thread::sleep_for(100us);
        form_.run(tasks_);
    }
    void fail() {
        began_ = true;
        tasks_.wait_for_third();
        throw std::runtime_error("one part fails");
    }

  private:
    slow_tasks& tasks_;
    wait_form const& form_;
    std::atomic<bool> began_{false};
};
void in_failing_loop(thread_pool& pool, slow_tasks& tasks, wait_form const& form) {
    failing_parts parts(tasks, form);
    parallel_for(pool, 0, 2, [&](int i) { i == 0 ? parts.wait() : parts.fail(); });
}
void in_failing_join(thread_pool& pool, slow_tasks& tasks, wait_form const& form) {
    failing_parts parts(tasks, form);
    join(
        pool, [&] { parts.wait(); }, [&] { parts.fail(); });
}

class waits_after_a_stop : public testing::TestWithParam<std::tuple<wait_form, stop_form, int>> {};

TEST_P(waits_after_a_stop, begin_no_task) {
    auto const& [form, stop, workers] = GetParam();
    if (stop.needs_two && workers < 2) GTEST_SKIP() << "the part that fails needs a second worker";
    if (stop.needs_two && form.needs_worker_0) GTEST_SKIP() << "the part that fails may keep worker 0";
    thread_pool pool({.workers = static_cast<unsigned>(workers), .bind = binding::none});
    slow_tasks tasks;
    std::thread watcher([&] { // later than the stop by more than the contract allows for late bodies
        tasks.wait_for_third();
        std::this_thread::sleep_for(20ms);
        tasks.is_over();
    });
    EXPECT_ANY_THROW(stop.run(pool, tasks, form));
    watcher.join();
    pool.wait_idle();
    EXPECT_LE(tasks.late(), slow_tasks::most_late);
}

// The tasks that run when the stop comes are told, on whichever thread.
TEST_P(waits_after_a_stop, tell_tasks_that_run) {
    auto const& [form, stop, workers] = GetParam();
    if (stop.needs_two && workers < 2) GTEST_SKIP() << "the part that fails needs a second worker";
    if (stop.needs_two && form.needs_worker_0) GTEST_SKIP() << "the part that fails may keep worker 0";
    if (!form.tells) GTEST_SKIP() << "a coroutine that runs on the waiting thread is told when it suspends";
    if (stop.run == &in_failing_join && form.run == &get_in_another_pool)
        GTEST_SKIP() << "a join is not known in another pool";
    thread_pool pool({.workers = static_cast<unsigned>(workers), .bind = binding::none});
    slow_tasks tasks;
    tasks.poll();
    EXPECT_ANY_THROW(stop.run(pool, tasks, form));
    tasks.is_over();
    pool.wait_idle();
    EXPECT_EQ(tasks.untold(), 0);
}

constexpr wait_form waits[] = {
    {"get", &get_each},
    {"wait", &wait_for_each},
    {"then", &get_continuations},
    {"dependent", &get_dependent},
    {"chain", &get_long_chain},
    {"when_all", &get_all},
    {"as_completed", &get_as_completed},
    {"as_completed_named", &get_named_as_completed},
    {"wait_for_all", &wait_for_all},
    {"wait_for_all_named", &wait_for_all_named},
    {"with_options", &get_with_options},
    {"nested", &get_nested},
    {"returned", &get_of_tasks_that_return_futures},
    {"coroutine", &get_coroutine},
    {"coroutines", &get_coroutines, false, false},
    {"async_loops", &get_async_loops},
    {"another_pool", &get_in_another_pool},
    {"on_one_worker", &get_on_one_worker, true},
};
constexpr stop_form stops[] = {
    {"loop_with_token", false, &in_loop_with_token},   {"task_with_token", false, &in_task_with_token},
    {"loop_within_task", false, &in_loop_within_task}, {"failing_loop", true, &in_failing_loop},
    {"failing_join", true, &in_failing_join},
};

// A task that another thread has begun ends by itself. The body that waits for it must not go on with its value, and
// start more.
class values_after_a_stop : public waits_after_a_stop {};

TEST_P(values_after_a_stop, do_not_reach_the_body) {
    auto const& [form, stop, workers] = GetParam();
    if (stop.needs_two && workers < 2) GTEST_SKIP() << "the part that fails needs a second worker";
    if (stop.needs_two && form.needs_worker_0) GTEST_SKIP() << "the part that fails may keep worker 0";
    if (stop.run == &in_failing_join && form.run == &take_from_another_pool)
        GTEST_SKIP() << "a join is not known in another pool";
    thread_pool pool({.workers = static_cast<unsigned>(workers), .bind = binding::none});
    slow_tasks tasks;
    try { // a body that has run the task itself goes on, and then an operation that is a task ends with its value
        stop.run(pool, tasks, form);
    } catch (std::exception const&) {
    }
    EXPECT_EQ(tasks.times_went_on(), 0);
}

constexpr wait_form values[] = {
    {"get", &take_value},
    {"named", &take_value_of_named},
    {"with_options", &take_value_with_options},
    {"then", &take_value_of_continuation},
    {"dependent", &take_value_of_dependent},
    {"returned", &take_value_of_returned},
    {"nested", &take_value_of_nested},
    {"when_all", &take_values},
    {"another_pool", &take_from_another_pool},
    {"on_one_worker", &take_from_one_worker, true},
};

std::string name_of(testing::TestParamInfo<std::tuple<wait_form, stop_form, int>> const& one) {
    return std::string(std::get<0>(one.param).name) + "_in_" + std::get<1>(one.param).name + "_on_" +
           std::to_string(std::get<2>(one.param));
}

INSTANTIATE_TEST_SUITE_P(all, waits_after_a_stop,
                         testing::Combine(testing::ValuesIn(waits), testing::ValuesIn(stops),
                                          testing::Values(1, 2, 3, 4, 8)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(all, values_after_a_stop,
                         testing::Combine(testing::ValuesIn(values), testing::ValuesIn(stops),
                                          testing::Values(1, 2, 3, 4, 8, 16, 64)),
                         name_of);

} // namespace
