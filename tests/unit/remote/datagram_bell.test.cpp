// SPDX-License-Identifier: MIT
#include <hocket/remote/transport/datagram_bell.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using hocket::detail::bell_address;
using hocket::detail::datagram_bell;
using hocket::detail::process_index;

constexpr std::array<std::uint64_t, 2> job{11, 22};

/// Whether the bell is rung now, or within a long time.
bool hears(datagram_bell& bell) {
    for (int i = 0; i < 100; ++i) {
        pollfd watched{bell.fd(), POLLIN, 0};
        if (poll(&watched, 1, 100) > 0 && bell.take_rings()) return true;
    }
    return false;
}
bool is_readable(datagram_bell const& bell) {
    pollfd watched{bell.fd(), POLLIN, 0};
    return poll(&watched, 1, 0) > 0;
}

void get_to_know(std::vector<datagram_bell*> const& bells) {
    std::vector<bell_address> all;
    for (datagram_bell const* one : bells) all.push_back(one->address());
    for (std::size_t who = 0; who < bells.size(); ++who) bells[who]->introduce(all, static_cast<process_index>(who));
}

/// Lets all ask and answer until every bell has answered. Returns false after a long time.
bool all_answer(std::vector<datagram_bell*> const& bells) {
    for (int i = 0; i < 1'000; ++i) {
        std::size_t silent = 0;
        for (datagram_bell* one : bells) silent += one->ask();
        if (silent == 0) return true;
        usleep(1'000);
        for (datagram_bell* one : bells) (void)one->take_rings();
        for (datagram_bell* one : bells) (void)one->take_rings(); // the answers
    }
    return false;
}

TEST(DatagramBell, RingsForTheProcessThatIsMeant) {
    datagram_bell first(job), second(job), third(job);
    if (!first.is_open()) GTEST_SKIP() << "there are no datagrams here";
    std::vector<datagram_bell*> const bells{&first, &second, &third};
    get_to_know(bells);
    EXPECT_FALSE(first.reaches(1));
    EXPECT_TRUE(first.reaches(0)); // itself
    ASSERT_TRUE(all_answer(bells));
    EXPECT_TRUE(first.reaches(1));
    EXPECT_TRUE(third.reaches(0));
    first.ring(2);
    EXPECT_TRUE(hears(third));
    EXPECT_FALSE(is_readable(second));
    EXPECT_FALSE(is_readable(third)); // the ring was taken out
    second.ring(0);
    third.ring(0);
    EXPECT_TRUE(hears(first));
}

TEST(DatagramBell, DoesNotListenToOtherJobs) {
    datagram_bell ours(job), stranger({11, 23});
    if (!ours.is_open()) GTEST_SKIP() << "there are no datagrams here";
    get_to_know({&ours, &stranger});
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ours.ask(), 1U);
        EXPECT_EQ(stranger.ask(), 1U);
        usleep(1'000);
        EXPECT_FALSE(ours.take_rings());
        EXPECT_FALSE(stranger.take_rings());
    }
    EXPECT_FALSE(ours.reaches(1));
    stranger.ring(0); // reaches no process
}

TEST(DatagramBell, PassesOverWhatIsNoDatagramOfAJob) {
    datagram_bell bell(job), other(job);
    if (!bell.is_open()) GTEST_SKIP() << "there are no datagrams here";
    get_to_know({&bell, &other});
    int const from = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(bell.address().port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::array<std::uint64_t, 8> text{job[0], job[1], 0xffff'ffff'0000'0000, 1, 2, 3, 4, 5};
    for (std::size_t size = 0; size <= sizeof text; ++size)
        (void)sendto(from, text.data(), size, 0, reinterpret_cast<sockaddr const*>(&to), sizeof to);
    close(from);
    usleep(1'000);
    EXPECT_FALSE(bell.take_rings()); // one has the right size and job, but comes from a process that does not exist
    ASSERT_TRUE(all_answer({&bell, &other}));
    other.ring(0);
    EXPECT_TRUE(hears(bell));
}

TEST(DatagramBell, DoesNotWaitForProcessesWithoutOne) {
    datagram_bell bell(job);
    bell.introduce({bell.address(), bell_address{}}, 0);
    EXPECT_EQ(bell.ask(), 0U);
    EXPECT_FALSE(bell.reaches(1));
    bell.ring(1);
}

} // namespace
