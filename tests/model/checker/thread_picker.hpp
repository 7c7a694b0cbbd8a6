// SPDX-License-Identifier: MIT
// The choice of the thread of a scenario that runs next: depth first with a bound on preemptions, all schedules with
// sleep sets, at random, or by priorities that drop at a few random steps (PCT: Burckhardt et al., ASPLOS 2010).
#pragma once
#include <array>
#include <cstdint>

#include "choice_path.hpp"
#include "operations.hpp"
#include "vector_clock.hpp"

namespace model {

enum class search : std::uint8_t { depth_first, random, pct };

struct search_limits {
    search how = search::depth_first;
    int preemptions = -1; // of threads that could have gone on; -1: no bound
    unsigned pct_depth = 3;
    bool sleep_sets = true; // only without a bound: skip schedules that differ in the order of commuting operations
};

struct thread_status {
    enum class state : std::uint8_t { ready, waiting, done };
    state now = state::ready;
    bool paused = false; // runs again after a store of another thread, or when no other thread can
    location_id waits_on = no_location;
    operation next;            // executed when the thread is picked
    std::int64_t priority = 0; // PCT
};

inline constexpr thread_index no_thread = max_threads;

class thread_picker {
  public:
    explicit thread_picker(choice_path& choices) : choices_(choices) {}

    void start_execution(const search_limits& limits, std::uint64_t longest) {
        limits_ = limits;
        preempted_ = 0;
        asleep_ = 0;
        redundant_ = false;
        if (limits.how != search::pct) return;
        for (auto& p : start_priority_) p = static_cast<std::int64_t>(choices_.random() % 1000);
        for (auto& c : change_at_) c = 1 + choices_.random() % longest;
    }

    std::int64_t priority_of(thread_index t) const { return start_priority_[t]; }

    /// Whether the rest of this execution repeats an execution that was explored before.
    bool redundant() const { return redundant_; }

    template<class Threads>
    thread_index pick(Threads& threads, std::uint32_t count, thread_index current, std::uint64_t step) {
        const bool may_stay = current != no_thread && runnable(threads[current]) && !threads[current].paused;
        collect(threads, count, current, may_stay);
        if (candidates_count_ == 0) return no_thread;
        if (may_stay && bounded() && preempted_ >= limits_.preemptions) return current;
        if (limits_.how == search::pct) return highest_priority(threads, current, step);
        if (uses_sleep_sets() && !drop_sleeping()) return candidates_[0];

        const std::uint32_t x = choices_.pick(candidates_count_);
        const thread_index next = candidates_[x];
        if (x >= free_count_) ++preempted_;
        if (uses_sleep_sets()) fall_asleep(threads, count, x);
        return next;
    }

  private:
    static bool runnable(const thread_status& t) { return t.now == thread_status::state::ready; }
    bool bounded() const { return limits_.preemptions >= 0; }
    bool uses_sleep_sets() const {
        return limits_.how == search::depth_first && limits_.sleep_sets && !bounded() && !redundant_;
    }

    /// Fills candidates_, the current thread first. Candidates from free_count_ on cost a preemption. A paused thread
    /// is a candidate at that price, so that loops which count their pauses are explored too.
    template<class Threads>
    void collect(Threads& threads, std::uint32_t count, thread_index current, bool may_stay) {
        candidates_count_ = 0;
        if (may_stay) candidates_[candidates_count_++] = current;
        for (thread_index t = 1; t < count; ++t)
            if (t != current && runnable(threads[t]) && !threads[t].paused) candidates_[candidates_count_++] = t;
        free_count_ = may_stay ? 1 : candidates_count_;
        const bool all_paused = candidates_count_ == 0;
        if (!all_paused && (!bounded() || preempted_ >= limits_.preemptions || limits_.how == search::pct)) return;
        for (thread_index t = 1; t < count; ++t) {
            if (!runnable(threads[t]) || !threads[t].paused) continue;
            candidates_[candidates_count_++] = t;
            if (all_paused) threads[t].paused = false;
        }
        if (all_paused) free_count_ = candidates_count_;
    }

    template<class Threads>
    thread_index highest_priority(Threads& threads, thread_index current, std::uint64_t step) {
        for (unsigned i = 0; i + 1 < limits_.pct_depth && i < change_at_.size(); ++i)
            if (change_at_[i] == step && current != no_thread) threads[current].priority = -1 - static_cast<int>(i);
        std::uint32_t best = 0;
        for (std::uint32_t i = 1; i < candidates_count_; ++i)
            if (threads[candidates_[i]].priority > threads[candidates_[best]].priority) best = i;
        return candidates_[choices_.take(candidates_count_, best)];
    }

    /// Drops sleeping candidates. Returns false when every candidate is asleep: every continuation has been explored.
    bool drop_sleeping() {
        std::uint32_t kept = 0;
        for (std::uint32_t i = 0; i < candidates_count_; ++i)
            if ((asleep_ >> candidates_[i] & 1) == 0) candidates_[kept++] = candidates_[i];
        if (kept == 0) {
            redundant_ = true;
            choices_.freeze();
            return false;
        }
        candidates_count_ = kept;
        free_count_ = kept;
        return true;
    }

    /// Puts the candidates before the chosen one to sleep, since they have been explored from here. They sleep until an
    /// operation is executed that does not commute with their next operation.
    template<class Threads>
    void fall_asleep(Threads& threads, std::uint32_t count, std::uint32_t chosen) {
        for (std::uint32_t i = 0; i < chosen; ++i) asleep_ |= 1u << candidates_[i];
        const thread_index next = candidates_[chosen];
        asleep_ &= ~(1u << next);
        for (thread_index t = 1; t < count; ++t)
            if ((asleep_ >> t & 1) != 0 && !commute(threads[t].next, threads[next].next)) asleep_ &= ~(1u << t);
    }

    choice_path& choices_;
    search_limits limits_;
    std::array<thread_index, max_threads> candidates_{};
    std::uint32_t candidates_count_ = 0;
    std::uint32_t free_count_ = 0;
    int preempted_ = 0;
    std::uint32_t asleep_ = 0;
    bool redundant_ = false;
    std::array<std::int64_t, max_threads> start_priority_{};
    std::array<std::uint64_t, 8> change_at_{};
};

} // namespace model
