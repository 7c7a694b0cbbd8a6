// SPDX-License-Identifier: MIT
// Fibers: the threads of a scenario all run on one thread of the system, and switch only where the checker says so. A
// fiber starts with ucontext and then jumps, which costs a few nanoseconds and no system call. Test support only.
#pragma once
#ifdef _FORTIFY_SOURCE
#undef _FORTIFY_SOURCE // its checked longjmp refuses to go to another stack
#endif
#include <csetjmp>
#include <cstddef>
#include <memory>

#include <ucontext.h>

namespace model {

struct fiber {
    static constexpr std::size_t stack_bytes = 256 * 1024;

    std::unique_ptr<char[]> stack;
    ucontext_t context{};
    jmp_buf resume_at{};
    jmp_buf origin{};     // in the frame of its entry function, which never returns: where it begins anew
    bool entered = false; // origin is valid
    bool started = false; // `resume_at` is valid; false to begin anew, whatever the fiber was doing
};

/// Continues `to`, or starts it with `entry` on its own stack; `entry` first sets the fiber's origin. Returns when
/// another fiber switches back to `from`.
inline void switch_fiber(fiber& from, fiber& to, void (*entry)()) {
    if (_setjmp(from.resume_at) != 0) return;
    if (!to.started) {
        to.started = true;
        if (to.entered) _longjmp(to.origin, 1);
        to.stack.reset(new char[fiber::stack_bytes]);
        getcontext(&to.context);
        to.context.uc_stack.ss_sp = to.stack.get();
        to.context.uc_stack.ss_size = fiber::stack_bytes;
        to.context.uc_link = nullptr;
        makecontext(&to.context, entry, 0);
        setcontext(&to.context);
    }
    _longjmp(to.resume_at, 1);
}

} // namespace model
