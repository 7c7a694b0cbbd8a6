// SPDX-License-Identifier: MIT
// The memory model of the checker: RC11 (C++20 without load buffering). A load picks any store that coherence and S
// allow. A store goes to any place in modification order that coherence and S allow. S itself is the order of
// execution. See tests/model/README.md. The memory model knows nothing of schedules: an execution calls it, one
// operation at a time.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "choice_path.hpp"
#include "store_history.hpp"

namespace model {

/// Receives the report of a broken rule from the memory model. Does not return.
struct fault_sink {
    [[noreturn]] virtual void fail(const std::string& what) = 0;

  protected:
    ~fault_sink() = default;
};

class memory_model {
  public:
    memory_model(choice_path& choices, fault_sink& faults) : choices_(choices), faults_(faults) {}

    void start_execution() {
        location_count_ = 0;
        variable_count_ = 0;
        by_address_.clear();
        s_ = vector_clock{};
        s_length_ = 0;
        for (auto& t : threads_) {
            t.now = t.acquirable = t.fenced = sync_clock{};
            t.read_since_pause.clear();
        }
    }

    /// Gives a new thread the knowledge of its creator.
    void start_thread(thread_index t) {
        step(0);
        threads_[t].now = threads_[0].now;
    }

    /// Gives the scenario's own thread, which has waited for all the others, their knowledge.
    void join_all() {
        for (const auto& t : threads_) threads_[0].now.join(t.now);
    }

    location_id construct(thread_index t, std::uint64_t value, const void* address, const char* name, code_site at) {
        if (location_count_ == locations_.size()) locations_.emplace_back();
        location& l = locations_[location_count_];
        l.stores.clear();
        l.accessed = l.kernel = vector_clock{};
        l.fresh.fill(0);
        l.address = address;
        l.name = name;
        l.made_at = at;
        l.maker = t;
        l.made_when = step(t);
        l.destroyed = false;
        store_record first;
        first.value = value;
        first.first_seen[t] = l.made_when;
        l.stores.push_back(first);
        l.accessed.ticks[t] = l.made_when;
        return location_count_++;
    }

    void destroy(thread_index t, location_id id, const void* address) {
        location& l = use(t, id, address);
        if (!threads_[t].now.happened.covers(l.accessed))
            faults_.fail("destruction races with an access: " + describe(id));
        l.destroyed = true;
    }

    std::uint64_t load(thread_index t, location_id id, order m, const void* address) {
        location& l = use(t, id, address);
        const std::uint32_t oldest = floor(t, l, m);
        const std::uint32_t j = l.newest() - choices_.pick(l.newest() - oldest + 1);
        met_newest_ = j == l.newest();
        remember_read(t, id);
        return read(t, l.stores[j], m);
    }

    void store(thread_index t, location_id id, std::uint64_t value, order m, const void* address) {
        location& l = use(t, id, address);
        const std::uint32_t j = place(l, floor(t, l, m));
        met_newest_ = j == l.newest();
        write(t, l, j, value, m, nullptr);
    }

    /// Replaces the value `old` by `change(old)`. Returns `old`.
    template<class Change>
    std::uint64_t modify(thread_index t, location_id id, order m, const void* address, Change change) {
        location& l = use(t, id, address);
        const std::uint32_t j = place(l, floor(t, l, m));
        met_newest_ = j == l.newest();
        const std::uint64_t old = read(t, l.stores[j], m);
        const sync_clock chain = l.stores[j].released;
        write(t, l, j, change(old), m, &chain);
        return old;
    }

