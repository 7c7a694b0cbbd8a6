// SPDX-License-Identifier: MIT
// A zip of ranges for standard libraries without std::views::zip. Their std::tuple cannot stand for a reference either,
// so the references of this zip are a type of their own. Algorithms assign, move and swap through them. Used by
// zip.hpp.
#pragma once

#include <hocket/range/range_traits.hpp>

#include <compare>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A tuple of references that stands for an element of a zip. Assignments go to the referenced objects, even if the
/// tuple itself is const or a temporary.
template<class... Parts>
class zip_reference : public std::tuple<Parts...> {
    using base = std::tuple<Parts...>;
    using all = std::index_sequence_for<Parts...>;

  public:
    constexpr zip_reference(std::in_place_t, Parts... parts) : base(std::forward<Parts>(parts)...) {}
    constexpr zip_reference(zip_reference const&) = default;
    constexpr zip_reference(zip_reference&&) = default;
    ~zip_reference() = default;

    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_constructible_v<Parts, From&> && ...))
    constexpr zip_reference(std::tuple<From...>& from) : zip_reference(from, all()) {}
    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_constructible_v<Parts, From const&> && ...))
    constexpr zip_reference(std::tuple<From...> const& from) : zip_reference(from, all()) {}
    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_constructible_v<Parts, From> && ...))
    constexpr zip_reference(std::tuple<From...>&& from) : zip_reference(std::move(from), all()) {}

    constexpr zip_reference& operator=(zip_reference const& from) noexcept(
        (std::is_nothrow_assignable_v<Parts const&, Parts const&> &&
         ...)) requires(std::is_assignable_v<Parts const&, Parts const&>&&...) {
        assign(from, all());
        return *this;
    }
    // Each assignment has an overload for temporaries, which are not const, and one for const objects. Otherwise a
    // temporary would match the copy above equally well.
    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_assignable_v<Parts const&, From const&> && ...))
    constexpr zip_reference& operator=(std::tuple<From...> const& from) noexcept(
        (std::is_nothrow_assignable_v<Parts const&, From const&> && ...)) {
        assign(from, all());
        return *this;
    }
    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_assignable_v<Parts const&, From> && ...))
    constexpr zip_reference&
    operator=(std::tuple<From...>&& from) noexcept((std::is_nothrow_assignable_v<Parts const&, From> && ...)) {
        assign(std::move(from), all());
        return *this;
    }
    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_assignable_v<Parts const&, From const&> && ...))
    constexpr zip_reference const& operator=(std::tuple<From...> const& from) const
        noexcept((std::is_nothrow_assignable_v<Parts const&, From const&> && ...)) {
        assign(from, all());
        return *this;
    }
    template<class... From>
        requires(sizeof...(From) == sizeof...(Parts) && (std::is_assignable_v<Parts const&, From> && ...))
    constexpr zip_reference const& operator=(std::tuple<From...>&& from) const
        noexcept((std::is_nothrow_assignable_v<Parts const&, From> && ...)) {
        assign(std::move(from), all());
        return *this;
    }

    friend constexpr void swap(zip_reference& a, zip_reference& b) requires(std::is_swappable_v<Parts>&&...) {
        swap_parts(a, b, all());
    }
    friend constexpr void swap(zip_reference const& a,
                               zip_reference const& b) requires(std::is_swappable_v<Parts>&&...) {
        swap_parts(a, b, all());
    }

  private:
    template<std::size_t... At>
    static constexpr void swap_parts(base const& a, base const& b, std::index_sequence<At...>) {
        (std::ranges::swap(std::get<At>(a), std::get<At>(b)), ...);
    }
    template<class From, std::size_t... At>
    constexpr zip_reference(From&& from, std::index_sequence<At...>)
        : base(std::get<At>(std::forward<From>(from))...) {}
    template<class From, std::size_t... At>
    constexpr void assign(From&& from, std::index_sequence<At...>) const {
        base const& here = *this;
        ((std::get<At>(here) = std::get<At>(std::forward<From>(from))), ...);
    }
};

/// An iterator into all ranges at once.
template<class... Iterators>
class zip_iterator {
    using all = std::index_sequence_for<Iterators...>;
    static constexpr bool goes_back = (std::bidirectional_iterator<Iterators> && ...);
    static constexpr bool jumps = (std::random_access_iterator<Iterators> && ...);

  public:
    using iterator_concept =
        std::conditional_t<jumps, std::random_access_iterator_tag,
                           std::conditional_t<goes_back, std::bidirectional_iterator_tag, std::forward_iterator_tag>>;
    using iterator_category = std::input_iterator_tag; // it returns values, which stand for references
    using value_type = std::tuple<std::iter_value_t<Iterators>...>;
    using difference_type = std::common_type_t<std::iter_difference_t<Iterators>...>;
    using reference = zip_reference<std::iter_reference_t<Iterators>...>;
    using pointer = void;

