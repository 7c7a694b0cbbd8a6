// SPDX-License-Identifier: MIT
// Raw messages between the ranks of a world: each rank runs all tests, in step with the others. The launcher sets the
// number of ranks. No rank outlives a minute, whatever happens.
#include <hocket/remote/transport/mpi_channel.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace {

using hocket::detail::mpi_channel;
using hocket::detail::mpi_world;
using hocket::detail::process_end;
using hocket::detail::process_index;

mpi_world* the_world;
mpi_channel* the_channel;

struct note {
    std::uint64_t number;
    std::uint64_t size; // of the body
};

/// Keeps the messages that have arrived.
struct listener final : hocket::detail::channel_events {
    struct came {
        process_index from;
        note head;
        bool good; // the body is the one that its sender wrote
    };

    void received(process_index from, std::span<std::byte const> message) noexcept override {
        note head{};
        std::memcpy(&head, message.data(), sizeof head);
        if (head.number == meeting) {
            ++met;
            return;
        }
        bool good = message.size() == sizeof head + head.size;
        for (std::size_t i = sizeof head; good && i < message.size(); i += 997)
            good = message[i] == static_cast<std::byte>((i - sizeof head) * 7 + head.number);
        messages.push_back({from, head, good});
        if (head.number < question || head.number % 2 != 0) return;
        note const answer{head.number + 1, 0};
        can_answer = the_channel->try_send(from, std::as_bytes(std::span(&answer, 1)), {}) && can_answer;
    }
    void lost(process_index who, process_end const&) noexcept override { ended.push_back(who); }

    static constexpr std::uint64_t meeting = ~std::uint64_t{0};
    static constexpr std::uint64_t question = std::uint64_t{1} << 40; // even numbers from here on are answered at once

    bool can_answer = true;

    std::size_t met = 0;
    std::vector<came> messages;
    std::vector<process_index> ended;
};

listener* ears;

/// Sends a message whose bytes follow from its number. Sends again while there is no room.
void send(process_index to, std::uint64_t number, std::size_t size = 0) {
    std::vector<std::byte> body(size);
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::byte>(i * 7 + number);
    note const head{number, size};
    while (!the_channel->try_send(to, std::as_bytes(std::span(&head, 1)), body)) the_channel->sleep(*ears);
}

void wait_for(std::size_t count) {
    while (ears->messages.size() < count) the_channel->sleep(*ears);
}

/// A test of all ranks: no rank begins the next test before each has finished this one.
class MpiChannel : public testing::Test {
  protected:
    ~MpiChannel() override { meet(); }

    static process_index self() { return the_channel->self(); }
    static process_index size() { return static_cast<process_index>(the_world->size()); }

    /// Returns when all messages to this rank have been checked. Messages of the next test may come from now on.
    static void meet() {
        ears->messages.clear();
        std::size_t const others = self() == 0 ? size() - 1 : 1;
        if (self() != 0) send(0, listener::meeting);
        while (ears->met < others) the_channel->sleep(*ears);
        ears->met -= others;
        if (self() == 0)
            for (process_index who = 1; who < size(); ++who) send(who, listener::meeting);
    }
};

double used_cpu() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

TEST_F(MpiChannel, KeepsTheOrderBetweenEachTwoRanks) {
    constexpr std::uint64_t each = 3'000;
    for (std::uint64_t i = 0; i < each; ++i)
        for (process_index to = 0; to < size(); ++to)
            if (to != self()) send(to, i, i % 61);
    wait_for(each * (size() - 1));
    std::vector<std::uint64_t> next(size());
    for (auto const& one : ears->messages) {
        ASSERT_EQ(one.head.number, next[one.from]++);
        ASSERT_EQ(one.head.size, one.head.number % 61);
        ASSERT_TRUE(one.good);
    }
}

TEST_F(MpiChannel, CarriesMessagesOfAllSizes) {
    std::size_t const sizes[] = {0, 1, 7, 8, 4'000, 8'191, 8'192, 65'536, 1'000'003, 0, 20'000'000, 3};
    process_index const to = (self() + 1) % size();
    if (to == self()) return;
    for (std::size_t i = 0; i < std::size(sizes); ++i) send(to, i, sizes[i]);
    wait_for(std::size(sizes));
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
        EXPECT_EQ(ears->messages[i].head.size, sizes[i]);
        EXPECT_TRUE(ears->messages[i].good);
    }
}

