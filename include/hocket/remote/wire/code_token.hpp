// SPDX-License-Identifier: MIT
// Names of code that hold in each process of a program: the module, which all of them number alike, and the offset in
// it. Called by the archive, for pointers to functions, and by the thunks.
#pragma once

#include <hocket/base/config.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// A range of addresses, from `begin` to before `end`.
struct address_range {
    std::uintptr_t begin, end;

    bool has(std::uintptr_t address) const noexcept { return begin <= address && address < end; }
};

/// The program, or a shared library that it has loaded.
struct code_module {
    using build_id = std::array<unsigned char, 20>;

    std::uintptr_t base = 0;         ///< what is added to the addresses in its file
    address_range all = {0, 0};      ///< code and data
    std::vector<address_range> code; ///< what may be executed
    build_id build = {};             ///< the GNU build id, or a hash of the code where there is none
    std::string name;                ///< the path of its file; empty for the program

    bool has_code(std::uintptr_t address) const noexcept;
};

/// The modules that were loaded at the first call, in the order of their build ids, and those that were added since.
/// **Threads** any.
std::vector<code_module> const& code_modules();

/// All that are loaded now, in the order of their build ids.
std::vector<code_module> loaded_modules();

/// Gives those that have none yet the next numbers. Returns these. One thread at a time.
std::vector<code_module> add_code_modules(std::vector<code_module> loaded);

/// A number that two processes have in common if the modules of their first calls are.
std::uint64_t code_fingerprint();

/// The build id of the program, in hexadecimal, for messages.
std::string program_build_id();

/// The name of the code at `address`; never 0. **Throws** `not_remotable` if it lies in none of `code_modules`.
std::uint64_t token_of_code(std::uintptr_t address);

/// The address of the code that another process has named. **Throws** `bad_message` if there is no code.
std::uintptr_t code_of_token(std::uint64_t token);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/code_token.ipp>
#endif
