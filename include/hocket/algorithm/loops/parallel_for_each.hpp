// SPDX-License-Identifier: MIT
// parallel_for_each: a body for each item of a list, which may add further items while it runs: trees, graphs, crawls.
// Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/forms/limited_items.hpp>
#include <hocket/base/atomic.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/loop/loop.hpp>
#include <hocket/loop/loop_errors.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/range_traits.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

template<class T>
class feeder;

namespace detail {

/// The state that all items of one call share.
template<class T>
struct worklist {
    worklist(thread_pool& pool, loop_options const& options)
        : errors(options), group(pool), bar(options.progress), collects(options.errors == error_policy::collect) {
        if (options.max_workers != 0) limit.emplace(group, options.max_workers);
    }

    loop_errors errors;
    std::optional<limited_items> limit; // if only so many threads are to take part
    task_group group;                   // before the limit ends, its tasks have
    progress* const bar;
    bool const collects;
    void (*run_added)(worklist&, T&&) = nullptr;
    void const* body = nullptr;
    /// How many items were added, if progress is asked for. Writers: threads that add items. Relaxed: the end of the
    /// group orders them before the reader.
    atomic<std::uint64_t> items{0};
    /// How many items failed that have no place in the list. Writers: the failing items. Relaxed: the end of the group
    /// orders them before the reader.
    atomic<std::uint64_t> failed_later{0};
    std::uint64_t listed = 0; // items of the list, written before items that were added fail

    template<class F>
    void run(F&& f) {
        if (limit.has_value())
            limit->add(std::forward<F>(f));
        else
            group.run(std::forward<F>(f));
    }
    void expect(std::uint64_t more) noexcept {
        if (collects) items.fetch_add(more, std::memory_order_relaxed);
        if (bar != nullptr) bar->expect(more);
    }
};

} // namespace detail

/// Adds items from the body of `parallel_for_each`. **Threads** any that run a part of the body.
template<class T>
class feeder {
  public:
    /// Adds an item for the body, which any worker runs now or later. Allowed until the body that received this object
    /// has returned. **Blocks** never. **Throws** std::bad_alloc, or what copying the item throws: then it was not
    /// added. **Cost** that of `task_group::run`: some nanoseconds.
    template<class Item>
        requires std::constructible_from<T, Item>
    void add(Item&& item) {
        list_.run(
            [&list = list_, kept = T(std::forward<Item>(item))]() mutable { list.run_added(list, std::move(kept)); });
        list_.expect(1);
    }

    feeder(feeder const&) = delete;
    feeder& operator=(feeder const&) = delete;

    /// For the library: makes a feeder.
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
            detail::call(body, std::forward<Item>(item), more);
        } else {
            detail::call(body, std::forward<Item>(item));
        }
    } catch (...) {
        static_cast<void>(list.errors.record(
            place != nullptr ? *place : list.listed + list.failed_later.fetch_add(1, std::memory_order_relaxed)));
    }
    if (list.bar != nullptr) list.bar->advance(1);
}

/// Whether a range owns its elements: they are const where the range is const. A view leaves them as they are, or has
/// no const iterators.
template<class Range>
inline constexpr bool owns_elements = false;
template<class Range>
    requires requires(Range const& range) { std::ranges::begin(range); }
inline constexpr bool owns_elements<Range> =
    std::is_const_v<std::remove_reference_t<decltype(*std::ranges::begin(std::declval<Range const&>()))>>;

/// Whether the elements of a range may be moved from: it is a temporary that owns them.
template<class Range>
inline constexpr bool gives_away =
    !std::is_lvalue_reference_v<Range> && !std::is_const_v<Range> &&
    !std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>> && owns_elements<std::remove_cvref_t<Range>>;

template<class Range, class Iterator>
decltype(auto) taken_from(Iterator const& element) {
    if constexpr (gives_away<Range> && std::is_lvalue_reference_v<std::iter_reference_t<Iterator>>)
        return std::move(*element);
    else
        return *element;
}

/// Whether an iterator that was copied stays with its element while others go on.
template<class Iterator>
inline constexpr bool keeps_place =
    std::forward_iterator<Iterator>&& std::is_lvalue_reference_v<std::iter_reference_t<Iterator>>;

/// The argument type of a body for an element that was there at the beginning.
template<class Range, class Iterator>
using listed_item = std::conditional_t<parallel_range<std::remove_reference_t<Range>> || keeps_place<Iterator>,
                                       decltype(detail::taken_from<Range>(std::declval<Iterator const&>())),
                                       std::iter_value_t<Iterator>>;

/// Points to a body, without its type: a function has no const address.
template<class Body>
void const* address_of_body(Body const& body) noexcept {
    if constexpr (std::is_function_v<Body>)
        return reinterpret_cast<void const*>(&body);
    else
        return __builtin_addressof(body);
}
template<class Body>
Body const& body_at(void const* address) noexcept {
    if constexpr (std::is_function_v<Body>)
        return *reinterpret_cast<Body*>(const_cast<void*>(address));
    else
        return *static_cast<Body const*>(address);
}

