// SPDX-License-Identifier: MIT
#include <hocket/base/outcome.hpp>
#include <hocket/remote/wire/bind_front.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace detail = hocket::detail;

/// Sends a call through bytes, as another process would get it.
template<class Result, class Object, class F, class... Args>
static Result called(Object* object, F const& function, Args const&... args) {
    detail::archive_writer call;
    detail::write_call(call, function, args...);
    std::uint64_t const token = detail::thunk_token<F, Object, Args...>();

    detail::archive_reader arguments(call.bytes);
    detail::archive_writer result;
    detail::call_frame frame{arguments, result, object};
    detail::find_thunk(token)(frame);
    EXPECT_TRUE(frame.decoded);
    detail::archive_reader answer(result.bytes);
    if constexpr (!std::is_void_v<Result>) return detail::read_value<Result>(answer);
}
template<class Result, class F, class... Args>
static Result called_free(F const& function, Args const&... args) {
    return called<Result, void>(nullptr, function, args...);
}

static int square(int x) { return x * x; }
static int calls = 0;
static void count_call() { ++calls; }

struct functor {
    int offset;
    int operator()(int x) const { return x + offset; }
};
class private_functor {
  public:
    explicit private_functor(int offset) : offset_(offset) {}
    int operator()(int x) const { return x + offset_; }

  private:
    int offset_;
};

struct shape {
    virtual ~shape() = default;
    virtual int corners() const { return 0; }
};
struct counter : shape {
    int n = 0;
    int add(int x) { return n += x; }
    int corners() const override { return 4; }
};

TEST(Thunk, callables_of_all_kinds_run_from_bytes) {
    EXPECT_EQ(called_free<int>(&square, 7), 49);
    called_free<void>(&count_call);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(called_free<int>([](int x, int y) { return x + y; }, 3, 4), 7);
    EXPECT_EQ(called_free<int>([](auto x) { return x + 1; }, 3), 4);
    int three = 3; // not a constant: so it is captured
    double half = 0.5;
    EXPECT_EQ(called_free<double>([three, half](int x) { return x + three + half; }, 1), 4.5);
    EXPECT_EQ(called_free<int>([three](int x) mutable { return x + three; }, 1), 4);
    EXPECT_EQ(called_free<int>(functor{5}, 1), 6);
    EXPECT_EQ(called_free<int>(private_functor(5), 1), 6);
    EXPECT_EQ(called_free<std::string>(
                  [](std::string const& a, std::vector<int> const& b) { return a + std::to_string(b.size()); },
                  std::string("a"), std::vector<int>{1, 2}),
              "a2");
}

TEST(Thunk, methods_run_on_their_object) {
    counter object;
    EXPECT_EQ(called<int>(&object, &counter::add, 5), 5);
    EXPECT_EQ(called<int>(&object, &counter::add, 5), 10);
    EXPECT_EQ(called<int>(&object, &shape::corners), 4) << "virtual functions are called as such";
    EXPECT_EQ(called<int>(
                  &object, [](counter& self, int x) { return self.n * x; }, 2),
              20);
    EXPECT_EQ(object.n, 10);
    EXPECT_EQ(called_free<int>(&functor::offset, functor{8}), 8) << "a pointer to a data member";
}

TEST(Thunk, bound_arguments_travel_with_their_callable) {
    auto const join = hocket::bind_front(
        [](std::vector<std::string> const& words, std::string const& between, int repeat) {
            std::string all;
            for (int i = 0; i < repeat; ++i)
                for (auto const& word : words) all += word + between;
            return all;
        },
        std::vector<std::string>{"a", "b"}, std::string(", "));
    EXPECT_EQ(called_free<std::string>(join, 2), "a, b, a, b, ");
    EXPECT_EQ(called_free<int>(hocket::bind_front(&square, 3)), 9);
    int three = 3; // not a constant: so it is captured
    EXPECT_EQ(called_free<int>(hocket::bind_front([three](int x, int y) { return x * y + three; }, 4), 5), 23);
    EXPECT_EQ(called_free<int>(hocket::bind_front(hocket::bind_front([](int x, int y) { return x - y; }, 4), 5)), -1);
}

TEST(Thunk, callables_are_values_inside_other_values) {
    int three = 3; // not a constant: so it is captured
    auto const add = [three](int x) { return x + three; };
    using function = int (*)(int);
    std::tuple<std::decay_t<decltype(add)>, function, function> const all{add, &square, nullptr};
    using pair = std::pair<int, bool>;
    auto const call_both = [](std::tuple<std::decay_t<decltype(add)>, function, function> const& callables, int x) {
        return pair(std::get<0>(callables)(x) + std::get<1>(callables)(x), std::get<2>(callables) == nullptr);
    };
    EXPECT_EQ(called_free<pair>(call_both, all, 4), pair(7 + 16, true));
    int (counter::*const method)(int) = &counter::add;
    EXPECT_EQ(called_free<int>([](int (counter::*which)(int), int x) { return (counter().*which)(x); }, method, 6), 6);
}

TEST(Thunk, aggregates_hold_callables_that_capture) {
    int three = 3; // not a constant: so it is captured
    auto const add = [three](int x) { return x + three; };
    struct job {
        std::decay_t<decltype(add)> function;
        std::string name;
        std::optional<int> number;
        std::tuple<int> others;
    };
    auto const run = [](job const& value) {
        return value.function(*value.number) + static_cast<int>(value.name.size()) + std::get<0>(value.others);
    };
    EXPECT_EQ(called_free<int>(run, job{add, "four", 5, {6}}), 8 + 4 + 6);
    EXPECT_EQ(called_free<int>([](std::vector<job> const& jobs) { return jobs[1].function(1); },
                               std::vector<job>{{add, "a", 1, {}}, {add, "b", 2, {}}}),
              4);
}

