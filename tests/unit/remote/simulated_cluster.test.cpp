// SPDX-License-Identifier: MIT
// Tests the promises about failures on simulated clusters, of which processes are lost in the middle of everything.
// Each call is answered once. A call that has not begun is not lost and costs no retry. No call without retries runs
// twice. Calls of an actor keep their order, and a living actor runs none twice. No cluster hangs. Each seed is a plan
// of delays and losses.
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include "call_worker.hpp"
#include "simulated_cluster.hpp"

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using hocket::detail::call_completion;
using hocket::detail::call_terms;
using hocket::detail::node;
using hocket::detail::worker_plan;
using remote_test::channel_plan;
using remote_test::simulated_cluster;

constexpr std::size_t most_calls = 64;

/// The seeds of a test: TEST_SEEDS=17 replays one of them, TEST_SEEDS=1000-2000 tries others.
struct seed_range {
    seed_range() {
        char const* const text = std::getenv("TEST_SEEDS");
        if (text == nullptr) return;
        char* rest = nullptr;
        first = last = std::strtoull(text, &rest, 10);
        if (*rest == '-') last = std::strtoull(rest + 1, nullptr, 10);
    }
    std::uint64_t count() const { return last - first + 1; }

    std::uint64_t first = 1;
    std::uint64_t last = hocket::detail::sanitized ? 20 : 150;
};

/// The number of runs of each call in a process that lived then.
std::array<std::atomic<int>, most_calls> runs;
/// The number of start calls of each process. `unprepared` counts calls that ran before the start call, in a process
/// that came later than all processes below `started_before`.
std::array<std::atomic<int>, 256> starts;
std::atomic<std::size_t> started_before{0};
std::atomic<int> unprepared{0};

void prepare() { ++starts[simulated_cluster::here()]; }

int work(int number, std::vector<int> values) {
    if (simulated_cluster::is_alive()) ++runs[static_cast<std::size_t>(number)];
    if (simulated_cluster::here() >= started_before && starts[simulated_cluster::here()] != 1) ++unprepared;
    if (number % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds(50 * (number % 7)));
    if (number % 11 == 3) throw std::out_of_range("call " + std::to_string(number));
    return number + std::accumulate(values.begin(), values.end(), 0);
}

/// The answer to a call.
class answer final : public call_completion {
  public:
    void done(std::vector<std::byte> result) noexcept override {
        result_ = std::move(result);
        ++answers_;
        answers_.notify_all();
    }
    void failed(std::exception_ptr error) noexcept override {
        error_ = std::move(error);
        ++answers_;
        answers_.notify_all();
    }
    void wait() { answers_.wait(0); }
    int answers() const { return answers_; }
    bool has_failed() const { return error_ != nullptr; }
    std::exception_ptr error() const { return error_; }
    template<class T>
    T value() const {
        hocket::detail::archive_reader reader(result_);
        return hocket::detail::read_value<T>(reader);
    }

  private:
    std::atomic<int> answers_{0};
    std::vector<std::byte> result_;
    std::exception_ptr error_;
};

enum class kind { returned, lost, cancelled, out_of_range, actor_died, other };

kind kind_of(answer const& one, std::string* text = nullptr) {
    if (!one.has_failed()) return kind::returned;
    try {
        std::rethrow_exception(one.error());
    } catch (hocket::worker_lost const& error) {
        if (text != nullptr) *text = error.what();
        return kind::lost;
    } catch (hocket::actor_died const& error) {
        if (text != nullptr) *text = error.what();
        return kind::actor_died;
    } catch (hocket::operation_cancelled const&) {
        return kind::cancelled;
    } catch (std::out_of_range const&) {
        return kind::out_of_range;
    } catch (std::exception const& error) {
        if (text != nullptr) *text = error.what();
        return kind::other;
    }
}

struct sent {
    int number = 0;
    std::uint64_t call = 0;
    std::uint32_t retries = 0;
    bool cancelled = false;
    int expected = 0;
    answer heard{};
};

template<class F, class... Args>
std::uint64_t send(node& to, call_terms const& terms, call_completion& heard, F f, Args... args) {
    hocket::detail::archive_writer writer;
    hocket::detail::write_call(writer, f, args...);
    return to.call(hocket::detail::thunk_token<F, void, Args...>(), std::move(writer.bytes), terms, heard);
}

