// SPDX-License-Identifier: MIT
// A simulated machine: its threads run one at a time, and each atomic operation, fence, pause, system call and reading
// of the clock passes through here. In timed mode the thread whose clock is behind all others goes on; in random mode
// one that the seed picks. Called by what takes the place of the processor and of the system:
// sim/simulated_atomic.hpp, and the files of os/ in a program with HOCKET_SIMULATED.
#pragma once

#include <hocket/sim/dice.hpp>
#include <hocket/sim/lines.hpp>
#include <hocket/sim/machine_options.hpp>
#include <hocket/sim/machine_thread.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hocket::sim {

class machine;

/// The machine of the run that goes on, or null: then operations are those of the real machine.
inline constinit machine* active = nullptr;

class machine {
  public:
    machine(options const& its, std::uint64_t seed)
        : options_(its),
          cost_(its.costs),
          shape_{its.cores, its.cores_per_l3, its.cores_per_socket},
          random_(its.mode == mode::random),
          manner_(manner_of(its, seed)),
          dice_(seed),
          lines_(shape_, cost_) {}

    /// Runs `program` as the first thread, on core 0. `failed` gets the story of a hang, and does not return.
    template<class F>
    void run(F& program, void (*failed)(std::string const&)) {
        failed_ = failed;
        threads_.push_back(std::make_unique<machine_thread>());
        current_ = threads_.front().get();
        current_->state = thread_state::running;
        current_->name = "main";
        current_->host.adopt();
        active = this;
        program();
        drain(*current_);
        active = nullptr;
    }

    layout const& shape() const noexcept { return shape_; }
    sim::dice& rolls() noexcept { return dice_; }
    std::uint64_t operations() const noexcept { return operations_; }
    ns time() const noexcept { return random_ ? global_ : current_->clock; }
    line_directory const& lines() const noexcept { return lines_; }
    machine_thread& current() noexcept { return *current_; }

    /// How often, and for how long, a piece of code has waited for lines. Timed mode.
    struct waits {
        std::uint64_t count = 0;
        ns time = 0;
    };
    /// The waits by the address of the instruction behind the operation.
    std::unordered_map<void const*, waits> const& waits_by_code() const noexcept { return waits_; }

    // Atomic operations say what they are about to do.

    [[gnu::noinline]] void before_load(void const* where) {
        if (random_) return step();
        turn(cost_.slack);
        machine_thread& me = *current_;
        line* l = &lines_.at(where);
        if (l->sharers[static_cast<std::size_t>(me.core)]) {
            if (l->owner == me.core && l->busy > me.clock) wait_for(*l, l->busy, __builtin_return_address(0));
            me.clock += cost_.hit;
            return;
        }
        turn(0);
        ns const begin = std::max(me.clock, l->busy);
        l->busy = begin + cost_.read_service;
        ns const come = begin + lines_.nearest(*l, me.core);
        l->owner = -1;
        l->sharers.set(static_cast<std::size_t>(me.core));
        wait_for(*l, come, __builtin_return_address(0));
        turn(0); // the value is the one of the moment in which the line comes
    }
    /// A store goes into the store buffer, and the line follows.
    [[gnu::noinline]] void before_store(void const* where) {
        if (random_) return step(false, true);
        turn(cost_.slack);
        machine_thread& me = *current_;
        line& l = lines_.at(where);
        if (l.owner != me.core) {
            turn(0);
            take(l);
        } else
            me.drained = std::max(me.drained, l.busy);
        me.clock += cost_.hit;
    }
    [[gnu::noinline]] void before_update(void const* where) {
        if (random_) return update_step();
        turn(cost_.slack);
        machine_thread& me = *current_;
        line& l = lines_.at(where);
        if (l.holder == me.core && me.clock <= l.held_until) { // others wait for it, but it is still here
            me.clock += cost_.update;
        } else if (l.owner == me.core) {
            wait_for(l, std::max(l.busy, me.drained), __builtin_return_address(0));
            me.clock += cost_.update;
            l.busy = me.clock;
        } else {
            turn(0);
            take(l);
            l.busy = me.drained = l.busy + cost_.update;
            wait_for(l, me.drained, __builtin_return_address(0));
            turn(0); // it is done in the moment in which the line comes
            l.holder = me.core;
            l.held_until = me.clock + cost_.hold;
        }
    }
    void prefetch_for_write(void const* where) {
        if (random_) return;
        turn(0);
        machine_thread& me = *current_;
        line& l = lines_.at(where);
        ns const drained = me.drained;
        if (l.owner != me.core) take(l);
        me.drained = drained;
        me.clock += cost_.hit;
    }
    void full_fence() {
        if (random_) return update_step();
        machine_thread& me = *current_;
        me.clock = std::max(me.clock, me.drained) + cost_.fence;
    }
    /// All stores of all threads are out afterwards.
    void heavy_fence() {
        full_fence();
        if (random_) {
            for (auto const& other : threads_) drain(*other);
            return;
        }
        current_->clock += cost_.heavy_fence;
    }
    void pause() {
        if (random_) return step(true);
        turn(0);
        current_->clock += cost_.pause;
    }
    bool fails_for_no_reason() { return random_ && dice_.one_in(16); }

