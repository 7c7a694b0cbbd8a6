// SPDX-License-Identifier: MIT
// The vocabulary of the model checker: kinds of operations, memory orders and the steps by which they can be weakened,
// and which two operations commute.
#pragma once
#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

namespace model {

using order = std::memory_order;
using location_id = std::uint32_t;
inline constexpr location_id no_location = std::numeric_limits<location_id>::max();

enum class op_kind : std::uint8_t {
    load,
    store,
    rmw,
    cas,         // success of a compare-exchange, or a compare-exchange whose outcome is open
    cas_failure, // failure of a compare-exchange: a load with an order of its own
    fence,
    pause,
    wait,   // futex wait
    wake,   // futex wake
    resume, // a woken thread comes back; touches no memory
    plain_read,
    plain_write,
    construct,
    destroy
};

inline const char* name_of(op_kind kind) {
    constexpr const char* names[] = {"load", "store", "rmw",    "cas",        "cas failure", "fence",     "pause",
                                     "wait", "wake",  "resume", "plain read", "plain write", "construct", "destroy"};
    return names[static_cast<int>(kind)];
}

inline const char* name_of(order m) {
    switch (m) {
    case order::relaxed: return "relaxed";
    case order::consume: return "consume";
    case order::acquire: return "acquire";
    case order::release: return "release";
    case order::acq_rel: return "acq_rel";
    case order::seq_cst: return "seq_cst";
    }
    return "?";
}

inline bool acquires(order m) { return m != order::relaxed && m != order::release; }
inline bool releases(order m) { return m == order::release || m == order::acq_rel || m == order::seq_cst; }

/// Returns the order that `compare_exchange(e, d, m)` uses when it fails.
inline order failure_order(order m) {
    if (m == order::acq_rel) return order::acquire;
    return m == order::release ? order::relaxed : m;
}

/// Returns the orders one step weaker than `m` that an operation of this kind can have. For a fence and for a futex
/// wake, `relaxed` means that it is dropped.
inline std::vector<order> weaker(op_kind kind, order m) {
    switch (kind) {
    case op_kind::load:
    case op_kind::cas_failure:
        if (m == order::seq_cst) return {order::acquire};
        if (m == order::acquire) return {order::relaxed};
        return {};
    case op_kind::store:
        if (m == order::seq_cst) return {order::release};
        if (m == order::release) return {order::relaxed};
        return {};
    case op_kind::rmw:
    case op_kind::cas:
        if (m == order::seq_cst) return {order::acq_rel};
        if (m == order::acq_rel) return {order::acquire, order::release};
        if (m == order::relaxed) return {};
        return {order::relaxed};
    case op_kind::fence:
        if (m == order::seq_cst) return {order::acq_rel, order::relaxed};
        if (m == order::acq_rel) return {order::acquire, order::release};
        if (m == order::relaxed) return {};
        return {order::relaxed};
    case op_kind::wake: return {order::relaxed};
    default: return {};
    }
}

/// An operation that a thread is about to execute, as far as the search needs to know it.
struct operation {
    op_kind kind = op_kind::resume;
    location_id where = no_location;
    order with = order::relaxed;
};

/// Whether executing `a` and `b` in either order gives the same state. A false "no" is allowed, a false "yes" never.
inline bool commute(const operation& a, const operation& b) {
    if (a.kind == op_kind::pause || b.kind == op_kind::pause) return false;
    if (a.with == order::seq_cst && b.with == order::seq_cst) return false;
    if (a.where != b.where || a.where == no_location) return true;
    return a.kind == op_kind::load && b.kind == op_kind::load;
}

} // namespace model
