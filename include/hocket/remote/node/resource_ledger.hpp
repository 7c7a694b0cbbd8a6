// SPDX-License-Identifier: MIT
// What the tasks of a pool may ask for, and what they hold: workers of a process, memory, and what HOCKET_RESOURCES
// names of a machine. Counted only. The first to ask is served first. Callers: submit to a remote pool, actors,
// placement groups.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" // g++ 12 believes that strategy::spread hides the place `spread`
/// How the parts of a `placement_group` lie in the processes of a pool: in as few as there is room in, in as many; by
/// the strict ones in a single one, or each in another one.
enum class strategy : std::uint8_t { pack, spread, strict_pack, strict_spread };
#pragma GCC diagnostic pop

namespace detail {

struct resource_amounts {
    using named = std::vector<std::pair<std::string, std::uint64_t>>;

    std::uint64_t cpus = 0;
    std::uint64_t memory = 0;
    named others{};
};

/// Which units of the named resources a holder has, by their numbers.
using resource_numbers = std::vector<std::pair<std::string, std::vector<std::uint64_t>>>;

class resource_ledger {
  public:
    static constexpr std::size_t anywhere = ~std::size_t{0};

    /// What one request asks for: all of it at once.
    struct request {
        std::vector<resource_amounts> wanted;
        strategy how = strategy::pack;
        std::size_t in = anywhere; ///< the process of the first
    };
    /// What a request was given: a process for each of its parts, `anywhere` for those that need no worker.
    struct holding {
        std::vector<std::size_t> in;
        std::vector<resource_numbers> numbers;
    };
    /// A request that waits.
    struct waiter : request {
        holding has;
        void (*granted)(waiter&) noexcept = nullptr; // called by the thread that gives back, not under the mutex
        waiter* next = nullptr;
    };

    /// One process. **Throws** std::invalid_argument for a HOCKET_RESOURCES that is not `name=number,...`.
    explicit resource_ledger(std::size_t workers);
    /// A part of another one.
    resource_ledger(resource_amounts const& amounts, resource_numbers numbers);
    resource_ledger(resource_ledger const&) = delete;
    resource_ledger& operator=(resource_ledger const&) = delete;

    /// In place of the one process: those with so many workers. The last one is not chosen where none is asked for.
    /// Before the first request.
    void set_processes(std::vector<std::uint64_t> workers);

    /// **Throws** std::invalid_argument for a request that could not be met if nothing ran.
    void require_possible(request const& asked) const;

    /// True: it is there. False: `granted` will be called when it is.
    bool take(waiter& asked) noexcept;
    /// Whether the request has waited, and does not any more.
    bool forget(waiter& asked) noexcept;
    void give_back(waiter const& held) noexcept;

    /// What there is, and what is free, in all processes.
    resource_amounts total() const;
    resource_amounts free() const;

  private:
    struct named {
        std::string name;
        std::uint64_t total, free;
        std::vector<std::uint64_t> free_numbers; // in falling order; empty where there are too many
    };

    static constexpr std::uint64_t most_numbered = 4096;

    void add_named(std::string const& name, std::uint64_t count, std::vector<std::uint64_t> numbers);
    std::uint64_t count_of(std::string const& name, bool total) const noexcept;
    bool shared_suffices(request const& asked, bool total) const noexcept;
    /// Finds a process for each. **Throws** std::bad_alloc.
    bool choose(request const& asked, std::vector<std::uint64_t> room, std::vector<std::size_t>& in) const;
    bool try_take(waiter& asked) noexcept;
    waiter* serve() noexcept;

    std::vector<std::uint64_t> workers_; // of each process
    std::uint64_t memory_ = 0;
    bool last_is_apart_ = false;
    mutable std::mutex mutex_; // guards the rest
    std::vector<std::uint64_t> free_workers_;
    std::uint64_t free_memory_ = 0;
    std::vector<named> others_;
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

/// Reads `name=number,...`. **Throws** std::invalid_argument.
resource_amounts::named parse_resources(char const* text);

/// The numbers of so many of a resource: 0, 1, and so on; of "gpu" those that CUDA_VISIBLE_DEVICES lists, if it is set.
std::vector<std::uint64_t> numbers_of_resource(std::string_view name, std::uint64_t count, char const* visible);

/// Says which resources the running task holds, as long as this lives. Null: none.
class resource_scope {
  public:
    explicit resource_scope(resource_numbers const* held) noexcept;
    resource_scope(resource_scope const&) = delete;
    resource_scope& operator=(resource_scope const&) = delete;
    ~resource_scope();

    resource_numbers const* const held;
    void const* const task; // what ran when it was made
    resource_scope const* const outer;
};

} // namespace detail

namespace this_task {

/// Which ones of a resource the running task holds, by their numbers, which no other task has meanwhile: of
/// `{.resources = {{"gpu", 1}}}` with HOCKET_RESOURCES="gpu=2" it is 0 or 1. If CUDA_VISIBLE_DEVICES is set, "gpu" has
/// the numbers that it lists. Empty for what the task has not asked for, in what it has started, and of more than 4096
/// of a kind.
[[nodiscard]] std::vector<std::uint64_t> resource_ids(std::string_view name);

} // namespace this_task
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/node/resource_ledger.ipp>
#endif
