// SPDX-License-Identifier: MIT
// The bodies of the functions that remote_task.hpp declares.
#pragma once

#include <hocket/remote/call/remote_task.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/node/placement_group.hpp>

#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE resource_request::resource_request(resource_terms&& terms, std::size_t arguments)
    : ledger_(*terms.from),
      slot_(terms.slot),
      keeps_(std::move(terms.keeps)),
      state_(make_state<resource_grant>(nullptr, 2)),
      links_(arguments),
      left_(static_cast<std::uint32_t>(arguments) + 1) {
    static_cast<resource_ledger::request&>(*this) = std::move(terms.asked);
    granted = [](waiter& self) noexcept { static_cast<resource_request&>(self).give(); };
}

HOCKET_INLINE future<resource_grant> resource_request::ask(resource_terms terms,
                                                           std::vector<future_state_base*> const& arguments,
                                                           hocket::stop_token const& stop) {
    static constexpr continuation_kind tells = {[](continuation* self) noexcept {
                                                    resource_request& request = *static_cast<link*>(self)->request;
                                                    if (request.left_.one_less()) request.arguments_ready();
                                                },
                                                [](continuation const& self) noexcept -> future_state_base* {
                                                    return static_cast<link const&>(self).request->state_;
                                                },
                                                true};
    auto* const request = new resource_request(std::move(terms), arguments.size());
    request->stop_ = stop;
    future<resource_grant> result(request->state_);
    for (std::size_t i = 0; i != arguments.size(); ++i) {
        request->links_[i].kind = &tells;
        request->links_[i].request = request;
        if (!arguments[i]->add(request->links_[i])) (void)request->left_.one_less(); // never the last one
    }
    if (request->left_.one_less()) request->arguments_ready();
    if (stop.stop_possible()) request->on_stop_.emplace(stop, on_request{request});
    request->let_go();
    return result;
}

HOCKET_INLINE void resource_request::arguments_ready() noexcept {
    hocket::stop_token const stop = stop_; // this object may be gone once it waits
    if (ledger_.take(*this)) return give();
    if (stop.stop_requested()) stopped();
}

HOCKET_INLINE void resource_request::stopped() noexcept {
    if (!ledger_.forget(*this)) return; // its arguments are not ready, or it has its grant, which its task releases
    future_state<resource_grant>* const state = state_;
    state->emplace_error(error_without_memory<operation_cancelled>());
    call_ready(state->word.set(true));
    state->word.observe();
    state->release();
    let_go(); // replaces the grant
}

HOCKET_INLINE void resource_request::give() noexcept {
    future_state<resource_grant>* const state = state_;
    state->emplace(*this);
    call_ready(state->word.set(false));
    state->release();
}

HOCKET_INLINE resource_grant::~resource_grant() {
    if (request_ == nullptr) return;
    request_->ledger_.give_back(*request_);
    request_->let_go();
}

HOCKET_INLINE std::size_t resource_grant::slot() const noexcept {
    return request_->slot_ != resource_ledger::anywhere ? request_->slot_ : request_->has.in[0];
}
HOCKET_INLINE resource_numbers const& resource_grant::numbers() const noexcept { return request_->has.numbers[0]; }
HOCKET_INLINE resource_ledger::holding const& resource_grant::holding() const noexcept { return request_->has; }

HOCKET_INLINE chosen_slot choose_slot(node* to, call_place const& where) {
    switch (where.which()) {
    case call_place::kind::anywhere: return {};
    case call_place::kind::here: return {.here = true};
    case call_place::kind::spread:
        if (to == nullptr) return {};
        break;
    case call_place::kind::process:
        if (where.process() == index_of_process()) return {.here = true};
        if (to == nullptr)
            throw std::invalid_argument("hocket: a call asks for process " + std::to_string(where.process()) +
                                        ", but its pool has one process, with the index " +
                                        std::to_string(index_of_process()));
        break;
    case call_place::kind::group: {
        std::shared_ptr<group_parts> const group = find_group(where.group());
        if (group == nullptr)
            throw std::invalid_argument("hocket: a call asks for a part of a placement_group that no longer exists");
        return to == nullptr ? chosen_slot() : chosen_slot{.slot = group->parts[where.process()]->slot};
    }
    }
    return {.slot = to->slot_of_place(where)};
}

HOCKET_INLINE resource_terms resources_asked(remote_pool& all, resource_amounts amounts, call_place const& where,
                                             chosen_slot const& place) {
    resource_terms terms;
    terms.asked.wanted.push_back(std::move(amounts));
    if (where.which() == call_place::kind::group) {
        std::shared_ptr<group_parts> group = find_group(where.group());
        if (group == nullptr || group->pool != &all)
            throw std::invalid_argument("hocket: a call asks for a part of a placement_group that no longer exists, or "
                                        "belongs to another pool");
        group_part& part = *group->parts[where.process()];
        terms.from = &part.ledger;
        terms.slot = all.node() == nullptr ? resource_ledger::anywhere : part.slot;
        terms.keeps = std::move(group);
    } else {
        terms.from = &all.resources();
        if (place.here && all.node() != nullptr)
            terms.asked.in = all.node()->size();
        else if (place.slot != call_terms::anywhere)
            terms.asked.in = place.slot;
    }
    terms.from->require_possible(terms.asked);
    return terms;
}

HOCKET_INLINE resource_terms resources_asked(remote_pool& all, remote_options const& options,
                                             chosen_slot const& place) {
    bool const usual = options.cpus == 1 && options.memory == 0 && options.resources.empty();
    if (usual && options.where.which() != call_place::kind::group) return {};
    return resources_asked(all, {options.cpus, options.memory, options.resources}, options.where, place);
}

HOCKET_INLINE void check_kill_after(remote_pool const& all, remote_options const& options, chosen_slot const& place) {
    node* const to = all.node();
    bool const kills = options.kill_after != options.kill_after.max();
    if (kills && (to == nullptr || place.here || !to->replaces()))
        throw std::invalid_argument("hocket: remote_options::kill_after ends the process of a task, and is for worker "
                                    "processes of this machine: HOCKET_ENGINE=processes, or a process_pool");
    if (kills && options.kill_after <= options.kill_after.zero())
        throw std::invalid_argument("hocket: remote_options::kill_after must be greater than 0");
}

} // namespace
