// SPDX-License-Identifier: MIT
// Tests the guarantees that each kind of pool gives to programs: threads with values, threads with bytes, and the
// cluster of this program, which may be worker processes. No test captures, or reads, variables of this process.
#include <hocket/base/error.hpp>
#include <hocket/coroutine/coroutine.hpp>
#include <hocket/remote.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

bool mark = false; // each process has its own

enum class kind { values, bytes, cluster };

struct place {
    kind which;
    unsigned workers;
};

class remote_kinds : public testing::TestWithParam<place> {
  protected:
    std::optional<thread_pool> threads;
    std::optional<remote_pool> made;
    remote_pool& all;

    remote_kinds() : all(choose()) {}

  private:
    remote_pool& choose() {
        if (GetParam().which == kind::cluster) return cluster();
        threads.emplace(GetParam().workers);
        return made.emplace(*threads, nullptr, GetParam().which == kind::bytes);
    }
};
INSTANTIATE_TEST_SUITE_P(, remote_kinds,
                         testing::Values(place{kind::values, 1}, place{kind::values, 2}, place{kind::values, 8},
                                         place{kind::bytes, 1}, place{kind::bytes, 2}, place{kind::bytes, 3},
                                         place{kind::bytes, 4}, place{kind::bytes, 8}, place{kind::cluster, 0}),
                         [](auto const& about) {
                             kind const which = about.param.which;
                             return std::string(which == kind::values  ? "values"
                                                : which == kind::bytes ? "bytes"
                                                                       : "cluster") +
                                    std::to_string(about.param.workers);
                         });

int square(int x) { return x * x; }
int fail(int x) { throw std::out_of_range("no " + std::to_string(x)); }

struct counter {
    int n = 0;
    std::vector<std::string> notes{};
    int add(int x) { return n += x; }
    std::size_t note(std::string text) { return notes.push_back(std::move(text)), notes.size(); }
    int fail() { throw std::domain_error("counter"); }
    ref<int> add_elsewhere(int x) { return submit(cluster(), square, x); }
    task<int> add_later(int x) {
        co_await sleep_for(std::chrono::milliseconds(1));
        co_return n += x;
    }
};

struct picky {
    explicit picky(int from) {
        if (from < 0) throw std::invalid_argument("picky");
    }
    int one() { return 1; }
};

TEST_P(remote_kinds, run_calls) {
    ref<int> const a = submit(all, square, 7);
    ref<int> const b = submit(
        all, [](int x, int y) { return x + y; }, a, 1);
    EXPECT_EQ(b.get(), 50);
    EXPECT_EQ(submit(
                  all, [](std::string const& text, std::vector<int> v) { return text + std::to_string(v[1]); }, "v",
                  std::vector<int>{1, 2})
                  .get(),
              "v2");
    EXPECT_EQ(*submit(
                   all, [](std::unique_ptr<int> p) { return std::make_unique<int>(*p + 1); }, std::make_unique<int>(4))
                   .take(),
              5);
    ref<void> const nothing = submit(all, [] {});
    EXPECT_EQ(submit(
                  all, [](int x) { return x; }, 3)
                  .get(),
              3);
    ref<int> const after = submit(
        all, [] { return 8; }, nothing);
    EXPECT_EQ(after.get(), 8);
}

TEST_P(remote_kinds, give_views_and_refs_by_what_is_taken) {
    ref const v = put(all, std::vector<double>(1000, 0.5));
    EXPECT_EQ(submit(
                  all, [](std::span<double const> w) { return std::accumulate(w.begin(), w.end(), 0.0); }, v)
                  .get(),
              500.0);
    EXPECT_EQ(submit(
                  all, [](std::vector<double> const& w) { return w.size(); }, v)
                  .get(),
              1000u);
    EXPECT_EQ(submit(
                  all, [](std::string_view s, int x) { return s.size() + static_cast<std::size_t>(x); },
                  submit(all, [] { return std::string("abc"); }), 1)
                  .get(),
              4u);
    ref<int> const a = submit(all, square, 3);
    EXPECT_EQ(submit(
                  all, [](ref<int> r) { return r.get() + 1; }, a)
                  .get(),
              10);
    EXPECT_EQ(
        submit(
            all, [](std::vector<ref<int>> const& w) { return w[0].get() + w[1].get(); }, std::vector<ref<int>>{a, a})
            .get(),
        18);
    EXPECT_THROW(
        (void)submit(
            all, [](std::vector<ref<int>> const& w) { return w[0].get(); }, std::vector<ref<int>>{submit(all, fail, 3)})
            .get(),
        std::out_of_range);
}