    /// Whether other threads see stores late.
    bool buffers_stores() const noexcept { return random_ && options_.store_buffers; }
    void delay_store(void* where, std::uint64_t value, unsigned size) {
        current_->buffer.push_back({where, value, size});
        ++delayed_;
        if (current_->buffer.size() > 8) drain_one(*current_);
    }
    /// Whether this thread has stored to `where` what others do not see yet.
    bool forwards(void const* where, std::uint64_t& value) const {
        auto const& buffer = current_->buffer;
        for (auto i = buffer.rbegin(); i != buffer.rend(); ++i)
            if (i->where == where) {
                value = i->value;
                return true;
            }
        return false;
    }
    /// An object begins at `where`: what was stored to an earlier one there must not come out any more.
    void begin_object(void const* where) {
        std::uint64_t ignored = 0;
        if (delayed_ != 0 && forwards(where, ignored)) drain(*current_);
    }

    // The clock, and work of the program.

    ns clock() {
        if (random_) {
            step();
            return global_;
        }
        turn(cost_.slack);
        return current_->clock += cost_.clock;
    }
    void work(ns time) {
        current_->busy += time;
        if (random_) {
            step();
            current_->word = nullptr;
            sleep(time);
        } else
            current_->clock += time;
    }
    ns busy_time() const noexcept {
        ns sum = operations_;
        for (auto const& t : threads_) sum += t->busy;
        return sum;
    }

    // The operating system.

    void sleep_on(void const* word, std::uint32_t expected, ns time = for_ever);
    void sleep_for(ns time) {
        before_call();
        current_->word = nullptr;
        sleep(time);
    }
    /// Wakes up to `count` threads that sleep on `word`, which is not read.
    void wake(void const* word, unsigned count = 1);
    /// Returns null if the real system refuses a thread.
    machine_thread* start(void* (*body)(void*), void* argument);
    void join(machine_thread& other);
    void yield() {
        if (random_) return step(true);
        turn(0);
        current_->clock += cost_.system_call;
    }
    void name(char const* text) { current_->name = text; }
    void bind(unsigned core) noexcept { current_->core = static_cast<int>(core % shape_.cores); }

    // What the program promises for the moments in which all threads rest: each of them sleeps, or works for the
    // program, and none is between two steps of a protocol. Random mode.

    /// From now on `look(of)` returns null in these moments, or what is wrong. `tell(of, now)` returns a text for the
    /// story of a run that cannot go on.
    void promise(void* of, char const* (*look)(void const*), std::string (*tell)(void*, ns)) {
        promises_.push_back({of, look, tell});
    }
    void withdraw_promise(void const* of) {
        std::erase_if(promises_, [of](promised const& one) { return one.of == of; });
    }

    /// Ends the run, because it cannot go on.
    [[noreturn]] void give_up(char const* why);

  private:
    struct entry {
        ns clock;
        machine_thread* who;
        std::uint64_t stamp;
        bool operator<(entry const& other) const noexcept { // the queue's first one is the earliest
            return clock != other.clock ? clock > other.clock : who->id > other.who->id;
        }
    };
    struct promised {
        void* of;
        char const* (*look)(void const*);
        std::string (*tell)(void*, ns);
    };
    bool is_old(entry const& e) const noexcept { return e.stamp != e.who->stamp; } // it went on since, or was woken

    void live();
    void before_call() {
        if (random_) {
            step();
            drain(*current_);
        } else
            turn(0);
    }
    /// Takes a line to write it. Does not wait for it.
    void take(line& l) {
        machine_thread& me = *current_;
        l.busy = me.drained = std::max(std::max(me.clock, l.busy) + lines_.farthest(l, me.core), me.drained);
        l.owner = me.core;
        l.sharers.reset();
        l.sharers.set(static_cast<std::size_t>(me.core));
    }
    void wait_for(line& l, ns until, void const* code) {
        machine_thread& me = *current_;
        if (until <= me.clock) return;
        l.waited += until - me.clock;
        waits& here = waits_[code];
        here.time += until - me.clock;
        ++here.count;
        me.clock = until;
    }

