// SPDX-License-Identifier: MIT
// The bodies of the functions that session.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/os/os_condition.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/transport/engine.hpp>
#include <hocket/remote/transport/launched_world.hpp>
#include <hocket/remote/transport/tagged_output.hpp>
#include <hocket/remote/wire/announced_modules.hpp>
#include <hocket/remote/wire/code_token.hpp>
#include <hocket/remote/wire/own_place.hpp>
#include <hocket/remote/wire/throw_trace.hpp>
#include <hocket/remote/worker/worker_role.hpp>
#include <hocket/remote/worker/worker_service.hpp>
#include <hocket/sched/living_pools.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

/// Writer: the session. Readers: calls of `cluster()`. The node of the session, or null.
inline constinit atomic<node*> the_session_node{nullptr};
/// Writer: the session. Whether there is a session; stays true in a worker process.
inline constinit atomic<bool> has_session{false};

HOCKET_COLD HOCKET_INLINE node* node_of_session() {
    if (node* const found = the_session_node.load(std::memory_order_acquire)) return found; // <- session.node
    if (has_session.load(std::memory_order_relaxed)) return nullptr;
    engine_choice const choice = choose_engine();
    if (choice.kind != engine_kind::threads)
        throw std::logic_error("hocket: " + choice.asked_by +
                               ", and the program has no session: make hocket::session session(argc, argv); the first "
                               "statement of main");
    return nullptr;
}

HOCKET_INLINE node* session_node() noexcept {
    return the_session_node.load(std::memory_order_acquire); // <- session.node
}

HOCKET_COLD HOCKET_INLINE bool checks_remote() { return choose_engine().checks; }

HOCKET_INLINE process_index index_of_process() noexcept { return own_process_index.load(std::memory_order_relaxed); }

/// Checks the preconditions of a session. **Throws** std::logic_error.
HOCKET_COLD inline void check_session_comes_first() {
    char const* wrong = nullptr;
    if (has_session.load(std::memory_order_relaxed)) wrong = "there is one already";
    if (::syscall(SYS_gettid) != ::getpid()) wrong = "this is another thread";
    bool const has_pools = pools_of_process.with_one([](scheduler const&) { return true; });
    if (has_pools) wrong = "there is a pool already, made before it";
    if (wrong != nullptr)
        throw std::logic_error("hocket: a session is made once, by the first thread of a program, before anything of "
                               "hocket runs, as the first statement of main: " +
                               std::string(wrong));
}

/// Collects the answers of calls, one for each process.
class answers_of_all final : public call_completion {
  public:
    explicit answers_of_all(std::size_t count) noexcept : left_(count) {}
    virtual ~answers_of_all() = default;

    void done(std::vector<std::byte>) noexcept override { failed(nullptr); }
    void failed(std::exception_ptr error) noexcept override {
        std::lock_guard const lock(mutex_);
        if (error_ == nullptr) error_ = std::move(error);
        if (--left_ == 0) none_left_.notify_all(); // under the mutex, since this object may be gone afterwards
    }
    /// Waits for all answers. **Throws** the first error.
    void wait() {
        std::unique_lock lock(mutex_);
        none_left_.wait(lock, [this] { return left_ == 0; });
        if (error_ != nullptr) std::rethrow_exception(error_);
    }

  private:
    os_mutex mutex_; // guards all members below
    os_condition none_left_;
    std::size_t left_;
    std::exception_ptr error_;
};

