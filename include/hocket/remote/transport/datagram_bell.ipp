// SPDX-License-Identifier: MIT
// The bodies of the functions that datagram_bell.hpp declares.
#pragma once

#include <hocket/remote/transport/datagram_bell.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

using ip_bytes = std::array<std::uint8_t, 16>;

inline ip_bytes mapped_ip4(in_addr const& address) noexcept {
    ip_bytes bytes{};
    bytes[10] = bytes[11] = 0xff;
    std::memcpy(&bytes[12], &address, 4);
    return bytes;
}
inline bool is_mapped_ip4(ip_bytes const& bytes) noexcept {
    ip_bytes const none = mapped_ip4({});
    return std::memcmp(bytes.data(), none.data(), 12) == 0;
}

inline sockaddr_in6 socket_address(ip_bytes const& ip, std::uint32_t port) noexcept {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&address.sin6_addr, ip.data(), 16);
    return address;
}

HOCKET_COLD HOCKET_INLINE datagram_bell::datagram_bell(std::array<std::uint64_t, 2> const& job) noexcept : job_(job) {
    constexpr int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    socket_ = owned_fd(::socket(AF_INET6, type, 0));
    if (socket_.is_open()) {
        int const no = 0;
        sockaddr_in6 const any = socket_address({}, 0);
        if (::setsockopt(socket_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0 &&
            ::bind(socket_.get(), reinterpret_cast<sockaddr const*>(&any), sizeof any) == 0)
            return;
    }
    only_ip4_ = true;
    socket_ = owned_fd(::socket(AF_INET, type, 0));
    if (!socket_.is_open()) return;
    sockaddr_in any{};
    any.sin_family = AF_INET;
    if (::bind(socket_.get(), reinterpret_cast<sockaddr const*>(&any), sizeof any) != 0) socket_.close();
}

HOCKET_COLD HOCKET_INLINE bell_address datagram_bell::address() const noexcept {
    bell_address mine;
    if (!is_open()) return mine;
    sockaddr_in6 bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) return mine;
    mine.port = ntohs(bound.sin6_port); // at the offset of sin_port
    static_assert(offsetof(sockaddr_in6, sin6_port) == offsetof(sockaddr_in, sin_port));
    if (owned_fd const boot(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)); boot.is_open())
        if (::read(boot.get(), mine.boot.data(), mine.boot.size() - 1) < 0) mine.boot = {};
    struct stat network {};
    if (::stat("/proc/self/ns/net", &network) == 0) mine.network = network.st_ino;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return mine;
    for (ifaddrs const* each = list; each != nullptr && mine.count < bell_address::most; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_UP) == 0 || (each->ifa_flags & IFF_LOOPBACK) != 0)
            continue;
        if (each->ifa_addr->sa_family == AF_INET) {
            mine.ips[mine.count++] = mapped_ip4(reinterpret_cast<sockaddr_in const*>(each->ifa_addr)->sin_addr);
        } else if (each->ifa_addr->sa_family == AF_INET6 && !only_ip4_) {
            in6_addr const& ip = reinterpret_cast<sockaddr_in6 const*>(each->ifa_addr)->sin6_addr;
            if (!IN6_IS_ADDR_LINKLOCAL(&ip)) std::memcpy(mine.ips[mine.count++].data(), &ip, 16);
        }
    }
    ::freeifaddrs(list);
    return mine;
}

HOCKET_COLD HOCKET_INLINE void datagram_bell::introduce(std::vector<bell_address> const& all, process_index self) {
    self_ = self;
    peers_.assign(all.size(), {});
    bell_address const& mine = all[self];
    for (std::size_t who = 0; who < all.size(); ++who) {
        bell_address const& its = all[who];
        peers_[who].answered = who == self;
        if (who == self || its.port == 0) continue;
        if (its.boot == mine.boot && its.network == mine.network)
            peers_[who].candidates.push_back(socket_address(mapped_ip4({htonl(INADDR_LOOPBACK)}), its.port));
        for (std::size_t i = 0; i < its.count && i < bell_address::most; ++i)
            if (!only_ip4_ || is_mapped_ip4(its.ips[i]))
                peers_[who].candidates.push_back(socket_address(its.ips[i], its.port));
    }
}

HOCKET_INLINE void datagram_bell::send(kind what, sockaddr_in6 const& to) noexcept {
    datagram const sent{job_, what, self_};
    if (!only_ip4_) {
        (void)::sendto(socket_.get(), &sent, sizeof sent, MSG_NOSIGNAL, reinterpret_cast<sockaddr const*>(&to),
                       sizeof to);
        return;
    }
    sockaddr_in short_form{};
    short_form.sin_family = AF_INET;
    short_form.sin_port = to.sin6_port;
    std::memcpy(&short_form.sin_addr, reinterpret_cast<char const*>(&to.sin6_addr) + 12, 4);
    (void)::sendto(socket_.get(), &sent, sizeof sent, MSG_NOSIGNAL, reinterpret_cast<sockaddr const*>(&short_form),
                   sizeof short_form);
}

HOCKET_COLD HOCKET_INLINE std::size_t datagram_bell::ask() noexcept {
    std::size_t silent = 0;
    for (peer const& each : peers_) {
        if (each.answered || each.candidates.empty()) continue;
        ++silent;
        for (sockaddr_in6 const& address : each.candidates) send(kind::question, address);
    }
    return silent;
}

HOCKET_INLINE void datagram_bell::ring(process_index who) noexcept {
    if (who != self_ && peers_[who].answered) send(kind::ring, peers_[who].address);
}

HOCKET_INLINE bool datagram_bell::take_rings() noexcept {
    bool rung = false;
    for (;;) {
        datagram came;
        union {
            sockaddr_in6 ip6;
            sockaddr_in ip4;
        } from{};
        socklen_t size = sizeof from;
        ssize_t const got =
            ::recvfrom(socket_.get(), &came, sizeof came, MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &size);
        if (got < 0) {
            if (errno == EINTR || errno == ECONNREFUSED) continue;
            return rung;
        }
        if (got != sizeof came || came.job != job_ || came.from >= peers_.size()) continue;
        rung = rung || came.what == kind::ring;
        sockaddr_in6 const source =
            only_ip4_ ? socket_address(mapped_ip4(from.ip4.sin_addr), ntohs(from.ip4.sin_port)) : from.ip6;
        if (came.what == kind::question) send(kind::answer, source);
        peer& who = peers_[came.from];
        if (came.what == kind::answer && !who.answered) {
            who.address = source;
            who.answered = true;
        }
    }
}

} // namespace
