// SPDX-License-Identifier: MIT
// The front end of the model checker: atomics, plain variables, fences and futexes. Each of their operations is a step
// of the running execution. `model_atomics` is the policy with which the library's protocols are instantiated.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "execution.hpp"

namespace model {

/// Stands in for std::atomic<T>. Every operation takes the source location of its call.
template<class T>
class atomic {
    static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
    using difference = std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;

  public:
    using value_type = T;
    static constexpr bool is_always_lock_free = true;

    atomic(code_site at = code_site::here()) : id_(run().construct(bits(T{}), this, nullptr, at)) {}
    atomic(T value, const char* name = nullptr, code_site at = code_site::here())
        : id_(run().construct(bits(value), this, name, at)) {}
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;
    ~atomic() { run().destroy(id_, this); }

    T load(order m = order::seq_cst, code_site at = code_site::here()) const {
        return value_of(run().load(id_, this, m, at));
    }
    void store(T value, order m = order::seq_cst, code_site at = code_site::here()) {
        run().store(id_, this, bits(value), m, at);
    }
    T exchange(T value, order m = order::seq_cst, code_site at = code_site::here()) {
        return modify(m, at, [value](T) { return value; });
    }
    T fetch_add(difference d, order m = order::seq_cst, code_site at = code_site::here()) {
        return modify(m, at, [d](T x) { return static_cast<T>(x + d); });
    }
    T fetch_sub(difference d, order m = order::seq_cst, code_site at = code_site::here()) {
        return modify(m, at, [d](T x) { return static_cast<T>(x - d); });
    }
    T fetch_or(T b, order m = order::seq_cst, code_site at = code_site::here()) {
        return modify(m, at, [b](T x) { return static_cast<T>(x | b); });
    }
    T fetch_and(T b, order m = order::seq_cst, code_site at = code_site::here()) {
        return modify(m, at, [b](T x) { return static_cast<T>(x & b); });
    }
    T fetch_xor(T b, order m = order::seq_cst, code_site at = code_site::here()) {
        return modify(m, at, [b](T x) { return static_cast<T>(x ^ b); });
    }
    bool compare_exchange_strong(T& expected, T desired, order m = order::seq_cst, code_site at = code_site::here()) {
        return compare_exchange(expected, desired, m, failure_order(m), false, at);
    }
    bool compare_exchange_strong(T& expected, T desired, order success, order failure,
                                 code_site at = code_site::here()) {
        return compare_exchange(expected, desired, success, failure, false, at);
    }
    bool compare_exchange_weak(T& expected, T desired, order m = order::seq_cst, code_site at = code_site::here()) {
        return compare_exchange(expected, desired, m, failure_order(m), true, at);
    }
    bool compare_exchange_weak(T& expected, T desired, order success, order failure, code_site at = code_site::here()) {
        return compare_exchange(expected, desired, success, failure, true, at);
    }

    location_id id() const { return id_; }

  private:
    static execution& run() { return execution::current(); }
    static std::uint64_t bits(T value) {
        std::uint64_t u = 0;
        std::memcpy(&u, &value, sizeof value);
        return u;
    }
    static T value_of(std::uint64_t u) {
        T value;
        std::memcpy(&value, &u, sizeof value);
        return value;
    }
    template<class Change>
    T modify(order m, code_site at, Change change) {
        return value_of(run().modify(id_, this, m, at, [&](std::uint64_t u) { return bits(change(value_of(u))); }));
    }
    bool compare_exchange(T& expected, T desired, order success, order failure, bool weak, code_site at) {
        std::uint64_t u = bits(expected);
        const bool swapped = run().compare_exchange(id_, this, u, bits(desired), success, failure, weak, at);
        expected = value_of(u);
        return swapped;
    }

    location_id id_;
};

/// A plain variable. Two accesses, at least one a write, are a data race if neither happens before the other.
template<class T>
class var {
  public:
    var(T value = T{}) : id_(memory().new_variable(execution::current().running())), value_(value) {}
    var(const var&) = delete;
    var& operator=(const var&) = delete;
    ~var() {
        execution::current().note_plain(op_kind::destroy, id_, {});
        memory().plain_write(execution::current().running(), id_, true);
    }

    T get(code_site at = code_site::here()) const {
        execution::current().note_plain(op_kind::plain_read, id_, at);
        memory().plain_read(execution::current().running(), id_);
        return value_;
    }
    void set(T value, code_site at = code_site::here()) {
        execution::current().note_plain(op_kind::plain_write, id_, at);
        memory().plain_write(execution::current().running(), id_);
        value_ = value;
    }

  private:
    static memory_model& memory() { return execution::current().memory(); }

    location_id id_;
    T value_;
};

/// A plain pointer in a node of a protocol: reports each access to the checker.
template<class T>
class link {
  public:
    link& operator=(T* to) {
        at_.set(to);
        return *this;
    }
    operator T*() const { return at_.get(); }

  private:
    var<T*> at_{nullptr};
};

/// Tells the checker of a plain access to raw memory that holds no var: a closure in a slot, an object on a stack.
inline void plain_read_of(const void* address, code_site at = code_site::here()) {
    execution& e = execution::current();
    const location_id id = e.memory().variable_at(e.running(), address);
    e.note_plain(op_kind::plain_read, id, at);
    e.memory().plain_read(e.running(), id);
}
inline void plain_write_of(const void* address, code_site at = code_site::here()) {
    execution& e = execution::current();
    const location_id id = e.memory().variable_at(e.running(), address);
    e.note_plain(op_kind::plain_write, id, at);
    e.memory().plain_write(e.running(), id);
}

inline void fence(order m, code_site at = code_site::here()) { execution::current().fence(m, at); }
inline void pause(code_site at = code_site::here()) { execution::current().pause(at); }

/// Fails the execution unless `holds`.
inline void require(bool holds, const char* what, code_site at = code_site::here()) {
    if (!holds) execution::current().fail(std::string("assertion: ") + what + ", " + at.short_name());
}

/// Gives an atomic a name for traces.
template<class T>
void name(const atomic<T>& a, const char* text) {
    execution::current().memory().rename(a.id(), text);
}

/// The policy: the interface of the library's std_atomics.
struct model_atomics {
    template<class T>
    using atomic = model::atomic<T>;

    static void full_fence(code_site at = code_site::here()) { model::fence(order::seq_cst, at); }
    static void full_fence_after_update(code_site at = code_site::here()) { model::fence(order::seq_cst, at); }
    static void light_fence(code_site at = code_site::here()) { model::fence(order::seq_cst, at); }
    static bool heavy_fence(code_site at = code_site::here()) {
        model::fence(order::seq_cst, at);
        return true;
    }
    static void pause(code_site at = code_site::here()) { model::pause(at); }
    static void futex_wait(atomic<std::uint32_t>& word, std::uint32_t expected, code_site at = code_site::here()) {
        execution::current().futex_wait(word.id(), &word, expected, at);
    }
    static void futex_wake_one(atomic<std::uint32_t>& word, code_site at = code_site::here()) {
        execution::current().futex_wake(word.id(), &word, 1, at);
    }
    static void futex_wake_all(atomic<std::uint32_t>& word, code_site at = code_site::here()) {
        execution::current().futex_wake(word.id(), &word, max_threads, at);
    }
};

} // namespace model