    constexpr zip_iterator() = default;
    constexpr explicit zip_iterator(Iterators... at) : at_(std::move(at)...) {}

    constexpr reference operator*() const {
        return std::apply([](auto const&... at) { return reference(std::in_place, *at...); }, at_);
    }
    constexpr reference operator[](difference_type n) const requires jumps { return *(*this + n); }

    constexpr zip_iterator& operator++() {
        std::apply([](auto&... at) { (void(++at), ...); }, at_);
        return *this;
    }
    constexpr zip_iterator operator++(int) {
        zip_iterator before = *this;
        ++*this;
        return before;
    }
    constexpr zip_iterator& operator--() requires goes_back {
        std::apply([](auto&... at) { (void(--at), ...); }, at_);
        return *this;
    }
    constexpr zip_iterator operator--(int) requires goes_back {
        zip_iterator before = *this;
        --*this;
        return before;
    }
    constexpr zip_iterator& operator+=(difference_type n) requires jumps {
        std::apply([n](auto&... at) { (void(at += static_cast<std::iter_difference_t<decltype(at)>>(n)), ...); }, at_);
        return *this;
    }
    constexpr zip_iterator& operator-=(difference_type n) requires jumps { return *this += -n; }

    friend constexpr zip_iterator operator+(zip_iterator a, difference_type n) requires jumps { return a += n; }
    friend constexpr zip_iterator operator+(difference_type n, zip_iterator a) requires jumps { return a += n; }
    friend constexpr zip_iterator operator-(zip_iterator a, difference_type n) requires jumps { return a -= n; }
    friend constexpr difference_type operator-(zip_iterator const& a, zip_iterator const& b) requires jumps {
        return static_cast<difference_type>(std::get<0>(a.at_) - std::get<0>(b.at_));
    }
    friend constexpr bool operator==(zip_iterator const& a, zip_iterator const& b) {
        return std::get<0>(a.at_) == std::get<0>(b.at_);
    }
    friend constexpr std::strong_ordering operator<=>(zip_iterator const& a, zip_iterator const& b) requires jumps {
        return a - b <=> difference_type(0);
    }

    friend constexpr auto iter_move(zip_iterator const& place) {
        using moved = zip_reference<std::iter_rvalue_reference_t<Iterators>...>;
        return std::apply([](auto const&... at) { return moved(std::in_place, std::ranges::iter_move(at)...); },
                          place.at_);
    }
    friend constexpr void iter_swap(zip_iterator const& a,
                                    zip_iterator const& b) requires(std::indirectly_swappable<Iterators>&&...) {
        swap_parts(a, b, all());
    }

    /// Returns whether the end of one of the ranges is reached.
    template<class... Ends>
    constexpr bool at_end(std::tuple<Ends...> const& ends) const {
        return at_end(ends, all());
    }

  private:
    template<std::size_t... At>
    static constexpr void swap_parts(zip_iterator const& a, zip_iterator const& b, std::index_sequence<At...>) {
        (std::ranges::iter_swap(std::get<At>(a.at_), std::get<At>(b.at_)), ...);
    }
    template<class Ends, std::size_t... At>
    constexpr bool at_end(Ends const& ends, std::index_sequence<At...>) const {
        return ((std::get<At>(at_) == std::get<At>(ends)) || ...);
    }

    std::tuple<Iterators...> at_;
};

/// The end of ranges that do not know their sizes, or cannot be cut at any position.
template<class... Ends>
struct zip_end {
    std::tuple<Ends...> ends;

    template<class... Iterators>
    friend constexpr bool operator==(zip_iterator<Iterators...> const& at, zip_end const& end) {
        return at.at_end(end.ends);
    }
};

/// A range of a zip: the range itself, or a pointer to a range that lives elsewhere.
template<class Range>
struct zip_part {
    Range range;
    [[nodiscard]] constexpr Range& get() { return range; }
    [[nodiscard]] constexpr Range const& get() const { return range; }
};
template<class Range>
struct zip_part<Range&> {
    Range* range;
    [[nodiscard]] constexpr Range& get() const { return *range; }
};

/// The type in which a zip keeps an argument. It is a reference, or the range itself if that is a temporary or a view.
template<class Range>
using zip_kept = std::conditional_t<std::is_lvalue_reference_v<Range> &&
                                        !std::ranges::enable_borrowed_range<std::remove_cvref_t<Range>>,
                                    Range, std::remove_cvref_t<Range>>;

template<class Range>
concept zipped_range = requires(Range& range) {
    { std::ranges::begin(range) } -> std::forward_iterator;
    { std::ranges::end(range) } -> std::sentinel_for<decltype(std::ranges::begin(range))>;
};

template<class Range>
concept sized_part = requires(Range& range) {
    std::ranges::size(range);
};

