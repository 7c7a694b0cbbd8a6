// SPDX-License-Identifier: MIT
// Methods of actors that are coroutines. The turn stays with the coroutine until it has finished. If the actor
// interleaves, each part of the coroutine between two suspensions takes its own turn. Called by calls of actors.
#pragma once

#include <hocket/coroutine/coroutine_state.hpp>
#include <hocket/future/task_state.hpp>
#include <hocket/remote/actor/actor_cell.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// Moves the result of the coroutine into the state of the call, and lets the actor continue.
template<class Call, class T>
struct actor_forwarder : forwarder<T, future<T>>, resume_line, actor_message {
    explicit actor_forwarder(Call& its_call) noexcept : forwarder<T, future<T>>({}, its_call), call(its_call) {
        static constexpr continuation_kind forwards = {[](continuation* self) noexcept {
                                                           auto& ended = *static_cast<actor_forwarder*>(self);
                                                           actor_cell& cell = *ended.call.cell;
                                                           bool const alone = !cell.terms().interleave;
                                                           ended.finish();
                                                           if (alone)
                                                               cell.go_on();
                                                           else {
                                                               cell.ends_to_await();
                                                               cell.release();
                                                           }
                                                       },
                                                       [](continuation const& self) noexcept -> future_state_base* {
                                                           return &static_cast<actor_forwarder const&>(self).call;
                                                       }};
        this->kind = &forwards;
        this->push = [](resume_line& self, coroutine_run& its_run) noexcept {
            auto& resumed = static_cast<actor_forwarder&>(self);
            resumed.resumes = &its_run;
            resumed.call.cell->push(resumed);
        };
        this->actor_message::run = [](actor_message& self, actor_cell&) noexcept {
            coroutine_run* const resumed = static_cast<actor_forwarder&>(self).resumes;
            resumed->work_item::run(resumed);
            return true;
        };
    }
    void finish() noexcept {
        bool const good = this->fill();
        call.job.~job_type();
        Call& ended = call;
        destroy_in_slab(this);
        ended.cell->call_ended();
        (void)ended.end(ended.word.set(!good));
    }

    using job_type = decltype(Call::job);

    Call& call;
    coroutine_run* resumes = nullptr;
};

/// Runs a method that returns a coroutine, in the turn. Returns whether the turn continues.
template<class Call>
bool begin_actor_coroutine(Call& self) noexcept {
    using T = typename promised<typename Call::returned>::type;
    using link = actor_forwarder<Call, T>;
    actor_cell& cell = *self.cell;
    bool const interleaves = cell.terms().interleave;
    link* forward = nullptr;
    try {
        forward = make_in_slab<link>(self);
        coroutine_state<T>* const state = coroutine_state<T>::make(cell.pool(), self.call_job());
        forward->inner = future<T>(state);
        state->own_state = &self;
        state->future_state<T>::scope = state->work_item::scope = self.scope;
        if (interleaves) {
            state->line = forward;
            cell.retain();
            cell.begins_to_await();
            (void)state->add(*forward);
            state->start_here();
            return true;
        }
        state->start();
        if (state->add(*forward)) return false;
        forward->finish();
        return true;
    } catch (...) {
        if (forward != nullptr) destroy_in_slab(forward);
        return self.fail(std::current_exception());
    }
}

} // namespace hocket::detail
