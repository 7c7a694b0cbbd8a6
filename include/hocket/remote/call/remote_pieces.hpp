// SPDX-License-Identifier: MIT
// Runs an algorithm in other processes: its range is divided into chunks (`piece`), each chunk is a call, and the
// results are combined in the order of the range. Used by remote_algorithms.hpp.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/index_range.hpp>
#include <hocket/remote/call/remote_options.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/object/ref.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The part of a range that goes to another process: the elements of a chunk.
template<class Range>
struct piece_source {
    using type = std::vector<std::iter_value_t<range_iterator<Range>>>;
    template<class Iterator>
    static type cut(Iterator const& begin, std::uint64_t first, std::uint64_t last) {
        return type(advanced(begin, first), advanced(begin, last));
    }
    static type& range(type& piece) noexcept { return piece; }
};
/// For integers, only the ends of the chunk.
template<class Index>
struct piece_source<index_range<Index>> {
    using type = std::pair<Index, Index>;
    template<class Iterator>
    static type cut(Iterator const& begin, std::uint64_t first, std::uint64_t last) {
        Index const from = *advanced(begin, first);
        return {from, static_cast<Index>(static_cast<std::uint64_t>(from) + (last - first))};
    }
    static index_range<Index> range(type const& piece) noexcept { return {piece.first, piece.second}; }
};

/// The calls of one algorithm. Each call returns an R.
template<class R>
class remote_pieces {
  public:
    remote_pieces(remote_pool& all, loop_options const& options, std::uint64_t n) : options_(options) {
        check_options(options);
        if (options.errors != error_policy::first)
            throw std::invalid_argument(
                "hocket: an algorithm that runs in other processes throws the first error; use keep_errors(f), or a "
                "thread_pool, for .errors = collect or keep");
        each_.stop = stop_.get_token();
        each_.retries = options.retries;
        if (options.name != nullptr) each_.name = options.name;
        most_ = 32 * static_cast<std::uint64_t>(all.size());
        if (options.progress != nullptr) options.progress->expect(n);
        if (options.timeout.given()) until_ = clock::now() + std::chrono::nanoseconds(options.timeout.nanoseconds());
    }
    remote_pieces(remote_pieces const&) = delete;
    remote_pieces& operator=(remote_pieces const&) = delete;
    /// Returns when no call runs any more, after an error has ended the algorithm.
    ~remote_pieces() { (void)give_up(); }

    /// Returns the approximate number of elements of a chunk: each process gets 32 chunks if there are enough elements.
    std::uint64_t size(std::uint64_t n) const noexcept {
        std::uint64_t const wanted = (n + most_ - 1) / most_;
        return wanted > options_.grain ? wanted : options_.grain;
    }
    remote_options const& each() const noexcept { return each_; }
    void add(ref<R> call, std::uint64_t elements) {
        calls_.push_back(std::move(call));
        elements_.push_back(elements);
    }

    /// Calls `take(result)` for each call, in order. **Throws** the error of the first call that has failed,
    /// operation_cancelled.
    template<class Take>
    void collect(Take const& take) {
        for (std::size_t at = 0; at != calls_.size(); ++at) {
            while (!calls_[at].wait_for(between_looks)) look_around(at);
            if (has_failed(calls_[at])) fail();
            if constexpr (std::is_void_v<R>)
                take();
            else
                take(calls_[at].take());
            if (options_.progress != nullptr) options_.progress->advance(elements_[at]);
            calls_[at] = {};
        }
        if (was_stopped()) throw operation_cancelled();
    }

  private:
    static bool has_failed(ref<R> const& call) noexcept { return call.ready() && call.state()->failed(); }
    using clock = monotonic_clock;
    static constexpr std::chrono::milliseconds between_looks{5}; // stops reach other processes within 10 ms

    bool was_stopped() const noexcept {
        return options_.stop.stop_requested() || clock::now() >= until_ || this_task::stop_requested();
    }
    void look_around(std::size_t from) {
        if (was_stopped()) fail();
        for (std::size_t at = from; at != calls_.size(); ++at)
            if (has_failed(calls_[at])) fail();
    }
    /// Returns the first error in the order of the range, when all calls have finished; null if the calls were only
    /// stopped.
    std::exception_ptr give_up() noexcept {
        (void)stop_.request_stop();
        std::exception_ptr first = nullptr;
        for (ref<R>& each : calls_) {
            if (!each.valid()) continue;
            try {
                (void)each.take();
            } catch (operation_cancelled const&) { // by this function
            } catch (...) {
                if (first == nullptr) first = std::current_exception();
            }
        }
        calls_.clear();
        return first;
    }
    [[noreturn]] HOCKET_COLD void fail() {
        if (std::exception_ptr first = give_up()) std::rethrow_exception(std::move(first));
        throw operation_cancelled();
    }

    loop_options const& options_;
    remote_options each_;
    stop_source stop_;
    std::uint64_t most_ = 1;
    clock::time_point until_ = clock::time_point::max();
    std::vector<ref<R>> calls_;
    std::vector<std::uint64_t> elements_;
};

} // namespace hocket::detail
