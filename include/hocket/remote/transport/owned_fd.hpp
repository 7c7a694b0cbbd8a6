// SPDX-License-Identifier: MIT
// A descriptor that is closed with its owner, and memory that processes share through a descriptor. All descriptors of
// the library are closed by exec, and have numbers above standard input, output and error. Called by the engine
// `processes`.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

class owned_fd {
  public:
    owned_fd() = default;
    explicit owned_fd(int fd) noexcept : fd_(fd) {}
    owned_fd(owned_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    owned_fd& operator=(owned_fd&& other) noexcept {
        if (this != &other) {
            close();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~owned_fd() { close(); }

    int get() const noexcept { return fd_; }
    bool is_open() const noexcept { return fd_ >= 0; }
    void close() noexcept {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }

  private:
    int fd_ = -1;
};

/// **Throws** std::runtime_error that says what failed, and the system's reason from errno.
[[noreturn]] [[gnu::cold]] void throw_system_error(char const* what);

/// Takes over a descriptor from a system call, and moves it above standard input, output and error. **Throws**
/// std::runtime_error that names `what` if the call has failed.
owned_fd checked_fd(int fd, char const* what);

owned_fd make_event();
/// Adds one to an eventfd. **Threads** any.
void ring_event(int fd) noexcept;
/// Sets an eventfd back to zero.
void drain_event(int fd) noexcept;

/// Memory that several processes map.
class shared_block {
  public:
    shared_block() = default;
    /// Makes zeroed memory of a fixed size. **Throws** std::runtime_error; std::bad_alloc if the system has too little
    /// memory.
    shared_block(std::size_t bytes, char const* name);
    /// Maps memory of `bytes` bytes that another process has made. **Throws** std::runtime_error.
    shared_block(owned_fd from, std::size_t bytes);
    shared_block(shared_block&& other) noexcept
        : fd_(std::move(other.fd_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    shared_block& operator=(shared_block&& other) noexcept {
        std::swap(fd_, other.fd_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~shared_block();

    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    int fd() const noexcept { return fd_.get(); }
    /// Closes the descriptor. The memory stays, but no further process can map it by this descriptor.
    void close_fd() noexcept { fd_.close(); }

  private:
    void map();

    owned_fd fd_;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/owned_fd.ipp>
#endif
