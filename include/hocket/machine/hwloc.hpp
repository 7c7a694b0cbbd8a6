// SPDX-License-Identifier: MIT
// Reads topologies by hwloc: the only file that includes <hwloc.h>.
// Floor machine; called by machine.hpp and by tests that bring their own machine.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/affinity.hpp>
#include <hocket/machine/assemble_topology.hpp>
#include <hocket/machine/plugin_guard.hpp>

#include <hwloc.h>

#include <cstdlib>

namespace hocket {

static_assert(HWLOC_API_VERSION >= 0x00020800, "hocket needs hwloc 2.9 (whose headers say API 2.8)");

/// Which machine to read; by default this one, or what hwloc's environment variables put in its place.
struct topology_source {
    char const* xml_file = nullptr;  ///< an XML file written by hwloc. Trusted input: malformed ones crash hwloc 2.9
    char const* synthetic = nullptr; ///< a description such as "pack:2 [numa] l3:4 core:8 pu:2"
};

namespace detail {

class hwloc_handle {
  public:
    hwloc_handle() noexcept {
        if (hwloc_topology_init(&topology_) != 0) {
            topology_ = nullptr;
        }
    }
    ~hwloc_handle() {
        if (topology_ != nullptr) {
            hwloc_topology_destroy(topology_);
        }
    }
    hwloc_handle(hwloc_handle const&) = delete;
    hwloc_handle& operator=(hwloc_handle const&) = delete;
    hwloc_topology_t get() const noexcept { return topology_; }

