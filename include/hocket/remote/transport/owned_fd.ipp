// SPDX-License-Identifier: MIT
// The bodies of the functions that owned_fd.hpp declares.
#pragma once

#include <hocket/remote/transport/owned_fd.hpp>

#include <cerrno>
#include <cstdint>
#include <new>
#include <stdexcept>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void throw_system_error(char const* what) {
    std::string const reason = std::strerror(errno);
    throw std::runtime_error("hocket: " + std::string(what) + ": " + reason);
}

HOCKET_INLINE owned_fd checked_fd(int fd, char const* what) {
    if (fd < 0) throw_system_error(what);
    if (fd > 2) return owned_fd(fd);
    owned_fd const low(fd);
    return checked_fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3), what);
}

HOCKET_INLINE owned_fd make_event() {
    return checked_fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "cannot make an eventfd");
}

HOCKET_INLINE void ring_event(int fd) noexcept {
    std::uint64_t const one = 1;
    (void)!::write(fd, &one, sizeof one); // fails only if the event is pending anyway
}

HOCKET_INLINE void drain_event(int fd) noexcept {
    std::uint64_t count;
    (void)!::read(fd, &count, sizeof count);
}

HOCKET_INLINE shared_block::shared_block(std::size_t bytes, char const* name)
    : fd_(checked_fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING), "cannot make shared memory")),
      size_(bytes) {
    // Reserves the memory now. If the system had no memory left, a later store would cause a SIGBUS.
    int const refused = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(bytes));
    if (refused == ENOSPC || refused == ENOMEM) throw std::bad_alloc();
    if (refused != 0) {
        errno = refused;
        throw_system_error("cannot get shared memory");
    }
    if (::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        throw_system_error("cannot seal shared memory");
    map();
}

HOCKET_INLINE shared_block::shared_block(owned_fd from, std::size_t bytes) : fd_(std::move(from)), size_(bytes) {
    off_t const end = ::lseek(fd_.get(), 0, SEEK_END);
    if (end < 0 || static_cast<std::size_t>(end) < bytes)
        throw std::runtime_error("hocket: the memory that another process shares is too small");
    map();
}

HOCKET_INLINE void shared_block::map() {
    void* const at = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    if (at == MAP_FAILED) throw_system_error("cannot map shared memory");
    data_ = static_cast<std::byte*>(at);
}

HOCKET_INLINE shared_block::~shared_block() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

} // namespace
