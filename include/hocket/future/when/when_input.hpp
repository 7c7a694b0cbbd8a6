// SPDX-License-Identifier: MIT
// The input of a state that waits for several futures: one for each future. Callers: when_all, when_any, as_completed.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/fork_join/join.hpp>
#include <hocket/future/future.hpp>
#include <hocket/future/future_task.hpp>
#include <hocket/future/wait_cycle.hpp>
#include <hocket/memory/slab.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

template<class Future>
struct future_value;
template<class T>
struct future_value<future<T>> {
    using type = T;
    static constexpr bool shared = false;
};
template<class T>
struct future_value<shared_future<T>> {
    using type = T;
    static constexpr bool shared = true;
};
/// The T of a future<T> or shared_future<T>.
template<class Future>
using value_of_future = typename future_value<Future>::type;
template<class Future>
inline constexpr bool is_future = requires {
    typename future_value<Future>::type;
};

/// Returns a future for the library: one that was handed over itself, of a named one another handle.
template<class T>
future<T> handle_of(future<T>&& given) noexcept {
    return std::move(given);
}
template<class T>
future<T> handle_of(future<T> const& named) {
    return named.again();
}
template<class T>
shared_future<T> handle_of(shared_future<T> given) noexcept {
    return given;
}
template<class Future>
std::vector<Future> handles_of(std::vector<Future> const& named) {
    std::vector<Future> all;
    all.reserve(named.size());
    for (Future const& each : named) all.push_back(handle_of(each));
    return all;
}

/// Whether the result of a when_ function can hold the values of named futures, which it copies.
template<class Future>
inline constexpr bool named_can_be_copied =
    !std::is_object_v<value_of_future<Future>> || detail::value_can_be_copied<value_of_future<Future>>;

/// One of the futures: its state, and the continuation that calls the owner.
template<class Owner, class Future>
struct when_input : continuation {
    using value = value_of_future<Future>;

    when_input() noexcept : continuation{&tells, nullptr} {}
    when_input(when_input const&) = delete;
    when_input& operator=(when_input const&) = delete;

    static void tell(continuation* self) noexcept {
        auto* const input = static_cast<when_input*>(self);
        input->owner->input_ready(*input);
    }
    static future_state_base* waiting(continuation const& self) noexcept {
        Owner* const owner = static_cast<when_input const&>(self).owner;
        if constexpr (needs_some) {
            some_needed const needed = owner->needed();
            return needed.fatal == 1 ? needed.state : nullptr;
        } else {
            return owner;
        }
    }
    static constexpr some_needed (*some() noexcept)(continuation const&) noexcept {
        if constexpr (needs_some)
            return
                [](continuation const& self) noexcept { return static_cast<when_input const&>(self).owner->needed(); };
        else
            return nullptr;
    }
    static constexpr bool needs_some = requires { &Owner::needed; };
    static constexpr bool hands_back = requires { Owner::hands_futures_back; }; // with their errors
    static constexpr continuation_kind tells = {&tell, &waiting, hands_back, some()};
    /// Begins to call the owner when the future is ready, perhaps at once.
    void attach(Owner& its_owner) noexcept {
        owner = &its_owner;
        if (!state->add(*this)) its_owner.input_ready(*this);
    }

    /// Returns the value of the future, to be kept elsewhere: moved out, or copied from a shared one; `nothing` for
    /// void.
    joined<value> take() {
        if constexpr (std::is_void_v<value>)
            return {};
        else if constexpr (future_value<Future>::shared && !std::is_reference_v<value>)
            return state->value();
        else
            return state->take();
    }

    /// Returns the error of a future that failed: moved out, as the task's own reference to the state may end later
    /// than the handler of the error.
    std::exception_ptr hand_on_error() noexcept {
        if constexpr (future_value<Future>::shared)
            return state->error();
        else
            return state->take_error();
    }

    /// Runs what the future needs, on a thread that waits for it.
    bool help(worker& me) noexcept {
        if (state->complete() || state->help == nullptr || state->sched != me.sched) return false;
        awaited_part const part(state->scope, is_our_own());
        return state->help(*state, me);
    }

