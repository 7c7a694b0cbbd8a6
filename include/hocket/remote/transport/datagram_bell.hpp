// SPDX-License-Identifier: MIT
// A doorbell between processes that share no memory: datagrams that wake a process sleeping in poll(). They carry no
// data except the number of the job, which excludes the datagrams of other jobs. The network is trusted. Called by the
// engine for MPI.
#pragma once

#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/transport/owned_fd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <netinet/in.h>

namespace hocket::inline HOCKET_ABI::detail {

/// Where the bell of a process can be rung. Plain bytes, which processes exchange when they start.
struct bell_address {
    static constexpr std::size_t most = 8;

    std::array<char, 40> boot{};                          ///< boot id of the machine: changes with each boot
    std::uint64_t network = 0;                            ///< network namespace on that machine
    std::uint32_t port = 0;                               ///< 0: no bell
    std::uint32_t count = 0;                              ///< number of addresses
    std::array<std::array<std::uint8_t, 16>, most> ips{}; ///< IPv6, or IPv4 as a part of IPv6
};

/// The bell of one process. **Threads** one at a time, except for `ring`, which any thread may call once all peers have
/// answered.
class datagram_bell {
  public:
    /// Opens a socket for the job of that number. If that fails, `is_open` returns false and errno says why.
    explicit datagram_bell(std::array<std::uint64_t, 2> const& job) noexcept;

    bool is_open() const noexcept { return socket_.is_open(); }
    /// Returns the descriptor for poll(): readable after the bell was rung.
    int fd() const noexcept { return socket_.get(); }
    bell_address address() const noexcept;

    /// Sets the addresses of all processes; `all[self]` is this process.
    void introduce(std::vector<bell_address> const& all, process_index self);
    /// Asks each process with a bell that has not answered yet, at each of its addresses. Returns the number of these
    /// processes.
    std::size_t ask() noexcept;
    /// Whether a process has answered, so that `ring` reaches it.
    bool reaches(process_index who) const noexcept { return peers_[who].answered; }

    void ring(process_index who) noexcept;
    /// Takes out the datagrams that have come, and answers the processes that ask. Returns whether the bell was rung.
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
