// SPDX-License-Identifier: MIT
// The interface between the session and an engine whose processes a launcher starts. Such an engine is an optional
// component. Its header registers in each program how a process joins the others. Called by the session.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/remote/transport/byte_channel.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// A set of PUs. Plain bytes, which processes exchange.
struct pu_set {
    static constexpr unsigned most = 4096;

    std::array<std::uint64_t, most / 64> words{};

    void add(unsigned pu) noexcept {
        if (pu < most) words[pu / 64] |= std::uint64_t{1} << (pu % 64);
    }
    bool has(unsigned pu) const noexcept { return pu < most && (words[pu / 64] >> (pu % 64) & 1U) != 0; }
    bool operator==(pu_set const&) const noexcept = default;
};

/// The facts that a process tells the others when it joins them.
struct rank_facts {
    std::uint64_t fingerprint = 0;      ///< fingerprint of its code
    std::array<char, 48> build{};       ///< build id of its program, for messages
    std::array<char, 64> machine{};     ///< host name, for messages
    std::uint32_t node_rank = 0;        ///< rank among the processes of its machine
    std::uint32_t first_of_machine = 0; ///< lowest rank of its machine
    std::uint64_t namespaces = 0;       ///< identity of its user and process namespaces
    bool is_bound = false;              ///< the launcher has bound it to a part of the machine
    pu_set pus;                         ///< PUs on which it may run
};

/// The processes that a launcher has started, this process included.
class launched_world {
  public:
    /// Leaves unless `leave` was called.
    virtual ~launched_world() = default;

    virtual process_index rank() const noexcept = 0;
    virtual std::size_t size() const noexcept = 0;
    virtual process_index first_of_machine() const noexcept = 0;
    virtual std::size_t node_rank() const noexcept = 0;

    /// Exchanges facts with all processes. Returns them in the order of the ranks. **Blocks** until all processes have
    /// called it. Never called once there is a channel.
    virtual std::vector<rank_facts> exchange(rank_facts const& mine) = 0;
    /// Returns the channel of rank 0.
    virtual std::unique_ptr<driver_channel> drive() = 0;
    /// Returns the channel of another rank. The channel lives as long as the world.
    virtual service_channel& serve() = 0;
    /// Ends the communication of this process with the others. **Blocks** until the others do the same. Later messages
    /// are dropped.
    virtual void leave() noexcept = 0;
    /// Ends all processes at once.
    [[noreturn]] virtual void abort(char const* why) noexcept = 0;
};

/// Writers: initialisers of the optional component. Reader: the session. Joins the other processes; null in programs
/// without the component.
inline constinit atomic<std::unique_ptr<launched_world> (*)()> join_world{nullptr};

/// Returns the facts about this process.
rank_facts own_facts();

/// Checks that all processes run the same program. **Throws** std::runtime_error in every process if they do not.
void check_same_program(std::vector<rank_facts> const& all);

/// Finds out whether processes of one machine may open each other's descriptors. If they are in different namespaces,
/// the system refuses, and they pass the descriptors.
void choose_way_of_fds(std::vector<rank_facts> const& all, process_index self);

/// Binds the calling thread to this process's share of the cores of its machine. Returns the number of threads for the
/// share. Cores from which a launcher excludes a rank are used too, unless the launcher gives them to no rank. Slurm
/// does that with the cores of other jobs.
std::size_t take_share_of_cores(std::vector<rank_facts> const& all, process_index self);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/launched_world.ipp>
#endif