/// Ends the process if it has not ended by itself in time.
HOCKET_COLD inline void watch_the_end(int& status) noexcept {
    os_thread watch;
    (void)watch.start(
        [](void* status_then) -> void* {
            sleep_for(1'500'000'000);
            std::fputs("hocket: a worker process did not exit within 1.5 s, and was terminated\n", stderr);
            ::_exit(*static_cast<int*>(status_then));
        },
        &status, 64 * 1024);
}

/// Sets the name of a worker process in `top`: the name of the program and its own number, "app/w3".
HOCKET_COLD inline void name_worker(process_index index) noexcept {
    char own[12], name[16];
    std::snprintf(own, sizeof own, "/w%u", index);
    std::snprintf(name, sizeof name, "%.*s%s", static_cast<int>(sizeof name - 1 - std::strlen(own)),
                  ::program_invocation_short_name, own);
    (void)::pthread_setname_np(::pthread_self(), name);
}

/// The life of a worker process.
[[noreturn]] HOCKET_COLD inline void be_worker(worker_role& role, int argc, char const* const* argv) {
    settle_worker(role);
    link_page const& page = role.link.page();
    if (page.fingerprint != code_fingerprint())
        throw std::runtime_error("hocket: a worker process runs different code from its driver: build " +
                                 program_build_id() + ", and the driver runs build " + page.build +
                                 ", or their libraries differ; set HOCKET_EXECUTABLE to the program");
    this_program = new program_start(argc, argv);
    has_session.store(true, std::memory_order_relaxed);
    own_process_index.store(page.index, std::memory_order_relaxed);
    usual_default_workers.store(page.threads, std::memory_order_relaxed);
    name_worker(page.index);
    tag_output(page.index);
    trace_throws();
    bool const ends_with_its_call = page.ends_with_its_call != 0;
    static worker_channel channel(role);
    // Never destroyed: its tasks may outlive the pool.
    worker_service& service = *new worker_service(channel, default_pool(), ends_with_its_call);
    service.serve();
    if (!service.stop_calls(1000)) { // a task ignores the stop
        flush_output();
        ::_exit(0);
    }
    bool const failed = ends_with_its_call && service.has_failed();
    static int status_then = 71;
    watch_the_end(status_then);
    delete the_default_pool.exchange(nullptr, std::memory_order_acq_rel); // <- default_pool.made
    delete &service;
    end_tags();
    std::exit(failed ? 1 : 0);
}

/// The processes that a launcher has started, this process included. Writer: the session.
inline constinit launched_world* the_world = nullptr;

/// Ends the session of a driver, also at exit, which does not destroy the locals of main.
HOCKET_COLD inline void leave_world() noexcept {
    delete the_session_node.exchange(nullptr, std::memory_order_acq_rel); // <- session.node
    delete std::exchange(the_world, nullptr);
}

/// The life of a process that a launcher has started, of rank 1 or above.
[[noreturn]] HOCKET_COLD inline void be_rank(launched_world& world, int argc, char const* const* argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    name_worker(world.rank());
    tag_output(world.rank());
    trace_throws();
    this_program = new program_start(argc, argv);
    has_session.store(true, std::memory_order_relaxed);
    own_process_index.store(world.rank(), std::memory_order_relaxed);
    worker_service& service = *new worker_service(world.serve(), default_pool());
    service.serve();
    bool const all_ended = service.stop_calls(1000);
    end_tags();
    std::fflush(stdout);
    world.leave(); // failures from here on do no harm to the job
    if (!all_ended) ::_exit(0);
    static int status_then = 0;
    watch_the_end(status_then);
    delete the_default_pool.exchange(nullptr, std::memory_order_acq_rel); // <- default_pool.made
    delete &service;
    std::exit(0);
}

/// Joins the other ranks. Returns only in rank 0.
HOCKET_COLD inline void join_ranks(engine_choice const& choice, int argc, char const* const* argv) {
    (void)code_fingerprint(); // counts the modules of the program before MPI loads its plugins
    std::unique_ptr<launched_world> world = join_world.load(std::memory_order_relaxed)();
    if (world->size() == 1 && choice.ranks > 1)
        throw std::runtime_error("hocket: " + choice.asked_by +
                                 ", but MPI finds one rank: the program and the launcher use different MPI libraries. "
                                 "HOCKET_ENGINE=threads lets each process work on its own");
    rank_facts mine = own_facts();
    mine.node_rank = static_cast<std::uint32_t>(world->node_rank());
    mine.first_of_machine = world->first_of_machine();
    std::vector<rank_facts> const all = world->exchange(mine);
    check_same_program(all);
    choose_way_of_fds(all, world->rank());
    try {
        std::size_t const threads = take_share_of_cores(all, world->rank());
        usual_default_workers.store(static_cast<std::uint32_t>(threads), std::memory_order_relaxed);
        if (world->rank() != 0) be_rank(*world, argc, argv);
        if (std::size_t const workers = world->size() - 1; workers != 0) {
            node* const made = new node(world->drive(), {.workers = workers, .checks = choice.checks});
            the_session_node.store(made, std::memory_order_release); // session.node ->
        }
    } catch (std::exception const& error) {
        world->abort(error.what()); // the other ranks would wait for it
    }
    the_world = world.release();
    std::atexit(leave_world);
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE session::session(int argc, char const* const* argv) {
    static std::optional<detail::worker_role> role; // tasks of a worker process use it as long as the process lives
    role = detail::take_worker_role();
    if (role) try {
            detail::check_session_comes_first();
            detail::be_worker(*role, argc, argv);
        } catch (std::exception const& error) {
            detail::fail_to_begin(error.what());
        }
    detail::check_session_comes_first();
    detail::trace_throws();
    (void)detail::code_fingerprint(); // modules loaded later must be announced
    detail::engine_choice const choice = detail::choose_engine();
    auto start = std::make_unique<detail::program_start>(argc, argv);
    if (choice.kind == detail::engine_kind::processes) {
        node_ = std::make_unique<detail::node>(
            *start, detail::worker_plan{.workers = choice.processes, .checks = choice.checks});
        detail::the_session_node.store(node_.get(), std::memory_order_release); // session.node ->
    }
    if (choice.kind == detail::engine_kind::mpi) detail::join_ranks(choice, argc, argv);
    detail::this_program = start.release();
    detail::has_session.store(true, std::memory_order_relaxed);
}

HOCKET_COLD HOCKET_INLINE void session::announce_modules() const {
    (void)detail::announce_modules_here();
    detail::node* const to = detail::session_node();
    std::optional<detail::start_call> loads = detail::call_that_loads_modules();
    if (to == nullptr || !loads) return;
    detail::answers_of_all answers(to->size());
    std::size_t const start = to->add_start_call(*loads);
    for (std::size_t slot = 0; slot != to->size(); ++slot) try {
            (void)to->call(loads->token, loads->body, {.slot = slot, .start = start}, answers);
        } catch (...) {
            answers.failed(std::current_exception());
        }
    blocking([&] { answers.wait(); });
}

HOCKET_COLD HOCKET_INLINE session::~session() {
    if (node_) detail::the_session_node.store(nullptr, std::memory_order_relaxed);
    node_.reset();
    detail::leave_world();
    detail::has_session.store(false, std::memory_order_relaxed);
    delete std::exchange(detail::this_program, nullptr);
}

} // namespace
