// SPDX-License-Identifier: MIT
// Tests remote/worker/worker_service.hpp without a driver: the reaction of a worker process to recalled calls and to
// calls that come again.
#include <hocket/pool/thread_pool.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/thunk.hpp>
#include <hocket/remote/worker/worker_service.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace {

using hocket::detail::archive_writer;
using hocket::detail::channel_events;
using hocket::detail::frame_head;
using hocket::detail::frame_kind;
using hocket::detail::process_index;

/// Returns when `condition()` holds, or after a long time.
template<class Condition>
bool comes_true(Condition condition) {
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::yield();
    }
    return true;
}

// State of the calls of these tests.
std::atomic<int> runs{0};
std::atomic<int> last_runs{0};
std::atomic<int> blocking{0};
std::atomic<bool> open{false};

void blocks() {
    ++blocking;
    (void)comes_true([] { return open.load(); });
}
/// The first run lasts until `comes_last` has run.
void counts() {
    if (++runs == 1) (void)comes_true([] { return last_runs.load() != 0; });
}
void comes_last() { ++last_runs; }

/// Plays a driver, a step at a time: records the messages that it sends and the messages that the worker sends.
class played_driver final : public hocket::detail::service_channel {
  public:
    std::vector<std::function<void()>> steps;
    std::map<std::uint64_t, int> answers;                    // per call
    std::vector<std::uint64_t> order;                        // of the answers
    std::vector<std::uint64_t> returned;                     // the calls
    std::set<std::pair<std::uint64_t, std::uint64_t>> begun; // places and calls
    std::mutex mutex;
    std::atomic<int> patient_again{0};
    std::atomic<bool> for_pollers{false}; // three calls of comes_last that only a thread that polls gets

    void send(frame_head const& head) {
        std::vector<std::byte> message(sizeof head);
        std::memcpy(message.data(), &head, sizeof head);
        if (head.kind == frame_kind::task) {
            archive_writer writer;
            hocket::detail::write_call(writer, fn);
            message.insert(message.end(), writer.bytes.begin(), writer.bytes.end());
        }
        events->received(0, message);
    }
    void send_task(void (*call)(), std::uint64_t number, std::uint64_t place, std::uint16_t flags = 0) {
        fn = call;
        send({.kind = frame_kind::task,
              .flags = flags,
              .call = number,
              .token = hocket::detail::thunk_token<void (*)(), void>(),
              .subject = place});
    }
    std::size_t answered() {
        std::lock_guard const lock(mutex);
        return answers.size();
    }

    process_index self() const noexcept override { return 1; }
    std::size_t longest_message() const noexcept override { return 64 * 1024; }
    bool try_send(process_index, std::span<std::byte const> bytes, std::span<std::byte const> body) noexcept override {
        frame_head head{};
        std::memcpy(&head, bytes.data(), sizeof head);
        std::lock_guard const lock(mutex);
        if (head.kind == frame_kind::result || head.kind == frame_kind::error) {
            ++answers[head.call];
            order.push_back(head.call);
        }
        if (head.kind != frame_kind::returned) return true;
        returned.resize(body.size() / sizeof(std::uint64_t));
        if (!body.empty()) std::memcpy(returned.data(), body.data(), body.size());
        return true;
    }
    bool poll(channel_events&) noexcept override { return false; }
    bool poll_while(channel_events&, hocket::detail::poll_patience& patience) noexcept override {
        while (!for_pollers.exchange(false))
            if (!patience.goes_on()) {
                // A channel asks again after a message came and another thread took it.
                if (patience.goes_on()) ++patient_again;
                return false;
            }
        for (std::uint64_t i = 50; i < 53; ++i) send_task(comes_last, i, i);
        return true;
    }
    void sleep(channel_events& its_events, int) noexcept override {
        events = &its_events;
        if (next_ < steps.size()) return steps[next_++]();
        if (next_++ == steps.size()) return send({.kind = frame_kind::stop});
        std::this_thread::yield(); // until all calls are answered
    }
    void wake() noexcept override {}
    void begin(std::uint64_t place, std::uint64_t call) noexcept override {
        std::lock_guard const lock(mutex);
        begun.emplace(place, call);
    }

