// SPDX-License-Identifier: MIT
// The bodies of the functions that resource_ledger.hpp declares.
#pragma once

#include <hocket/future/wait_cycle.hpp>
#include <hocket/machine/environment.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/node/resource_ledger.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>

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

HOCKET_INLINE std::vector<std::uint64_t> numbers_of_resource(std::string_view name, std::uint64_t count,
                                                             char const* visible) {
    std::vector<std::uint64_t> numbers;
    if (name != "gpu" || visible == nullptr) {
        for (std::uint64_t i = 0; i != count; ++i) numbers.push_back(i);
        return numbers;
    }
    for (std::string_view rest = visible; !rest.empty() && numbers.size() != count;) {
        std::string_view const one = rest.substr(0, rest.find(','));
        rest.remove_prefix(one.size() == rest.size() ? rest.size() : one.size() + 1);
        std::uint64_t number = 0;
        char const* const end = one.data() + one.size();
        auto const read = std::from_chars(one.data(), end, number);
        if (read.ec != std::errc() || read.ptr != end) break; // like CUDA
        numbers.push_back(number);
    }
    return numbers;
}

HOCKET_INLINE resource_ledger::resource_ledger(std::size_t workers) : workers_{workers}, free_workers_{workers} {
    long const pages = ::sysconf(_SC_PHYS_PAGES);
    long const page = ::sysconf(_SC_PAGESIZE);
    memory_ = free_memory_ = pages > 0 && page > 0
                                 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page)
                                 : ~std::uint64_t{0};
    for (auto const& [name, count] : parse_resources(variable("HOCKET_RESOURCES")))
        add_named(name, count,
                  count > most_numbered ? std::vector<std::uint64_t>()
                                        : numbers_of_resource(name, count, ::getenv("CUDA_VISIBLE_DEVICES")));
}

HOCKET_INLINE resource_ledger::resource_ledger(resource_amounts const& amounts, resource_numbers numbers)
    : workers_{amounts.cpus}, memory_(amounts.memory), free_workers_{amounts.cpus}, free_memory_(amounts.memory) {
    for (auto const& [name, count] : amounts.others) {
        std::vector<std::uint64_t> own;
        for (auto& [other, its_numbers] : numbers)
            if (other == name) own.swap(its_numbers);
        add_named(name, count, std::move(own));
    }
}

inline bool falls(std::uint64_t a, std::uint64_t b) noexcept { return a > b; }

HOCKET_INLINE void resource_ledger::add_named(std::string const& name, std::uint64_t count,
                                              std::vector<std::uint64_t> numbers) {
    std::sort(numbers.begin(), numbers.end(), &falls);
    for (named& each : others_)
        if (each.name == name) {
            each.total += count;
            each.free += count;
            each.free_numbers.insert(each.free_numbers.begin(), numbers.begin(), numbers.end());
            std::sort(each.free_numbers.begin(), each.free_numbers.end(), &falls);
            return;
        }
    others_.push_back({name, count, count, std::move(numbers)});
}

HOCKET_INLINE void resource_ledger::set_processes(std::vector<std::uint64_t> workers) {
    os_lock const lock(mutex_);
    free_workers_ = workers;
    workers_ = std::move(workers);
    last_is_apart_ = true;
}

HOCKET_INLINE std::uint64_t resource_ledger::count_of(std::string const& name, bool total) const noexcept {
    for (named const& each : others_)
        if (each.name == name) return total ? each.total : each.free;
    return 0;
}

/// Whether the resources that all processes share suffice for a request.
HOCKET_INLINE bool resource_ledger::shared_suffices(request const& asked, bool total) const noexcept {
    std::uint64_t memory = total ? memory_ : free_memory_;
    for (resource_amounts const& each : asked.wanted) {
        if (each.memory > memory) return false;
        memory -= each.memory;
        for (auto const& [name, ignored] : each.others) {
            std::uint64_t sum = 0;
            for (resource_amounts const& one : asked.wanted)
                for (auto const& [other, amount] : one.others)
                    if (other == name) sum += amount;
            if (sum > count_of(name, total)) return false;
        }
    }
    return true;
}

