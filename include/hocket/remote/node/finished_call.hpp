// SPDX-License-Identifier: MIT
// How calls end that ran in other processes: who hears of it, and which thread tells. Called by the node.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <exception>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Hears how a call has ended: one of the two functions is called, once, by any thread.
class call_completion {
  public:
    /// The call has returned: the bytes of its result.
    virtual void done(std::vector<std::byte> result) noexcept = 0;
    virtual void failed(std::exception_ptr error) noexcept = 0;

  protected:
    ~call_completion() = default;
};

/// A call that has ended, and whose completion has not been called yet.
struct finished_call {
    call_completion* completion;
    std::vector<std::byte> bytes; // of the result, or of the error
    bool threw = false;
    std::exception_ptr error = {}; // in place of bytes
};

/// The calling thread tells of all. It holds no lock.
void complete_here(std::vector<finished_call>& ended) noexcept;

/// Threads of the default pool tell of all, and use the node meanwhile (`node_use`).
void complete_in_pool(std::vector<finished_call>& ended, void const* node) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/finished_call.ipp>
#endif
