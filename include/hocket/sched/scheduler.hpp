// SPDX-License-Identifier: MIT
// The contexts of a pool, its threads, and how they find each other, floor 3: announcing work, waking, searching, parking.
// What a thread does with the work that it found is in sched/search.hpp; waiting is in sched/wait.hpp; guests come and go
// in sched/guest.hpp.
#pragma once

#include <hocket/base/atomics.hpp>
#include <hocket/base/fixed_array.hpp>
#include <hocket/base/fork.hpp>
#include <hocket/base/types.hpp>
#include <hocket/machine/os_mutex.hpp>
#include <hocket/machine/pin.hpp>
#include <hocket/machine/placement.hpp>
#include <hocket/queue/inbox.hpp>
#include <hocket/sched/sleep.hpp>
#include <hocket/sched/worker.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <stdexcept>

namespace hocket {

class thread_pool;

namespace detail {

/// When a task is begun, compared to others that nobody has begun.
enum class urgency : std::uint8_t { normal, high, low };

class scheduler {
  public:
    /// Starts one thread per place. Fewer if the system refuses some; throws std::runtime_error if it refuses the first.
    scheduler(thread_pool* handle, placement&& where, char const* name);

    /// Finishes what was submitted, then joins the threads. Not on one of them.
    ~scheduler();

    scheduler(scheduler const&) = delete;
    scheduler& operator=(scheduler const&) = delete;

