// SPDX-License-Identifier: MIT
// Keeps hwloc from loading its plugins (OpenCL, X11, libxml2 with ICU), which take 2 ms and say nothing about cores.
// The one file of the floor that writes the environment; called by hwloc.hpp.
#pragma once

#include <hocket/base/config.hpp>

#include <cstdlib>

#if defined(__GLIBC__) && __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace hocket::inline HOCKET_ABI::detail {

#if defined(__GLIBC__) && __has_include(<sys/single_threaded.h>)

/// Hides the plugins from hwloc while it lives.
///
/// hwloc takes the folder of its plugins from the environment and from nowhere else. Writing the environment is safe
/// only while no other thread can read it. So with several threads, or where the user configures hwloc by the
/// environment, nothing is changed and the plugins load.
class plugin_guard {
  public:
    plugin_guard() noexcept
        : active_(__libc_single_threaded != 0 && std::getenv(variable) == nullptr &&
                  std::getenv("HWLOC_XMLFILE") == nullptr && ::setenv(variable, "", 0) == 0) {}
    ~plugin_guard();
    plugin_guard(plugin_guard const&) = delete;
    plugin_guard& operator=(plugin_guard const&) = delete;

  private:
    static constexpr char const* variable = "HWLOC_PLUGINS_PATH";
    bool active_;
};

#else

class plugin_guard {
  public:
    plugin_guard() noexcept {}
    ~plugin_guard() {}
};

#endif

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/machine/plugin_guard.ipp>
#endif