TEST_P(remote_kinds, hand_on_errors) {
    ref<int> const bad = submit(all, fail, 5);
    ref<int> const later = submit(all, square, bad);
    try {
        (void)later.get();
        FAIL();
    } catch (std::out_of_range const& e) {
        EXPECT_STREQ(e.what(), "no 5");
    }
    EXPECT_THROW((void)bad.get(), std::out_of_range);
}

TEST_P(remote_kinds, flatten_and_split) {
    EXPECT_EQ(submit(
                  all, [](int x) { return submit(cluster(), square, x); }, 5)
                  .get(),
              25);
    EXPECT_EQ(submit(
                  all, [](int x) -> task<int> { co_return x + 1; }, 5)
                  .get(),
              6);
    auto [number, text] = split(submit(all, [] { return std::tuple(7, std::string("seven")); }));
    EXPECT_EQ(number.get(), 7);
    EXPECT_EQ(text.get(), "seven");
}

TEST_P(remote_kinds, wait_for_many) {
    std::vector<ref<int>> refs;
    for (int i = 0; i < 100; ++i) refs.push_back(submit(all, square, i));
    EXPECT_EQ(get(refs)[9], 81);
    int sum = 0;
    while (!refs.empty()) {
        auto [ready, pending] = wait(std::move(refs), {.count = 1});
        sum += ready[0].get();
        refs = std::move(pending);
    }
    EXPECT_EQ(sum, 99 * 100 * 199 / 6);
}

TEST_P(remote_kinds, stop_and_repeat_calls) {
    stop_source source;
    (void)source.request_stop();
    EXPECT_THROW((void)submit(all, square, 3, {.stop = source.get_token()}).get(), operation_cancelled);
    EXPECT_EQ(submit(all, square, 3, {.timeout = std::chrono::hours(1)}).get(), 9);
    auto const until_stopped = [](int x) {
        while (!this_task::stop_requested()) std::this_thread::yield();
        return x;
    };
    ref<int> const r = submit(all, until_stopped, 3, {.timeout = std::chrono::milliseconds(5)});
    while (!r.ready()) std::this_thread::yield();
    EXPECT_THROW((void)r.get(), timed_out);
    auto const third_time = [](std::string text) {
        static thread_local int calls = 0;
        if (++calls % 3 != 0) throw std::runtime_error(text);
        return text + "!";
    };
    EXPECT_EQ(submit(all, third_time, std::string("x"), {.retries = 2, .retry_errors = true}).get(), "x!");
    EXPECT_THROW((void)submit(all, square, 1, {.resources = {{"unicorn", 1}}}), std::invalid_argument);
}

TEST_P(remote_kinds, run_actors) {
    actor<counter> const c(all);
    for (int i = 0; i < 100; ++i) c.tell(&counter::add, i);
    EXPECT_EQ(c.call(&counter::add, submit(all, square, 2)).get(), 4954);
    EXPECT_EQ(c.call([](counter& self, int x) { return self.n + x; }, 1).get(), 4955);
    EXPECT_EQ(c.call(&counter::note, "a").get() + c.call(&counter::note, std::string("b")).get(), 3u);
    EXPECT_THROW((void)c.call(&counter::fail).get(), std::domain_error);
    EXPECT_EQ(c.call(&counter::add_elsewhere, 6).get(), 36);
    EXPECT_EQ(c.call(&counter::add_later, 1).get(), 4955);
    EXPECT_TRUE(c.alive());
    c.kill();
    EXPECT_FALSE(c.alive());
    EXPECT_THROW((void)c.call(&counter::add, 1).get(), actor_died);
}

