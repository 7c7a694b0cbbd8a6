// SPDX-License-Identifier: MIT
// The bodies of the functions that remote_task.hpp declares.
#pragma once

#include <hocket/remote/remote_task.hpp>

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

HOCKET_INLINE std::optional<resource_amounts> resources_asked(remote_options const& options) {
    if (options.cpus == 1 && options.memory == 0 && options.resources.empty()) return std::nullopt;
    return resource_amounts{options.cpus, options.memory, options.resources};
}

} // namespace
