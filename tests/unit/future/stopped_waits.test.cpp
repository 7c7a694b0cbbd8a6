// SPDX-License-Identifier: MIT
// Table of all kinds of waits for a value that never comes, and all ways in which a stop comes. The stop ends waits
// that have not begun, and suspended coroutines, at once.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/coroutine/async_event.hpp>
#include <hocket/coroutine/async_semaphore.hpp>
#include <hocket/coroutine/channel.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/promise.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/when/as_completed.hpp>
#include <hocket/future/when/wait_for_some.hpp>
#include <hocket/future/when/when_all.hpp>
#include <hocket/future/when/when_any.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;
using namespace std::chrono_literals;
using stress_test::watchdog;

/// A value that never comes, and all kinds of waits for it.
class waits_in {
  public:
    explicit waits_in(thread_pool& pool) : pool_(pool), shared_(never_.get_future().share()) {}
    ~waits_in() {
        never_.set_value(1); // long after the stop, the stopped waits are told
        for (promise<int>& each : others_) each.set_value(1);
        pool_.wait_idle();
        EXPECT_EQ(alive_.use_count(), 1) << kind_;
        EXPECT_EQ(ran_, 0) << kind_;
    }
    waits_in(waits_in const&) = delete;
    waits_in& operator=(waits_in const&) = delete;

    struct kind {
        char const* name;
        future<int> (waits_in::*start)(submit_options const*);
        bool takes_options;
        bool suspends; // the moment when it waits is known
    };
    static std::vector<kind> const& kinds() {
        static std::vector<kind> const all = {
            {"a promise", &waits_in::promised, false, false},
            {"several promises", &waits_in::several_promises, false, false},
            {"a returned promise", &waits_in::returned_promise, false, true},
            {"an argument", &waits_in::argument, true, false},
            {"two arguments", &waits_in::two_arguments, true, false},
            {"a named argument", &waits_in::shared_argument, true, false},
            {"a continuation", &waits_in::continuation, false, false},
            {"a continuation of a shared future", &waits_in::shared_continuation, false, false},
            {"the last of a chain", &waits_in::chain, false, false},
            {"a time", &waits_in::delay, true, false},
            {"several futures", &waits_in::several, true, false},
            {"the first of several", &waits_in::first_of_several, true, false},
            {"a returned future", &waits_in::returned, true, true},
            {"a future in a coroutine", &waits_in::of_future, true, true},
            {"a shared future in a coroutine", &waits_in::of_shared, true, true},
            {"a nested coroutine", &waits_in::nested, true, true},
            {"a mutex", &waits_in::of_mutex, true, true},
            {"a semaphore", &waits_in::of_semaphore, true, true},
            {"an event", &waits_in::of_event, true, true},
            {"an empty channel", &waits_in::of_pop, true, true},
            {"a full channel", &waits_in::of_push, true, true},
            {"a sleep", &waits_in::of_time, true, true},
            {"a returned coroutine", &waits_in::returned_coroutine, true, true},
        };
        return all;
    }
    future<int> start(kind const& which) {
        kind_ = which.name;
        return (this->*which.start)(nullptr);
    }
    /// Starts the wait and returns when it waits.
    future<int> start_waiting(kind const& which, submit_options const* options = nullptr) {
        std::size_t const before = suspended_;
        kind_ = which.name;
        future<int> made = (this->*which.start)(options);
        while (which.suspends && suspended_ == before) std::this_thread::yield();
        return made;
    }
    /// Waits until one was started, and until it waits where that can be seen.
    void wait_for_waiting(kind const& which) const {
        blocking([&] {
            while (!started || (which.suspends && suspended_ == 0)) std::this_thread::yield();
        });
    }

    std::atomic<bool> started{false};

  private:
    future<int> fresh() {
        std::lock_guard const lock(mutex_);
        return others_.emplace_back().get_future();
    }
    auto counts() {
        return [this, alive = alive_](int) { return ++ran_; };
    }
    template<class... Args>
    future<int> submitted(submit_options const* options, Args&&... args) {
        return options != nullptr ? submit(pool_, std::forward<Args>(args)..., *options)
                                  : submit(pool_, std::forward<Args>(args)...);
    }

