// SPDX-License-Identifier: MIT
// Runs functions in processes of their own: other processes see only the changes that they make in shared memory.
// usage: process_and_join
#include <hocket/remote.hpp>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <string>

int calls = 0; // each process has its own

void print_square(int x) {
    ++calls;
    std::printf("%d squared is %d\n", x, x * x);
}

int main(int argc, char** argv) {
    hocket::session const session(argc, argv); // processes stay in here

    hocket::process p(print_square, 10); // starts
    p.join();
    std::printf("exit code %d, calls here: %d\n", *p.exit_code(), calls);

    hocket::process greeting([](std::string name) { return "hello, " + name; }, "process");
    std::printf("%s\n", greeting.get().c_str());

    hocket::shared_memory total(0);
    hocket::shared_array<int> squares(8);
    auto const fill = [](hocket::shared_array<int> to, hocket::shared_memory<int> sum, std::size_t first) {
        for (std::size_t i = first; i < first + 4; ++i) {
            to[i] = static_cast<int>(i * i);
            std::atomic_ref(*sum).fetch_add(to[i]);
        }
    };
    hocket::process low(fill, squares, total, std::size_t{0});
    hocket::process high(fill, squares, total, std::size_t{4});
    low.join();
    high.join();
    std::printf("squares up to %d, together %d\n", squares[7], *total);
}
