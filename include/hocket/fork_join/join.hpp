// SPDX-License-Identifier: MIT
// Fork and join: runs callables side by side and returns their results. Public.
//
// While the first callable runs, the second one waits for a thief in a slot of the worker's task stack. Unless a thief
// took it, the join then calls it directly, with its type known to the compiler. Child stealing as in Lace (van Dijk,
// van de Pol 2014), with neither a fence nor a locked instruction on that path.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/config.hpp>
#include <hocket/fork_join/publication.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/pool_entry.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The result of a callable that returns void.
struct nothing {
    friend constexpr bool operator==(nothing, nothing) noexcept { return true; }
};

namespace detail {

template<class R>
using joined = std::conditional_t<std::is_void_v<R>, nothing, R>;

/// Calls f; a void result becomes `nothing`.
template<class F>
HOCKET_ALWAYS_INLINE joined<std::invoke_result_t<F>> call_joined(F&& f) {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>) {
        std::forward<F>(f)();
        return {};
    } else {
        return std::forward<F>(f)();
    }
}

/// Whether a T fits into the bytes of a slot, and may be copied there and abandoned there.
template<class T>
inline constexpr bool fits_slot = std::is_trivially_copyable_v<T>&& std::is_trivially_destructible_v<T> &&
                                  sizeof(T) <= task_slot::capacity && alignof(T) <= 8 && !std::is_reference_v<T>;

/// Room for one R that may be made later; a reference is kept as a pointer.
template<class R>
struct late_result {
    using stored = std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*, R>;
    alignas(stored) unsigned char bytes[sizeof(stored)];

    template<class F>
    void fill(F&& f) {
        if constexpr (std::is_reference_v<R>)
            ::new (static_cast<void*>(bytes)) stored(std::addressof(std::forward<F>(f)()));
        else
            ::new (static_cast<void*>(bytes)) stored(detail::call_joined(std::forward<F>(f)));
    }
    stored& get() noexcept { return *std::launder(reinterpret_cast<stored*>(bytes)); }
    R take() {
        if constexpr (std::is_reference_v<R>) {
            return static_cast<R>(*get());
        } else {
            struct destroy {
                stored& value;
                ~destroy() { value.~stored(); }
            } const guard{get()};
            return std::move(guard.value);
        }
    }
};

/// A forked callable in a slot. Small plain callables are copied into the slot with their results. Of other callables
/// the slot holds the address, and the frame of the join holds the rest.
template<class G, bool InSlot>
struct forked;

template<class G>
struct forked<G, true> {
    using result = joined<std::invoke_result_t<G&>>;

    HOCKET_ALWAYS_INLINE explicit forked(G& callable, void* bytes) noexcept { ::new (bytes) G(callable); }

    static bool run(void* bytes) noexcept {
        G callable = *std::launder(static_cast<G*>(bytes));
        try {
            ::new (bytes) result(detail::call_joined(callable));
            return false;
        } catch (...) {
            ::new (bytes) std::exception_ptr(std::current_exception());
            return true;
        }
    }
    static result take(void* bytes) noexcept { return *std::launder(static_cast<result*>(bytes)); }
    static void drop(void*) noexcept {}
    static constexpr bool plain = true;

    static constexpr task_type type{&run};
};

template<class G>
struct forked<G, false> {
    using result = joined<std::invoke_result_t<G&>>;

    HOCKET_ALWAYS_INLINE explicit forked(G& callable, void* bytes) noexcept : callable_(callable) {
        ::new (bytes) forked*(this);
    }

    static bool run(void* bytes) noexcept {
        forked& self = **std::launder(static_cast<forked**>(bytes));
        try {
            self.result_.fill(self.callable_);
            return false;
        } catch (...) {
            ::new (bytes) std::exception_ptr(std::current_exception());
            return true;
        }
    }
    result take(void*) { return result_.take(); }
    void drop(void*) { (void)result_.take(); }
    static constexpr bool plain = false;

    static constexpr task_type type{&run};

  private:
    G& callable_;
    late_result<result> result_;
};

[[gnu::cold]] std::exception_ptr take_exception(task_slot* slot) noexcept;

/// Drops the exception of the second callable while the exception of the first one is handled. If the first callable
/// was only cut short, the exception of the second one is the reason.
[[gnu::cold]] void drop_exception(task_slot* slot);

/// The form in which a callable is passed to a function that is not inlined. Small plain callables go by value, so that
/// their address stays unknown and their captures may stay in registers.
template<class F>
using passed = std::conditional_t<std::is_trivially_copyable_v<F> && sizeof(F) <= 16, F, F&>;

