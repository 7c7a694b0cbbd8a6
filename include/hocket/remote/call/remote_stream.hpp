// SPDX-License-Identifier: MIT
// parallel_imap and parallel_imap_unordered over a remote_pool: each element is a call. The thread that iterates over
// the stream reads the input and waits. Used by remote_algorithms.hpp.
#pragma once

#include <hocket/algorithm/stream/parallel_imap.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/os/clock.hpp>
#include <hocket/remote/call/common_callable.hpp>
#include <hocket/remote/call/remote_call.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/node/node_call.hpp>
#include <hocket/remote/object/ref.hpp>
#include <hocket/remote/object/ref_wait.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The call of an element. The function receives the element in the same form as on threads.
template<class F, class Argument, class Value>
struct element_call {
    F f;
    auto operator()(Value element) const {
        if constexpr (std::is_lvalue_reference_v<Argument>)
            return detail::call(f, element);
        else
            return detail::call(f, std::move(element));
    }
};

/// The function of a stream on threads, through bytes if HOCKET_CHECK_REMOTE asks for it.
template<class F, class Argument, class Value>
struct element_function {
    template<class A>
    auto operator()(A&& element) const -> std::remove_cvref_t<call_result<F, A>> {
        if (!by_bytes) return detail::call(f, std::forward<A>(element));
        if constexpr (std::is_same_v<std::remove_cvref_t<A>, std::remove_cvref_t<Argument>>) {
            using call = element_call<F, Argument, Value>;
            using result = std::remove_cvref_t<call_result<F, A>>;
            return call_by_bytes<result, call, void, Value>{call{f}}(Value(std::forward<A>(element)));
        } else {
            return detail::call(f, std::forward<A>(element));
        }
    }

    F f;
    bool by_bytes;
};

/// A stream whose elements are calls in worker processes. **Threads** one.
template<class Range, class F, bool ordered>
class stream_of_calls {
    using input = std::remove_reference_t<Range>;
    using iterator = range_iterator<input>;
    using sentinel = decltype(std::ranges::end(std::declval<input&>()));
    using core = stream_core<iterator, sentinel, F, ordered>;
    using value = std::iter_value_t<iterator>;
    using called = typename core::called;
    using clock = monotonic_clock;

  public:
    using argument = typename core::argument;
    using result = typename core::result;
    using call = element_call<common_callable<F>, argument, value>;
    struct item {
        std::uint64_t index = 0;
        std::optional<result> value{};
        std::exception_ptr error = nullptr;
    };

    stream_of_calls(remote_pool& all, input& range, F const& f, stream_options const& options)
        : pool_(all.threads().sched()),
          node_(*all.node()),
          call_{{all, f}},
          options_(options),
          lookahead_(options.lookahead != 0 ? options.lookahead : usual_lookahead(all)),
          in_(std::ranges::begin(range)),
          end_(std::ranges::end(range)) {
        if (options.name != nullptr) terms_.name = options.name;
        if (options.timeout.given()) until_ = clock::now() + std::chrono::nanoseconds(options.timeout.nanoseconds());
    }
    stream_of_calls(stream_of_calls const&) = delete;
    stream_of_calls& operator=(stream_of_calls const&) = delete;
    /// Drops calls that have not begun, and requests a stop of running calls.
    ~stream_of_calls() { give_up(); }

