// SPDX-License-Identifier: MIT
// Tests of waits for some of several futures that could never finish: `when_any`, `as_completed`, and `wait` with a
// count. A task gets an error once too many of these futures need the task itself. A wait that one of the futures may
// still end goes on, however late that is.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/coroutine.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future.hpp>
#include <hocket/graph/semaphore.hpp>
#include <hocket/graph/task_graph.hpp>
#include <hocket/pipeline/pipeline.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <stress/watchdog.hpp>
#include <unit/wait_places.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
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
using wait_test::place;
using wait_test::places;

using futures = std::vector<shared_future<void>>;

task<> awaits_any(futures v) {
    auto const first = co_await when_any(std::move(v));
    (void)first;
}
task<> awaits_any_with_others(futures v) {
    co_await awaits_any(std::move(v));
    co_await make_ready_future();
}

/// The forms of a wait for the first of several futures.
struct form {
    char const* name;
    void (*wait)(futures const&);
};
void done() {}
form const forms[] = {
    {"when_any", [](futures const& v) { (void)when_any(v).get(); }},
    {"when_any of moved futures", [](futures const& v) { (void)when_any(futures(v)).get(); }},
    {"wait of a when_any",
     [](futures const& v) {
         auto first = when_any(v);
         first.wait();
         (void)first.get();
     }},
    {"a continuation of when_any", [](futures const& v) { when_any(v).then([](auto const&) {}).get(); }},
    {"when_any with a stop source", [](futures const& v) { (void)when_any(v, std::stop_source()).get(); }},
    {"as_completed",
     [](futures const& v) {
         for (auto& first : as_completed(v)) {
             first.get();
             break;
         }
     }},
    {"wait with a count",
     [](futures const& v) {
         for (auto const& first : wait(v, {.count = 1}).ready) first.get();
     }},
    {"when_any in when_all", [](futures const& v) { (void)when_all(make_ready_future(), when_any(v)).get(); }},
    {"when_all in when_any",
     [](futures const& v) {
         std::vector<future<void>> all;
         for (auto const& each : v) all.push_back(when_all(futures{each}));
         (void)when_any(std::move(all)).get();
     }},
    {"when_any in when_any",
     [](futures const& v) {
         std::vector<future<void>> all;
         for (int i = 0; i < 3; ++i) all.push_back(when_any(v).then([](auto const&) {}));
         (void)when_any(std::move(all)).get();
     }},
    {"a task that needs a when_any", [](futures const& v) { submit([](auto const&) {}, when_any(v)).get(); }},
    {"a task that returns a when_any", [](futures const& v) { (void)submit([&v] { return when_any(v); }).get(); }},
    {"a task that waits for a when_any", [](futures const& v) { submit([v] { (void)when_any(v).get(); }).get(); }},
    {"sync_wait of a coroutine", [](futures const& v) { sync_wait(awaits_any(v)); }},
    {"a coroutine that was submitted", [](futures const& v) { submit(awaits_any_with_others(v)).get(); }},
};
form const forms_that_cancel[] = {
    {"when_any that cancels", [](futures const& v) { (void)when_any(v, cancel_losers).get(); }},
    {"sync_wait of a coroutine with a when_any that cancels",
     [](futures const& v) {
         sync_wait([](futures all) -> task<> { (void)co_await when_any(std::move(all), cancel_losers); }(v));
     }},
};

/// Futures that a body learns later.
class known_later {
  public:
    /// Returns when the body has begun, so that no task on whose stack it would be runs it while that task waits.
    void wait_for_body() const {
        while (!begun_) std::this_thread::yield();
    }
    void set(futures v) { promise_.set_value(std::move(v)); }
    futures get() {
        begun_ = true;
        return known_.get();
    }

  private:
    std::atomic<bool> begun_{false};
    promise<futures> promise_;
    shared_future<futures> const known_ = promise_.get_future().share();
};

/// Counts the errors that waits of bodies get.
class error_count {
  public:
    /// Calls `f()`. Returns whether it threw a std::logic_error.
    template<class F>
    bool catches(F const& f) {
        try {
            f();
            return false;
        } catch (std::logic_error const&) {
            ++count_;
            return true;
        }
    }
    int get() const { return count_; }

  private:
    std::atomic<int> count_{0};
};

class any_wait_cycle : public testing::TestWithParam<unsigned> {
  protected:
    void SetUp() override {
        set_unobserved_error_handler([](std::exception_ptr const&) noexcept {}); // of what continues the tasks
    }
    void TearDown() override { set_unobserved_error_handler(nullptr); }

