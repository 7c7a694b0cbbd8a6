// SPDX-License-Identifier: MIT
// One call in its own process, without types. Called by process.
#pragma once

#include <hocket/remote/transport/outbox.hpp>
#include <hocket/remote/transport/processes.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/worker/process_slot.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns how the program was started. **Throws** std::logic_error if the program has no session.
program_start const& program_with_session();

/// Reads a result with shared memory, and writes it anew: with the addresses of this process, whose archive keeps the
/// memory. **Throws** what reading throws.
using take_memory = archive_writer (*)(std::vector<std::byte> const& result);

/// A process that runs one call. **Threads** one at a time.
class process_run final : channel_events {
  public:
    /// Starts the process, which calls the thunk `token`. Keeps the memory whose address is in the body until the
    /// process has ended. A process whose result is in shared memory ends after `take` has mapped the memory here.
    /// **Throws** std::runtime_error, std::bad_alloc.
    process_run(program_start const& how, std::uint64_t token, archive_writer&& call, take_memory take);
    process_run(process_run const&) = delete;
    process_run& operator=(process_run const&) = delete;
    /// Joins the process.
    ~process_run();

    long pid() const noexcept { return pid_; }
    /// Returns when the process has ended. **Blocks** until then. Within a pool, another thread works meanwhile.
    void join();
    void kill() noexcept;
    /// Whether the process has ended. Receives its messages so far.
    bool has_ended() noexcept;
    /// Returns the exit status, or the number of the signal as a negative number. Returns nothing while the process
    /// runs.
    std::optional<int> exit_code() noexcept;
    /// Joins the process. Returns the bytes of the result. **Throws** the exception of the call, or worker_lost if the
    /// process has ended without an answer.
    std::vector<std::byte> result();

  private:
    void received(process_index from, std::span<std::byte const> message) noexcept override;
    void lost(process_index who, process_end const& how) noexcept override;
    void step(int milliseconds) noexcept;

    processes channel_;
    outbox to_send_;
    archive_writer call_;
    take_memory const take_;
    std::vector<std::shared_ptr<void const>> memory_; // of the result
    process_slot slot_;
    process_slot::body answer_;
    frame_kind answered_ = frame_kind::hello; // no answer yet
    std::exception_ptr unread_;               // the result cannot be read
    std::optional<process_end> end_;
    long pid_ = 0;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/process_run.ipp>
#endif