    bool is_our_own() const noexcept {
        if (is_ours.load(std::memory_order_relaxed)) return state->word.lent_once();
        return !future_value<Future>::shared && !state->word.lent();
    }
    /// Gives the future up, since the owner's result is not wanted. Other holders may want it.
    HOCKET_COLD void give_up_own() noexcept {
        if (is_our_own()) detail::give_up(*state);
    }

    Owner* owner = nullptr;
    /// Writer: the thread that waits. Readers: it, and threads that give the future up. Whether the waiting body has
    /// started the task, and no others may want its result.
    atomic<bool> is_ours{false};
    state_reference<future_state<value>> state;
};

/// What keeps the futures for which a thread waits.
enum class kept_by : std::uint8_t {
    wait,   // the wait alone
    lender, // the owner of named futures, of which the wait holds a loan each
    refs,   // the refs of the caller, which the wait does not count
};

/// Whether the body of this thread has started the task of a state, and no others may want the result.
inline bool is_ours(future_state_base const& state, kept_by by) noexcept {
    bool const others = by == kept_by::lender ? !state.word.lent_once() : state.word.lent();
    return !others && stop_scope::has_made_lately(state.scope);
}

/// The inputs of the futures of a vector, which it can give up.
template<class Owner, class Future>
class when_inputs {
  public:
    using input = when_input<Owner, Future>;

    explicit when_inputs(std::vector<Future>&& futures)
        : all_(new input[futures.size()]), count_(futures.size()), unfinished_(count_) {
        for (Future const& future : futures)
            if (!future.valid()) throw_no_state();
        for (std::size_t i = 0; i < count_; ++i) all_[i].state = futures[i].take_state();
        futures.clear();
    }

    std::size_t size() const noexcept { return count_; }
    input& operator[](std::size_t i) const noexcept { return all_[i]; }
    std::size_t number_of(input const& one) const noexcept { return static_cast<std::size_t>(&one - all_.get()); }

    scheduler* pool() const noexcept {
        for (std::size_t i = 0; i < count_; ++i)
            if (all_[i].state->sched != nullptr) return all_[i].state->sched;
        return nullptr;
    }
    void attach(Owner& owner) noexcept {
        for (std::size_t i = 0; i < count_; ++i) all_[i].attach(owner);
    }
    /// Called by the thread that waits: notes which of the futures its body has started, and no others may want.
    void note_ours(kept_by by) noexcept {
        if (by == kept_by::wait) return;
        for (std::size_t i = 0; i < count_; ++i)
            all_[i].is_ours.store(detail::is_ours(*all_[i].state, by), std::memory_order_relaxed);
    }
    /// Gives all futures up, since the owner's result is not wanted.
    HOCKET_COLD void give_up_own() noexcept {
        for (std::size_t i = 0; i < count_; ++i) all_[i].give_up_own();
    }
    /// Gives up all futures but `wanted`.
    HOCKET_COLD void give_up(input const* wanted) noexcept {
        for (std::size_t i = 0; i < count_; ++i)
            if (&all_[i] != wanted) detail::give_up(*all_[i].state);
    }
    /// Runs what the futures need. The newest tasks are at the top of the waiting thread's local deque: it helps from
    /// the end.
    bool help(worker& me) noexcept {
        std::size_t last = unfinished_.load(std::memory_order_relaxed);
        while (last != 0 && all_[last - 1].state->complete()) --last;
        unfinished_.store(last, std::memory_order_relaxed);
        constexpr std::size_t reach = 16;
        for (std::size_t i = last; i != 0 && last - i < reach; --i)
            if (all_[i - 1].help(me)) return true;
        return false;
    }

  private:
    std::unique_ptr<input[]> all_;
    std::size_t count_;
    /// The index from which on all futures are complete, a hint. Writers and readers: threads that help.
    atomic<std::size_t> unfinished_;
};

/// Makes the State, a state of a future<T> with two references: one for that future, and its own.
template<class T, class State, class... Args>
future<T> make_when(Args&&... args) {
    State* const state = make_in_slab<State>(std::forward<Args>(args)...);
    state->scope = new_scope();
    future<T> handle(state);
    state->begin();
    return handle;
}

} // namespace hocket::detail
