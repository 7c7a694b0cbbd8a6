// SPDX-License-Identifier: MIT
// Tests that each call which starts a task takes every form of a callable: the name of a function, pointers to
// functions and to members, standard wrappers, and objects that are const, final or move-only.
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/periodic.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/pool/worker_local.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

constexpr int seven = 7;

int give_seven() { return seven; }
struct final_seven final {
    int operator()() const noexcept { return seven; }
};
struct counting_seven {
    int calls = 0;
    int operator()() { return ++calls, seven; }
};

/// Calls `use` with each form of a callable that takes nothing and returns seven. The forms behind `const_only` are not
/// const.
template<bool const_only = false, class Use>
void with_each_form(Use const& use) {
    use(give_seven);
    use(&give_seven);
    use(std::function<int()>(give_seven));
    use(std::bind([](int x) { return x; }, seven));
    final_seven const constant{};
    use(constant);
    use(std::cref(constant));
    use([held = std::make_unique<int>(seven)] { return *held; });
    if constexpr (!const_only) {
        counting_seven counts;
        use(std::ref(counts));
        use([held = std::make_unique<int>(0)]() mutable { return ++*held, seven; });
    }
}

struct item {
    int value = seven;
    int get() const { return value; }
    int get_of_any() { return value; }
};

int value_of(item const& x) { return x.value; }
struct final_value_of final {
    int operator()(item const& x) const noexcept { return x.value; }
};

/// Calls `use` with each form of a callable that takes an item, by const& or by value, and returns seven.
template<bool const_only = false, class Use>
void with_each_form_of_one(Use const& use) {
    use(value_of);
    use(&value_of);
    use(&item::get);
    use(&item::value);
    use(std::function<int(item)>(&item::get));
    use(std::bind(value_of, std::placeholders::_1));
    final_value_of const constant{};
    use(constant);
    use(std::cref(constant));
    use([held = std::make_unique<int>(0)](item const& x) { return x.value + *held; });
    if constexpr (!const_only) use([held = std::make_unique<int>(0)](item x) mutable { return ++*held, x.value; });
}

class callables_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(workers, callables_on, testing::Values(1u, 2u, 4u));

TEST_P(callables_on, submit_takes_each) {
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        static_assert(std::is_same_v<decltype(submit(pool_, std::forward<F>(f))), future<int>>);
        EXPECT_EQ(submit(pool_, std::forward<F>(f)).get(), seven);
    });
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        EXPECT_EQ(submit(pool_, std::forward<F>(f), item(), {.name = "value"}).get(), seven);
    });
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        future<item> const named = submit(pool_, [] { return item(); });
        EXPECT_EQ(submit(pool_, std::forward<F>(f), named).get(), seven);
        EXPECT_EQ(named.get().value, seven);
    });
}

TEST_P(callables_on, submit_calls_members_of_objects_pointers_and_references) {
    item object;
    auto const shared = std::make_shared<item>();
    EXPECT_EQ(submit(pool_, &item::get, &object).get(), seven);
    EXPECT_EQ(submit(pool_, &item::get_of_any, std::ref(object)).get(), seven);
    EXPECT_EQ(submit(pool_, &item::get, shared).get(), seven);
    EXPECT_EQ(submit(pool_, &item::value, std::make_unique<item>()).get(), seven);
    EXPECT_EQ(submit(pool_, &item::get_of_any, item()).get(), seven);
}

TEST_P(callables_on, spawn_and_task_group_take_each) {
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        task_group group(pool_);
        group.run(std::forward<F>(f));
        group.wait();
    });
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        spawn(pool_, std::forward<F>(f));
    });
    pool_.wait_idle();
}

void add_to(std::atomic<std::size_t>& sum, std::size_t i) { sum += i; }

TEST_P(callables_on, run_bulk_takes_each_that_is_const) {
    std::atomic<std::size_t> sum{0};
    auto const add = [&](std::size_t i) { sum += i; };
    task_group group(pool_);
    group.run_bulk(10, add);
    group.run_bulk(10, std::ref(add));
    group.run_bulk(10, std::function<void(std::size_t)>(add));
    group.run_bulk(10, std::bind(add_to, std::ref(sum), std::placeholders::_1));
    group.run_bulk(10,
                   [&, held = std::make_unique<int>()](std::size_t i) { sum += i + static_cast<std::size_t>(*held); });
    group.wait();
    EXPECT_EQ(sum, 5u * 45u);
}

TEST_P(callables_on, join_takes_each_at_any_place) {
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        auto const [a, b] = join(pool_, std::forward<F>(f), [] { return 1; });
        EXPECT_EQ(a, seven);
        EXPECT_EQ(b, 1);
    });
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        submit(pool_, [&] {
            auto const [a, b, c] = join([] { return 1; }, std::forward<F>(f), give_seven);
            EXPECT_EQ(a, 1);
            EXPECT_EQ(b, seven);
            EXPECT_EQ(c, seven);
        }).get();
    });
}

TEST_P(callables_on, then_takes_each) {
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        future<item> from = submit(pool_, [] { return item(); });
        EXPECT_EQ(std::move(from).then(std::forward<F>(f)).get(), seven);
    });
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        future<item> const from = submit(pool_, [] { return item(); });
        EXPECT_EQ(from.then(std::forward<F>(f)).get(), seven);
    });
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        shared_future<item> const from = submit(pool_, [] { return item(); }).share();
        EXPECT_EQ(from.then(std::forward<F>(f)).get(), seven);
    });
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        EXPECT_EQ(submit(pool_, [] {}).then(std::forward<F>(f)).get(), seven);
    });
}

