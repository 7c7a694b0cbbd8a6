// SPDX-License-Identifier: MIT
// Which code waits for lines of memory on the simulated machine, and which lines those are.
#pragma once

#include "machine_at_hand.hpp"
#include "values.hpp"

#include <string>
#include <unordered_map>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

#if defined(HOCKET_SIMULATED)
/// From its constructor to `tell`: the waits of all cores.
class hot_code {
  public:
    hot_code() : before_(hocket::sim::active->waits_by_code()) {
        hocket::sim::active->lines().each([&](void const* where, auto const& l) { lines_before_[where] = l.waited; });
    }
    /// Tells the code that waited most, and how many lines make half of all waits.
    void tell(run_values& to, std::string const& section, double core_time, double tasks) const {
        constexpr std::size_t shown = 8;
        std::vector<run_values::code> all;
        for (auto const& [code, w] : hocket::sim::active->waits_by_code()) {
            auto const found = before_.find(code);
            auto const before = found == before_.end() ? hocket::sim::machine::waits{} : found->second;
            run_values::code c{{}, code, 0, 0};
            std::snprintf(c.section, sizeof c.section, "%s", section.c_str());
            c.share = 100 * static_cast<double>(w.time - before.time) / core_time;
            c.waits = static_cast<double>(w.count - before.count) / tasks;
            all.push_back(c);
        }
        std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.share > b.share; });
        for (std::size_t i = 0; i < shown && i < all.size() && all[i].share >= 0.1; ++i) to.tell_code(all[i]);
        double sum = 0;
        double most = 0;
        hocket::sim::active->lines().each([&](void const* where, auto const& l) {
            auto const found = lines_before_.find(where);
            double const waited = static_cast<double>(l.waited - (found == lines_before_.end() ? 0 : found->second));
            sum += waited;
            most = std::max(most, waited);
        });
        run_values::code c{{}, nullptr, 100 * sum / core_time, 100 * most / core_time};
        std::snprintf(c.section, sizeof c.section, "%s", section.c_str());
        to.tell_code(c);
    }

  private:
    std::unordered_map<void const*, hocket::sim::machine::waits> before_;
    std::unordered_map<void const*, hocket::sim::ns> lines_before_;
};
#else
class hot_code {
  public:
    void tell(run_values& /*to*/, std::string const& /*section*/, double /*core_time*/, double /*tasks*/) const {}
};
#endif

/// Returns the functions around `address`, the innermost first, without those of the machine and of the standard
/// library.
inline std::string source_of(void const* address) {
    Dl_info where{};
    char path[4096] = {};
    if (::readlink("/proc/self/exe", path, sizeof path - 1) < 0 || ::dladdr(address, &where) == 0) return "?";
    auto const offset =
        reinterpret_cast<std::uintptr_t>(address) - 1 - reinterpret_cast<std::uintptr_t>(where.dli_fbase);
    char hexadecimal[32];
    std::snprintf(hexadecimal, sizeof hexadecimal, "0x%zx", static_cast<std::size_t>(offset));
    std::FILE* const tool = ::popen(("addr2line -f -C -i -e '" + std::string(path) + "' " + hexadecimal).c_str(), "r");
    if (tool == nullptr) return "?";
    std::string story;
    char function[4096];
    char file[4096];
    int frames = 0;
    while (std::fgets(function, sizeof function, tool) != nullptr && std::fgets(file, sizeof file, tool) != nullptr) {
        std::string name = function;
        std::string at = file;
        if (at.find("/sim/") != std::string::npos || at.find("/bits/") != std::string::npos || frames == 4) continue;
        name = name.substr(0, name.find_first_of("(\n"));
        if (auto const space = name.rfind("detail::"); space != std::string::npos) name = name.substr(space + 8);
        at = at.substr(at.rfind('/') + 1);
        at = at.substr(0, at.find_first_of(" \n"));
        story += (frames++ == 0 ? "" : " < ") + name + " " + at;
    }
    ::pclose(tool);
    return story;
}
