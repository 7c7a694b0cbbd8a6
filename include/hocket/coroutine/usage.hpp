// SPDX-License-Identifier: MIT
// What compilers say about wrong calls: of co_await in a task, and of sync_wait.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

struct await_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: co_await in a task awaits a future, a task, a ref, or an awaitable such as "
                                "sleep_for(1s), pool.schedule(), mutex.lock() and channel.pop(): for a callable write "
                                "co_await submit(f), and for several futures co_await when_all(futures)");
        return true;
    }
};

struct sync_wait_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: sync_wait takes one task, the result of a call of a coroutine, and perhaps a "
                                "pool before it: sync_wait(f()); the value of a future is future.get()");
        return true;
    }
};

} // namespace hocket::detail