    /// Runs a task that waits by `wait` for what `others(its own future)` returns. Returns the future of the task.
    template<class Others>
    shared_future<void> task_that_waits(std::function<void(futures const&)> wait, Others const& others) {
        auto known = std::make_shared<known_later>();
        shared_future<void> const self = submit(pool_, [=] { wait(known->get()); }).share();
        known->set(others(self));
        return self;
    }
    /// Calls `f(each)` for all of these at once, each on its own thread.
    template<class All, class F>
    static void at_once(All const& all, F const& f) {
        std::vector<std::thread> threads;
        for (auto const& each : all)
            threads.emplace_back([&] {
                SCOPED_TRACE(each.name);
                watchdog const dog(each.name, 60s);
                f(each);
            });
        for (std::thread& each : threads) each.join();
    }

    thread_pool pool_{{.workers = GetParam(), .bind = binding::none}};
};
INSTANTIATE_TEST_SUITE_P(workers, any_wait_cycle, testing::Values(1u, 2u, 3u, 4u, 8u, 16u, 64u));

TEST_P(any_wait_cycle, is_an_error_where_a_task_waits_for_any_of_its_own_futures) {
    at_once(forms, [&](form const& by) {
        futures tasks;
        for (std::size_t const count : {1u, 2u, 5u})
            tasks.push_back(task_that_waits(by.wait, [&](auto const& own) { return futures(count, own); }));
        for (auto const& self : tasks) EXPECT_THROW(self.get(), std::logic_error);
    });
    at_once(forms_that_cancel, [&](form const& by) {
        auto const self = task_that_waits(by.wait, [&](auto const& own) { return futures(2, own); });
        EXPECT_THROW(self.get(), std::exception); // its own result may be cancelled as well
    });
}

TEST_P(any_wait_cycle, is_an_error_where_a_task_waits_for_any_of_what_continues_it) {
    at_once(forms, [&](form const& by) {
        auto const self = task_that_waits(by.wait, [&](shared_future<void> const& own) {
            futures v;
            v.push_back(own.then(done).share());
            v.push_back(own.then(done).then(done).share());
            v.push_back(when_all(own, make_ready_future()).then([](auto const&) {}).share());
            v.push_back(submit(
                            pool_, [](auto const&...) {}, own, make_ready_future(1))
                            .share());
            v.push_back(submit(pool_, [own] { own.get(); }).share());
            v.push_back(submit(pool_, awaits_any({own, own})).share());
            v.push_back(when_any(futures{own, own}).then([](auto const&) {}).share());
            return v;
        });
        EXPECT_THROW(self.get(), std::logic_error);
    });
}

TEST_P(any_wait_cycle, is_an_error_where_all_of_several_tasks_wait_for_the_task) {
    at_once(forms, [&](form const& by) {
        for (std::size_t const count : {1u, 2u, 4u}) {
            error_count errors;
            auto const self = task_that_waits(
                [&](futures const& v) { errors.catches([&] { by.wait(v); }); },
                [&](shared_future<void> const& own) {
                    futures v;
                    for (std::size_t i = 0; i < count; ++i)
                        v.push_back(submit(pool_, [&errors, own] { errors.catches([&] { own.get(); }); }).share());
                    return v;
                });
            self.get();
            EXPECT_GE(errors.get(), 1);
        }
    });
}

// No task of these alone keeps another one from its end: each waits for one of two.
TEST_P(any_wait_cycle, is_an_error_where_each_task_waits_for_any_other) {
    watchdog const dog("groups of tasks, each of which waits for any other of its group", 60s);
    struct group_of_tasks {
        explicit group_of_tasks(std::size_t count) : known(count) {}
        std::vector<known_later> known;
        futures tasks;
        error_count errors;
    };
    std::vector<std::unique_ptr<group_of_tasks>> groups;
    for (form const& by : forms) {
        std::size_t const count = 2 + groups.size() % 3;
        groups.push_back(std::make_unique<group_of_tasks>(count));
        group_of_tasks& group = *groups.back();
        for (std::size_t i = 0; i < count; ++i)
            group.tasks.push_back(
                submit(pool_, [&, i] { group.errors.catches([&] { by.wait(group.known[i].get()); }); }).share());
        for (known_later const& each : group.known) each.wait_for_body();
        for (std::size_t i = 0; i < count; ++i) {
            futures others = group.tasks;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
            group.known[i].set(std::move(others));
        }
    }
    for (auto const& group : groups) {
        for (auto const& each : group->tasks) each.get();
        EXPECT_GE(group->errors.get(), 1);
    }
}

