// SPDX-License-Identifier: MIT
// The bodies of the functions that graph_run.hpp declares.
#pragma once

#include <hocket/graph/graph_run.hpp>
#include <hocket/graph/graph_timeout.hpp>
#include <hocket/sched/costs.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void graph_state::detach() noexcept {
    os_lock const lock(mutex);
    run = nullptr;
}

HOCKET_INLINE void graph_outcome::tell() noexcept {
    if (error != nullptr)
        promise->set_exception(std::move(error));
    else
        promise->set_value();
    if (pending != nullptr) pending->done();
}

HOCKET_INLINE void graph_run::cancel_now() noexcept {
    if (!cancel_untold()) return;
    tell_of_stop();
    leave_queues();
}

HOCKET_INLINE bool graph_run::has_stopped(stop_link const& link) noexcept {
    std::uint32_t const now = static_cast<graph_run const&>(link).stop.load(std::memory_order_relaxed);
    return now != going && now != watched;
}

HOCKET_NOINLINE HOCKET_INLINE bool graph_run::is_over() noexcept {
    if (stop.load(std::memory_order_relaxed) != watched) return has_stopped(*this);
    if (!look_around.is_due()) return false;
    stop_walk walk;
    stop_place const* const place = walk.around(*this);
    if (place == nullptr || !look_around.finds_stopped(*place)) return false;
    change(watched, cut);
    return true;
}

HOCKET_COLD HOCKET_INLINE void graph_run::keep_error(std::uint32_t index) noexcept {
    if (is_over() && handles_cancellation()) return; // the exception only reports the stop
    {
        os_lock const lock(mutex);
        if (error == nullptr || index < failed_index) {
            error = std::current_exception();
            failed_index = index;
        }
    }
    if (stop.exchange(failed, std::memory_order_relaxed) == failed) return;
    tell_of_stop();
    leave_queues();
}

HOCKET_INLINE void graph_run::prepare(scheduler& its_pool, graph_core& outermost) noexcept {
    pool = &its_pool;
    graph = &outermost;
    around.store(nullptr, std::memory_order_relaxed);
    look_around.begin_anew();
    stop.store(going, std::memory_order_relaxed);
}

HOCKET_INLINE void graph_run::begin(state_reference<future_state<void>> its_promise, hocket::stop_token token,
                                    std::uint32_t short_runs) noexcept {
    promise = std::move(its_promise);
    scope = promise->scope;
    awaited = promise.get();
    mode = fp_mode::now();
    started = now_ticks();
    quiet_until = short_runs >= convincing ? started + costs::run_worth_waking.in_ticks() : 0;
    if (token.stop_possible()) cancel.emplace(std::move(token), canceller{this});
}

HOCKET_INLINE graph_outcome graph_run::end() noexcept {
    static_cast<graph_state&>(*promise).detach();
    cancel.reset();
    if (timeout != nullptr) end_timeout(*std::exchange(timeout, nullptr));
    until.reset();
    passes_left = 0;
    std::exception_ptr first = std::exchange(error, nullptr);
    if (first == nullptr && stop.load(std::memory_order_relaxed) == cancelled)
        first = error_without_memory<operation_cancelled>();
    if (first == nullptr && stop.load(std::memory_order_relaxed) == cut) first = error_without_memory<stopped_around>();
    return {std::move(promise), std::move(first), std::exchange(pending, nullptr)};
}

HOCKET_COLD HOCKET_INLINE void graph_state::cancel(future_state_base& base) noexcept {
    auto& self = static_cast<graph_state&>(base);
    {
        os_lock const lock(self.mutex);
        if (self.run == nullptr || !self.run->cancel_untold()) return;
        self.run->leave_queues();
    }
    tell_of_stop(); // without the lock, which a thread that waits for the run takes when it is told
}

HOCKET_INLINE bool graph_state::watch(future_state_base& base, stop_place const* around) noexcept {
    auto& self = static_cast<graph_state&>(base);
    os_lock const lock(self.mutex);
    if (self.run == nullptr) return false;
    if (around != nullptr && around->is_within(*self.run)) return false; // a node waits for its own run
    self.run->around.store(around, std::memory_order_release);           // stop_link.around ->
    if (around == nullptr) {
        self.run->change(graph_run::watched, graph_run::going);
        return false;
    }
    look_around_again(); // this wait may take the place of another one
    self.run->change(graph_run::going, graph_run::watched);
    if (!self.run->may_wait) return false;
    if (self.run->is_stopped()) self.run->leave_queues();
    return true;
}

} // namespace