    /// Returns a wait that may go on beside the stop.
    future<int> silent() {
        return submit(
            pool_, [alive = alive_](int i) { return i; }, fresh());
    }
    future<int> promised(submit_options const*) { return fresh(); }
    future<int> several_promises(submit_options const*) {
        std::vector<future<int>> all;
        all.push_back(fresh());
        all.push_back(fresh());
        return when_all(std::move(all)).then(pool_, [alive = alive_](std::vector<int> const&) { return 1; });
    }
    future<int> returned_promise(submit_options const*) {
        return submit(pool_, [this, alive = alive_] {
            ++suspended_;
            return fresh();
        });
    }
    future<int> argument(submit_options const* options) { return submitted(options, counts(), fresh()); }
    future<int> two_arguments(submit_options const* options) {
        return submitted(
            options, [this, alive = alive_](int, int) { return ++ran_; }, make_ready_future(1), fresh());
    }
    future<int> shared_argument(submit_options const* options) { return submitted(options, counts(), shared_); }
    future<int> continuation(submit_options const*) { return fresh().then(pool_, counts()); }
    future<int> shared_continuation(submit_options const*) { return shared_.then(pool_, counts()); }
    future<int> chain(submit_options const*) {
        return fresh().then(pool_, [](int i) { return i; }).then([](int i) { return i; }).then(counts());
    }
    future<int> delay(submit_options const* options) {
        submit_options late = options != nullptr ? *options : submit_options{};
        late.after = 1h;
        return submit(
            pool_, [this, alive = alive_] { return ++ran_; }, late);
    }
    future<int> several(submit_options const* options) {
        if (options != nullptr) return submitted(options, counts(), silent());
        std::vector<future<int>> all;
        all.push_back(silent());
        all.push_back(silent());
        return when_all(std::move(all)).then(pool_, [](std::vector<int> const&) { return 1; });
    }
    future<int> first_of_several(submit_options const* options) {
        if (options != nullptr) return submitted(options, counts(), silent());
        std::vector<future<int>> all;
        all.push_back(silent());
        all.push_back(silent());
        return when_any(std::move(all)).then(pool_, [](auto const&) { return 1; });
    }
    future<int> returned(submit_options const* options) {
        auto const returns = [this] {
            ++suspended_;
            return argument(nullptr);
        };
        if (options == nullptr) return submit(pool_, returns);
        ++suspended_;
        return submitted(options, counts(), silent());
    }

    task<int> awaits_future() {
        auto const alive = alive_;
        future<int> f = fresh();
        ++suspended_;
        co_return co_await std::move(f);
    }
    task<int> awaits_shared() {
        auto const alive = alive_;
        ++suspended_;
        co_return co_await shared_;
    }
    task<int> awaits_task() {
        auto const alive = alive_;
        co_return co_await awaits_future();
    }
    task<int> awaits_mutex() {
        auto const alive = alive_;
        ++suspended_;
        async_lock const lock = co_await mutex_of_none_.lock();
        co_return ++ran_;
    }
    task<int> awaits_semaphore() {
        auto const alive = alive_;
        ++suspended_;
        co_await none_.acquire();
        co_return ++ran_;
    }
    task<int> awaits_event() {
        auto const alive = alive_;
        ++suspended_;
        co_await event_;
        co_return ++ran_;
    }
    task<int> awaits_pop() {
        auto const alive = alive_;
        ++suspended_;
        (void)co_await empty_.pop();
        co_return ++ran_;
    }
    task<int> awaits_push() {
        auto const alive = alive_;
        ++suspended_;
        co_await full_.push(1);
        co_return ++ran_;
    }
    task<int> awaits_time() {
        auto const alive = alive_;
        ++suspended_;
        co_await hocket::sleep_for(1h);
        co_return ++ran_;
    }
    future<int> of_future(submit_options const* options) { return submitted(options, awaits_future()); }
    future<int> of_shared(submit_options const* options) { return submitted(options, awaits_shared()); }
    future<int> nested(submit_options const* options) { return submitted(options, awaits_task()); }
    future<int> of_mutex(submit_options const* options) { return submitted(options, awaits_mutex()); }
    future<int> of_semaphore(submit_options const* options) { return submitted(options, awaits_semaphore()); }
    future<int> of_event(submit_options const* options) { return submitted(options, awaits_event()); }
    future<int> of_pop(submit_options const* options) { return submitted(options, awaits_pop()); }
    future<int> of_push(submit_options const* options) { return submitted(options, awaits_push()); }
    future<int> of_time(submit_options const* options) { return submitted(options, awaits_time()); }
    future<int> returned_coroutine(submit_options const* options) {
        return submitted(options, [this] { return awaits_future(); });
    }

