// SPDX-License-Identifier: MIT
// A range of any elements as plain ones that the sorts can copy freely: the elements themselves where they are small and
// plain, else pointers to them; and the elements brought into the order of these pointers.
// Floor: algorithm. parallel_sort, parallel_stable_sort and parallel_nth_element use it.
#pragma once

#include <hocket/algorithm/sort_almost.hpp>
#include <hocket/algorithm/sort_leaf.hpp>
#include <hocket/algorithm/sort_memory.hpp>
#include <hocket/algorithm/sort_order.hpp>
#include <hocket/algorithm/sort_patterns.hpp>
#include <hocket/algorithm/sort_radix.hpp>
#include <hocket/algorithm/sort_run.hpp>
#include <hocket/algorithm/sort_sample.hpp>
#include <hocket/algorithm/sort_slowly.hpp>
#include <hocket/base/projection.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::detail {

inline constexpr std::size_t largest_copied = 32;

template<class T>
inline constexpr bool sorted_as_copies = is_plain<T> && sizeof(T) <= largest_copied;

/// What ends the life of the elements that a throwing constructor left behind.
template<class T>
class built_elements {
  public:
    explicit built_elements(T* data) noexcept : data_(data) {}
    ~built_elements() { std::destroy(data_ + first, data_ + last); }
    built_elements(built_elements const&) = delete;
    built_elements& operator=(built_elements const&) = delete;

    std::size_t first = 0, last = 0;

  private:
    T* data_;
};

/// Moves the elements that `order` points to, in its order, to the places from `first` on: through a buffer, two moves each.
/// Nothing stops it half way but an element whose move throws: then the values of the elements are unspecified.
template<class Iterator, class Pointer>
void arrange(sort_run const& run, Iterator const& first, Pointer const* order, std::size_t n) {
    using element = std::iter_value_t<Iterator>;
    plain_array<element> const buffer(n);
    element* const data = buffer.data();
    auto const at = [](Pointer const& p) -> element& { return *static_cast<element*>(p); };
    if constexpr (std::is_nothrow_move_constructible_v<element> && std::is_nothrow_move_assignable_v<element>) {
        run.all(n, [&](std::uint64_t i, std::uint64_t last) {
            for (; i < last; ++i) ::new (static_cast<void*>(data + i)) element(std::move(at(order[i])));
        });
        run.all(n, [&](std::uint64_t i, std::uint64_t last) {
            for (; i < last; ++i) {
                *advanced(first, i) = std::move(data[i]);
                std::destroy_at(data + i);
            }
        });
    } else {
        built_elements<element> built(data);
        try {
            for (; built.last < n; ++built.last)
                ::new (static_cast<void*>(data + built.last)) element(std::move(at(order[built.last])));
        } catch (...) {
            for (std::size_t i = 0; i < built.last; ++i) at(order[i]) = std::move(data[i]);
            throw;
        }
        for (; built.first < n; ++built.first) {
            *advanced(first, built.first) = std::move(data[built.first]);
            std::destroy_at(data + built.first);
        }
    }
}

/// Keys that are numbers, by their bits; `less` says the same. `at_once`: to have a key takes no function of the program's.
template<bool at_once, class Bits, class Less>
struct by_bits {
    Bits bits;
    Less less;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        if (n >= std::size_t{1} << 15) {
            pattern_result const found = sort_pattern(run, v, n, scratch, less);
            return found == pattern_result::none ? radix_sort(run, v, n, scratch, bits, less)
                                                 : found == pattern_result::sorted;
        }
        bool slow = false;
        return run.once([&](std::uint64_t) {
            slow = !at_once && run.workers() > 1 && detail::takes_long_to_sort(v, n, less);
            if (slow) return;
            if (n < 256) {
                sort_leaf(v, n, scratch, less);
            } else {
                detail::copy_plain(scratch, v, n);
                detail::sort_digits_or_copy(scratch, n, v, bits, less);
            }
            run.finished(n);
        }) && (!slow || detail::sort_by_slow_keys(run, v, n, bits));
    }
};

/// A comparator.
template<class Less>
struct by_less {
    Less less;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        pattern_result found = sort_pattern(run, v, n, scratch, less);
        if (found == pattern_result::none) found = sort_almost(run, v, n, scratch, less, *this);
        if (found != pattern_result::none) return found == pattern_result::sorted;
        bool slow = false;
        if (!run.once([&](std::uint64_t) {
                slow = run.workers() > 1 && n < most_slow && detail::takes_long_to_sort(v, n, less);
                if (slow || n >= least_distributed) return;
                sort_leaf(v, n, scratch, less);
                run.finished(n);
            }))
            return false;
        if (!slow) return n < least_distributed || sample_sort(run, v, n, scratch, less);
        if (!detail::sort_slowly(run, v, n, scratch, less)) return false;
        run.finished(n);
        return true;
    }
};

