// SPDX-License-Identifier: MIT
// A place in the source: file, function and line of the caller, taken through defaulted arguments. Test support of the
// model checker. (Built on the builtins because clang 14 has no std::source_location.)
#pragma once
#include <cstring>
#include <fstream>
#include <string>

namespace model {

struct code_site {
    const char* file = "";
    const char* function = "";
    unsigned line = 0;

    static constexpr code_site here(const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
                                    unsigned line = __builtin_LINE()) noexcept {
        return {file, function, line};
    }

    friend bool operator==(const code_site& a, const code_site& b) noexcept {
        return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0);
    }

    /// Returns `name.hpp:12`.
    std::string short_name() const {
        const char* slash = std::strrchr(file, '/');
        return std::string(slash ? slash + 1 : file) + ":" + std::to_string(line);
    }

    /// Returns the text of the line without its indentation, or nothing where the file cannot be read. Only for
    /// reports.
    std::string text() const {
        std::ifstream in(file);
        std::string s;
        for (unsigned i = 0; i < line; ++i)
            if (!std::getline(in, s)) return {};
        const auto begin = s.find_first_not_of(" \t");
        return begin == std::string::npos ? std::string() : s.substr(begin);
    }
};

} // namespace model
