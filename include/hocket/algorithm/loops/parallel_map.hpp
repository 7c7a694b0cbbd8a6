// SPDX-License-Identifier: MIT
// parallel_map: the results of a function for each element of a range, in the order of the range.
// Public.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/outcome.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/memory/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Builds the results in fresh memory.
template<class Iterator, class F, class Result>
struct construct_kernel {
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
struct assign_kernel {
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

/// Calls `assign(f, options)`. If errors are to be kept and an Out holds outcomes, the function returns outcomes and
/// throws nothing.
template<class Out, class F, class Assign>
void assign_results(loop_options const& options, F const& f, Assign const& assign) {
    using element = std::iter_value_t<Out>;
    if constexpr (is_outcome<element>) {
        if (options.errors == error_policy::keep) {
            loop_options rest = options;
            rest.errors = error_policy::first;
            return assign(kept_errors_of<element, F>{f}, rest);
        }
    }
    assign(f, options);
}

template<class Result, class Iterator, class F>
std::vector<Result> map_to_vector(thread_pool& pool, Iterator const& begin, std::uint64_t n, F const& f,
                                  loop_options const& options) {
    uninitialized_vector<Result> results(n);
    detail::guarded_loop(pool, n, options, construct_kernel<Iterator, F, Result>{begin, f, results});
    return std::move(results).take();
}

struct parallel_map_fn : value_form<parallel_map_fn> {
    static constexpr std::size_t least = 1, most = 2;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_map takes a range (or two iterators, or two integers), optionally a destination for "
                      "the results, and a function; a pool may come first, and options last");
    }

    template<class Range, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, F const& f) {
        if constexpr (explain<std::remove_reference_t<Range>, F>()) {
            using called = call_result<F, range_reference<Range>>;
            static_assert(!std::is_reference_v<called> || std::is_member_object_pointer_v<F>,
                          "the function of parallel_map returns a reference: return a value (in a lambda, `-> auto`), "
                          "or a pointer");
            using result = std::remove_cvref_t<called>;
            elements const in(range);
            if constexpr (std::is_same_v<result, bool>) {
                // Workers cannot write neighbouring bits at the same time, so the bits are packed afterwards.
                std::vector<unsigned char> const bytes =
                    detail::map_to_vector<unsigned char>(pool, in.begin(), in.size(), f, options);
                return std::vector<bool>(bytes.begin(), bytes.end());
            } else {
                return detail::map_to_vector<result>(pool, in.begin(), in.size(), f, options);
            }
        }
    }

    template<class Range, class Out, class F>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Out&& out, F const& f) {
        if constexpr (!write_target<Out>)
            static_assert(never<Out>, "parallel_map writes to a random access iterator, or to a range with random "
                                      "access and a size: the argument after the input is neither");
        else if constexpr (explain<std::remove_reference_t<Range>, F, Out>())
            to_storage(pool, options, range, out, f);
    }

  private:
    /// Returns whether the function fits the elements; says why not.
    template<class Range, class F, class Out = void>
    static constexpr bool explain() {
        static_assert(readable_range<Range>,
                      "parallel_map reads each element from any thread, so its input must be one "
                      "that can be read more than once: use parallel_imap for a stream");
        if constexpr (readable_range<Range>) {
            using reference = range_reference<Range>;
            constexpr bool fits = shared_callable<F, reference>;
            if constexpr (!fits && takes_both<F, reference, Out>)
                static_assert(fits,
                              "parallel_map takes one range: for several ranges use parallel_starmap(zip(a, b), f)");
            else if constexpr (!fits)
                static_assert(says_why_not_element<F, reference>(),
                              "the function of parallel_map takes one element of the range");
            if constexpr (fits) {
                constexpr bool gives = !std::is_void_v<call_result<F, reference>>;
                static_assert(gives, "the function of parallel_map returns nothing: use parallel_for");
                return gives;
            }
        }
        return false;
    }
    template<class F, class Reference, class Out>
    static constexpr bool takes_both = requires {
        requires any_range<Out>;
        requires shared_callable<F, Reference, range_reference<Out>>;
    };

    template<class Range, class Out, class F>
    static auto to_storage(thread_pool& pool, loop_options const& options, Range& range, Out& out, F const& f) {
        elements const in(range);
        if constexpr (parallel_range<Out>) {
            if (range_length(out) < in.size())
                throw std::invalid_argument("hocket: the output range of parallel_map is shorter than its input");
            assign(pool, options, in, std::ranges::begin(out), f);
        } else {
            assign(pool, options, in, std::remove_cvref_t<Out>(out), f);
        }
    }

    template<class Range, class Out, class F>
    static auto assign(thread_pool& pool, loop_options const& options, elements<Range> const& in, Out const& out,
                       F const& f) {
        static_assert(!packed_bits<Out>,
                      "parallel_map into a std::vector<bool>: neighbouring elements share a word and cannot be written "
                      "at the same time; use the form that returns the vector");
        constexpr bool fits = std::is_assignable_v<std::iter_reference_t<Out>, call_result<F, range_reference<Range>>>;
        constexpr bool open = explain_written<Out>();
        static_assert(fits, "parallel_map cannot assign what the function returns to the elements of `out`");
        if constexpr (open && fits) {
            auto const begin = in.begin();
            detail::assign_results<Out>(options, f, [&](auto const& function, loop_options const& rest) {
                using function_type = std::remove_cvref_t<decltype(function)>;
                detail::guarded_loop(
                    pool, in.size(), rest,
                    assign_kernel<typename elements<Range>::iterator, Out, function_type>{begin, out, function});
            });
        }
    }
};

} // namespace detail

/// Returns the results of a function for each element of a range, in its order:
/// `std::vector r = parallel_map(range, f)`. With an output it assigns the results instead:
/// `parallel_map(range, out, f)`. The range may be two iterators or two integers. The results are built in the returned
/// vector: they may be move-only and without default constructor. A function that returns a reference does not compile:
/// return a value or a pointer. A pointer to a data member gives copies. `out` is a random access iterator, or a sized
/// range that is at least as long as the input: a shorter range throws `std::invalid_argument`, and nothing has run. It
/// may be the input itself. If it holds `outcome`s, `.errors = error_policy::keep` makes each result a value or its
/// error, as `keep_errors(f)` does for results in a vector. **Threads** any; the caller takes part. **Blocks** until
/// all work has finished, and helps only with this loop. **Throws** as `parallel_for`; results in a vector are
/// destroyed. **Order** none between the calls; all of them happen before the return. **Cost** one allocation, and for
/// results with a destructor a second one of a byte each; none with `out`.
inline constexpr detail::parallel_map_fn parallel_map{};

} // namespace hocket
