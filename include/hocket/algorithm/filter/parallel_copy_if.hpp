// SPDX-License-Identifier: MIT
// parallel_copy_if: the elements of a range that satisfy a predicate, in their order.
// Public.
#pragma once

#include <hocket/algorithm/filter/few_flags.hpp>
#include <hocket/algorithm/filter/pack_rounds.hpp>
#include <hocket/algorithm/filter/selection.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/memory/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// Copies bytes to the places of a vector.
template<class T>
struct copy_to_memory {
    T* out;
    void operator()(std::uint64_t rank, T const* from, std::uint64_t count) const noexcept {
        if (count != 0)
            std::memcpy(static_cast<void*>(out + rank), static_cast<void const*>(from),
                        static_cast<std::size_t>(count) * sizeof(T));
    }
};

/// Assigns the elements to the places behind an iterator.
template<class T, class Out>
struct copy_to_iterator {
    Out const& out;
    void operator()(std::uint64_t rank, T const* from, std::uint64_t count) const {
        Out to = advanced(out, rank);
        for (std::uint64_t k = 0; k != count; void(++k), ++to) *to = from[k];
    }
};

/// Builds the chosen elements of blocks at their places.
template<class T, class In>
struct construct_chosen_kernel {
    static constexpr bool resumes = false;
    In const& in;
    selection const& chosen;
    uninitialized_vector<T> const& results;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        for (std::uint64_t b = first; b != last; ++b) {
            std::uint64_t rank = chosen.rank(b);
            report_built const built(results, rank);
            chosen.for_each(b, [&](std::uint64_t i) {
                at = i;
                ::new (static_cast<void*>(results.data() + rank)) T(*advanced(in, i));
                ++rank;
            });
        }
    }
};

/// Assigns the chosen elements of blocks.
template<class In, class Out>
struct assign_chosen_kernel {
    static constexpr bool resumes = false;
    In const& in;
    Out const& out;
    selection const& chosen;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        for (std::uint64_t b = first; b != last; ++b) {
            Out to = advanced(out, chosen.rank(b));
            chosen.for_each(b, [&](std::uint64_t i) {
                at = i;
                *to = *advanced(in, i);
                ++to;
            });
        }
    }
};

template<class Kernel>
void run_over_chosen(thread_pool& pool, selection const& chosen, Kernel const& kernel, loop_options const& options) {
    loop_errors errors(options);
    guarded_chunk<Kernel> chunk(kernel, errors);
    std::uint64_t const blocks = chosen.cut().blocks;
    detail::run_loop(pool, blocks, plan_of(blocks, options, 0), chunk);
    errors.finish(chosen.cut().n);
}

/// Returns whether plain elements are tested and packed in one pass. A failure ends this pass. So if all failures are
/// to be listed, all elements are tested first.
[[nodiscard]] inline bool in_one_pass(loop_options const& options) noexcept {
    return options.errors == error_policy::first;
}

template<class T, class In, class Keep>
std::vector<T> copy_chosen(thread_pool& pool, In const& in, std::uint64_t n, Keep const& keep,
                           loop_options const& options) {
    if constexpr (std::is_trivially_copyable_v<T>)
        if (in_one_pass(options)) {
            loop_errors errors(options);
            errors.finish(n);
            block_cut const cut = block_cut::of(n, sizeof(T), fine_grain(n, options.grain, sizeof(T)), pool.size());
            uninitialized_vector<T> results(n);
            std::uint64_t const kept = pack<T>(pool, in, keep, copy_to_memory<T>{results.data()}, cut, options, errors);
            // The pages behind the last element were never touched. But a vector of four times the needed room is too
            // large.
            if (kept >= n / 4) return std::move(results).take_first(static_cast<std::size_t>(kept));
            return std::vector<T>(results.data(), results.data() + kept);
        }
    selection chosen(selection_cut(n, sizeof(T), options.grain, pool.size()));
    auto const keep_at = [&keep](In const& element, std::uint64_t) { return keep(*element); };
    chosen.select(pool, in, keep_at, options);
    uninitialized_vector<T> results(chosen.total());
    detail::run_over_chosen(pool, chosen, construct_chosen_kernel<T, In>{in, chosen, results}, options);
    return std::move(results).take();
}

