// SPDX-License-Identifier: MIT
// The bodies of the functions that task_group.hpp declares.
#pragma once

#include <hocket/fork_join/task_group.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE task_group::~task_group() {
    if (!left_.ended() && detail::stop_scope::runs(&link_)) end_in_own_task();
    finish_around();
    if (error_ != nullptr) [[unlikely]]
        detail::report_unobserved(error_);
}

HOCKET_INLINE void task_group::wait() {
    if (!left_.ended()) {
        sched_->require_this_process();
        if (detail::stop_scope::runs(&link_)) throw_waits_for_itself();
    }
    waiting_.fetch_add(1, std::memory_order_relaxed);
    finish_around();
    if (failed_.load(std::memory_order_relaxed) || cut_.load(std::memory_order_relaxed)) return rethrow();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
}

HOCKET_INLINE std::uint64_t task_group::count(detail::worker const* me, std::int64_t items,
                                              std::uint64_t tasks) noexcept {
    if (me != nullptr && me == home_ && me->job == home_job_) {
        left_.add_own(items);
        return std::exchange(own_added_, own_added_ + tasks);
    }
    left_.add(items);
    return others_added | added_.fetch_add(tasks, std::memory_order_relaxed);
}

HOCKET_INLINE bool task_group::stopped() noexcept {
    if (failed_.load(std::memory_order_relaxed)) return true;
    detail::stop_place const* const around = link_.around.load(std::memory_order_acquire); // <- stop_link.around
    if (around == nullptr || !around_.finds_stopped(*around)) [[likely]]
        return false;
    cut_.store(true, std::memory_order_relaxed);
    return true;
}

HOCKET_COLD HOCKET_INLINE void task_group::keep_error(std::uint64_t number) noexcept {
    if (stopped() && detail::handles_cancellation()) return; // only says what is known
    {
        detail::os_lock const lock(error_mutex_);
        if (error_ == nullptr || number < first_failed_) {
            error_ = std::current_exception();
            first_failed_ = number;
        }
    }
    if (!failed_.exchange(true, std::memory_order_relaxed)) detail::tell_of_stop();
}

HOCKET_INLINE bool task_group::is_home(detail::worker const* me) const noexcept {
    // An external thread may have entered the pool since then.
    return home_ == nullptr ? home_thread_ == &detail::this_slot : me == home_ && me->job == home_job_;
}

HOCKET_INLINE void task_group::finish_around() noexcept {
    if (!is_home(detail::slot_in(*sched_))) return finish();
    detail::stop_place const place = detail::stop_place::here();
    if (!place.is_somewhere()) return finish();
    around_.begin_anew(); // the tasks of the wait before have finished, so none of them looks
    link_.around.store(&place, std::memory_order_release); // stop_link.around ->
    finish();
    link_.around.store(nullptr, std::memory_order_relaxed);
}

HOCKET_INLINE void task_group::finish() noexcept {
    if (left_.ended() || !sched_->in_this_process()) return;
    detail::pool_entry entry(*sched_);
    if (!entry.entered()) return wait_without_slot();
    detail::worker& me = *detail::this_slot;
    if (!me.counts_as_awake) wait_for_slot(me);
    detail::scheduler::latch_waiter self{&left_.latch(), &me};
    void const* const outer_tally_of = std::exchange(me.tally_of, this);
    std::int64_t const outer_tally = std::exchange(me.tally, 0);
    bool announced = false;
    detail::wait_until(
        me, [&] { return left_.ended(me.tally); }, [&] { return detail::run_all_of(me, this); },
        [&] {
            left_.fold();
            tell(static_cast<std::uint64_t>(std::exchange(me.tally, 0)));
            announced = true;
            return sched_->announce_wait(self);
        },
        "waits for a group");
    if (announced) sched_->withdraw_wait(self);
    tell(static_cast<std::uint64_t>(me.tally));
    me.tally_of = outer_tally_of;
    me.tally = outer_tally;
}

HOCKET_INLINE void task_group::tell(std::uint64_t ended) noexcept {
    if (ended == 0) return;
    detail::scheduler& sched = *sched_;
    detail::latch& done = left_.latch();
    if (std::uint32_t const told = done.finish(ended); told != 0) sched.wake_waiters_of(&done, told);
}

HOCKET_INLINE void task_group::finish_one() noexcept {
    detail::worker* const me = detail::slot_in(*sched_);
    if (me != nullptr && me->tally_of == this) [[likely]]
        ++me->tally;
    else
        finish_for_others(me);
}

HOCKET_NOINLINE HOCKET_INLINE void task_group::finish_for_others(detail::worker* me) noexcept {
    if (me == nullptr) return tell(1);
    if (me->batch_of != &left_.latch()) {
        sched_->finish_batch(*me);
        me->batch_of = &left_.latch();
    }
    ++me->batch;
}

HOCKET_COLD HOCKET_INLINE void task_group::rethrow() {
    std::exception_ptr error;
    {
        detail::os_lock const lock(error_mutex_);
        error = error_;
        if (waiting_.fetch_sub(1, std::memory_order_relaxed) == 1) {
            error_ = nullptr;
            failed_.store(false, std::memory_order_relaxed);
            cut_.store(false, std::memory_order_relaxed);
        }
    }
    if (error == nullptr) detail::throw_stopped_around();
    std::rethrow_exception(error);
}

HOCKET_COLD HOCKET_INLINE void task_group::throw_waits_for_itself() {
    throw std::logic_error("hocket: a task of a task_group waits for its own group, which would never end; wait for it "
                           "outside of its tasks, or use a group of its own for what the task starts");
}

HOCKET_COLD HOCKET_INLINE void task_group::end_in_own_task() noexcept {
    std::fputs("hocket: a task_group is being destroyed by one of its own tasks, which would wait for itself\n",
               stderr);
    std::terminate();
}

HOCKET_INLINE void task_group::wait_for_slot(detail::worker& me) noexcept {
    detail::scheduler::latch_waiter self{&left_.latch(), &me};
    me.wait_parker.reset();
    left_.fold();
    if (sched_->announce_wait(self))
        (void)detail::sleep_or_serve(patience, [&](long long pause) { return me.wait_parker.sleep_for(pause); });
    sched_->withdraw_wait(self);
}

HOCKET_INLINE void task_group::wait_without_slot() noexcept {
    constexpr long long interval = 100'000; // nanoseconds
    for (long long waited = 0; !left_.ended(); waited += interval) {
        detail::work_item* const task =
            waited >= patience ? sched_->tasks(priority::normal).take_of(this, 64) : nullptr;
        if (task == nullptr) {
            detail::scheduler::let_pass(interval);
            continue;
        }
        detail::fp_scope const mode(detail::fp_mode{});
        detail::run_item(*task);
    }
}

} // namespace
