// SPDX-License-Identifier: MIT
// The bodies of the functions of node.hpp that concern actors: their processes, their calls, and their recreation.
#pragma once

#include <hocket/remote/actor/actor_thunk.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE std::uint64_t node::reserve_actor(call_terms const& terms, std::uint32_t max_restarts, actor_watch* watch,
                                                std::uint32_t concurrency) {
    lock const held(mutex_);
    std::size_t const slot =
        terms.slot == call_terms::anywhere ? actors_.emptiest_seat(slots_.size()) : terms.slot % slots_.size();
    actor_home home{slot, slots_[slot].index, given_up_};
    home.restart.left = max_restarts;
    home.call_retries = terms.retries;
    home.watch = watch;
    home.concurrency = concurrency;
    home.cpus = terms.cpus;
    if (!given_up_) slots_[slot].open += home.load();
    return actors_.add(std::move(home));
}

HOCKET_INLINE void node::move_actor(std::uint64_t actor, std::size_t to) noexcept {
    lock const held(mutex_);
    actor_home* const home = actors_.find(actor);
    if (home == nullptr || home->dead || home->made || home->slot == to) return;
    slots_[home->slot].open -= home->load();
    home->slot = to;
    home->process = slots_[to].index;
    slots_[to].open += home->load();
}

HOCKET_INLINE std::uint64_t node::make_actor(std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                                             call_completion& completion) {
    std::uint64_t const number = reserve_actor({.slot = terms.slot, .cpus = 0}, 0, nullptr);
    call_actor(number, token, std::move(body), terms, &completion);
    return number;
}

HOCKET_INLINE void node::call_actor(std::uint64_t actor, std::uint64_t token, std::vector<std::byte> body,
                                    call_terms const& terms, call_completion* completion, handle_pins pins) {
    lock held(mutex_);
    std::exception_ptr why = given_up_;
    actor_home* const home = actors_.find(actor);
    if (home == nullptr) return;
    if (!why) why = home->dead;
    if (!why) {
        bool const first = !home->made;
        std::uint16_t const flags = completion == nullptr ? frame_flag::no_reply : std::uint16_t{0};
        frame_head const head{.kind = first ? frame_kind::actor_new : frame_kind::actor_call,
                              .flags = flags,
                              .token = token,
                              .subject = actor};
        entered_call made(calls_, enter(held, head, std::move(body), terms, completion, std::move(pins)));
        why = given_up_ ? given_up_ : home->dead; // as in `call`
        if (!why) {
            if (first && home->restart.left != 0) { // kept as long as the actor may be recreated
                home->restart.body = made.call.body;
                home->restart.token = token;
                home->restart.mode = terms.mode;
                home->restart.pins = made.call.pins.copy();
            }
            send_to_home(*home, made.call);
            home->made = true;
            made.keep();
            if (!home->early.empty()) send_early(*home);
            return;
        }
    }
    held.unlock();
    if (completion != nullptr) completion->failed(why);
}

HOCKET_INLINE void node::send_to_home(actor_home& home, open_call& call) {
    process_slot& slot = slots_[home.slot];
    slot.to_send.send(channel_, slot.index, call.head, call.body);
    call.slot = home.slot;
    call.sent = true;
    ++slot.unanswered;
    slot.open -= home.load();
    ++home.calls;
    slot.open += home.load();
    if (slot.can_recall()) placing_.watch_idle(); // earlier calls there may wait now
}

HOCKET_INLINE void node::drop_actor(std::uint64_t actor) noexcept {
    std::vector<finished_call> ended;
    {
        lock const held(mutex_);
        drop_actor(actor, ended);
    }
    complete_here(ended);
}

HOCKET_INLINE void node::drop_actor(std::uint64_t actor, std::vector<finished_call>& ended) noexcept {
    actor_home const* const home = actors_.find(actor);
    if (home == nullptr) return;
    for (std::uint64_t const number : home->early)
        calls_.end(number, {nullptr, {}, true, std::make_exception_ptr(actor_died("hocket: the actor has ended"))},
                   ended);
    process_slot& slot = slots_[home->slot];
    if (!home->dead && home->made)
        slot.to_send.send_owned(channel_, slot.index,
                                {.kind = frame_kind::actor_drop, .flags = flags_, .subject = actor}, {});
    if (!home->dead) slot.open -= home->load(); // its last calls are not counted
    actors_.erase(actor);
}

/// Handles an exception of the constructor of an actor: the actor is dead before its calls are told so.
HOCKET_INLINE void node::end_unmade(std::uint64_t actor, finished_call const& with) noexcept {
    actor_home* const home = actors_.find(actor);
    if (home == nullptr || home->watch == nullptr) return;
    std::exception_ptr why = with.error;
    if (!why) try {
            archive_reader reader(with.bytes);
            why = read_error(reader);
        } catch (...) {
            why = std::current_exception();
        }
    home->watch->died(why);
}

/// Whether a call of an actor whose process is lost is sent again once the actor was recreated.
HOCKET_INLINE bool node::is_called_again(process_slot const& from, open_call& call) noexcept {
    actor_home const* const home = call.is_task() ? nullptr : actors_.find(call.head.subject);
    if (home == nullptr || !home->can_restart()) return false;
    if (call.head.kind == frame_kind::actor_new || from.to_send.holds(call.head.call)) return true;
    if (call.terms.retries == 0) return false;
    --call.terms.retries;
    return true;
}

HOCKET_INLINE void node::restart_actors(std::size_t slot, process_index lost, std::vector<std::uint64_t> calls,
                                        std::vector<finished_call>& ended) {
    auto const is_first = [&](std::uint64_t number) { return calls_.find(number)->head.kind == frame_kind::actor_new; };
    // In the order in which they were sent first. But what makes an actor anew has a later number than calls that are
    // repeated, and goes before them.
    std::sort(calls.begin(), calls.end(), [&](std::uint64_t one, std::uint64_t other) {
        bool const makes = is_first(one), other_makes = is_first(other);
        return makes != other_makes ? makes : one < other;
    });
    actors_.for_lost(lost, [&](std::uint64_t number, actor_home& home) {
        home.process = slots_[slot].index;
        home.calls = 0;
        slots_[slot].open += home.load();
        if (!home.made) return;
        restart_terms& how = home.restart;
        --how.left;
        count_restart(how.body, ++how.done);
        call_completion* hears = nullptr;
        try {
            auto const sent = std::find_if(calls.begin(), calls.end(), [&](std::uint64_t one) {
                return is_first(one) && calls_.find(one)->head.subject == number;
            });
            if (sent != calls.end()) { // its constructor has not returned: sent again below
                count_restart(calls_.find(*sent)->body, how.done);
                return;
            }
            hears = home.watch == nullptr ? nullptr : home.watch->made_anew();
            open_call made{{.kind = frame_kind::actor_new, .token = how.token, .subject = number}, how.body, {}, hears};
            made.terms.mode = how.mode;
            made.head.flags = flags_;
            made.head.mode = how.mode.control;
            send_to_home(home, calls_.add(std::move(made)));
        } catch (...) {
            actor_homes::end(home, std::current_exception());
            if (hears != nullptr) ended.push_back({hears, {}, true, std::current_exception()});
        }
    });
    for (std::uint64_t const number : calls) {
        open_call& call = *calls_.find(number);
        actor_home* const home = actors_.find(call.head.subject);
        std::exception_ptr why = home->dead;
        if (!why) try {
                send_to_home(*home, call);
                continue;
            } catch (...) {
                why = std::current_exception();
            }
        calls_.end(number, {nullptr, {}, true, why}, ended);
    }
}

} // namespace
