// SPDX-License-Identifier: MIT
// The state of one call of task_graph::run: whether it was stopped, its first failure, and its future.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/lasting_error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/pool/pending_count.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The condition of `run_until`, which is called after each pass.
struct graph_until {
    virtual ~graph_until() = default;
    virtual bool done() = 0;
};

struct graph_run;
struct graph_timeout;
/// Says to the timeout of a run that the run has finished.
void end_timeout(graph_timeout& timeout) noexcept;
class graph_core;

/// The state of the future of a run. If a thread within an operation waits for the future, a stop of that operation
/// cancels the run.
struct graph_state final : future_state<void> {
    graph_state(scheduler* pool, graph_run& its_run) noexcept
        : future_state<void>(type, pool, false, 2), run(&its_run) {}

    /// Lets a stop around a waiting thread, at the place `around`, cancel the run. Null: the thread no longer waits.
    /// Returns true if the thread must call this once more when it is told of a stop.
    static bool watch(future_state_base& base, stop_place const* around) noexcept;
    /// Cancels the run, because its result is not wanted.
    static void cancel(future_state_base& base) noexcept;
    void detach() noexcept;

    static future_type const type;

    os_mutex mutex; // guards `run`
    graph_run* run; // null when the run has finished
};
inline constexpr future_type graph_state::type = [] {
    future_type its_type = awaited_type(type_of_state<graph_state, void>());
    its_type.watch = &graph_state::watch;
    its_type.give_up = &graph_state::cancel;
    return its_type;
}();

/// The result of a run.
struct graph_outcome {
    state_reference<future_state<void>> promise;
    std::exception_ptr error;
    pending_count* pending; // of the pool, or null

    void tell() noexcept;
};

/// One call of `run`, with all subgraphs. Lies in the outermost graph.
struct graph_run : graph_run_link {
    static constexpr std::uint32_t going = 0;
    static constexpr std::uint32_t failed = 1;
    static constexpr std::uint32_t cancelled = 2;
    static constexpr std::uint32_t watched = 3; // going; a stop around the thread that waits for the run cancels it
    static constexpr std::uint32_t cut = 4;     // cancelled by such a stop

    struct canceller {
        graph_run* run;
        void operator()() const noexcept { run->cancel_now(); }
    };
    void cancel_now() noexcept;
    /// Cancels a run that was not stopped yet. Returns whether it did; then the caller calls `tell_of_stop`.
    bool cancel_untold() noexcept { return change(going, cancelled) || change(watched, cancelled); }
    /// Takes the nodes of a cancelled run out of the queues of semaphores. They do not begin. Defined in
    /// graph_units.hpp.
    [[gnu::cold]] void leave_queues() noexcept;

    graph_run() noexcept : graph_run_link(&graph_run::has_stopped) {}
    static bool has_stopped(stop_link const& link) noexcept;
    bool change(std::uint32_t from, std::uint32_t to) noexcept {
        return stop.compare_exchange_strong(from, to, std::memory_order_relaxed);
    }
    HOCKET_ALWAYS_INLINE bool is_stopped() noexcept {
        return stop.load(std::memory_order_relaxed) != going && is_over();
    }
    /// Whether no further node begins. Called when `stop` is not `going`.
    bool is_over() noexcept;

    /// Keeps the exception that is being handled. If there are several, it keeps that of the node that was added first.
    [[gnu::cold]] void keep_error(std::uint32_t index) noexcept;

    /// Prepares the run. From here on it can be cancelled.
    void prepare(scheduler& its_pool, graph_core& outermost) noexcept;
    /// Begins the run. `short_runs`: how many of the last runs of this graph finished before a thread could have been
    /// woken for them.
    void begin(state_reference<future_state<void>> its_promise, hocket::stop_token token,
               std::uint32_t short_runs) noexcept;

    graph_outcome end() noexcept;

    static constexpr std::uint32_t convincing = 4;

    /// How far the run is: `going` and the other values above. Writers: a node that throws, the stop token, threads
    /// that wait for the run. Readers: every runner before each node. Relaxed: nothing is published by it.
    alignas(cache_line) atomic<std::uint32_t> stop{going};
    stop_look look_around; // at `around`
    scheduler* pool = nullptr;
    graph_core* graph = nullptr;      // the outermost one
    graph_timeout* timeout = nullptr; // null if there is none
    pending_count* pending = nullptr; // of the pool, if it has to wait for nodes that wait for units; or null
    bool may_wait = false;            // some nodes take units of semaphores
    bool lends = false;               // a node acquires units that another one releases
    ticks started = 0;
    ticks quiet_until = 0;       // no worker is woken for this run before then
    void const* scope = nullptr; // of all work that the run queues
    fp_mode mode;                // of the caller: each node runs in it
    state_reference<future_state<void>> promise;
    std::uint64_t passes_left = 0; // after the current one
    std::unique_ptr<graph_until> until;
    std::optional<hocket::stop_callback<canceller>> cancel;
    os_mutex mutex; // guards `error` and `failed_index`
    std::exception_ptr error;
    std::uint32_t failed_index = 0;

    // Used by stuck_units, under the mutex of held_units.
    graph_run* next_in_search = nullptr;
    bool left_out = false; // the search supposes that its nodes that wait for units go on
    bool fails = false;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/graph/graph_run.ipp>
#endif
