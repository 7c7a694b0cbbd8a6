// SPDX-License-Identifier: MIT
// Counts the calls of glibc's allocator, libraries included: the program's own malloc stands before it.
#include "problem.hpp"

#include <cerrno>
#include <cstdlib>

namespace {

std::atomic<bool> counting{false};
std::atomic<std::uint64_t> counted{0};

void count() {
    if (counting.load(std::memory_order_relaxed)) {
        counted.fetch_add(1, std::memory_order_relaxed);
    }
}

} // namespace

void hocket_bench::cost_problem::count_allocations(bool on) { counting = on; }

std::uint64_t hocket_bench::cost_problem::allocations() { return counted; }

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t items, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
    count();
    return __libc_malloc(size);
}

void* calloc(std::size_t items, std::size_t size) noexcept {
    count();
    return __libc_calloc(items, size);
}

void* realloc(void* old, std::size_t size) noexcept {
    count();
    return __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) noexcept {
    count();
    *result = __libc_memalign(alignment, size);
    return *result != nullptr || size == 0 ? 0 : ENOMEM;
}

} // extern "C"