    /// Timed mode: goes on once this thread's clock is ahead of the earliest one by at most `slack`.
    void turn(ns slack) {
        ++operations_;
        machine_thread& me = *current_;
        if (me.clock > limit()) give_up("simulated time runs out (a livelock?)");
        if (me.clock <= next_ || me.clock - next_ <= slack) return;
        me.state = thread_state::ready;
        push(me, me.clock);
        go_on();
    }
    /// Random mode: an operation is about to be done. Perhaps other threads go first.
    void step(bool idle = false, bool is_write = false) {
        ++operations_;
        global_ += idle ? 21 : 1;
        if (global_ > limit()) give_up("simulated time runs out (a livelock?)");
        if (delayed_ != 0 && dice_.one_in(manner_.drain_one_in)) drain_any();
        machine_thread& me = *current_;
        bool const stalls = manner_.stall_one_in != 0 && (is_write || std::exchange(me.updated, false)) &&
                            dice_.one_in(manner_.stall_one_in);
        if (stalls || (manner_.delay_one_in != 0 && dice_.one_in(manner_.delay_one_in))) return delay();
        if (!idle && !dice_.one_in(manner_.switch_one_in)) return;
        make_ready(me);
        go_on();
    }
    /// Random mode: as if the system had taken the core away.
    void delay() {
        current_->word = nullptr;
        ++displaced_;
        sleep(dice_.below(manner_.longest_delay + 1));
        --displaced_;
    }
    void update_step() {
        step(false, true);
        drain(*current_);
        current_->updated = true;
    }
    ns limit() const noexcept { return static_cast<ns>(options_.limit.count()); }
    void drain_one(machine_thread& of) {
        machine_thread::store const s = of.buffer.front();
        of.buffer.pop_front();
        --delayed_;
        std::memcpy(s.where, &s.value, s.size);
    }
    void drain(machine_thread& of) {
        while (!of.buffer.empty()) drain_one(of);
    }
    void drain_any() {
        std::size_t const count = threads_.size();
        for (std::size_t at = dice_.below(count), tries = 0; tries != count; ++tries, ++at)
            if (machine_thread& t = *threads_[at % count]; !t.buffer.empty()) return drain_one(t);
    }
    /// Random mode: no thread can go on before the time `until`.
    void rest(ns until);
    void push(machine_thread& t, ns when) {
        queue_.push({when, &t, ++t.stamp});
        next_ = queue_.top().clock;
    }
    void make_ready(machine_thread& t) {
        t.state = thread_state::ready;
        if (!random_) return push(t, t.clock);
        ++t.stamp;
        ready_.push_back(&t);
    }
    void sleep(ns time);
    /// The time is over for which a thread wanted to sleep.
    void expire(machine_thread& t, ns due);
    machine_thread& pick() {
        machine_thread& next = random_ ? pick_by_seed() : pick_earliest();
        next.state = thread_state::running;
        return next;
    }
    machine_thread& pick_by_seed();
    machine_thread& pick_earliest();
    /// Gives the processor to the next thread. Returns when it is this one's turn again.
    void go_on() {
        machine_thread& me = *current_;
        machine_thread& next = pick();
        current_ = &next;
        me.host.switch_to(next.host);
    }

    options options_;
    costs cost_;
    layout shape_;
    bool random_;
    random_manner manner_;
    sim::dice dice_;
    line_directory lines_;
    std::unordered_map<void const*, waits> waits_;
    void (*failed_)(std::string const&) = nullptr;
    std::vector<std::unique_ptr<machine_thread>> threads_;
    machine_thread* current_ = nullptr;
    std::priority_queue<entry> queue_;   // timed mode: ready threads and sleepers; random mode: sleepers with a limit
    std::vector<machine_thread*> ready_; // random mode
    std::unordered_map<void const*, std::deque<machine_thread*>> sleepers_;
    ns next_ = for_ever; // timed mode: the clock of the earliest thread in the queue
    ns global_ = 0;      // random mode: the clock of all
    std::uint64_t operations_ = 0;
    std::size_t delayed_ = 0;   // stores in all buffers
    std::size_t displaced_ = 0; // threads that the machine has taken off their cores
    std::vector<promised> promises_;
};

/// Whether the calling code runs on a simulated machine.
inline bool running() noexcept { return active != nullptr; }

} // namespace hocket::sim

#include <hocket/sim/simulated_machine.ipp>
