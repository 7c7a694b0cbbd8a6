// SPDX-License-Identifier: MIT
// parallel_uninitialized_copy, _move, _fill, _default_construct, _value_construct, parallel_destroy: objects in raw
// memory. Public.
#pragma once

#include <hocket/algorithm/forms/counted_form.hpp>
#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/forms/positions.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/moving_iterator.hpp>
#include <hocket/range/range_traits.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Builds the element at each position i by `build(address, i)`, and marks it where it has to be destroyed after a
/// failure.
template<class Iterator, class Build>
struct build_kernel {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Build const& build;
    bool* built;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Build> make = build;
        Iterator element = detail::advanced(begin, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), ++element) {
            make(std::addressof(*element), i);
            if constexpr (!std::is_trivially_destructible_v<std::iter_value_t<Iterator>>) built[i] = true;
        }
    }
};

/// Destroys the elements that were built, unless all were built.
template<class Iterator>
class built_in_memory {
  public:
    built_in_memory(Iterator const& begin, std::uint64_t n) : begin_(begin), n_(n) {
        if constexpr (!std::is_trivially_destructible_v<std::iter_value_t<Iterator>>)
            flags_ = std::make_unique<bool[]>(static_cast<std::size_t>(n));
    }
    ~built_in_memory() {
        for (std::uint64_t i = 0; flags_ != nullptr && i != n_; ++i)
            if (flags_[i]) std::destroy_at(std::addressof(*detail::advanced(begin_, i)));
    }
    built_in_memory(built_in_memory const&) = delete;
    built_in_memory& operator=(built_in_memory const&) = delete;

    [[nodiscard]] bool* flags() const noexcept { return flags_.get(); }
    void keep() noexcept { flags_.reset(); }

  private:
    Iterator const& begin_;
    std::uint64_t const n_;
    std::unique_ptr<bool[]> flags_;
};

template<class Iterator, class Build>
Iterator build_elements(thread_pool& pool, Iterator const& begin, std::uint64_t n, loop_options const& options,
                        Build const& build) {
    built_in_memory<Iterator> built(begin, n);
    detail::guarded_loop(pool, n, options, build_kernel<Iterator, Build>{begin, build, built.flags()});
    built.keep();
    return detail::advanced(begin, n);
}

/// Whether elements can be built from Args where an Out says; if not, the program does not compile.
template<class Out, class... Args>
constexpr bool explain_built() {
    if constexpr (explain_target<Out>()) {
        using reference = std::iter_reference_t<written_iterator<std::remove_reference_t<Out>>>;
        constexpr bool refers = std::is_lvalue_reference_v<reference>;
        static_assert(refers,
                      "hocket: this algorithm constructs objects in raw memory: its iterator must return references");
        constexpr bool builds = std::constructible_from<std::remove_cvref_t<reference>, Args...>;
        static_assert(builds, "hocket: an element cannot be constructed from the source element or value");
        return refers && builds;
    }
    return false;
}

/// The form of algorithms that build one range from another.
template<class Algorithm, template<class> class From>
struct build_from_form : call_form<Algorithm> {
    static constexpr std::size_t least = 1, most = 1;
    static constexpr bool steps = false;

    template<class Range, class Out>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_readable<source>()) {
            using from = From<typename elements<source>::iterator>;
            if constexpr (explain_built<Out, std::iter_reference_t<from>>()) {
                elements const in(range);
                detail::check_room(out, in.size());
                auto const to = detail::output_begin(out);
                using value = std::iter_value_t<std::remove_const_t<decltype(to)>>;
                return detail::build_elements(pool, to, in.size(), options,
                                              [first = from(in.begin())](value* at, std::uint64_t i) {
                                                  ::new (static_cast<void*>(at)) value(*detail::advanced(first, i));
                                              });
            }
        }
    }
};

template<class Iterator>
using as_iterator = Iterator;

struct parallel_uninitialized_copy_fn : build_from_form<parallel_uninitialized_copy_fn, as_iterator> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_copy takes a range (or two iterators, or two integers) "
                                     "and memory for its elements; a pool may come first, and options last");
    }
};
struct parallel_uninitialized_move_fn : build_from_form<parallel_uninitialized_move_fn, moving_iterator> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_move takes a range (or two iterators) and memory for its "
                                     "elements; a pool may come first, and options last");
    }
};