    /// Moves to the next result. Returns false at the end. **Throws** operation_cancelled.
    bool next(item& current) {
        bool const failed = current.error != nullptr;
        current = {};
        if (failed && options_.errors == error_policy::first) give_up();
        look_for_stop();
        read();
        if (calls_.empty()) {
            if (read_error_ == nullptr) return false;
            current.index = read_;
            current.error = std::exchange(read_error_, nullptr);
            return true;
        }
        std::size_t const at = wait_for_one();
        current.index = indices_[at];
        try {
            if constexpr (ordered)
                current.value.emplace(calls_[at].take());
            else
                current.value.emplace(result{current.index, calls_[at].take()});
        } catch (...) {
            current.error = std::current_exception();
        }
        calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(at));
        indices_.erase(indices_.begin() + static_cast<std::ptrdiff_t>(at));
        if (options_.progress != nullptr) options_.progress->advance(1);
        read(); // further calls run while the caller uses this result
        return true;
    }

  private:
    static constexpr std::chrono::milliseconds between_looks{5};

    static std::size_t usual_lookahead(remote_pool const& all) {
        std::size_t workers = 0;
        for (node_info const& each : all.nodes()) workers += each.cores;
        return std::max<std::size_t>(64, 4 * workers);
    }

    /// Starts calls up to the look-ahead. An input that throws ends there, and its error follows the results of the
    /// elements read before.
    void read() {
        while (!input_is_over_ && calls_.size() < lookahead_) {
            try {
                if (read_ != 0) ++in_;
                if (in_ == end_) {
                    input_is_over_ = true;
                    return;
                }
                value element(*in_);
                calls_.push_back(ref<called>(send()(std::move(element)).take_state()));
                indices_.push_back(read_++);
            } catch (...) {
                read_error_ = std::current_exception();
                input_is_over_ = true;
                return;
            }
            if (options_.progress != nullptr) options_.progress->expect(1);
        }
    }

    /// Returns a function that sends a call from this thread, so that the calls are sent in the order of the input.
    auto send() const { return send_to_node<called, call, value>{call_, 0, &node_, &pool_, terms_, stop_.get_token()}; }

    void look_for_stop() {
        if (!options_.stop.stop_requested() && clock::now() < until_ && !this_task::stop_requested()) return;
        give_up();
        throw operation_cancelled();
    }

    /// Waits for the call whose result comes next. Returns its position.
    std::size_t wait_for_one() {
        for (;;) {
            if constexpr (ordered) {
                if (calls_.front().wait_for(between_looks)) return 0;
            } else {
                for (std::size_t at = 0; at != calls_.size(); ++at)
                    if (calls_[at].ready()) return at;
                (void)hocket::wait(std::vector<ref<called>>(calls_.begin(), calls_.end()),
                                   {.count = 1, .timeout = between_looks});
            }
            look_for_stop();
        }
    }

    void give_up() noexcept {
        (void)stop_.request_stop();
        input_is_over_ = true;
        read_error_ = nullptr;
        for (ref<called>& each : calls_) try {
                (void)each.take();
            } catch (...) {
            }
        calls_.clear();
        indices_.clear();
    }

    scheduler& pool_;
    node& node_;
    call const call_;
    stream_options options_;
    std::size_t const lookahead_;
    iterator in_;
    sentinel end_;
    call_terms terms_;
    stop_source stop_;
    clock::time_point until_ = clock::time_point::max();
    std::uint64_t read_ = 0;
    bool input_is_over_ = false;
    std::exception_ptr read_error_;
    std::deque<ref<called>> calls_; // calls whose results were not returned, in the order of the input
    std::deque<std::uint64_t> indices_;
};

} // namespace hocket::detail

namespace hocket::inline HOCKET_ABI {

/// The result of parallel_imap and parallel_imap_unordered over a `remote_pool`: a `result_stream` whose function runs
/// in the processes of the pool. It reads at most `.lookahead` elements before it returns the result of the first of
/// them. The default is the larger of 64 and four for each worker of a process. Its destructor drops calls that have
/// not begun, and requests a stop of running ones in other processes.
template<class Range, class F, bool ordered>
class remote_stream {
    using calls = detail::stream_of_calls<Range, F, ordered>;
    using iterator_of_range = detail::range_iterator<std::remove_reference_t<Range>>;
    using function = detail::element_function<F, typename calls::argument, std::iter_value_t<iterator_of_range>>;
    using threads = result_stream<Range, function, ordered>;

    struct remote {
        remote_pool& all;
        Range range; // a reference to an lvalue, or a temporary moved here
        F f;
        stream_options options;
        std::optional<calls> work;
        typename calls::item current;
        bool is_over = false;

        void step() { is_over = !work->next(current); }
    };

  public:
    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = typename calls::result;
        using difference_type = std::ptrdiff_t;

        iterator() = default;

        /// Returns the result. **Throws** the exception of the function for this element, at each call.
        value_type&& operator*() const {
            if (state_ == nullptr) return *here_;
            if (state_->current.error != nullptr) std::rethrow_exception(state_->current.error);
            return std::move(*state_->current.value);
        }
        [[nodiscard]] std::uint64_t index() const noexcept {
            return state_ == nullptr ? here_.index() : state_->current.index;
        }

        iterator& operator++() {
            if (state_ == nullptr)
                ++here_;
            else
                state_->step();
            return *this;
        }
        void operator++(int) { ++*this; }

        friend bool operator==(iterator const& a, std::default_sentinel_t end) noexcept {
            return a.state_ == nullptr ? a.here_ == end : a.state_->is_over;
        }

      private:
        friend remote_stream;
        explicit iterator(remote& state) noexcept : state_(&state) {}
        explicit iterator(typename threads::iterator at) noexcept : here_(at) {}
        typename threads::iterator here_{};
        remote* state_ = nullptr; // null on threads
    };

    /// Starts the work. A later call continues at the current position.
    [[nodiscard]] iterator begin() {
        if (here_.has_value()) return iterator(here_->begin());
        if (!remote_->work.has_value()) {
            remote_->work.emplace(remote_->all, remote_->range, remote_->f, remote_->options);
            remote_->step();
        }
        return iterator(*remote_);
    }
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return std::default_sentinel; }

    /// For the library: made by parallel_imap.
    template<class Given>
    remote_stream(remote_pool& all, Range&& range, Given&& f, stream_options const& options) {
        function called{F(std::forward<Given>(f)), all.sends_bytes()};
        if (all.sends_bytes()) detail::check_callable_travels(called.f);
        detail::check_stream_options(options);
        if (all.node() == nullptr)
            here_.emplace(all.threads(), std::forward<Range>(range), std::move(called), options);
        else
            remote_.reset(new remote{all, std::forward<Range>(range), std::move(called.f), options, {}, {}});
    }

  private:
    std::optional<threads> here_;
    std::unique_ptr<remote> remote_;
};

} // namespace hocket
