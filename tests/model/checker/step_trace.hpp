// SPDX-License-Identifier: MIT
// The readable record of one execution of a scenario: one line per operation.
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "code_site.hpp"
#include "operations.hpp"
#include "vector_clock.hpp"

namespace model {

struct trace_step {
    std::string thread;
    operation what;
    std::string where; // name of the location
    std::string value; // `1 -> 2`
    code_site site;
    std::string note;
};

inline std::string value_text(std::uint64_t v) {
    char buffer[32];
    const auto s = static_cast<std::int64_t>(v);
    if (s > -100000 && s < 100000)
        std::snprintf(buffer, sizeof buffer, "%lld", static_cast<long long>(s));
    else
        std::snprintf(buffer, sizeof buffer, "0x%llx", static_cast<unsigned long long>(v));
    return buffer;
}

inline bool has_order(op_kind kind) { return kind <= op_kind::fence; }

inline std::string text_of(const std::vector<trace_step>& steps) {
    std::string all;
    char line[512];
    unsigned n = 0;
    for (const trace_step& s : steps) {
        std::string what = name_of(s.what.kind);
        if (has_order(s.what.kind)) what += std::string(" ") + name_of(s.what.with);
        if (!s.note.empty()) what += " " + s.note;
        std::snprintf(line, sizeof line, "%4u  %-10s %-24s %-22s %-18s %s %s  | %s\n", ++n, s.thread.c_str(),
                      what.c_str(), s.where.c_str(), s.value.c_str(), s.site.short_name().c_str(), s.site.function,
                      s.site.text().c_str());
        all += line;
    }
    return all;
}

} // namespace model
