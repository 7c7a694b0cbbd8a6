// SPDX-License-Identifier: MIT
// Turns a range of any elements into plain elements that the sorts can copy freely: the elements themselves if they are
// small and plain, otherwise pointers to them. Then brings the elements into the order of these pointers.
// parallel_sort, parallel_stable_sort and parallel_nth_element use it.
#pragma once

#include <hocket/algorithm/sort/detect_runs.hpp>
#include <hocket/algorithm/sort/sort_base_case.hpp>
#include <hocket/algorithm/sort/sort_expensive.hpp>
#include <hocket/algorithm/sort/sort_memory.hpp>
#include <hocket/algorithm/sort/sort_nearly_sorted.hpp>
#include <hocket/algorithm/sort/sort_order.hpp>
#include <hocket/algorithm/sort/sort_radix.hpp>
#include <hocket/algorithm/sort/sort_run.hpp>
#include <hocket/algorithm/sort/sort_sample.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/bounds.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::size_t largest_copied = 32;

template<class T>
inline constexpr bool sorted_as_copies = is_plain<T> && sizeof(T) <= largest_copied;

/// Destroys the elements that a throwing constructor left behind.
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

/// Moves the elements that `order` points to, in its order, to the places from `first` on: through a buffer, two moves
/// each. Only an element whose move throws ends it early: then the values of the elements are unspecified.
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

/// Keys that are numbers, by their bits; `less` says the same. `at_once`: to have a key takes no function of the
/// program's.
template<bool at_once, class Bits, class Less>
struct by_bits {
    Bits bits;
    Less less;

    template<class T>
    [[nodiscard]] bool operator()(sort_run const& run, T* v, std::size_t n, T* scratch) const {
        bool slow = false;
        if constexpr (!at_once) {
            if (!detail::ask_whether_slow(run, v, n, less, slow)) return false;
        }
        if (slow) return detail::sort_by_slow_keys(run, v, n, bits);
        if (n >= std::size_t{1} << 15) {
            pattern_result const found = sort_pattern(run, v, n, scratch, less);
            return found == pattern_result::none ? radix_sort(run, v, n, scratch, bits, less)
                                                 : found == pattern_result::sorted;
        }
        return run.once([&](std::uint64_t) {
            slow = !at_once && run.workers() > 1 && detail::takes_long_to_sort(v, n, less);
            if (slow) return;
            if (n < 256) {
                sort_base_case(v, n, scratch, less);
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
        bool slow = false;
        if (!detail::ask_whether_slow(run, v, n, less, slow)) return false;
        slow_less<T> const looking(less);
        pattern_result found =
            slow ? sort_pattern(run, v, n, scratch, looking) : sort_pattern(run, v, n, scratch, less);
        if (found == pattern_result::none && !slow) found = sort_nearly_sorted(run, v, n, scratch, less, *this);
        if (found != pattern_result::none) return found == pattern_result::sorted;
        if (!slow && !run.once([&](std::uint64_t) {
                slow = run.workers() > 1 && n < most_slow && detail::takes_long_to_sort(v, n, less);
                if (slow || n >= least_distributed) return;
                sort_base_case(v, n, scratch, less);
                run.finished(n);
            }))
            return false;
        if (!slow) return n < least_distributed || sample_sort(run, v, n, scratch, less);
        if (!detail::sort_expensive(run, v, n, scratch, looking)) return false;
        run.finished(n);
        return true;
    }
};

/// Whether an iterator returns references to the elements, and not proxies, as the iterators of a zip do.
template<class Iterator>
inline constexpr bool gives_references = std::is_same_v<std::iter_reference_t<Iterator>, std::iter_value_t<Iterator>&>;

/// Brings the elements from `first` on into an order. `work(run, v, n, scratch)` orders plain elements, and returns
/// whether it was completed.
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
            for (; i < last; ++i) {
                if constexpr (gives_references<Iterator>)
                    put(v + i, static_cast<element const&>(*advanced(first, i)));
                else
                    ::new (static_cast<void*>(v + i)) element(*advanced(first, i));
            }
        });
        if (!work(run, v, n, scratch.data())) return;
        run.all(n, [&](std::uint64_t i, std::uint64_t last) {
            for (; i < last; ++i) *advanced(first, i) = v[i];
        });
    }
}