    thread_pool& pool_;
    std::mutex mutex_;
    std::vector<promise<int>> others_;
    promise<int> never_;
    shared_future<int> const shared_;
    async_mutex mutex_of_none_;
    async_lock held_ = mutex_of_none_.try_lock();
    async_semaphore none_{0};
    async_event event_;
    channel<int> empty_{1}, full_{0};
    std::shared_ptr<int> const alive_ = std::make_shared<int>(0);
    std::atomic<int> ran_{0};
    std::atomic<char const*> kind_{""};
    std::atomic<std::size_t> suspended_{0};
};

class a_stop_on : public testing::TestWithParam<std::size_t> {
  protected:
    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, a_stop_on, testing::Values(1, 2, 3, 4, 8, 16));

TEST_P(a_stop_on, ends_each_wait_by_its_own_token) {
    for (waits_in::kind const& kind : waits_in::kinds()) {
        if (!kind.takes_options) continue;
        watchdog const dog(kind.name);
        waits_in all(pool_);
        for (int i = 0; i < 5; ++i) {
            std::stop_source source;
            submit_options const options{.stop = source.get_token()};
            future<int> f = all.start_waiting(kind, &options);
            source.request_stop();
            EXPECT_THROW(f.get(), operation_cancelled) << kind.name;
        }
    }
}

TEST_P(a_stop_on, ends_each_wait_that_lost) {
    for (waits_in::kind const& kind : waits_in::kinds()) {
        watchdog const dog(kind.name);
        waits_in all(pool_);
        for (int i = 0; i < 5; ++i) {
            promise<int> first;
            std::vector<future<int>> fs;
            fs.push_back(first.get_future());
            fs.push_back(all.start_waiting(kind));
            future<int> const next = fs[1].then([](int) { return 1; });
            auto any = when_any(fs, cancel_losers);
            first.set_value(1);
            EXPECT_TRUE(any.ready());
            EXPECT_TRUE(fs[1].ready() || kind.suspends) << kind.name;
            EXPECT_THROW(fs[1].get(), operation_cancelled) << kind.name;
            EXPECT_THROW(next.get(), operation_cancelled) << kind.name;
        }
    }
}

/// Runs two bodies side by side.
using side_by_side = void (*)(thread_pool&, std::function<void()> const&, std::function<void()> const&);
struct scope_kind {
    char const* name;
    side_by_side run;
};
constexpr loop_options one_by_one{.grain = 1, .schedule = schedule::dynamic};
scope_kind const scopes[] = {
    {"a join", [](thread_pool& pool, auto const& a, auto const& b) { join(pool, a, b); }},
    {"a join, the other way round", [](thread_pool& pool, auto const& a, auto const& b) { join(pool, b, a); }},
    {"a loop",
     [](thread_pool& pool, auto const& a, auto const& b) {
         parallel_for(
             pool, 0, 2, [&](int i) { (i == 0 ? a : b)(); }, one_by_one);
     }},
    {"a reduction",
     [](thread_pool& pool, auto const& a, auto const& b) {
         (void)parallel_transform_reduce(
             pool, 0, 2, 0, std::plus<>(), [&](int i) { return (i == 0 ? a : b)(), 1; }, one_by_one);
     }},
    {"a group",
     [](thread_pool& pool, auto const& a, auto const& b) {
         task_group g(pool);
         g.run([&] { a(); });
         g.run([&] { b(); });
         g.wait();
     }},
    {"a graph",
     [](thread_pool& pool, auto const& a, auto const& b) {
         task_graph g;
         g.add([&] { a(); });
         g.add([&] { b(); });
         g.run(pool).get();
     }},
    {"a pipeline",
     [](thread_pool& pool, auto const& a, auto const& b) {
         auto read = [i = 0]() mutable { return i < 2 ? std::optional<int>(i++) : std::nullopt; };
         pipeline(stage<serial>(read), stage<parallel>([&](int i) { (i == 0 ? a : b)(); })).run(pool, {.tokens = 2});
     }},
};

