// SPDX-License-Identifier: MIT
#include <hocket/base/word.hpp>
int main() {}
