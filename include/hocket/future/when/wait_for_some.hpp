// SPDX-License-Identifier: MIT
// Waiting for several futures, or for some of them: wait. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/timer.hpp>
#include <hocket/future/when/when_input.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// Options of `wait`; give only the members that you need: `wait(futures, {.count = 3, .timeout = 1s})`.
struct wait_options {
    static constexpr std::size_t all = ~std::size_t{0};

    std::size_t count = all;                                            ///< the number of futures that have to be ready
    std::chrono::nanoseconds timeout = std::chrono::nanoseconds::max(); ///< the longest time to wait
};

/// The result of `wait`. Both vectors are in the order of the given futures.
template<class Future>
struct wait_result {
    std::vector<Future> ready;   ///< ready, failed or not; at most `count`
    std::vector<Future> pending; ///< the others
};

namespace detail {

/// A state that is complete when some of the inputs are. The links of the other inputs keep it until they are called.
template<class Future>
struct some_of_vector final : future_state<void> {
    using input = when_input<some_of_vector, Future>;
    static constexpr bool hands_futures_back = true;

    some_of_vector(std::vector<Future>&& futures, std::size_t count)
        : future_state<void>(type, nullptr, false, static_cast<std::uint32_t>(futures.size() + 1)),
          fatal_(futures.size() - count + 1),
          left_(static_cast<std::uint32_t>(count)),
          inputs_(std::move(futures)) {
        this->sched = inputs_.pool();
        this->scope = new_scope();
        this->help = [](future_state_base& self, worker& me) noexcept {
            return static_cast<some_of_vector&>(self).inputs_.help(me);
        };
    }

    void begin() noexcept { inputs_.attach(*this); }
    void note_ours(kept_by by) noexcept { inputs_.note_ours(by); }
    void input_ready(input&) noexcept {
        if (left_.one_less()) this->set_value();
        this->release();
    }

    wait_result<Future> sort_out(std::size_t count) const {
        wait_result<Future> result;
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            bool const is_ready = result.ready.size() < count && inputs_[i].state->complete();
            inputs_[i].state->retain();
            (is_ready ? result.ready : result.pending).push_back(Future(inputs_[i].state.get()));
        }
        return result;
    }

    some_needed needed() noexcept { return {this, this, fatal_, false}; }

  private:
    std::size_t const fatal_;
    countdown left_;
    when_inputs<some_of_vector, Future> inputs_;

    static constexpr future_type type =
        with_parts(type_of_state<some_of_vector, void>(),
                   [](future_state_base& self) noexcept { static_cast<some_of_vector&>(self).inputs_.give_up_own(); });
};

template<class Future>
wait_result<Future> wait_for_some(std::vector<Future>&& futures, wait_options options, kept_by by) {
    if (options.count == wait_options::all) options.count = futures.size();
    if (options.count > futures.size())
        throw std::invalid_argument("hocket: wait_options::count is greater than the number of futures");
    using state = some_of_vector<Future>;
    state_reference<state> const some(make_in_slab<state>(std::move(futures), options.count));
    some->note_ours(by);
    some->begin();
    if (options.count == 0) return some->sort_out(0);
    if (options.timeout == options.timeout.max())
        wait_for_state(*some, wanted_by::caller);
    else
        (void)wait_for_state_until(*some, due_after(options.timeout));
    return some->sort_out(options.count);
}

} // namespace detail

/// Waits until `count` of these futures are ready, all of them by default, or the time is over. As Ray's wait:
///
///     auto [ready, pending] = wait(std::move(pending_ones), {.count = 1});
///
/// A named vector and its futures stay usable, and `ready` and `pending` hold further handles of them;
/// `std::move(futures)` hands them over.
///
/// **Threads** any. **Blocks** as `future::wait` with all of them; with a timeout as `future::wait_for`. **Throws**
/// std::invalid_argument when `count` exceeds the number of futures, std::logic_error for a future that holds nothing,
/// std::bad_alloc. Errors of the futures stay in them. **Cost** one block of the slabs, three allocations, and some
/// atomic operations for each future.
template<class Future>
    requires detail::is_future<Future> wait_result<Future> wait(std::vector<Future>&& futures,
                                                                wait_options options = {}) {
        return detail::wait_for_some(std::move(futures), options, detail::kept_by::wait);
    }
template<class Future>
    requires detail::is_future<Future> wait_result<Future> wait(std::vector<Future> const& futures,
                                                                wait_options options = {}) {
        return detail::wait_for_some(detail::handles_of(futures), options, detail::kept_by::lender);
    }

namespace detail {

struct wait_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>,
                      "hocket: wait takes a std::vector of futures or refs, and perhaps wait_options: wait(futures, "
                      "{.count = 1, .timeout = 1s}); for one future, write future.wait() or future.wait_for(1s)");
        return true;
    }
};

} // namespace detail

/// Says what wait takes.
inline void wait(detail::anything<detail::wait_usage>, detail::anything_else = {}, detail::anything_else = {},
                 detail::anything_else = {}) {}

} // namespace hocket
