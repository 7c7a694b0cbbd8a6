// SPDX-License-Identifier: MIT
// Tests that a blocking body is woken by a callback of `this_task::stop_token()` when its result is not needed any
// more. They cover each form of work: when a sibling throws, when a sibling of the operation around throws, and when a
// token or a timeout stops that operation.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/task_stop_token.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pipeline/stage.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace hocket;

constexpr std::chrono::seconds long_enough{20};

/// Blocks until its operation is stopped.
class blocked_body {
  public:
    void operator()() {
        hocket::stop_callback const on_stop(this_task::stop_token(), [this] {
            std::lock_guard const lock(mutex_);
            woken_ = true;
            wake_.notify_all();
        });
        begun_ = true;
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, long_enough, [this] { return woken_; });
    }
    void wait_until_begun() const {
        auto const limit = std::chrono::steady_clock::now() + long_enough;
        while (!begun_ && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    }
    bool was_woken() const { return woken_; }

  private:
    std::atomic<bool> begun_{false};
    bool woken_ = false;
    std::mutex mutex_;
    std::condition_variable wake_;
};

using body = std::function<void()>;

struct form {
    char const* name;
    void (*run)(body const& first, body const& second); // side by side
};

constexpr form forms[] = {
    {"join", [](body const& first, body const& second) { join(first, second); }},
    {"join_from_behind", [](body const& first, body const& second) { join(second, first); }},
    {"loop",
     [](body const& first, body const& second) { parallel_for(0, 2, [&](int i) { (i == 0 ? first : second)(); }); }},
    {"group",
     [](body const& first, body const& second) {
         task_group g;
         g.run(first);
         g.run(second);
         g.wait();
     }},
    {"graph",
     [](body const& first, body const& second) {
         task_graph g;
         g.add(first);
         g.add(second);
         g.run().get();
     }},
};

class stop_token_in : public testing::TestWithParam<form> {
  protected:
    thread_pool pool{{.workers = 4, .bind = binding::none}};
    blocked_body blocked;

    body const first = [this] { blocked(); };
    body const thrower = [this] {
        blocked.wait_until_begun();
        throw std::runtime_error("a sibling");
    };
    void run() const {
        GetParam().run(first, [] {});
    }
};

INSTANTIATE_TEST_SUITE_P(form, stop_token_in, testing::ValuesIn(forms),
                         [](auto const& test) { return std::string(test.param.name); });

TEST_P(stop_token_in, a_sibling_throws) {
    EXPECT_THROW(submit(pool, [&] { GetParam().run(first, thrower); }).get(), std::runtime_error);
    EXPECT_TRUE(blocked.was_woken());
}

TEST_P(stop_token_in, a_sibling_of_each_form_around_throws) {
    for (form const& around : forms) {
        SCOPED_TRACE(around.name);
        blocked_body inner;
        body const inside = [&] { GetParam().run([&] { inner(); }, [] {}); };
        body const throws = [&] {
            inner.wait_until_begun();
            throw std::runtime_error("around");
        };
        EXPECT_THROW(submit(pool, [&] { around.run(inside, throws); }).get(), std::runtime_error);
        EXPECT_TRUE(inner.was_woken());
    }
}

TEST_P(stop_token_in, the_token_of_the_task_around_is_stopped) {
    hocket::stop_source source;
    future<void> const done = submit(
        pool, [&] { run(); }, submit_options{.stop = source.get_token()});
    blocked.wait_until_begun();
    source.request_stop();
    done.wait();
    EXPECT_TRUE(blocked.was_woken());
}

TEST_P(stop_token_in, the_loop_around_runs_out_of_time) {
    try {
        parallel_for(pool, 0, 2,
                     [&](int i) {
                         if (i == 0) run();
                     },
                     {.timeout = std::chrono::milliseconds(50)});
    } catch (operation_cancelled const&) {
    }
    EXPECT_TRUE(blocked.was_woken());
}

TEST(stop_token, of_a_task) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    blocked_body blocked;
    hocket::stop_source source;
    future<void> const done = submit(
        pool, [&] { blocked(); }, submit_options{.stop = source.get_token()});
    blocked.wait_until_begun();
    source.request_stop();
    done.wait();
    EXPECT_TRUE(blocked.was_woken());
}

TEST(stop_token, was_stopped_before_it_is_asked_for) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    hocket::stop_source source;
    bool stopped = false;
    std::atomic<bool> begun{false};
    future<void> const done = submit(
        pool,
        [&] {
            begun = true;
            while (!this_task::stop_requested()) std::this_thread::yield();
            stopped = this_task::stop_token().stop_requested();
        },
        submit_options{.stop = source.get_token()});
    while (!begun) std::this_thread::yield();
    source.request_stop();
    done.wait();
    EXPECT_TRUE(stopped);
}

