// SPDX-License-Identifier: MIT
// One execution of a scenario: its threads as fibers, a scheduling point before each operation on shared memory, and
// the interface that scenarios use (thread, make, finally). explore.hpp makes and repeats executions.
#pragma once
#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "choice_path.hpp"
#include "fiber.hpp"
#include "memory_model.hpp"
#include "step_trace.hpp"
#include "thread_picker.hpp"

namespace model {

/// An operation of the source, executed with another order than the source says.
struct mutation {
    code_site site;
    op_kind kind = op_kind::load;
    order written = order::seq_cst;
    order weakened = order::relaxed;
};

struct execution_limits : search_limits {
    std::uint64_t max_steps = 2000; // in one execution; more count as a livelock
    unsigned weak_failures = 0;     // how often a weak compare-exchange may fail spuriously
    unsigned spurious_wakes = 0;    // how often a futex wait may return spuriously
    bool allow_parked = false;      // threads that sleep when no other thread can run are no error
};

class execution final : fault_sink {
  public:
    enum class ending : std::uint8_t { good, failed };

    /// Adds a thread. Call it only from the scenario function itself.
    void thread(std::string name, std::function<void()> body) {
        thread_state& t = threads_.at(thread_count_);
        memory_.start_thread(thread_count_);
        static_cast<thread_status&>(t) = thread_status{};
        t.name = std::move(name);
        t.body = std::move(body);
        t.priority = picker_.priority_of(thread_count_++);
    }

    /// Makes an object that lives until this execution has ended.
    template<class T, class... Arguments>
    T& make(Arguments&&... arguments) {
        auto object = std::make_shared<T>(std::forward<Arguments>(arguments)...);
        objects_.push_back(object);
        return *object;
    }

    /// Runs `check` when all threads have finished; it sees all that they did.
    void finally(std::function<void()> check) { finally_ = std::move(check); }

    /// Whether that thread was left asleep; for `finally`, under `allow_parked`. Threads count from 0.
    bool parked(std::size_t thread) const { return threads_[thread + 1].now == thread_status::state::waiting; }

    [[noreturn]] void fail(const std::string& what) override {
        failure_ = what + " (in " + threads_[current_].name + ")";
        ending_ = ending::failed;
        _longjmp(host_.resume_at, 1);
    }

    // The operations that the front end (model_atomics.hpp) calls.
    location_id construct(std::uint64_t value, const void* address, const char* name, code_site at) {
        return memory_.construct(current_, value, address, name, at);
    }
    void destroy(location_id id, const void* address) { memory_.destroy(current_, id, address); }
    std::uint64_t load(location_id id, const void* address, order m, code_site at);
    void store(location_id id, const void* address, std::uint64_t value, order m, code_site at);
    template<class Change>
    std::uint64_t modify(location_id id, const void* address, order m, code_site at, Change change);
    bool compare_exchange(location_id id, const void* address, std::uint64_t& expected, std::uint64_t desired,
                          order success, order failure, bool weak, code_site at);
    void fence(order m, code_site at);
    void pause(code_site at);
    void futex_wait(location_id id, const void* address, std::uint64_t expected, code_site at);
    void futex_wake(location_id id, const void* address, std::uint32_t at_most, code_site at);
    memory_model& memory() { return memory_; }
    thread_index running() const { return current_; }
    void note_plain(op_kind kind, location_id variable, code_site at) {
        if (tracing_) trace({kind, no_location, order::relaxed}, "plain #" + std::to_string(variable), "", at);
    }

    static execution& current() {
        static execution* const one = new execution; // never destroyed: fibers may still stand on its stacks
        return *one;
    }

  private:
    friend class explorer;

    struct thread_state : thread_status {
        std::string name;
        std::function<void()> body;
        fiber fiber_state;
        bool resting = false; // its fiber waits at the end of its loop for the next body
    };

    execution() : memory_(choices_, *this), picker_(choices_) { host_.started = true; }

    ending run(const execution_limits& limits, const std::function<void(execution&)>& scenario, std::uint64_t longest);
    static void fiber_main();
    void play();
    thread_index after_end_of_thread();
    void reach(operation next);
    void give_way();
    void switch_to(thread_index next);
    void wrote();
    order adjusted(op_kind kind, order m, const code_site& at);
    /// Returns a mark for the trace where an operation met an old store. No interleaving of sequentially consistent
    /// steps does that.
    std::string age() const { return memory_.met_newest() ? "" : "(old)"; }
    void trace(operation what, std::string where, std::string value, const code_site& at, std::string note = {}) {
        trace_.push_back({threads_[current_].name, what, std::move(where), std::move(value), at, std::move(note)});
    }

