// SPDX-License-Identifier: MIT
// Passes the results of two tasks to a third: it begins when both are ready, and no thread waits but the main one.
// usage: results_to_third
#include <hocket/hocket.hpp>

#include <cstdio>
#include <string>

int main() {
    hocket::future<std::string> left = hocket::submit([] { return std::string("point and "); });
    hocket::future<std::string> right = hocket::submit([] { return std::string("counterpoint"); });
    hocket::future<std::string> both = hocket::submit([](std::string a, std::string b) { return a + b; }, left, right);
    std::printf("%s\n", both.get().c_str());
}
