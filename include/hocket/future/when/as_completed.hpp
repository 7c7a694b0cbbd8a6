// SPDX-License-Identifier: MIT
// Several futures in the order in which they become ready: as_completed. Public.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/when/when_input.hpp>
#include <hocket/memory/slab.hpp>
#include <hocket/os/os_mutex.hpp>

#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// A future that is ready, and its place among the futures that were given to as_completed.
template<class Future>
struct completed : Future {
    std::size_t index = 0;
};

namespace detail {

/// The common part of the range and of the links of the futures that are not ready.
template<class Future>
class completion_record {
  public:
    using input = when_input<completion_record, Future>;
    static constexpr bool hands_futures_back = true;

    explicit completion_record(std::vector<Future>&& futures)
        : inputs_(std::move(futures)), users_(inputs_.size() + 1) {
        order_.reserve(inputs_.size());
    }

    void begin(kept_by by) noexcept {
        inputs_.note_ours(by);
        inputs_.attach(*this);
    }

    void input_ready(input& one) noexcept {
        future_state<void>* waiting = nullptr;
        {
            os_lock const lock(mutex_);
            order_.push_back(inputs_.number_of(one));
            waiting = std::exchange(waiting_, nullptr);
        }
        if (waiting != nullptr) {
            waiting->set_value();
            waiting->release();
        }
        drop();
    }

    /// Takes the next future. Returns false after the last.
    bool next(completed<Future>& out) {
        if (given_ == inputs_.size()) return false;
        while (!take_ready(out)) wait_for_one();
        return true;
    }

    some_needed needed() noexcept {
        os_lock const lock(mutex_);
        return {this, waiting_, inputs_.size() - order_.size(), false};
    }

    void drop() noexcept {
        bool last = false;
        {
            os_lock const lock(mutex_);
            last = --users_ == 0;
        }
        if (last) delete this;
    }

  private:
    /// The state for which the range waits: one more future is ready.
    struct one_more final : future_state<void> {
        explicit one_more(completion_record& its_record) noexcept
            : future_state<void>(type, its_record.inputs_.pool(), false, 2), record(its_record) {
            this->scope = new_scope();
            this->help = [](future_state_base& self, worker& me) noexcept {
                return static_cast<one_more&>(self).record.inputs_.help(me);
            };
        }

        completion_record& record;

        static void give_up(future_state_base& self) noexcept {
            static_cast<one_more&>(self).record.inputs_.give_up_own();
        }
        static constexpr future_type type = with_parts(type_of_state<one_more, void>(), &give_up);
    };

    bool take_ready(completed<Future>& out) {
        std::size_t number = 0;
        {
            os_lock const lock(mutex_);
            if (given_ == order_.size()) return false;
            number = order_[given_++];
        }
        inputs_[number].state->retain();
        static_cast<Future&>(out) = Future(inputs_[number].state.get());
        out.index = number;
        return true;
    }

    void wait_for_one() {
        auto* const state = make_in_slab<one_more>(*this);
        state_reference<one_more> const mine(state);
        {
            os_lock const lock(mutex_);
            if (given_ != order_.size()) {
                state->release(); // the reference of the link that would have set it
                return;
            }
            waiting_ = state;
        }
        try {
            wait_for_state(*state, wanted_by::caller);
        } catch (...) { // a cycle, or too many waits
            take_back(*state);
            throw;
        }
    }
    /// Takes the state of a wait that ends by an error away from the links. A search for a cycle may look at it until
    /// then.
    HOCKET_COLD void take_back(one_more& state) noexcept {
        {
            os_lock const lock(mutex_);
            if (std::exchange(waiting_, nullptr) == nullptr) return; // a link has taken it
        }
        all_sleeping_threads.let_searches_end();
        state.release();
    }

    when_inputs<completion_record, Future> inputs_;
    std::size_t given_ = 0; // the number of futures that the range has handed out

    os_mutex mutex_; // guards the rest
    std::vector<std::size_t> order_;
    future_state<void>* waiting_ = nullptr;
    std::size_t users_;
};

} // namespace detail

/// The futures of as_completed: an input range for one pass.
template<class Future>
class completion_range {
  public:
    class iterator {
      public:
        using value_type = completed<Future>;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        iterator() = default;
        explicit iterator(completion_range& range) : range_(&range) { ++*this; }

        completed<Future>& operator*() const noexcept { return range_->current_; }
        completed<Future>* operator->() const noexcept { return &range_->current_; }
        iterator& operator++() {
            if (!range_->record_->next(range_->current_)) range_ = nullptr;
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(iterator const& i, std::default_sentinel_t) noexcept { return i.range_ == nullptr; }

      private:
        completion_range* range_ = nullptr;
    };

    completion_range(std::vector<Future>&& futures, detail::kept_by by)
        : record_(new detail::completion_record<Future>(std::move(futures))) {
        record_->begin(by);
    }
    completion_range(completion_range&& other) noexcept
        : record_(std::exchange(other.record_, nullptr)), current_(std::move(other.current_)) {}
    completion_range& operator=(completion_range&&) = delete;
    ~completion_range() {
        if (record_ != nullptr) record_->drop();
    }

    /// Waits for the first future.
    iterator begin() { return iterator(*this); }
    static std::default_sentinel_t end() noexcept { return {}; }

  private:
    detail::completion_record<Future>* record_;
    completed<Future> current_;
};

/// Visits futures as they become ready: `for (auto& done : as_completed(futures)) use(done.index, done.get());`. Each
/// element is a future that is ready, failed or not, and its place. A named vector and its futures stay usable, and the
/// elements are further handles of them; `std::move(futures)` hands them over. When the loop ends, the futures that it
/// has not reached are dropped, and their tasks go on.
///
/// **Threads** the range for one thread at a time. **Blocks** `begin` and `++`, until one more is ready: as
/// `future::wait`, with all that are left. **Throws** std::logic_error for a future that holds nothing, std::bad_alloc.
/// **Cost** three allocations for all, a mutex for each, and a block of the slabs for each that has to be waited for.
template<class Future>
    requires detail::is_future<Future> completion_range<Future> as_completed(std::vector<Future>&& futures) {
        return completion_range<Future>(std::move(futures), detail::kept_by::wait);
    }
template<class Future>
    requires detail::is_future<Future> completion_range<Future> as_completed(std::vector<Future> const& futures) {
        return completion_range<Future>(detail::handles_of(futures), detail::kept_by::lender);
    }

namespace detail {

struct as_completed_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: as_completed takes a std::vector of futures, and no options: for (auto& done "
                                ": as_completed(futures)) use(done.index, done.get());");
        return true;
    }
};

} // namespace detail

/// Says what as_completed takes.
inline void as_completed(detail::anything<detail::as_completed_usage>, detail::anything_else = {},
                         detail::anything_else = {}, detail::anything_else = {}, detail::anything_else = {},
                         detail::anything_else = {}, detail::anything_else = {}, detail::anything_else = {}) {}

} // namespace hocket
