// SPDX-License-Identifier: MIT
// The bodies of the functions that resource_ledger.hpp declares.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/remote/resource_ledger.hpp>

#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE resource_amounts::named parse_resources(char const* text) {
    resource_amounts::named found;
    for (std::string_view rest = text == nullptr ? "" : text; !rest.empty();) {
        std::string_view const one = rest.substr(0, rest.find(','));
        rest.remove_prefix(one.size() == rest.size() ? rest.size() : one.size() + 1);
        std::size_t const sign = one.find('=');
        std::uint64_t number = 0;
        char const* const end = one.data() + one.size();
        if (sign == 0 || sign == one.npos || sign + 1 == one.size() ||
            std::from_chars(one.data() + sign + 1, end, number).ptr != end)
            throw std::invalid_argument("hocket: HOCKET_RESOURCES is not of the form name=number,name=number: " +
                                        std::string(text));
        found.emplace_back(one.substr(0, sign), number);
    }
    return found;
}

HOCKET_INLINE resource_ledger::resource_ledger(std::size_t workers) {
    total_.cpus = workers;
    long const pages = ::sysconf(_SC_PHYS_PAGES);
    long const page = ::sysconf(_SC_PAGESIZE);
    total_.memory = pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)
                                          : ~std::uint64_t{0};
    total_.others = parse_resources(variable("HOCKET_RESOURCES"));
    free_ = total_;
}

HOCKET_INLINE void resource_ledger::require_possible(resource_amounts const& request) const {
    auto const refuse = [](std::string const& name, std::uint64_t asked, std::uint64_t has) {
        throw std::invalid_argument("hocket: a task asks for " + std::to_string(asked) + " of " + name +
                                    ", and no process has more than " + std::to_string(has));
    };
    if (request.cpus > total_.cpus) refuse("cpus", request.cpus, total_.cpus);
    if (request.memory > total_.memory) refuse("memory", request.memory, total_.memory);
    for (auto const& [name, amount] : request.others) {
        std::uint64_t has = 0;
        for (auto const& one : total_.others)
            if (one.first == name) has = one.second;
        std::uint64_t asked = 0;
        for (auto const& one : request.others)
            if (one.first == name) asked += one.second;
        if (asked > has) refuse(name, asked, has);
    }
}

HOCKET_INLINE bool resource_ledger::fits(resource_amounts const& request) const noexcept {
    if (request.cpus > free_.cpus || request.memory > free_.memory) return false;
    for (auto const& wanted : request.others)
        for (auto const& there : free_.others) {
            if (there.first != wanted.first) continue;
            std::uint64_t asked = 0;
            for (auto const& one : request.others)
                if (one.first == wanted.first) asked += one.second;
            if (asked > there.second) return false;
        }
    return true;
}

HOCKET_INLINE void resource_ledger::add(resource_amounts const& amounts, bool back) noexcept {
    auto const change = [back](std::uint64_t& value, std::uint64_t by) { value = back ? value + by : value - by; };
    change(free_.cpus, amounts.cpus);
    change(free_.memory, amounts.memory);
    for (auto const& one : amounts.others)
        for (auto& there : free_.others)
            if (there.first == one.first) change(there.second, one.second);
}

HOCKET_INLINE bool resource_ledger::take(waiter& request) noexcept {
    std::lock_guard const lock(mutex_);
    if (first_ == nullptr && fits(request.amounts)) {
        add(request.amounts, false);
        return true;
    }
    request.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &request;
    last_ = &request;
    return false;
}

HOCKET_INLINE void resource_ledger::give_back(resource_amounts const& amounts) noexcept {
    waiter* granted = nullptr;
    waiter** end = &granted;
    {
        std::lock_guard const lock(mutex_);
        add(amounts, true);
        while (first_ != nullptr && fits(first_->amounts)) {
            add(first_->amounts, false);
            *end = first_;
            end = &first_->next;
            first_ = first_->next;
        }
        *end = nullptr;
    }
    while (waiter* const one = granted) {
        granted = one->next;
        one->granted(*one);
    }
}

HOCKET_INLINE resource_amounts resource_ledger::free() const {
    std::lock_guard const lock(mutex_);
    return free_;
}

} // namespace
