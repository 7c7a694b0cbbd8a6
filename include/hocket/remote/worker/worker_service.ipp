// SPDX-License-Identifier: MIT
// The bodies of the functions that worker_service.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/future/task_link.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/queue/work_item.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/actor/actor_thunk.hpp>
#include <hocket/remote/node/resource_ledger.hpp>
#include <hocket/remote/transport/tagged_output.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/own_place.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/remote/wire/thunk.hpp>
#include <hocket/remote/worker/worker_service.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

struct worker_service::call_stop : stop_operation {
    call_stop() noexcept
        : stop_operation([](stop_link const& self) noexcept {
              return static_cast<call_stop const&>(self).requested.load(std::memory_order_relaxed);
          }) {}

    /// Writer: the thread that polls. Readers: the parts of the task. Relaxed: a flag.
    atomic<bool> requested{false};
};

HOCKET_COLD HOCKET_INLINE worker_service::worker_service(service_channel& channel, thread_pool& pool, bool waits)
    : pool_(pool), elsewhere_(*this, pool.sched()), channel_(channel), waits_(waits) {
    the_actors_elsewhere.store(&elsewhere_, std::memory_order_relaxed);
}

HOCKET_INLINE worker_service::~worker_service() { the_actors_elsewhere.store(nullptr, std::memory_order_relaxed); }

HOCKET_INLINE void worker_service::send_frame(frame_head const& head, std::vector<std::byte> body) {
    std::lock_guard const lock(mutex_);
    to_send_.send_owned(channel_, 0, head, std::move(body));
}

HOCKET_COLD HOCKET_INLINE void worker_service::serve() {
    std::uint32_t const threads = static_cast<std::uint32_t>(pool_.size());
    std::string const host = host_name();
    std::vector<std::byte> greeting(sizeof threads + host.size());
    std::memcpy(greeting.data(), &threads, sizeof threads);
    std::memcpy(greeting.data() + sizeof threads, host.data(), host.size());
    channel_.serves();
    {
        std::lock_guard const lock(mutex_);
        to_send_.send_owned(channel_, 0, {.kind = frame_kind::hello}, std::move(greeting));
    }
    pool_.sched().set_outside_work(this);
    for (bool done = false; !done;) {
        channel_.sleep(*this);
        if (holding_.load(std::memory_order_relaxed)) take_held();
        std::lock_guard const lock(mutex_);
        bool const all_sent = to_send_.empty() || to_send_.flush(channel_, 0);
        done = over_.load(std::memory_order_relaxed) && (!waits_ || (known_.empty() && kept_.empty() && all_sent));
    }
}

HOCKET_INLINE bool worker_service::poll() noexcept {
    struct short_patience final : poll_patience {
        bool goes_on() noexcept override {
            spin_hint();
            return looks_left != 0 && --looks_left != 0;
        }
        unsigned looks_left = 32;
    } patience;
    return channel_.poll_while(*this, patience);
}

HOCKET_INLINE bool worker_service::has_failed() noexcept {
    std::lock_guard const lock(mutex_);
    return failed_;
}

HOCKET_INLINE void worker_service::lost(process_index, process_end const&) noexcept {
    ::_exit(0); // silently: the driver has ended, for whatever reason
}

HOCKET_INLINE void worker_service::received(process_index, std::span<std::byte const> message) noexcept {
    frame_head head{};
    if (char const* const wrong = read_head(message, head)) {
        std::fprintf(stderr, "hocket: a worker process received %s from its driver, and exits\n", wrong);
        ::_exit(70);
    }
    if (head.kind == frame_kind::stop) {
        over_.store(true, std::memory_order_relaxed); // also if a message was cut short
        return channel_.wake();                       // wakes the thread that sleeps if another thread polls
    }
    try {
        std::span<std::byte const> const body = message.subspan(sizeof head);
        partial_.insert(partial_.end(), body.begin(), body.end());
        if ((head.flags & frame_flag::more) != 0) return;
    } catch (...) { // no memory
        partial_ = {};
        return answer_error(head);
    }
    take_whole(head, std::exchange(partial_, {}));
}

HOCKET_COLD HOCKET_INLINE void worker_service::answer_error(frame_head const& head) noexcept {
    archive_writer error;
    write_error(error, std::current_exception(), where());
    answer(head, frame_kind::error, std::move(error));
}

HOCKET_INLINE void worker_service::take_whole(frame_head const& head, std::vector<std::byte> body) noexcept {
    try {
        take_frame(head, std::move(body));
    } catch (...) { // out of memory, or no such actor
        answer_error(head);
    }
}

