// SPDX-License-Identifier: MIT
// The threads of a simulated machine as the operating system sees them: each has a stack and thread-local variables of
// its own, and one of them runs at a time. Called by the machine alone.
//
// On x86-64, a switch takes about 20 ns: all run in one thread of the system, and each owns another one that sleeps and
// only lends its thread-local variables. A switch loads the address of those (the FS base) and the stack pointer.
// Elsewhere, and under sanitizers, each is a thread of the system, and a switch passes on a baton.
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace hocket::sim {

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define HOCKET_SIM_SWITCHES_STACKS 1
#endif
#else
#define HOCKET_SIM_SWITCHES_STACKS 1
#endif
#endif

/// Whether threads lend their thread-local variables here. Linux says whether programs may load the FS base.
inline bool switches_stacks() noexcept {
#if HOCKET_SIM_SWITCHES_STACKS
    constexpr unsigned long may_load_fs_base = 1 << 1;
    static bool const allowed = (getauxval(AT_HWCAP2) & may_load_fs_base) != 0;
    return allowed;
#else
    return false;
#endif
}

#if HOCKET_SIM_SWITCHES_STACKS
/// Saves what a call must preserve, leaves this stack at `*from` and goes on at `to`. The modes of floating-point
/// operations belong to the thread, too.
[[gnu::naked, gnu::noinline]] inline void switch_stacks(void** /*from*/, void* /*to*/) {
    asm("pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15\n\t"
        "subq $8, %rsp; stmxcsr (%rsp); fnstcw 4(%rsp)\n\t"
        "movq %rsp, (%rdi); movq %rsi, %rsp\n\t"
        "ldmxcsr (%rsp); fldcw 4(%rsp); addq $8, %rsp\n\t"
        "popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp; ret");
}

/// Returns the modes as `switch_stacks` saves them. A new thread begins with those of its maker.
inline std::uint64_t fp_modes() noexcept {
    std::uint32_t vectors = 0;
    std::uint16_t stack = 0;
    asm volatile("stmxcsr %0; fnstcw %1" : "=m"(vectors), "=m"(stack));
    return vectors | std::uint64_t{stack} << 32;
}
#endif

class host_thread {
  public:
    host_thread() noexcept {
        sem_init(&begun_, 0, 0);
        sem_init(&turn_, 0, 0);
        sem_init(&over_, 0, 0);
        sem_init(&paused_, 0, 0);
    }
    ~host_thread() {
        sem_destroy(&begun_);
        sem_destroy(&turn_);
        sem_destroy(&over_);
        sem_destroy(&paused_);
    }
    host_thread(host_thread const&) = delete;
    host_thread& operator=(host_thread const&) = delete;

    /// Makes this object the calling thread.
    void adopt() noexcept { read_fs_base(); }

    /// Prepares a thread that runs `body` at the first switch to it. Returns false if the system refuses. `body` ends
    /// with `leave`.
    bool start(void (*body)()) noexcept {
        body_ = body;
        if (switches_stacks() && !make_stack()) return false;
        if (pthread_create(
                &thread_, nullptr, [](void* its) { return static_cast<host_thread*>(its)->live(); }, this) != 0)
            return false;
        wait(begun_);
        return true;
    }

    /// Lets `to` run, which may be this one, until another one switches back.
    void switch_to(host_thread& to) noexcept {
        if (&to == this) return;
#if HOCKET_SIM_SWITCHES_STACKS
        if (switches_stacks()) {
            asm volatile("wrfsbase %0" : : "r"(to.fs_base_) : "memory");
            switch_stacks(&stack_pointer_, to.stack_pointer_);
            return;
        }
#endif
        sem_post(&to.turn_);
        wait(turn_);
    }
    /// Lets `to` run, and this one never again: where threads hand on a baton, it returns only to end the thread.
    void leave(host_thread& to) noexcept {
        if (switches_stacks())
            switch_to(to);
        else
            sem_post(&to.turn_);
    }
    /// Destroys the thread-local variables of a thread that has left, in that thread. Returns false if a destructor
    /// waits for another thread: then others must run before the next call goes on.
    bool join() noexcept {
        ending_ = this;
        sem_post(&over_);
        wait(paused_);
        ending_ = nullptr;
        if (!destroyed_) return false;
        pthread_join(thread_, nullptr);
        if (stack_ != nullptr) munmap(stack_, stack_size);
        return true;
    }
    /// Lets others run while a destructor waits for one of them. Returns false outside of a destructor.
    static bool pause() noexcept {
        if (ending_ == nullptr) return false;
        host_thread& me = *ending_;
        sem_post(&me.paused_);
        wait(me.over_);
        return true;
    }

  private:
    static constexpr std::size_t stack_size = std::size_t{1} << 20;
    static constexpr std::size_t guard_size = std::size_t{1} << 14;

    static void wait(sem_t& word) noexcept {
        while (sem_wait(&word) != 0) {
        }
    }
    void read_fs_base() noexcept {
#if HOCKET_SIM_SWITCHES_STACKS
        if (switches_stacks()) asm volatile("rdfsbase %0" : "=r"(fs_base_));
#endif
    }
    void* live() noexcept {
        read_fs_base();
        pthread_setspecific(last_key(), this);
        sem_post(&begun_);
        if (!switches_stacks()) {
            wait(turn_);
            body_();
        }
        wait(over_);
        return nullptr;
    }
    /// Values of keys are destroyed after thread-local variables.
    static pthread_key_t last_key() noexcept {
        static pthread_key_t const key = [] {
            pthread_key_t made{};
            if (pthread_key_create(&made, [](void* its) { static_cast<host_thread*>(its)->end(); }) != 0) std::abort();
            return made;
        }();
        return key;
    }
    void end() noexcept {
        destroyed_ = true;
        sem_post(&paused_);
    }
    bool make_stack() noexcept {
        constexpr int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void* const memory = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, how, -1, 0);
        if (memory == MAP_FAILED) return false;
        stack_ = memory;
        (void)mprotect(stack_, guard_size, PROT_NONE);
        auto* top = reinterpret_cast<void**>(static_cast<char*>(stack_) + stack_size);
        *--top = nullptr; // where `body` would return to; keeps the alignment of a call
        *--top = reinterpret_cast<void*>(body_);
        for (int saved = 0; saved < 6; ++saved) *--top = nullptr;
#if HOCKET_SIM_SWITCHES_STACKS
        *--top = reinterpret_cast<void*>(fp_modes());
#endif
        stack_pointer_ = top;
        return true;
    }

    void (*body_)() = nullptr;
    void* stack_ = nullptr;
    void* stack_pointer_ = nullptr;
    unsigned long fs_base_ = 0;
    pthread_t thread_{};
    sem_t begun_;  // posted by the thread once it exists
    sem_t turn_;   // posted by the thread that passes on the baton
    sem_t over_;   // posted when the thread may end, or goes on with that
    sem_t paused_; // posted by the thread once it has ended, or waits for another one
    bool destroyed_ = false;
    static inline constinit host_thread* ending_ = nullptr; // the thread whose thread-local variables are destroyed
};

} // namespace hocket::sim
