// SPDX-License-Identifier: MIT
// The bodies of the functions that remote_task.hpp declares.
#pragma once

#include <hocket/remote/node.hpp>
#include <hocket/remote/remote_task.hpp>
#include <hocket/remote/session.hpp>

#include <stdexcept>
#include <string>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE resource_request::resource_request(resource_ledger& ledger, resource_amounts&& its_amounts,
                                                 std::size_t arguments)
    : ledger_(ledger),
      state_(make_state<resource_grant>(nullptr, 2)),
      links_(arguments),
      left_(static_cast<std::uint32_t>(arguments) + 1) {
    amounts = std::move(its_amounts);
    granted = [](waiter& self) noexcept { static_cast<resource_request&>(self).give(); };
}

HOCKET_INLINE future<resource_grant> resource_request::ask(resource_ledger& ledger, resource_amounts amounts,
                                                           std::vector<future_state_base*> const& arguments) {
    static constexpr continuation_kind tells = {[](continuation* self) noexcept {
                                                    resource_request& request = *static_cast<link*>(self)->request;
                                                    if (request.left_.one_less()) request.arguments_ready();
                                                },
                                                [](continuation const& self) noexcept -> future_state_base* {
                                                    return static_cast<link const&>(self).request->state_;
                                                },
                                                true};
    auto* const request = new resource_request(ledger, std::move(amounts), arguments.size());
    future<resource_grant> result(request->state_);
    for (std::size_t i = 0; i != arguments.size(); ++i) {
        request->links_[i].kind = &tells;
        request->links_[i].request = request;
        if (!arguments[i]->add(request->links_[i])) (void)request->left_.one_less(); // not the last
    }
    if (request->left_.one_less()) request->arguments_ready();
    return result;
}

HOCKET_INLINE void resource_request::arguments_ready() noexcept {
    if (ledger_.take(*this)) give();
}

HOCKET_INLINE void resource_request::give() noexcept {
    future_state<resource_grant>* const state = state_;
    state->emplace(ledger_, *this);
    call_ready(state->word.set(false));
    state->release();
}

HOCKET_INLINE resource_grant::~resource_grant() {
    if (from_ == nullptr) return;
    from_->give_back(request_->amounts);
    delete request_;
}

HOCKET_INLINE chosen_seat choose_seat(node* to, call_place const& where) {
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
                                        ", and its pool has one process, with the index " +
                                        std::to_string(index_of_process()));
    }
    return {.seat = to->seat_of_place(where)};
}

HOCKET_INLINE void check_place(remote_pool const& all, remote_options const& options) {
    node* const to = all.node();
    chosen_seat const place =
        options.where.which() == call_place::kind::spread ? chosen_seat() : choose_seat(to, options.where);
    bool const kills = options.kill_after != options.kill_after.max();
    if (kills && (to == nullptr || place.here || !to->replaces()))
        throw std::invalid_argument("hocket: remote_options::kill_after ends the process of a task, and is for worker "
                                    "processes of this machine: HOCKET_ENGINE=processes, or a process_pool");
    if (kills && options.kill_after <= options.kill_after.zero())
        throw std::invalid_argument("hocket: remote_options::kill_after is not above 0");
}

HOCKET_INLINE std::optional<resource_amounts> resources_asked(remote_options const& options) {
    if (options.cpus == 1 && options.memory == 0 && options.resources.empty()) return std::nullopt;
    return resource_amounts{options.cpus, options.memory, options.resources};
}

} // namespace
