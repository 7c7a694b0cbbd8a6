// SPDX-License-Identifier: MIT
// Sentences for calls of members that the futures of other libraries have.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// A base of futures and refs. Each member says what to write instead of its call.
class members_of_other_futures {
  public:
    template<class... Args>
    auto result(Args&&...) const {
        static_assert(never<Args...>, "hocket: a future has no member result: write f.get(), or f.get_for(5s)");
    }
    template<class... Args>
    auto done(Args&&...) const {
        static_assert(never<Args...>, "hocket: a future has no member done: write f.ready()");
    }
    template<class... Args>
    auto is_ready(Args&&...) const {
        static_assert(never<Args...>, "hocket: a future has no member is_ready: write f.ready()");
    }
    template<class... Args>
    auto exception(Args&&...) const {
        static_assert(never<Args...>, "hocket: a future has no member exception: f.get() throws it");
    }
    template<class... Args>
    auto add_done_callback(Args&&...) const {
        static_assert(never<Args...>, "hocket: a future has no member add_done_callback: write f.then(callable)");
    }
    template<class... Args>
    auto cancel(Args&&...) const {
        static_assert(never<Args...>, "hocket: a future has no member cancel: give the task a stop token, as in "
                                      "submit(f, submit_options{.stop = source.get_token()}), and call "
                                      "source.request_stop()");
    }
};

} // namespace hocket::detail