TEST_P(callables_on, then_calls_members_of_what_pointers_point_to) {
    item object;
    EXPECT_EQ(submit(pool_, [&] { return &object; }).then(&item::get_of_any).get(), seven);
    EXPECT_EQ(submit(pool_, [] { return std::make_unique<item>(); }).then(&item::get).get(), seven);
    EXPECT_EQ(submit(pool_, [] { return std::make_shared<item>(); }).then(&item::value).get(), seven);
    EXPECT_EQ(submit(pool_, [&] { return std::ref(object); }).then(&item::get).get(), seven);
    future<std::string> const text = submit(pool_, [] { return std::string("seven"); });
    EXPECT_EQ(text.then(&std::string::size).get(), 5u);
    future<item> const named = submit(pool_, [] { return item(); });
    EXPECT_EQ(named.then(&item::get_of_any).get(), seven); // of a copy
}

bool is_ready(future<item> from) { return from.ready(); }

TEST_P(callables_on, then_hands_over_the_future_to_each_that_takes_one) {
    future<item> const named = submit(pool_, [] { return item(); });
    EXPECT_TRUE(named.then(is_ready).get());
    EXPECT_TRUE(named.then(&is_ready).get());
    EXPECT_TRUE(named.then(&future<item>::ready).get());
    EXPECT_TRUE(named.then(std::function<bool(future<item>)>(is_ready)).get());
    EXPECT_TRUE(submit(pool_, [] { return item(); }).then(is_ready).get());
    EXPECT_TRUE(submit(pool_, [] { return item(); }).then(&future<item>::valid).get());
}

TEST_P(callables_on, graphs_take_each) {
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        task_graph g;
        auto const node = g.add(std::forward<F>(f));
        g.run(pool_).get();
        EXPECT_EQ(node.get(), seven);
    });
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        task_graph g;
        auto const made = g.add([] { return item(); });
        auto const node = g.add("value", std::forward<F>(f), made);
        g.run(pool_).get();
        EXPECT_EQ(node.get(), seven);
    });
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        task_graph g;
        auto const made = g.add([] { return item(); });
        g.add_condition("value", std::forward<F>(f), made);
        g.run(pool_).get();
    });
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        task_graph g;
        g.run_until(pool_, std::forward<F>(f)).get();
    });
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        task_graph g;
        g.add([&](subtasks& more) { more.run(std::forward<F>(f)); });
        g.run(pool_).get();
    });
}

TEST_P(callables_on, pipelines_take_each) {
    with_each_form_of_one([&](auto&& f) {
        using F = decltype(f);
        int given = 0;
        int sum = 0;
        pipeline(stage<serial>([&] { return given++ < 3 ? std::optional(item()) : std::nullopt; }),
                 stage<serial>(std::forward<F>(f)), stage<serial>([&](int x) { sum += x; }))
            .run(pool_);
        EXPECT_EQ(sum, 3 * seven);
    });
    with_each_form_of_one<true>([&](auto&& f) {
        using F = decltype(f);
        int given = 0;
        std::atomic<int> sum = 0;
        pipeline(stage<serial>([&] { return given++ < 3 ? std::optional(item()) : std::nullopt; }),
                 stage<parallel>(std::forward<F>(f)), stage<parallel>([&](int x) { sum += x; }))
            .run(pool_);
        EXPECT_EQ(sum, 3 * seven);
    });
}

struct source {
    int left = 3;
    std::optional<int> next() { return left-- > 0 ? std::optional(seven) : std::nullopt; }
};
std::optional<int> next_of(source& from) { return from.next(); }
std::optional<int> odd(int x) { return x % 2 != 0 ? std::optional(x) : std::nullopt; }
std::vector<int> twice(int x) { return {x, x}; }
struct parts {
    std::vector<int> values{1, 2};
    std::optional<int> first = 1;
};

TEST_P(callables_on, pipelines_take_sources_filters_and_expansions_of_each_form) {
    source from;
    int sum = 0;
    pipeline(stage<serial>(std::bind(next_of, std::ref(from))), filter_stage<serial>(odd),
             expand_stage<parallel>(twice), stage<serial>([&](int x) { sum += x; }))
        .run(pool_);
    EXPECT_EQ(sum, 6 * seven);
    int given = 0;
    auto const give = [&](end_of_input& end) {
        if (++given == 3) end.stop();
        return parts();
    };
    sum = 0;
    pipeline(stage<serial>(give), expand_stage<serial>(&parts::values), stage<serial>([&](int x) { sum += x; }))
        .run(pool_);
    EXPECT_EQ(sum, 2 * 3);
    given = 0;
    pipeline(stage<serial>(std::cref(give)), filter_stage<serial>(&parts::first),
             stage<serial>([&](int x) { sum += x; }))
        .run(pool_);
    EXPECT_EQ(sum, 2 * 3 + 2);
}

TEST_P(callables_on, worker_local_takes_each_that_is_const) {
    with_each_form<true>([&](auto&& f) {
        using F = decltype(f);
        worker_local values(pool_, std::forward<F>(f));
        static_assert(std::is_same_v<decltype(values), worker_local<int>>);
        EXPECT_EQ(submit(pool_, [&] { return values.local(); }).get(), seven);
    });
}

TEST_P(callables_on, blocking_takes_each) {
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        EXPECT_EQ(submit(pool_, [&] { return blocking(std::forward<F>(f)); }).get(), seven);
    });
}

TEST_P(callables_on, run_every_takes_each) {
    with_each_form([&](auto&& f) {
        using F = decltype(f);
        periodic_task const calls = run_every(pool_, std::chrono::microseconds(100), std::forward<F>(f));
        while (calls.calls() == 0) std::this_thread::yield();
    });
}

} // namespace