HOCKET_INLINE bool resource_ledger::choose(request const& asked, std::vector<std::uint64_t> room,
                                           std::vector<std::size_t>& in) const {
    std::size_t const count = asked.wanted.size();
    std::size_t const processes = room.size() - (last_is_apart_ ? 1 : 0);
    in.assign(count, anywhere);
    if (count == 1) {
        std::uint64_t const cpus = asked.wanted[0].cpus;
        in[0] = asked.in;
        if (asked.in != anywhere) return asked.in < room.size() && cpus <= room[asked.in];
        if (cpus == 0) return true;
        auto const best = std::max_element(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(processes));
        in[0] = static_cast<std::size_t>(best - room.begin());
        return cpus <= *best;
    }
    // Tries the largest part first. A part that fits nowhere makes the search backtrack to the previous part.
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i != count; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return asked.wanted[a].cpus > asked.wanted[b].cpus; });
    std::vector<std::size_t> used(processes, 0);
    bool const packs = asked.how == strategy::pack || asked.how == strategy::strict_pack;
    std::size_t steps = 100'000;
    auto const place = [&](auto const& again, std::size_t at) -> bool {
        if (at == count) return true;
        std::uint64_t const cpus = asked.wanted[order[at]].cpus;
        std::vector<std::size_t> candidates(processes);
        for (std::size_t i = 0; i != processes; ++i) candidates[i] = i;
        std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
            if ((used[a] != 0) != (used[b] != 0)) return (used[a] != 0) == packs;
            return room[a] > room[b];
        });
        for (std::size_t const each : candidates) {
            if (room[each] < cpus || steps == 0) continue;
            if (asked.how == strategy::strict_spread && used[each] != 0) continue;
            if (asked.how == strategy::strict_pack && at != 0 && used[each] == 0) continue;
            --steps;
            room[each] -= cpus;
            ++used[each];
            in[order[at]] = each;
            if (again(again, at + 1)) return true;
            --used[each];
            room[each] += cpus;
        }
        return false;
    };
    return place(place, 0);
}

HOCKET_COLD HOCKET_INLINE void resource_ledger::require_possible(request const& asked) const {
    std::vector<std::size_t> in;
    if (shared_suffices(asked, true) && choose(asked, workers_, in)) return;
    std::string text = "hocket: a request exceeds the resources of the pool, even when the pool is idle: ";
    for (std::size_t i = 0; i != asked.wanted.size(); ++i) {
        resource_amounts const& each = asked.wanted[i];
        if (i != 0) text += " and ";
        text += std::to_string(each.cpus) + " cpus";
        if (each.memory != 0) text += ", " + std::to_string(each.memory) + " bytes of memory";
        for (auto const& [name, amount] : each.others) text += ", " + std::to_string(amount) + " of " + name;
    }
    if (asked.how == strategy::strict_pack) text += ", in one process";
    if (asked.how == strategy::strict_spread && asked.wanted.size() > 1) text += ", each in another process";
    std::size_t const most =
        static_cast<std::size_t>(std::max_element(workers_.begin(), workers_.end()) - workers_.begin());
    text += "; there are " + std::to_string(workers_.size() - (last_is_apart_ ? 1 : 0)) +
            " processes, the largest has " + std::to_string(workers_[most]) + " cpus, and the machine " +
            std::to_string(memory_) + " bytes of memory";
    for (named const& each : others_) text += ", " + std::to_string(each.total) + " of " + each.name;
    throw std::invalid_argument(text);
}

HOCKET_INLINE bool resource_ledger::try_take(waiter& asked) noexcept {
    try {
        holding made;
        if (!shared_suffices(asked, false) || !choose(asked, free_workers_, made.in)) return false;
        made.numbers.resize(asked.wanted.size());
        for (std::size_t i = 0; i != asked.wanted.size(); ++i)
            for (auto const& [name, amount] : asked.wanted[i].others)
                made.numbers[i]
                    .emplace_back(name, std::vector<std::uint64_t>())
                    .second.reserve(amount < most_numbered ? amount : 0);
        asked.has = std::move(made);
    } catch (std::bad_alloc const&) {
        return false; // the next releasing thread tries again
    }
    for (std::size_t i = 0; i != asked.wanted.size(); ++i) {
        resource_amounts const& each = asked.wanted[i];
        free_memory_ -= each.memory;
        if (asked.has.in[i] != anywhere) free_workers_[asked.has.in[i]] -= each.cpus;
        for (std::size_t k = 0; k != each.others.size(); ++k)
            for (named& there : others_) {
                if (there.name != each.others[k].first) continue;
                there.free -= each.others[k].second;
                std::vector<std::uint64_t>& own = asked.has.numbers[i][k].second;
                for (std::uint64_t left = each.others[k].second; left != 0 && !there.free_numbers.empty(); --left) {
                    own.push_back(there.free_numbers.back());
                    there.free_numbers.pop_back();
                }
            }
    }
    return true;
}