// One body waits, and the other one fails.
TEST_P(a_stop_on, ends_each_wait_within_what_has_failed) {
    if (pool_.size() == 1) return; // a loop runs its bodies one after the other
    for (scope_kind const& scope : scopes) {
        for (waits_in::kind const& kind : waits_in::kinds()) {
            std::string const name = std::string(kind.name) + " in " + scope.name;
            watchdog const dog(name.c_str());
            for (int way = 0; way < 3; ++way) {
                waits_in all(pool_);
                auto const wait = [&] {
                    if (way == 0) {
                        future<int> f = all.start(kind);
                        all.started = true;
                        (void)std::move(f).get();
                    } else if (way == 1) {
                        std::vector<future<int>> fs;
                        fs.push_back(all.start(kind));
                        fs.push_back(all.start(kind));
                        all.started = true;
                        (void)when_all(std::move(fs)).get();
                    } else {
                        std::vector<future<int>> fs;
                        fs.push_back(all.start(kind));
                        fs.push_back(all.start(kind));
                        all.started = true;
                        (void)wait_result<future<int>>(hocket::wait(std::move(fs)));
                    }
                };
                auto const fail = [&] {
                    all.wait_for_waiting(kind);
                    throw std::runtime_error("original");
                };
                try {
                    scope.run(pool_, wait, fail);
                    ADD_FAILURE() << name;
                } catch (std::runtime_error const& error) {
                    EXPECT_STREQ(error.what(), "original") << name;
                } catch (...) {
                    ADD_FAILURE() << name << ": another error";
                }
            }
        }
    }
}

// The stop also ends a wait that a body has started and keeps under a name.
TEST_P(a_stop_on, ends_what_the_body_has_started_and_keeps) {
    if (pool_.size() == 1) return;
    for (scope_kind const& scope : scopes) {
        if (std::string(scope.name).find("join") != std::string::npos) continue;
        watchdog const dog(scope.name);
        for (waits_in::kind const& kind : waits_in::kinds()) {
            waits_in all(pool_);
            auto const wait = [&] {
                std::vector<future<int>> fs;
                fs.push_back(all.start(kind));
                all.started = true;
                (void)fs[0].get();
            };
            auto const fail = [&] {
                all.wait_for_waiting(kind);
                throw std::runtime_error("original");
            };
            EXPECT_THROW(scope.run(pool_, wait, fail), std::runtime_error) << kind.name << " in " << scope.name;
        }
    }
}

// Other threads may want the result: the failed loop ends by itself when the result is ready.
TEST_P(a_stop_on, leaves_alone_what_others_started) {
    if (pool_.size() == 1) return;
    watchdog const dog("what others started");
    for (bool const share : {false, true}) {
        promise<int> later;
        future<int> f = submit(
            pool_, [](int i) { return i; }, later.get_future());
        shared_future<int> shared;
        if (share) shared = f.share();
        std::atomic<bool> waits{false}, failed{false};
        std::jthread const keeps([&] {
            while (!failed) std::this_thread::yield();
            std::this_thread::sleep_for(5ms);
            later.set_value(7);
        });
        auto const wait = [&] {
            waits = true;
            share ? shared.wait() : f.wait();
        };
        auto const fail = [&] {
            blocking([&] {
                while (!waits) std::this_thread::yield();
            });
            failed = true;
            throw std::runtime_error("original");
        };
        EXPECT_THROW(parallel_for(
                         pool_, 0, 2, [&](int i) { i == 0 ? wait() : fail(); }, one_by_one),
                     std::runtime_error);
        EXPECT_EQ(share ? shared.get() : f.get(), 7);
    }
}

TEST_P(a_stop_on, ends_each_wait_within_a_loop_by_its_timeout_or_token) {
    for (waits_in::kind const& kind : waits_in::kinds()) {
        watchdog const dog(kind.name);
        waits_in all(pool_);
        loop_options options = one_by_one;
        options.timeout = 2ms;
        auto const waits = [&](int) { (void)all.start(kind).get(); };
        EXPECT_THROW(parallel_for(pool_, 0, 2, waits, options), operation_cancelled) << kind.name;
        std::stop_source source;
        options = one_by_one;
        options.stop = source.get_token();
        std::jthread const stopper([&] {
            std::this_thread::sleep_for(1ms);
            source.request_stop();
        });
        EXPECT_THROW(parallel_for(pool_, 0, 2, waits, options), operation_cancelled) << kind.name;
    }
}

