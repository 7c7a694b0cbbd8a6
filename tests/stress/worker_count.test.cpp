// SPDX-License-Identifier: MIT
// The threads that run: when one external thread calls a pool, no more run at once than the pool has workers, each with
// an index of its own. Results are right when many threads call at once.
#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/pool/this_worker.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

using namespace hocket;
using namespace stress_test;

/// Counts the threads that are inside of a body, and the threads among them that share an index.
class census {
  public:
    explicit census(std::size_t indexes) : at_index_(indexes) {}

    template<class Body>
    void inside(Body const& body) {
        int const here = ++running_;
        int most = most_;
        while (here > most && !most_.compare_exchange_weak(most, here)) {
        }
        std::size_t const index = this_worker::index();
        if (++at_index_[index] != 1) ++shared_;
        body();
        --at_index_[index];
        --running_;
    }
    int most() const { return most_; }
    int shared() const { return shared_; }
    void forget_most() { most_ = 0; }

  private:
    std::atomic<int> running_{0};
    std::atomic<int> most_{0};
    std::atomic<int> shared_{0};
    std::vector<std::atomic<int>> at_index_;
};

/// Returns what all threads of this process have used so far.
rusage used_by_process() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return used;
}

/// Returns how often the system has taken the core away from a thread of this process.
long cores_lost() { return used_by_process().ru_nivcsw; }

class worker_count : public testing::TestWithParam<unsigned> {
  protected:
    /// Runs `operation` again and again, with and without a pause before it, and counts the threads.
    ///
    /// An operation takes some 50 us. When the system takes the core away from a thread, those that wait for it sleep
    /// and let others run, which are still at work when it goes on. So an operation in which that has happened is not
    /// judged, nor is the next one. A virtual machine may lose a core unnoticed: the same holds for an operation that
    /// lasted for milliseconds.
    template<class Operation>
    void repeat(Operation const& operation) {
        constexpr auto patience = std::chrono::milliseconds(5);
        time_budget const time(0.2);
        int judged = 0;
        bool was_undisturbed = true;
        for (int round = 0; time.left() || judged == 0; ++round) {
            long const lost_cores = cores_lost();
            auto const start = std::chrono::steady_clock::now();
            operation();
            bool const is_undisturbed =
                std::chrono::steady_clock::now() - start < patience && cores_lost() == lost_cores;
            if (is_undisturbed && was_undisturbed) {
                ++judged;
                ASSERT_LE(seen_.most(), static_cast<int>(GetParam()));
            }
            seen_.forget_most();
            was_undisturbed = is_undisturbed;
            if (round % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        EXPECT_EQ(seen_.shared(), 0) << "two threads ran at once under the same index";
    }

    thread_pool pool_{{.workers = GetParam()}};
    census seen_{pool_.max_index()};
    void work() {
        seen_.inside([] { burn(2000); });
    }
};

TEST_P(worker_count, loops_of_one_caller) {
    watchdog const dog("loops of one caller");
    repeat([this] {
        parallel_for(pool_, 0, 20, [&](int) { work(); }, {.schedule = schedule::dynamic});
        parallel_for(pool_, 0, 20, [&](int) { work(); });
    });
}

TEST_P(worker_count, joins_of_one_caller) {
    watchdog const dog("joins of one caller");
    auto const tree = [this](auto const& self, int n) -> void {
        if (n < 2) return work();
        join([&] { self(self, n / 2); }, [&] { self(self, n - n / 2); });
    };
    repeat([&] {
        join(
            pool_, [&] { tree(tree, 10); }, [&] { tree(tree, 10); });
    });
}

TEST_P(worker_count, groups_of_one_caller) {
    watchdog const dog("groups of one caller");
    repeat([this] {
        task_group group(pool_);
        for (int i = 0; i < 20; ++i) group.run([this] { work(); });
        group.wait();
    });
}

INSTANTIATE_TEST_SUITE_P(workers, worker_count, testing::Values(1u, 2u, 3u));

// The tasks come while the caller already sleeps: they belong to the thread that runs on its core meanwhile.
TEST(waiting_caller, leaves_its_tasks_to_the_thread_that_has_its_core) {
    watchdog const dog("caller that sleeps while tasks come");
    thread_pool pool({.workers = 2});
    for (int round = 0; round < repetitions(10); ++round) {
        census seen(pool.max_index());
        task_group group(pool);
        std::atomic<bool> begun{false};
        auto const rest = [](int milliseconds) {
            std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        };
        group.run([&] {
            seen.inside([&] {
                begun = true;
                rest(5);
                for (int i = 0; i < 2; ++i) group.run([&] { seen.inside([&] { rest(12); }); });
                rest(30);
            });
        });
        while (!begun) std::this_thread::yield();
        group.wait();
        EXPECT_LE(seen.most(), 2);
        EXPECT_EQ(seen.shared(), 0) << "two threads ran at once under the same index";
    }
}

TEST(many_callers, get_right_results) {
    watchdog const dog("many callers");
    for (unsigned workers : {1u, 2u, 4u, 40u}) {
        thread_pool pool({.workers = workers});
        std::vector<std::thread> callers;
        std::atomic<int> wrong{0};
        time_budget const time(0.2);
        for (int c = 0; c < 12; ++c)
            callers.emplace_back([&, c] {
                std::vector<int> numbers(5000, c);
                while (time.left()) {
                    parallel_for(pool, numbers, [](int& n) { ++n; });
                    int const expected = numbers.front() * 5000;
                    wrong += parallel_reduce(pool, numbers, 0, [](int a, int b) { return a + b; }) != expected;
                }
            });
        for (std::thread& caller : callers) caller.join();
        ASSERT_EQ(wrong, 0);
    }
}

/// Returns the CPU time of this process so far, in seconds.
double cpu_time() {
    rusage const used = used_by_process();
    auto const seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// This is no test of speed: sleeping threads would use nothing, spinning threads all of the time. The limit lies far
// from both.
TEST(idle_workers, sleep) {
    thread_pool pool({.workers = 8});
    std::atomic<int> ran{0};
    parallel_for(pool, 0, 1000, [&](int) { ++ran; }, {.schedule = schedule::dynamic});
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    double const before = cpu_time();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    ASSERT_LT(cpu_time() - before, 0.1);
}

TEST(waiting_workers, sleep) {
    thread_pool pool({.workers = 2});
    std::atomic<bool> begun{false};
    double used = 0;
    join(
        pool,
        [&] {
            while (!begun) {
                join([] {}, [] {});
                std::this_thread::yield();
            }
            used = -cpu_time();
        },
        [&] {
            begun = true;
            std::this_thread::sleep_for(std::chrono::milliseconds(500));
        });
    ASSERT_LT(used + cpu_time(), 0.1);
}

} // namespace
