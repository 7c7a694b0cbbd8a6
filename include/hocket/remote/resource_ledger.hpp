// SPDX-License-Identifier: MIT
// What the tasks of a process may ask for, and what they hold, floor 8: workers, memory, and what HOCKET_RESOURCES names. Counted
// only. The first to ask is served first. Caller: submit to a remote pool.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

struct resource_amounts {
    using named = std::vector<std::pair<std::string, std::uint64_t>>;

    std::uint64_t cpus = 0;
    std::uint64_t memory = 0;
    named others;
};

class resource_ledger {
  public:
    /// A request that waits.
    struct waiter {
        resource_amounts amounts;
        void (*granted)(waiter&) noexcept = nullptr; // by who gives back; not under the mutex
        waiter* next = nullptr;
    };

    /// **Throws** std::invalid_argument for a HOCKET_RESOURCES that is not `name=number,...`.
    explicit resource_ledger(std::size_t workers);
    resource_ledger(resource_ledger const&) = delete;
    resource_ledger& operator=(resource_ledger const&) = delete;

    /// **Throws** std::invalid_argument for a request that could not be met if nothing ran.
    void require_possible(resource_amounts const& request) const;

    /// True: the amounts are taken. False: `granted` will be called when they are.
    bool take(waiter& request) noexcept;
    void give_back(resource_amounts const& amounts) noexcept;

    /// What there is, and what is free.
    resource_amounts total() const { return total_; }
    resource_amounts free() const;

  private:
    bool fits(resource_amounts const& request) const noexcept;
    void add(resource_amounts const& amounts, bool back) noexcept;

    resource_amounts total_;
    mutable std::mutex mutex_; // guards the rest
    resource_amounts free_;
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

/// Reads `name=number,...`. **Throws** std::invalid_argument.
resource_amounts::named parse_resources(char const* text);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/resource_ledger.ipp>
#endif
