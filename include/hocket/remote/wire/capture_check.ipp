// SPDX-License-Identifier: MIT
// The bodies of the functions that capture_check.hpp declares.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/machine/text_lines.hpp>
#include <hocket/remote/wire/capture_check.hpp>
#include <hocket/remote/wire/code_token.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE bool remote_is_checked() {
    static bool const checked = [] {
        char const* const value = variable("HOCKET_CHECK_REMOTE");
        if (value == nullptr) return false;
        std::optional<bool> const word = yes_or_no(value);
        if (!word) throw_bad_variable("HOCKET_CHECK_REMOTE", value, "0 or 1");
        return *word;
    }();
    return checked;
}

HOCKET_COLD HOCKET_INLINE address_range read_stack_range() noexcept {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {0, 0};
    void* lowest = nullptr;
    std::size_t size = 0;
    bool const known = pthread_attr_getstack(&attributes, &lowest, &size) == 0;
    pthread_attr_destroy(&attributes);
    auto const begin = reinterpret_cast<std::uintptr_t>(lowest);
    return known ? address_range{begin, begin + size} : address_range{0, 0};
}

HOCKET_INLINE address_range own_stack_range() noexcept {
    thread_local address_range const range = read_stack_range();
    return range;
}

/// Returns the ranges that are mapped now, without the page of the kernel that every process has at the same address.
HOCKET_COLD HOCKET_INLINE std::vector<address_range> read_mappings() {
    std::vector<address_range> ranges;
    text_lines lines("/proc/self/maps");
    while (char const* line = lines.next()) {
        unsigned long begin = 0;
        unsigned long end = 0;
        if (std::sscanf(line, "%lx-%lx", &begin, &end) == 2 && std::strstr(line, "[vsyscall]") == nullptr)
            ranges.push_back({begin, end});
    }
    return ranges;
}

/// Returns the beginning of the heap that grows by brk, which follows the program after a gap. Returns 0 if there is
/// none.
HOCKET_COLD HOCKET_INLINE std::uintptr_t read_heap_begin() noexcept {
    text_lines lines("/proc/self/maps");
    while (char const* line = lines.next()) {
        unsigned long begin = 0;
        if (std::strstr(line, "[heap]") != nullptr && std::sscanf(line, "%lx-", &begin) == 1) return begin;
    }
    return 0;
}

/// Returns a description of the memory at `address`, or null if it is in none of the known ranges.
HOCKET_INLINE char const* what_lies_at(std::uintptr_t address) {
    // Programs linked to fixed addresses are below this bound. So are many numbers.
    constexpr std::uintptr_t lowest = std::uintptr_t{1} << 32;
    if (address < lowest) return nullptr;
    if (own_stack_range().has(address)) return "something on the stack of this thread";
    for (code_module const& module : code_modules())
        if (module.all.has(address)) return "code or data of the program";
    static std::uintptr_t const heap_begin = read_heap_begin();
    address_range const heap{heap_begin, reinterpret_cast<std::uintptr_t>(::sbrk(0))};
    return heap_begin != 0 && heap.has(address) ? "something on the heap" : nullptr;
}

[[noreturn]] HOCKET_COLD HOCKET_INLINE void throw_captured_address(std::size_t offset, char const* what) {
    throw not_remotable("hocket: a callable for another process holds the address of " + std::string(what) +
                        ", at byte " + std::to_string(offset) +
                        " of its captures: it captures by reference, or a pointer. Capture the value, or pass it as an "
                        "argument. A number that only looks like an address has to be passed as an argument as well");
}

HOCKET_INLINE void check_captures(void const* closure, std::size_t size, std::size_t alignment, bool thorough) {
    if (alignment < alignof(void*)) return; // no room for a pointer
    std::vector<address_range> const mappings = thorough ? read_mappings() : std::vector<address_range>();
    for (std::size_t offset = 0; offset + sizeof(std::uintptr_t) <= size; offset += sizeof(std::uintptr_t)) {
        std::uintptr_t word;
        std::memcpy(&word, static_cast<char const*>(closure) + offset, sizeof word);
        if (char const* const what = what_lies_at(word)) throw_captured_address(offset, what);
        for (address_range const& range : mappings)
            if (range.has(word)) throw_captured_address(offset, "memory of this process");
    }
}

} // namespace
