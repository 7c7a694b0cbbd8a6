// SPDX-License-Identifier: MIT
// The bodies of the functions that process_registry.hpp declares.
#pragma once

#include <hocket/machine/process_registry.hpp>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE registered process_registry::find(process_host const* offer) noexcept {
    HOCKET_SIMULATE({offer, false});                                          // a run has one copy of hocket
    process_host const* const known = found_.load(std::memory_order_acquire); // <- process_registry.found
    if (known != nullptr) return {known, false};
    search all{offer, {nullptr, false}};
    dl_iterate_phdr(
        [](dl_phdr_info*, std::size_t, void* argument) {
            static_cast<search*>(argument)->run();
            return 1; // once: only the lock matters
        },
        &all);
    if (all.result.host != nullptr)
        found_.store(all.result.host, std::memory_order_release); // process_registry.found ->
    return all.result;
}

HOCKET_COLD HOCKET_INLINE void process_registry::keep_loaded(void const* something_of_it) noexcept {
    static constinit atomic<bool> kept{false};
    if (kept.exchange(true, std::memory_order_relaxed)) return;
    Dl_info where;
    if (dladdr(something_of_it, &where) != 0 && where.dli_fname != nullptr)
        (void)dlopen(where.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

HOCKET_INLINE void process_registry::search::run() noexcept {
    turns_.fetch_add(1, std::memory_order_acquire); // <- process_registry.turn
    read_maps();
    if (result.host == nullptr && offer != nullptr && publish()) result.host = offer;
    turns_.fetch_add(1, std::memory_order_release); // process_registry.turn ->
}

HOCKET_INLINE void process_registry::search::read_maps() noexcept {
    int const file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    char text[1024];
    char line[256]; // longer lines are cut: their ends are not used
    std::size_t length = 0;
    for (ssize_t got = 0; (got = read(file, text, sizeof text)) > 0;)
        for (ssize_t i = 0; i < got; ++i) {
            if (text[i] != '\n') {
                if (length + 1 < sizeof line) line[length++] = text[i];
                continue;
            }
            line[length] = '\0';
            length = 0;
            look_at(line);
        }
    close(file);
}

HOCKET_INLINE void process_registry::search::look_at(char const* line) noexcept {
    char const* const name = std::strstr(line, prefix);
    if (name == nullptr) return;
    char const* const its_version = name + std::strlen(prefix);
    std::size_t const length = std::strlen(version);
    if (std::strncmp(its_version, version, length) != 0 ||
        (its_version[length] != ' ' && its_version[length] != '\0')) {
        result.other_version = true;
        return;
    }
    std::uintptr_t address = 0;
    for (; *line != '-' && *line != '\0'; ++line)
        address = 16 * address + static_cast<std::uintptr_t>(*line <= '9' ? *line - '0' : *line - 'a' + 10);
    result.host = *reinterpret_cast<process_host const* const*>(address);
}

HOCKET_INLINE bool process_registry::search::publish() noexcept {
    char name[32] = "hocket-v";
    std::strcat(name, version);
    int const file = memfd_create(name, MFD_CLOEXEC);
    if (file < 0) return false;
    void* const memory =
        ftruncate(file, page) == 0 ? mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0) : MAP_FAILED;
    close(file);
    if (memory == MAP_FAILED) return false;
    *static_cast<process_host const**>(memory) = offer;
    return true;
}

} // namespace
