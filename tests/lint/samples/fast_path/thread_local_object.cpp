// SPDX-License-Identifier: MIT
// expected: calls for thread-local storage
struct counter {
    counter();
    int n;
};
extern thread_local counter joins;
extern "C" int fast_path() { return joins.n; }