template<class T, class In, class Out, class Keep>
Out copy_chosen_to(thread_pool& pool, In const& in, std::uint64_t n, Out const& out, Keep const& keep,
                   loop_options const& options) {
    if constexpr (std::is_trivially_copyable_v<T>)
        if (in_one_pass(options)) {
            loop_errors errors(options);
            errors.finish(n);
            block_cut const cut = block_cut::of(n, sizeof(T), fine_grain(n, options.grain, sizeof(T)), pool.size());
            return advanced(out, pack<T>(pool, in, keep, copy_to_iterator<T, Out>{out}, cut, options, errors));
        }
    selection chosen(selection_cut(n, sizeof(T), options.grain, pool.size()));
    auto const keep_at = [&keep](In const& element, std::uint64_t) { return keep(*element); };
    chosen.select(pool, in, keep_at, options);
    detail::run_over_chosen(pool, chosen, assign_chosen_kernel<In, Out>{in, out, chosen}, options);
    return advanced(out, chosen.total());
}

/// Passes the chosen of a few elements to `take(first, last)`, without a branch for each, if they can be copied as
/// bytes. Otherwise passes them one after another to `add`.
template<class T, class In, class Take, class Add>
void for_few_chosen(In const& in, std::uint64_t n, few_flags const& chosen, Take const& take, Add const& add) {
    if constexpr (std::is_trivially_copyable_v<T> && sizeof(T) <= 64) {
        constexpr std::uint64_t at_once = 64;
        alignas(T) unsigned char bytes[at_once * sizeof(T)];
        T* const buffer = reinterpret_cast<T*>(bytes);
        In from = in;
        for (std::uint64_t i = 0; i != n;) {
            std::uint64_t const end = n - i < at_once ? n : i + at_once;
            std::uint64_t kept = 0;
            for (; i != end; void(++i), ++from) {
                ::new (static_cast<void*>(buffer + kept)) T(*from);
                kept += chosen[i] ? 1U : 0U;
            }
            take(buffer, buffer + kept);
        }
    } else {
        for (std::uint64_t i = 0; i != n; ++i)
            if (chosen[i]) add(*advanced(in, i));
    }
}

template<class T, class In, class Keep>
std::vector<T> copy_few_chosen(thread_pool& pool, In const& in, std::uint64_t n, Keep const& keep,
                               loop_options const& options) {
    auto const keep_at = [&keep](In const& element, std::uint64_t) { return keep(*element); };
    few_flags const chosen(pool, in, n, keep_at, options);
    uninitialized_vector<T> results(chosen.total());
    {
        std::uint64_t rank = 0;
        report_built const built(results, rank);
        auto const take = [&](T const* first, T const* last) {
            std::uint64_t const count = static_cast<std::uint64_t>(last - first);
            copy_to_memory<T>{results.data()}(rank, first, count);
            rank += count;
        };
        auto const add = [&](auto&& element) {
            ::new (static_cast<void*>(results.data() + rank)) T(static_cast<decltype(element)>(element));
            ++rank;
        };
        for_few_chosen<T>(in, n, chosen, take, add);
    }
    return std::move(results).take();
}

template<class T, class In, class Out, class Keep>
Out copy_few_chosen_to(thread_pool& pool, In const& in, std::uint64_t n, Out to, Keep const& keep,
                       loop_options const& options) {
    auto const keep_at = [&keep](In const& element, std::uint64_t) { return keep(*element); };
    few_flags const chosen(pool, in, n, keep_at, options);
    for_few_chosen<T>(
        in, n, chosen,
        [&to](T const* first, T const* last) {
            for (; first != last; void(++first), ++to) *to = *first;
        },
        [&to](auto&& element) {
            *to = static_cast<decltype(element)>(element);
            ++to;
        });
    return to;
}

