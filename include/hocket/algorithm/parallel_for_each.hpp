// SPDX-License-Identifier: MIT
// parallel_for_each: a body for each item of a list, which may add further items while it runs: trees, graphs, crawls.
// Floor: algorithm. Public.
#pragma once

#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/sched/guest.hpp>
#include <hocket/sched/loop.hpp>
#include <hocket/sched/loop_errors.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/task/task_group.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <type_traits>
#include <utility>

namespace hocket {

template<class T>
class feeder;

namespace detail {

/// What all items of one call share.
template<class T>
struct worklist {
    worklist(thread_pool& pool, loop_options const& options)
        : errors(options), group(pool), bar(options.progress), collects(options.errors == error_policy::collect) {}

    loop_errors errors;
    task_group group;
    progress* const bar;
    bool const collects;
    void (*run_added)(worklist&, T&&) = nullptr;
    void const* body = nullptr;
    /// Writers: who adds items, where somebody wants to know. Relaxed: the end of the group orders them before the reader.
    std::atomic<std::uint64_t> items{0};
    /// Writers: items that have failed and have no place in the list. Relaxed, as above.
    std::atomic<std::uint64_t> failed_later{0};
    std::uint64_t listed = 0; // items of the list, written before items that were added fail

    void expect(std::uint64_t more) noexcept {
        if (collects) items.fetch_add(more, std::memory_order_relaxed);
        if (bar != nullptr) bar->expect(more);
    }
};

} // namespace detail

/// What the body of `parallel_for_each` adds items with. **Threads** any that run a part of the body.
template<class T>
class feeder {
  public:
    /// One more item for the body, run now or later by any worker. Until the body that was given this object has returned.
    /// **Blocks** never. **Throws** std::bad_alloc, or what copying the item throws: then it was not added.
    /// **Cost** that of `task_group::run`: some nanoseconds.
    template<class Item>
        requires std::constructible_from<T, Item>
    void add(Item&& item) {
        list_.group.run(
            [&list = list_, kept = T(std::forward<Item>(item))]() mutable { list.run_added(list, std::move(kept)); });
        list_.expect(1);
    }

    feeder(feeder const&) = delete;
    feeder& operator=(feeder const&) = delete;

    /// For the library.
    explicit feeder(detail::worklist<T>& list) noexcept : list_(list) {}

