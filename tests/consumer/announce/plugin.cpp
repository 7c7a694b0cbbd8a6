// SPDX-License-Identifier: MIT
// A library that the program loads behind its session; it knows nothing of hocket.
extern "C" int cube(int x) { return x * x * x; }
