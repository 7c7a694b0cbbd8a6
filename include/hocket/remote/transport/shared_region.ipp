// SPDX-License-Identifier: MIT
// The bodies of the functions that shared_region.hpp declares.
#pragma once

#include <hocket/remote/transport/fd_server.hpp>
#include <hocket/remote/transport/shared_region.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE shared_region::shared_region(std::size_t bytes)
    : block_(std::max<std::size_t>(bytes, 1), "hocket:shared") {
    struct stat about {};
    if (::fstat(block_.fd(), &about) != 0) throw_system_error("cannot share memory");
    address_ = {::getpid(), block_.fd(), about.st_dev, about.st_ino, bytes, own_fd_server()};
}

/// Opens the file of a region in this process. **Throws** object_lost.
inline owned_fd open_region(region_address const& from) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%lld/fd/%lld", static_cast<long long>(from.pid),
                  static_cast<long long>(from.fd));
    int const fd = ::open(path, O_RDWR | O_CLOEXEC);
    struct stat about {};
    if (fd >= 0 && ::fstat(fd, &about) == 0 && about.st_dev == from.device && about.st_ino == from.file)
        return checked_fd(fd, "cannot share memory");
    bool const refused = fd < 0 && (errno == EACCES || errno == EPERM);
    if (fd >= 0) ::close(fd);
    owned_fd passed = request_fd(from.server, {from.fd, from.device, from.file});
    if (passed.is_open()) return passed;
    throw object_lost(refused
                          ? "hocket: the system does not let this process open memory that process " +
                                std::to_string(from.pid) + " shares"
                          : "hocket: the process that shares memory (pid " + std::to_string(from.pid) +
                                ") released it before it was opened here: keep the memory until the call has finished");
}

HOCKET_INLINE shared_region::shared_region(region_address const& from) {
    constexpr std::uint64_t most = std::uint64_t{1} << 46;
    if (from.bytes > most) throw_bad_message("hocket: a message describes shared memory that is too large");
    block_ = shared_block(open_region(from), static_cast<std::size_t>(std::max<std::uint64_t>(from.bytes, 1)));
    address_ = from;
    address_.pid = ::getpid();
    address_.fd = block_.fd();
    address_.server = own_fd_server();
}

} // namespace