  private:
    channel_events* events = nullptr;
    void (*fn)() = nullptr;
    std::size_t next_ = 0;
};

class worker_service : public testing::Test {
  protected:
    worker_service() {
        runs = last_runs = blocking = 0;
        open = false;
    }

    void keep_busy() {
        for (std::uint64_t i = 0; i < threads; ++i) driver.send_task(blocks, 100 + i, 100 + i);
        EXPECT_TRUE(comes_true([&] { return blocking == static_cast<int>(threads); }));
    }
    void recall(std::uint64_t count) { driver.send({.kind = frame_kind::recall, .subject = count}); }
    void serve() {
        hocket::detail::worker_service service(driver, *pool, true);
        service.serve();
        pool.reset(); // drops the tasks of calls that were given back
    }

    static constexpr std::size_t threads = 2;
    std::optional<hocket::thread_pool> pool{std::in_place, threads};
    played_driver driver;
};

TEST_F(worker_service, gives_back_the_newest_of_the_calls_that_have_not_begun) {
    using numbers = std::vector<std::uint64_t>;
    driver.steps = {[&] {
        keep_busy();
        for (std::uint64_t i = 1; i <= 5; ++i) driver.send_task(comes_last, i, i);
        driver.send_task(comes_last, 6, 6, hocket::detail::frame_flag::bound);
        recall(2);
        EXPECT_EQ(driver.returned, numbers({5, 4}));
        recall(10);
        EXPECT_EQ(driver.returned, numbers({3, 2, 1}));
        recall(10);
        EXPECT_EQ(driver.returned, numbers());
        open = true;
    }};
    serve();
    EXPECT_EQ(driver.answered(), threads + 1);
    EXPECT_EQ(last_runs, 1) << "the call for this process alone";
}

TEST_F(worker_service, runs_a_call_once_that_comes_again_to_the_same_place) {
    driver.steps = {[&] {
        keep_busy();
        driver.send_task(counts, 1, 3);
        recall(1);
        EXPECT_EQ(driver.returned, std::vector<std::uint64_t>({1}));
        driver.send_task(counts, 1, 3);
        driver.send_task(comes_last, 2, 4); // behind both tasks of the call
        open = true;
    }};
    serve();
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(driver.answers[1], 1);
    EXPECT_EQ(driver.answers[2], 1);
}

TEST_F(worker_service, writes_no_place_that_a_call_does_not_have_any_more) {
    driver.steps = {[&] {
        keep_busy();
        driver.send_task(counts, 1, 3);
        recall(1);
        driver.send_task(counts, 1, 7);
        driver.send_task(comes_last, 2, 3);
        open = true;
    }};
    serve();
    EXPECT_EQ(runs, 1);
    EXPECT_FALSE(driver.begun.contains({3, 1}));
    EXPECT_TRUE(driver.begun.contains({7, 1}));
    EXPECT_TRUE(driver.begun.contains({3, 2}));
    EXPECT_EQ(driver.answers[1], 1);
}

TEST_F(worker_service, runs_calls_in_order_that_a_worker_has_taken_in) {
    pool.emplace(std::size_t{1});
    driver.steps = {[&] {
        driver.send_task(blocks, 100, 100);
        EXPECT_TRUE(comes_true([&] { return blocking == 1; }));
        driver.for_pollers = true;
        open = true; // the worker looks at least once before it parks
        EXPECT_TRUE(comes_true([&] { return driver.answered() == 4; }));
    }};
    serve();
    EXPECT_EQ(last_runs, 3);
    EXPECT_EQ(driver.order, std::vector<std::uint64_t>({100, 50, 51, 52}));
    EXPECT_EQ(driver.patient_again, 0);
}

TEST_F(worker_service, stops_no_call_that_it_has_given_back) {
    driver.steps = {[&] {
        keep_busy();
        driver.send_task(comes_last, 1, 3);
        recall(1);
        driver.send({.kind = frame_kind::cancel, .call = 1});
        open = true;
    }};
    serve();
    EXPECT_EQ(last_runs, 0);
    EXPECT_EQ(driver.answers[1], 0);
}

} // namespace
