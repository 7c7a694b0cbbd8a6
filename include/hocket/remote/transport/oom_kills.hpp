// SPDX-License-Identifier: MIT
// The number of processes that the kernel has killed for lack of memory, as the control group of this process counts
// them. Called by the engine `processes`, to say why a worker process has ended.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdint>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

/// The counter `oom_kill` of a control group. The kernel counts before it kills, so a reader that has learned of the
/// death sees the new number. **Threads** one at a time.
class oom_kills {
  public:
    /// Finds the counter of the group of this process, which its worker processes share, and reads it. All paths are
    /// taken below the folder `root`: tests bring their own /proc and /sys.
    explicit oom_kills(std::string const& root = "");

    /// Returns whether the counter has a kill for a process that was killed: each new kill explains one death. False if
    /// there is no counter.
    bool explains_a_death() noexcept;

  private:
    /// Returns the number in the file, or 0.
    std::uint64_t read() const noexcept;

    std::string file_; // empty: none
    std::uint64_t seen_ = 0;
    std::uint64_t unexplained_ = 0; // new kills that have explained no death
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/oom_kills.ipp>
#endif
