// SPDX-License-Identifier: MIT
// The parameters of overloads that answer a wrong call with a sentence.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// The first parameter of an overload that answers a wrong call. It takes any argument, but by a conversion: the
/// overload is called only if no other overload, of the library or of the program, takes the call. Usage::says<T>()
/// holds the sentence about a first argument of type T. Compilers need the exception specification of the chosen
/// constructor at the call, so the sentence is the first error.
template<class Usage>
struct anything {
    template<class T>
    anything(T const&) noexcept(Usage::template says<T>()) {}
};

/// A further parameter of such an overload.
struct anything_else {
    anything_else() noexcept = default;
    template<class T>
    anything_else(T const&) noexcept {}
};

} // namespace hocket::detail
