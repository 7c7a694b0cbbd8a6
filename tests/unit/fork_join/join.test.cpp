// SPDX-License-Identifier: MIT
// Tests of join: results of every kind, errors from both callables, objects destroyed exactly once, depth, and the pool
// that runs it.
#include <hocket/fork_join/join.hpp>
#include <hocket/pool/this_worker.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace hocket;

/// Waits on a worker, and forks meanwhile; the forks publish the tasks that the worker has forked before.
void wait_for(std::atomic<bool> const& happened) {
    while (!happened) {
        join([] {}, [] {});
        std::this_thread::yield();
    }
}

/// Calls join so that the second callable runs on another worker: the first callable does not finish before the second
/// has begun.
template<class F, class G>
auto join_apart(thread_pool& pool, F&& f, G&& g) {
    std::atomic<bool> begun{false};
    return join(
        pool,
        [&]() -> decltype(auto) {
            wait_for(begun);
            return f();
        },
        [&]() -> decltype(auto) {
            begun = true;
            return g();
        });
}

/// A move-only object that counts the live objects of its class.
struct counted {
    explicit counted(int number) : value(number) { ++live; }
    counted(counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++live; }
    counted& operator=(counted&&) = delete;
    ~counted() { --live; }

    int value;
    static inline std::atomic<int> live = 0;
};

struct failure {
    explicit failure(int number) : which(number) { ++live; }
    failure(failure const& other) noexcept : which(other.which) { ++live; }
    ~failure() { --live; }

    int which;
    static inline std::atomic<int> live = 0;
};

/// An operation that can be stopped, and in whose scopes a test runs its calls.
struct operation : detail::stop_operation {
    operation() : stop_operation(&has_stopped) {}
    static bool has_stopped(detail::stop_link const& link) noexcept { return static_cast<operation const&>(link).over; }
    std::atomic<bool> over{false};
};

template<std::size_t size>
struct blob {
    std::array<unsigned char, size> bytes;
    explicit blob(int seed) {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(seed + static_cast<int>(i));
    }
    bool operator==(blob const&) const = default;
};

int count_leaves(int n) {
    if (n < 2) return 1;
    auto const [a, b] = join([n] { return count_leaves(n / 2); }, [n] { return count_leaves(n - n / 2); });
    return a + b;
}

