// SPDX-License-Identifier: MIT
// The bodies of the functions that task_graph.hpp declares.
#pragma once

#include <hocket/graph/graph_timeout.hpp>
#include <hocket/graph/task_graph.hpp>

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE graph_node task_graph::add_subgraph(task_graph& other) {
    if (other.core_->contains(*core_))
        throw std::invalid_argument("hocket: a task_graph cannot be a subgraph of itself");
    core_->open();
    detail::node_record* const node =
        core_->add_node<detail::nested_body>(detail::node_flags::subgraph, other.core_.get()).first;
    core_->nested.add({node, other.core_.get()});
    return graph_node(*core_, *node);
}

HOCKET_INLINE graph_node task_graph::add_subgraph(std::string_view name, task_graph& other) {
    graph_node const node = add_subgraph(other);
    core_->add_name(*node.node_, name);
    return node;
}

HOCKET_INLINE std::vector<graph_node> task_graph::not_run() const {
    core_->require_idle("hocket: the nodes that did not run were requested while the task_graph runs");
    std::vector<graph_node> result;
    core_->nodes.for_each([&](detail::node_record& node) {
        if (!core_->ran(node)) result.push_back(graph_node(*core_, node));
    });
    return result;
}

HOCKET_INLINE void task_graph::validate() const {
    core_->require_idle("hocket: a task_graph cannot be validated while it runs");
    core_->require_sound();
    core_->require_units();
}

HOCKET_INLINE void task_graph::require_own(graph_node const& node) const {
    if (node.graph_ != core_.get())
        throw std::invalid_argument("hocket: a node takes the result of a node of another task_graph");
}

HOCKET_NOINLINE HOCKET_INLINE future<void> task_graph::start(thread_pool& pool, std::uint64_t passes,
                                                             std::unique_ptr<detail::graph_until> done,
                                                             graph_options options) {
    detail::scheduler& sched = pool.sched();
    sched.require_this_process();
    detail::graph_core& core = *core_;
    if (passes == 0) return make_ready_future();
    if (core.running.exchange(true, std::memory_order_acquire)) // <- graph.idle
        throw std::logic_error("hocket: the task_graph is already running; wait for the future of that run");
    try {
        core.freeze();
        core.check_units();
        detail::graph_run& run = core.own_run;
        using state = detail::state_reference<detail::graph_state>;
        state promise(detail::make_in_slab<detail::graph_state>(&sched, run));
        state handle(promise.get());
        run.scope = promise->scope = detail::new_scope();
        promise->help = [](detail::future_state_base& self, detail::worker& me) noexcept {
            return detail::run_one_of(me, self.scope);
        };
        run.prepare(sched, core);
        core.begin_pass(run);
        detail::graph_batch* const batch = detail::graph_batch::make_of_all(core);
        try {
            run.timeout = detail::graph_timeout::start(*promise, options.timeout);
        } catch (...) {
            batch->release();
            throw;
        }
        run.passes_left = passes - 1;
        run.until = std::move(done);
        run.may_wait = core.limited;
        run.lends = core.lends;
        if (core.limited && pool.pending().add()) run.pending = &pool.pending();
        future<void> result(handle.detach());
        run.begin(detail::state_reference<detail::future_state<void>>(promise.detach()), std::move(options.stop),
                  core.short_runs);
        core.alive.store(1, std::memory_order_relaxed);
        detail::spawn(sched, *batch);
        return result;
    } catch (...) {
        core.running.store(false, std::memory_order_release); // graph.idle ->
        throw;
    }
}

} // namespace
