// SPDX-License-Identifier: MIT
// Maps of few long items: a hundred of a millisecond, 500 of 100 us, and 500 again as a stream from an infinite
// single-pass input. The unit is milliseconds, microseconds an item, and the ratio of the stream's time to the map's.
#pragma once

#include "../measure.hpp"
#include "../work.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace hocket_bench::long_map_problem {

using items = std::vector<std::uint64_t>;

/// Elements of its input that a stream may have read beyond the results that it has given out.
inline constexpr std::size_t lookahead = 64;

struct shape {
    std::size_t count;
    std::uint64_t microseconds;
};
inline constexpr shape of_1ms{100, 1000};
inline constexpr shape of_100us{500, 100};

inline auto mapped(shape const& s) {
    return [steps = s.microseconds * steps_per_microsecond](std::uint64_t x) { return chain(x, steps); };
}

inline items input(shape const& s) {
    items made(s.count);
    for (std::size_t i = 0; i < made.size(); ++i) {
        made[i] = i;
    }
    return made;
}

inline items output(shape const& s) {
    items made = input(s);
    for (auto& x : made) {
        x = mapped(s)(x);
    }
    return made;
}

/// The infinite form of the input.
class numbers {
  public:
    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = std::uint64_t;
        using difference_type = std::ptrdiff_t;

        explicit iterator(numbers& of) : of_(&of) {}
        std::uint64_t operator*() const { return of_->read_; }
        iterator& operator++() {
            ++of_->read_;
            return *this;
        }
        void operator++(int) { ++*this; }

      private:
        numbers* of_;
    };

    iterator begin() { return iterator(*this); }
    static std::unreachable_sentinel_t end() { return {}; }
    /// Returns the number of elements that were passed.
    std::size_t read() const { return read_; }

  private:
    std::size_t read_ = 0;
};

/// Returns the first results of the stream that `run(numbers, function, count)` goes through; none if the stream read
/// too far ahead.
template<class Run>
items streamed(Run const& run) {
    numbers from;
    items made = run(from, mapped(of_100us), of_100us.count);
    return from.read() <= of_100us.count + lookahead ? made : items();
}

/// `make(threads)` makes a function that takes items and a mapping function and returns a new vector.
template<class Make>
bool add_maps(library const& with, Make make) {
    auto const measure = [make](shape const& s) {
        return [make, s](sampler& rows, int threads) {
            auto run = make(threads);
            items const from = input(s);
            rows.time([&] { return run(from, mapped(s)); }, output(s));
        };
    };
    add_row({"map_1ms", 1e6, 5}, with, measure(of_1ms));
    return add_row({"map_100us", 1e3 * of_100us.count, 5}, with, measure(of_100us));
}

/// `make(threads)` makes a function that takes the infinite numbers, a mapping function and a count, and returns
/// `count` results.
template<class Make>
bool add_stream(library const& with, Make make) {
    return add_row({"imap_100us", 1e3 * of_100us.count, 5}, with, [make](sampler& rows, int threads) {
        auto run = make(threads);
        rows.time([&] { return streamed(run); }, output(of_100us));
    });
}

/// Runs stream and map in turns and reports the ratio of their times: the median of all pairs.
template<class MakeMap, class MakeStream>
bool add_quotient(library const& with, MakeMap make_map, MakeStream make_stream) {
    row const what{.name = "imap_to_map", .samples = 7, .quantile = 0.5};
    return add_row(what, with, [make_map, make_stream](sampler& rows, int threads) {
        auto map = make_map(threads);
        auto stream = make_stream(threads);
        items const from = input(of_100us);
        items const expected = output(of_100us);
        auto const time_of = [&](auto const& run) {
            auto const begin = clock::now();
            items const made = run();
            nanoseconds const took = clock::now() - begin;
            rows.check(made == expected);
            return took.count();
        };
        rows.take([&] {
            double const by_map = time_of([&] { return map(from, mapped(of_100us)); });
            return time_of([&] { return streamed(stream); }) / by_map;
        });
    });
}

} // namespace hocket_bench::long_map_problem
