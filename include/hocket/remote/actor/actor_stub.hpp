// SPDX-License-Identifier: MIT
// What stands for an actor of another process: it sends calls, and hears what becomes of the actor. Called by actors
// and by the node.
#pragma once

#include <hocket/base/config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;
class call_completion;
class handle_pins;
class node;

/// Hears what becomes of an actor. Called by the node, under its mutex.
class actor_watch {
  public:
    /// Its process was lost, and it is not made anew.
    virtual void died(std::exception_ptr const& why) noexcept = 0;
    /// It is made anew. Returns what hears of its constructor; null where the actor is about to end.
    virtual call_completion* made_anew() noexcept = 0;
    /// Returns its cell with a handle for the caller; null where the actor is about to end.
    virtual actor_cell* hold() noexcept = 0;
    virtual void kill() noexcept = 0;
    /// The node ends, and is not to be used any more.
    virtual void forget_node() noexcept = 0;

  protected:
    ~actor_watch() = default;
};

/// An actor that lives in another process, as its cell here knows it.
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

    /// Sends what makes it. **Throws** operation_cancelled after the end of the node, std::bad_alloc.
    void make(std::uint64_t token, std::vector<std::byte> body, handle_pins pins);
    /// Sends a call; without a completion its result is dropped. **Throws** as `make`.
    void call(std::uint64_t token, std::vector<std::byte> body, handle_pins pins, call_completion* completion);

    actor_cell* cell = nullptr;
    node* to = nullptr; // null in a worker process: the driver hands calls on
    std::uint64_t number = 0;
    /// Writer: the end of the node, which then does not touch the stub any more, and waits for its users. Readers:
    /// those.
    std::atomic<bool> is_alone{false};
};

} // namespace hocket::detail