HOCKET_INLINE bool resource_ledger::take(waiter& asked) noexcept {
    os_lock const lock(mutex_);
    if (first_ == nullptr && try_take(asked)) return true;
    asked.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &asked;
    last_ = &asked;
    return false;
}

/// Returns the granted requests at the front of the queue.
HOCKET_INLINE resource_ledger::waiter* resource_ledger::serve() noexcept {
    waiter* granted = nullptr;
    waiter** end = &granted;
    while (first_ != nullptr && try_take(*first_)) {
        *end = first_;
        end = &first_->next;
        first_ = first_->next;
    }
    *end = nullptr;
    return granted;
}

/// Notifies the requests that `serve` has returned.
HOCKET_INLINE void tell_granted(resource_ledger::waiter* all) noexcept {
    while (resource_ledger::waiter* const one = all) {
        all = one->next;
        one->granted(*one);
    }
}

HOCKET_INLINE bool resource_ledger::forget(waiter& asked) noexcept {
    waiter* granted = nullptr;
    {
        os_lock const lock(mutex_);
        waiter* before = nullptr;
        waiter* at = first_;
        for (; at != nullptr && at != &asked; at = at->next) before = at;
        if (at == nullptr) return false;
        (before == nullptr ? first_ : before->next) = asked.next;
        if (last_ == &asked) last_ = before;
        granted = serve();
    }
    tell_granted(granted);
    return true;
}

HOCKET_INLINE void resource_ledger::give_back(waiter const& held) noexcept {
    waiter* granted = nullptr;
    {
        os_lock const lock(mutex_);
        for (std::size_t i = 0; i != held.wanted.size(); ++i) {
            resource_amounts const& each = held.wanted[i];
            free_memory_ += each.memory;
            if (held.has.in[i] != anywhere) free_workers_[held.has.in[i]] += each.cpus;
            for (std::size_t k = 0; k != each.others.size(); ++k)
                for (named& there : others_) {
                    if (there.name != each.others[k].first) continue;
                    there.free += each.others[k].second;
                    for (std::uint64_t const number : held.has.numbers[i][k].second) // capacity is reserved
                        there.free_numbers.insert(
                            std::lower_bound(there.free_numbers.begin(), there.free_numbers.end(), number, &falls),
                            number);
                }
        }
        granted = serve();
    }
    tell_granted(granted);
}

HOCKET_INLINE resource_amounts resource_ledger::total() const {
    resource_amounts sum{.memory = memory_};
    for (std::uint64_t const each : workers_) sum.cpus += each;
    if (last_is_apart_) sum.cpus -= workers_.back();
    for (named const& each : others_) sum.others.emplace_back(each.name, each.total);
    return sum;
}

HOCKET_INLINE resource_amounts resource_ledger::free() const {
    os_lock const lock(mutex_);
    resource_amounts sum{.memory = free_memory_};
    for (std::uint64_t const each : free_workers_) sum.cpus += each;
    if (last_is_apart_) sum.cpus -= free_workers_.back();
    for (named const& each : others_) sum.others.emplace_back(each.name, each.free);
    return sum;
}

/// The innermost scope of the calling thread.
inline constinit thread_local resource_scope const* innermost_resources = nullptr;

HOCKET_INLINE resource_scope::resource_scope(resource_numbers const* its) noexcept
    : held(its), task(innermost_running), outer(std::exchange(innermost_resources, this)) {}
HOCKET_INLINE resource_scope::~resource_scope() { innermost_resources = outer; }

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_INLINE std::vector<std::uint64_t> this_task::resource_ids(std::string_view name) {
    detail::resource_scope const* const scope = detail::innermost_resources;
    if (scope != nullptr && scope->held != nullptr && scope->task == detail::innermost_running)
        for (auto const& [its_name, numbers] : *scope->held)
            if (its_name == name) return numbers;
    return {};
}

} // namespace
