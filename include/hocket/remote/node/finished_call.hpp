// SPDX-License-Identifier: MIT
// How calls in other processes finish: which object is notified, and which thread notifies it. Called by the node.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Memory of a result that only the process of its call has, until it is opened here. One function is called, once.
class result_memory {
  public:
    virtual ~result_memory() = default;

    /// Handles that this process has opened the memory, or does not want it.
    virtual void opened() noexcept = 0;
    /// Handles an error of reading the result. Returns the error of the call, or null if the call is made again: then
    /// its completion is notified later, and may be gone already.
    virtual std::exception_ptr failed(std::exception_ptr error) noexcept = 0;
};

/// Is notified when a call has finished: any thread calls one of the functions, once.
class call_completion {
  public:
    /// Handles the bytes of the result of a call that has returned.
    virtual void done(std::vector<std::byte> result) noexcept = 0;
    /// Handles a result that refers to memory of the process of the call.
    virtual void done_with_memory(std::vector<std::byte> result, std::shared_ptr<result_memory> memory) noexcept {
        memory->opened();
        done(std::move(result));
    }
    virtual void failed(std::exception_ptr error) noexcept = 0;

  protected:
    ~call_completion() = default;
};

/// A call that has finished, and whose completion was not called yet.
struct finished_call {
    call_completion* completion;
    std::vector<std::byte> bytes; // of the result or the error
    bool threw = false;
    std::exception_ptr error = {};                        // replaces the bytes
    std::shared_ptr<result_memory> memory{};              // of the result, or null
    std::vector<std::shared_ptr<void const>> arguments{}; // memory that the call has kept
};

/// Calls all completions in the calling thread, which holds no lock.
void complete_here(std::vector<finished_call>& ended) noexcept;

/// Calls all completions in threads of the default pool, which use the node meanwhile (`node_use`).
void complete_in_pool(std::vector<finished_call>& ended, void const* node) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/finished_call.ipp>
#endif