/// The elements of a range whose iterators give no references, moved to where pointers can point to them. They go back
/// in the order in which they were, unless `put_back` says otherwise.
template<class Iterator>
class moved_elements {
    using element = std::iter_value_t<Iterator>;
    static constexpr bool never_throws =
        std::is_nothrow_constructible_v<element, std::iter_rvalue_reference_t<Iterator>> &&
        std::is_nothrow_assignable_v<std::iter_reference_t<Iterator>, element>;

  public:
    moved_elements(sort_run const& run, Iterator const& first, std::size_t n, element* room)
        : run_(run), first_(first), n_(n), room_(room) {
        if constexpr (never_throws) {
            run.all(n, [&](std::uint64_t i, std::uint64_t last) {
                for (; i < last; ++i) take(i);
            });
        } else {
            std::size_t taken = 0;
            try {
                for (; taken < n; ++taken) take(taken);
            } catch (...) {
                built_elements<element> built(room);
                built.last = taken; // which destroys them all
                for (std::size_t i = 0; i < taken; ++i) *advanced(first, i) = std::move(room[i]);
                throw;
            }
        }
    }
    ~moved_elements() {
        if (!here_) return;
        try {
            put_back(room_, [](element& x) -> element& { return x; });
        } catch (...) { // what throws when it is moved has no value any more
        }
    }
    moved_elements(moved_elements const&) = delete;
    moved_elements& operator=(moved_elements const&) = delete;

    /// To place `i` goes `element_of(order[i])`.
    template<class Order, class ElementOf>
    void put_back(Order* order, ElementOf const& element_of) {
        here_ = false;
        if constexpr (never_throws) {
            run_.all(n_, [&](std::uint64_t i, std::uint64_t last) {
                for (; i < last; ++i) give(i, element_of(order[i]));
            });
        } else {
            built_elements<element> built(room_);
            built.last = n_; // which destroys them all
            for (std::size_t i = 0; i < n_; ++i) *advanced(first_, i) = std::move(element_of(order[i]));
        }
    }

  private:
    void take(std::uint64_t i) {
        ::new (static_cast<void*>(room_ + i)) element(std::ranges::iter_move(advanced(first_, i)));
    }
    void give(std::uint64_t i, element& x) {
        *advanced(first_, i) = std::move(x);
        std::destroy_at(std::addressof(x));
    }

    sort_run const& run_;
    Iterator const& first_;
    std::size_t const n_;
    element* const room_;
    bool here_ = true;
};

/// Brings the elements from `first` on into an order by way of pointers. `make(element)` returns the stand-in of an
/// element. `work(run, v, n, scratch)` brings these into the order, and returns whether it was completed.
template<class Pointer, class Iterator, class Make, class Work>
void sort_pointers(sort_run const& run, Iterator const& first, std::size_t n, Make const& make, Work const& work) {
    using element = std::iter_value_t<Iterator>;
    sort_scratch<Pointer> scratch(n);
    sort_scratch<Pointer> pointers(n);
    Pointer* const v = pointers.data();
    auto const sorted = [&](auto const& from) {
        std::size_t const most = std::size_t{1} << 14, share = n / 64 + 1; // a projection may take long
        std::size_t const piece = share < most ? share : most;
        bool const made = run.each((n - 1) / piece + 1, 0, piece, [&](std::uint64_t k) {
            std::size_t const begin = static_cast<std::size_t>(k) * piece;
            std::size_t const end = n - begin < piece ? n : begin + piece;
            stop_pace pace(end - begin <= 64);
            for (std::size_t i = begin; i < end;)
                for (std::size_t const stop = static_cast<std::size_t>(pace.next(i, end)); i < stop; ++i)
                    detail::put(v + i, make(*advanced(from, i)));
        });
        return made && work(run, v, n, scratch.data());
    };
    if constexpr (gives_references<Iterator>) {
        if (sorted(first)) detail::arrange(run, first, v, n);
    } else {
        plain_array<element> const room(n);
        moved_elements<Iterator> moved(run, first, n, room.data());
        if (sorted(room.data()))
            moved.put_back(v, [](Pointer const& p) -> element& { return *static_cast<element*>(p); });
    }
}