TEST_P(any_wait_cycle, is_an_error_from_within_parts_of_the_task) {
    at_once(places, [&](place const& from) {
        std::atomic<int> turn{0};
        auto const self = task_that_waits(
            [&](futures const& v) { from.call([&, v] { forms[static_cast<unsigned>(turn++) % 7].wait(v); }); },
            [](auto const& own) {
                return futures{own, own.then(done).share()};
            });
        EXPECT_THROW(self.get(), std::logic_error);
    });
}

TEST_P(any_wait_cycle, is_an_error_where_a_node_waits_for_any_of_what_needs_its_run) {
    at_once(places, [&](place const& from) {
        known_later known;
        task_graph g;
        g.add([&] { from.call([&] { (void)when_any(known.get()).get(); }); });
        shared_future<void> const run = g.run(pool_).share();
        known.set({run, run.then(done).share()});
        EXPECT_THROW(run.get(), std::logic_error);
    });
}

TEST_P(any_wait_cycle, ends_where_a_node_holds_a_unit_that_all_of_several_runs_want) {
    watchdog const dog("a node that waits for any of two runs, which want its unit", 60s);
    semaphore one(1);
    task_graph wants[2];
    for (auto& g : wants) g.add(done).limit(one);
    task_graph holds;
    std::atomic<bool> failed{false};
    futures runs;
    holds
        .add([&] {
            for (auto& g : wants) runs.push_back(g.run(pool_).share());
            try {
                (void)when_any(runs).get();
            } catch (std::exception const&) {
                failed = true;
            }
        })
        .limit(one);
    holds.run(pool_).get();
    EXPECT_TRUE(failed);
    for (auto const& each : runs) each.wait();
}

// Both waits use a future up, and the body of the inner one refers to what the outer task owns.
TEST_P(any_wait_cycle, ends_the_wait_within_the_awaited_work_first) {
    if (GetParam() == 1) return; // the task itself runs what it waits for
    watchdog const dog("a wait within work that another wait of the cycle awaits", 60s);
    for (bool const in_graph : {false, true}) {
        for (form const& by : {forms[0], forms[5], form{"when_all", [](futures const& v) { when_all(v).get(); }}}) {
            known_later known;
            std::atomic<bool> outer_ends{false};
            int inner_errors = 0;
            auto const self = submit(pool_, [&] {
                                  struct at_end {
                                      std::atomic<bool>& flag;
                                      ~at_end() { flag = true; }
                                  };
                                  std::atomic<bool> begun{false};
                                  auto const body = [&] {
                                      begun = true;
                                      try {
                                          by.wait(known.get());
                                      } catch (std::logic_error const&) {
                                          ++inner_errors;
                                          EXPECT_FALSE(outer_ends) << by.name;
                                      }
                                  };
                                  auto const meets = [&] {
                                      while (!begun) std::this_thread::yield(); // so that another thread runs the body
                                  };
                                  if (in_graph) {
                                      task_graph g;
                                      at_end const guard{outer_ends};
                                      g.add(body);
                                      g.add(meets);
                                      g.run().get();
                                  } else {
                                      future<void> inner = submit(body);
                                      meets();
                                      at_end const guard{outer_ends};
                                      std::move(inner).get();
                                  }
                              }).share();
            known.set({self, self});
            self.get();
            EXPECT_EQ(inner_errors, 1) << by.name;
        }
    }
}

TEST_P(any_wait_cycle, begins_in_as_completed_only_after_the_futures_that_are_ready) {
    watchdog const dog("as_completed that reaches the own future", 60s);
    std::atomic<int> found{0}, errors{0};
    auto const self = task_that_waits(
        [&](futures const& v) {
            auto all = as_completed(v);
            auto i = all.begin();
            for (; i != all.end(); ++i) {
                i->get();
                if (++found == 3) break;
            }
            for (int again = 0; again < 2; ++again) {
                try {
                    ++i;
                } catch (std::logic_error const&) {
                    ++errors;
                }
            }
        },
        [&](shared_future<void> const& own) {
            return futures{own, submit(pool_, done).share(), own.then(done).share(),
                           submit(pool_, done).then(done).share(), make_ready_future().share()};
        });
    self.get();
    EXPECT_EQ(found, 3);
    EXPECT_EQ(errors, 2);
}