TEST_P(remote_kinds, fail_calls_of_actors_that_could_not_be_made) {
    actor<picky> const c(all, -1);
    EXPECT_THROW((void)c.call(&picky::one).get(), std::invalid_argument);
    EXPECT_EQ(actor<picky>(all, submit(all, square, 1)).call(&picky::one).get(), 1);
    EXPECT_EQ(actor<counter>(all, 5).call(&counter::add, 1).get(), 6);
}

TEST_P(remote_kinds, keep_the_order_of_each_caller) {
    struct log {
        std::vector<int> seen{};
        int last() const { return seen.empty() ? -1 : seen.back(); }
        bool add(int x) { return seen.push_back(x), static_cast<int>(seen.size()) == x + 1; }
    };
    actor<log> const c(all);
    std::vector<ref<bool>> window;
    bool in_order = true;
    for (int i = 0; i < 2000; ++i) {
        window.push_back(c.call(&log::add, i));
        if (window.size() < 100) continue;
        for (ref<bool> const& r : window) in_order &= r.get();
        window.clear();
    }
    EXPECT_TRUE(in_order);
    EXPECT_EQ(c.call(&log::last).get(), 1999);
}

TEST_P(remote_kinds, find_actors) {
    actor<counter> const c(all, actor_options{.name = "kinds"}, 1);
    EXPECT_EQ(find_actor<counter>(all, "kinds")->call(&counter::add, 1).get(), 2);
    c.kill();
    EXPECT_FALSE(find_actor<counter>(all, "kinds").has_value());
}

TEST_P(remote_kinds, run_algorithms) {
    std::vector<int> const thirds = parallel_map(all, 0, 10'000, [](int i) { return i / 3; });
    EXPECT_EQ(thirds[300], 100);
    EXPECT_EQ(parallel_reduce(all, thirds, 0), std::accumulate(thirds.begin(), thirds.end(), 0));
    std::vector<int> const sums = parallel_map(all, 0, 100, [](int i) { return i; });
    EXPECT_EQ(sums[99], 99);
    EXPECT_EQ(parallel_transform_reduce(all, sums, 0, std::plus<>(), square), 99 * 100 * 199 / 6);
    int total = 0;
    for (int const x : parallel_imap(all, sums, square)) total += x;
    for (auto const& each : parallel_imap_unordered(all, sums, square)) total += each.value;
    EXPECT_EQ(total, 2 * 99 * 100 * 199 / 6);
    std::vector<std::tuple<int, int>> const pairs{{1, 2}, {3, 4}};
    EXPECT_EQ(parallel_starmap(all, pairs, [](int x, int y) { return x * y; }), (std::vector<int>{2, 12}));
}

TEST_P(remote_kinds, tell_about_their_processes) {
    EXPECT_GE(all.size(), 1u);
    EXPECT_EQ(all.nodes().size(), all.size());
    EXPECT_NE(all.report().find("process"), std::string::npos);
    EXPECT_EQ(this_process::index(), 0u);
    EXPECT_EQ(submit(all, [] { return this_process::index() != 0; }).get(), all.nodes()[0].engine != "threads");
    all.on_each_process([] { mark = true; });
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(submit(all, [] { return mark; }).get());
    mark = false;
}

TEST(remote_bytes, refuse_captures_by_reference) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, true);
    int local = 1;
    auto const by_reference = [&local](int x) { return local + x; };
    EXPECT_THROW((void)submit(all, by_reference, 1), not_remotable);
    actor<counter> const c(all);
    EXPECT_THROW((void)c.call([&local](counter& self) { return self.n + local; }), not_remotable);
    EXPECT_THROW(c.tell([&local](counter& self) { self.n = local; }), not_remotable);
    EXPECT_EQ(submit(
                  all, [local](int x) { return local + x; }, 1)
                  .get(),
              2);
}

struct handle_user {
    actor<counter> of{};
    int use(actor<counter> other) { return other.call(&counter::add, 1).get() + of.call(&counter::add, 1).get(); }
};

