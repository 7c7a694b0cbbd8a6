// SPDX-License-Identifier: MIT
// A value for each thread that works in a pool: buffers, counters and partial sums without locks. Public:
// `worker_local<T>`. A value belongs to a worker slot (`context`, sched/worker.hpp) and not to a rank. Compensation
// threads and further external callers share a rank with a worker.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/fixed_array.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

template<class T>
class worker_local;

namespace detail {

/// A callable that many threads may call at once, and whose result is a T or converts to one.
template<class F, class T>
concept makes = shared_callable<F> &&(std::same_as<call_result<F>, T> || std::convertible_to<call_result<F>, T>);

/// A type that is no pool, no T, and no callable that makes a T.
template<class X, class T>
concept makes_no = !makes<X, T> && !std::convertible_to<X const&, T const&> && !std::same_as<X, worker_local<T>> &&
                   !std::same_as<X, thread_pool>;

} // namespace detail

/// Holds one `T` for each thread that asks for one while it works in the pool, made at its first request.
///
/// A thread keeps its T as long as it stays in the pool; no other thread has it meanwhile. A task that waits (join, a
/// nested loop) may meanwhile run tasks of its own that ask for the same T. There are more T than workers when
/// compensation threads run, or several external threads call at once; do not count on a number.
template<class T>
class worker_local {
    static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                  "hocket: the T of worker_local<T> must be an object type");

    struct alignas(alignof(T) > detail::cache_line ? alignof(T) : detail::cache_line) node {
        template<class Make>
        explicit node(Make const& make) : value(make()) {}
        T value;
    };
    struct maker {
        virtual ~maker() = default;
        virtual node* make() const = 0;
    };

    template<class Value, class Node>
    class walker {
      public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::forward_iterator_tag;
        using pointer = Value*;
        using reference = Value&;

        walker() = default;
        walker(detail::atomic<node*> const* at, detail::atomic<node*> const* end) : at_(at), end_(end) { skip(); }
        Value& operator*() const { return here()->value; }
        Value* operator->() const { return std::addressof(here()->value); }
        walker& operator++() {
            ++at_;
            skip();
            return *this;
        }
        walker operator++(int) {
            walker const before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(walker const& a, walker const& b) { return a.at_ == b.at_; }

      private:
        Node* here() const { return at_->load(std::memory_order_acquire); } // <- worker_local.made
        void skip() {
            while (at_ != end_ && here() == nullptr) ++at_;
        }
        detail::atomic<node*> const* at_ = nullptr;
        detail::atomic<node*> const* end_ = nullptr;
    };

  public:
    using iterator = walker<T, node>;
    using const_iterator = walker<T const, node const>;

    /// Value-initialises each T. Without a pool: uses the pool whose worker is calling, otherwise the default pool.
    /// **Throws** std::bad_alloc; std::logic_error for a pool that was made before fork().
    worker_local() requires std::default_initializable<T> : worker_local(detail::current_pool()) {}
    template<class Same = T>
        requires(!std::default_initializable<Same>)
    worker_local() {
        static_assert(detail::never<Same>, "hocket: this T has no default: worker_local takes a value to copy, or a "
                                           "callable that makes one: worker_local<T> each(pool, [] { return T(1); })");
    }
    explicit worker_local(thread_pool& pool) requires std::default_initializable<T>
        : worker_local(pool, [] { return T(); }) {}

    /// Copies `initial` into each T.
    worker_local(thread_pool& pool, T const& initial) requires std::copy_constructible<T>
        : worker_local(pool, [initial] { return T(initial); }) {}

    /// Makes each T by `make()`; several threads may call it at once.
    template<detail::makes<T> F>
    worker_local(thread_pool& pool, F make)
        : sched_(&pool.sched()), maker_(new maker_of<F>(std::move(make))), places_(most_contexts(pool)) {
        sched_->require_this_process();
    }

    /// Makes each T by `make()`. Uses the pool whose worker is calling, otherwise the default pool.
    template<detail::makes<T> F>
    explicit worker_local(F make) : worker_local(detail::current_pool(), std::move(make)) {}
    explicit worker_local(T const& initial) requires(std::copy_constructible<T> && !detail::makes<T, T>)
        : worker_local(detail::current_pool(), initial) {}

    /// Says which argument may stand there.
    template<detail::makes_no<T> Wrong>
    explicit worker_local(Wrong const& wrong) : worker_local(detail::current_pool(), wrong) {}
    template<detail::makes_no<T> Wrong>
    worker_local(thread_pool&, Wrong const&) {
        static_assert(detail::never<Wrong>,
                      "hocket: worker_local takes a value to copy, or a callable that makes one and is const: several "
                      "threads call it at once (a lambda must not be mutable)");
    }

    ~worker_local() { clear(); }
    worker_local(worker_local const&) = delete;
    worker_local& operator=(worker_local const&) = delete;

    /// Returns the calling thread's own T.
    ///
    /// **Threads** threads that run work of the pool: its workers, and external callers that take part. **Blocks**
    /// never. **Throws** std::logic_error on a thread that runs no work of this pool; and what making a T throws: the
    /// next call then tries again. **Cost** four loads, two of them of lines that no thread writes any more; the first
    /// time, what making a T costs.
    T& local() {
        if (detail::worker const* const me = detail::this_slot; me != nullptr && me->sched == sched_) [[likely]] {
            node* const mine = places_[me->id].load(std::memory_order_relaxed); // written by the holder of this slot
            if (mine != nullptr) [[likely]]
                return mine->value;
        }
        return make_local();
    }

    /// Iterates over the values that were made, in no particular order. Allowed while no thread calls `local()` or uses
    /// its result.
    iterator begin() noexcept { return {places_.begin(), places_.end()}; }
    iterator end() noexcept { return {places_.end(), places_.end()}; }
    const_iterator begin() const noexcept { return {places_.begin(), places_.end()}; }
    const_iterator end() const noexcept { return {places_.end(), places_.end()}; }

    /// Returns how many values were made.
    std::size_t size() const noexcept { return static_cast<std::size_t>(std::distance(begin(), end())); }
    bool empty() const noexcept { return begin() == end(); }

    /// Returns `op(op(a, b), c)...` over copies of the values, or a fresh T if there are none. The values come in no
    /// fixed order: the result is the same on each run only if `op` is associative and commutative.
    template<class Op>
    T combine(Op op) const {
        const_iterator at = begin();
        if (at == end()) return std::move(std::unique_ptr<node>(maker_->make())->value);
        T all(*at);
        while (++at != end()) all = op(std::move(all), *at);
        return all;
    }

    /// Destroys all values; the next `local()` makes a new one. Allowed when iterating is allowed.
    void clear() noexcept {
        for (detail::atomic<node*>& place : places_) delete place.exchange(nullptr, std::memory_order_relaxed);
    }

  private:
    template<class F>
    struct maker_of final : maker {
        explicit maker_of(F f) : make_value(std::move(f)) {}
        node* make() const override {
            return new node([this]() -> T { return detail::call(make_value); });
        }
        F make_value;
    };

    static std::size_t most_contexts(thread_pool const& pool) { return pool.max_index(); }

    HOCKET_COLD T& make_local() {
        (void)detail::enclosing_scheduler(); // an external caller whose loop was short so far takes its slot now
        detail::worker const* const me = detail::this_slot;
        if (me == nullptr || me->sched != sched_)
            throw std::logic_error("hocket: worker_local::local() is called by a thread that runs no work of its pool");
        detail::atomic<node*>& place = places_[me->id];
        if (node* const mine = place.load(std::memory_order_relaxed)) return mine->value;
        node* const made = maker_->make();
        if (node* const meanwhile = place.load(std::memory_order_relaxed)) { // making it asked for it
            delete made;
            return meanwhile->value;
        }
        place.store(made, std::memory_order_release); // worker_local.made ->
        return made->value;
    }

    detail::scheduler* sched_ = nullptr;
    std::unique_ptr<maker const> maker_;
    /// The values by the number of the worker slot. Writers: the slot's holder; clear. Readers: the slot's holder;
    /// iterators.
    fixed_array<detail::atomic<node*>> places_;
};

template<class F>
    requires std::invocable<F const&> worker_local(thread_pool&, F)
->worker_local<std::decay_t<detail::call_result<F>>>;
template<class F>
    requires std::invocable<F const&> worker_local(F)
->worker_local<std::decay_t<detail::call_result<F>>>;
template<class T>
    requires(!std::invocable<T const&>)
worker_local(thread_pool&, T)
->worker_local<T>;

} // namespace hocket
