// SPDX-License-Identifier: MIT
// Handles of actors, and addresses of shared memory, that travel to another process within a message. The sender keeps
// the actors and the memory alive until the call of the message has finished. By then the receiver has announced its
// own handles, and has mapped the memory. Called by actors, and by the senders of calls.
#pragma once

#include <hocket/base/config.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;
class archive_writer;
class node;

/// The handles of the actors in one message, and its memory: the `context` of the archive that writes it.
class handle_pins {
  public:
    /// Prepares for a message to processes of a node. The node is null in a worker process.
    explicit handle_pins(node const* to = nullptr) noexcept : to_(to) {}
    handle_pins(handle_pins&& other) noexcept
        : to_(other.to_), cells_(std::exchange(other.cells_, {})), memory_(std::move(other.memory_)) {}
    handle_pins& operator=(handle_pins&& other) noexcept {
        std::swap(to_, other.to_);
        std::swap(cells_, other.cells_);
        std::swap(memory_, other.memory_);
        return *this;
    }
    ~handle_pins() {
        if (!cells_.empty()) release();
    }

    /// **Throws** std::bad_alloc.
    void add(actor_cell& cell);
    /// Keeps the memory of the archive that has written the message.
    void keep(std::vector<std::shared_ptr<void const>> memory) noexcept { memory_ = std::move(memory); }
    std::vector<std::shared_ptr<void const>> take_memory() noexcept { return std::move(memory_); }
    /// **Throws** std::bad_alloc.
    handle_pins copy() const;
    node const* to() const noexcept { return to_; }

  private:
    void release() noexcept;

    node const* to_;
    std::vector<actor_cell*> cells_; // each holds a handle
    std::vector<std::shared_ptr<void const>> memory_;
};

/// Writes a handle, which may be null. **Throws** not_remotable if the actor or the message stays in this process.
void write_handle(archive_writer& to, actor_cell* cell);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/object/handle_pins.ipp>
#endif
