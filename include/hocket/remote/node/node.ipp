// SPDX-License-Identifier: MIT
// The bodies of the functions that node.hpp declares.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/os/futex.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/node/node_use.hpp>
#include <hocket/remote/wire/announced_modules.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE node::node(program_start const& how, worker_plan const& plan)
    : node(std::make_unique<processes>(how, plan), plan) {}

std::chrono::seconds seconds_of_report();

HOCKET_COLD HOCKET_INLINE node::node(std::unique_ptr<driver_channel> channel, worker_plan const& plan)
    : slots_(plan.workers),
      calls_(plan.most_bytes),
      most_tasks_(plan.most_tasks == 0 ? process_slot::no_limit : plan.most_tasks),
      report_after_(seconds_of_report()),
      flags_(plan.checks ? frame_flag::checked : std::uint16_t{0}),
      owned_channel_(std::move(channel)),
      channel_(*owned_channel_),
      placing_(slots_, calls_, channel_) {
    if (std::optional<start_call> loads = call_that_loads_modules()) at_start_.push_back(std::move(*loads));
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
        slots_[slot].index = channel_.next_index();
        std::vector<finished_call> none;
        if (!at_start_.empty()) send_start_calls(slot, none);
        channel_.start(slot);
    }
    if (!comm_.start(&node::run_comm, this)) throw_system_error("cannot start a thread");
}

HOCKET_COLD HOCKET_INLINE node::~node() {
    std::vector<finished_call> ended;
    {
        lock held(mutex_);
        calls_.wait_for_silent(held, over_);
        ending_ = true;
        actors_.forget_node();
        for (auto const& [who, cell] : holds_) cell->release();
        holds_.clear();
        give_up(std::make_exception_ptr(operation_cancelled()), ended);
        for (process_slot& slot : slots_) {
            slot.to_send.clear();
            if (slot.index != 0) slot.to_send.send_owned(channel_, slot.index, {.kind = frame_kind::stop}, {});
        }
    }
    complete_here(ended);
    channel_.wake();
    comm_.join();
    // Releases this worker's core: threads of the default pool may still deliver results, and this thread may be one of
    // them.
    blocking([this] { node_use::wait_for_others(this); });
    forget_results();
}

HOCKET_INLINE std::vector<worker_state> node::states() {
    lock const held(mutex_);
    std::vector<worker_state> all;
    for (process_slot const& slot : slots_)
        all.push_back({slot.index, slot.index == 0 ? 0 : channel_.pid(slot.index), slot.threads, slot.unanswered,
                       slot.host.data()});
    return all;
}