    /// Executes a compare-exchange. `may_fail_without_reason` allows the spurious failure of the weak form.
    bool compare_exchange(thread_index t, location_id id, std::uint64_t& expected, std::uint64_t desired, order success,
                          order failure, bool may_fail_without_reason, const void* address) {
        location& l = use(t, id, address);
        const std::uint32_t oldest_read = floor(t, l, failure);
        const std::uint32_t oldest_swap = floor(t, l, success);
        candidates_.clear();
        for (std::uint32_t j = l.newest() + 1; j-- > 0;) {
            const bool equal = l.stores[j].value == expected;
            if (equal ? j >= oldest_swap && l.has_room_behind(j) : j >= oldest_read) candidates_.push_back({j, equal});
        }
        if (may_fail_without_reason && l.stores[l.newest()].value == expected)
            candidates_.push_back({l.newest(), false});
        const auto [j, swaps] = candidates_[choices_.pick(static_cast<std::uint32_t>(candidates_.size()))];
        met_newest_ = j == l.newest();
        if (!swaps) {
            remember_read(t, id);
            expected = read(t, l.stores[j], failure);
            return false;
        }
        read(t, l.stores[j], success);
        const sync_clock chain = l.stores[j].released;
        write(t, l, j, desired, success, &chain);
        return true;
    }

    void fence(thread_index t, order m) {
        step(t);
        thread_memory& me = threads_[t];
        if (acquires(m)) me.now.join(me.acquirable);
        if (m == order::seq_cst) {
            me.now.view.join(s_);
            s_.join(me.now.view);
            me.now.sc_fence = s_length_;
        }
        if (releases(m)) me.fenced = me.now;
    }

    /// Lets time pass: the thread reads the words that it has read since its last pause at their newest values now.
    void pause(thread_index t) {
        step(t);
        for (location_id id : threads_[t].read_since_pause) locations_[id].fresh[t] = locations_[id].newest();
        threads_[t].read_since_pause.clear();
    }

    /// Returns the value that the kernel compares: a coherent one, at least as new as earlier wakers of this word knew.
    std::uint64_t kernel_load(thread_index t, location_id id, const void* address) {
        location& l = use(t, id, address);
        vector_clock view = threads_[t].now.view;
        view.join(l.kernel);
        const std::uint32_t oldest = l.oldest_visible(t, view, threads_[t].now.sc_fence, false);
        const std::uint32_t j = l.newest() - choices_.pick(l.newest() - oldest + 1);
        met_newest_ = j == l.newest();
        return read(t, l.stores[j], order::relaxed);
    }

    void kernel_wake(thread_index t, location_id id, const void* address) {
        location& l = use(t, id, address);
        l.kernel.join(threads_[t].now.view);
    }

    location_id new_variable(thread_index t) {
        if (variable_count_ == variables_.size()) variables_.emplace_back();
        variables_[variable_count_] = plain_variable{};
        variables_[variable_count_].writer = t;
        variables_[variable_count_].written = step(t);
        return variable_count_++;
    }

    /// Returns the variable that stands for raw memory at an address; its first use makes it.
    location_id variable_at(thread_index t, const void* address) {
        const auto [at, fresh] = by_address_.try_emplace(address, 0);
        if (fresh) {
            at->second = new_variable(t);
            variables_[at->second].written = 0;
        }
        return at->second;
    }

    void plain_read(thread_index t, location_id id) {
        plain_variable& v = variables_[id];
        const tick now = step(t);
        const vector_clock& past = threads_[t].now.happened;
        if (v.destroyed) faults_.fail("use after destroy: plain read");
        if (!past.covers(v.writer, v.written)) faults_.fail("data race: plain read is not ordered after a write");
        v.reads.ticks[t] = now;
    }

    void plain_write(thread_index t, location_id id, bool destroys = false) {
        plain_variable& v = variables_[id];
        const tick now = step(t);
        const vector_clock& past = threads_[t].now.happened;
        if (v.destroyed) faults_.fail("use after destroy: plain write");
        if (!past.covers(v.writer, v.written)) faults_.fail("data race: plain write is not ordered after a write");
        if (!past.covers(v.reads)) faults_.fail("data race: plain write is not ordered after a read");
        v.writer = t;
        v.written = now;
        v.destroyed = destroys;
    }