struct parallel_uninitialized_fill_fn : call_form<parallel_uninitialized_fill_fn> {
    static constexpr std::size_t least = 1, most = 1;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_fill takes memory as a range (or two iterators) and a "
                                     "value; a pool may come first, and options last");
    }

    template<class Range, class T>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, T const& x) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_random<source>()) {
            if constexpr (explain_built<source, T const&>()) {
                using value = std::iter_value_t<range_iterator<source>>;
                range_iterator<source> const begin = std::ranges::begin(range);
                detail::build_elements(pool, begin, detail::range_length(range), options,
                                       [&x](value* at, std::uint64_t) { ::new (static_cast<void*>(at)) value(x); });
            }
        }
    }
};

/// The form of algorithms that build elements without a source: as `T()`, or as `T`.
template<class Algorithm, bool as_value>
struct construct_form : call_form<Algorithm> {
    static constexpr std::size_t least = 0, most = 0;
    static constexpr bool steps = false;

    template<class Range>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_random<source>()) {
            if constexpr (explain_built<source>()) {
                using value = std::iter_value_t<range_iterator<source>>;
                range_iterator<source> const begin = std::ranges::begin(range);
                detail::build_elements(pool, begin, detail::range_length(range), options, [](value* at, std::uint64_t) {
                    if constexpr (as_value)
                        ::new (static_cast<void*>(at)) value();
                    else
                        ::new (static_cast<void*>(at)) value;
                });
            }
        }
    }
};

struct parallel_uninitialized_value_construct_fn : construct_form<parallel_uninitialized_value_construct_fn, true> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_value_construct takes memory as a range (or two "
                                     "iterators); a pool may come first, and options last");
    }
};
struct parallel_uninitialized_default_construct_fn
    : construct_form<parallel_uninitialized_default_construct_fn, false> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_default_construct takes memory as a range (or two "
                                     "iterators); a pool may come first, and options last");
    }
};

struct parallel_destroy_fn : call_form<parallel_destroy_fn> {
    static constexpr std::size_t least = 0, most = 0;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_destroy takes a range (or two iterators); a pool may come first, and options last");
    }

    template<class Range>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range) {
        using source = std::remove_reference_t<Range>;
        if constexpr (explain_random<source>()) {
            if constexpr (explain_target<source>()) {
                using iterator = range_iterator<source>;
                std::uint64_t const n = detail::range_length(range);
                check_options(options);
                loop_errors before(options);
                before.finish(n);
                expect(options, n);
                if constexpr (!std::is_trivially_destructible_v<std::iter_value_t<iterator>>) {
                    loop_options const all{.grain = options.grain,
                                           .schedule = options.schedule,
                                           .max_workers = options.max_workers,
                                           .name = options.name};
                    loop_errors errors(all, stop_place{}); // a stop would leave some alive
                    detail::for_positions(pool, n, all, errors, n,
                                          [begin = iterator(std::ranges::begin(range))](std::uint64_t i) {
                                              std::destroy_at(std::addressof(*detail::advanced(begin, i)));
                                          });
                }
                finished(options, n);
            }
        }
    }
};

/// So many elements from the first on.
struct parallel_uninitialized_copy_n_fn
    : counted_form<parallel_uninitialized_copy_n_fn, parallel_uninitialized_copy_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_copy_n takes an iterator (or an integer), the number of "
                                     "elements and memory for them; a pool may come first, and options last");
    }
    template<class First, class Iterator, class Out>
    static constexpr auto end(Iterator const&, std::uint64_t n, Out& out) {
        return detail::advanced(detail::output_begin(out), n);
    }
};
struct parallel_uninitialized_move_n_fn
    : counted_form<parallel_uninitialized_move_n_fn, parallel_uninitialized_move_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_move_n takes an iterator, the number of elements and "
                                     "memory for them; a pool may come first, and options last");
    }
    template<class First, class Iterator, class Out>
    static constexpr auto end(Iterator const&, std::uint64_t n, Out& out) {
        return detail::advanced(detail::output_begin(out), n);
    }
};
struct parallel_uninitialized_fill_n_fn
    : counted_form<parallel_uninitialized_fill_n_fn, parallel_uninitialized_fill_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_fill_n takes an iterator, the number of elements and a "
                                     "value; a pool may come first, and options last");
    }
};
struct parallel_uninitialized_value_construct_n_fn
    : counted_form<parallel_uninitialized_value_construct_n_fn, parallel_uninitialized_value_construct_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_value_construct_n takes an iterator and the number of "
                                     "elements; a pool may come first, and options last");
    }
};
struct parallel_uninitialized_default_construct_n_fn
    : counted_form<parallel_uninitialized_default_construct_n_fn, parallel_uninitialized_default_construct_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_uninitialized_default_construct_n takes an iterator and the number of "
                                     "elements; a pool may come first, and options last");
    }
};
struct parallel_destroy_n_fn : counted_form<parallel_destroy_n_fn, parallel_destroy_fn> {
    template<class Source>
    static constexpr auto usage() {
        static_assert(
            never<Source>,
            "parallel_destroy_n takes an iterator and the number of elements; a pool may come first, and options last");
    }
};

} // namespace detail

