// SPDX-License-Identifier: MIT
// expected: join is not inlined
namespace hocket::inline v1 {
template <class F>
[[gnu::noinline]] int join(F f) {
    static int volatile calls;
    calls = calls + 1;
    return f();
}
} // namespace hocket
extern "C" int fast_path(int n) { return 1 + hocket::join([n] { return n; }); }
