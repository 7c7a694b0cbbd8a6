// SPDX-License-Identifier: MIT
// Handles of actors that travel to another process within a message. The sender keeps each actor alive until the call
// of the message has finished. By then the receiver has announced its own handles. Called by actors, and by the senders
// of calls.
#pragma once

#include <hocket/base/config.hpp>

#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;
class archive_writer;
class node;

/// The handles of the actors in one message: the `context` of the archive that writes it.
class handle_pins {
  public:
    /// Prepares for a message to processes of a node. The node is null in a worker process.
    explicit handle_pins(node const* to = nullptr) noexcept : to_(to) {}
    handle_pins(handle_pins&& other) noexcept : to_(other.to_), cells_(std::exchange(other.cells_, {})) {}
    handle_pins& operator=(handle_pins&& other) noexcept {
        std::swap(to_, other.to_);
        std::swap(cells_, other.cells_);
        return *this;
    }
    ~handle_pins() {
        if (!cells_.empty()) release();
    }

    /// **Throws** std::bad_alloc.
    void add(actor_cell& cell);
    /// **Throws** std::bad_alloc.
    handle_pins copy() const;
    node const* to() const noexcept { return to_; }

  private:
    void release() noexcept;

    node const* to_;
    std::vector<actor_cell*> cells_; // each holds a handle
};

/// Writes a handle, which may be null. **Throws** not_remotable if the actor or the message stays in this process.
void write_handle(archive_writer& to, actor_cell* cell);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/object/handle_pins.ipp>
#endif