    execution_limits limits_;
    choice_path choices_;
    memory_model memory_;
    thread_picker picker_;
    std::array<thread_state, max_threads> threads_;
    std::uint32_t thread_count_ = 1;
    thread_index current_ = 0;
    bool starting_ = false;
    std::uint64_t steps_ = 0;
    unsigned weak_failures_ = 0;
    unsigned spurious_wakes_ = 0;
    fiber host_;
    const std::function<void(execution&)>* scenario_ = nullptr;
    std::function<void()> finally_;
    std::vector<std::shared_ptr<void>> objects_;
    ending ending_ = ending::good;
    std::string failure_;
    bool tracing_ = false;
    std::vector<trace_step> trace_;
    const mutation* mutation_ = nullptr;
    std::vector<mutation>* sites_ = nullptr; // where to collect the operations that can be mutated
};

inline execution::ending execution::run(const execution_limits& limits, const std::function<void(execution&)>& scenario,
                                        std::uint64_t longest) {
    limits_ = limits;
    scenario_ = &scenario;
    choices_.start_execution();
    memory_.start_execution();
    picker_.start_execution(limits, longest);
    thread_count_ = 1;
    current_ = 0;
    starting_ = false;
    steps_ = 0;
    weak_failures_ = spurious_wakes_ = 0;
    ending_ = ending::good;
    failure_.clear();
    trace_.clear();
    threads_[0].name = "scenario";
    for (thread_state& t : threads_)
        if (!t.resting) t.fiber_state.started = false; // interrupted by a failure, or parked for good
    switch_fiber(host_, threads_[0].fiber_state, &fiber_main);
    if (ending_ == ending::failed) {
        // Leaks the objects of a failed execution: their destructors would run in an arbitrary state.
        for (auto& o : objects_) new std::shared_ptr<void>(std::move(o));
        objects_.clear();
    }
    for (thread_state& t : threads_) t.body = nullptr;
    finally_ = nullptr;
    return ending_;
}

inline void execution::fiber_main() {
    execution& e = current();
    fiber& mine = e.threads_[e.current_].fiber_state;
    mine.entered = true;
    (void)_setjmp(mine.origin);
    for (;;) {
        const thread_index self = e.current_;
        thread_state& me = e.threads_[self];
        me.resting = false;
        try {
            if (self == 0)
                e.play();
            else
                me.body();
        } catch (const std::exception& x) {
            e.fail(std::string("exception: ") + x.what());
        } catch (...) {
            e.fail("exception");
        }
        if (self == 0) {
            me.resting = true;
            switch_fiber(me.fiber_state, e.host_, nullptr);
        } else {
            me.now = thread_status::state::done;
            const thread_index next = e.after_end_of_thread();
            me.resting =
                true; // not before: had `after_end_of_thread` found a deadlock, this fiber would have to begin anew
            e.switch_to(next);
        }
    }
}

/// The life of the scenario's own fiber: set up, let the threads run, check, clean up.
inline void execution::play() {
    (*scenario_)(*this);
    starting_ = true;
    if (thread_count_ > 1) switch_to(1);
    starting_ = false;
    memory_.join_all();
    if (finally_) finally_();
    finally_ = nullptr;
    while (!objects_.empty()) objects_.pop_back();
}

inline void execution::switch_to(thread_index next) {
    const thread_index previous = current_;
    if (next == previous) return;
    current_ = next;
    switch_fiber(threads_[previous].fiber_state, threads_[next].fiber_state, &fiber_main);
}

inline thread_index execution::after_end_of_thread() {
    wrote(); // a thread that has finished counts as progress for threads that paused
    if (starting_ && current_ + 1 < thread_count_) return current_ + 1;
    starting_ = false;
    const thread_index next = picker_.pick(threads_, thread_count_, no_thread, steps_);
    if (next != no_thread) return next;
    if (!limits_.allow_parked)
        for (thread_index t = 1; t < thread_count_; ++t)
            if (threads_[t].now == thread_status::state::waiting)
                fail("deadlock: " + threads_[t].name + " sleeps and nobody is left to wake it");
    return 0;
}

/// Marks the scheduling point before an operation. All threads first run up to their first operation, so that the next
/// operation of each is known.
inline void execution::reach(operation next) {
    if (current_ == 0) return;
    threads_[current_].next = next;
    if (++steps_ > limits_.max_steps) fail("livelock: more than " + std::to_string(limits_.max_steps) + " steps");
    if (starting_ && current_ + 1 < thread_count_) return switch_to(current_ + 1);
    const thread_index from = starting_ ? no_thread : current_;
    starting_ = false;
    switch_to(picker_.pick(threads_, thread_count_, from, steps_));
}

/// Switches to another thread, because the current one cannot go on.
inline void execution::give_way() {
    const thread_index next = picker_.pick(threads_, thread_count_, no_thread, steps_);
    if (next == no_thread && !limits_.allow_parked) fail("deadlock: every thread sleeps or has ended (lost wake-up)");
    switch_to(next == no_thread ? 0 : next);
}

inline void execution::wrote() {
    for (thread_index t = 1; t < thread_count_; ++t)
        if (t != current_) threads_[t].paused = false;
}

inline order execution::adjusted(op_kind kind, order m, const code_site& at) {
    if (mutation_ && mutation_->kind == kind && mutation_->written == m && mutation_->site == at)
        return mutation_->weakened;
    if (sites_) {
        for (const mutation& s : *sites_)
            if (s.kind == kind && s.written == m && s.site == at) return m;
        sites_->push_back({at, kind, m, m});
    }
    return m;
}

inline std::uint64_t execution::load(location_id id, const void* address, order m, code_site at) {
    m = adjusted(op_kind::load, m, at);
    const operation op{op_kind::load, id, m};
    reach(op);
    const std::uint64_t value = memory_.load(current_, id, m, address);
    if (tracing_) trace(op, memory_.describe(id), value_text(value), at, age());
    return value;
}

inline void execution::store(location_id id, const void* address, std::uint64_t value, order m, code_site at) {
    m = adjusted(op_kind::store, m, at);
    const operation op{op_kind::store, id, m};
    reach(op);
    memory_.store(current_, id, value, m, address);
    if (tracing_) trace(op, memory_.describe(id), value_text(value), at, age());
    wrote();
}

template<class Change>
std::uint64_t execution::modify(location_id id, const void* address, order m, code_site at, Change change) {
    m = adjusted(op_kind::rmw, m, at);
    const operation op{op_kind::rmw, id, m};
    reach(op);
    const std::uint64_t old = memory_.modify(current_, id, m, address, change);
    if (tracing_) trace(op, memory_.describe(id), value_text(old) + " -> " + value_text(change(old)), at, age());
    wrote();
    return old;
}

inline bool execution::compare_exchange(location_id id, const void* address, std::uint64_t& expected,
                                        std::uint64_t desired, order success, order failure, bool weak, code_site at) {
    success = adjusted(op_kind::cas, success, at);
    failure = adjusted(op_kind::cas_failure, failure, at);
    const bool any_sc = success == order::seq_cst || failure == order::seq_cst;
    reach({op_kind::cas, id, any_sc ? order::seq_cst : success});
    const std::uint64_t wanted = expected;
    const bool licence = weak && weak_failures_ < limits_.weak_failures;
    const bool swapped = memory_.compare_exchange(current_, id, expected, desired, success, failure, licence, address);
    if (!swapped && wanted == expected) ++weak_failures_;
    if (tracing_)
        trace({swapped ? op_kind::cas : op_kind::cas_failure, id, swapped ? success : failure}, memory_.describe(id),
              swapped ? value_text(wanted) + " -> " + value_text(desired)
                      : value_text(expected) + " not " + value_text(wanted),
              at, age());
    if (swapped) wrote();
    return swapped;
}

inline void execution::fence(order m, code_site at) {
    m = adjusted(op_kind::fence, m, at);
    const operation op{op_kind::fence, no_location, m};
    reach(op);
    memory_.fence(current_, m);
    if (tracing_) trace(op, "", "", at);
}

inline void execution::pause(code_site at) {
    if (current_ == 0) return;
    const operation op{op_kind::pause, no_location, order::relaxed};
    reach(op);
    memory_.pause(current_);
    threads_[current_].paused = true;
    if (tracing_) trace(op, "", "", at);
}

inline void execution::futex_wait(location_id id, const void* address, std::uint64_t expected, code_site at) {
    const operation op{op_kind::wait, id, order::relaxed};
    reach(op);
    const std::uint64_t value = memory_.kernel_load(current_, id, address);
    const bool sleeps = value == expected;
    if (sleeps && spurious_wakes_ < limits_.spurious_wakes && choices_.pick(2) == 1) {
        ++spurious_wakes_;
        if (tracing_) trace(op, memory_.describe(id), value_text(value), at, "(spurious)");
        return;
    }
    if (tracing_) trace(op, memory_.describe(id), value_text(value), at, sleeps ? "(sleeps)" : "(returns)");
    if (!sleeps) return;
    if (current_ == 0) fail("the scenario's own thread would sleep for ever");
    threads_[current_].now = thread_status::state::waiting;
    threads_[current_].waits_on = id;
    threads_[current_].next = operation{};
    give_way();
}

inline void execution::futex_wake(location_id id, const void* address, std::uint32_t at_most, code_site at) {
    if (adjusted(op_kind::wake, order::seq_cst, at) == order::relaxed) return;
    const operation op{op_kind::wake, id, order::relaxed};
    reach(op);
    memory_.kernel_wake(current_, id, address);
    std::string woken;
    for (; at_most > 0; --at_most) {
        std::array<thread_index, max_threads> sleepers{};
        std::uint32_t n = 0;
        for (thread_index t = 1; t < thread_count_; ++t)
            if (threads_[t].now == thread_status::state::waiting && threads_[t].waits_on == id) sleepers[n++] = t;
        if (n == 0) break;
        thread_state& t = threads_[sleepers[choices_.pick(n)]];
        t.now = thread_status::state::ready;
        woken += (woken.empty() ? "(" : ", ") + t.name;
    }
    if (tracing_) trace(op, memory_.describe(id), "", at, woken.empty() ? "(nobody)" : woken + ")");
}

} // namespace model