/// Finishes a join whose slot is not private any more. Out of line, with all arguments by value: so the fast path need
/// not keep its first result in a register that calls preserve.
template<class Fork, class First, class G>
HOCKET_COLD std::tuple<First, typename Fork::result> join_synced(First first, G g, task_slot* slot,
                                                                 task_slot const* join) {
    sync_result const outcome = sync(slot, join);
    if (outcome == sync_result::failed) std::rethrow_exception(take_exception(slot));
    if (outcome == sync_result::finished) return {first, Fork::take(slot->bytes)};
    return {first, detail::call_joined(g)};
}

/// The type of what F returns when it is called with `Top...`.
template<class F, class... Top>
using joined_call = joined<std::invoke_result_t<F&, Top...>>;

/// Joins f and g; `slot` is the top of the stack. With a Top, `f` gets the new top: the next push then need not wait
/// until the push before it can be read from memory. `siblings` is the number of slots of the same join below.
template<std::uint32_t siblings, class... Top, class F, class G>
HOCKET_ALWAYS_INLINE auto join_two(task_slot* const slot, F& f, G& g)
    -> std::tuple<joined_call<F, Top...>, joined_call<G>> {
    using first_result = joined_call<F, Top...>;
    using second_result = joined<std::invoke_result_t<G&>>;
    using fork = forked<G, fits_slot<G> && fits_slot<second_result>>;
    using both = std::tuple<first_result, second_result>;

    fork offered(g, slot->bytes);
    slot->push(address_here(fork::type));
    [[maybe_unused]] task_slot* top = slot + 1;
    push_to(top);

    auto const run_first = [&]() HOCKET_INLINE_LAMBDA -> first_result {
        try {
            if (reinterpret_cast<std::uintptr_t>(slot) >= request_here.attention.load(std::memory_order_relaxed))
                [[unlikely]]
                top = slow_push<siblings>(slot); // may publish the slot and then throw
            if constexpr (sizeof...(Top) == 0)
                return detail::call_joined(f);
            else
                return f(top);
        } catch (...) {
            pop_to(slot);
            if (must_sync(slot)) {
                sync_result const outcome = abandon(slot);
                if (outcome == sync_result::finished) offered.drop(slot->bytes);
                if (outcome == sync_result::failed) drop_exception(slot);
            }
            throw;
        }
    };
    first_result first = run_first();

    pop_to(slot);
    if (must_sync(slot)) [[unlikely]] {
        if constexpr (fork::plain && std::is_same_v<passed<G>, G> && fits_slot<first_result>)
            return join_synced<fork, first_result, G>(first, g, slot, slot - siblings);
        sync_result const outcome = sync(slot, slot - siblings);
        if (outcome == sync_result::finished) return both(std::forward<first_result>(first), offered.take(slot->bytes));
        if (outcome == sync_result::failed) std::rethrow_exception(take_exception(slot));
    }
    return both(std::forward<first_result>(first), detail::call_joined(g));
}

/// Joins the first sizeof...(At) of the callables: offers the last of them while the others run.
template<std::uint32_t siblings = 0, class Callables, std::size_t... At>
HOCKET_ALWAYS_INLINE auto join_first(task_slot* top, Callables const& all, std::index_sequence<At...>) {
    constexpr std::size_t count = sizeof...(At);
    if constexpr (count == 2) {
        return join_two<siblings>(top, std::get<0>(all), std::get<1>(all));
    } else {
        auto others = [&all](task_slot* next) HOCKET_INLINE_LAMBDA {
            return join_first<siblings + 1>(next, all, std::make_index_sequence<count - 1>{});
        };
        auto&& last = std::get<count - 1>(all);
        using last_result = joined<std::invoke_result_t<decltype(last)>>;
        auto results = join_two<siblings, task_slot*>(top, others, last);
        return std::tuple_cat(std::move(std::get<0>(results)),
                              std::tuple<last_result>(std::forward<last_result>(std::get<1>(results))));
    }
}

/// Makes a function an object that can be stored: its address. Other callables stay as they are.
template<class F>
HOCKET_ALWAYS_INLINE constexpr decltype(auto) as_object(F& f) noexcept {
    if constexpr (std::is_function_v<F>)
        return &f;
    else
        return (f);
}

template<class... F>
inline constexpr bool has_function = (std::is_function_v<std::remove_reference_t<F>> || ...);

/// A callable without arguments.
template<class F>
concept joinable = requires(F& f) {
    f();
};

