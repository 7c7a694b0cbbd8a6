// SPDX-License-Identifier: MIT
// Actors of other processes, which a worker process knows by handles that came with calls. Their calls go to the
// driver, which forwards them. Called by stubs of actors, and by the service of the worker process.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/node/finished_call.hpp>
#include <hocket/remote/object/handle_pins.hpp>
#include <hocket/remote/wire/frame.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class archive_reader;

/// Sends frames to the driver, in their order. **Threads** any.
class frame_sender {
  public:
    virtual void send_frame(frame_head const& head, std::vector<std::byte> body) = 0;

  protected:
    ~frame_sender() = default;
};

/// The answer of the driver to a process that looks for an actor by its name. The number 0 means that there is no such
/// actor.
struct found_actor {
    std::uint64_t number = 0;
    std::uint32_t concurrency = 1;
    std::uint32_t max_pending = 0;
    bool interleave = false;
};

/// The actors of other processes that a worker process knows. **Threads** any.
class actors_elsewhere {
  public:
    actors_elsewhere(frame_sender& driver, scheduler& pool) noexcept : driver_(driver), pool_(pool) {}
    actors_elsewhere(actors_elsewhere const&) = delete;
    actors_elsewhere& operator=(actors_elsewhere const&) = delete;

    /// Returns a cell with a handle for the caller. Announces it to the driver before the call that brought the number
    /// is answered. **Throws** std::bad_alloc.
    actor_cell& take_handle(std::uint64_t number, actor_terms const& terms, bool announces = true);
    /// Asks the driver for an actor. The answer holds a handle that is not announced. **Throws** std::bad_alloc,
    /// operation_cancelled.
    void find(std::string const& name, char const* type, call_completion& completion);
    scheduler& pool() const noexcept { return pool_; }

    // Called by the stub of the actor with that number.

    /// Sends a call to the driver. Without a completion the result is dropped. **Throws** std::bad_alloc.
    void call(std::uint64_t number, std::uint64_t token, std::vector<std::byte> body, handle_pins pins,
              call_completion* completion);
    void drop(std::uint64_t number) noexcept;
    void kill(std::uint64_t number) noexcept;

    // Called by the service.

    /// Handles the driver's answer to a call. Called by the thread that polls.
    void answered(frame_head const& head, std::vector<std::byte> body) noexcept;
    /// Tells the driver that the memory of a result was read.
    void has_opened(std::uint64_t call) noexcept;
    /// Makes all calls fail with operation_cancelled, since no further answer will come.
    void end() noexcept;

  private:
    void send(frame_head head, std::vector<std::byte> body, handle_pins pins, call_completion* completion);

    struct sent {
        call_completion* completion; // may be null
        handle_pins pins;
    };

    frame_sender& driver_;
    scheduler& pool_;
    os_mutex mutex_; // guards all members below
    std::unordered_map<std::uint64_t, sent> sent_;
    std::uint64_t last_ = 0;
    bool over_ = false;
};

/// Writer: the service of a worker process. Readers: tasks that the service has started; hence relaxed. Null in a
/// driver.
inline constinit atomic<actors_elsewhere*> the_actors_elsewhere{nullptr};

/// Reads a handle that `write_handle` has written. Returns a cell with a handle for the caller, or null. **Throws**
/// bad_message.
actor_cell* read_handle(archive_reader& from);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/actor/actors_elsewhere.ipp>
#endif
