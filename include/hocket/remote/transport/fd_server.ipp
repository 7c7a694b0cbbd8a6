// SPDX-License-Identifier: MIT
// The bodies of the functions that fd_server.hpp declares. The kernel gives the socket a name of five hexadecimal
// digits (unix(7), autobind), which is the number of the server.
#pragma once

#include <hocket/os/futex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/remote/transport/fd_server.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether a descriptor refers to the wanted file.
HOCKET_COLD inline bool is_wanted(int fd, wanted_fd const& which) noexcept {
    struct stat about {};
    return fd >= 0 && ::fstat(fd, &about) == 0 && about.st_dev == which.device && about.st_ino == which.file;
}

/// Whether the process at the other end belongs to the user of this process. In the namespace of this process, all
/// users that have no number there get the overflow number of the kernel.
HOCKET_COLD inline bool is_of_same_user(int connection) noexcept {
    constexpr uid_t overflow_number = 65534;
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid() &&
           peer.uid != overflow_number;
}

HOCKET_COLD inline void limit_waits(int connection, int seconds) noexcept {
    timeval const limit{seconds, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/// A message of one byte with room for a descriptor.
struct fd_message {
    fd_message() noexcept {
        head.msg_iov = &part;
        head.msg_iovlen = 1;
        head.msg_control = room;
        head.msg_controllen = sizeof room;
    }
    fd_message(fd_message const&) = delete;
    fd_message& operator=(fd_message const&) = delete;

    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
    msghdr head{};
};

/// Whether a descriptor is anonymous memory. Only this is passed: a process that is not dumpable may keep other files
/// from other processes of its user.
HOCKET_COLD inline bool is_memory(int fd) noexcept { return ::fcntl(fd, F_GET_SEALS) >= 0; }

/// Answers one request.
HOCKET_COLD inline void serve_fd(int connection) noexcept {
    limit_waits(connection, 1);
    wanted_fd which;
    if (!is_of_same_user(connection) || ::recv(connection, &which, sizeof which, 0) != sizeof which) return;
    owned_fd const copy(::fcntl(static_cast<int>(which.fd), F_DUPFD_CLOEXEC, 3)); // it may be closed meanwhile
    if (!is_wanted(copy.get(), which) || !is_memory(copy.get())) return;
    int const fd = copy.get();
    fd_message answer;
    cmsghdr* const control = CMSG_FIRSTHDR(&answer.head);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(control), &fd, sizeof fd);
    (void)!::sendmsg(connection, &answer.head, MSG_NOSIGNAL);
}

/// Starts the server. Returns its number, or 0.
HOCKET_COLD inline std::uint32_t start_fd_server() noexcept {
    static int const listener = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0); // for the life of the process
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    socklen_t size = sizeof name;
    if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof name.sun_family) != 0 ||
        ::listen(listener, 64) != 0 || ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size) != 0)
        return 0;
    os_thread server;
    bool const started = server.start(
        [](void*) -> void* {
            for (;;) {
                owned_fd const connection(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
                if (connection.is_open())
                    serve_fd(connection.get());
                else if (errno != EINTR)
                    sleep_for(1'000'000); // no descriptors are left
            }
        },
        nullptr, 64 * 1024);
    if (!started) return 0;
    char digits[8] = {};
    std::memcpy(digits, name.sun_path + 1, 5);
    return static_cast<std::uint32_t>(std::strtoul(digits, nullptr, 16)) + 1;
}

HOCKET_COLD HOCKET_INLINE std::uint32_t own_fd_server() noexcept {
    if (!passes_fds.load(std::memory_order_relaxed) && ::prctl(PR_GET_DUMPABLE) == 1) return 0;
    static std::uint32_t const number = start_fd_server();
    return number;
}

HOCKET_COLD HOCKET_INLINE owned_fd request_fd(std::uint32_t server, wanted_fd const& which) noexcept {
    owned_fd const connection(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (server == 0 || !connection.is_open()) return {};
    limit_waits(connection.get(), 10);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "%05x", static_cast<unsigned>(server - 1));
    socklen_t const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 6);
    if (::connect(connection.get(), reinterpret_cast<sockaddr*>(&name), size) != 0 ||
        !is_of_same_user(connection.get()) ||
        ::send(connection.get(), &which, sizeof which, MSG_NOSIGNAL) != sizeof which)
        return {};
    fd_message answer;
    if (::recvmsg(connection.get(), &answer.head, MSG_CMSG_CLOEXEC) != 1) return {};
    cmsghdr const* const control = CMSG_FIRSTHDR(&answer.head);
    int fd = -1;
    if (control != nullptr && control->cmsg_type == SCM_RIGHTS && control->cmsg_len == CMSG_LEN(sizeof fd))
        std::memcpy(&fd, CMSG_DATA(control), sizeof fd);
    owned_fd got(fd);
    return is_wanted(got.get(), which) ? std::move(got) : owned_fd();
}

} // namespace
