// SPDX-License-Identifier: MIT
// The bodies of the functions that hwloc.hpp declares.
#pragma once

#include <hocket/machine/hwloc.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE hwloc_handle::hwloc_handle() noexcept {
    if (hwloc_topology_init(&topology_) != 0) {
        topology_ = nullptr;
    }
}

HOCKET_INLINE hwloc_handle::~hwloc_handle() {
    if (topology_ != nullptr) {
        hwloc_topology_destroy(topology_);
    }
}

HOCKET_COLD HOCKET_INLINE void fall_back(topology& made, fixed_array<unsigned> const& allowed, char const* why) {
    fixed_array<pu_label> pus(allowed.empty() ? online_pus() : allowed.size());
    for (std::size_t p = 0; p < pus.size(); ++p) {
        pus[p].os_index = allowed.empty() ? static_cast<unsigned>(p) : allowed[p];
    }
    assemble_topology(made, pus, 0);
    made.origin = topology_origin::fallback;
    made.note = why;
}

HOCKET_INLINE unsigned size_of(hwloc_const_bitmap_t set) noexcept {
    int const count = set == nullptr ? 0 : hwloc_bitmap_weight(set);
    return count < 0 ? 0U : static_cast<unsigned>(count);
}

HOCKET_INLINE pu_label* find_pu(fixed_array<pu_label>& pus, int os_index) noexcept {
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

HOCKET_COLD HOCKET_INLINE void put_label(fixed_array<pu_label>& pus, unsigned pu_label::*member,
                                         hwloc_const_bitmap_t set, fixed_array<topology::group>& groups,
                                         unsigned label) {
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

HOCKET_COLD HOCKET_INLINE void label_by_objects(fixed_array<pu_label>& pus, unsigned pu_label::*member,
                                                hwloc_topology_t from, hwloc_obj_type_t type,
                                                fixed_array<topology::group>& groups) {
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

HOCKET_COLD HOCKET_INLINE void label_by_kinds(fixed_array<pu_label>& pus, hwloc_topology_t from,
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

HOCKET_COLD HOCKET_INLINE unsigned label_lone_pus(fixed_array<pu_label>& pus, hwloc_topology_t from, unsigned labels) {
    hwloc_obj_t object = nullptr;
    while ((object = hwloc_get_next_obj_by_type(from, HWLOC_OBJ_PU, object)) != nullptr) {
        pu_label* const pu = size_of(object->cpuset) == 1 ? find_pu(pus, hwloc_bitmap_first(object->cpuset)) : nullptr;
        if (pu != nullptr && pu->core == unlabelled) {
            pu->core = labels++;
        }
    }
    return labels;
}

HOCKET_COLD HOCKET_INLINE bool read_loaded(topology& made, hwloc_topology_t from) {
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

HOCKET_INLINE bool environment_describes_a_machine() noexcept {
    return std::getenv("HWLOC_XMLFILE") != nullptr || std::getenv("HWLOC_SYNTHETIC") != nullptr ||
           std::getenv("HWLOC_FSROOT") != nullptr || std::getenv("HWLOC_CPUID_PATH") != nullptr;
}

HOCKET_COLD HOCKET_INLINE void restrict_to(hwloc_topology_t what, fixed_array<unsigned> const& allowed) noexcept {
    hwloc_bitmap_t const set = hwloc_bitmap_alloc();
    if (set == nullptr) {
        return;
    }
    for (unsigned const pu : allowed) {
        hwloc_bitmap_set(set, pu);
    }
    if (hwloc_bitmap_intersects(set, hwloc_topology_get_topology_cpuset(what)) != 0) {
        hwloc_topology_restrict(what, set, 0);
    }
    hwloc_bitmap_free(set);
}

HOCKET_COLD HOCKET_INLINE char const* load(hwloc_topology_t into, topology_source const& source, unsigned long flags) {
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
    if ((flags & this_machine) == 0 && std::getenv("HWLOC_CPUID_PATH") != nullptr &&
        std::getenv("HWLOC_COMPONENTS") == nullptr) { // else the dump would only annotate the PUs of this machine
        hwloc_topology_set_components(into, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "linux");
    }
    hwloc_topology_set_all_types_filter(into, HWLOC_TYPE_FILTER_KEEP_NONE);
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_PACKAGE, HWLOC_TYPE_FILTER_KEEP_ALL);
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_L3CACHE, HWLOC_TYPE_FILTER_KEEP_ALL);
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
    // Where no other object stands for the cores of a NUMA node, hwloc needs a group to say which they are.
    hwloc_topology_set_type_filter(into, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
    if (hwloc_topology_set_flags(into, flags) != 0) {
        return "hwloc rejects the flags";
    }
    return hwloc_topology_load(into) == 0 ? nullptr : "hwloc cannot load the topology";
}

HOCKET_COLD HOCKET_INLINE bool read_by_hwloc(topology& made, topology_source const& source,
                                             fixed_array<unsigned> const& allowed, unsigned long flags) {
    plugin_guard const guard;
    hwloc_handle const handle;
    char const* const problem = load(handle.get(), source, only_what_is_used | flags);
    bool const this_system = problem == nullptr && hwloc_topology_is_thissystem(handle.get()) != 0;
    if (this_system) {
        restrict_to(handle.get(), allowed);
    }
    if (problem != nullptr || !read_loaded(made, handle.get())) {
        fall_back(made, allowed, problem != nullptr ? problem : "hwloc reports no PUs");
        return false;
    }
    made.origin = this_system ? topology_origin::hwloc : topology_origin::description;
    made.note = this_system ? "" : "the topology describes another machine, not this one";
    return this_system && (flags & this_machine) == 0;
}

HOCKET_COLD HOCKET_INLINE topology read_whole_machine() {
    topology made;
    read_by_hwloc(made, {}, {}, this_machine | HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
    return made;
}

} // namespace

namespace hocket::inline HOCKET_ABI {

HOCKET_COLD HOCKET_INLINE topology read_topology(topology_source const& source) {
    using namespace detail;
    topology made;
    fixed_array<unsigned> const allowed = pus_for_pools();
    bool const named = source.xml_file != nullptr || source.synthetic != nullptr;
    if (allowed.empty() && !named) { // hwloc 2.9 would ask again and again, with ever larger masks
        fall_back(made, allowed, "the system does not report which PUs this process may use");
        return made;
    }
    // hwloc also turns to this machine when it cannot read what the environment names.
    if ((!named && !environment_describes_a_machine()) || read_by_hwloc(made, source, allowed, keep_binding())) {
        read_by_hwloc(made, source, allowed, this_machine | HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
    }
    return made;
}

} // namespace
