// SPDX-License-Identifier: MIT
// The bodies of the functions that remote_pool.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/pool/blocking.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/capture_check.hpp>
#include <hocket/remote/wire/code_token.hpp>
#include <hocket/remote/wire/own_place.hpp>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI {

namespace detail {

/// Writer: the first call of cluster(). Readers: holders of a node of cluster(), which have called it; hence relaxed.
inline constinit atomic<node*> node_of_cluster{nullptr};

HOCKET_INLINE bool node_lives(node const& which) noexcept {
    return node_of_cluster.load(std::memory_order_relaxed) != &which || session_node() == &which;
}

} // namespace detail

HOCKET_INLINE remote_pool::remote_pool(thread_pool& threads)
    : remote_pool(threads, nullptr, detail::remote_is_checked()) {}

HOCKET_INLINE detail::node* remote_pool::node() const {
    if (node_ != nullptr && !detail::node_lives(*node_)) throw operation_cancelled();
    return node_;
}

HOCKET_COLD HOCKET_INLINE void remote_pool::tell_names() noexcept { node_->set_names(&names_); }

HOCKET_COLD HOCKET_INLINE void remote_pool::count_workers() {
    std::call_once(counted_, [this] {
        std::vector<std::uint64_t> workers;
        blocking([&] { workers = node()->wait_for_workers(); });
        workers.push_back(threads_->size());
        resources_.set_processes(std::move(workers));
    });
}

HOCKET_INLINE std::size_t remote_pool::size() const { return node_ == nullptr ? 1 : node()->size(); }

HOCKET_INLINE std::vector<node_info> remote_pool::nodes() const {
    node_info about{.name = detail::host_name(),
                    .process = this_process::index(),
                    .cores = threads_->size(),
                    .memory = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                              static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)),
                    .free_resources = resources_.free().others,
                    .engine = "threads",
                    .build_id = detail::program_build_id()};
    if (node_ == nullptr) return {about};
    std::vector<node_info> all;
    about.engine = node()->replaces() ? "processes" : "mpi";
    for (detail::worker_state const& one : node()->states()) {
        about.process = one.index;
        about.cores = one.threads;
        about.alive = one.threads != 0;
        if (!one.host.empty()) about.name = one.host;
        all.push_back(about);
    }
    return all;
}

HOCKET_INLINE std::string remote_pool::report() const {
    std::string text;
    for (node_info const& one : nodes())
        text += "process " + std::to_string(one.process) + " on " + one.name + ": " + std::to_string(one.cores) +
                " workers, " + one.engine + ", " + std::to_string(threads_->sched().unfinished()) +
                " tasks not finished\n";
    if (node_ != nullptr) text += node()->report();
    detail::resource_amounts const total = resources_.total(), free = resources_.free();
    text += "cpus " + std::to_string(free.cpus) + " of " + std::to_string(total.cpus) + " free\n";
    for (std::size_t i = 0; i != total.others.size(); ++i)
        text += total.others[i].first + " " + std::to_string(free.others[i].second) + " of " +
                std::to_string(total.others[i].second) + " free\n";
    return text;
}

HOCKET_INLINE remote_statistics remote_pool::statistics() const {
    remote_statistics all{.tell_errors = detail::tell_errors.load(std::memory_order_relaxed)};
    if (node_ == nullptr) return all;
    detail::node_counts const counts = node()->counts();
    all.open_calls = counts.open;
    all.repeated_calls = counts.repeated;
    all.lost_processes = counts.lost;
    return all;
}

HOCKET_INLINE remote_pool& cluster() {
    static remote_pool& pool = []() -> remote_pool& {
        detail::node* const node = detail::node_of_session(); // throws if a session is missing
        detail::node_of_cluster.store(node, std::memory_order_relaxed);
        return *new remote_pool(default_pool(), node,
                                detail::remote_is_checked()); // like the default pool, never destroyed
    }();
    return pool;
}

HOCKET_INLINE std::size_t this_process::index() noexcept { return detail::index_of_process(); }

} // namespace
