// SPDX-License-Identifier: MIT
// Names of code that are valid in each process of a program: the number of a module, which all processes number alike,
// and an offset in it. Called by the archive, for pointers to functions, and by the thunks.
#pragma once

#include <hocket/base/config.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// A range of addresses from `begin` up to, but not including, `end`.
struct address_range {
    std::uintptr_t begin, end;

    bool has(std::uintptr_t address) const noexcept { return begin <= address && address < end; }
};

/// The program, or a shared library that it has loaded.
struct code_module {
    using build_id = std::array<unsigned char, 20>;

    std::uintptr_t base = 0;         ///< the offset added to the addresses in the file
    address_range all = {0, 0};      ///< code and data
    std::vector<address_range> code; ///< executable ranges
    build_id build = {};             ///< the GNU build id, or a hash of the code if there is none
    std::string name;                ///< path of the file; empty for the program

    bool has_code(std::uintptr_t address) const noexcept;
};

/// Returns the modules that were loaded at the first call, in the order of their build ids, and the modules added
/// since. **Threads** any.
std::vector<code_module> const& code_modules();

/// Returns all modules that are loaded now, in the order of their build ids.
std::vector<code_module> loaded_modules();

/// Gives the next numbers to the modules that have none yet, and returns these modules. Called by one thread at a time.
std::vector<code_module> add_code_modules(std::vector<code_module> loaded);

/// Returns a number that is equal in two processes if the modules of their first calls are equal.
std::uint64_t code_fingerprint();

/// Returns the build id of the program in hexadecimal, for messages.
std::string program_build_id();

/// Returns the name of the code at `address`; never 0. **Throws** `not_remotable` if the address is in none of
/// `code_modules`.
std::uint64_t token_of_code(std::uintptr_t address);

/// Returns the address of the code that another process has named. **Throws** `bad_message` if there is no such code.
std::uintptr_t code_of_token(std::uint64_t token);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/code_token.ipp>
#endif