/// Adds the items of the list one by one, where they and those that they add share a limit.
template<class Range, class T, class Iterator, class Body>
void add_listed(worklist<T>& list, Iterator const& begin, std::uint64_t n, Body const& body) {
    for (std::uint64_t i = 0; i != n && !list.errors.stopped(); ++i) {
        try {
            list.run([&list, &body, i, element = detail::advanced(begin, i)] {
                detail::run_item(list, body, taken_from<Range>(element), &i);
            });
        } catch (...) { // no memory
            static_cast<void>(list.errors.record(i));
        }
    }
}

/// Adds the items that are there at the beginning.
template<class Range, class T, class Body>
void run_list(thread_pool& pool, worklist<T>& list, std::remove_reference_t<Range>& range, Body const& body,
              loop_options const& options) {
    auto element = std::ranges::begin(range);
    if constexpr (parallel_range<std::remove_reference_t<Range>>) {
        std::uint64_t const n = range_length(range);
        list.listed = n;
        list.expect(n);
        if constexpr (shared_callable<Body, listed_item<Range, range_iterator<Range>>, feeder<T>&>)
            if (list.limit.has_value()) return add_listed<Range>(list, element, n, body);
        auto chunk = [&](std::uint64_t first, std::uint64_t last) noexcept {
            for (std::uint64_t i = first; i != last; ++i)
                detail::run_item(list, body, taken_from<Range>(detail::advanced(element, i)), &i);
            return !list.errors.stopped();
        };
        if (n != 0) run_loop(pool, n, {.max_workers = options.max_workers, .name = options.name}, chunk);
    } else {
        list.listed = std::uint64_t{1} << 63;
        std::uint64_t i = 0;
        try {
            for (auto const end = std::ranges::end(range); element != end && !list.errors.stopped(); ++element, ++i) {
                if constexpr (keeps_place<range_iterator<Range>>)
                    list.run([&list, &body, i, element] { run_item(list, body, taken_from<Range>(element), &i); });
                else
                    list.run([&list, &body, i, kept = T(taken_from<Range>(element))]() mutable {
                        run_item(list, body, std::move(kept), &i);
                    });
                list.expect(1);
            }
        } catch (...) { // of the input, or no memory: the list ends here
            static_cast<void>(list.errors.record(i));
        }
    }
}

struct parallel_for_each_fn : call_form<parallel_for_each_fn> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_for_each takes a range (or two iterators, or two integers) and a body; "
                                     "a pool may come first, and options last");
    }

    template<class Range, class Body>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Body const& body) {
        using iterator = range_iterator<Range>;
        using item = std::iter_value_t<iterator>;
        using first_item = listed_item<Range, iterator>;
        constexpr bool feeds = shared_callable<Body, first_item, feeder<item>&>;
        constexpr bool feeds_added = shared_callable<Body, item, feeder<item>&>;
        if constexpr (!feeds && !shared_callable<Body, first_item>) {
            static_assert(says_why<Body, first_item, feeder<item>&>() || says_why<Body, first_item>(),
                          "the body of parallel_for_each takes an item and a feeder<item>&, or an item alone");
        } else if constexpr (feeds && !feeds_added) {
            static_assert(
                feeds_added,
                "the body of parallel_for_each gets added items as rvalues: take them by value or by const reference");
        } else {
            check_options(options);
            pool_entry const entry(pool.sched());
            worklist<item> list(pool, options);
            list.body = detail::address_of_body(body);
            if constexpr (feeds_added)
                list.run_added = [](worklist<item>& its_list, item&& added) {
                    detail::run_item(its_list, detail::body_at<Body>(its_list.body), std::move(added), nullptr);
                };
            detail::run_list<Range>(pool, list, range, body, options);
            list.group.wait();
            list.errors.finish(list.items.load(std::memory_order_relaxed));
        }
    }
};

} // namespace detail

/// Runs `body(item, more)` for each item of a range and for each that a body adds by `more.add(item)`, until there are
/// none left: `parallel_for_each(roots, [](node* n, feeder<node*>& more) { for (node* child : n->children)
/// more.add(child); });` A body without the second parameter will do as well. The range may be any: of one without
/// random access (a std::list, a generator) the caller hands out the items one by one while others work. Bodies get the
/// elements of the range itself, moved where the range is a temporary that owns them. Of an input that can be read only
/// once, and of one that computes its elements, they get values as rvalues, as they get items that were added. Two
/// iterators of any kind or two integers will do as range. The body is called through a const reference.
/// **Threads** any; the caller takes part.
/// **Blocks** until all items are done, and helps only with them. **Throws** as `parallel_for`. The index of a failure
/// is its place in the list; items that were added come after the list, in the order in which they failed (from 2^63
/// on, if the list has no random access). `.grain` and the schedule are not used. With `.max_workers` items wait in one
/// queue for their turn. **Order** an item begins after `add` was called for it; else none. **Cost** an item that was
/// added costs some nanoseconds more than its body; the memory is that of the items not yet begun.
inline constexpr detail::parallel_for_each_fn parallel_for_each{};

} // namespace hocket
