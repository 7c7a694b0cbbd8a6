// SPDX-License-Identifier: MIT
// Starts two functions in processes of their own and waits for both: only changes in shared memory are seen by all.
// usage: remote_start_and_join
#include <hocket/remote.hpp>

#include <atomic>
#include <cstdio>

int numbers_done = 0; // each process has its own

long sum_of_squares(long n, hocket::shared_memory<long> total) {
    long sum = 0;
    for (long x = 1; x <= n; ++x) {
        sum += x * x;
        ++numbers_done;
    }
    std::atomic_ref(*total) += sum;
    return numbers_done;
}

int main(int argc, char** argv) {
    hocket::session session(argc, argv);
    hocket::shared_memory<long> total(0);
    hocket::process small(sum_of_squares, 10, total);
    hocket::process large(sum_of_squares, 100'000, total);
    small.join();
    large.join();
    std::printf("exit codes %d and %d\n", small.exit_code().value(), large.exit_code().value());
    std::printf("numbers done: %ld and %ld there, %d here\n", small.get(), large.get(), numbers_done);
    std::printf("all squares together: %ld\n", *total);
}
