// SPDX-License-Identifier: MIT
// Sentences for calls of members that the pools of other libraries have.
#pragma once

#include <hocket/base/config.hpp>

namespace hocket::inline HOCKET_ABI::detail {

/// A base of the pools. Each member says what to write instead of its call.
class members_of_other_pools {
  public:
    template<class... Args>
    auto submit(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member submit: write submit(pool, f)");
    }
    template<class... Args>
    auto enqueue(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member enqueue: write submit(pool, f), or spawn(pool, f)");
    }
    template<class... Args>
    auto post(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member post: write spawn(pool, f), or submit(pool, f)");
    }
    template<class... Args>
    auto async(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member async: write submit(pool, f)");
    }
    template<class... Args>
    auto spawn(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member spawn: write spawn(pool, f)");
    }
    template<class... Args>
    auto map(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member map: write parallel_map(pool, range, f)");
    }
    template<class... Args>
    auto parallel_for(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member parallel_for: write parallel_for(pool, 0, n, f)");
    }
    template<class... Args>
    auto submit_task(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member submit_task: write submit(pool, f)");
    }
    template<class... Args>
    auto detach_task(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member detach_task: write spawn(pool, f)");
    }
    template<class... Args>
    auto num_workers(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member num_workers: write pool.size()");
    }
    template<class... Args>
    auto get_thread_count(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member get_thread_count: write pool.size()");
    }
    template<class... Args>
    auto wait_for_all(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member wait_for_all: the destructor of the pool finishes "
                                      "the work that was submitted, and a thread_pool has wait_idle()");
    }
    template<class... Args>
    auto join(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member join: the destructor of the pool finishes the work "
                                      "that was submitted, and a thread_pool has wait_idle()");
    }
    template<class... Args>
    auto stop(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member stop: the destructor of the pool finishes the work "
                                      "that was submitted, and a thread_pool has wait_idle()");
    }
    template<class... Args>
    auto shutdown(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member shutdown: the destructor of the pool finishes the "
                                      "work that was submitted, and a thread_pool has wait_idle()");
    }
    template<class... Args>
    auto wait(Args&&...) const {
        static_assert(never<Args...>, "hocket: a pool has no member wait: the destructor of the pool finishes the work "
                                      "that was submitted, and a thread_pool has wait_idle()");
    }
};

} // namespace hocket::detail
