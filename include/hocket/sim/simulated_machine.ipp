// SPDX-License-Identifier: MIT
// The bodies of the functions that simulated_machine.hpp declares: the system calls of a simulated machine, and the
// choice of the thread that goes on.
#pragma once

#include <hocket/sim/simulated_machine.hpp>

namespace hocket::sim {

inline void machine::sleep_on(void const* word, std::uint32_t expected, ns time) {
    before_call();
    std::uint32_t found = 0;
    std::memcpy(&found, word, sizeof found);
    if (found != expected) {
        current_->clock += cost_.system_call;
        return;
    }
    current_->word = word;
    sleepers_[word].push_back(current_);
    sleep(time);
}

inline void machine::wake(void const* word, unsigned count) {
    before_call();
    auto const found = sleepers_.find(word);
    if (found == sleepers_.end() || found->second.empty()) {
        current_->clock += cost_.system_call;
        return;
    }
    for (; count != 0 && !found->second.empty(); --count) {
        machine_thread& other = *found->second.front();
        found->second.pop_front();
        other.word = nullptr;
        other.clock = std::max(other.clock, current_->clock + cost_.wake_latency);
        make_ready(other);
        current_->clock += cost_.wake_call;
    }
}

inline machine_thread* machine::start(void* (*body)(void*), void* argument) {
    before_call();
    auto made = std::make_unique<machine_thread>();
    made->id = static_cast<unsigned>(threads_.size());
    made->core = current_->core;
    made->body = body;
    made->argument = argument;
    current_->clock += cost_.start_call;
    made->clock = current_->clock + cost_.start_latency;
    if (!made->host.start([] { active->live(); })) return nullptr;
    threads_.push_back(std::move(made));
    make_ready(*threads_.back());
    return threads_.back().get();
}

inline void machine::join(machine_thread& other) {
    before_call();
    if (other.state != thread_state::ended) {
        other.joiner = current_;
        current_->state = thread_state::joining;
        go_on();
    }
    current_->clock = std::max(current_->clock, other.clock + cost_.wake_latency);
    machine* const self = active;
    for (bool ended = false; !ended;) {
        active = nullptr; // destructors of thread-local variables run in the lending thread, and nothing else does
        ended = other.host.join();
        active = self;
        if (!ended) yield();
    }
}

inline void machine::give_up(char const* why) {
    static constexpr char const* states[] = {
        "ready", "running", "asleep", "asleep for a time", "waits for the end of a thread", "ended"};
    std::string story = std::string(why) + ", after " + std::to_string(operations_) + " operations and " +
                        std::to_string(time()) + " ns of simulated time";
    for (auto const& t : threads_)
        if (t->state != thread_state::ended)
            story += "\n  thread " + std::to_string(t->id) + " (" + t->name +
                     "): " + states[static_cast<std::size_t>(t->state)];
    ns const now = time();
    active = nullptr;
    for (promised const& one : promises_) story += '\n' + one.tell(one.of, now);
    failed_(story);
    std::abort();
}

inline void machine::live() {
    current_->body(current_->argument);
    drain(*current_);
    current_->state = thread_state::ended;
    if (machine_thread* const waiting = current_->joiner) {
        waiting->clock = std::max(waiting->clock, current_->clock);
        make_ready(*waiting);
    }
    machine_thread& me = *current_;
    machine_thread& next = pick();
    current_ = &next;
    me.host.leave(next.host);
}

inline void machine::sleep(ns time) {
    machine_thread& me = *current_;
    me.state = time == for_ever ? thread_state::asleep : thread_state::asleep_timed;
    me.clock += cost_.sleep_call;
    if (time != for_ever) push(me, (random_ ? global_ : me.clock) + time);
    go_on();
}

inline void machine::expire(machine_thread& t, ns due) {
    if (t.word != nullptr) {
        auto& waiting = sleepers_[t.word];
        waiting.erase(std::find(waiting.begin(), waiting.end(), &t));
        t.word = nullptr;
    }
    t.clock = std::max(t.clock, due);
}

inline void machine::rest(ns until) {
    if (until <= global_) return;
    for (auto const& t : threads_) drain(*t);
    if (displaced_ != 0 || promises_.empty()) return;
    machine* const self = std::exchange(active, nullptr); // what looks is no thread of the machine
    char const* broken = nullptr;
    for (promised const& one : promises_)
        if (broken == nullptr) broken = one.look(one.of);
    active = self;
    if (broken != nullptr) give_up(broken);
}

inline machine_thread& machine::pick_by_seed() {
    while (!queue_.empty() && (queue_.top().clock <= global_ || ready_.empty())) {
        entry const e = queue_.top();
        queue_.pop();
        if (is_old(e)) continue;
        if (ready_.empty()) rest(e.clock);
        global_ = std::max(global_, e.clock);
        expire(*e.who, e.clock);
        make_ready(*e.who);
    }
    if (ready_.empty()) {
        rest(for_ever);
        give_up("no thread can go on (a deadlock)");
    }
    std::size_t const chosen = dice_.below(ready_.size());
    machine_thread& next = *ready_[chosen];
    ready_[chosen] = ready_.back();
    ready_.pop_back();
    return next;
}

inline machine_thread& machine::pick_earliest() {
    while (!queue_.empty() && is_old(queue_.top())) queue_.pop();
    if (queue_.empty()) give_up("no thread can go on (a deadlock)");
    entry const e = queue_.top();
    queue_.pop();
    if (e.who->state == thread_state::asleep_timed) expire(*e.who, e.clock);
    while (!queue_.empty() && is_old(queue_.top())) queue_.pop();
    next_ = queue_.empty() ? for_ever : queue_.top().clock;
    return *e.who;
}

} // namespace hocket::sim
