// SPDX-License-Identifier: MIT
// The bodies of the functions that code_token.hpp declares.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/code_token.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include <elf.h>
#include <link.h>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::uint64_t hash_start = 14695981039346656037U;
inline constexpr std::uint64_t offset_mask = 0xffffffffffffU;

/// Returns the FNV-1a hash.
HOCKET_INLINE std::uint64_t hash_bytes(void const* from, std::size_t size, std::uint64_t before) noexcept {
    auto const* bytes = static_cast<unsigned char const*>(from);
    for (std::size_t i = 0; i < size; ++i) before = (before ^ bytes[i]) * 1099511628211U;
    return before;
}

/// Searches the notes of a segment for the build id.
HOCKET_INLINE bool find_build_id(std::uintptr_t notes, std::size_t size, std::size_t alignment,
                                 code_module::build_id& build) noexcept {
    std::size_t const unit = alignment == 8 ? 8 : 4;
    auto const round_up = [unit](std::size_t n) { return (n + unit - 1) / unit * unit; };
    for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
        ElfW(Nhdr) note;
        std::memcpy(&note, reinterpret_cast<void const*>(notes + at), sizeof note);
        std::size_t const name = at + sizeof note;
        std::size_t const content = name + round_up(note.n_namesz);
        if (content + note.n_descsz > size) return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            std::memcmp(reinterpret_cast<void const*>(notes + name), "GNU", 4) == 0) {
            std::memcpy(build.data(), reinterpret_cast<void const*>(notes + content),
                        std::min<std::size_t>(note.n_descsz, build.size()));
            return true;
        }
        at = content + round_up(note.n_descsz);
    }
    return false;
}

HOCKET_INLINE int add_module(dl_phdr_info* info, std::size_t, void* found) {
    code_module module;
    module.base = info->dlpi_addr;
    module.name = info->dlpi_name != nullptr ? info->dlpi_name : "";
    if (module.name.find("vdso") != std::string::npos) return 0; // of the kernel: differs between machines
    module.all = {~std::uintptr_t{0}, 0};
    bool has_build_id = false;
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        auto const& segment = info->dlpi_phdr[i];
        address_range const range{module.base + segment.p_vaddr, module.base + segment.p_vaddr + segment.p_memsz};
        if (segment.p_type == PT_LOAD) {
            module.all = {std::min(module.all.begin, range.begin), std::max(module.all.end, range.end)};
            if ((segment.p_flags & PF_X) != 0) module.code.push_back(range);
        } else if (segment.p_type == PT_NOTE && !has_build_id) {
            has_build_id = find_build_id(range.begin, segment.p_memsz, segment.p_align, module.build);
        }
    }
    if (module.code.empty()) return 0;
    if (!has_build_id) {
        std::uint64_t hash = hash_start;
        for (address_range const& range : module.code)
            hash = hash_bytes(reinterpret_cast<void const*>(range.begin), range.end - range.begin, hash);
        std::memcpy(module.build.data(), &hash, sizeof hash);
    }
    static_cast<std::vector<code_module>*>(found)->push_back(std::move(module));
    return 0;
}

HOCKET_INLINE bool code_module::has_code(std::uintptr_t address) const noexcept {
    return std::any_of(code.begin(), code.end(), [address](address_range const& range) { return range.has(address); });
}

HOCKET_INLINE std::vector<code_module> loaded_modules() {
    std::vector<code_module> found;
    ::dl_iterate_phdr(&add_module, &found);
    std::sort(found.begin(), found.end(), [](code_module const& a, code_module const& b) {
        return a.build != b.build ? a.build < b.build : a.name < b.name;
    });
    return found;
}

/// Writer: `add_code_modules`. Readers: threads that look up code. Null before the first addition. Replaced lists stay
/// alive for their readers.
inline constinit atomic<std::vector<code_module> const*> grown_modules{nullptr};

/// Returns the modules that were loaded at the first call. Never destroyed: static objects may name calls in their
/// destructors.
HOCKET_INLINE std::vector<code_module> const& first_modules() {
    static std::vector<code_module> const& modules = *new std::vector<code_module>(loaded_modules());
    return modules;
}

HOCKET_INLINE std::vector<code_module> const& code_modules() {
    auto const* const grown = grown_modules.load(std::memory_order_acquire); // <- code_modules.grown
    return grown != nullptr ? *grown : first_modules();
}

HOCKET_COLD HOCKET_INLINE std::vector<code_module> add_code_modules(std::vector<code_module> loaded) {
    auto* const all = new std::vector<code_module>(code_modules());
    std::vector<code_module> added;
    for (code_module& each : loaded) {
        if (std::any_of(all->begin(), all->end(), [&](code_module const& one) { return one.base == each.base; }))
            continue;
        added.push_back(each);
        all->push_back(std::move(each));
    }
    grown_modules.store(all, std::memory_order_release); // code_modules.grown ->
    return added;
}

HOCKET_INLINE std::uint64_t code_fingerprint() {
    static std::uint64_t const fingerprint = [] {
        std::uint64_t hash = hash_start;
        for (code_module const& module : first_modules())
            hash = hash_bytes(module.build.data(), module.build.size(), hash);
        return hash;
    }();
    return fingerprint;
}

HOCKET_INLINE std::string program_build_id() {
    std::string text;
    for (code_module const& module : code_modules()) {
        if (!module.name.empty()) continue;
        for (unsigned char const byte : module.build) {
            text += "0123456789abcdef"[byte / 16];
            text += "0123456789abcdef"[byte % 16];
        }
    }
    return text;
}

HOCKET_INLINE std::uint64_t token_of_code(std::uintptr_t address) {
    auto const& modules = code_modules();
    for (std::size_t i = 0; i < modules.size(); ++i)
        if (modules[i].has_code(address)) return std::uint64_t{i + 1} << 48 | (address - modules[i].base);
    throw_not_remotable("hocket: a pointer to a function names code of no module that was loaded when the first call "
                        "was made, so another process cannot find it: call session.announce_modules() after dlopen");
}

HOCKET_INLINE std::uintptr_t code_of_token(std::uint64_t token) {
    auto const& modules = code_modules();
    std::size_t const number = static_cast<std::size_t>(token >> 48);
    if (number == 0 || number > modules.size())
        throw_bad_message("hocket: a message names a module that is not loaded");
    code_module const& module = modules[number - 1];
    std::uintptr_t const address = module.base + static_cast<std::uintptr_t>(token & offset_mask);
    if (!module.has_code(address)) throw_bad_message("hocket: a message names an address that holds no code");
    return address;
}

} // namespace
