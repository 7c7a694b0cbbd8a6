// SPDX-License-Identifier: MIT
// Parses texts, some of which are no numbers, with each way to treat errors: the first one, all, a result or error for
// each.
// usage: parse_numbers [text...]
#include <hocket/future.hpp>
#include <hocket/map.hpp>
#include <hocket/options.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

double number_in(std::string const& text) {
    std::size_t read = 0;
    double const number = std::stod(text, &read);
    if (read != text.size()) throw std::invalid_argument("something follows the number in '" + text + "'");
    return number;
}

std::atomic<int> unheard{0};

int main(int argc, char** argv) {
    std::vector<std::string> texts(argv + 1, argv + argc);
    if (texts.empty()) texts = {"1.5", "-2e3", "12 apples", "0x10", "1,5", "42"};

    try { // the first exception stops calls that have not begun
        static_cast<void>(hocket::parallel_map(texts, number_in));
    } catch (std::exception const& error) {
        std::printf("first:   %s\n", error.what());
    }

    try { // everything runs, and all failures are listed
        static_cast<void>(hocket::parallel_map(texts, number_in, {.errors = hocket::error_policy::collect}));
    } catch (hocket::parallel_error const& error) {
        std::printf("collect: %zu of %ju texts are no numbers\n", error.failures().size(),
                    static_cast<std::uintmax_t>(error.total()));
    }

    double sum = 0; // each result is a value or its error
    std::vector<hocket::outcome<double>> const results = hocket::parallel_map(texts, hocket::keep_errors(number_in));
    for (hocket::outcome<double> const& result : results) sum += result ? *result : 0;
    std::printf("keep:    the sum of the others is %g\n", sum);

    // An error that is never retrieved is printed, or goes to a handler.
    hocket::unobserved_error_handler const before =
        hocket::set_unobserved_error_handler([](std::exception_ptr const&) noexcept { ++unheard; });
    for (std::string const& text : texts) hocket::spawn([text] { number_in(text); });
    hocket::default_pool().wait_idle();
    hocket::set_unobserved_error_handler(before);
    std::printf("dropped: %d errors of tasks without futures\n", unheard.load());
    return results.size() == texts.size() ? 0 : 1;
}