/// Takes the held frames once all start calls have finished.
HOCKET_COLD HOCKET_INLINE void worker_service::take_held() noexcept {
    std::lock_guard const frames(frames_);
    {
        std::lock_guard const lock(mutex_);
        if (first_.load(std::memory_order_relaxed) != 0) return;
    }
    std::deque<std::pair<frame_head, std::vector<std::byte>>> all;
    all.swap(held_);
    for (auto& [head, body] : all) try {
            if (head.kind == frame_kind::task)
                run_later(head, std::move(body));
            else
                take_actor_frame(head, std::move(body));
        } catch (...) {
            answer_error(head);
        }
    holding_.store(false, std::memory_order_release); // worker_service.holding ->
}

/// A call that has not begun.
struct worker_service::call_item : work_item {
    call_item(worker_service& its_service, frame_head const& its_head, std::vector<std::byte> its_body)
        : service(its_service), head(its_head), body(std::move(its_body)) {
        run = [](work_item* self) noexcept {
            std::unique_ptr<call_item> const mine(static_cast<call_item*>(self));
            mine->service.run_task(mine->head, mine->body);
        };
    }

    worker_service& service;
    frame_head const head;
    std::vector<std::byte> const body;
};

/// Pushes a known call to the injector, even if a worker has received it: the local deque of the worker would run the
/// newest call first.
HOCKET_INLINE void worker_service::run_later(frame_head const& head, std::vector<std::byte> body) noexcept {
    try {
        auto* const item = new call_item(*this, head, std::move(body));
        scheduler& pool = pool_.sched();
        spawn_to_injector(pool, slot_in(pool), *item, priority::normal);
    } catch (...) {
        answer_error(head);
    }
}

HOCKET_INLINE void worker_service::take_frame(frame_head const& head, std::vector<std::byte> body) {
    switch (head.kind) {
    case frame_kind::task: {
        bool const first = (head.flags & frame_flag::first) != 0;
        {
            std::lock_guard const lock(mutex_);
            bool const bound = (head.flags & frame_flag::bound) != 0;
            known_.emplace(head.call, known_call{.place = head.subject, .stays = bound});
            if (first) {
                first_.fetch_add(1, std::memory_order_relaxed);
                holding_.store(true, std::memory_order_relaxed);
            }
        }
        if (first || !hold_back(head, body)) run_later(head, std::move(body));
        return;
    }
    case frame_kind::actor_new:
    case frame_kind::actor_call:
    case frame_kind::actor_drop:
        if (!hold_back(head, body)) take_actor_frame(head, std::move(body));
        return;
    case frame_kind::cancel: return stop_call(head.call);
    case frame_kind::recall: return give_back(head);
    case frame_kind::opened: return release_memory(head.call);
    case frame_kind::result:
    case frame_kind::error: return elsewhere_.answered(head, std::move(body));
    default:
        std::fputs("hocket: a worker process received a message that only workers send, and exits\n", stderr);
        ::_exit(70);
    }
}

/// Holds a frame that must wait for start calls. Returns whether it was held.
HOCKET_INLINE bool worker_service::hold_back(frame_head const& head, std::vector<std::byte>& body) {
    if (!holding_.load(std::memory_order_acquire)) [[likely]] // <- worker_service.holding
        return false;
    std::lock_guard const frames(frames_);
    if (!holding_.load(std::memory_order_relaxed)) return false;
    held_.emplace_back(head, std::move(body));
    return true;
}

HOCKET_INLINE void worker_service::take_actor_frame(frame_head const& head, std::vector<std::byte> body) {
    if (head.kind == frame_kind::actor_new) return make_actor(head, std::move(body));
    if (head.kind == frame_kind::actor_call) return call_actor(head, std::move(body));
    drop_actor(head.subject);
}

HOCKET_INLINE void worker_service::stop_call(std::uint64_t number) noexcept {
    {
        std::lock_guard const lock(mutex_);
        auto const found = known_.find(number);
        if (found == known_.end()) return;
        found->second.stopped = true;
        if (found->second.running != nullptr) found->second.running->requested.store(true, std::memory_order_relaxed);
    }
    tell_of_stop();
}

HOCKET_INLINE void worker_service::give_back(frame_head const& asked) {
    std::lock_guard const lock(mutex_);
    std::vector<std::uint64_t> numbers;
    for (auto const& [number, known] : known_)
        if (!known.stays && !known.begun) numbers.push_back(number);
    std::sort(numbers.rbegin(), numbers.rend()); // newest first: they would begin last
    numbers.resize(std::min<std::size_t>(numbers.size(), asked.subject));
    std::vector<std::byte> body(numbers.size() * sizeof(std::uint64_t));
    if (!numbers.empty()) std::memcpy(body.data(), numbers.data(), body.size());
    std::uint16_t const flags = asked.flags & frame_flag::checked;
    to_send_.send_owned(channel_, 0, {.kind = frame_kind::returned, .flags = flags}, std::move(body));
    for (std::uint64_t const number : numbers) known_.erase(number); // their tasks will find no call
    if (known_.empty()) none_known_.notify_all();
}