struct shape {
    std::size_t workers;
    channel_plan plan;
    std::size_t most_tasks = 0;
};

shape shape_of(std::uint64_t seed) {
    std::mt19937_64 random(seed * 7919);
    shape made{.workers = 1 + random() % 4, .plan = {.seed = seed}};
    made.plan.deaths = static_cast<unsigned>(random() % 7);
    made.plan.messages_per_death = static_cast<unsigned>(4 + random() % 30);
    made.plan.longest_message = random() % 2 == 0 ? 128 : 65536;
    made.plan.room = random() % 2 == 0 ? 600 : 100'000;
    made.plan.loses_messages = random() % 2 == 0;
    made.plan.threads = 1 + random() % 3;
    if (random() % 4 == 0) made.most_tasks = 3 + random() % 10;
    return made;
}

TEST(simulated_cluster, answers_each_call_once_whatever_is_lost) {
    stress_test::watchdog const limit("simulated clusters", 600s);
    unsigned lost = 0;
    std::size_t failed = 0;
    seed_range const seeds;
    for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        shape const how = shape_of(seed);
        for (auto& count : runs) count = 0;
        for (auto& count : starts) count = 0;
        simulated_cluster cluster(how.plan);
        std::vector<std::unique_ptr<sent>> calls;
        for (std::size_t i = 0; i != most_calls; ++i) calls.push_back(std::make_unique<sent>());
        {
            node driver(cluster.drive(),
                        worker_plan{.workers = how.workers, .checks = seed % 3 == 0, .most_tasks = how.most_tasks});
            started_before = starts.size();
            if (seed % 2 == 0) { // each further process calls `prepare` before any other call
                hocket::detail::archive_writer writer;
                hocket::detail::write_call(writer, &prepare);
                driver.add_start_call({hocket::detail::thunk_token<void (*)(), void>(), std::move(writer.bytes)});
                started_before = how.workers + cluster.lost() + 2; // processes that may have joined before
            }
            auto const send_some = [&](std::size_t first) {
                std::mt19937_64 random(seed * 104729 + first);
                for (std::size_t i = first; i < most_calls; i += 2) {
                    sent& one = *calls[i];
                    one.number = static_cast<int>(i);
                    std::vector<int> values(random() % 3 == 0 ? random() % 300 : random() % 10, 1);
                    one.expected = one.number + static_cast<int>(values.size());
                    one.retries = random() % 3 == 0 ? 100 : 0;
                    call_terms terms{.retries = one.retries};
                    if (random() % 4 == 0) terms.slot = random() % how.workers;
                    one.call = send(driver, terms, one.heard, work, one.number, values);
                    if (random() % 8 == 0) {
                        std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
                        one.cancelled = true;
                        driver.cancel(one.call);
                    }
                    if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 200));
                }
            };
            std::thread second(send_some, 1);
            send_some(0);
            second.join();
            for (auto const& each : calls) each->heard.wait();
            cluster.end_deaths();
        }
        lost += cluster.lost();
        for (auto const& each : calls) {
            EXPECT_EQ(each->heard.answers(), 1) << each->number;
            int const ran = runs[static_cast<std::size_t>(each->number)];
            std::string text;
            switch (kind_of(each->heard, &text)) {
            case kind::returned:
                EXPECT_EQ(each->heard.value<int>(), each->expected);
                EXPECT_NE(each->number % 11, 3);
                EXPECT_GE(ran, 1) << each->number;
                break;
            case kind::out_of_range: EXPECT_EQ(each->number % 11, 3); break;
            case kind::cancelled: EXPECT_TRUE(each->cancelled) << each->number; break;
            case kind::lost:
                ++failed;
                EXPECT_TRUE(cluster.has_begun(each->call)) << each->number << " was lost and had not begun";
                EXPECT_EQ(each->retries, 0U) << each->number << " was lost and had retries left";
                break;
            case kind::actor_died:
            case kind::other: ADD_FAILURE() << each->number << ": " << text;
            }
            if (each->retries == 0) {
                EXPECT_LE(ran, 1) << each->number << " ran twice";
            }
        }
        EXPECT_EQ(unprepared.load(), 0) << "calls ran before the start call of their process";
        if (HasFailure()) break;
    }
    if (seeds.count() < 20) return;
    EXPECT_GE(lost, seeds.count()) << "too little was lost";
    EXPECT_GE(failed, seeds.count() / 10) << "too few calls were lost";
}

