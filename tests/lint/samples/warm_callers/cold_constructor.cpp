// SPDX-License-Identifier: MIT
// expected: taken for cold code
struct pool {
    [[gnu::cold]] pool();
};

extern "C" void warm(int* numbers, int count) {
    pool const all;
    for (int i = 0; i < count; ++i) numbers[i] *= 3;
}
