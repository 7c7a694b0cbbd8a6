// SPDX-License-Identifier: MIT
// How calls in other processes finish: which object is notified, and which thread notifies it. Called by the node.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <exception>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Is notified when a call has finished: any thread calls one of the two functions, once.
class call_completion {
  public:
    /// Handles the bytes of the result of a call that has returned.
    virtual void done(std::vector<std::byte> result) noexcept = 0;
    virtual void failed(std::exception_ptr error) noexcept = 0;

  protected:
    ~call_completion() = default;
};

/// A call that has finished, and whose completion was not called yet.
struct finished_call {
    call_completion* completion;
    std::vector<std::byte> bytes; // of the result or the error
    bool threw = false;
    std::exception_ptr error = {}; // replaces the bytes
};

/// Calls all completions in the calling thread, which holds no lock.
void complete_here(std::vector<finished_call>& ended) noexcept;

/// Calls all completions in threads of the default pool, which use the node meanwhile (`node_use`).
void complete_in_pool(std::vector<finished_call>& ended, void const* node) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/finished_call.ipp>
#endif