  private:
    hwloc_topology_t topology_ = nullptr;
};

/// One core per PU that the operating system lets this thread run on; at least one.
HOCKET_COLD inline void fall_back(topology& made, char const* why) {
    fixed_array<unsigned> const allowed = pus_of_calling_thread();
    fixed_array<pu_label> pus(allowed.empty() ? 1 : allowed.size());
    pus[0].os_index = pu_of_calling_thread().value_or(0);
    for (std::size_t p = 0; p < allowed.size(); ++p) {
        pus[p].os_index = allowed[p];
    }
    assemble_topology(made, pus, 0);
    made.origin = topology_origin::fallback;
    made.note = why;
}

/// How many members a set has; an infinite one (a damaged file has them) counts as empty.
inline unsigned size_of(hwloc_const_bitmap_t set) noexcept {
    int const count = set == nullptr ? 0 : hwloc_bitmap_weight(set);
    return count < 0 ? 0U : static_cast<unsigned>(count);
}

/// The PU with this number among ascending ones, or nothing.
inline pu_label* find_pu(fixed_array<pu_label>& pus, int os_index) noexcept {
    auto const wanted = static_cast<unsigned>(os_index);
    std::size_t low = 0;
    std::size_t high = pus.size();
    while (low < high) {
        std::size_t const middle = low + (high - low) / 2;
        if (pus[middle].os_index < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < pus.size() && pus[low].os_index == wanted ? &pus[low] : nullptr;
}

/// Writes `label` on each PU of the set that has none, or that of a larger set: several NUMA nodes may hold a PU, and
/// the smallest is the nearest. `cores` of each group holds the size of its set meanwhile.
HOCKET_COLD inline void put_label(fixed_array<pu_label>& pus, unsigned pu_label::*member, hwloc_const_bitmap_t set,
                                  fixed_array<topology::group>& groups, unsigned label) {
    unsigned const size = size_of(set);
    groups[label].cores = size;
    int os_index = -1;
    for (unsigned i = 0; i < size; ++i) {
        os_index = hwloc_bitmap_next(set, os_index);
        pu_label* const pu = find_pu(pus, os_index);
        if (pu != nullptr && (pu->*member == unlabelled || size < groups[pu->*member].cores)) {
            pu->*member = label;
        }
    }
}

/// Fills `groups` with the objects of one type and labels the PUs by them.
HOCKET_COLD inline void label_by_objects(fixed_array<pu_label>& pus, unsigned pu_label::*member, hwloc_topology_t from,
                                         hwloc_obj_type_t type, fixed_array<topology::group>& groups) {
    int const count = hwloc_get_nbobjs_by_type(from, type); // negative if the type stands on several levels
    groups = fixed_array<topology::group>(count < 0 ? 0U : static_cast<unsigned>(count));
    for (unsigned i = 0; i < groups.size(); ++i) {
        hwloc_obj_t const object = hwloc_get_obj_by_type(from, type, i);
        if (object->os_index != HWLOC_UNKNOWN_INDEX) {
            groups[i].os_index = object->os_index;
        }
        if (object->attr != nullptr && type == HWLOC_OBJ_NUMANODE) {
            groups[i].bytes = object->attr->numanode.local_memory;
        } else if (object->attr != nullptr && type == HWLOC_OBJ_L3CACHE) {
            groups[i].bytes = object->attr->cache.size;
        }
        put_label(pus, member, object->cpuset, groups, i);
    }
}

HOCKET_COLD inline void label_by_kinds(fixed_array<pu_label>& pus, hwloc_topology_t from,
                                       fixed_array<topology::group>& groups) {
    int const count = hwloc_cpukinds_get_nr(from, 0);
    groups = fixed_array<topology::group>(count < 0 ? 0U : static_cast<unsigned>(count));
    hwloc_bitmap_t const set = hwloc_bitmap_alloc();
    for (unsigned i = 0; set != nullptr && i < groups.size(); ++i) {
        int efficiency = -1;
        if (hwloc_cpukinds_get_info(from, i, set, &efficiency, nullptr, nullptr, 0) == 0) {
            if (efficiency >= 0) {
                groups[i].efficiency = efficiency;
            }
            put_label(pus, &pu_label::kind, set, groups, i);
        }
    }
    hwloc_bitmap_free(set);
}

/// PUs outside any core get a label each, in hwloc's order: near ones side by side. Returns the number of labels.
HOCKET_COLD inline unsigned label_lone_pus(fixed_array<pu_label>& pus, hwloc_topology_t from, unsigned labels) {
    hwloc_obj_t object = nullptr;
    while ((object = hwloc_get_next_obj_by_type(from, HWLOC_OBJ_PU, object)) != nullptr) {
        pu_label* const pu = size_of(object->cpuset) == 1 ? find_pu(pus, hwloc_bitmap_first(object->cpuset)) : nullptr;
        if (pu != nullptr && pu->core == unlabelled) {
            pu->core = labels++;
        }
    }
    return labels;
}

/// Reads what hwloc has loaded; false if that has no PUs. PUs are taken from the sets and not from the objects: damaged
/// files without PU objects, or with wrong numbers on them, still have right sets.
HOCKET_COLD inline bool read_loaded(topology& made, hwloc_topology_t from) {
    hwloc_const_bitmap_t const all = hwloc_topology_get_topology_cpuset(from);
    fixed_array<pu_label> pus(size_of(all));
    if (pus.empty()) {
        return false;
    }
    int os_index = -1;
    for (pu_label& pu : pus) {
        os_index = hwloc_bitmap_next(all, os_index);
        pu.os_index = static_cast<unsigned>(os_index);
    }
    fixed_array<topology::group> cores;
    label_by_objects(pus, &pu_label::core, from, HWLOC_OBJ_CORE, cores);
    label_by_objects(pus, &pu_label::package, from, HWLOC_OBJ_PACKAGE, made.packages);
    label_by_objects(pus, &pu_label::numa, from, HWLOC_OBJ_NUMANODE, made.numa_nodes);
    label_by_objects(pus, &pu_label::l3, from, HWLOC_OBJ_L3CACHE, made.l3_groups);
    label_by_kinds(pus, from, made.kinds);
    assemble_topology(made, pus, label_lone_pus(pus, from, static_cast<unsigned>(cores.size())));
    return true;
}

/// Whether the environment may give hwloc another machine to look at.
inline bool environment_describes_a_machine() noexcept {
    return std::getenv("HWLOC_XMLFILE") != nullptr || std::getenv("HWLOC_SYNTHETIC") != nullptr ||
           std::getenv("HWLOC_FSROOT") != nullptr || std::getenv("HWLOC_CPUID_PATH") != nullptr;
}

/// Without these two hwloc shows PUs that `taskset` has taken away. On a machine that is not this one they would take
/// away PUs for having the wrong numbers.
inline constexpr unsigned long only_allowed =
    HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM | HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING;
inline constexpr unsigned long only_what_is_used =
    HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING | HWLOC_TOPOLOGY_FLAG_NO_DISTANCES | HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;

/// Nothing, or what went wrong.
HOCKET_COLD inline char const* load(hwloc_topology_t into, topology_source const& source, unsigned long flags) {
    if (into == nullptr) {
        return "hwloc cannot start";
    }
    if ((hwloc_get_api_version() >> 16) != (HWLOC_API_VERSION >> 16)) {
        return "hwloc is of another major version than the header that this program was compiled with";
    }
    if (source.xml_file != nullptr && hwloc_topology_set_xml(into, source.xml_file) != 0) {
        return "hwloc cannot read the XML file";
    }
    if (source.synthetic != nullptr && hwloc_topology_set_synthetic(into, source.synthetic) != 0) {
        return "hwloc does not understand the synthetic description";
    }
    hwloc_topology_set_all_types_filter(into, HWLOC_TYPE_FILTER_KEEP_NONE);
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_PACKAGE, HWLOC_TYPE_FILTER_KEEP_ALL);
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_L3CACHE, HWLOC_TYPE_FILTER_KEEP_ALL);
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
    // Where nothing else stands for the cores of a NUMA node, hwloc needs a group to say which they are.
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
    if (hwloc_topology_set_flags(into, flags) != 0) {
        return "hwloc refuses the flags";
    }
    return hwloc_topology_load(into) == 0 ? nullptr : "hwloc cannot load the topology";
}

/// One attempt to read a machine. Returns whether hwloc has looked at this system with flags for descriptions.
HOCKET_COLD inline bool read_by_hwloc(topology& made, topology_source const& source, unsigned long flags) {
    plugin_guard const guard;
    hwloc_handle const handle;
    char const* const problem = load(handle.get(), source, flags);
    if (problem != nullptr || !read_loaded(made, handle.get())) {
        fall_back(made, problem != nullptr ? problem : "hwloc reports no PUs");
        return false;
    }
    bool const this_system = hwloc_topology_is_thissystem(handle.get()) != 0;
    made.origin = this_system ? topology_origin::hwloc : topology_origin::description;
    made.note = this_system ? "" : "the machine is a description, not this one";
    return this_system && (flags & only_allowed) == 0;
}

} // namespace detail

/// Reads a machine. A source that hwloc cannot load gives the fallback, with the reason in `note`.
///
/// **Threads** any. **Blocks** for about 1 ms; 2 ms more where hwloc has plugins and several threads run.
/// **Throws** `std::bad_alloc`.
HOCKET_COLD inline topology read_topology(topology_source const& source = {}) {
    topology made;
    bool const may_be_described =
        source.xml_file != nullptr || source.synthetic != nullptr || detail::environment_describes_a_machine();
    // Also when hwloc cannot read what the environment names it turns to this machine.
    if (!may_be_described || detail::read_by_hwloc(made, source, detail::only_what_is_used)) {
        detail::read_by_hwloc(made, source, detail::only_what_is_used | detail::only_allowed);
    }
    return made;
}

} // namespace hocket
