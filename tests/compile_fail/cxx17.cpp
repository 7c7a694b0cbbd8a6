// SPDX-License-Identifier: MIT
// A program compiled as C++17 gets a message that names the missing flag.
// std: c++17
// error: hocket needs C[+][+]20: add -std=c[+][+]20
#include <hocket/algorithm/loops/parallel_for.hpp>

int main() {}
