// SPDX-License-Identifier: MIT
// The last resort of an idle thread: it publishes the tasks that a busy thread has pushed and cannot publish itself,
// since it runs a long callable. Called before a thread sleeps, through scheduler::publish_for_busy. The proof is in
// fork_join/README.md.
#pragma once

#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/worker.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

class late_publication {
  public:
    /// Makes the owner of a task stack look at its next push or pop. Returns whether there is an owner.
    [[gnu::cold]] static bool stop_owner(worker& owner) noexcept;

    /// Publishes tasks of that stack, at most `most`. The caller has passed a heavy fence since `stop_owner`. Returns
    /// how many; one also if the owner was at work there all the time, so that the caller is to look again.
    [[gnu::cold]] static std::uint32_t publish(worker& owner, std::uint32_t most) noexcept;

  private:
    static std::uint32_t publish_claimed(worker& owner, steal_request const& words, std::uint32_t most) noexcept;
};

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/sched/late_publication.ipp>
#endif
