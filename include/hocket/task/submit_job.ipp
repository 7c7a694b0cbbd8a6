// SPDX-License-Identifier: MIT
// The bodies of the functions that submit_job.hpp declares.
#pragma once

#include <hocket/task/submit_job.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void task_start::one_less() noexcept {
    if (!left.one_less()) return;
    if (rank != anywhere) return place();
    if (stoppable != nullptr && !goes_from(waits, queued)) return stoppable->drop(node->state);
    hand_to_its_pool(*node, [this] { offer_task(*node, level); });
}

HOCKET_INLINE void task_start::cancel(continuation* (*fail)(future_state_base*) noexcept, timer_item& delay) noexcept {
    future_state_base& state = *node->state;
    state.retain();
    if (goes_from(waits, decided) || (rank != anywhere && goes_from(queued, decided)))
        call_ready(fail(&state));
    else if (state.try_begin()) // it lies in a queue, and will be refused
        call_ready(state.type->execute(&state));
    if (cancel_timer(delay)) one_less();
    state.release();
}

HOCKET_COLD HOCKET_INLINE void task_start::place() noexcept {
    hand_to_its_pool(
        *node,
        [this] {
            if (stoppable != nullptr && !goes_from(waits, queued)) return stoppable->drop(node->state);
            work_item& item = queue_item(*node);
            item.run = stoppable != nullptr ? stoppable->run_placed : &run_placed;
            spawn_on(*node->state->sched, rank, item);
        },
        [this](future_state_base& state) {
            if (stoppable != nullptr && !goes_from(waits, decided)) return stoppable->drop(&state);
            refuse_task(state);
        });
}

HOCKET_INLINE bool task_start::goes_from(phase from, phase to) noexcept {
    return now.compare_exchange_strong(from, to,
                                       std::memory_order_acq_rel,  // task_start.decide ->, <- task_start.decide
                                       std::memory_order_acquire); // <- task_start.decide
}

HOCKET_INLINE void token_stop::cancel_task::operator()() const noexcept {
    start->cancel(fail, *timer); // the job, and this with it, may be destroyed on the way
}

} // namespace