TEST(remote_bytes, keep_handles_of_actors) {
    thread_pool threads(2);
    remote_pool all(threads, nullptr, true);
    actor<counter> const c(all);
    actor<handle_user> const user(all, c);
    EXPECT_EQ(user.call(&handle_user::use, c).get(), 3);
    EXPECT_EQ(submit(
                  all, [](actor<counter> to) { return to; }, c)
                  .get()
                  .call(&counter::add, 1)
                  .get(),
              3);
}

using moment = std::chrono::nanoseconds; // of the machine's clock, in any process

moment now() { return std::chrono::steady_clock::now().time_since_epoch(); }
moment take_long() {
    moment const begin = now();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return begin;
}
struct slow_object {
    moment work() { return take_long(); }
};

struct begun_call {
    moment waited; // when the body began to wait for it
    moment begin;
};
struct waits_for_calls {
    char const* name;
    void (*run)(remote_pool&, std::vector<begun_call>&);
};
constexpr int many_calls = 100;

// A body of a stopped operation goes on to make calls and to wait for them. None of them begins, unless a thread takes
// it before the body waits for it.
TEST_P(remote_kinds, begin_no_calls_of_a_stopped_body) {
    constexpr waits_for_calls forms[] = {
        {"get",
         [](remote_pool& pool, std::vector<begun_call>& begun) {
             for (int i = 0; i != many_calls; ++i) {
                 auto one = submit(pool, take_long);
                 begun.push_back({now(), std::move(one).get()});
             }
         }},
        {"named",
         [](remote_pool& pool, std::vector<begun_call>& begun) {
             for (int i = 0; i != many_calls; ++i) {
                 ref<moment> const one = submit(pool, take_long);
                 begun.push_back({now(), one.get()});
             }
         }},
        {"options",
         [](remote_pool& pool, std::vector<begun_call>& begun) {
             for (int i = 0; i != many_calls; ++i) {
                 ref<moment> one = submit(pool, take_long, remote_options{.timeout = std::chrono::hours(1)});
                 begun.push_back({now(), std::move(one).take()});
             }
         }},
        {"get of many",
         [](remote_pool& pool, std::vector<begun_call>& begun) {
             std::vector<ref<moment>> refs;
             for (int i = 0; i != many_calls; ++i) refs.push_back(submit(pool, take_long));
             moment const waited = now();
             try {
                 (void)get(refs);
             } catch (operation_cancelled const&) {
                 for (ref<moment> const& one : refs)
                     if (one.wait(); !one.state()->failed()) begun.push_back({waited, one.get()});
                 throw;
             }
         }},
        {"wait for many",
         [](remote_pool& pool, std::vector<begun_call>& begun) {
             std::vector<ref<moment>> refs;
             for (int i = 0; i != many_calls; ++i) refs.push_back(submit(pool, take_long));
             moment const waited = now();
             (void)wait(refs);
             for (ref<moment> const& one : refs)
                 if (!one.state()->failed()) begun.push_back({waited, one.get()});
             throw operation_cancelled();
         }},
        {"actor",
         [](remote_pool& pool, std::vector<begun_call>& begun) {
             actor<slow_object> object(pool);
             for (int i = 0; i != many_calls; ++i) {
                 auto one = object.call(&slow_object::work);
                 begun.push_back({now(), std::move(one).get()});
             }
         }},
    };
    for (waits_for_calls const& form : forms) {
        hocket::stop_source source;
        std::vector<begun_call> begun;
        moment stopped{};
        std::thread stopper([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            source.request_stop();
            stopped = now();
        });
        EXPECT_THROW(parallel_for(0, 1, [&](int) { form.run(all, begun); }, {.stop = source.get_token()}),
                     operation_cancelled)
            << form.name;
        stopper.join();
        std::ptrdiff_t const late = std::count_if(begun.begin(), begun.end(), [&](begun_call const& call) {
            return call.begin > stopped + std::chrono::milliseconds(100) && call.begin > call.waited;
        });
        EXPECT_LE(late, 4) << form.name;
    }
}

} // namespace