/// An object whose destructor takes long.
class slow_to_destroy {
  public:
    explicit slow_to_destroy(std::atomic<int>& alive) noexcept : alive_(&alive) { ++alive; }
    slow_to_destroy(slow_to_destroy&& other) noexcept : alive_(std::exchange(other.alive_, nullptr)) {}
    ~slow_to_destroy() {
        if (alive_ == nullptr) return;
        std::this_thread::sleep_for(2ms);
        --*alive_;
    }

  private:
    std::atomic<int>* alive_;
};

// The thread for timers gives them up. The pool is not idle before it has destroyed them.
TEST_P(a_stop_on, destroys_callables_before_the_stopped_wait_returns) {
    watchdog const dog("slow destructors");
    for (int round = 0; round < 5; ++round) {
        promise<int> never[2];
        std::atomic<int> alive{0};
        loop_options options = one_by_one;
        options.timeout = 2ms;
        auto const waits = [&](int) {
            std::vector<future<int>> fs;
            for (promise<int>& each : never)
                fs.push_back(each.get_future().then(pool_, [slow = slow_to_destroy(alive)](int i) { return i; }));
            (void)when_all(std::move(fs)).then([](std::vector<int> const&) { return 1; }).get();
        };
        EXPECT_THROW(parallel_for(pool_, 0, 1, waits, options), operation_cancelled);
        EXPECT_EQ(alive, 0);
        pool_.wait_idle();
    }
}

// The waiting task has lost, and so has the task that it waits for.
TEST_P(a_stop_on, goes_on_to_what_the_stopped_task_waits_for) {
    for (waits_in::kind const& kind : waits_in::kinds()) {
        watchdog const dog(kind.name);
        waits_in all(pool_);
        auto const waits = [&] {
            future<int> f = all.start(kind);
            all.started = true;
            return std::move(f).get();
        };
        promise<int> first;
        std::vector<future<int>> fs;
        fs.push_back(first.get_future());
        fs.push_back(submit(pool_, waits));
        all.wait_for_waiting(kind);
        auto any = when_any(fs, cancel_losers);
        first.set_value(1);
        any.wait();
        EXPECT_THROW(fs[1].get(), operation_cancelled) << kind.name;
    }
}

// The result comes and is cancelled at one time: the waiting task goes on once.
TEST_P(a_stop_on, may_come_when_what_is_awaited_is_ready) {
    watchdog const dog("at one time");
    for (int round = 0; round < 300; ++round) {
        auto const alive = std::make_shared<int>(0);
        std::atomic<int> ran{0}, begun{0};
        promise<int> awaited[4];
        async_event event;
        auto const awaits = [&](future<int> f, std::shared_ptr<int>) -> task<int> {
            ++begun;
            (void)co_await std::move(f);
            co_return ++ran;
        };
        auto const awaits_event = [&](std::shared_ptr<int>) -> task<int> {
            ++begun;
            co_await event;
            co_return ++ran;
        };
        auto const counts = [&ran, alive](int) { return ++ran; };
        promise<int> first;
        std::vector<future<int>> fs;
        fs.push_back(first.get_future());
        fs.push_back(submit(pool_, counts, awaited[0].get_future()));
        fs.push_back(awaited[1].get_future().then(pool_, counts));
        fs.push_back(awaited[2].get_future().then(pool_, [](int i) { return i; }).then(counts));
        fs.push_back(submit(pool_, awaits(awaited[3].get_future(), alive)));
        fs.push_back(submit(pool_, awaits_event(alive)));
        while (round % 2 == 0 && begun != 2) std::this_thread::yield();
        auto any = when_any(fs, cancel_losers);
        std::atomic<int> ready{0};
        std::jthread keeper([&] {
            for (++ready; ready != 2;) std::this_thread::yield();
            for (promise<int>& each : awaited) each.set_value(1);
            event.set();
        });
        for (++ready; ready != 2;) std::this_thread::yield();
        for (int i = 0; i < round % 60; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
        first.set_value(1);
        any.wait();
        int cancelled = 0;
        for (std::size_t i = 1; i < fs.size(); ++i) {
            try {
                (void)fs[i].get();
            } catch (operation_cancelled const&) {
                ++cancelled;
            }
        }
        keeper.join();
        pool_.wait_idle();
        EXPECT_EQ(ran + cancelled, 5);
        fs.clear();
        any = {};
    }
}

} // namespace
