// SPDX-License-Identifier: MIT
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/bind_front.hpp>
#include <hocket/remote/wire/capture_check.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <sys/mman.h>

template<class T>
static void write(T const& value) {
    hocket::detail::archive_writer writer;
    hocket::detail::write_value(writer, value);
}
/// Returns the message for a refused value; empty if the value passes.
template<class T>
static std::string refusal(T const& value) {
    try {
        write(value);
    } catch (hocket::not_remotable const& error) {
        return error.what();
    }
    return "";
}
template<class F>
static std::string thorough_refusal(F const& closure) {
    try {
        hocket::detail::check_captures(&closure, sizeof closure, alignof(F), true);
    } catch (hocket::not_remotable const& error) {
        return error.what();
    }
    return "";
}

static int global = 7;
static int plain(int x) { return x; }

TEST(CaptureCheck, references_to_locals_are_refused_with_their_offset_and_the_way_out) {
    int local = 1;
    long first = 2;
    std::string const alone = refusal([&local] { return local; });
    EXPECT_NE(alone.find("byte 0 of its captures"), std::string::npos) << alone;
    EXPECT_NE(alone.find("the stack"), std::string::npos) << alone;
    EXPECT_NE(alone.find("pass it as an argument"), std::string::npos) << alone;
    std::string const behind = refusal([first, &local] { return first + local; });
    EXPECT_NE(behind.find("byte 8 of its captures"), std::string::npos) << behind;
    EXPECT_NE(refusal([&] { return first + local; }), "");
}

TEST(CaptureCheck, addresses_in_the_program_and_on_the_heap_are_refused) {
    int* const to_global = &global;
    EXPECT_NE(refusal([to_global] { return *to_global; }).find("code or data"), std::string::npos);
    int (*const function)(int) = &plain;
    EXPECT_NE(refusal([function] { return function(1); }).find("code or data"), std::string::npos)
        << "by itself it travels, but nobody knows that this word is a function";
    if constexpr (!hocket::detail::sanitized) { // sanitizers have their heap elsewhere
        std::vector<int> const owned(5000, 3);  // too large for a cache that has blocks of other heaps
        int const* const on_heap = owned.data();
        EXPECT_NE(refusal([on_heap] { return *on_heap; }).find("the heap"), std::string::npos);
    }
}

TEST(CaptureCheck, each_thread_looks_at_its_own_stack) {
    std::thread([] {
        int local = 1;
        EXPECT_NE(refusal([&local] { return local; }), "");
    }).join();
}

TEST(CaptureCheck, values_pass) {
    int number = 7;
    double half = 0.5;
    double negative = -1e300;
    auto most = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t nanoseconds = 1'790'000'000'000'000'000;
    std::array<char, 16> text = {"fifteen letters"};
    std::pair<int, float> both(1, 2.5F);
    EXPECT_EQ(refusal([number, half, negative, most, nanoseconds, text, both] {
                  return number + half + negative + double(most) + double(nanoseconds) + text[0] + both.first;
              }),
              "");
    EXPECT_EQ(refusal([number] { return number; }), "");
    std::uint64_t below = 0x400000; // programs linked to a fixed address lie there, but many numbers do as well
    EXPECT_EQ(refusal([below] { return below; }), "");
}

TEST(CaptureCheck, no_wrapping_hides_a_reference) {
    int local = 1;
    auto const refers = [&local](int x) { return x + local; };
    using closure = std::decay_t<decltype(refers)>;
    EXPECT_NE(refusal(hocket::bind_front(refers, 1)), "");
    EXPECT_NE(refusal(hocket::bind_front(hocket::bind_front(refers), 1)), "");
    EXPECT_NE(refusal(hocket::bind_front([](auto const& f, int x) { return f(x); }, refers)), "");
    EXPECT_NE(refusal([refers](int x) { return refers(x); }), "");
    EXPECT_NE(refusal([pair = std::pair(1L, refers)](int x) { return pair.second(x); }), "");
    EXPECT_NE(refusal(std::tuple<int, closure>(1, refers)), "");
    EXPECT_NE(refusal(std::vector<closure>(1, refers)), "");
    EXPECT_NE(refusal(std::optional<closure>(refers)), "");
    struct holder {
        closure function;
        int number;
    };
    EXPECT_NE(refusal(holder{refers, 1}), "");
    EXPECT_NE(refusal(std::vector<holder>{{refers, 1}}), "");
    struct maybe_holder {
        std::optional<closure> function;
        int number = 0;
    };
    EXPECT_NE(refusal(maybe_holder{refers, 1}), "");
}

TEST(CaptureCheck, all_that_is_mapped_is_compared_where_the_check_is_thorough) {
    void* const mapped = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(mapped, MAP_FAILED);
    auto const holds = [mapped] { return mapped; };
    EXPECT_NE(thorough_refusal(holds).find("memory of this process"), std::string::npos);
    munmap(mapped, 4096);
    int number = 7;
    EXPECT_EQ(thorough_refusal([number] { return number; }), "");
    int local = 1;
    EXPECT_NE(thorough_refusal([&local] { return local; }), "");
    std::array<char, 8> bytes = {};
    void* const address = &local;
    static_assert(sizeof address == sizeof bytes);
    std::memcpy(bytes.data(), &address, sizeof address);
    EXPECT_EQ(thorough_refusal([bytes] { return bytes[0]; }), "") << "no room for a pointer, by its alignment";
}
