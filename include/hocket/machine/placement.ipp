// SPDX-License-Identifier: MIT
// The bodies of the functions that placement.hpp declares.
#pragma once

#include <hocket/machine/placement.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE fixed_array<unsigned> pu_order(topology const& on) {
    int fastest = -1;
    for (topology::group const& kind : on.kinds) {
        int const speed = kind.efficiency.value_or(-1);
        fastest = speed > fastest ? speed : fastest;
    }
    fixed_array<unsigned> order(on.pus.size());
    std::size_t taken = 0;
    for (std::size_t nth = 0; taken < order.size(); ++nth) {
        for (int speed = fastest; speed >= -1; --speed) {
            for (topology::core const& core : on.cores) {
                if (nth < core.pu_count && on.kinds[core.kind].efficiency.value_or(-1) == speed) {
                    order[taken++] = static_cast<unsigned>(core.first_pu + nth);
                }
            }
        }
    }
    return order;
}

HOCKET_INLINE binding choose_binding(binding wanted, std::size_t workers, topology const& on,
                                     std::optional<cpu_quota> const& quota) noexcept {
    if (wanted != binding::automatic) {
        return wanted;
    }
    bool const fills = workers >= on.cores.size() && workers <= on.pus.size();
    bool const throttled = quota && quota->cpus() < static_cast<double>(on.cores.size());
    return fills && !throttled ? binding::core : binding::none;
}

HOCKET_COLD HOCKET_INLINE fixed_array<unsigned> pus_to_pin(topology const& on, std::size_t at_pu, binding bind) {
    topology::pu const& own = on.pus[at_pu];
    topology::core const& core = on.at(own.core);
    bool const node = bind == binding::numa;
    std::size_t const begin = node ? 0 : bind == binding::core ? core.first_pu : at_pu;
    std::size_t const length = node                    ? on.pus.size()
                               : bind == binding::core ? core.pu_count
                               : bind == binding::pu   ? 1U
                                                       : 0U;
    std::size_t count = 0;
    for (std::size_t p = begin; p < begin + length; ++p) count += !node || on.pus[p].numa == own.numa ? 1U : 0U;
    fixed_array<unsigned> pus(count);
    for (std::size_t p = begin, at = 0; at < count; ++p) {
        if (!node || on.pus[p].numa == own.numa) pus[at++] = on.pus[p].os_index;
    }
    return pus;
}

HOCKET_COLD HOCKET_INLINE std::string why_that_many(std::size_t workers, topology const& on,
                                                    std::optional<cpu_quota> const& quota, bool requested) {
    char text[1024];
    std::size_t const cores = on.cores.size();
    char const* const comma = *on.note == '\0' ? "" : "; ";
    if (!requested && quota && workers < cores) {
        std::snprintf(text, sizeof text, "a quota of %.2f CPUs for %zu cores in %s%s%s", quota->cpus(), cores,
                      quota->file.c_str(), comma, on.note);
    } else {
        std::snprintf(text, sizeof text, "%s (allowed cores: %zu, PUs: %zu)%s%s",
                      requested ? "as requested" : "one per core", cores, on.pus.size(), comma, on.note);
    }
    return text;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE placement plan_placement(topology const& on, std::optional<cpu_quota> const& quota,
                                                   placement_request const& request) {
    std::size_t count = request.workers.value_or(on.cores.size());
    if (count == 0 || count > detail::most_workers) {
        char text[80];
        std::snprintf(text, sizeof text, "hocket: a pool has 1 to %zu workers, not %zu", detail::most_workers, count);
        throw std::invalid_argument(text);
    }
    if (!request.workers && quota && quota->workers() < count) {
        count = quota->workers();
    }
    placement planned{fixed_array<worker_place>(count), detail::choose_binding(request.bind, count, on, quota),
                      detail::why_that_many(count, on, quota, request.workers.has_value())};
    auto const pu_order = detail::pu_order(on);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t const at_pu = pu_order[i % pu_order.size()];
        topology::core const& core = on.at(on.pus[at_pu].core);
        worker_place& place = planned.workers[i];
        place.worker = static_cast<worker_index>(i);
        place.core = on.pus[at_pu].core;
        place.pus = detail::pus_to_pin(on, at_pu, planned.effective);
        place.package = core.package;
        place.numa = core.numa;
        place.l3 = core.l3;
    }
    return planned;
}

} // namespace

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE void print_ranges(char* text, std::size_t size, fixed_array<unsigned> const& numbers) {
    std::size_t used = 0;
    for (std::size_t first = 0; first < numbers.size() && used < size;) {
        std::size_t last = first;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) {
            ++last;
        }
        char const* const comma = first == 0 ? "" : ",";
        int const wrote =
            last == first ? std::snprintf(text + used, size - used, "%s%u", comma, numbers[first])
                          : std::snprintf(text + used, size - used, "%s%u-%u", comma, numbers[first], numbers[last]);
        used += static_cast<std::size_t>(wrote);
        first = last + 1;
    }
}

HOCKET_COLD HOCKET_INLINE fixed_array<char> text_of(placement const& planned, char const* remarks) {
    constexpr std::size_t line_size = 320;
    fixed_array<char> text(planned.reason.size() + std::strlen(remarks) + line_size * (planned.workers.size() + 1));
    auto used = static_cast<std::size_t>(
        std::snprintf(text.data(), text.size(), "hocket: %zu workers, binding %s: %s\n", planned.workers.size(),
                      hocket::to_string(planned.effective).data(), planned.reason.c_str()));
    for (worker_place const& place : planned.workers) {
        char pus[128] = "not pinned";
        print_ranges(pus, sizeof pus, place.pus);
        used += static_cast<std::size_t>(std::snprintf(
            text.data() + used, line_size, "  worker %u: core %u, L3 group %zu, NUMA node %zu, package %zu, %s%s\n",
            static_cast<unsigned>(place.worker), static_cast<unsigned>(place.core), place.l3, place.numa, place.package,
            place.pus.empty() ? "" : "PU ", pus));
    }
    std::memcpy(text.data() + used, remarks, std::strlen(remarks) + 1);
    return text;
}

HOCKET_INLINE int distance(worker_place const& a, worker_place const& b) noexcept {
    return a.worker == b.worker     ? -1
           : a.core == b.core       ? 0
           : a.l3 == b.l3           ? 1
           : a.numa == b.numa       ? 2
           : a.package == b.package ? 3
                                    : 4;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE fixed_array<std::uint32_t> nearest_first(placement const& planned, worker_index self) {
    auto const& all = planned.workers;
    auto const own = static_cast<std::size_t>(self);
    worker_place const& me = all[own];
    fixed_array<std::uint32_t> order(all.size() - 1);
    std::size_t ring_begin = 0;
    for (int d = 0; d <= 4; ++d) {
        std::size_t ring = 0;
        for (worker_place const& other : all) {
            ring += detail::distance(me, other) == d ? 1U : 0U;
        }
        std::size_t at = ring == 0 ? 0 : ring - own % ring;
        for (worker_place const& other : all) {
            if (detail::distance(me, other) == d) {
                order[ring_begin + at++ % ring] = static_cast<std::uint32_t>(other.worker);
            }
        }
        ring_begin += ring;
    }
    return order;
}

} // namespace
