// SPDX-License-Identifier: MIT
// The bodies of the functions that actor_cell.hpp declares.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/sched/living_pools.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/trace.hpp>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <typeinfo>
#include <utility>

#include <cxxabi.h>

namespace hocket::inline HOCKET_ABI::detail {

/// The cells that are not in use.
class actor_cells {
  public:
    static actor_cell& take() {
        {
            os_lock const lock(mutex_);
            if (actor_cell* const cell = first_) {
                first_ = cell->next_free_;
                return *cell;
            }
        }
        return *new actor_cell;
    }
    static void put_back(actor_cell& cell) noexcept {
        os_lock const lock(mutex_);
        cell.next_free_ = first_;
        first_ = &cell;
    }

  private:
    static inline constinit os_mutex mutex_;
    static inline constinit actor_cell* first_ = nullptr;
};

HOCKET_INLINE actor_cell& actor_cell::make(scheduler& pool, actor_terms const& terms, detail::node* node,
                                           bool sends_bytes) {
    pool.require_this_process();
    actor_cell& cell = actor_cells::take();
    cell.pool_ = &pool;
    cell.pool_id_ = pool.id();
    cell.names_ = nullptr;
    cell.terms_ = terms;
    cell.node_ = node;
    cell.number_ = 0;
    cell.sends_bytes_ = sends_bytes;
    cell.item_ = {{&run_queued, nullptr, new_scope()}, &cell};
    cell.last_words_.mode = cell.kill_message_.mode = fp_mode{};
    cell.last_words_.run = cell.kill_message_.run = [](actor_message&, actor_cell& of) noexcept {
        of.was_killed_ = true;
        if (of.awaiting_ == 0) of.destroy_object();
        return true;
    };
    cell.was_killed_ = false;
    cell.awaiting_ = 0;
    cell.handles_.store(1, std::memory_order_relaxed);
    cell.dead_.store(false, std::memory_order_relaxed);
    cell.killed_.store(false, std::memory_order_relaxed);
    cell.pending_.store(0, std::memory_order_relaxed);
    cell.free_permits_.store(static_cast<std::int32_t>(terms.concurrency), std::memory_order_relaxed);
    cell.permits_ = 0;
    cell.turn_.renew();
    cell.mailbox_.renew();
    cell.error_ = nullptr;
    cell.reported_.clear();
    return cell;
}

HOCKET_INLINE void actor_cell::offer(bool behind_others) noexcept {
    if (!turn_.offer()) return;
    if (behind_others)
        spawn_list(*pool_, item_, item_);
    else
        spawn(*pool_, item_);
}

HOCKET_INLINE void actor_cell::offer_late() noexcept {
    scheduler* const pool = pool_;
    if (slot_in(*pool) != nullptr) return offer();
    if (pools_of_process.hold(pool, pool_id_)) {
        offer();
        return pools_of_process.let_go(*pool);
    }
    {
        os_lock const lock(mutex_);
        error_ = std::make_exception_ptr(pool_ended());
    }
    dead_.store(true, std::memory_order_release); // actor_cell.dead ->
    run_turn(nullptr);
}

HOCKET_INLINE void actor_cell::run_queued(work_item* item) noexcept {
    actor_cell& cell = *static_cast<queued_turn*>(item)->cell;
    switch (cell.turn_.dequeue()) {
    case turn_word<std_atomics>::found::turn: return cell.run_turn(nullptr);
    case turn_word<std_atomics>::found::end: actor_cells::put_back(cell); [[fallthrough]];
    case turn_word<std_atomics>::found::nothing: trace_scope::forget();
    }
}

HOCKET_INLINE void actor_cell::run_turn(future_state_base const* until) noexcept {
    if (terms_.concurrency > 1) return share_out();
    actor_turn const turn{this, innermost_turn};
    innermost_turn = &turn;
    fp_scope const mode(fp_mode{});
    unsigned left = burst;
    bool offers = false;
    while (!offers) {
        actor_message* const message = begun_ != nullptr ? std::exchange(begun_, nullptr) : mailbox_.pop();
        if (message == nullptr) {
            if (mailbox_.rest()) break;
            continue;
        }
        if (message == &last_words_) {
            destroy_object();
            finish();
            break;
        }
        message->mode.set();
        if (!message->run(*message, *this)) break;
        if (until != nullptr && until->complete()) {
            if (mailbox_.empty() && mailbox_.rest()) break;
            offers = true;
        } else {
            offers = --left == 0;
        }
    }
    innermost_turn = turn.outer;
    if (offers) offer(until == nullptr);
}

HOCKET_INLINE bool actor_cell::take_permit() noexcept {
    if (std::exchange(has_permit_, false)) return true;
    has_permit_ = true; // a finished call passes its permit on
    if (free_permits_.fetch_sub(1, std::memory_order_acq_rel) <= 0)
        return false; // actor_cell.permit ->, <- actor_cell.permit
    has_permit_ = false;
    return true;
}

HOCKET_INLINE void actor_cell::share_out() noexcept {
    for (;;) {
        if (begun_ == nullptr) begun_ = mailbox_.pop();
        if (begun_ == nullptr) {
            if (mailbox_.rest()) return;
            continue;
        }
        bool const alone = object_ == nullptr || begun_ == &last_words_ || begun_ == &kill_message_;
        for (std::uint32_t const needed = alone ? terms_.concurrency : 1; permits_ != needed; ++permits_)
            if (!take_permit()) return; // the turn waits for a call to finish
        actor_message* const message = std::exchange(begun_, nullptr);
        if (message == &last_words_) {
            destroy_object();
            return finish();
        }
        if (alone) { // message that makes the object
            fp_scope const mode(message->mode);
            if (!message->run(*message, *this)) return;
            free_permits_.fetch_add(static_cast<std::int32_t>(std::exchange(permits_, 0)),
                                    std::memory_order_release); // actor_cell.permit ->
            continue;
        }
        permits_ = 0; // the call owns it now
        try {
            auto* const call = make_in_slab<concurrent_call>();
            *call = {{&run_concurrent, nullptr, item_.scope}, this, message};
            spawn(*pool_, *call);
        } catch (std::bad_alloc const&) {
            concurrent_call here{{nullptr, nullptr, nullptr}, this, message};
            run_concurrent(&here);
        }
    }
}

HOCKET_INLINE void actor_cell::run_concurrent(work_item* item) noexcept {
    auto* const call = static_cast<concurrent_call*>(item);
    actor_cell& cell = *call->cell;
    actor_message* const message = call->message;
    if (item->run != nullptr) destroy_in_slab(call);
    actor_turn const turn{&cell, innermost_turn};
    innermost_turn = &turn;
    fp_scope const mode(message->mode);
    bool const ended = message->run(*message, cell);
    innermost_turn = turn.outer;
    if (ended) cell.go_on();
}

HOCKET_INLINE void actor_cell::go_on() noexcept {
    if (terms_.concurrency == 1) return offer_late();
    if (free_permits_.fetch_add(1, std::memory_order_acq_rel) < 0) // actor_cell.permit ->, <- actor_cell.permit
        offer_late();
}

HOCKET_INLINE bool actor_cell::help(future_state_base const& state) noexcept {
    if (!turn_.try_take()) return false;
    if (state.complete()) { // the cell may belong to another actor by now
        offer();
        return false;
    }
    run_turn(&state);
    return true;
}

HOCKET_INLINE bool actor_cell::try_retain() noexcept {
    std::uint32_t handles = handles_.load(std::memory_order_relaxed);
    while (handles != 0)
        if (handles_.compare_exchange_weak(handles, handles + 1, std::memory_order_relaxed)) return true;
    return false;
}

HOCKET_INLINE void actor_cell::end() noexcept {
    if (names_ != nullptr) forget_(*names_, *this);
    push(last_words_);
}

HOCKET_INLINE void actor_cell::destroy_object() noexcept {
    if (object_ != nullptr) destroy_(std::exchange(object_, nullptr));
    kept_ = nullptr;
}

HOCKET_INLINE void actor_cell::finish() noexcept {
    if (turn_.end()) actor_cells::put_back(*this);
}

HOCKET_INLINE void actor_cell::kill() noexcept {
    if (killed_.exchange(true, std::memory_order_relaxed)) return;
    dead_.store(true, std::memory_order_release); // actor_cell.dead ->
    if (names_ != nullptr) forget_(*names_, *this);
    push(kill_message_);
}

HOCKET_INLINE void actor_cell::fail(std::exception_ptr error) noexcept {
    {
        os_lock const lock(mutex_);
        if (error_ == nullptr) error_ = std::move(error);
    }
    dead_.store(true, std::memory_order_release); // actor_cell.dead ->
}

HOCKET_COLD HOCKET_INLINE std::exception_ptr actor_cell::why_refused() const noexcept {
    {
        os_lock const lock(mutex_);
        if (error_ != nullptr) return error_;
    }
    return std::make_exception_ptr(actor_died("hocket: the actor was killed"));
}

HOCKET_COLD HOCKET_INLINE void actor_cell::count_limited_call() {
    if (pending_.fetch_add(1, std::memory_order_relaxed) < terms_.max_pending) return;
    pending_.fetch_sub(1, std::memory_order_relaxed);
    throw queue_full("hocket: actor_options::max_pending calls of this actor are already waiting");
}

HOCKET_COLD HOCKET_INLINE void actor_cell::report(std::exception_ptr const& error) noexcept {
    tell_errors.fetch_add(1, std::memory_order_relaxed);
    std::string type = "an exception";
    std::string text;
    try {
        std::rethrow_exception(error);
    } catch (std::exception const& e) {
        int status = 0;
        char* const name = abi::__cxa_demangle(typeid(e).name(), nullptr, nullptr, &status);
        type = name != nullptr ? name : typeid(e).name();
        std::free(name);
        text = e.what();
    } catch (...) {
    }
    {
        os_lock const lock(mutex_);
        for (std::string const& known : reported_)
            if (known == type) return;
        reported_.push_back(type);
    }
    std::fprintf(stderr, "hocket: a call by tell threw %s%s%s\n", type.c_str(), text.empty() ? "" : ": ", text.c_str());
}

HOCKET_INLINE void actor_cell::hold(held_call& call) noexcept {
    retain();
    os_lock const lock(mutex_);
    (first_held_ == nullptr ? first_held_ : last_held_->next) = &call;
    last_held_ = &call;
    held_count_.fetch_add(1, std::memory_order_relaxed);
}

HOCKET_INLINE bool actor_cell::hold_behind(held_call& call) noexcept {
    os_lock const lock(mutex_);
    held_call* found = first_held_;
    while (found != nullptr && found->caller != call.caller) found = found->next;
    if (found == nullptr) return false;
    retain();
    call.ready = true;
    last_held_ = last_held_->next = &call;
    held_count_.fetch_add(1, std::memory_order_relaxed);
    return true;
}

HOCKET_INLINE void actor_cell::arguments_ready(held_call& call) noexcept {
    std::uint32_t pushed = 0;
    bool idle = false;
    {
        os_lock const lock(mutex_);
        call.ready = true;
        void const* const caller = call.caller;
        held_call* before = nullptr;
        for (held_call** place = &first_held_; *place != nullptr;) {
            held_call* const held = *place;
            if (held->caller != caller) {
                before = held;
                place = &held->next;
                continue;
            }
            if (!held->ready) break;
            *place = held->next;
            if (last_held_ == held) last_held_ = before;
            ++pushed;
            idle |= mailbox_.push(*held->message);
            destroy_in_slab(held);
        }
        held_count_.fetch_sub(pushed, std::memory_order_relaxed);
    }
    if (idle) offer_late();
    for (; pushed != 0; --pushed) release();
}

} // namespace