TEST_F(MpiChannel, TakesWhatManySendToOne) {
    constexpr std::uint64_t each = 400;
    if (self() != 0) {
        for (std::uint64_t i = 0; i < each; ++i) send(0, i, i % 8 == 0 ? 40'000 : 100);
        return;
    }
    wait_for(each * (size() - 1));
    std::vector<std::uint64_t> next(size());
    for (auto const& one : ears->messages) {
        ASSERT_EQ(one.head.number, next[one.from]++);
        ASSERT_TRUE(one.good);
    }
}

TEST_F(MpiChannel, HasNoRoomForWhatNobodyTakesAndTellsWhenItHas) {
    if (size() < 2) return;
    constexpr std::uint64_t each = 64;
    if (self() == 0) {
        std::vector<std::byte> const body(100'000);
        std::uint64_t sent = 0;
        bool was_full = false;
        while (sent < each) {
            note const head{sent, body.size()};
            if (the_channel->try_send(1, std::as_bytes(std::span(&head, 1)), body)) {
                ++sent;
            } else {
                was_full = true;
                the_channel->sleep(*ears); // until there is room
            }
        }
        EXPECT_TRUE(was_full);
    }
    if (self() == 1) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        wait_for(each);
    }
}

TEST_F(MpiChannel, AnswersFromWithinAMessage) {
    std::uint64_t const expected = self() == 0 ? size() - 1 : 1;
    for (std::uint64_t round = 0; round < 1'000; ++round) {
        if (self() == 0)
            for (process_index to = 1; to < size(); ++to) send(to, listener::question + 2 * round);
        wait_for(expected * (round + 1));
    }
    EXPECT_TRUE(ears->can_answer);
}

TEST_F(MpiChannel, SleepsAndIsWokenByAMessage) {
    constexpr int rounds = 5;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        if (self() == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(8)); // the other ranks sleep by then
            for (process_index to = 1; to < size(); ++to) send(to, round);
            wait_for((size() - 1) * (round + 1));
        } else {
            wait_for(round + 1);
            send(0, round);
        }
    }
}

TEST_F(MpiChannel, IsWokenByAnotherThreadOfItsProcess) {
    std::thread other([] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        the_channel->wake();
    });
    the_channel->sleep(*ears);
    other.join();
}

TEST_F(MpiChannel, SendsWhatOtherThreadsPack) {
    constexpr std::uint64_t each = 2'000;
    constexpr std::size_t threads = 3;
    if (size() < 2) return;
    process_index const to = (self() + 1) % size();
    std::vector<std::thread> senders;
    for (std::size_t t = 0; t < threads; ++t)
        senders.emplace_back([to, t] {
            for (std::uint64_t i = 0; i < each; ++i) {
                note const head{t * each + i, 0};
                while (!the_channel->try_send(to, std::as_bytes(std::span(&head, 1)), {})) std::this_thread::yield();
            }
        });
    wait_for(each * threads);
    for (std::thread& one : senders) one.join();
    std::vector<std::uint64_t> next(threads);
    for (auto const& one : ears->messages) ASSERT_EQ(one.head.number % each, next[one.head.number / each]++);
}

TEST_F(MpiChannel, TakesNoCoreWhileThereIsNothingToDo) {
    auto const limit = std::chrono::milliseconds(500);
    double const before = used_cpu();
    auto const begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < limit) the_channel->sleep(*ears, 100);
    double const used = used_cpu() - before;
    if (self() == 0)
        std::printf("CPU time in %lld idle ms: %.1f ms\n", static_cast<long long>(limit.count()), 1e3 * used);
    if (the_world->is_in_reach()) {
        EXPECT_LT(used, 0.1);
    }
}

TEST_F(MpiChannel, KnowsTheRanksOfThisMachine) {
    EXPECT_EQ(the_world->node_size(), the_world->size());
    EXPECT_EQ(the_world->node_rank(), the_world->rank());
    std::vector<std::uint32_t> const all = the_world->exchange(the_world->rank());
    for (process_index who = 0; who < size(); ++who) EXPECT_EQ(all[who], who);
}

/// Ends the job when a test of a rank fails: the others would wait for it.
struct end_of_job final : testing::EmptyTestEventListener {
    void OnTestPartResult(testing::TestPartResult const& part) override {
        if (!part.failed()) return;
        std::fprintf(stderr, "%s:%d: %s\n", part.file_name(), part.line_number(), part.message());
        the_world->abort("has failed");
    }
};

} // namespace

int main(int argc, char** argv) {
    alarm(60);
    testing::InitGoogleTest(&argc, argv);
    mpi_world world;
    mpi_channel channel(world);
    listener mine;
    the_world = &world;
    the_channel = &channel;
    ears = &mine;
    testing::TestEventListeners& printers = testing::UnitTest::GetInstance()->listeners();
    if (world.rank() != 0) delete printers.Release(printers.default_result_printer());
    printers.Append(new end_of_job);
    if (RUN_ALL_TESTS() != 0) world.abort("has failed");
    // Says goodbye to all ranks, and waits for the goodbye of all.
    for (process_index who = 0; who < world.size(); ++who)
        if (who != world.rank()) channel.say_goodbye(who);
    while (channel.ranks_alive() != 0) channel.sleep(mine);
    if (!channel.close(std::chrono::seconds(10)) || mine.ended.size() != world.size() - 1)
        world.abort("has not ended as it should");
    return 0;
}