/// Brings the elements from `first` on into an order: `work(run, v, n, scratch)` does so with plain ones, and says whether
/// that was completed.
template<class Iterator, class Work>
void sort_copies(sort_run const& run, Iterator const& first, std::size_t n, Work const& work) {
    using element = std::iter_value_t<Iterator>;
    sort_scratch<element> scratch(n);
    if constexpr (std::contiguous_iterator<Iterator>) {
        static_cast<void>(work(run, std::to_address(first), n, scratch.data()));
    } else {
        sort_scratch<element> copies(n);
        element* const v = copies.data();
        run.all(n, [&](std::uint64_t i, std::uint64_t last) {
            for (; i < last; ++i) put(v + i, static_cast<element const&>(*advanced(first, i)));
        });
        if (!work(run, v, n, scratch.data())) return;
        run.all(n, [&](std::uint64_t i, std::uint64_t last) {
            for (; i < last; ++i) *advanced(first, i) = v[i];
        });
    }
}

/// The same by way of pointers: `make(element)` gives what stands for it.
template<class Pointer, class Iterator, class Make, class Work>
void sort_pointers(sort_run const& run, Iterator const& first, std::size_t n, Make const& make, Work const& work) {
    sort_scratch<Pointer> scratch(n);
    sort_scratch<Pointer> pointers(n);
    Pointer* const v = pointers.data();
    std::size_t const most = std::size_t{1} << 14, share = n / 64 + 1; // a projection may take long
    std::size_t const piece = share < most ? share : most;
    bool const made = run.each((n - 1) / piece + 1, 0, piece, [&](std::uint64_t k) {
        std::size_t const begin = static_cast<std::size_t>(k) * piece;
        std::size_t const end = n - begin < piece ? n : begin + piece;
        for (std::size_t i = begin; i < end; ++i) detail::put(v + i, make(*advanced(first, i)));
    });
    if (made && work(run, v, n, scratch.data())) detail::arrange(run, first, v, n);
}

template<class Iterator, class Compare, class Proj>
constexpr void check_sort_types() {
    using element = std::iter_value_t<Iterator>;
    static_assert(!packed_bits<Iterator>,
                  "a parallel sort of a std::vector<bool>: neighbouring elements share a word and cannot be written at "
                  "the same time; use std::vector<char>, or count");
    static_assert(std::is_same_v<std::iter_reference_t<Iterator>, element&>,
                  "a parallel sort needs a range of elements that can be moved: its iterators give references");
    static_assert(
        sort_comparator<Compare, element, Proj>,
        "the comparator of a parallel sort takes two (projected) elements, and is const: several threads call "
        "it at once (a lambda must not be mutable)");
    if constexpr (sort_comparator<Compare, element, Proj>) {
        using key = call_result<Proj, element const&>;
        static_assert(std::is_convertible_v<call_result<Compare, key, key>, bool>,
                      "the comparator of a parallel sort returns something that is no bool");
    }
    static_assert(std::movable<element>, "the elements of a parallel sort can be moved");
}

/// Sorts, stably; the two public sorts are this.
template<class Iterator, class Compare, class Proj>
void sort_range(thread_pool& pool, Iterator const& first, std::uint64_t length, Compare const& compare,
                Proj const& proj, loop_options const& options) {
    using element = std::iter_value_t<Iterator>;
    check_sort_types<Iterator, Compare, Proj>();
    check_options(options);
    loop_errors errors(options);
    sort_run const run(pool, options, errors);
    std::size_t const n = static_cast<std::size_t>(length);
    using element_order = element_less<element, Compare, Proj>;
    element_order const less{compare, proj};
    if (!errors.stopped()) run.expect(n);
    if (n > 1 && !errors.stopped()) {
        if (n <= 16 && std::contiguous_iterator<Iterator>) {
            if constexpr (std::contiguous_iterator<Iterator>)
                static_cast<void>(run.once([&](std::uint64_t) {
                    detail::insert_rest(std::to_address(first), 1, n, less);
                    run.finished(n);
                }));
        } else if constexpr (has_radix_order<element, Compare, Proj>) {
            using bits = element_bits<element, Compare, Proj>;
            bits const bits_of_element{proj};
            if constexpr (sorted_as_copies<element>) {
                constexpr bool at_once = std::is_same_v<Proj, as_it_is> || std::is_member_object_pointer_v<Proj>;
                by_bits<at_once, bits, element_order> const order{bits_of_element, less};
                sort_copies(run, first, n, order);
            } else {
                using key = typename bits::bits;
                using pointer = keyed_pointer<element, key>;
                by_bits<true, keyed_pointer_bits<key>, keyed_pointer_less> const order{};
                sort_pointers<pointer>(
                    run, first, n,
                    [&](element& x) {
                        return pointer{bits_of_element(x), std::addressof(x)};
                    },
                    order);
            }
        } else if constexpr (sorted_as_copies<element>) {
            by_less<element_order> const order{less};
            sort_copies(run, first, n, order);
        } else {
            using pointer = element*;
            by_less<pointee_less<element, Compare, Proj>> const order{{less}};
            sort_pointers<pointer>(
                run, first, n, [](element& x) { return std::addressof(x); }, order);
        }
    }
    if (n == 1 && !errors.stopped()) run.finished(1);
    errors.finish(length);
}

} // namespace hocket::detail
