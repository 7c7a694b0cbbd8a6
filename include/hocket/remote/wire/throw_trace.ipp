// SPDX-License-Identifier: MIT
// The bodies of the functions that throw_trace.hpp declares. In each loaded module, the dynamic linker has stored the
// address of __cxa_throw. It is replaced by the address of a function that first records the calls.
#pragma once

#include <hocket/machine/environment.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/wire/throw_trace.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <execinfo.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

using throw_function = void (*)(void*, std::type_info*, void (*)(void*));

/// The newest exceptions and the calls around their throws.
struct thrown_calls {
    static constexpr int most_calls = 64;
    static constexpr std::size_t most_errors = 64;

    struct one {
        void* error = nullptr;
        int count = 0;
        void* calls[most_calls] = {};
    };

    os_mutex mutex; // guards all members below
    one all[most_errors];
    std::size_t next = 0;
};

/// Writer: `trace_throws`, before `throw_with_trace` is installed anywhere. Readers: throwing threads. Null without
/// traces.
inline constinit thrown_calls* the_thrown_calls = nullptr;
inline constinit throw_function real_throw = nullptr;

[[noreturn]] inline void throw_with_trace(void* error, std::type_info* type, void (*destroy)(void*)) {
    void* calls[thrown_calls::most_calls];
    int const count = ::backtrace(calls, thrown_calls::most_calls);
    {
        os_lock const lock(the_thrown_calls->mutex);
        thrown_calls::one& note = the_thrown_calls->all[the_thrown_calls->next++ % thrown_calls::most_errors];
        note.error = error;
        note.count = count;
        std::memcpy(note.calls, calls, sizeof calls);
    }
    real_throw(error, type, destroy);
    std::abort(); // `real_throw` does not return
}

/// Searches the relocations of a module for the address of __cxa_throw.
inline int redirect_throws(dl_phdr_info* info, std::size_t, void*) noexcept {
    ElfW(Dyn) const* dynamic = nullptr;
    ElfW(Addr) fixed_begin = 0, fixed_end = 0; // read-only once the module is loaded
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        auto const& segment = info->dlpi_phdr[i];
        if (segment.p_type == PT_DYNAMIC)
            dynamic = reinterpret_cast<ElfW(Dyn) const*>(info->dlpi_addr + segment.p_vaddr);
        if (segment.p_type == PT_GNU_RELRO) {
            fixed_begin = info->dlpi_addr + segment.p_vaddr;
            fixed_end = fixed_begin + segment.p_memsz;
        }
    }
    if (dynamic == nullptr) return 0;
    ElfW(Sym) const* symbols = nullptr;
    char const* names = nullptr;
    ElfW(Rela) const* tables[2] = {};
    std::size_t sizes[2] = {};
    for (; dynamic->d_tag != DT_NULL; ++dynamic) {
        auto const address = static_cast<std::uintptr_t>(dynamic->d_un.d_ptr);
        if (address < info->dlpi_addr && (dynamic->d_tag == DT_SYMTAB || dynamic->d_tag == DT_STRTAB))
            return 0; // the module of the kernel
        if (dynamic->d_tag == DT_SYMTAB) symbols = reinterpret_cast<ElfW(Sym) const*>(address);
        if (dynamic->d_tag == DT_STRTAB) names = reinterpret_cast<char const*>(address);
        if (dynamic->d_tag == DT_RELA) tables[0] = reinterpret_cast<ElfW(Rela) const*>(address);
        if (dynamic->d_tag == DT_RELASZ) sizes[0] = dynamic->d_un.d_val / sizeof(ElfW(Rela));
        if (dynamic->d_tag == DT_JMPREL) tables[1] = reinterpret_cast<ElfW(Rela) const*>(address);
        if (dynamic->d_tag == DT_PLTRELSZ) sizes[1] = dynamic->d_un.d_val / sizeof(ElfW(Rela));
    }
    if (symbols == nullptr || names == nullptr) return 0;
    auto const page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (int table = 0; table != 2; ++table)
        for (std::size_t i = 0; tables[table] != nullptr && i != sizes[table]; ++i) {
            ElfW(Rela) const& entry = tables[table][i];
            std::size_t const number = ELF64_R_SYM(entry.r_info);
            if (number == 0 || entry.r_addend != 0 || std::strcmp(names + symbols[number].st_name, "__cxa_throw") != 0)
                continue;
            std::uintptr_t const place = info->dlpi_addr + entry.r_offset;
            bool const fixed = fixed_begin <= place && place < fixed_end;
            void* const start = reinterpret_cast<void*>(place / page * page);
            if (fixed && ::mprotect(start, page, PROT_READ | PROT_WRITE) != 0) continue;
            *reinterpret_cast<throw_function*>(place) = &throw_with_trace;
            if (fixed) (void)::mprotect(start, page, PROT_READ);
        }
    return 0;
}

HOCKET_COLD HOCKET_INLINE void trace_throws() noexcept {
    char const* const text = variable("HOCKET_REMOTE_TRACE");
    if (text == nullptr || yes_or_no(text) != true) return;
    if (the_thrown_calls == nullptr) {
        void* const found = ::dlsym(RTLD_DEFAULT, "__cxa_throw");
        if (found == nullptr) return; // the program has no shared libraries
        std::memcpy(&real_throw, &found, sizeof found);
        static thrown_calls& calls = *new thrown_calls;
        void* first[1];
        (void)::backtrace(first, 1); // loads the libraries that backtrace needs
        the_thrown_calls = &calls;
    }
    ::dl_iterate_phdr(&redirect_throws, nullptr);
}

HOCKET_COLD HOCKET_INLINE std::string trace_of(std::exception_ptr const& error) {
    if (the_thrown_calls == nullptr || error == nullptr) return {};
    void* object = nullptr;
    std::memcpy(&object, &error, sizeof object); // an exception_ptr holds the address of the exception
    thrown_calls::one note;
    {
        os_lock const lock(the_thrown_calls->mutex);
        for (thrown_calls::one const& each : the_thrown_calls->all)
            if (each.error == object) note = each;
    }
    std::string text;
    for (int i = 1; i < note.count; ++i) { // skips the recording function itself
        Dl_info about{};
        char line[64];
        if (::dladdr(note.calls[i], &about) == 0 || about.dli_fname == nullptr) continue;
        std::snprintf(line, sizeof line, "+0x%zx",
                      static_cast<std::size_t>(static_cast<char const*>(note.calls[i]) -
                                               static_cast<char const*>(about.dli_fbase)));
        text += about.dli_fname;
        text += line;
        if (about.dli_sname != nullptr) {
            int status = 0;
            char* const name = abi::__cxa_demangle(about.dli_sname, nullptr, nullptr, &status);
            text += std::string(" ") + (name != nullptr ? name : about.dli_sname);
            std::free(name);
        }
        text += '\n';
    }
    return text;
}

} // namespace