    /// Returns `name`, or `file.hpp:12#2` for the second location made on that line.
    std::string describe(location_id id) const {
        if (id >= location_count_) return "?";
        const location& l = locations_[id];
        if (l.name) return l.name;
        std::size_t nth = 1;
        for (location_id i = 0; i < id; ++i) nth += locations_[i].made_at == l.made_at;
        return l.made_at.short_name() + "#" + std::to_string(nth);
    }

    /// Whether the latest operation read the newest store of its location, or went behind it. For traces.
    bool met_newest() const { return met_newest_; }

    void rename(location_id id, const char* name) { locations_[id].name = name; }

  private:
    struct thread_memory {
        sync_clock now;
        sync_clock acquirable; // read by relaxed loads; an acquire fence turns it into knowledge
        sync_clock fenced;     // knowledge at the latest release fence, which later relaxed stores publish
        std::vector<location_id> read_since_pause;
    };
    struct candidate {
        std::uint32_t store;
        bool swaps;
    };

    tick step(thread_index t) {
        sync_clock& now = threads_[t].now;
        ++now.view.ticks[t];
        return ++now.happened.ticks[t];
    }

    location& use(thread_index t, location_id id, const void* address) {
        const tick now = step(t);
        if (id >= location_count_ || locations_[id].address != address || locations_[id].destroyed)
            faults_.fail("use after destroy (or before construction) of an atomic");
        location& l = locations_[id];
        if (!threads_[t].now.happened.covers(l.maker, l.made_when))
            faults_.fail("construction races with an access: " + describe(id));
        l.accessed.ticks[t] = now;
        return l;
    }

    std::uint32_t floor(thread_index t, const location& l, order m) const {
        const sync_clock& now = threads_[t].now;
        if (m != order::seq_cst) return l.oldest_visible(t, now.view, now.sc_fence, false);
        vector_clock view = now.view;
        view.join(s_);
        return l.oldest_visible(t, view, now.sc_fence, true);
    }

    /// Chooses the record behind which a store goes: the newest one in modification order, or an older one.
    std::uint32_t place(const location& l, std::uint32_t oldest) {
        std::uint32_t places = 0;
        for (std::uint32_t j = oldest; j <= l.newest(); ++j) places += l.has_room_behind(j);
        std::uint32_t skip = choices_.pick(places);
        for (std::uint32_t j = l.newest();; --j)
            if (l.has_room_behind(j) && skip-- == 0) return j;
    }

    std::uint64_t read(thread_index t, store_record& s, order m) {
        thread_memory& me = threads_[t];
        if (s.first_seen[t] == 0) s.first_seen[t] = me.now.happened.ticks[t];
        if (m == order::seq_cst && s.sc_index == 0) s.sc_index = ++s_length_;
        if (acquires(m)) me.now.join(s.released);
        me.acquirable.join(s.released);
        return s.value;
    }

    void write(thread_index t, location& l, std::uint32_t behind, std::uint64_t value, order m,
               const sync_clock* chain) {
        const thread_memory& me = threads_[t];
        store_record s;
        s.value = value;
        s.released = releases(m) ? me.now : me.fenced;
        if (chain) s.released.join(*chain);
        s.first_seen[t] = me.now.happened.ticks[t];
        s.sc_index = m == order::seq_cst ? ++s_length_ : 0;
        s.is_rmw = chain != nullptr;
        l.insert_behind(behind, s);
    }

    void remember_read(thread_index t, location_id id) {
        auto& ids = threads_[t].read_since_pause;
        for (location_id i : ids)
            if (i == id) return;
        ids.push_back(id);
    }

    choice_path& choices_;
    fault_sink& faults_;
    std::vector<location> locations_;
    location_id location_count_ = 0;
    std::vector<plain_variable> variables_;
    location_id variable_count_ = 0;
    std::unordered_map<const void*, location_id> by_address_;
    std::array<thread_memory, max_threads> threads_;
    std::vector<candidate> candidates_;
    vector_clock s_;             // views of all seq_cst fences so far
    std::uint32_t s_length_ = 0; // seq_cst operations on atomics so far
    bool met_newest_ = true;
};

} // namespace model