    std::uint32_t size() const noexcept { return size_; }
    thread_pool& handle() const noexcept { return *handle_; }
    /// No two pools share it, also one after the other at the same place.
    std::uint64_t id() const noexcept { return id_; }
    placement const& places() const noexcept { return places_; }
    std::uint32_t threads_that_never_started() const noexcept { return missing_; }
    /// How many workers could not be pinned. Waits until each has tried.
    std::uint32_t pins_refused() const noexcept {
        while (pins_tried_.load(std::memory_order_acquire) < size_ && in_this_process()) // <- scheduler.pinned
            sleep_for(50'000);
        return pins_refused_.load(std::memory_order_relaxed);
    }

    // Work and sleepers.

    /// After work was made visible: wakes a thread for it unless `enough` search already.
    void announce(std::uint32_t domain, std::uint32_t enough = 1) noexcept {
        idle_set::publication_fence();
        idle_set::view const now = idle_[domain].look();
        if (domains_ == 1 && (now.searching() >= enough || (now.parked_workers() == 0 && now.lent() == 0))) return;
        wake_somebody(domain, enough);
    }

    /// The same directly after work was made visible by a read-modify-write.
    void announce_update(std::uint32_t domain) noexcept {
        idle_set::publication_fence_after_update();
        idle_set::view const now = idle_[domain].look();
        if (domains_ == 1 && (now.searching() != 0 || (now.parked_workers() == 0 && now.lent() == 0))) return;
        wake_somebody(domain, 1);
    }

    /// After something was put into the mail of `target`: wakes that worker if it is parked, or somebody who runs it in its
    /// place if its holder sleeps in a wait.
    void announce_mail(worker& target) noexcept {
        idle_set::publication_fence_after_update();
        if (idle_[target.domain].claim(target.bit))
            hand_token(target);
        else if (target.has_orphaned_mail())
            wake_somebody(target.domain, 1);
    }

    /// Whether a thread is awake that looks for work. A hint.
    bool somebody_searches() const noexcept {
        for (std::uint32_t d = 0; d < domains_; ++d)
            if (idle_[d].look().searching() != 0) return true;
        return false;
    }

    /// Whether there is work that nobody has begun. Exact after a full fence that follows its publication.
    bool work_visible() const noexcept;

    /// Whether there is work but all threads of the pool wait, and the system or the limit on spare threads forbids one more:
    /// only somebody outside could still end one of the waits. Tries to start a thread first.
    bool stuck() noexcept;
    /// How long a wait sleeps before it asks whether the pool is stuck: short after it once was.
    long long nanoseconds_until_stuck() const noexcept { return was_stuck() ? 100'000 : 500'000'000; }
    /// Lately. Then waits look for their work wherever it may be, however long that takes.
    bool was_stuck() const noexcept { return was_stuck_.load(std::memory_order_relaxed); }

    /// While the count is above zero, searching threads spin instead of parking.
    void add_warm() noexcept;
    void drop_warm() noexcept { warm_.fetch_sub(1, std::memory_order_relaxed); }

    inbox& tasks(urgency level) noexcept { return inboxes_[static_cast<std::size_t>(level)]; }

    // Contexts.

    /// Throws std::logic_error in a child of fork(): the threads stayed behind in the parent.
    void require_this_process() const {
        if (!in_this_process()) throw_forked();
    }
    bool in_this_process() const noexcept { return generation_ == fork_generation; }

    /// A context for an outside thread: that of the sleeping worker of the same core, or of `last_rank`, or any, else a new one; null when there are too many already.
    worker* enter_guest(std::uint32_t last_rank) noexcept;
    void leave_guest(worker& context) noexcept;

    /// A waiting worker gives its core and its place away, and takes them back.
    void lend_core(worker& me) noexcept;
    void return_core(worker& me) noexcept;

    /// Wakes a thread, in this domain or else in another, unless a domain has `enough` that search.
    void wake_somebody(std::uint32_t domain, std::uint32_t enough) noexcept;

    /// Tells the latch of a group how many of its tasks `me` has run since it last did.
    void finish_batch(worker& me) noexcept {
        latch* const group = me.batch_of;
        me.batch_of = nullptr;
        if (group == nullptr) return;
        if (std::uint32_t const waiter = group->finish(me.batch); waiter != 0) context(waiter - 1)->wake_waiter();
        me.batch = 0;
    }

    worker* context(std::uint32_t id) const noexcept { return contexts_[id].load(std::memory_order_acquire); }
    std::uint32_t contexts() const noexcept { return context_count_.load(std::memory_order_acquire); }

  private:
    friend class search;
    template<class, class>
    friend class basic_living_pools;

    static constexpr std::uint32_t most_at_once = 32; // items taken from an inbox or a lane

    /// The worker that is pinned to the core on which the caller runs now.
    std::optional<std::uint32_t> rank_here() const noexcept {
        if (rank_of_pu_.empty()) return std::nullopt;
        std::optional<unsigned> const pu = pu_of_calling_thread();
        if (!pu || *pu >= rank_of_pu_.size() || rank_of_pu_[*pu] >= size_) return std::nullopt;
        return rank_of_pu_[*pu];
    }
    std::uint32_t workers_in(std::uint32_t domain) const noexcept {
        std::uint32_t const left = size_ - domain * idle_set::workers;
        return left < idle_set::workers ? left : idle_set::workers;
    }
    idle_bit bit_here(std::uint32_t domain) const noexcept {
        std::optional<std::uint32_t> const rank = rank_here();
        return rank && *rank / idle_set::workers == domain ? *rank % idle_set::workers : idle_set::nobody;
    }

    worker* at_bit(std::uint32_t domain, idle_bit bit) const noexcept {
        return by_bit_[domain * idle_set::capacity + bit].load(std::memory_order_acquire);
    }
    [[noreturn]] HOCKET_COLD static void throw_forked() {
        throw std::logic_error(
            "hocket: this thread_pool was made before fork(), and its threads do not exist in the child; "
            "make a pool in the child, or use default_pool(), which makes a fresh one");
    }
    worker* occupy_sleeper(std::uint32_t home) noexcept;
    worker* enter_crowded(std::uint32_t home) noexcept;
    bool start_spare(std::uint32_t domain) noexcept;
    worker* add_context(std::uint32_t rank, std::uint32_t domain, idle_bit bit); // contexts_mutex_ is held
    worker* new_extra(std::uint32_t domain) noexcept;
    bool start_thread(worker& context) noexcept;
    static void* run_thread(void* context) noexcept;
    void add_free_guest(worker& context) noexcept; // contexts_mutex_ is held
    os_thread take_running_thread() noexcept;
    bool is_quiet() noexcept;
    void become_quiet() noexcept;

    /// To a thread whose idle bit the caller has claimed.
    void hand_token(worker& sleeper) noexcept {
        tokens_.fetch_add(1, std::memory_order_relaxed);
        sleeper.idle_parker.wake();
    }
    void fill_rank_of_pu();

    static std::uint64_t new_id() noexcept {
        static constinit std::atomic<std::uint64_t> made{0};
        return made.fetch_add(1, std::memory_order_relaxed);
    }

    thread_pool* handle_;
    std::uint64_t const id_ = new_id(); // in a line that nobody writes: continuations read it
    placement places_;
    char name_[os_thread::longest_name + 1] = {};
    fixed_array<std::uint32_t> rank_of_pu_; // empty when the workers are not pinned
    std::uint32_t size_ = 0;
    std::uint32_t missing_ = 0;
    std::uint32_t domains_ = 0;
    std::uint32_t const generation_ = (watch_forks(), fork_generation);
    fixed_array<idle_set> idle_;

    /// Writers: add_context, under contexts_mutex_. Readers: everyone. Filled from the front, never shrinks.
    fixed_array<std::atomic<worker*>> contexts_;
    fixed_array<std::atomic<worker*>> by_bit_;
    std::atomic<std::uint32_t> context_count_{0};

    os_mutex contexts_mutex_; // guards the rest of this group
    worker_list owned_;
    worker* free_guests_ = nullptr; // linked by next_free

    inbox inboxes_[3]; // by urgency

    /// Writers: guests that found all workers awake. Readers: searching workers, which then park at once.
    alignas(cache_line) std::atomic<std::uint32_t> seats_wanted_{0};
    /// Writers: waiting workers that came back while a spare runs on their core; spares. Readers: spares, which then park.
    std::atomic<std::uint32_t> recalled_{0};
    /// Writers: keep_warm scopes. Readers: searchers.
    std::atomic<std::uint32_t> warm_{0};
    /// Writers: waits that ask. A hint.
    std::atomic<bool> was_stuck_{false};
    /// Writer: the destructor. Readers: searchers, which then park at once.
    std::atomic<bool> ending_{false};
    /// Writer: the destructor, when all are parked. Readers: searchers. Relaxed suffices: threads are joined.
    std::atomic<bool> stopping_{false};
    /// Writers: those who wake. Reader: the destructor.
    std::atomic<std::uint32_t> tokens_{0};
    /// Writers: those who hold it. Reader: the destructor.
    std::atomic<std::uint32_t> holders_{0};
    scheduler* next_living_ = nullptr; // the list's of living_pools
    /// Writers: workers when they start. Reader: pins_refused.
    std::atomic<std::uint32_t> pins_refused_{0};
    std::atomic<std::uint32_t> pins_tried_{0};
};

HOCKET_NOINLINE inline bool scheduler::work_visible() const noexcept {
    for (inbox const& tasks : inboxes_)
        if (!tasks.empty()) return true;
    std::uint32_t const count = contexts();
    for (std::uint32_t i = 0; i < count; ++i) {
        worker const& other = *context(i);
        if (!other.lane.empty() || other.has_orphaned_mail()) return true;
        public_window const window = other.window();
        for (std::uint32_t s = window.first; s < window.last; ++s)
            if (slot_word::is_public(other.stack[s].state.load(std::memory_order_relaxed))) return true;
        std::uint32_t const loops = other.open_loops.load(std::memory_order_acquire); // <- loop.open
        for (std::uint32_t l = 0; l < loops; ++l)
            if (other.loops[l].units_left(0)) return true;
    }
    return false;
}

HOCKET_NOINLINE inline void scheduler::wake_somebody(std::uint32_t domain, std::uint32_t enough) noexcept {
    for (std::uint32_t i = 0; i < domains_; ++i) {
        std::uint32_t const d = (domain + i) % domains_;
        bool spare_wanted = false;
        if (idle_[d].look().searching() >= enough) return;
        if (auto const bit = idle_[d].claim_sleeper(enough, bit_here(d), spare_wanted)) {
            hand_token(*at_bit(d, *bit));
            return;
        }
        if (spare_wanted && start_spare(d)) return;
    }
}

HOCKET_COLD inline bool scheduler::stuck() noexcept {
    bool result = work_visible();
    for (int round = 0; round < 2 && result; ++round) {
        if (round == 0) wake_somebody(0, 1);
        for (std::uint32_t d = 0; d < domains_; ++d) {
            idle_set::view const now = idle_[d].look();
            if (now.parked() != 0 || now.searching() != 0 || now.lent() < workers_in(d)) result = false;
        }
    }
    was_stuck_.store(result, std::memory_order_relaxed);
    return result;
}

inline void scheduler::add_warm() noexcept {
    warm_.fetch_add(1, std::memory_order_relaxed);
    std::uint32_t const wanted = this_context != nullptr && this_context->sched == this ? size_ : size_ - 1;
    for (std::uint32_t d = 0, left = wanted; d < domains_; ++d) {
        std::uint32_t const here = left < idle_set::workers ? left : idle_set::workers;
        for (std::uint32_t awake = 0; awake < here; ++awake) {
            bool spare_wanted = false;
            auto const bit = idle_[d].claim_sleeper(here, bit_here(d), spare_wanted);
            if (!bit) break;
            hand_token(*at_bit(d, *bit));
        }
        left -= here;
    }
}

inline void scheduler::lend_core(worker& me) noexcept {
    if (me.times_lent++ != 0) return; // a wait within `blocking`
    me.leave_place();                 // before the fence that follows
    if (me.seated)
        idle_[me.domain].lend_core();
    else
        idle_set::publication_fence();
    if (work_visible()) wake_somebody(me.domain, 1);
}

inline void scheduler::return_core(worker& me) noexcept {
    if (--me.times_lent != 0) { // the scope around this one lends it still; but it looked as if the holder came back
        me.leave_place();
        idle_set::publication_fence();
        if (me.has_orphaned_mail()) wake_somebody(me.domain, 1);
        return;
    }
    me.return_to_place();
    if (me.seated && !idle_[me.domain].return_core()) recalled_.fetch_add(1, std::memory_order_relaxed);
}

HOCKET_COLD inline worker* scheduler::add_context(std::uint32_t rank, std::uint32_t domain, idle_bit bit) {
    std::uint32_t const id = context_count_.load(std::memory_order_relaxed);
    worker* const context = new worker(*this, id, rank, domain, bit);
    context->next_owned = owned_.first;
    owned_.first = context;
    contexts_[id].store(context, std::memory_order_release);
    by_bit_[domain * idle_set::capacity + bit].store(context, std::memory_order_release);
    context_count_.store(id + 1, std::memory_order_release);
    return context;
}

/// One more context in this domain, for a spare thread or a guest. Null when all are in use, or there is no memory.
HOCKET_COLD inline worker* scheduler::new_extra(std::uint32_t domain) noexcept {
    os_lock const lock(contexts_mutex_);
    for (idle_bit bit = idle_set::workers; bit < idle_set::capacity; ++bit) {
        if (at_bit(domain, bit) != nullptr) continue;
        try {
            std::uint32_t const rank = domain * idle_set::workers + (bit - idle_set::workers) % workers_in(domain);
            return add_context(rank, domain, bit);
        } catch (...) {
            return nullptr;
        }
    }
    return nullptr;
}

HOCKET_COLD inline bool scheduler::start_spare(std::uint32_t domain) noexcept {
    if (stopping_.load(std::memory_order_relaxed)) return false;
    worker* const context = new_extra(domain);
    if (context == nullptr) return false;
    if (!idle_[domain].claim_lent_core()) { // somebody else took the core: keep the context for a guest
        os_lock const lock(contexts_mutex_);
        add_free_guest(*context);
        return false;
    }
    hand_token(*context);
    if (start_thread(*context)) return true;
    idle_[domain].end_search();
    idle_[domain].lend_core();
    os_lock const lock(contexts_mutex_);
    add_free_guest(*context);
    return false;
}

inline bool scheduler::start_thread(worker& context) noexcept {
    os_lock const lock(contexts_mutex_);
    return context.thread.start(&run_thread, &context);
}

inline void scheduler::add_free_guest(worker& context) noexcept {
    context.next_free = free_guests_;
    free_guests_ = &context;
}

/// Whether every thread of the pool is parked, and there is no work. A thread is woken only by one that is awake, which has
/// counted the token when it is seen to be parked itself; so when no token was handed out meanwhile, all were parked at once.
HOCKET_COLD inline bool scheduler::is_quiet() noexcept {
    std::uint32_t const before = tokens_.load(std::memory_order_acquire); // only in order with what follows
    {
        os_lock const lock(contexts_mutex_);
        for (worker* context = owned_.first; context != nullptr; context = context->next_owned) {
            idle_set::view const now = idle_[context->domain].look();
            if (context->thread.running() && (now.parked() >> context->bit & 1) == 0) return false;
        }
    }
    std_atomics::full_fence();
    if (tokens_.load(std::memory_order_relaxed) != before) return false;
    if (!work_visible()) return true;
    wake_somebody(0, 1);
    return false;
}

/// A thread of this pool that nobody joins yet; one that is not running when there is none.
HOCKET_COLD inline os_thread scheduler::take_running_thread() noexcept {
    os_lock const lock(contexts_mutex_);
    for (worker* context = owned_.first; context != nullptr; context = context->next_owned)
        if (context->thread.running()) return context->thread.release();
    return {};
}

} // namespace detail
} // namespace hocket
