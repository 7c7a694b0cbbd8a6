// SPDX-License-Identifier: MIT
// A program that is compiled as C++17 is told what is missing.
// std: c++17
// error: hocket needs C[+][+]20: add -std=c[+][+]20
#include <hocket/algorithm/loops/parallel_for.hpp>

int main() {}