/// Builds copies of the elements of a range in memory where no objects are, and returns the end of what was built, as
/// std::uninitialized_copy: `parallel_uninitialized_copy(range, out)`; the range may be two iterators or two integers.
/// `out` is a random access iterator that gives references, or a sized range of such: a shorter one throws
/// `std::invalid_argument`. **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps
/// only with this loop. **Throws** as `parallel_for`; what was built by then is destroyed. **Order** none. **Cost** of
/// elements with a destructor, a byte each.
inline constexpr detail::parallel_uninitialized_copy_fn parallel_uninitialized_copy{};

/// Builds `count` copies of elements, from an iterator or an integer on:
/// `parallel_uninitialized_copy_n(first, count, out)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_copy_n_fn parallel_uninitialized_copy_n{};

/// Builds elements by moving those of a range: `parallel_uninitialized_move(range, out)`. **Threads**, **Blocks**,
/// **Order**, **Cost** as `parallel_uninitialized_copy`. **Throws** as `parallel_uninitialized_copy`; elements that
/// were moved are then lost.
inline constexpr detail::parallel_uninitialized_move_fn parallel_uninitialized_move{};

/// Builds `count` elements from those from an iterator on: `parallel_uninitialized_move_n(first, count, out)`.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_uninitialized_move`.
inline constexpr detail::parallel_uninitialized_move_n_fn parallel_uninitialized_move_n{};

/// Builds copies of a value in all places of a range of memory: `parallel_uninitialized_fill(range, value)`.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_fill_fn parallel_uninitialized_fill{};

/// Builds `count` copies of a value, and returns the end of what was built:
/// `parallel_uninitialized_fill_n(first, count, value)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as
/// `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_fill_n_fn parallel_uninitialized_fill_n{};

/// Builds an element `T()` in each place of a range of memory: `parallel_uninitialized_value_construct(range)`.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_value_construct_fn parallel_uninitialized_value_construct{};

/// Builds `count` elements `T()`, and returns the end of them:
/// `parallel_uninitialized_value_construct_n(first, count)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost**
/// as `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_value_construct_n_fn parallel_uninitialized_value_construct_n{};

/// Builds an element in each place of a range of memory as a local variable without initialiser is built: numbers have
/// no value. **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_default_construct_fn parallel_uninitialized_default_construct{};

/// Builds `count` such elements, and returns the end of them:
/// `parallel_uninitialized_default_construct_n(first, count)`. **Threads**, **Blocks**, **Throws**, **Order**, **Cost**
/// as `parallel_uninitialized_copy`.
inline constexpr detail::parallel_uninitialized_default_construct_n_fn parallel_uninitialized_default_construct_n{};

/// Ends the life of the elements of a range: `parallel_destroy(range)`. Their destructors throw nothing. **Threads**,
/// **Blocks**, **Order** as `parallel_uninitialized_copy`. **Throws** if it was stopped before, and has done nothing
/// then; once it has begun, all are destroyed. **Cost** no allocation.
inline constexpr detail::parallel_destroy_fn parallel_destroy{};

/// Ends the life of `count` elements, and returns the iterator behind them: `parallel_destroy_n(first, count)`.
/// **Threads**, **Blocks**, **Throws**, **Order**, **Cost** as `parallel_destroy`.
inline constexpr detail::parallel_destroy_n_fn parallel_destroy_n{};

} // namespace hocket