class join_on : public testing::TestWithParam<unsigned> {
  protected:
    thread_pool pool_{{.workers = GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(workers, join_on, testing::Values(1u, 2u, 3u, 8u));

TEST(join, returns_a_tuple_of_the_results_in_order) {
    auto const results = join([] { return 1; }, [] { return 2.5; }, [] { return std::string("three"); });
    static_assert(std::is_same_v<decltype(results), std::tuple<int, double, std::string> const>);
    ASSERT_EQ(results, std::tuple(1, 2.5, std::string("three")));
}

TEST_P(join_on, two_to_ten_callables_keep_their_order) {
    for (int round = 0; round < 50; ++round) {
        auto const f = [](int i) { return [i] { return i; }; };
        ASSERT_EQ(join(pool_, f(0), f(1)), std::tuple(0, 1));
        ASSERT_EQ(join(pool_, f(0), f(1), f(2)), std::tuple(0, 1, 2));
        ASSERT_EQ(join(pool_, f(0), f(1), f(2), f(3)), std::tuple(0, 1, 2, 3));
        ASSERT_EQ(join(pool_, f(0), f(1), f(2), f(3), f(4)), std::tuple(0, 1, 2, 3, 4));
        ASSERT_EQ(join(pool_, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9)),
                  std::tuple(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    }
}

TEST_P(join_on, void_becomes_nothing) {
    int a = 0;
    int b = 0;
    auto const both = join(
        pool_, [&] { a = 1; }, [&] { b = 2; });
    static_assert(std::is_same_v<decltype(both), std::tuple<nothing, nothing> const>);
    ASSERT_EQ(a + b, 3);
    auto const [none, five] = join(
        pool_, [&] { a = 3; }, [] { return 5; });
    ASSERT_EQ(none, nothing{});
    ASSERT_EQ(five + a, 8);
}

TEST_P(join_on, references_come_back_as_references) {
    int a = 1;
    std::string const b = "b";
    for (int round = 0; round < 50; ++round) {
        auto both = join(
            pool_, [&]() -> int& { return a; }, [&]() -> std::string const& { return b; });
        static_assert(std::is_same_v<decltype(both), std::tuple<int&, std::string const&>>);
        ASSERT_EQ(&std::get<0>(both), &a);
        ASSERT_EQ(&std::get<1>(both), &b);
    }
}

TEST_P(join_on, results_and_callables_may_be_move_only_and_live_exactly_once) {
    for (int round = 0; round < 100; ++round) {
        {
            counted captured(5);
            auto both = join(
                pool_, [] { return counted(1); },
                [moved = std::move(captured)]() mutable { return counted(moved.value); });
            ASSERT_EQ(std::get<0>(both).value, 1);
            ASSERT_EQ(std::get<1>(both).value, 5);
            auto three = join(
                pool_, [] { return std::make_unique<int>(1); }, [] { return counted(2); }, [] { return counted(3); });
            ASSERT_EQ(*std::get<0>(three) + std::get<1>(three).value + std::get<2>(three).value, 6);
        }
        ASSERT_EQ(counted::live, 0);
    }
}

template<std::size_t size>
void check_size(thread_pool& pool) {
    for (int round = 0; round < 20; ++round) {
        auto const both = join(
            pool, [round] { return blob<size>(round); }, [round] { return blob<size>(round + 1); });
        ASSERT_EQ(std::get<0>(both), blob<size>(round));
        ASSERT_EQ(std::get<1>(both), blob<size>(round + 1));
        blob<size> const captured(round + 2);
        auto const two = join(
            pool, [captured] { return captured; }, [captured] { return captured; });
        ASSERT_EQ(std::get<0>(two), captured);
        ASSERT_EQ(std::get<1>(two), captured);
    }
}

TEST_P(join_on, results_and_captures_of_1_to_256_bytes) {
    [this]<std::size_t... size>(std::index_sequence<size...>) { (check_size<size * 5 + 1>(pool_), ...); }
    (std::make_index_sequence<52>());
    check_size<55>(pool_);
    check_size<57>(pool_);
}

TEST(join_apart_from_its_caller, brings_every_kind_of_result_back) {
    thread_pool pool({.workers = 2});
    int a = 1;
    for (int round = 0; round < 100; ++round) {
        std::thread::id first;
        std::thread::id second;
        join_apart(
            pool, [&] { first = std::this_thread::get_id(); }, [&] { second = std::this_thread::get_id(); });
        ASSERT_NE(first, second);
        ASSERT_EQ(std::get<1>(join_apart(
                      pool, [] {}, [] { return 7; })),
                  7);
        ASSERT_EQ(&std::get<1>(join_apart(
                      pool, [] {}, [&]() -> int& { return a; })),
                  &a);
        ASSERT_EQ(std::get<1>(join_apart(
                                  pool, [] {}, [] { return counted(8); }))
                      .value,
                  8);
        ASSERT_EQ(std::get<1>(join_apart(
                      pool, [] {}, [] { return blob<200>(9); })),
                  blob<200>(9));
        ASSERT_EQ(counted::live, 0);
    }
}

TEST(join_apart_from_its_caller, brings_small_results_back_in_the_slot) {
    thread_pool pool({.workers = 2});
    static std::atomic<bool> begun;
    for (int round = 0; round < 100; ++round) {
        begun = false;
        auto const both = join(
            pool,
            [] {
                wait_for(begun);
                return 1;
            },
            [round] {
                begun = true;
                return round;
            });
        ASSERT_EQ(both, std::tuple(1, round));
        begun = false;
        ASSERT_THROW(join(
                         pool, [] { wait_for(begun); },
                         [round] {
                             begun = true;
                             throw failure(round);
                         }),
                     failure);
        ASSERT_EQ(failure::live, 0);
    }
}

template<class Call>
int thrown_by(Call const& call) {
    try {
        call();
    } catch (failure const& error) {
        return error.which;
    }
    return -1;
}

TEST_P(join_on, the_exception_with_the_lowest_index_wins) {
    for (int round = 0; round < 50; ++round) {
        for (int throwing = 1; throwing < 16; ++throwing) {
            auto const part = [throwing](int i) {
                return [throwing, i, own = std::make_shared<int>(0)] {
                    if ((throwing >> i & 1) != 0) throw failure(i);
                    return counted(i);
                };
            };
            int const lowest = std::countr_zero(static_cast<unsigned>(throwing));
            ASSERT_EQ(thrown_by([&] { join(pool_, part(0), part(1), part(2), part(3)); }), lowest) << throwing;
            if (throwing < 4) {
                ASSERT_EQ(thrown_by([&] { join(pool_, part(0), part(1)); }), lowest);
            }
        }
        ASSERT_EQ(counted::live, 0);
        ASSERT_EQ(failure::live, 0);
    }
}

TEST(join_apart_from_its_caller, the_exception_with_the_lowest_index_wins) {
    thread_pool pool({.workers = 2});
    for (int round = 0; round < 100; ++round) {
        std::atomic<bool> begun = false;
        std::atomic<bool> both = false;
        ASSERT_EQ(thrown_by([&] {
                      join(
                          pool,
                          [&] {
                              wait_for(begun);
                              both = true;
                              throw failure(0);
                          },
                          [&] {
                              begun = true;
                              while (!both) std::this_thread::yield();
                              throw failure(1);
                          });
                  }),
                  0);
        ASSERT_EQ(thrown_by([&] {
                      join_apart(
                          pool, [] {}, [] { throw failure(1); });
                  }),
                  1);
        ASSERT_EQ(thrown_by([&] {
                      join_apart(
                          pool, [] { throw failure(0); }, [] { return counted(1); });
                  }),
                  0);
        ASSERT_EQ(thrown_by([&] {
                      join_apart(
                          pool, [] { return counted(0); }, [] { throw failure(1); });
                  }),
                  1);
        ASSERT_EQ(counted::live, 0);
        ASSERT_EQ(failure::live, 0);
    }
}

TEST(join, after_an_exception_callables_that_nobody_has_begun_do_not_run) {
    thread_pool pool({.workers = 1});
    bool second = false;
    bool third = false;
    ASSERT_EQ(thrown_by([&] {
                  join(
                      pool, [] { throw failure(0); }, [&] { second = true; }, [&] { third = true; });
              }),
              0);
    ASSERT_FALSE(second || third);
    ASSERT_EQ(thrown_by([&] {
                  join(
                      pool, [&] { second = true; }, [] { throw failure(1); }, [&] { third = true; });
              }),
              1);
    ASSERT_TRUE(second);
    ASSERT_FALSE(third);
}

struct throws_when_moved {
    explicit throws_when_moved(int) { ++live; }
    throws_when_moved(throws_when_moved&&) { throw failure(9); }
    ~throws_when_moved() { --live; }
    static inline std::atomic<int> live = 0;
};

TEST_P(join_on, a_result_whose_move_throws_leaks_nothing) {
    for (int round = 0; round < 50; ++round) {
        ASSERT_EQ(thrown_by([&] {
                      (void)join(
                          pool_, [] { return counted(1); }, [] { return throws_when_moved(1); });
                  }),
                  9);
        ASSERT_EQ(thrown_by([&] {
                      (void)join(
                          pool_, [] { return throws_when_moved(1); }, [] { return counted(1); });
                  }),
                  9);
        ASSERT_EQ(counted::live, 0);
        ASSERT_EQ(throws_when_moved::live, 0);
        ASSERT_EQ(failure::live, 0);
    }
}

TEST_P(join_on, nests) {
    for (int round = 0; round < 20; ++round) {
        auto const [a, b] = join(
            pool_, [] { return count_leaves(3000); }, [] { return count_leaves(2000); });
        ASSERT_EQ(a + b, 5000);
    }
}

// The exception thrown first stops every task that has not begun, also tasks to its left.
TEST_P(join_on, nested_exceptions_come_from_a_leaf) {
    auto const tree = [](auto const& self, int first, int last) -> int {
        if (last - first == 1) {
            if (first % 7 == 3) throw failure(first);
            return 1;
        }
        int const middle = first + (last - first) / 2;
        auto const [a, b] = join([&] { return self(self, first, middle); }, [&] { return self(self, middle, last); });
        return a + b;
    };
    for (int round = 0; round < 50; ++round) {
        ASSERT_EQ(thrown_by([&] {
                      join(
                          pool_, [&] { tree(tree, 0, 300); }, [] {});
                  }) % 7,
                  3);
        ASSERT_EQ(thrown_by([&] {
                      join(
                          pool_, [] {}, [&] { tree(tree, 4, 300); });
                  }) % 7,
                  3);
        ASSERT_EQ(failure::live, 0);
    }
}

// A cancelled join may have given its second callable to a thief before it notices the cancellation.
TEST_P(join_on, what_was_stolen_from_joins_that_are_cut_short_is_destroyed) {
    auto const tree = [](auto const& self, int first, int last) -> counted {
        if (last - first == 1) {
            if (first % 50 == 43) throw failure(first);
            return counted(1);
        }
        int const middle = first + (last - first) / 2;
        auto const [a, b] = join([&] { return self(self, first, middle); }, [&] { return self(self, middle, last); });
        return counted(a.value + b.value);
    };
    for (int round = 0; round < 2000; ++round) {
        ASSERT_NE(thrown_by([&] {
                      join(
                          pool_, [&] { tree(tree, 0, 60); }, [&] { tree(tree, 44, 95); });
                  }),
                  -1);
        ASSERT_EQ(counted::live, 0) << round;
        ASSERT_EQ(failure::live, 0) << round;
    }
}

// The first callable forks nothing more, and the calls before it were short.
TEST(join, a_coarse_join_after_short_ones_is_shared_with_threads_that_search) {
    thread_pool pool({.workers = 2});
    auto const warm = pool.keep_warm();
    std::atomic<bool> begun{false};
    auto const call = [&](bool coarse) {
        bool shared = false;
        join(
            pool,
            [&] {
                for (int tries = 0; coarse && !shared && tries < 2000; ++tries) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    shared = begun;
                }
            },
            [&] { begun = true; });
        return shared;
    };
    for (int i = 0; i < 10; ++i) call(false);
    begun = false;
    ASSERT_TRUE(call(true));
}

TEST(join, runs_callables_in_order_when_nobody_helps) {
    thread_pool pool({.workers = 1});
    std::vector<int> order;
    join(
        pool, [&] { order.push_back(0); }, [&] { order.push_back(1); }, [&] { order.push_back(2); });
    ASSERT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(join, takes_functions_and_lvalues_and_const_and_mutable_callables) {
    struct overloaded {
        int operator()() { return 1; }
        int operator()() const { return 2; }
    };
    overloaded plain;
    overloaded const fixed;
    int calls = 0;
    auto counting = [calls]() mutable { return ++calls; };
    int (*const pointer)() = [] { return 4; };
    ASSERT_EQ(join(plain, fixed), std::tuple(1, 2));
    ASSERT_EQ(join(pointer, *pointer), std::tuple(4, 4));
    ASSERT_EQ(std::get<0>(join(counting, [] {})), 1);
}

TEST(join, inside_of_a_pool_stays_in_that_pool) {
    thread_pool pool({.workers = 2, .name = "mine"});
    std::atomic<int> wrong{0};
    auto const here = [&] { wrong += detail::this_slot == nullptr || detail::this_slot->sched != &pool.sched(); };
    for (int round = 0; round < 100; ++round)
        join(
            pool, [&] { join(here, here, here); }, [&] { join(here, here); });
    ASSERT_EQ(wrong, 0);
}

TEST(join, from_a_worker_of_another_pool_runs_in_the_named_pool_and_comes_back) {
    thread_pool outer({.workers = 2});
    thread_pool inner({.workers = 3});
    std::atomic<int> wrong{0};
    auto const in = [&](thread_pool& pool) {
        wrong += detail::this_slot == nullptr || detail::this_slot->sched != &pool.sched();
    };
    for (int round = 0; round < 200; ++round) {
        auto const once = [&] {
            in(outer);
            join(
                inner,
                [&] {
                    in(inner);
                    join(
                        outer, [&] { in(outer); }, [&] { in(outer); });
                    in(inner);
                },
                [&] { in(inner); });
            in(outer);
            join([&] { in(outer); }, [&] { in(outer); });
        };
        join(outer, once, once);
    }
    ASSERT_FALSE(this_worker::inside_pool());
    ASSERT_EQ(wrong, 0);
}

TEST(join, restores_the_context_when_an_exception_leaves_the_pool) {
    thread_pool outer({.workers = 2});
    thread_pool inner({.workers = 2});
    for (int round = 0; round < 100; ++round) {
        join(
            outer,
            [&] {
                ASSERT_EQ(thrown_by([&] {
                              join(
                                  inner, [] { throw failure(1); }, [] {});
                          }),
                          1);
                ASSERT_EQ(detail::this_slot->sched, &outer.sched());
                ASSERT_EQ(count_leaves(100), 100);
            },
            [] {});
        ASSERT_FALSE(this_worker::inside_pool());
    }
}

/// Runs `body` on a thread with a stack of the given size.
template<class Body>
void on_stack_of(std::size_t bytes, Body body) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread{};
    auto const run = [](void* it) -> void* {
        (*static_cast<Body*>(it))();
        return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &attributes, run, &body), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

long go_down(int depth) {
    if (depth == 0) return 0;
    auto const [deeper, here] = join([depth] { return go_down(depth - 1); }, [] { return 1L; });
    return deeper + here;
}

[[gnu::noinline]] std::uintptr_t here() { return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); }

[[gnu::noinline]] std::uintptr_t lowest_address(int depth) {
    if (depth == 0) return here();
    auto const [below, right] = join([depth] { return lowest_address(depth - 1); }, [] { return std::uintptr_t{0}; });
    return below + right;
}

TEST(join, takes_at_most_112_bytes_of_stack_a_level) {
#if !defined(__OPTIMIZE__) || defined(HOCKET_TEST_TSAN) || defined(HOCKET_TEST_ASAN)
    GTEST_SKIP() << "frames are larger without optimisation and with sanitizers";
#endif
    thread_pool pool({.workers = 1});
    auto const [shallow, deep] = join(
        pool, [] { return lowest_address(100); }, [] { return lowest_address(1100); });
    ASSERT_LE((shallow - deep) / 1000, 112u);
    RecordProperty("bytes_per_join", static_cast<int>((shallow - deep) / 1000));
}

// ThreadSanitizer's own call stack ends at 65,536 entries; several belong to each level here.
constexpr int very_deep = stress_test::thread_sanitizer ? 10'000 : 100'000;
constexpr int deep = stress_test::thread_sanitizer ? 5'000 : 20'000;

TEST(join, a_task_that_was_stolen_knows_that_its_operation_was_stopped) {
    thread_pool pool({.workers = 4});
    operation outside;
    detail::stop_scope const part_of_it(&outside);
    join_apart(
        pool, [] {},
        [&] {
            operation inside;
            detail::stop_scope const part_of_that(&inside);
            join_apart(
                pool, [] {},
                [&] {
                    join_apart(
                        pool, [] { EXPECT_FALSE(this_task::stop_requested()); },
                        [] { EXPECT_FALSE(this_task::stop_requested()); });
                    std::atomic<bool> seen = false;
                    join_apart(
                        pool,
                        [&] {
                            inside.over = true;
                            EXPECT_TRUE(this_task::stop_requested());
                            while (!seen) std::this_thread::yield();
                        },
                        [&] {
                            while (!inside.over) std::this_thread::yield();
                            EXPECT_TRUE(this_task::stop_requested());
                            seen = true;
                        });
                    inside.over = false;
                    outside.over = true;
                    EXPECT_TRUE(this_task::stop_requested());
                });
        });
    std::thread([&] {
        join_apart(
            pool, [] {}, [] { EXPECT_FALSE(this_task::stop_requested()); });
    }).join();
}

// A task that is pushed before an operation begins may be published while the operation's body runs, and is no part of
// the operation.
TEST(join, a_task_that_was_stolen_does_not_see_what_began_after_its_push) {
    thread_pool pool({.workers = 16});
    std::atomic<int> begun = 0;
    std::atomic<bool> stopped = false;
    int const depth = 14; // more than are published at once
    auto const descend = [&](auto const& self, int left) -> void {
        if (left == 0) {
            operation later;
            later.over = true;
            detail::stop_scope const part_of_it(&later);
            EXPECT_TRUE(this_task::stop_requested());
            stopped = true;
            while (begun < depth) {
                try {
                    join([] {}, [] {});
                } catch (operation_cancelled const&) { // once it looks; it has published what lies below by then
                }
                std::this_thread::yield();
            }
            return;
        }
        join([&] { self(self, left - 1); },
             [&] {
                 ++begun;
                 while (!stopped) std::this_thread::yield();
                 EXPECT_FALSE(this_task::stop_requested());
             });
    };
    join(
        pool, [&] { descend(descend, depth); }, [] {});
}

// Tests more joins than a task stack has slots: the joins below its end run serially.
TEST_P(join_on, very_deep_on_a_large_stack) {
    for (int round = 0; round < 3; ++round)
        on_stack_of(std::size_t{256} << 20, [this] {
            auto const [a, b] = join(
                pool_, [] { return go_down(very_deep); }, [] { return 0; });
            ASSERT_EQ(a + b, very_deep);
        });
    ASSERT_EQ(std::get<0>(join(
                  pool_, [] { return count_leaves(1000); }, [] {})),
              1000);
}

TEST_P(join_on, exceptions_from_deep_below) {
    auto const down = [](auto const& self, int depth) -> int {
        if (depth == 0) throw failure(1);
        auto const [deeper, here] = join([&] { return self(self, depth - 1); }, [] { return counted(1); });
        return deeper + here.value;
    };
    on_stack_of(std::size_t{256} << 20, [&] {
        ASSERT_EQ(thrown_by([&] {
                      join(
                          pool_, [&] { down(down, deep); }, [] {});
                  }),
                  1);
    });
    ASSERT_EQ(counted::live, 0);
}

// Its callables fall on both sides of the end of the task stack.
TEST_P(join_on, of_five_where_the_task_stack_ends) {
    for (std::size_t const above : {1u, 2u, 3u, 4u, 5u, 100u})
        on_stack_of(std::size_t{256} << 20, [this, above] {
            auto const five = [](auto const& self, std::size_t levels) -> std::size_t {
                if (levels == 0) return 1;
                auto const one = [] { return std::size_t{1}; };
                auto const [a, b, c, d, e] = join([&] { return self(self, levels - 1); }, one, one, one, one);
                return a + b + c + d + e;
            };
            auto const recurse = [&](auto const& self, std::size_t left) -> std::size_t {
                if (left == 0) return five(five, above);
                auto const [a, b] = join([&] { return self(self, left - 1); }, [] { return std::size_t{1}; });
                return a + b;
            };
            std::size_t const levels = detail::worker::slots_per_stack - 6;
            auto const [sum, none] = join(
                pool_, [&] { return recurse(recurse, levels); }, [] { return 0; });
            EXPECT_EQ(sum, levels + 4 * above + 1);
            EXPECT_EQ(none, 0);
        });
}

TEST_P(join_on, callers_with_small_stacks) {
    for (std::size_t const kilobytes : {64u, 128u, 256u})
        for (int round = 0; round < 10; ++round)
            on_stack_of(kilobytes << 10, [this] {
                ASSERT_EQ(std::get<0>(join(
                              pool_, [] { return count_leaves(2000); }, [] { return count_leaves(2000); })),
                          2000);
            });
}

} // namespace
