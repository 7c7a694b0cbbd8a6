// SPDX-License-Identifier: MIT
// parallel_histogram: how many elements of a range fall into each of a number of buckets.
// Public.
#pragma once

#include <hocket/algorithm/group/histogram_tables.hpp>
#include <hocket/algorithm/reduce/reduce_blocks.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/memory/uninitialized_vector.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/elements.hpp>
#include <hocket/range/explain.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {
namespace detail {

/// The number of buckets up to which tables fit a core's own cache.
inline constexpr std::uint64_t few_buckets = 65'536;

/// The number of parts with tables of their own: several for each worker, as long as all tables together have at most
/// half as many counters as there are elements.
[[nodiscard]] inline std::uint64_t histogram_parts(std::uint64_t n, std::uint64_t buckets,
                                                   std::size_t workers) noexcept {
    std::uint64_t const worth = n / 2 / (buckets | 1);
    std::uint64_t const wanted = (buckets <= few_buckets ? 4 : 1) * std::uint64_t{workers};
    return worth < wanted ? worth : wanted;
}

template<class Count, class In, class Key>
std::vector<std::size_t> count_in_parts(thread_pool& pool, In const& in, std::uint64_t n, std::uint64_t buckets,
                                        Key const& key, std::uint64_t parts, loop_options const& options) {
    std::uint64_t const part = (n - 1) / parts + 1;
    part_tables<Count> const all(buckets, part, (n - 1) / part + 1);
    using kernel = count_kernel<In, Key, Count>;
    kernel const count{in, key, all};
    loop_errors errors(options);
    errors.finish(n);
    if (options.progress != nullptr) options.progress->expect(n);
    guarded_chunk<kernel> const guarded(count, errors, options.progress);
    block_chunk<kernel> chunk(guarded, n, part);
    run_loop(pool, all.parts,
             {.grain = 1, .max_workers = options.max_workers, .how = schedule::dynamic, .name = options.name}, chunk);
    errors.finish(n);
    uninitialized_vector<std::size_t> results(buckets);
    guarded_loop(pool, buckets, {.max_workers = options.max_workers, .name = options.name},
                 add_tables_kernel<Count>{all, results.data()});
    all.rounds.add_to(results.data());
    return std::move(results).take();
}

/// Counts few elements, or many buckets: computes the keys in parallel, then one thread counts.
template<class In, class Key>
std::vector<std::size_t> count_alone(thread_pool& pool, In const& in, std::uint64_t n, std::uint64_t buckets,
                                     Key const& key, loop_options const& options) {
    std::unique_ptr<std::uint64_t[]> const keys(new std::uint64_t[static_cast<std::size_t>(n)]);
    detail::guarded_loop(pool, n, options, bucket_kernel<In, Key>{in, key, buckets, keys.get()});
    std::vector<std::size_t> results(static_cast<std::size_t>(buckets));
    for (std::uint64_t i = 0; i != n; ++i) ++results[static_cast<std::size_t>(keys[i])];
    return results;
}

/// The key of an element that is a number.
template<class Value>
struct own_key {
    constexpr Value operator()(Value value) const noexcept { return value; }
};

struct parallel_histogram_fn : value_form<parallel_histogram_fn> {
    static constexpr std::size_t least = 1, most = 2;
    static constexpr bool steps = false;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_histogram takes a range (or two iterators, or two integers) and the "
                                     "number of buckets, and may take a key; a pool may come first, and options last");
    }

    template<class Range, class Buckets, class Key = loop_options>
    static std::vector<std::size_t> run(thread_pool& pool, loop_options const& options, Range&& range,
                                        Buckets const& buckets, Key const& key = left_out<Key>) {
        using source = std::remove_reference_t<Range>;
        constexpr bool counts = std::is_convertible_v<Buckets const&, std::size_t>;
        static_assert(counts, "the number of buckets of parallel_histogram, which follows the range, is an integer");
        if constexpr (counts && explain_readable<source>()) {
            using key_type = callable_type<own_key<std::iter_value_t<range_iterator<source>>>, Key>;
            if constexpr (explain_key<key_type, range_reference<source>>())
                return count(pool, given_options(key, options), range, static_cast<std::size_t>(buckets),
                             detail::callable(callable_or<key_type>(key)));
        }
        return {};
    }

  private:
    template<class Key, class Reference>
    static constexpr bool explain_key() {
        if constexpr (!shared_callable<Key, Reference>) {
            static_assert(says_why<Key, Reference>(), "the key of parallel_histogram takes one element of the range");
            return false;
        } else {
            constexpr bool numbers = std::is_integral_v<std::remove_cvref_t<call_result<Key, Reference>>>;
            static_assert(numbers, "the key of parallel_histogram returns the number of a bucket, an integer");
            return numbers;
        }
    }

    template<class Range, class Key>
    static std::vector<std::size_t> count(thread_pool& pool, loop_options const& options, Range& range,
                                          std::size_t buckets, Key const& key) {
        check_options(options);
        elements const in(range);
        auto const begin = in.begin();
        std::uint64_t const n = in.size();
        std::uint64_t const parts = histogram_parts(n, buckets, pool.size());
        bool const one_counts = parts == 0 || (parts == 1 && pool.size() > 1);
        if (n < 65'536 || one_counts || buckets == 0) return detail::count_alone(pool, begin, n, buckets, key, options);
        if (buckets > few_buckets)
            return detail::count_in_parts<unsigned char>(pool, begin, n, buckets, key, parts, options);
        if (n > std::numeric_limits<std::uint32_t>::max())
            return detail::count_in_parts<std::uint64_t>(pool, begin, n, buckets, key, parts, options);
        return detail::count_in_parts<std::uint32_t>(pool, begin, n, buckets, key, parts, options);
    }
};

} // namespace detail

/// Returns how many elements of a range have each of the keys from 0 up to and without a number of buckets:
/// `std::vector<std::size_t> result = parallel_histogram(range, buckets,
/// key)`, where `result[k]` counts those for which `key(element)`, an integer, is k; without `key` the elements
/// themselves are the keys. The range may be two iterators or two integers. A key that is no bucket's throws
/// `std::out_of_range`. **Threads** any; the caller takes part. **Blocks** until all work has finished, and helps only
/// with this call. **Throws** as `parallel_for`. **Order** none between the calls of `key`, of which each element sees
/// one; all of them happen before the return. `.grain` and the schedule are used where one thread counts, for the calls
/// of `key`. **Cost** tables for four parts of the range for each worker, or, of more than 2^16 buckets, for one, with
/// a byte for each bucket and eight for each 256 elements; never more than eight bytes an element, or 128 KiB for each
/// worker. Below 2^16 elements, and where there are more buckets than a quarter of the elements, one thread counts what
/// all threads compute: eight bytes an element.
inline constexpr detail::parallel_histogram_fn parallel_histogram{};

} // namespace hocket
