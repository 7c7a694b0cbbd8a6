// SPDX-License-Identifier: MIT
// Shared support of the tests of the injector and the local deque: items that know their number
// and whether they were taken.
#pragma once

#include <hocket/queue/work_item.hpp>

#include <atomic>

namespace queue_test {

struct numbered : hocket::detail::work_item {
    explicit numbered(int its_number = 0) : number(its_number) {}
    int number;
    std::atomic<int> taken{0};
};

/// Returns the number of `item`, or -1 if it is null.
inline int number_of(hocket::detail::work_item* item) {
    return item == nullptr ? -1 : static_cast<numbered*>(item)->number;
}

} // namespace queue_test