TEST_P(any_wait_cycle, is_an_error_once_too_few_of_a_count_are_left) {
    struct some {
        char const* name;
        std::size_t count;
    };
    at_once(std::vector<some>{{"one", 1}, {"two", 2}, {"three", 3}, {"four", 4}}, [&](some const& of_five) {
        std::size_t const count = of_five.count;
        std::vector<promise<void>> kept(3);
        error_count errors;
        auto const self =
            task_that_waits([&](futures const& v) { errors.catches([&] { (void)wait(v, {.count = count}); }); },
                            [&](shared_future<void> const& own) {
                                futures v{own, own.then(done).share()};
                                for (auto& each : kept) v.push_back(each.get_future().share());
                                return v;
                            });
        EXPECT_EQ(self.wait_for(count == 4 ? 10s : 600ms), count == 4);
        EXPECT_EQ(errors.get(), count == 4 ? 1 : 0) << "two of the five need the task";
        for (std::size_t i = 0; i < 3; ++i) {
            kept[i].set_value();
            if (count <= 3 && i + 1 < count) {
                EXPECT_FALSE(self.wait_for(1ms));
            }
        }
        self.get();
        EXPECT_EQ(errors.get(), count == 4 ? 1 : 0);
    });
}

// From here on: waits that must go on.

TEST_P(any_wait_cycle, is_none_while_another_thread_may_keep_a_promise) {
    std::vector<shared_future<void>> tasks;
    std::vector<std::unique_ptr<promise<void>>> kept;
    watchdog const dog("waits for any of what needs the task, and of a promise", 60s);
    for (form const& by : forms) {
        kept.push_back(std::make_unique<promise<void>>());
        tasks.push_back(task_that_waits(by.wait, [&](shared_future<void> const& own) {
            return futures{own, own.then(done).share(), kept.back()->get_future().share(), own};
        }));
    }
    std::this_thread::sleep_for(1s); // each task looks twice
    for (auto const& each : tasks) EXPECT_FALSE(each.ready());
    for (auto& each : kept) each->set_value();
    for (auto const& each : tasks) EXPECT_NO_THROW(each.get());
}

TEST_P(any_wait_cycle, is_none_while_one_task_of_many_may_go_on) {
    watchdog const dog("tasks that wait for each other and for a promise", 60s);
    constexpr std::size_t count = 5;
    promise<void> kept;
    std::vector<known_later> known(count);
    error_count errors;
    futures tasks;
    for (std::size_t i = 0; i < count; ++i)
        tasks.push_back(submit(pool_, [&, i] { errors.catches([&] { forms[i].wait(known[i].get()); }); }).share());
    for (known_later const& each : known) each.wait_for_body();
    for (std::size_t i = 0; i < count; ++i) {
        futures others;
        for (std::size_t k = 0; k < count; ++k)
            if (k != i) others.push_back(tasks[k]);
        if (i == 2) others.push_back(kept.get_future().share());
        known[i].set(std::move(others));
    }
    std::this_thread::sleep_for(1s);
    for (auto const& each : tasks) EXPECT_FALSE(each.ready());
    kept.set_value();
    for (auto const& each : tasks) each.get();
    EXPECT_EQ(errors.get(), 0);
}

TEST_P(any_wait_cycle, is_none_while_a_wait_with_a_timeout_is_part_of_it) {
    watchdog const dog("a wait with a timeout among waits without one", 60s);
    for (int kind = 0; kind < 2; ++kind) {
        error_count errors;
        std::atomic<bool> timed_out{false};
        known_later first, second;
        auto const own = submit(pool_, [&] { errors.catches([&] { forms[0].wait(first.get()); }); }).share();
        auto const patient = submit(pool_, [&] {
                                 errors.catches([&] {
                                     if (kind == 0)
                                         timed_out = !second.get()[0].wait_for(700ms);
                                     else
                                         timed_out = wait(second.get(), {.count = 1, .timeout = 700ms}).ready.empty();
                                 });
                             }).share();
        first.wait_for_body();
        second.wait_for_body();
        first.set({own, patient});
        second.set({own, own});
        own.get();
        patient.get();
        EXPECT_TRUE(timed_out);
        EXPECT_EQ(errors.get(), 0);
    }
}

