// SPDX-License-Identifier: MIT
// What needs much stack and is done once: reading the machine, planning a pool. A thread with a small stack has it done
// by a helper thread. Floor machine; called where machines are read and pools are made.
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

/// What hwloc, the C library's files and the planning need, with a margin for builds that watch the program.
inline constexpr std::size_t enough_stack = std::size_t{256} * 1024;

/// Whether so much is left of the calling thread's stack. No where it runs on a stack that the system does not know, as
/// coroutine libraries make them. Yes where the system does not tell.
[[gnu::cold]] bool has_enough_stack() noexcept;

/// Returns `f()`, which another thread has called if the stack of the calling one is small; where the system refuses to
/// start one, the calling thread calls it nevertheless. **Throws** what `f` throws.
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
