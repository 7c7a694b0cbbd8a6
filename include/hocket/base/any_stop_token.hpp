// SPDX-License-Identifier: MIT
// A type-erased stop token for the options of a loop. It accepts any type that can say whether a stop was requested, so
// a program whose loops are never stopped does not compile <stop_token> with its clocks and semaphores. Every floor may
// use it.
#pragma once

#include <hocket/base/config.hpp>

#include <concepts>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// Accepts `std::stop_token` and every type with its two queries.
template<class T>
concept stop_token_like = std::is_nothrow_copy_constructible_v<T> && requires(T const& token) {
    static_cast<bool>(token.stop_requested());
    static_cast<bool>(token.stop_possible());
};

namespace detail {

/// Accepts a stop token, but not `Other`: the check would otherwise ask whether `Other` can be made of itself.
template<class T, class Other>
concept stop_token_but = !std::same_as<T, Other> && stop_token_like<T>;

} // namespace detail

/// A copy of a stop token of any type. A default-constructed one is never stopped. **Threads** as the token that it was
/// made of. **Throws** nothing. **Cost** no allocation.
class any_stop_token {
  public:
    any_stop_token() noexcept = default;
    template<detail::stop_token_but<any_stop_token> Token>
    any_stop_token(Token token) noexcept : kind_(&kind_of<Token>) {
        static_assert(
            !requires { token.get_token(); },
            "hocket: .stop takes a stop token, and not a stop source: write source.get_token()");
        static_assert(sizeof(Token) <= sizeof place_ && alignof(Token) <= alignof(void*));
        ::new (static_cast<void*>(place_)) Token(std::move(token));
    }
    any_stop_token(any_stop_token const& from) noexcept : kind_(from.kind_) {
        if (kind_ != nullptr) kind_->copy(from.place_, place_);
    }
    any_stop_token& operator=(any_stop_token const& from) noexcept;
    constexpr ~any_stop_token() {
        if (kind_ != nullptr) kind_->destroy(place_);
    }

    [[nodiscard]] bool stop_requested() const noexcept { return kind_ != nullptr && kind_->requested(place_); }
    /// Returns false when no stop was requested and none can be requested any more.
    [[nodiscard]] bool stop_possible() const noexcept { return kind_ != nullptr && kind_->possible(place_); }

  private:
    struct kind {
        bool (*requested)(void const* token) noexcept;
        bool (*possible)(void const* token) noexcept;
        void (*copy)(void const* token, void* to) noexcept;
        void (*destroy)(void* token) noexcept;
    };
    template<class Token>
    static constexpr kind kind_of{
        [](void const* token) noexcept -> bool { return static_cast<Token const*>(token)->stop_requested(); },
        [](void const* token) noexcept -> bool { return static_cast<Token const*>(token)->stop_possible(); },
        [](void const* token, void* to) noexcept { ::new (to) Token(*static_cast<Token const*>(token)); },
        [](void* token) noexcept { static_cast<Token*>(token)->~Token(); }};

    kind const* kind_ = nullptr;
    alignas(void*) unsigned char place_[2 * sizeof(void*)] = {};
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/base/any_stop_token.ipp>
#endif
