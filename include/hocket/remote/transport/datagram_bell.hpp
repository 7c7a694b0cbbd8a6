// SPDX-License-Identifier: MIT
// A doorbell between processes that share no memory: datagrams that wake a process which sleeps in
// poll(). They carry no data: each has the number of the job, which keeps out those of others. The network is trusted.
// Called by the engine for MPI.
#pragma once

#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/transport/owned_fd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <netinet/in.h>

namespace hocket::inline HOCKET_ABI::detail {

/// Where the bell of a process can be rung. Plain bytes, which processes exchange at their start.
struct bell_address {
    static constexpr std::size_t most = 8;

    std::array<char, 40> boot{};                          ///< of the machine: another one after each start of it
    std::uint64_t network = 0;                            ///< the network namespace, on that machine
    std::uint32_t port = 0;                               ///< 0: there is no bell
    std::uint32_t count = 0;                              ///< of the addresses
    std::array<std::array<std::uint8_t, 16>, most> ips{}; ///< IPv6, or IPv4 as a part of IPv6
};

/// **Threads** one at a time, except for `ring`, which any may call when all peers have answered.
class datagram_bell {
  public:
    /// Opens a socket for the job of that number. Without one, `is_open` is false, and errno says why.
    explicit datagram_bell(std::array<std::uint64_t, 2> const& job) noexcept;

    bool is_open() const noexcept { return socket_.is_open(); }
    /// For poll(): readable when the bell was rung.
    int fd() const noexcept { return socket_.get(); }
    bell_address address() const noexcept;

    /// Says who there is; `all[self]` is this process.
    void introduce(std::vector<bell_address> const& all, process_index self);
    /// Asks those with a bell that have not answered yet, at each of their addresses. Returns how many these are.
    std::size_t ask() noexcept;
    /// Whether a process has answered, so that `ring` reaches it.
    bool reaches(process_index who) const noexcept { return peers_[who].answered; }

    void ring(process_index who) noexcept;
    /// Takes out what has come, and answers those who ask. Returns whether the bell was rung.
    bool take_rings() noexcept;

  private:
    enum class kind : std::uint32_t { ring, question, answer };
    struct datagram {
        std::array<std::uint64_t, 2> job;
        kind what;
        process_index from;
    };
    struct peer {
        std::vector<sockaddr_in6> candidates;
        sockaddr_in6 address{};
        bool answered = false;
    };

    void send(kind what, sockaddr_in6 const& to) noexcept;

    std::array<std::uint64_t, 2> job_;
    process_index self_ = 0;
    bool only_ip4_ = false;
    owned_fd socket_;
    std::vector<peer> peers_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/datagram_bell.ipp>
#endif
