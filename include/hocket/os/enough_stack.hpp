// SPDX-License-Identifier: MIT
// Runs work that needs much stack and is done once: reading the machine, planning a pool. A thread with a small stack
// lets a helper thread do it. Called where machines are read and pools are made.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/os_thread.hpp>

#include <pthread.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The stack that hwloc, the C library's files and the planning need, with a margin for instrumented builds.
inline constexpr std::size_t enough_stack = std::size_t{256} * 1024;

/// Returns whether the calling thread has this much stack left. Returns false on a stack that the system does not know,
/// as coroutine libraries make them. Returns true where the system does not tell.
[[gnu::cold]] bool has_enough_stack() noexcept;

/// Returns `f()`. Another thread calls it if the stack of the calling thread is small. Where the system refuses to
/// start a thread, the calling thread calls it all the same. **Throws** what `f` throws.
template<class F>
HOCKET_COLD auto with_enough_stack(F const& f) -> decltype(f()) {
    if (has_enough_stack()) return f();
    struct call {
        F const& function;
        std::optional<decltype(f())> result;
        std::exception_ptr error;
    } work{f, std::nullopt, nullptr};
    os_thread helper;
    bool const started = helper.start(
        [](void* argument) -> void* {
            auto& self = *static_cast<call*>(argument);
            try {
                self.result.emplace(self.function());
            } catch (...) {
                self.error = std::current_exception();
            }
            return nullptr;
        },
        &work, 2 * enough_stack);
    if (!started) return f();
    helper.join();
    if (work.error != nullptr) std::rethrow_exception(std::move(work.error));
    return *std::move(work.result);
}

} // namespace hocket::inline HOCKET_ABI::detail

#if HOCKET_BODIES
#include <hocket/os/enough_stack.ipp>
#endif
