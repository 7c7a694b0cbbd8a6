// SPDX-License-Identifier: MIT
// A library that the program loads after its session has begun; it knows nothing of hocket.
extern "C" int cube(int x) { return x * x * x; }
