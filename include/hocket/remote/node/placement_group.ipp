// SPDX-License-Identifier: MIT
// The bodies of the functions that placement_group.hpp declares.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/remote_task.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/node/placement_group.hpp>

#include <stdexcept>
#include <unordered_map>

namespace hocket::inline HOCKET_ABI::detail {

/// The groups of all pools that were not released.
struct living_groups {
    os_mutex mutex; // guards all members below
    std::uint64_t last = 0;
    std::unordered_map<std::uint64_t, std::shared_ptr<group_parts>> all;

    static living_groups& get() {
        static living_groups& groups = *new living_groups;
        return groups;
    }
};

HOCKET_INLINE group_parts::group_parts(remote_pool& its_pool, resource_grant&& its_grant)
    : pool(&its_pool), grant(std::make_unique<resource_grant>(std::move(its_grant))) {}
HOCKET_INLINE group_parts::~group_parts() = default;

HOCKET_INLINE std::shared_ptr<group_parts> find_group(std::uint64_t number) {
    living_groups& groups = living_groups::get();
    detail::os_lock const lock(groups.mutex);
    auto const found = groups.all.find(number);
    return found == groups.all.end() ? nullptr : found->second;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE placement_group::placement_group(remote_pool& all, std::vector<placement_part> const& parts,
                                                           strategy how)
    : size_(parts.size()) {
    if (parts.empty()) throw std::invalid_argument("hocket: a placement_group needs at least one part");
    detail::resource_terms terms{.from = &all.resources()};
    for (placement_part const& each : parts) terms.asked.wanted.push_back({each.cpus, each.memory, each.resources});
    terms.asked.how = how;
    terms.from->require_possible(terms.asked);
    std::vector<detail::resource_amounts> const amounts = terms.asked.wanted;
    auto const made = std::make_shared<detail::group_parts>(
        all, detail::resource_request::ask(std::move(terms), {}, hocket::stop_token()).get());
    detail::resource_ledger::holding const& has = made->grant->holding();
    for (std::size_t i = 0; i != amounts.size(); ++i)
        made->parts.push_back(std::make_unique<detail::group_part>(has.in[i], amounts[i], has.numbers[i]));
    detail::living_groups& groups = detail::living_groups::get();
    detail::os_lock const lock(groups.mutex);
    groups.all.emplace(groups.last + 1, made);
    number_ = ++groups.last;
}

HOCKET_INLINE placement_group::~placement_group() {
    std::shared_ptr<detail::group_parts> last; // released without the mutex
    detail::living_groups& groups = detail::living_groups::get();
    detail::os_lock const lock(groups.mutex);
    auto const found = groups.all.find(number_);
    if (found == groups.all.end()) return;
    last = std::move(found->second);
    groups.all.erase(found);
}

HOCKET_INLINE call_place placement_group::operator[](std::size_t part) const {
    if (part >= size_)
        throw std::out_of_range("hocket: a placement_group of " + std::to_string(size_) + " parts has no part " +
                                std::to_string(part));
    return call_place(call_place::kind::group, part, number_);
}

} // namespace