  private:
    detail::worklist<T>& list_;
};

namespace detail {

template<class T, class Body, class Item>
void run_item(worklist<T>& list, Body const& body, Item&& item, std::uint64_t const* place) noexcept {
    if (list.errors.stopped()) return;
    stop_scope const scope(list.errors.link());
    try {
        if constexpr (shared_callable<Body, Item, feeder<T>&>) {
            feeder<T> more(list);
            body(std::forward<Item>(item), more);
        } else {
            call(body, std::forward<Item>(item));
        }
    } catch (...) {
        static_cast<void>(list.errors.record(
            place != nullptr ? *place : list.listed + list.failed_later.fetch_add(1, std::memory_order_relaxed)));
    }
    if (list.bar != nullptr) list.bar->advance(1);
}

/// Whether the elements of a range may be moved from: it is a temporary that owns them.
template<class Range>
inline constexpr bool gives_away = !std::is_lvalue_reference_v<Range> && !std::is_const_v<Range> &&
                                   !std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>;

template<class Range, class Iterator>
decltype(auto) taken_from(Iterator const& element) {
    if constexpr (gives_away<Range> && std::is_lvalue_reference_v<std::iter_reference_t<Iterator>>)
        return std::move(*element);
    else
        return *element;
}

/// The items that are there at the beginning.
template<class Range, class T, class Body>
void run_list(thread_pool& pool, worklist<T>& list, std::remove_reference_t<Range>& range, Body const& body) {
    auto element = std::ranges::begin(range);
    if constexpr (parallel_range<std::remove_reference_t<Range>>) {
        std::uint64_t const n = range_length(range);
        list.listed = n;
        list.expect(n);
        auto chunk = [&](std::uint64_t first, std::uint64_t last) noexcept {
            for (std::uint64_t i = first; i != last; ++i)
                detail::run_item(list, body, taken_from<Range>(detail::advanced(element, i)), &i);
            return !list.errors.stopped();
        };
        if (n != 0) run_loop(pool, n, {}, chunk);
    } else {
        list.listed = std::uint64_t{1} << 63;
        std::uint64_t i = 0;
        try {
            for (auto const end = std::ranges::end(range); element != end && !list.errors.stopped(); ++element, ++i) {
                list.group.run([&list, &body, i, kept = T(taken_from<Range>(element))]() mutable {
                    run_item(list, body, std::move(kept), &i);
                });
                list.expect(1);
            }
        } catch (...) { // the input's, or memory's: it ends here
            static_cast<void>(list.errors.record(i));
        }
    }
}

} // namespace detail

/// Runs `body(item, more)` for each item of `range` and for each that a body adds by `more.add(item)`, until there are none left:
/// `parallel_for_each(roots, [](node* n, feeder<node*>& more) { for (node* child : n->children) more.add(child); });`
/// A body without the second parameter will do as well. `range` may be any range: of one without random access (a std::list,
/// a generator) the caller copies the items out one by one while others work. Bodies get the elements of the range itself, moved
/// where it is a temporary, and items that were added as rvalues. The body is called through a const reference.
/// **Threads** any; the caller takes part. **Blocks** until all items are done, and helps only with them.
/// **Throws** as `parallel_for`. The index of a failure is its place in the list; items that were added come after the list, in
/// the order in which they failed (from 2^63 on, if the list has no random access). `.grain` and the schedule are not used.
/// **Order** an item begins after `add` was called for it; else none.
/// **Cost** an item that was added costs some nanoseconds more than its body; the memory is that of the items not yet begun.
template<detail::any_range Range, class Body>
    requires(!std::is_same_v<Body, loop_options>)
void parallel_for_each(thread_pool& pool, Range&& range, Body const& body, loop_options const& options = {}) {
    using iterator = detail::range_iterator<Range>;
    using item = std::iter_value_t<iterator>;
    using first_item = decltype(detail::taken_from<Range>(std::declval<iterator const&>()));
    static_assert(detail::shared_callable<Body, first_item, feeder<item>&> || detail::shared_callable<Body, first_item>,
                  "the body of parallel_for_each takes an item and a feeder<item>&, or an item alone, and is const: "
                  "several threads call it at once (a lambda must not be mutable)");
    static_assert(
        !detail::shared_callable<Body, first_item, feeder<item>&> || detail::shared_callable<Body, item, feeder<item>&>,
        "the body of parallel_for_each takes items that were added as rvalues: by value, or by const reference");
    detail::check_options(options);
    detail::guest_scope const guest(pool.sched());
    detail::worklist<item> list(pool, options);
    list.body = &body;
    if constexpr (detail::shared_callable<Body, item, feeder<item>&>)
        list.run_added = [](detail::worklist<item>& its_list, item&& added) {
            detail::run_item(its_list, *static_cast<Body const*>(its_list.body), std::move(added), nullptr);
        };
    detail::run_list<Range>(pool, list, range, body);
    list.group.wait();
    list.errors.finish(list.items.load(std::memory_order_relaxed));
}

/// The same for the elements, or the integers, from `first` up to `last`; any kind of iterator will do.
template<class First, detail::end_of_stream<First> Last, class Body>
void parallel_for_each(thread_pool& pool, First first, Last last, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for_each(pool, detail::between(first, last), body, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<detail::any_range Range, class Body>
    requires(!std::is_same_v<Body, loop_options>)
void parallel_for_each(Range&& range, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for_each(detail::current_pool(), std::forward<Range>(range), body, options);
}
template<class First, detail::end_of_stream<First> Last, class Body>
void parallel_for_each(First first, Last last, Body const& body, loop_options const& options = {}) {
    hocket::parallel_for_each(detail::current_pool(), detail::between(first, last), body, options);
}

} // namespace hocket
