// SPDX-License-Identifier: MIT
// What is known about one call of task_graph::run, floor 5: whether it was stopped, its first failure, and whom to tell.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/ticks.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/task/future_state.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace hocket::detail {

/// Asked after each pass of `run_until`.
struct graph_until {
    virtual ~graph_until() = default;
    virtual bool done() = 0;
};

/// What a run came to.
struct graph_outcome {
    state_reference<future_state<void>> promise;
    std::exception_ptr error;

    void tell() noexcept {
        if (error != nullptr)
            promise->set_exception(std::move(error));
        else
            promise->set_value();
    }
};

/// One call of run, with all the graphs inside of it. Lies in the outermost graph.
struct graph_run : stop_link {
    static constexpr std::uint32_t going = 0;
    static constexpr std::uint32_t failed = 1;
    static constexpr std::uint32_t cancelled = 2;

    struct canceller {
        graph_run* run;
        void operator()() const noexcept {
            std::uint32_t expected = going;
            run->stop.compare_exchange_strong(expected, cancelled, std::memory_order_relaxed);
        }
    };

    graph_run() noexcept : stop_link{&graph_run::has_stopped, nullptr} {}
    static bool has_stopped(stop_link const& link) noexcept {
        return static_cast<graph_run const&>(link).stop.load(std::memory_order_relaxed) != going;
    }

    /// Keeps the exception that is being handled. Of several, that of the node that was added first.
    HOCKET_COLD void keep_error(std::uint32_t index) noexcept {
        std::lock_guard const lock(mutex);
        if (error == nullptr || index < failed_index) {
            error = std::current_exception();
            failed_index = index;
        }
        stop.store(failed, std::memory_order_relaxed);
    }

    /// `short_runs`: how many of the last runs of this graph were over before a thread could have been woken for them.
    void begin(scheduler& its_pool, state_reference<future_state<void>> its_promise, std::stop_token token,
               std::uint32_t short_runs) noexcept {
        pool = &its_pool;
        promise = std::move(its_promise);
        scope = promise->scope;
        started = now_ticks();
        quiet_until = short_runs >= convincing ? started + worth_waking() : 0;
        stop.store(going, std::memory_order_relaxed);
        if (token.stop_possible()) cancel.emplace(std::move(token), canceller{this});
    }

    graph_outcome end() noexcept {
        cancel.reset();
        until.reset();
        passes_left = 0;
        std::exception_ptr first = std::exchange(error, nullptr);
        if (first == nullptr && stop.load(std::memory_order_relaxed) == cancelled)
            first = std::make_exception_ptr(operation_cancelled());
        return {std::move(promise), std::move(first)};
    }

    static ticks worth_waking() noexcept { return 20 * ticks_per_microsecond(); }
    static constexpr std::uint32_t convincing = 4;

    /// Writers: a node that throws, the stop token. Readers: every slice before each node. Relaxed: nothing is published by it.
    alignas(cache_line) std::atomic<std::uint32_t> stop{going};
    scheduler* pool = nullptr;
    ticks started = 0;
    ticks quiet_until = 0;       // before then nobody is woken for this run
    void const* scope = nullptr; // of everything that it queues
    state_reference<future_state<void>> promise;
    std::uint64_t passes_left = 0; // after the current one
    std::unique_ptr<graph_until> until;
    std::optional<std::stop_callback<canceller>> cancel;
    std::mutex mutex; // guards the next two
    std::exception_ptr error;
    std::uint32_t failed_index = 0;
};

} // namespace hocket::detail
