// SPDX-License-Identifier: MIT
// The bodies that a thread calls for a token of a pipeline: the operation to which they belong, and the floating-point
// mode in which they run. Used by pipeline_run.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The bodies that one thread calls one after the other. The operation may end before the sequence does, but not before
/// the last body has returned.
class body_sequence {
  public:
    /// The calling thread is in this mode, or in the default mode as `run_item` has left it.
    body_sequence(stop_link const& operation, fp_mode mode) noexcept : mode_(mode), scope_(&operation) {
        if (!mode_.is_default()) mode_.set();
    }

    /// Lives while a body is called. The body runs in the mode of the sequence, whatever mode the previous body has
    /// left behind; the caller of the sequence ends what the last body has left. To read the mode takes longer than all
    /// else here, so each body but the first one does it once.
    class body {
      public:
        HOCKET_ALWAYS_INLINE explicit body(body_sequence& all) noexcept {
            if (!std::exchange(all.begun_, true)) return;
            all.mode_.set();
            all.scope_.begin_next();
        }
        HOCKET_ALWAYS_INLINE ~body() { stop_scope::forget_listeners(); }
        body(body const&) = delete;
        body& operator=(body const&) = delete;
    };

  private:
    fp_mode const mode_;
    stop_scope scope_;
    bool begun_ = false; // the first body
};

} // namespace hocket::detail
