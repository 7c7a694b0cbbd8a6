// SPDX-License-Identifier: MIT
// The engine `processes`: worker processes of this machine. Each shares memory with its driver. The driver sleeps until
// a worker process rings or ends. Called by the node of the driver.
#pragma once

#include <hocket/machine/machine.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/transport/oom_kills.hpp>
#include <hocket/remote/transport/program_start.hpp>
#include <hocket/remote/worker/worker_link.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The properties of worker processes.
struct worker_plan {
    std::size_t workers = 1;         ///< number of worker processes at a time
    bool shares_cores = true;        ///< each has its share of the cores; else each may use all
    bool ends_with_its_call = false; ///< a process ends when told so, once all calls are answered, without limit
    std::size_t ring_bytes = 256 * 1024;
    std::size_t most_bytes = 256 * 1024 * 1024; ///< limit for unfinished calls; beyond it, callers wait
    bool checks = false;                        ///< messages have checksums
    std::size_t most_tasks = 0;                 ///< a process is replaced after this many tasks; 0: never
};

/// The channel of a driver to worker processes of this machine.
class processes final : public driver_channel {
  public:
    /// Starts no process yet. **Throws** std::runtime_error.
    processes(program_start const& how, worker_plan const& plan);
    processes(processes const&) = delete;
    processes& operator=(processes const&) = delete;
    /// Kills the remaining processes, and takes their status.
    ~processes() override;

    /// Starts another process in the process slot `slot`, with the slot's share of the cores.
    process_index start(std::size_t slot) override;
    process_index next_index() const noexcept override { return last_index_ + 1; }
    void kill(process_index who, char const* fault) noexcept override;
    void kill_all(char const* fault) noexcept override;
    bool replaces() const noexcept override { return true; }
    std::size_t alive() const noexcept override { return links_.size(); }
    long pid(process_index who) noexcept override;
    std::uint64_t begun(process_index who, std::size_t place) noexcept override;

    process_index self() const noexcept override { return 0; }
    std::size_t longest_message() const noexcept override { return ring_format::longest_message(plan_.ring_bytes); }
    bool try_send(process_index to, std::span<std::byte const> head, std::span<std::byte const> body) noexcept override;
    bool poll(channel_events& events) noexcept override { return poll_for(events, nullptr); }
    bool poll_while(channel_events& events, poll_patience& patience) noexcept override {
        return poll_for(events, &patience);
    }
    void sleep(channel_events& events, int milliseconds = -1) noexcept override;
    void wake() noexcept override { ring_event(own_bell_.get()); }

  private:
    struct link {
        link(std::size_t ring_bytes);

        process_index index = 0;
        link_memory memory;
        ring_writer out;
        ring_reader in;
        started_process process{};
        owned_fd bell;   // bell of the worker process
        owned_fd errors; // its standard error until it serves calls
        std::string said;
        std::string fault;
        bool serves = false; // has sent a message
        bool broken = false; // has sent an invalid message
    };

    doorbell& bell() const noexcept { return reinterpret_cast<driver_page*>(driver_.data())->bell; }
    link* find(process_index who) noexcept;
    bool poll_for(channel_events& events, poll_patience* patience) noexcept;
    void settle(link& fresh, std::size_t slot) const;
    void take_all(link& from, channel_events& events, bool& any) noexcept;
    void forward_errors(link& from) noexcept;
    void lose(std::size_t at, exit_report const& report, channel_events& events) noexcept;

    program_start const& how_;
    worker_plan const plan_;
    shared_block driver_;
    owned_fd own_bell_, own_pid_;
    oom_kills oom_kills_;          // used by the thread that sleeps
    process_index last_index_ = 0; // writer: the thread that sleeps, under the mutex
    /// Writers: the thread that sleeps, which then has both the mutex and the role of polling. Readers: threads that
    /// have the mutex or the role.
    std::vector<std::unique_ptr<link>> links_;
    os_mutex mutex_; // held by senders
    poll_role polling_;
};

/// The cores of this machine that a process may use, and the number of its threads.
struct core_share {
    std::vector<unsigned> pus;
    std::size_t threads;
};
/// Returns share number `slot` of `shares`. If there are at least as many cores as shares, no two shares overlap.
core_share share_of_cores(topology const& on, std::size_t slot, std::size_t shares);

/// Returns the default number of worker processes: one for each core, at most as many as the CPU quota grants.
std::size_t usual_processes(topology const& on = machine());

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/processes.ipp>
#endif
