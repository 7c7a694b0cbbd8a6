// SPDX-License-Identifier: MIT
// The stub of an actor of another process. It sends calls, and is notified when the actor dies or is recreated. Called
// by actors and by the node.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;
class call_completion;
class handle_pins;
class node;

/// Is notified of events of an actor. Called by the node, under its mutex.
class actor_watch {
  public:
    /// Handles the loss of the actor's process if the actor is not recreated.
    virtual void died(std::exception_ptr const& why) noexcept = 0;
    /// Handles the recreation of the actor. Returns the completion of its constructor, or null if the actor is about to
    /// end.
    virtual call_completion* made_anew() noexcept = 0;
    /// Returns its cell with a handle for the caller, or null if the actor is about to end.
    virtual actor_cell* hold() noexcept = 0;
    virtual void kill() noexcept = 0;
    /// Handles the end of the node, which must not be used any more.
    virtual void forget_node() noexcept = 0;

  protected:
    ~actor_watch() = default;
};

/// An actor that lives in another process, as its cell in this process knows it.
struct actor_stub final : actor_watch {
    actor_stub() noexcept = default;
    actor_stub(actor_stub const&) = delete;
    actor_stub& operator=(actor_stub const&) = delete;
    ~actor_stub();

    void died(std::exception_ptr const& why) noexcept override;
    call_completion* made_anew() noexcept override;
    actor_cell* hold() noexcept override;
    void kill() noexcept override;
    void forget_node() noexcept override {
        is_alone.store(true, std::memory_order_release); // actor_stub.is_alone ->
    }

    /// Sends the message that makes the actor. **Throws** operation_cancelled after the end of the node,
    /// std::bad_alloc.
    void make(std::uint64_t token, std::vector<std::byte> body, handle_pins pins);
    /// Sends a call. Without a completion its result is dropped. **Throws** as `make`.
    void call(std::uint64_t token, std::vector<std::byte> body, handle_pins pins, call_completion* completion);

    actor_cell* cell = nullptr;
    node* to = nullptr; // null in a worker process: the driver forwards calls
    std::uint64_t number = 0;
    /// Writer: the end of the node, which afterwards does not touch the stub and waits for the users of the node.
    /// Readers: the users of the node.
    atomic<bool> is_alone{false};
};

} // namespace hocket::detail