// The two tasks that wait for each other get the error, and handle it.
TEST_P(any_wait_cycle, is_none_for_a_task_that_only_waits_for_a_cycle) {
    at_once(forms, [&](form const& by) {
        error_count errors, of_third;
        std::vector<known_later> known(3);
        auto const first = submit(pool_, [&] { errors.catches([&] { by.wait(known[0].get()); }); }).share();
        auto const second = submit(pool_, [&] { errors.catches([&] { by.wait(known[1].get()); }); }).share();
        auto const third = submit(pool_, [&] { of_third.catches([&] { by.wait(known[2].get()); }); }).share();
        for (known_later const& each : known) each.wait_for_body();
        std::atomic<bool> needs_third{false};
        auto const last = submit(pool_, [&] {
                              needs_third = true;
                              third.get();
                          }).share();
        while (!needs_third) std::this_thread::yield();
        known[0].set({second, second});
        known[1].set({first, first});
        known[2].set({first, second, last});
        for (auto const& each : {first, second, third, last}) each.get();
        EXPECT_GE(errors.get(), 1);
        EXPECT_EQ(of_third.get(), 0);
    });
}

/// Tasks that each wait for some of several others and of promises, and a model of them.
class random_waits {
  public:
    random_waits(thread_pool& pool, stress_test::dice& dice)
        : count_(3 + dice.below(4)), known_(count_), promises_(2), errors_(count_), waits_(count_) {
        for (std::size_t i = 0; i < count_; ++i) {
            waits_[i].by = dice.below(std::size(forms) + 4);
            unsigned const inputs = 1 + dice.below(3);
            for (unsigned k = 0; k < inputs; ++k)
                waits_[i].inputs.push_back(dice.below(8) == 0 ? count_ + dice.below(2)
                                                              : dice.below(static_cast<unsigned>(count_)));
            waits_[i].count = waits_[i].by < std::size(forms) ? 1 : 1 + dice.below(inputs);
        }
        for (std::size_t i = 0; i < count_; ++i)
            tasks_.push_back(submit(pool, [this, i] {
                                 futures const v = known_[i].get();
                                 errors_[i].catches([&] {
                                     if (waits_[i].by < std::size(forms))
                                         forms[waits_[i].by].wait(v);
                                     else
                                         (void)wait(v, {.count = waits_[i].count});
                                 });
                             }).share());
        for (known_later const& each : known_) each.wait_for_body();
        futures all = tasks_;
        for (auto& each : promises_) all.push_back(each.get_future().share());
        for (std::size_t i = 0; i < count_; ++i) {
            futures v;
            for (std::size_t const k : waits_[i].inputs) v.push_back(all[k]);
            known_[i].set(std::move(v));
        }
    }

    void keep() {
        for (auto& each : promises_) each.set_value();
    }
    void finish() {
        for (auto const& each : tasks_) each.get();
        std::vector<bool> const ends = those_that_end();
        bool all_end = true;
        int errors = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            all_end = all_end && ends[i];
            errors += errors_[i].get();
            EXPECT_TRUE(!ends[i] || errors_[i].get() == 0) << "task " << i << " could go on: " << text();
        }
        EXPECT_EQ(all_end, errors == 0) << text();
    }

  private:
    struct one {
        std::size_t by;
        std::size_t count;
        std::vector<std::size_t> inputs;
    };
    /// Returns which tasks end without an error once the promises are kept.
    std::vector<bool> those_that_end() const {
        std::vector<bool> ends(count_, false);
        for (bool more = true; std::exchange(more, false);)
            for (std::size_t i = 0; i < count_; ++i) {
                if (ends[i]) continue;
                std::size_t ready = 0;
                for (std::size_t const k : waits_[i].inputs) ready += k >= count_ || ends[k] ? 1u : 0u;
                if (ready >= waits_[i].count) ends[i] = more = true;
            }
        return ends;
    }
    std::string text() const {
        std::string s;
        for (one const& each : waits_) {
            s += each.by < std::size(forms) ? forms[each.by].name : "wait";
            s += " " + std::to_string(each.count) + " of {";
            for (std::size_t const k : each.inputs) s += " " + std::to_string(k);
            s += " }; ";
        }
        return s;
    }

    std::size_t const count_;
    std::vector<known_later> known_;
    std::vector<promise<void>> promises_;
    std::vector<error_count> errors_;
    std::vector<one> waits_;
    futures tasks_;
};

TEST_P(any_wait_cycle, is_found_exactly_where_no_task_can_go_on) {
    watchdog const dog("random waits");
    stress_test::dice dice(GetParam());
    std::vector<std::unique_ptr<random_waits>> all;
    for (int i = 0; i < 16; ++i) all.push_back(std::make_unique<random_waits>(pool_, dice));
    std::this_thread::sleep_for(1s);
    for (auto& each : all) each->keep();
    for (auto& each : all) each->finish();
}

} // namespace