TEST(Thunk, kept_errors_come_back_with_the_values) {
    int limit = 2; // not a constant: so it is captured
    auto const keeps = hocket::keep_errors([limit](int x) {
        if (x > limit) throw std::out_of_range("too large");
        return std::to_string(x);
    });
    using result = hocket::outcome<std::string>;
    EXPECT_EQ(called_free<result>(keeps, 1).value(), "1");
    EXPECT_THROW((void)called_free<result>(keeps, 3).value(), std::out_of_range);
    auto const nothing = hocket::keep_errors([](int x) {
        if (x > 2) throw std::out_of_range("too large");
    });
    EXPECT_TRUE(called_free<hocket::outcome<void>>(nothing, 1).has_value());
    EXPECT_THROW(called_free<hocket::outcome<void>>(nothing, 3).value(), std::out_of_range);
    auto const all = called_free<std::vector<result>>(
        [](std::exception_ptr const& error) {
            return std::vector<result>{std::string("one"), error};
        },
        std::make_exception_ptr(std::range_error("two")));
    EXPECT_EQ(all[0].value(), "one");
    EXPECT_THROW((void)all[1].value(), std::range_error);
    detail::archive_writer writer;
    EXPECT_THROW(detail::write_value(writer, result(std::exception_ptr())), hocket::not_remotable) << "holds nothing";
    EXPECT_TRUE(
        called_free<bool>([](std::exception_ptr const& error) { return error == nullptr; }, std::exception_ptr()));
}

TEST(Thunk, arguments_are_moved_into_the_call) {
    EXPECT_EQ(called_free<int>([](std::unique_ptr<int> x) { return *x; }, std::make_unique<int>(5)), 5);
}

TEST(Thunk, errors_of_the_program_are_told_from_broken_messages) {
    detail::archive_writer call;
    auto const fails = [](int) { throw std::out_of_range("of the program"); };
    detail::write_call(call, fails, 1);
    detail::thunk_function const run = detail::find_thunk(detail::thunk_token<decltype(fails), void, int>());
    detail::archive_writer result;
    {
        detail::archive_reader arguments(call.bytes);
        detail::call_frame frame{arguments, result};
        EXPECT_THROW(run(frame), std::out_of_range);
        EXPECT_TRUE(frame.decoded);
    }
    call.append("", 1);
    {
        detail::archive_reader arguments(call.bytes);
        detail::call_frame frame{arguments, result};
        EXPECT_THROW(run(frame), hocket::bad_message) << "a message that is too long";
        EXPECT_FALSE(frame.decoded);
    }
    {
        detail::archive_reader arguments(std::span<std::byte const>(call.bytes).first(3));
        detail::call_frame frame{arguments, result};
        EXPECT_THROW(run(frame), hocket::bad_message);
        EXPECT_FALSE(frame.decoded);
    }
}

TEST(Thunk, only_what_was_registered_is_found) {
    auto const twice = [](int x) { return 2 * x; };
    std::uint64_t const token = detail::thunk_token<decltype(twice), void, int>();
    EXPECT_NO_THROW((void)detail::find_thunk(token));
    for (int bit = 0; bit < 64; ++bit) {
        std::uint64_t const other = token ^ (std::uint64_t{1} << bit);
        try {
            detail::thunk_function const found = detail::find_thunk(other);
            EXPECT_NE(found, detail::find_thunk(token)); // another thunk, by chance
        } catch (hocket::bad_message const&) {
        }
    }
    EXPECT_THROW((void)detail::find_thunk(0), hocket::bad_message);
    EXPECT_THROW((void)detail::find_thunk(~std::uint64_t{0}), hocket::bad_message);
    std::uint64_t const plain = detail::token_of_code(reinterpret_cast<std::uintptr_t>(&square));
    EXPECT_THROW((void)detail::find_thunk(plain), hocket::bad_message) << "code, and no thunk";
}

TEST(Thunk, a_damaged_pointer_to_a_function_or_member_is_a_bad_message) {
    auto const none_of_its_bits_may_change = [](auto const& value) {
        detail::archive_writer writer;
        detail::write_value(writer, value);
        for (std::size_t bit = 0; bit < 8 * writer.bytes.size(); ++bit) {
            std::vector<std::byte> damaged = writer.bytes;
            damaged[bit / 8] ^= std::byte(1U << bit % 8);
            detail::archive_reader reader(damaged);
            EXPECT_THROW((void)detail::read_value<std::decay_t<decltype(value)>>(reader), hocket::bad_message);
        }
    };
    none_of_its_bits_may_change(&square);
    none_of_its_bits_may_change(&counter::add);
    none_of_its_bits_may_change(&shape::corners);
    none_of_its_bits_may_change(&functor::offset);
}

TEST(Thunk, threads_send_and_run_calls_at_once) {
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([i, &right] {
            for (int j = 0; j < 100; ++j)
                if (called_free<std::string>(
                        [i](std::string const& text, int x) { return text + std::to_string(i + x); }, std::string("n"),
                        j) == "n" + std::to_string(i + j))
                    ++right;
        });
    for (std::thread& each : threads) each.join();
    EXPECT_EQ(right, 800);
}