/// Says what is wrong with the types of a sort; false if there is something.
template<class Iterator, class Compare, class Proj>
constexpr bool explain_sort() {
    using element = std::iter_value_t<Iterator>;
    constexpr bool random = std::random_access_iterator<Iterator>;
    static_assert(random, "a parallel sort needs a range with random access, and its size (a std::list has neither)");
    if constexpr (random) {
        constexpr bool packed = packed_bits<Iterator>;
        constexpr bool constant = std::is_same_v<std::iter_reference_t<Iterator>, element const&>;
        constexpr bool refers = packed || constant || gives_references<Iterator> || std::permutable<Iterator>;
        static_assert(
            !packed,
            "a parallel sort of a std::vector<bool>: neighbouring elements share a word and cannot be written at "
            "the same time; use std::vector<char>, or count");
        static_assert(!constant, "a parallel sort moves the elements of its range, and these are const");
        static_assert(refers, "a parallel sort needs a range of elements that can be moved: its iterators return "
                              "references, or proxy references such as those of zip");
        if constexpr (!packed && !constant && refers) {
            constexpr bool projects = shared_callable<Proj, element const&>;
            if constexpr (!projects) {
                static_assert(says_why<Proj, element const&>(),
                              "the projection of a parallel sort takes one element, by "
                              "value or T const&; options come last");
            } else {
                constexpr bool compares = sort_comparator<Compare, element, Proj>;
                using key = call_result<Proj, element const&>;
                if constexpr (std::is_same_v<Compare, std::ranges::less>)
                    static_assert(compares, "a parallel sort without a comparator orders by operator<, which these "
                                            "elements (or the results of the projection) do not have");
                else if constexpr (!compares)
                    static_assert(says_why<Compare, key, key>(),
                                  "the comparator of a parallel sort takes two elements (or the results of the "
                                  "projection); a projection comes after it: sort(v, {}, projection)");
                if constexpr (compares) {
                    constexpr bool decides = std::is_convertible_v<call_result<Compare, key, key>, bool>;
                    static_assert(decides, "the comparator of a parallel sort does not return a bool");
                    static_assert(std::movable<element>, "the elements of a parallel sort must be movable");
                    return decides && std::movable<element>;
                }
            }
        }
    }
    return false;
}

/// Sorts, stably. `explain_sort` holds for the types.
template<class Iterator, class Compare, class Proj>
void sort_range(thread_pool& pool, Iterator const& first, std::uint64_t length, Compare const& compare,
                Proj const& proj, loop_options const& options) {
    using element = std::iter_value_t<Iterator>;
    check_options(options);
    loop_errors errors(options);
    sort_run const run(pool, options, errors);
    std::size_t const n = static_cast<std::size_t>(length);
    using element_order = element_less<element, Compare, Proj>;
    element_order const less{compare, proj};
    if (!errors.stopped()) run.expect(n);
    if (n > 1 && !errors.stopped()) {
        if (n <= 16 && std::contiguous_iterator<Iterator>) {
            if constexpr (std::contiguous_iterator<Iterator>) detail::sort_few(run, std::to_address(first), n, less);
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

/// Implements both public sorts: sorts stably.
template<class Algorithm>
struct sort_form : call_form<Algorithm> {
    static constexpr std::size_t least = 0, most = 2;
    static constexpr bool steps = false;

    template<class Range, class Compare = loop_options, class Proj = loop_options>
    static auto run(thread_pool& pool, loop_options const& options, Range&& range,
                    Compare const& compare = left_out<Compare>, Proj const& proj = left_out<Proj>) {
        using source = std::remove_reference_t<Range>;
        using order = callable_type<usual_order<source, Proj>, Compare>;
        using projection = callable_type<as_it_is, Proj>;
        if constexpr (explain_sort<range_iterator<source>, order, projection>())
            detail::sort_range(pool, std::ranges::begin(range), detail::range_length(range),
                               detail::callable_or<order>(compare), detail::callable_or<projection>(proj),
                               detail::given_options(compare, proj, options));
    }
};

} // namespace hocket::detail
