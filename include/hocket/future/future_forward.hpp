// SPDX-License-Identifier: MIT
// The names of the kinds of futures, and of the coroutine, for headers that only mention them. Public.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI {

template<class T>
class future;
template<class T>
class shared_future;
template<class T>
class task;

} // namespace hocket
