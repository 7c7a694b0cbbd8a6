// SPDX-License-Identifier: MIT
// The resources that tasks of a pool may request and hold: workers of a process, memory, and the named resources of
// HOCKET_RESOURCES. Resources are only counted. Requests are served in their order. Called by submit to a remote pool,
// actors, and placement groups.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/os/os_mutex.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" // g++ 12 believes that strategy::spread hides the place `spread`
/// How the parts of a `placement_group` are distributed over the processes of a pool. `pack` uses as few processes as
/// possible, and `spread` as many as possible. `strict_pack` uses a single process, and `strict_spread` a different
/// process for each part.
enum class strategy : std::uint8_t { pack, spread, strict_pack, strict_spread };
#pragma GCC diagnostic pop

namespace detail {

struct resource_amounts {
    using named = std::vector<std::pair<std::string, std::uint64_t>>;

    std::uint64_t cpus = 0;
    std::uint64_t memory = 0;
    named others{};
};

/// The units of the named resources that a holder has, by their numbers.
using resource_numbers = std::vector<std::pair<std::string, std::vector<std::uint64_t>>>;

class resource_ledger {
  public:
    static constexpr std::size_t anywhere = ~std::size_t{0};

    /// One request, which is granted as a whole.
    struct request {
        std::vector<resource_amounts> wanted;
        strategy how = strategy::pack;
        std::size_t in = anywhere; ///< required process of the first part
    };
    /// A granted request: a process for each of its parts, or `anywhere` for parts that need no worker.
    struct holding {
        std::vector<std::size_t> in;
        std::vector<resource_numbers> numbers;
    };
    /// A waiting request.
    struct waiter : request {
        holding has;
        void (*granted)(waiter&) noexcept = nullptr; // called by the releasing thread, not under the mutex
        waiter* next = nullptr;
    };

    /// Makes a ledger of one process. **Throws** std::invalid_argument for a HOCKET_RESOURCES that is not
    /// `name=number,...`.
    explicit resource_ledger(std::size_t workers);
    /// Makes a ledger of a part of another ledger.
    resource_ledger(resource_amounts const& amounts, resource_numbers numbers);
    resource_ledger(resource_ledger const&) = delete;
    resource_ledger& operator=(resource_ledger const&) = delete;

    /// Replaces the one process by processes with these numbers of workers. The last process is not chosen for requests
    /// without a process. Must precede the first request.
    void set_processes(std::vector<std::uint64_t> workers);

    /// Checks that a request can be met when nothing runs. **Throws** std::invalid_argument if it cannot.
    void require_possible(request const& asked) const;

    /// Returns true if the request is granted at once. Otherwise `granted` is called when it is granted.
    bool take(waiter& asked) noexcept;
    /// Removes a waiting request. Returns whether it was still waiting.
    bool forget(waiter& asked) noexcept;
    void give_back(waiter const& held) noexcept;

    /// Returns the resources of all processes, in total and free.
    resource_amounts total() const;
    resource_amounts free() const;

  private:
    struct named {
        std::string name;
        std::uint64_t total, free;
        std::vector<std::uint64_t> free_numbers; // in descending order; empty if there are too many
    };

    static constexpr std::uint64_t most_numbered = 4096;

    void add_named(std::string const& name, std::uint64_t count, std::vector<std::uint64_t> numbers);
    std::uint64_t count_of(std::string const& name, bool total) const noexcept;
    bool shared_suffices(request const& asked, bool total) const noexcept;
    /// Finds a process for each part. **Throws** std::bad_alloc.
    bool choose(request const& asked, std::vector<std::uint64_t> room, std::vector<std::size_t>& in) const;
    bool try_take(waiter& asked) noexcept;
    waiter* serve() noexcept;

    std::vector<std::uint64_t> workers_; // number for each process
    std::uint64_t memory_ = 0;
    bool last_is_apart_ = false;
    mutable os_mutex mutex_; // guards all members below
    std::vector<std::uint64_t> free_workers_;
    std::uint64_t free_memory_ = 0;
    std::vector<named> others_;
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

/// Reads `name=number,...`. **Throws** std::invalid_argument.
resource_amounts::named parse_resources(char const* text);

/// Returns the numbers of `count` units of a resource: 0, 1, and so on. For "gpu" it returns the numbers that
/// CUDA_VISIBLE_DEVICES lists, if it is set.
std::vector<std::uint64_t> numbers_of_resource(std::string_view name, std::uint64_t count, char const* visible);

/// Sets the resources that the running task holds, as long as this object lives. Null: none.
class resource_scope {
  public:
    explicit resource_scope(resource_numbers const* held) noexcept;
    resource_scope(resource_scope const&) = delete;
    resource_scope& operator=(resource_scope const&) = delete;
    ~resource_scope();

    resource_numbers const* const held;
    void const* const task; // task that ran when it was made
    resource_scope const* const outer;
};

} // namespace detail

namespace this_task {

/// Returns the numbers of the units of a resource that the running task holds. No other task has these units meanwhile.
/// With `{.resources = {{"gpu", 1}}}` and HOCKET_RESOURCES="gpu=2", the number is 0 or 1. If CUDA_VISIBLE_DEVICES is
/// set, "gpu" has the numbers that it lists. Empty for resources that the task has not requested, in tasks that the
/// task has started, and for resources with more than 4096 units.
[[nodiscard]] std::vector<std::uint64_t> resource_ids(std::string_view name);

} // namespace this_task
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/node/resource_ledger.ipp>
#endif