/// The number of calls of an actor that came out of order, or twice, in one of its lives.
std::atomic<int> disorder{0};

/// An actor that sees the order in which its callers' calls come.
class witness {
  public:
    explicit witness(int first) : last_{first, first} {}

    int see(int caller, int number) {
        int& last = last_[static_cast<std::size_t>(caller)];
        if (number <= last && simulated_cluster::is_alive()) ++disorder;
        last = number;
        return number;
    }

  private:
    std::array<int, 2> last_;
};

std::uint64_t make_witness(node& in, std::size_t slot, std::uint32_t restarts, std::uint32_t retries, answer& heard) {
    std::uint64_t const actor = in.reserve_actor({.slot = slot, .retries = retries, .cpus = 0}, restarts, nullptr);
    hocket::detail::archive_writer writer;
    hocket::detail::write_actor_terms(writer, {});
    hocket::detail::write_value(writer, -1);
    in.call_actor(actor, hocket::detail::actor_thunk_token<witness, int>(), std::move(writer.bytes), {}, &heard);
    return actor;
}

TEST(simulated_cluster, keeps_the_promises_of_actors_whatever_is_lost) {
    stress_test::watchdog const limit("simulated actors", 600s);
    seed_range const seeds;
    constexpr std::size_t calls_of_each = 24;
    unsigned lost = 0;
    std::size_t died = 0;
    disorder = 0;
    for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        shape const how = shape_of(seed);
        std::mt19937_64 random(seed);
        std::uint32_t const restarts = random() % 3 == 0 ? 0 : random() % 2 == 0 ? 1 : 100;
        std::uint32_t const retries = random() % 2 == 0 ? 0 : 100;
        simulated_cluster cluster(how.plan);
        answer made;
        std::array<std::array<answer, calls_of_each>, 2> heard;
        {
            node driver(cluster.drive(), worker_plan{.workers = how.workers, .checks = seed % 3 == 0});
            std::uint64_t const actor = make_witness(driver, random() % how.workers, restarts, retries, made);
            auto const call_all = [&](std::size_t caller) {
                std::mt19937_64 pauses(seed + caller);
                for (std::size_t i = 0; i != calls_of_each; ++i) {
                    hocket::detail::archive_writer writer;
                    hocket::detail::write_call(writer, &witness::see, static_cast<int>(caller), static_cast<int>(i));
                    driver.call_actor(actor,
                                      hocket::detail::thunk_token<int (witness::*)(int, int), witness, int, int>(),
                                      std::move(writer.bytes), {.retries = retries}, &heard[caller][i]);
                    if (pauses() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(pauses() % 200));
                }
            };
            std::thread second(call_all, 1);
            call_all(0);
            second.join();
            made.wait();
            for (auto& each : heard)
                for (answer& one : each) one.wait();
            cluster.end_deaths();
        }
        lost += cluster.lost();
        for (auto& each : heard) {
            bool is_dead = false;
            for (std::size_t i = 0; i != calls_of_each; ++i) {
                std::string text;
                kind const how_it_ended = kind_of(each[i], &text);
                EXPECT_EQ(each[i].answers(), 1);
                if (how_it_ended == kind::returned) {
                    EXPECT_EQ(each[i].value<int>(), static_cast<int>(i));
                    EXPECT_FALSE(is_dead) << "call " << i << " returned after the actor had died";
                    continue;
                }
                ++died;
                EXPECT_EQ(how_it_ended, kind::actor_died) << text;
                if (restarts == 0) is_dead = true;
                EXPECT_FALSE(restarts == 100 && retries == 100) << "call " << i << ": " << text;
            }
        }
        EXPECT_EQ(disorder.load(), 0);
        if (HasFailure()) break;
    }
    if (seeds.count() < 20) return;
    EXPECT_GE(lost, seeds.count()) << "too little was lost";
    EXPECT_GE(died, seeds.count() / 10) << "too few calls failed";
}

} // namespace
