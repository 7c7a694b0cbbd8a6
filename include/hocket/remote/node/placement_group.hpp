// SPDX-License-Identifier: MIT
// Workers and resources that are reserved together, for related calls and actors:
// `placement_group g(all, {{.cpus = 2}, {.cpus = 2}});`. Public.
#pragma once

#include <hocket/remote/node/call_place.hpp>
#include <hocket/remote/node/resource_ledger.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

class remote_pool;

/// A part of a `placement_group`: the amounts reserved in one process.
struct placement_part {
    std::uint32_t cpus = 1;
    std::uint64_t memory = 0; ///< in bytes
    std::vector<std::pair<std::string, std::uint64_t>> resources{};
};

namespace detail {

class resource_grant;

struct group_part {
    group_part(std::size_t its_seat, resource_amounts const& amounts, resource_numbers numbers)
        : slot(its_seat), ledger(amounts, std::move(numbers)) {}

    std::size_t const slot;
    resource_ledger ledger; // of the reserved amounts
};

/// The reservations of a group, which live until the last call in it has finished.
struct group_parts {
    group_parts(remote_pool& its_pool, resource_grant&& its_grant);
    ~group_parts();

    remote_pool* const pool;
    std::unique_ptr<resource_grant> grant;
    std::vector<std::unique_ptr<group_part>> parts;
};

/// Returns the reservations of a group, or null if the group is gone.
std::shared_ptr<group_parts> find_group(std::uint64_t number);

} // namespace detail

/// Reserves parts, each in one process, all at once or none. Calls and actors with `.where = g[1]` take their resources
/// from that part, and run in its process. A call in a group also counts with its one worker.
///
///     hocket::placement_group const g(all, {{.cpus = 1}, {.cpus = 1, .resources = {{"gpu", 1}}}},
///                                     hocket::strategy::strict_spread);
///     auto r = submit(all, train, data, {.where = g[1]});
///
/// The destructor releases the group. Later calls in it throw std::invalid_argument. The resources become free when the
/// calls that were started before have finished. **Threads** any. The constructor **blocks** until all parts are
/// reserved. **Throws** std::invalid_argument for a request that even idle processes could not meet, std::bad_alloc.
class placement_group {
  public:
    placement_group(remote_pool& all, std::vector<placement_part> const& parts, strategy how = strategy::pack);
    placement_group(placement_group&& other) noexcept
        : number_(std::exchange(other.number_, 0)), size_(std::exchange(other.size_, 0)) {}
    placement_group& operator=(placement_group&& other) noexcept {
        std::swap(number_, other.number_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~placement_group();

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// Returns the location of a part, for `remote_options::where` and `actor_options::where`. **Throws**
    /// std::out_of_range.
    [[nodiscard]] call_place operator[](std::size_t part) const;

    /// Says what to write instead: a part is the place of a call.
    template<class... Args>
    auto submit(Args&&...) const {
        static_assert(detail::never<Args...>, "hocket: a placement_group has no member submit: write submit(pool, f, "
                                              "{.where = group[0]})");
    }

  private:
    std::uint64_t number_ = 0;
    std::size_t size_ = 0;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/node/placement_group.ipp>
#endif