HOCKET_COLD HOCKET_INLINE std::vector<std::uint64_t> node::wait_for_workers() {
    for (;; sleep_for(200'000)) {
        (void)help();
        lock const held(mutex_);
        std::vector<std::uint64_t> threads;
        for (process_slot const& slot : slots_) threads.push_back(slot.threads);
        if (over_ || ending_ || std::find(threads.begin(), threads.end(), 0U) == threads.end()) return threads;
    }
}

HOCKET_INLINE node_counts node::counts() {
    lock const held(mutex_);
    return {calls_.size(), repeated_, lost_};
}

HOCKET_INLINE open_call& node::enter(lock& held, frame_head const& head, std::vector<std::byte> body,
                                     call_terms const& terms, call_completion* completion, handle_pins pins) {
    calls_.wait_for_room(held, body.size(), over_);
    open_call made{head, std::move(body), terms, completion};
    made.pins = std::move(pins);
    made.head.flags = static_cast<std::uint16_t>(head.flags | flags_);
    made.head.mode = terms.mode.control;
    return calls_.add(std::move(made));
}

HOCKET_INLINE std::uint64_t node::call(std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                                       call_completion& completion, handle_pins pins) {
    std::uint16_t const flags =
        static_cast<std::uint16_t>((terms.slot == call_terms::anywhere ? 0 : frame_flag::bound) |
                                   (terms.holds ? frame_flag::holds : 0) | (terms.named ? frame_flag::named : 0));
    lock held(mutex_);
    if (terms.start != 0 && !given_up_ && slots_[terms.slot].started >= terms.start) {
        held.unlock(); // the process has joined since, and runs the call by itself
        completion.done({});
        return 0;
    }
    if (!given_up_) {
        entered_call made(calls_, enter(held, {.kind = frame_kind::task, .flags = flags, .token = token},
                                        std::move(body), terms, &completion, std::move(pins)));
        if (!given_up_) { // the wait for room may have released the mutex
            if (terms.kill_after != terms.kill_after.max()) limit(made.call);
            placing_.place(made.call);
            return made.keep();
        }
    }
    held.unlock();
    completion.failed(given_up_); // it never changes again
    return 0;
}

HOCKET_INLINE void node::cancel(std::uint64_t number) noexcept {
    std::vector<finished_call> ended;
    {
        lock const held(mutex_);
        open_call* const found = calls_.find(number);
        if (found == nullptr || found->completion == nullptr) return;
        open_call& call = *found;
        finished_call stopped{call.completion, {}, true, std::make_exception_ptr(operation_cancelled())};
        if (call.reads != nullptr) { // it has returned
            call.is_stopped = true;
        } else if (!call.sent) {
            calls_.end(number, std::move(stopped), ended);
        } else { // its call slot is freed by the answer
            call.completion = nullptr;
            ended.push_back(std::move(stopped));
            process_slot& slot = slots_[call.slot];
            frame_head const head{.kind = frame_kind::cancel, .flags = flags_, .call = number};
            slot.to_send.send_owned(channel_, slot.index, head, {});
        }
    }
    complete_here(ended);
}

// Incoming frames.

HOCKET_INLINE process_slot* node::slot_of(process_index who) noexcept {
    for (process_slot& slot : slots_)
        if (slot.index == who) return &slot;
    return nullptr;
}

HOCKET_INLINE void node::listener::received(process_index from, std::span<std::byte const> message) noexcept {
    frame_head head{};
    char const* const wrong = read_head(message, head);
    if (wrong != nullptr) return owner.refused(from, wrong);
    lock const held(owner.mutex_);
    process_slot* const slot = owner.slot_of(from);
    if (slot != nullptr) owner.take_frame(*slot, head, message.subspan(sizeof head), ended);
}

HOCKET_COLD HOCKET_INLINE void node::refused(process_index who, char const* why) noexcept {
    channel_.kill(who, (std::string("has sent ") + why + ", and was terminated").c_str());
}

HOCKET_INLINE void node::take_frame(process_slot& slot, frame_head const& head, std::span<std::byte const> body,
                                    std::vector<finished_call>& ended) {
    if (!slot.append(head, body)) return;
    process_slot::body whole = slot.take_body();
    switch (head.kind) {
    case frame_kind::hello: {
        if (!slot.begin(std::span<std::byte const>(whole.bytes))) break;
        slot.tasks_left = most_tasks_;
        if (slot.starting == 0) early_deaths_ = 0;
        placing_.place_calls(slot, ended);
        return placing_.watch_idle();
    }
    case frame_kind::opened: return has_opened(slot.index, head.call);
    case frame_kind::returned:
        if (whole.lost || whole.bytes.size() % sizeof(std::uint64_t) != 0 || !slot.is_recalling()) break;
        return placing_.take_back(slot, whole.bytes, ended);
    case frame_kind::result:
    case frame_kind::error: {
        finished_call with{nullptr, std::move(whole.bytes), head.kind == frame_kind::error};
        if (whole.lost) with = {nullptr, {}, true, std::make_exception_ptr(std::bad_alloc())};
        return answered(slot, head, std::move(with), ended);
    }
    case frame_kind::actor_new:
    case frame_kind::actor_call:
    case frame_kind::actor_drop:
    case frame_kind::actor_find:
    case frame_kind::cancel: return take_from_user(slot, head, std::move(whole.bytes), ended);
    default: break;
    }
    refused(slot.index, "an unexpected message");
}

HOCKET_INLINE void node::answered(process_slot& slot, frame_head const& head, finished_call with,
                                  std::vector<finished_call>& ended) {
    open_call* const call = calls_.find(head.call);
    if (head.call == 0 && head.kind == frame_kind::error && slot.is_recalling()) { // the worker was out of memory
        slot.cannot_return();
        return placing_.watch_idle();
    }
    if (call == nullptr || !call->sent || &slots_[call->slot] != &slot) return; // the call was repeated elsewhere
    if (call->reads != nullptr) return;
    --slot.unanswered;
    ++finished_;
    actor_home* const home = call->is_task() ? nullptr : actors_.find(call->head.subject);
    if (call->is_task()) slot.open -= call->terms.cpus;
    if (home != nullptr) {
        slot.open -= home->load();
        --home->calls;
        slot.open += home->load();
    }
    bool const is_task = call->is_task();
    if (with.threw && call->is_silent()) tell_errors.fetch_add(1, std::memory_order_relaxed);
    if (call->has_place())
        slot.give_back(static_cast<std::uint32_t>(call->head.subject), microseconds_now());
    else if (is_task)
        has_started(slot, *call, with);
    if (with.threw && call->head.kind == frame_kind::actor_new) end_unmade(call->head.subject, with);
    if ((head.flags & frame_flag::shares) != 0)
        read_shared(slot, *call, std::move(with), ended);
    else
        calls_.end(head.call, std::move(with), ended);
    if (is_task) placing_.place_calls(slot, ended);
    if (slot.idle_threads() != 0) placing_.watch_idle();
    if (may_retire(slot)) channel_.wake();
}

// Lost processes.

HOCKET_INLINE std::vector<std::uint64_t> node::settle_calls_of(std::size_t number, process_end const& how,
                                                               std::vector<finished_call>& ended) {
    process_slot& slot = slots_[number];
    std::vector<std::uint64_t> again;
    std::vector<std::uint64_t> over;
    std::vector<std::uint64_t> of_actors;
    for (auto const& [id, call] : calls_) {
        if (!call->sent || call->slot != number || call->reads != nullptr) continue;
        if (is_called_again(slot, *call)) {
            of_actors.push_back(id);
            continue;
        }
        bool const begun =
            !slot.to_send.holds(id) && channel_.begun(slot.index, static_cast<std::size_t>(call->head.subject)) == id;
        bool const spared = !begun || (slot.is_ended && !call->is_overdue);
        bool const repeats =
            call->is_task() && call->completion != nullptr && (spared || call->terms.retries > 0) && !call->is_overdue;
        if (repeats && !spared) --call->terms.retries;
        (repeats ? again : over).push_back(id);
    }
    repeated_ += again.size() + of_actors.size();
    std::string const what = how.text(slot.index);
    for (std::uint64_t const id : over) calls_.end(id, {nullptr, {}, true, calls_.find(id)->lost_error(what)}, ended);
    std::sort(again.rbegin(), again.rend());
    for (std::uint64_t const id : again) // restores the order, oldest first, before calls never sent
        placing_.put_first(*calls_.find(id));
    actors_.lose(slot.index,
                 std::make_exception_ptr(actor_died("hocket: " + what + "; the actor that it hosted is lost")));
    release_holds(slot.index);
    release_handed_on(slot.index);
    if (slot.shared != 0) lost_memory_[slot.index] = {slot.shared, slot.is_ended, what};
    slot.leave();
    return of_actors;
}

HOCKET_INLINE void node::give_up(std::exception_ptr const& why, std::vector<finished_call>& ended) {
    if (!given_up_) given_up_ = why;
    over_ = true;
    calls_.fail_all(why, ended);
    for (process_slot& slot : slots_) slot.to_send.clear(); // it refers to bodies of the calls
    placing_.clear();
}

HOCKET_COLD HOCKET_INLINE void node::listener::lost(process_index who, process_end const& how) noexcept {
    node& of = owner;
    std::size_t slot = 0;
    {
        lock const held(of.mutex_);
        process_slot* const found = of.slot_of(who);
        if (found == nullptr) return;
        slot = static_cast<std::size_t>(found - of.slots_.data());
        if (of.ending_) {
            if (found->serves() && how.known && (how.signal != 0 || how.status != 0))
                std::fprintf(stderr, "hocket: %s after its last call\n", how.text(who).c_str());
            found->leave();
            return;
        }
        ++of.lost_;
        bool const early = !found->serves() || found->starting != 0;
        std::vector<std::uint64_t> of_actors = of.settle_calls_of(slot, how, ended);
        if (early && ++of.early_deaths_ >= 3) {
            std::string text = "hocket: worker processes exit before they are ready to run calls: " + how.text(who);
            if (!how.said.empty()) text += "; it wrote:\n" + how.said;
            of.give_up(std::make_exception_ptr(std::runtime_error(text)), ended);
        }
        if (of.given_up_) return;
        of.slots_[slot].index = of.channel_.next_index();
        of.send_start_calls(slot, ended);
        of.restart_actors(slot, who, std::move(of_actors), ended);
        of.placing_.place_waiting(ended);
        of.placing_.watch_idle();
    }
    of.start_in(slot, ended);
}

HOCKET_COLD HOCKET_INLINE void node::start_in(std::size_t slot, std::vector<finished_call>& ended) {
    try {
        channel_.start(slot);
    } catch (...) {
        lock const held(mutex_);
        slots_[slot].index = 0;
        give_up(std::current_exception(), ended);
    }
}

HOCKET_INLINE bool node::help() noexcept {
    listener ears(*this);
    bool const any = channel_.poll(ears);
    complete_here(ears.ended);
    return any;
}

HOCKET_INLINE bool node::help(poll_patience& patience) noexcept {
    listener ears(*this);
    bool const any = channel_.poll_while(ears, patience);
    complete_here(ears.ended);
    return any;
}

// The comm thread, which sleeps for the process.

HOCKET_INLINE void* node::run_comm(void* self) {
    ::pthread_setname_np(::pthread_self(), "hocket/net");
    static_cast<node*>(self)->comm();
    return nullptr;
}

HOCKET_INLINE void node::flush_all() noexcept {
    lock const held(mutex_);
    for (process_slot& slot : slots_)
        if (!slot.to_send.empty()) slot.to_send.flush(channel_, slot.index);
}

/// Returns the shorter of two sleep times; -1 means forever.
inline int sooner(int one, int other) noexcept { return one < 0 ? other : other < 0 ? one : std::min(one, other); }

HOCKET_INLINE void node::comm() noexcept {
    using clock = monotonic_clock;
    constexpr std::chrono::milliseconds patience{2000};
    listener ears(*this);
    std::optional<clock::time_point> until;
    bool killed = false;
    for (;;) {
        int milliseconds = -1;
        std::vector<std::size_t> retired;
        {
            lock const held(mutex_);
            if (ending_ && !until) until = clock::now() + patience;
            if (!ending_) {
                milliseconds = sooner(placing_.recall_calls(flags_), sooner(kill_overdue(), report_standstill()));
                retired = retire_slots(ears.ended);
            }
        }
        for (std::size_t const slot : retired) start_in(slot, ears.ended);
        if (until) {
            if (channel_.alive() == 0) return;
            auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(*until - clock::now()).count();
            milliseconds = static_cast<int>(std::clamp<long long>(left, 0, 100));
            if (left <= 0 && !killed) {
                channel_.kill_all("did not exit within 2 s, and was killed");
                killed = true;
            }
            if (killed) milliseconds = 100;
        }
        channel_.sleep(ears, milliseconds);
        flush_all();
        if (until)
            complete_here(ears.ended);
        else
            complete_in_pool(ears.ended, this);
    }
}

} // namespace