HOCKET_INLINE std::string worker_service::where() const { return place_of_process(channel_.self(), ::getpid()); }

HOCKET_INLINE void worker_service::run_task(frame_head const& head, std::vector<std::byte> const& body) noexcept {
    archive_reader arguments(body);
    std::string name;
    std::exception_ptr broken;
    task_link named;
    std::optional<stop_scope> name_scope;
    if ((head.flags & frame_flag::named) != 0) try {
            name = read_value<std::string>(arguments);
            named.name = name.c_str();
            name_scope.emplace(&named);
        } catch (...) {
            broken = std::current_exception();
        }
    call_stop stop;
    bool stopped;
    {
        // The call may have been returned and have arrived again; then a second task exists for it.
        std::lock_guard const lock(mutex_);
        auto const found = known_.find(head.call);
        if (found == known_.end() || found->second.place != head.subject || found->second.begun) return;
        found->second.begun = true;
        found->second.running = &stop;
        stopped = found->second.stopped;
    }
    archive_writer result;
    frame_kind kind = frame_kind::result;
    try {
        if (stopped) throw operation_cancelled();
        if (broken != nullptr) std::rethrow_exception(broken);
        channel_.begin(head.subject, head.call);
        fp_scope const mode(fp_mode{head.mode});
        stop_scope const stoppable(&stop);
        tag_task(named.name, "call", head.call);
        resource_numbers held;
        if ((head.flags & frame_flag::holds) != 0) held = read_value<resource_numbers>(arguments);
        resource_scope const holds(held.empty() ? nullptr : &held);
        call_frame frame{arguments, result};
        find_thunk(head.token)(frame);
    } catch (...) {
        kind = frame_kind::error;
        result = {};
        write_error(result, std::current_exception(), where());
    }
    {
        std::lock_guard const lock(mutex_);
        known_[head.call].running = nullptr;
    }
    answer(head, kind, std::move(result));
}

// Answers of calls.

HOCKET_INLINE void worker_service::answer(frame_head const& call, frame_kind kind, archive_writer&& bytes) noexcept {
    flush_output(); // output of the task precedes its result
    std::uint16_t flags = call.flags & frame_flag::checked;
    std::lock_guard const lock(mutex_);
    if (!bytes.memory.empty()) {
        flags |= frame_flag::shares;
        kept_.insert_or_assign(call.call, std::move(bytes.memory));
    }
    to_send_.send_owned(channel_, 0, {.kind = kind, .flags = flags, .call = call.call}, std::move(bytes.bytes));
    failed_ = failed_ || kind == frame_kind::error;
    known_.erase(call.call);
    if ((call.flags & frame_flag::first) != 0 && first_.fetch_sub(1, std::memory_order_relaxed) == 1)
        channel_.wake(); // for the held frames
    if (!known_.empty()) return;
    none_known_.notify_all();
    if (waits_) channel_.wake();
}

/// Releases memory of a result that the driver has opened.
HOCKET_INLINE void worker_service::release_memory(std::uint64_t call) noexcept {
    decltype(kept_)::node_type released; // destroyed without the mutex
    std::lock_guard const lock(mutex_);
    released = kept_.extract(call);
    if (waits_) channel_.wake();
}

HOCKET_COLD HOCKET_INLINE bool worker_service::stop_calls(unsigned milliseconds) noexcept {
    elsewhere_.end();
    {
        std::lock_guard const frames(frames_);
        std::lock_guard const lock(mutex_);
        first_.store(0, std::memory_order_relaxed);
        for (auto const& [head, body] : held_) known_.erase(head.call); // the driver waits for no answer any more
        held_.clear();
    }
    for (auto const& [number, cell] : actors_) cell->release(); // the actors end after their calls
    actors_.clear();
    {
        std::lock_guard const lock(mutex_);
        for (auto& [number, known] : known_) {
            known.stopped = true;
            if (known.running != nullptr) known.running->requested.store(true, std::memory_order_relaxed);
        }
        if (known_.empty()) return true;
    }
    tell_of_stop();
    std::unique_lock lock(mutex_);
    return none_known_.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return known_.empty(); });
}

} // namespace
