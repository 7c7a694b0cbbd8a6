// SPDX-License-Identifier: MIT
// expected: allocates
#include <memory>
extern "C" std::unique_ptr<int> fast_path() { return std::make_unique<int>(1); }