template<class... Ranges>
class zip_range {
    template<class Part>
    static constexpr zip_part<Part> keep(std::remove_reference_t<Part>& range) {
        if constexpr (std::is_lvalue_reference_v<Part>)
            return {&range};
        else
            return {std::move(range)};
    }
    template<class... Parts>
    static constexpr auto begin_of(Parts&... parts) {
        return zip_iterator<range_iterator<decltype(parts.get())>...>(std::ranges::begin(parts.get())...);
    }
    template<class... Parts>
    static constexpr auto end_of(Parts&... parts) {
        if constexpr ((parallel_range<std::remove_reference_t<decltype(parts.get())>> && ...)) {
            auto const begin = begin_of(parts...);
            return begin + static_cast<std::iter_difference_t<decltype(begin)>>(size_of(parts...));
        } else {
            return zip_end<decltype(std::ranges::end(parts.get()))...>{{std::ranges::end(parts.get())...}};
        }
    }
    template<class... Parts>
    static constexpr std::size_t size_of(Parts&... parts) {
        std::size_t least = static_cast<std::size_t>(-1);
        for (std::size_t const size : {static_cast<std::size_t>(std::ranges::size(parts.get()))...})
            least = size < least ? size : least;
        return least;
    }

  public:
    template<class... From>
    constexpr explicit zip_range(std::in_place_t, From&... ranges) : parts_(keep<Ranges>(ranges)...) {}

    [[nodiscard]] constexpr auto begin() {
        return std::apply([](auto&... parts) { return begin_of(parts...); }, parts_);
    }
    [[nodiscard]] constexpr auto end() {
        return std::apply([](auto&... parts) { return end_of(parts...); }, parts_);
    }
    [[nodiscard]] constexpr auto begin() const requires(zipped_range<std::remove_reference_t<Ranges> const>&&...) {
        return std::apply([](auto&... parts) { return begin_of(parts...); }, parts_);
    }
    [[nodiscard]] constexpr auto end() const requires(zipped_range<std::remove_reference_t<Ranges> const>&&...) {
        return std::apply([](auto&... parts) { return end_of(parts...); }, parts_);
    }
    [[nodiscard]] constexpr std::size_t size() const requires(sized_part<std::remove_reference_t<Ranges> const>&&...) {
        return std::apply([](auto&... parts) { return size_of(parts...); }, parts_);
    }

  private:
    std::tuple<zip_part<Ranges>...> parts_;
};

struct zip_function {
    template<class... Ranges>
    constexpr auto operator()(Ranges&&... ranges) const {
        static_assert(sizeof...(Ranges) != 0, "zip takes at least one range");
        static_assert((zipped_range<std::remove_reference_t<Ranges>> && ...),
                      "zip takes ranges that can be read more than once");
        return zip_range<zip_kept<Ranges>...>(std::in_place, ranges...);
    }
};

} // namespace hocket::detail

template<class... Parts>
struct std::tuple_size<hocket::detail::zip_reference<Parts...>>
    : std::integral_constant<std::size_t, sizeof...(Parts)> {};
template<std::size_t At, class... Parts>
struct std::tuple_element<At, hocket::detail::zip_reference<Parts...>> : std::tuple_element<At, std::tuple<Parts...>> {
};

template<class... A, class... B, template<class> class OfA, template<class> class OfB>
    requires(sizeof...(A) == sizeof...(B) && (std::common_reference_with<OfA<A>, OfB<B>> && ...))
struct std::basic_common_reference<hocket::detail::zip_reference<A...>, hocket::detail::zip_reference<B...>, OfA, OfB> {
    using type = hocket::detail::zip_reference<std::common_reference_t<OfA<A>, OfB<B>>...>;
};
template<class... A, class... B, template<class> class OfA, template<class> class OfB>
    requires(sizeof...(A) == sizeof...(B) && (std::common_reference_with<OfA<A>, OfB<B>> && ...))
struct std::basic_common_reference<hocket::detail::zip_reference<A...>, std::tuple<B...>, OfA, OfB> {
    using type = hocket::detail::zip_reference<std::common_reference_t<OfA<A>, OfB<B>>...>;
};
template<class... A, class... B, template<class> class OfA, template<class> class OfB>
    requires(sizeof...(A) == sizeof...(B) && (std::common_reference_with<OfA<A>, OfB<B>> && ...))
struct std::basic_common_reference<std::tuple<A...>, hocket::detail::zip_reference<B...>, OfA, OfB> {
    using type = hocket::detail::zip_reference<std::common_reference_t<OfA<A>, OfB<B>>...>;
};

template<class... Ranges>
inline constexpr bool std::ranges::enable_borrowed_range<hocket::detail::zip_range<Ranges...>> =
    ((std::is_lvalue_reference_v<Ranges> || std::ranges::enable_borrowed_range<Ranges>)&&...);
