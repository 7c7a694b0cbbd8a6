// SPDX-License-Identifier: MIT
// Decides how many workers a pool has and where each of them runs: plain data in, plain data out.
// Floor machine; called where pools are made. Pinning itself: pin.hpp.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/binding.hpp>
#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/topology.hpp>

#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace hocket {

/// What the maker of a pool wants.
struct placement_request {
    std::optional<std::size_t> workers = {}; ///< by default one per allowed core, capped by the CPU quota
    binding bind = binding::automatic;
};

/// Where one worker runs. The core is its home, and binding only if it is pinned.
struct worker_place {
    worker_index worker = {};
    core_id core = {};
    fixed_array<unsigned> pus = {}; ///< os indexes to pin to; empty: not pinned
    std::size_t package = 0;        ///< positions in the topology
    std::size_t numa = 0;
    std::size_t l3 = 0;
};

/// Where all workers of a pool run, and why that many.
struct placement {
    fixed_array<worker_place> workers; ///< never empty
    binding effective;                 ///< what `automatic` has become
    std::string reason;

    /// One line that says why, then a line for each worker.
    std::string to_string() const;
};

namespace detail {

inline constexpr std::size_t most_workers = 65'536;

/// The PUs (positions in `on.pus`) in the order in which workers take them: first one PU of each core, then the second
/// of each that has one, and so on, so that a worker shares a core only when every core has one. Among cores the fast
/// kinds come first, else the order of the machine, which has near ones side by side.
HOCKET_COLD inline fixed_array<unsigned> seats(topology const& on) {
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

/// Pinning pays when the workers are the only ones on the cores: each keeps its caches. It hurts when two programs
/// with few workers each are pinned to the same first cores, when a quota throttles a core while others are free, and
/// when several workers queue for a PU that the system could have spread. So a team is pinned if it fills the cores
/// that the process may use and no quota is below them.
inline binding choose_binding(binding wanted, std::size_t workers, topology const& on,
                              std::optional<cpu_quota> const& quota) noexcept {
    if (wanted != binding::automatic) {
        return wanted;
    }
    bool const fills = workers >= on.cores.size() && workers <= on.pus.size();
    bool const throttled = quota && quota->cpus() < static_cast<double>(on.cores.size());
    return fills && !throttled ? binding::core : binding::none;
}

/// The PUs to pin a worker to whose seat is `seat`, a position in `on.pus`.
HOCKET_COLD inline fixed_array<unsigned> pus_to_pin(topology const& on, std::size_t seat, binding bind) {
    topology::pu const& own = on.pus[seat];
    topology::core const& core = on.at(own.core);
    bool const node = bind == binding::numa;
    std::size_t const begin = node ? 0 : bind == binding::core ? core.first_pu : seat;
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

HOCKET_COLD inline std::string why_that_many(std::size_t workers, topology const& on,
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

} // namespace detail

/// Places the workers of a pool.
///
/// **Throws** `std::invalid_argument` if none or more than 65,536 workers are requested.
/// **Order** worker 0 gets the best core; neighbours in number are neighbours on the machine.
HOCKET_COLD inline placement plan_placement(topology const& on, std::optional<cpu_quota> const& quota,
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
    auto const seats = detail::seats(on);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t const seat = seats[i % seats.size()];
        topology::core const& core = on.at(on.pus[seat].core);
        worker_place& place = planned.workers[i];
        place.worker = static_cast<worker_index>(i);
        place.core = on.pus[seat].core;
        place.pus = detail::pus_to_pin(on, seat, planned.effective);
        place.package = core.package;
        place.numa = core.numa;
        place.l3 = core.l3;
    }
    return planned;
}

namespace detail {

/// Ascending runs of numbers as "0-3,8", cut where the text is full.
HOCKET_COLD inline void print_ranges(char* text, std::size_t size, fixed_array<unsigned> const& numbers) {
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

/// A placement as lines of text, with what else is to be told of it.
HOCKET_COLD inline fixed_array<char> text_of(placement const& planned, char const* remarks) {
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

/// -1 for the same worker, then same core, L3 group, NUMA node, package, none.
inline int distance(worker_place const& a, worker_place const& b) noexcept {
    return a.worker == b.worker     ? -1
           : a.core == b.core       ? 0
           : a.l3 == b.l3           ? 1
           : a.numa == b.numa       ? 2
           : a.package == b.package ? 3
                                    : 4;
}

} // namespace detail

inline std::string placement::to_string() const { return detail::text_of(*this, "").data(); }

/// The other workers, nearest first: of the same core, L3 group, NUMA node, package, then the rest.
///
/// Among equally near ones each worker starts at another place, so that thieves do not all go for the same victim.
///
/// **Throws** `std::bad_alloc`. **Cost** ten passes over the workers.
HOCKET_COLD inline fixed_array<std::uint32_t> nearest_first(placement const& planned, worker_index self) {
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

} // namespace hocket