TEST(stop_token, ends_with_its_body) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    EXPECT_FALSE(this_task::stop_token().stop_possible());
    hocket::stop_token kept;
    parallel_for(pool, 0, 1, [&](int) {
        kept = this_task::stop_token();
        EXPECT_TRUE(kept.stop_possible());
        EXPECT_EQ(kept, this_task::stop_token());
    });
    EXPECT_FALSE(kept.stop_possible());
}

/// A token that forks the process when the polling thread asks it. That thread holds the lock of the list of listeners
/// then.
struct forking_token {
    int* status;

    bool stop_possible() const noexcept { return true; }
    bool stop_requested() const noexcept {
        if (std::atomic_ref(*status).load() != -1) return true;
        char name[32] = "";
        pthread_getname_np(pthread_self(), name, sizeof name);
        if (std::string_view(name).find("timer") == std::string_view::npos) return false;
        pid_t const child = fork();
        if (child == 0) {
            sigset_t none; // threads of the library block the alarm
            sigemptyset(&none);
            pthread_sigmask(SIG_SETMASK, &none, nullptr);
            alarm(20);
            try {
                thread_pool pool({.workers = 2, .bind = binding::none});
                parallel_for(pool, 0, 4, [](int) {
                    (void)this_task::stop_token();
                    throw std::runtime_error("in the child");
                });
            } catch (std::runtime_error const&) {
                _exit(0);
            }
            _exit(1);
        }
        int ended = 1;
        waitpid(child, &ended, 0);
        std::atomic_ref(*status).store(ended);
        return true;
    }
};

std::uint32_t listeners_left() {
    return detail::stop_listeners_of_process.drop([](auto const&) { return true; });
}

// An awaitable that notes the number of listeners when the coroutine is suspended.
struct counts_listeners {
    static bool await_ready() noexcept { return false; }
    bool await_suspend(std::coroutine_handle<>) const noexcept {
        *left += listeners_left();
        return false;
    }
    static void await_resume() noexcept {}
    std::uint32_t* left;
};

// Once the result is ready, or another thread may go on, the operation may be destroyed: no thread may ask whether it
// was stopped.
TEST(stop_token, is_forgotten_before_the_operation_may_end) {
    thread_pool pool({.workers = 1, .bind = binding::none});
    auto const asks = [] { static_cast<void>(this_task::stop_token()); };
    std::uint32_t left = 0;
    task_graph g;
    for (int i = 0; i < 4; ++i) g.add(asks).precede(g.add(asks));
    g.run_until(pool, [&] { return left += listeners_left(), true; }).get();
    EXPECT_EQ(left, 0u);
    int given = 0;
    pipeline p(stage<serial>([&] {
                   left += listeners_left();
                   asks();
                   return given < 8 ? std::optional<int>(given++) : std::nullopt;
               }),
               stage<parallel>([&](int i) {
                   left += listeners_left();
                   asks();
                   return i;
               }),
               stage<serial>([&](int) {
                   left += listeners_left();
                   asks();
               }));
    p.run(pool, {.tokens = 1});
    EXPECT_EQ(left + listeners_left(), 0u);
    auto const waits = [&]() -> task<> {
        asks();
        co_await counts_listeners{&left};
    };
    submit(pool, waits()).get();
    EXPECT_EQ(left, 0u);
}

TEST(stop_token, in_a_child_of_fork_while_the_list_is_locked) {
    if (detail::sanitized) GTEST_SKIP() << "sanitizers do not start threads in such a child";
    thread_pool pool({.workers = 2, .bind = binding::none});
    int status = -1;
    blocked_body blocked;
    EXPECT_THROW(parallel_for(pool, 0, 2,
                              [&](int i) {
                                  if (i == 0) blocked();
                              },
                              {.stop = forking_token{&status}}),
                 operation_cancelled);
    EXPECT_TRUE(blocked.was_woken());
    EXPECT_EQ(status, 0);
}

/// A later join in the slot of a failed one is not stopped.
TEST(stop_token, of_one_join_after_another) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    submit(pool, [] {
        for (int i = 0; i < 100; ++i) {
            hocket::stop_token first;
            auto const fails = [&] {
                join([&] { first = this_task::stop_token(); }, [] { throw std::runtime_error("second"); });
            };
            EXPECT_THROW(fails(), std::runtime_error);
            join([] { EXPECT_FALSE(this_task::stop_token().stop_requested()); }, [] {});
        }
    }).get();
}

/// A join that an external thread calls lies within no operation.
TEST(stop_token, of_a_join_from_outside) {
    thread_pool pool({.workers = 2, .bind = binding::none});
    for (int i = 0; i < 10; ++i) {
        blocked_body blocked;
        auto const thrower = [&] {
            blocked.wait_until_begun();
            throw std::runtime_error("a sibling");
        };
        EXPECT_THROW(join(
                         pool, [&] { blocked(); }, thrower),
                     std::runtime_error);
        EXPECT_TRUE(blocked.was_woken());
    }
}

} // namespace
