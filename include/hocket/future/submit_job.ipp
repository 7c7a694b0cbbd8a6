// SPDX-License-Identifier: MIT
// The bodies of the functions that submit_job.hpp declares.
#pragma once

#include <hocket/future/submit_job.hpp>
#include <hocket/future/wait_cycle.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE void task_start::one_less() noexcept {
    countdown::step const step = left.tell();
    if (step == countdown::step::not_last) return;
    if (step == countdown::step::last_after_end) return stoppable->drop(node->state);
    if (rank != anywhere) return place();
    hand_to_its_pool(*node, [this] { offer_task(*node, level); });
}

HOCKET_COLD HOCKET_INLINE void task_start::cancel(continuation* (*fail)(future_state_base*) noexcept) noexcept {
    future_state_base& state = *node->state;
    if (left.end()) { // the job lives until this thread has counted down
        state_reference<future_state_base> const alive(&state);
        state.retain();
        stoppable->give_up_needed(&state);
        one_less();
        call_ready_early(fail(&state));
    } else if (rank != anywhere && placed.win()) {
        call_ready(fail(&state));
    } else if (state.try_begin()) { // it is in a queue, and will be refused
        call_ready(state.type->execute(&state));
    }
}

HOCKET_COLD HOCKET_INLINE void task_start::cancel(continuation* (*fail)(future_state_base*) noexcept,
                                                  timer_item& delay) noexcept {
    state_reference<future_state_base> const state(node->state);
    state->retain();
    cancel(fail);
    if (cancel_timer(delay)) one_less();
}

HOCKET_COLD HOCKET_INLINE void task_start::place() noexcept {
    hand_to_its_pool(
        *node,
        [this] {
            work_item& item = queue_item(*node);
            item.run = stoppable->run_placed;
            spawn_on(*node->state->sched, rank, item);
        },
        [this](future_state_base& state) {
            if (!placed.win()) return stoppable->drop(&state);
            refuse_task(state);
        });
}

HOCKET_INLINE void token_stop::cancel_task::operator()() const noexcept {
    start->cancel(fail, *timer); // this call may destroy the job, and this object with it
}

} // namespace