/// Says why a join cannot call one of F.
template<class... F>
constexpr auto say_why_not_joined() {
    if constexpr ((points_to_pool<F> || ...))
        static_assert(never<F...>, "hocket: join on a pointer to a thread_pool: write join(*pool, f, g)");
    else
        static_assert(never<F...>, "hocket: join calls each callable without arguments: join([&] { return f(x); }, g)");
}

struct join_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: join takes two or more callables, which it runs side by side; for a vector of "
                                "callables write parallel_for_each(callables, [](auto& f) { f(); })");
        return true;
    }
};

/// Joins on a thread that is not in the pool.
template<class... F>
HOCKET_COLD auto join_outside(thread_pool* pool, passed<F>... f) {
    static constinit root_cost cost;
    root_scope root(pool != nullptr ? pool->sched() : current_pool().sched(), cost);
    std::tuple<F&...> const all(f...);
    if (root.entered())
        return join_first(task_top.load(std::memory_order_relaxed), all, std::index_sequence_for<F...>{});
    return std::tuple<joined<std::invoke_result_t<F&>>...>{detail::call_joined(f)...};
}

} // namespace detail

/// Runs the callables side by side and returns their results, in order, as a std::tuple: `auto [a, b] = join(f, g);`. A
/// callable that returns void yields `nothing`; one that returns a reference yields that reference.
///
/// **Threads** any. The first callable runs on the calling thread. The others run there too, after it and in order,
/// unless another worker had time. Outside of a pool the work goes to the default pool, or to the pool given as the
/// first argument. **Blocks** until all have returned; meanwhile it runs only the callables and what they started.
/// **Throws** what the callables throw; of several exceptions, the first in the order of the arguments. Callables that
/// have not begun are then not run. **Order** what was done before the call happens before the callables, and the
/// callables before its return. A callable that changes the floating-point mode restores it, since its thread may go on
/// with the next callable. **Cost** a few nanoseconds for each callable but the first: no allocation, no locked
/// instruction unless it is stolen. Small and trivially copyable callables cost least: capture by value.
template<class F, class G, class... More>
    requires(!std::is_same_v<std::remove_cvref_t<F>, thread_pool>)
HOCKET_ALWAYS_INLINE auto join(F&& f, G&& g, More&&... more) {
    if constexpr (!(detail::joinable<F> && detail::joinable<G> && (detail::joinable<More> && ...))) {
        detail::say_why_not_joined<F, G, More...>();
    } else if constexpr (detail::has_function<F, G, More...>) {
        return join(detail::as_object(f), detail::as_object(g), detail::as_object(more)...);
    } else {
        detail::task_slot* const top = detail::task_top.load(std::memory_order_relaxed);
        if (top == nullptr) [[unlikely]]
            return detail::join_outside<std::remove_reference_t<F>, std::remove_reference_t<G>,
                                        std::remove_reference_t<More>...>(nullptr, f, g, more...);
        if constexpr (sizeof...(More) == 0)
            return detail::join_two<0>(top, f, g);
        else
            return detail::join_first(top, std::tuple<F&, G&, More&...>(f, g, more...),
                                      std::make_index_sequence<2 + sizeof...(More)>{});
    }
}

/// Joins on a given pool; otherwise as the overload without a pool.
template<class F, class G, class... More>
auto join(thread_pool& pool, F&& f, G&& g, More&&... more) {
    if constexpr (!(detail::joinable<F> && detail::joinable<G> && (detail::joinable<More> && ...))) {
        detail::say_why_not_joined<F, G, More...>();
    } else if constexpr (detail::has_function<F, G, More...>) {
        return join(pool, detail::as_object(f), detail::as_object(g), detail::as_object(more)...);
    } else {
        if (detail::enclosing_scheduler() == &pool.sched() && detail::this_slot != nullptr)
            return hocket::join(f, g, more...);
        return detail::join_outside<std::remove_reference_t<F>, std::remove_reference_t<G>,
                                    std::remove_reference_t<More>...>(&pool, f, g, more...);
    }
}

/// Says that nothing is no join, nor is one callable.
template<class None = void>
auto join() {
    static_assert(detail::never<None>, "hocket: join takes two or more callables, which it runs side by side");
}
template<class F>
    requires detail::joinable<F>
auto join(F&&) {
    static_assert(detail::never<F>, "hocket: join takes two or more callables, which it runs side by side");
}
inline void join(detail::anything<detail::join_usage>) {}
template<class F>
auto join(thread_pool&, F&&) {
    static_assert(detail::never<F>, "hocket: join takes two or more callables, which it runs side by side");
}

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/fork_join/join.ipp>
#endif