struct parallel_copy_if_fn : value_or_output_form<parallel_copy_if_fn> {
    static constexpr std::size_t least = 1, most = 3;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>,
                      "parallel_copy_if takes a range (or two iterators, or two integers), optionally an iterator to "
                      "write to, and a predicate, and may take a projection; a pool may come first, and options last");
    }

    template<class Range, class... Rest>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range, Rest const&... rest) {
        if constexpr (explain_readable<std::remove_reference_t<Range>>()) return chosen(pool, options, range, rest...);
    }

  private:
    template<class Range, class First, class... Rest>
    static auto chosen(thread_pool& pool, loop_options const& options, Range& range, First const& first,
                       Rest const&... rest) {
        if constexpr (std::random_access_iterator<std::decay_t<First const&>> && sizeof...(Rest) != 0)
            return to_iterator(pool, options, range, std::decay_t<First const&>(first), rest...);
        else if constexpr (sizeof...(Rest) < 2)
            return to_vector(pool, options, range, first, rest...);
        else
            usage<Range>();
    }

    template<class Range, class Pred, class Proj = loop_options>
    static auto to_vector(thread_pool& pool, loop_options const& options, Range& range, Pred const& pred,
                          Proj const& proj = left_out<Proj>) {
        using value = std::iter_value_t<range_iterator<Range>>;
        using element = std::conditional_t<std::is_same_v<value, bool>, unsigned char, value>;
        if constexpr (check_predicate<Range, Pred, callable_type<as_it_is, Proj>>()) {
            std::vector<element> chosen =
                with_test(range, pred, proj, options,
                          [&pool](auto const& in, std::uint64_t n, auto const& keep, loop_options const& rest) {
                              if (n <= few_flags::most)
                                  return detail::copy_few_chosen<element>(pool, in, n, keep, rest);
                              return detail::copy_chosen<element>(pool, in, n, keep, rest);
                          });
            if constexpr (std::is_same_v<value, bool>)
                return std::vector<bool>(chosen.begin(), chosen.end());
            else
                return chosen;
        }
    }

    template<class Range, class Out, class Pred, class Proj = loop_options>
    static auto to_iterator(thread_pool& pool, loop_options const& options, Range& range, Out out, Pred const& pred,
                            Proj const& proj = left_out<Proj>) {
        using value = std::iter_value_t<range_iterator<Range>>;
        constexpr bool packed = packed_bits<Out>;
        static_assert(
            !packed,
            "parallel_copy_if into a std::vector<bool>: neighbouring elements share a word and cannot be written at "
            "the same time; use the form that returns the vector");
        constexpr bool open = explain_written<Out>();
        constexpr bool assigns = std::is_assignable_v<std::iter_reference_t<Out>, range_reference<Range>>;
        static_assert(assigns, "parallel_copy_if cannot assign the elements of the range to those of `out`");
        if constexpr (open && assigns && !packed && check_predicate<Range, Pred, callable_type<as_it_is, Proj>>())
            return with_test(
                range, pred, proj, options,
                [&pool, &out](auto const& in, std::uint64_t n, auto const& keep, loop_options const& rest) {
                    if (n <= few_flags::most) return detail::copy_few_chosen_to<value>(pool, in, n, out, keep, rest);
                    return detail::copy_chosen_to<value>(pool, in, n, out, keep, rest);
                });
        else
            return out;
    }

    /// Calls `copy(begin, n, test, options)` for a range, with the predicate behind the projection and the options that
    /// count.
    template<class Range, class Pred, class Proj, class Copy>
    static auto with_test(Range& range, Pred const& pred, Proj const& proj, loop_options const& options,
                          Copy const& copy) {
        using projection = callable_type<as_it_is, Proj>;
        loop_options const& rest = given_options(proj, options);
        check_options(rest);
        elements const in(range);
        auto const& by = callable_or<as_it_is>(proj);
        return copy(in.begin(), in.size(), projected_test<Pred, projection>{pred, by}, rest);
    }
};

} // namespace detail

/// Returns the elements of a range for which `pred(proj(element))` is true, in their order, as std::ranges::copy_if
/// into a new vector: `parallel_copy_if(range, pred)`. The range may be two iterators or two integers. With a random
/// access iterator, which may not lie in the range, it assigns the elements there and returns the end of the output:
/// `parallel_copy_if(range, out, pred)`. Each element is tested once. The result for bools is a std::vector<bool>.
/// **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only with this call.
/// **Throws** as `parallel_for`. **Order** none between the calls; all of them happen before the return. `.grain` is
/// the number of elements of a block (for elements that are not trivially copyable, the next multiple of 64). **Cost**
/// trivially copyable elements are read once, without a branch that depends on `pred`, through buffers of 1 MiB for
/// each worker. The memory of the vector is allocated for all elements; only that of the chosen elements is touched,
/// and it is shrunk if fewer than a quarter were chosen. Other elements, and all elements if failures are collected,
/// are copied once, straight into a vector of the right size, with a bit for each element. Up to 1,024 elements are
/// copied by the caller after `pred` has run for all, and need no memory but the vector's.
/// caller when `pred` has run for all, and need no memory but the vector's.
inline constexpr detail::parallel_copy_if_fn parallel_copy_if{};

} // namespace hocket
