// SPDX-License-Identifier: MIT
// The beginning of a worker process: whether this process is one, and what it has inherited. Called by the session.
// Also the channel of a worker process to its driver.
#pragma once

#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/worker/worker_link.hpp>

#include <memory>
#include <optional>

namespace hocket::inline HOCKET_ABI::detail {

/// The inherited descriptors and memory of a worker process.
struct worker_role {
    link_memory link;
    shared_block driver;
    owned_fd own_bell, driver_bell, driver_pid, standard_error;
};

/// Takes the role of this process out of the environment. Returns nothing if no driver has started the process. Ends
/// the process if its driver has ended, or if it does not receive what the driver passes. **Throws** std::runtime_error
/// if the variable of the role has another meaning.
std::optional<worker_role> take_worker_role();

/// Ends a worker process that cannot begin, so that it does not run the rest of main. Its driver reports the text.
[[noreturn]] void fail_to_begin(char const* text) noexcept;

/// Sets up a worker process: its signals, its cores, its output.
void settle_worker(worker_role const& role) noexcept;

/// Redirects further errors to the standard error of the driver.
void end_early_errors(worker_role& role) noexcept;

class worker_channel final : public service_channel {
  public:
    explicit worker_channel(worker_role& role) noexcept;

    process_index self() const noexcept override { return page_.index; }
    std::size_t longest_message() const noexcept override { return out_.longest(); }
    bool try_send(process_index to, std::span<std::byte const> head, std::span<std::byte const> body) noexcept override;
    bool poll(channel_events& events) noexcept override { return poll_for(events, nullptr); }
    bool poll_while(channel_events& events, poll_patience& patience) noexcept override {
        return poll_for(events, &patience);
    }
    void sleep(channel_events& events, int milliseconds = -1) noexcept override;
    void wake() noexcept override { ring_event(role_.own_bell.get()); }

    void serves() noexcept override { end_early_errors(role_); }
    void begin(std::uint64_t place, std::uint64_t call) noexcept override {
        if (place < link_page::most_places) page_.begun[place].store(call, std::memory_order_relaxed);
    }

  private:
    bool poll_for(channel_events& events, poll_patience* patience) noexcept;

    worker_role& role_;
    link_page& page_;
    ring_writer out_;
    ring_reader in_;
    poll_role polling_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/worker/worker_role.ipp>
#endif
