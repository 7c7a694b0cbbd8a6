// SPDX-License-Identifier: MIT
// What an engine has to do: carry bytes between processes, sleep until some come, and tell of processes that are lost.
// All that calls, actors and references mean is above it. Called by the node and by worker processes.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// The number of a process; the driver is 0. Never used again for another one.
using process_index = std::uint32_t;

/// How a process has ended.
struct process_end {
    long pid = 0;
    bool known = false; ///< false where the program has taken the status itself
    int signal = 0;     ///< that ended it; 0: it has called exit
    int status = 0;     ///< of exit
    std::string said;   ///< what it wrote to standard error before it served calls; else empty
    std::string fault;  ///< why it was ended; empty where it has ended by itself

    /// What has happened, as a part of a sentence: "process 2 (pid 71) was ended by signal 9 (Killed)".
    std::string text(process_index who) const;
};

/// What a channel tells its owner of.
class channel_events {
  public:
    /// A message has come. Its bytes lie where the sender has written them, and are its own again at return. One thread
    /// at a time.
    virtual void received(process_index from, std::span<std::byte const> message) noexcept = 0;
    /// A process has ended. All that it has sent was received before. By the thread that sleeps.
    virtual void lost(process_index who, process_end const& how) noexcept = 0;

  protected:
    ~channel_events() = default;
};

/// How long a thread goes on polling while nothing comes.
class poll_patience {
  public:
    /// Called between two looks. False, and from then on: the thread has something else to do.
    virtual bool goes_on() noexcept = 0;

  protected:
    ~poll_patience() = default;
};

class byte_channel {
  public:
    virtual ~byte_channel() = default;

    virtual process_index self() const noexcept = 0;
    virtual std::size_t longest_message() const noexcept = 0;

    /// Sends a message of two parts to a process, in the order of the calls. False if there is no room for it now: then
    /// `sleep` returns when there is. A message for a process that has ended is dropped. **Threads** any, one at a
    /// time. **Blocks** never.
    virtual bool try_send(process_index to, std::span<std::byte const> head,
                          std::span<std::byte const> body) noexcept = 0;

    /// Takes out the messages that have come, if no other thread does so now. Returns whether there were any.
    /// **Threads** any.
    virtual bool poll(channel_events& events) noexcept = 0;
    /// Polls until something has come or the patience is over: meanwhile no sender rings for this process. Returns at
    /// once if another thread polls. **Threads** any.
    virtual bool poll_while(channel_events& events, poll_patience& patience) noexcept {
        (void)patience;
        return poll(events);
    }

    /// Waits until a message may have come, a process has ended, there is room again, or `wake` was called. Then polls.
    /// **Threads** one, always the same.
    virtual void sleep(channel_events& events, int milliseconds = -1) noexcept = 0;
    /// **Threads** any.
    virtual void wake() noexcept = 0;
};

/// The channel of a driver, process 0, and what becomes of its worker processes.
class driver_channel : public byte_channel {
  public:
    /// A worker process comes into the seat with that number, from 0 on. **Threads** the one that sleeps, or any before
    /// it does. **Throws** std::runtime_error, std::bad_alloc.
    virtual process_index start(std::size_t seat) = 0;
    /// What `start` will return next. **Threads** the one that sleeps.
    virtual process_index next_index() const noexcept = 0;
    /// Ends a process at once: it is lost for the reason `fault`. **Threads** the one that sleeps, and within
    /// `received`.
    virtual void kill(process_index who, char const* fault) noexcept = 0;
    /// Ends all. **Threads** the one that sleeps.
    virtual void kill_all(char const* fault) noexcept = 0;
    /// Whether a process that has ended is replaced, and `begun` is known while it lives.
    virtual bool replaces() const noexcept = 0;
    /// How many processes have not ended. **Threads** the one that sleeps.
    virtual std::size_t alive() const noexcept = 0;
    /// Of a process of this machine; else 0. **Threads** any.
    virtual long pid(process_index who) noexcept = 0;
    /// The call that a process has begun last in a place. **Threads** the one that sleeps, also within
    /// `channel_events::lost`.
    virtual std::uint64_t begun(process_index who, std::size_t place) noexcept = 0;
};

/// The channel of a worker process.
class service_channel : public byte_channel {
  public:
    /// The process is about to serve calls.
    virtual void serves() noexcept {}
    /// A call begins in a place, see `driver_channel::begun`. **Threads** any.
    virtual void begin(std::uint64_t place, std::uint64_t call) noexcept {
        (void)place;
        (void)call;
    }
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/byte_channel.ipp>
#endif
