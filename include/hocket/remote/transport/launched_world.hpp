// SPDX-License-Identifier: MIT
// What the session needs of an engine whose processes a launcher starts. Such an engine is an optional
// component: its header registers how a process joins the others, in each program that includes it. Called by the
// session.
#pragma once

#include <hocket/remote/transport/byte_channel.hpp>

#include <array>
#include <atomic>
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

/// What a process tells the others when it joins them.
struct rank_facts {
    std::uint64_t fingerprint = 0;      ///< of its code
    std::array<char, 48> build{};       ///< of its program, for messages
    std::array<char, 64> machine{};     ///< the name of its host, for messages
    std::uint32_t node_rank = 0;        ///< among the processes of its machine
    std::uint32_t first_of_machine = 0; ///< the lowest rank there
    bool is_bound = false;              ///< the launcher has bound it to a part of what the machine gives
    pu_set pus;                         ///< where it may run
};

/// The processes that a launcher has started; this one is one of them.
class launched_world {
  public:
    /// Leaves, if `leave` was not called.
    virtual ~launched_world() = default;

    virtual process_index rank() const noexcept = 0;
    virtual std::size_t size() const noexcept = 0;
    virtual process_index first_of_machine() const noexcept = 0;
    virtual std::size_t node_rank() const noexcept = 0;

    /// What each process tells, in the order of the ranks. **Blocks** until all have called it. Not once there is a
    /// channel.
    virtual std::vector<rank_facts> exchange(rank_facts const& mine) = 0;
    /// For rank 0.
    virtual std::unique_ptr<driver_channel> drive() = 0;
    /// For another rank; the channel lives as long as the world.
    virtual service_channel& serve() = 0;
    /// Ends what this process has to do with the others. **Blocks** until they do the same. Messages that are sent
    /// later are dropped.
    virtual void leave() noexcept = 0;
    /// Ends all processes.
    [[noreturn]] virtual void abort(char const* why) noexcept = 0;
};

/// Writers: initialisers of the optional component. Reader: the session. Null in programs without it.
inline constinit std::atomic<std::unique_ptr<launched_world> (*)()> join_world{nullptr};

/// What this process tells the others.
rank_facts own_facts();

/// **Throws** std::runtime_error, in each process alike, if they are not all the same program.
void check_same_program(std::vector<rank_facts> const& all);

/// Binds the calling thread to this process's share of the cores of its machine. Returns how many threads are to run
/// there. Cores that a launcher keeps a rank from are used, unless it gives them to no rank: Slurm does so with those
/// of other jobs.
std::size_t take_share_of_cores(std::vector<rank_facts> const& all, process_index self);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/launched_world.ipp>
#endif
