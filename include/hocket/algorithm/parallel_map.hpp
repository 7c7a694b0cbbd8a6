// SPDX-License-Identifier: MIT
// parallel_map: the results of a function for each element of a range, in the order of the range.
// Floor: algorithm. Public.
#pragma once

#include <hocket/algorithm/guarded_loop.hpp>
#include <hocket/base/bounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/elements.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/range_traits.hpp>
#include <hocket/base/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>

#include <cstdint>
#include <iterator>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket {
namespace detail {

/// Builds the results in fresh memory.
template<class Iterator, class F, class Result>
struct construct_leaf {
    static constexpr bool resumes = true;
    Iterator const& begin;
    F const& f;
    uninitialized_vector<Result> const& results;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<F> run = f;
        Iterator element = advanced(begin, first);
        Result* const out = results.data();
        std::uint64_t i = first;
        report_position const report(at, i);
        report_built const built(results, i);
        for (; i != last; void(++i), ++element) ::new (static_cast<void*>(out + i)) Result(detail::call(run, *element));
    }
};

/// Assigns the results to elements that exist.
template<class Iterator, class Out, class F>
struct assign_leaf {
    static constexpr bool resumes = true;
    Iterator const& begin;
    Out const& target;
    F const& f;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<F> run = f;
        Iterator element = advanced(begin, first);
        Out out = advanced(target, first);
        std::uint64_t i = first;
        report_position const report(at, i);
        for (; i != last; void(++i), void(++element), ++out) *out = detail::call(run, *element);
    }
};

template<class Result, class Iterator, class F>
std::vector<Result> map_to_vector(thread_pool& pool, Iterator const& begin, std::uint64_t n, F const& f,
                                  loop_options const& options) {
    uninitialized_vector<Result> results(n);
    detail::guarded_loop(pool, n, options, construct_leaf<Iterator, F, Result>{begin, f, results});
    return std::move(results).take();
}

template<class Range, class Out, class F>
void map_to_storage(thread_pool& pool, elements<std::remove_reference_t<Range>> const& in, Out const& out, F const& f,
                    loop_options const& options) {
    using iterator = typename elements<std::remove_reference_t<Range>>::iterator;
    static_assert(!packed_bits<Out>,
                  "parallel_map into a std::vector<bool>: neighbouring elements share a word and cannot be written "
                  "at the same time; use the form that returns the vector");
    static_assert(std::is_assignable_v<std::iter_reference_t<Out>, call_result<F, range_reference<Range>>>,
                  "parallel_map cannot assign what the function returns to the elements of `out`");
    iterator const begin = in.begin();
    detail::guarded_loop(pool, in.size(), options, assign_leaf<iterator, Out, F>{begin, out, f});
}

template<class F, class Reference>
constexpr void check_map_function() {
    static_assert(shared_callable<F, Reference>,
                  "the function of parallel_map takes one element of the range, and is const: several threads call it "
                  "at once (a lambda must not be mutable)");
    static_assert(!std::is_void_v<call_result<F, Reference>>,
                  "the function of parallel_map returns nothing: use parallel_for");
}

} // namespace detail

/// The results of `f(element)` for each element of `range`, in its order. The results are built in the vector that is
/// returned: they may be move-only and without default constructor. A function that returns a reference does not
/// compile: return a value or a pointer. A pointer to a data member counts as such a function.
/// **Threads** any; the caller takes part. **Blocks** until all is done, and helps only with this loop.
/// **Throws** as `parallel_for`; the results that were there by then are destroyed.
/// **Order** none between the calls; all of them happen before the return.
/// **Cost** one allocation, and of results with a destructor a second one of a byte each.
template<readable_range Range, class F>
[[nodiscard]] auto parallel_map(thread_pool& pool, Range&& range, F const& f, loop_options const& options = {}) {
    using reference = detail::range_reference<Range>;
    detail::check_map_function<F, reference>();
    using called = detail::call_result<F, reference>;
    static_assert(!std::is_reference_v<called>,
                  "the function of parallel_map returns a reference: return a value (in a lambda, `-> auto`), or a "
                  "pointer");
    using result = std::remove_cv_t<called>;

    detail::elements const in(range);
    if constexpr (std::is_same_v<result, bool>) {
        // Workers cannot write neighbouring bits at the same time, so the bits are packed afterwards.
        std::vector<unsigned char> const bytes =
            detail::map_to_vector<unsigned char>(pool, in.begin(), in.size(), f, options);
        return std::vector<bool>(bytes.begin(), bytes.end());
    } else {
        return detail::map_to_vector<result>(pool, in.begin(), in.size(), f, options);
    }
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, class F>
[[nodiscard]] auto parallel_map(thread_pool& pool, First first, Last last, F const& f,
                                loop_options const& options = {}) {
    return hocket::parallel_map(pool, detail::between(first, last), f, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, class F>
[[nodiscard]] auto parallel_map(Range&& range, F const& f, loop_options const& options = {}) {
    return hocket::parallel_map(detail::current_pool(), range, f, options);
}
template<class First, detail::end_of_readable<First> Last, class F>
[[nodiscard]] auto parallel_map(First first, Last last, F const& f, loop_options const& options = {}) {
    return hocket::parallel_map(detail::current_pool(), detail::between(first, last), f, options);
}

/// Assigns `f(element)` for each element of `range` to the element of `out` at the same position. `out` is a random
/// access iterator, or a sized range that is at least as long as `range`: a shorter one throws `std::invalid_argument`,
/// and nothing has run. It may be `range` itself. Else as above; no allocation.
template<readable_range Range, detail::write_target Out, class F>
void parallel_map(thread_pool& pool, Range&& range, Out&& out, F const& f, loop_options const& options = {}) {
    detail::check_map_function<F, detail::range_reference<Range>>();
    detail::elements const in(range);
    if constexpr (parallel_range<Out>) {
        if (detail::range_length(out) < in.size())
            throw std::invalid_argument("hocket: parallel_map into a range that is shorter than its input");
        detail::map_to_storage<Range>(pool, in, std::ranges::begin(out), f, options);
    } else {
        detail::map_to_storage<Range>(pool, in, std::remove_cvref_t<Out>(out), f, options);
    }
}

/// The same for the elements, or the integers, from `first` up to `last`.
template<class First, detail::end_of_readable<First> Last, detail::write_target Out, class F>
void parallel_map(thread_pool& pool, First first, Last last, Out&& out, F const& f, loop_options const& options = {}) {
    return hocket::parallel_map(pool, detail::between(first, last), out, f, options);
}

/// Both on the pool whose worker is calling, else on the default pool.
template<readable_range Range, detail::write_target Out, class F>
void parallel_map(Range&& range, Out&& out, F const& f, loop_options const& options = {}) {
    hocket::parallel_map(detail::current_pool(), range, out, f, options);
}
template<class First, detail::end_of_readable<First> Last, detail::write_target Out, class F>
void parallel_map(First first, Last last, Out&& out, F const& f, loop_options const& options = {}) {
    return hocket::parallel_map(detail::current_pool(), detail::between(first, last), out, f, options);
}

} // namespace hocket
