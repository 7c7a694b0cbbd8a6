// SPDX-License-Identifier: MIT
// The interface of an engine: it carries bytes between processes, sleeps until bytes come, and reports lost processes.
// Calls, actors and refs are defined above it. Called by the node and by worker processes.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// The number of a process. The driver is 0. A number is never reused.
using process_index = std::uint32_t;

/// How a process has ended.
struct process_end {
    long pid = 0;
    bool known = false; ///< false if the program has taken the status itself
    int signal = 0;     ///< the signal that killed it; 0: it called exit
    int status = 0;     ///< exit status
    bool oom = false;   ///< the kernel killed it for lack of memory
    std::string said;   ///< its output to standard error before it served calls; else empty
    std::string fault;  ///< why the driver killed it; empty if it ended by itself

    /// Returns what has happened as a part of a sentence: "process 2 (pid 71) was ended by signal 9 (Killed)".
    std::string text(process_index who) const;
};

/// The events that a channel reports to its owner.
class channel_events {
  public:
    /// Handles a message that has come. The bytes stay where the sender has written them, and the sender may reuse them
    /// after the return. Called by one thread at a time.
    virtual void received(process_index from, std::span<std::byte const> message) noexcept = 0;
    /// Handles the end of a process. All of its messages were received before. Called by the thread that sleeps.
    virtual void lost(process_index who, process_end const& how) noexcept = 0;

  protected:
    ~channel_events() = default;
};

/// Decides how long a thread keeps polling while nothing comes.
class poll_patience {
  public:
    /// Returns whether to continue. Called between two polls. After it has returned false, it returns false forever:
    /// the thread has other work.
    virtual bool goes_on() noexcept = 0;

  protected:
    ~poll_patience() = default;
};

class byte_channel {
  public:
    virtual ~byte_channel() = default;

    virtual process_index self() const noexcept = 0;
    virtual std::size_t longest_message() const noexcept = 0;

    /// Sends a message of two parts to a process, in the order of the calls. Returns false if there is no room for it
    /// now; `sleep` then returns when there is room. Drops a message for a process that has ended. **Threads** any, one
    /// at a time. **Blocks** never.
    virtual bool try_send(process_index to, std::span<std::byte const> head,
                          std::span<std::byte const> body) noexcept = 0;

    /// Takes out the messages that have come, unless another thread does so now. Returns whether there were any.
    /// **Threads** any.
    virtual bool poll(channel_events& events) noexcept = 0;
    /// Polls until something has come or the patience has run out. Senders do not ring for this process meanwhile.
    /// Returns at once if another thread polls. **Threads** any.
    virtual bool poll_while(channel_events& events, poll_patience& patience) noexcept {
        (void)patience;
        return poll(events);
    }

    /// Waits until a message may have come, a process has ended, there is room again, or `wake` was called. Then polls.
    /// **Threads** one, always the same.
    virtual void sleep(channel_events& events, int milliseconds = -1) noexcept = 0;
    /// Makes `sleep` return. **Threads** any.
    virtual void wake() noexcept = 0;
};

/// The channel of a driver, process 0. It also starts, kills and watches the worker processes.
class driver_channel : public byte_channel {
  public:
    /// Starts a worker process in the process slot `slot`, counted from 0. **Threads** the thread that sleeps, or any
    /// thread before it sleeps. **Throws** std::runtime_error, std::bad_alloc.
    virtual process_index start(std::size_t slot) = 0;
    /// Returns the next result of `start`. **Threads** the thread that sleeps.
    virtual process_index next_index() const noexcept = 0;
    /// Kills a process at once; its loss is reported with the reason `fault`. **Threads** the thread that sleeps, also
    /// within `received`.
    virtual void kill(process_index who, char const* fault) noexcept = 0;
    /// Kills all processes. **Threads** the thread that sleeps.
    virtual void kill_all(char const* fault) noexcept = 0;
    /// Whether a process that has ended is replaced, and `begun` is known while a process lives.
    virtual bool replaces() const noexcept = 0;
    /// Returns the number of processes that have not ended. **Threads** the thread that sleeps.
    virtual std::size_t alive() const noexcept = 0;
    /// Returns the pid of a process of this machine, else 0. **Threads** any.
    virtual long pid(process_index who) noexcept = 0;
    /// Returns the call that a process began most recently in the call slot `place`. **Threads** the thread that
    /// sleeps, also within `channel_events::lost`.
    virtual std::uint64_t begun(process_index who, std::size_t place) noexcept = 0;
};

/// The channel of a worker process.
class service_channel : public byte_channel {
  public:
    /// Announces that the process is about to serve calls.
    virtual void serves() noexcept {}
    /// Records that a call begins in the call slot `place`; see `driver_channel::begun`. **Threads** any.
    virtual void begin(std::uint64_t place, std::uint64_t call) noexcept {
        (void)place;
        (void)call;
    }
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/byte_channel.ipp>
#endif
