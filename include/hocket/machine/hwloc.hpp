// SPDX-License-Identifier: MIT
// Reads topologies by hwloc: the only file that includes <hwloc.h>. Called by machine.hpp and by tests that bring their
// own machine.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/machine/assemble_topology.hpp>
#include <hocket/machine/plugin_guard.hpp>
#include <hocket/os/affinity.hpp>

#if !__has_include(<hwloc.h>)
#error                                                                                                                 \
    "hocket needs the headers of hwloc: install libhwloc-dev (Debian, Ubuntu), hwloc-devel (Fedora) or hwloc (Homebrew, Arch)"
#endif
#include <hwloc.h>

#include <cstdlib>

namespace hocket::inline HOCKET_ABI {

static_assert(HWLOC_API_VERSION >= 0x00020800, "hocket needs hwloc 2.9 (whose headers say API 2.8)");

/// The machine to read: by default this machine, or the one that hwloc's environment variables put in its place.
struct topology_source {
    char const* xml_file = nullptr;  ///< an XML file written by hwloc. Trusted input: malformed ones crash hwloc 2.9
    char const* synthetic = nullptr; ///< a description such as "pack:2 [numa] l3:4 core:8 pu:2"
};

namespace detail {

class hwloc_handle {
  public:
    hwloc_handle() noexcept;
    ~hwloc_handle();
    hwloc_handle(hwloc_handle const&) = delete;
    hwloc_handle& operator=(hwloc_handle const&) = delete;
    hwloc_topology_t get() const noexcept { return topology_; }

  private:
    hwloc_topology_t topology_ = nullptr;
};

/// Makes one core per PU of `allowed`. If the system does not tell them, makes one per PU of the machine.
[[gnu::cold]] void fall_back(topology& made, fixed_array<unsigned> const& allowed, char const* why);

/// Returns how many members a set has. An infinite set (damaged files have them) counts as empty.
unsigned size_of(hwloc_const_bitmap_t set) noexcept;

/// Returns the PU with this number among ascending PUs, or null.
pu_label* find_pu(fixed_array<pu_label>& pus, int os_index) noexcept;

/// Writes `label` on each PU of the set that has no label, or the label of a larger set. Several NUMA nodes may hold a
/// PU, and the smallest is the nearest. `cores` of each group holds the size of its set meanwhile.
[[gnu::cold]] void put_label(fixed_array<pu_label>& pus, unsigned pu_label::*member, hwloc_const_bitmap_t set,
                             fixed_array<topology::group>& groups, unsigned label);

/// Fills `groups` with the objects of one type and labels the PUs by them.
[[gnu::cold]] void label_by_objects(fixed_array<pu_label>& pus, unsigned pu_label::*member, hwloc_topology_t from,
                                    hwloc_obj_type_t type, fixed_array<topology::group>& groups);

[[gnu::cold]] void label_by_kinds(fixed_array<pu_label>& pus, hwloc_topology_t from,
                                  fixed_array<topology::group>& groups);

/// Labels each PU outside any core, in hwloc's order, with near PUs side by side. Returns the number of labels.
[[gnu::cold]] unsigned label_lone_pus(fixed_array<pu_label>& pus, hwloc_topology_t from, unsigned labels);

/// Reads the topology that hwloc has loaded; returns false if it has no PUs. PUs are taken from the sets and not from
/// the objects: damaged files without PU objects, or with wrong numbers on them, still have right sets.
[[gnu::cold]] bool read_loaded(topology& made, hwloc_topology_t from);

/// Whether the environment may give hwloc another machine to look at.
bool environment_describes_a_machine() noexcept;

/// The flag without which hwloc takes a description of this machine for another machine.
inline constexpr unsigned long this_machine = HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM;
inline constexpr unsigned long only_what_is_used = HWLOC_TOPOLOGY_FLAG_NO_DISTANCES | HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS;

/// Keeps hwloc from binding the calling thread to each PU in turn to query it. This also switches off its reader of
/// CPUID dumps, which binds nothing.
inline unsigned long keep_binding() noexcept {
    return std::getenv("HWLOC_CPUID_PATH") != nullptr ? 0 : HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING;
}

/// Removes the PUs that are not allowed. hwloc's own flag for it asks for the mask of all threads of the process, and
/// restricts nothing where these masks differ.
[[gnu::cold]] void restrict_to(hwloc_topology_t what, fixed_array<unsigned> const& allowed) noexcept;

/// Loads a topology. Returns null, or the reason for the failure.
[[gnu::cold]] char const* load(hwloc_topology_t into, topology_source const& source, unsigned long flags);

/// Makes one attempt to read a machine. Returns whether hwloc has read this system as if it were a description.
[[gnu::cold]] bool read_by_hwloc(topology& made, topology_source const& source, fixed_array<unsigned> const& allowed,
                                 unsigned long flags);

/// Reads this machine, with PUs that the masks of the calling thread and the main thread leave out.
[[gnu::cold]] topology read_whole_machine();

} // namespace detail

/// Reads a machine. A source that hwloc cannot load gives the fallback, with the reason in `note`.
///
/// **Threads** any. **Blocks** for about 1 ms; 2 ms more where hwloc has plugins and several threads run. **Throws**
/// `std::bad_alloc`.
[[gnu::cold]] topology read_topology(topology_source const& source = {});

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/machine/hwloc.ipp>
#endif
