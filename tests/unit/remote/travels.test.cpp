// SPDX-License-Identifier: MIT
#include <hocket/base/outcome.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/bind_front.hpp>
#include <hocket/remote/wire/travels.hpp>

#include <gtest/gtest.h>

#include <any>
#include <array>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstddef>
#include <exception>
#include <forward_list>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

using hocket::detail::first_refused;
using hocket::detail::is_flat;
using hocket::detail::travel_way;
using hocket::detail::travels;

struct point {
    double x, y;
};
class with_private {
  public:
    with_private() = default;
    explicit with_private(int number) : number_(number) {}
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_ = 0;
};
class as_bytes : public with_private {
    using with_private::with_private;
};
template<>
inline constexpr bool hocket::travels_as_bytes<as_bytes> = true;
class as_bytes_by_mistake {
    std::string text_;
};
template<>
inline constexpr bool hocket::travels_as_bytes<as_bytes_by_mistake> = true;
struct hooked {
    hooked() = default;
    explicit hooked(int* at) : target(at) {}
    int* target = nullptr;
    template<class Archive>
    void serialize(Archive& /*archive*/) {}
};
struct hooked_without_default {
    explicit hooked_without_default(int x) : number(x) {}
    int number;
    template<class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
};
enum class scoped { one };
enum typed : int { two }; // NOLINT: enums of the older kind are what is tested
enum untyped { three };   // NOLINT: see above
union either {
    int a;
    float b;
};
struct base {
    int number;
};
struct derived : base {
    int more;
};
struct virtual_base {
    virtual ~virtual_base() = default;
};
struct final_derived final : virtual_base {
    int number = 0;
    template<class Archive>
    void serialize(Archive& archive) {
        archive(number);
    }
};
struct seventeen {
    int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q;
};
struct with_pointer {
    int n;
    char const* text;
};
struct with_reference {
    int& n;
};
struct with_const {
    int const n = 0;
};
struct with_array_of_pointers {
    int* pointers[3];
};
struct recursive {
    int n = 0;
    std::unique_ptr<recursive> next;
    std::vector<recursive> below;
    std::map<std::string, recursive> named;
};

template<class T>
static constexpr travel_way refused = first_refused<T>();

TEST(Travels, kinds_of_values_that_travel) {
    static_assert(travels<int> && travels<bool> && travels<long double> && travels<std::byte> && travels<char32_t>);
    static_assert(travels<scoped> && travels<typed>);
    static_assert(travels<std::string> && travels<std::wstring> && travels<std::vector<bool>> &&
                  travels<std::list<int>>);
    static_assert(travels<std::map<std::string, std::set<int>>> && travels<std::unordered_map<int, std::string>>);
    static_assert(travels<std::optional<std::string>> && travels<std::variant<std::monostate, int, std::string>>);
    static_assert(travels<std::pair<int, std::string>> && travels<std::tuple<>> && travels<std::array<std::string, 3>>);
    static_assert(travels<std::unique_ptr<std::string>> && travels<std::unique_ptr<final_derived>>);
    static_assert(travels<std::chrono::nanoseconds> && travels<std::chrono::steady_clock::time_point>);
    static_assert(travels<std::complex<float>> && travels<std::exception_ptr>);
    static_assert(travels<hocket::outcome<std::string>> && travels<hocket::outcome<void>>);
    static_assert(travels<point> && travels<recursive> && travels<as_bytes> && travels<hooked>);
    static_assert(travels<int (*)(int)> && travels<int (point::*)()> && travels<double point::*>);
    static_assert(travels<int const> && travels<std::string const&>, "of an argument only the value goes");
    auto const function = [](int x) { return x; };
    static_assert(travels<decltype(function)> && travels<std::vector<std::decay_t<decltype(function)>>>);
    static_assert(travels<std::less<>> && travels<decltype(hocket::bind_front(function, std::string()))>);
}

TEST(Travels, kinds_of_values_that_do_not) {
    static_assert(refused<int*> == travel_way::pointer && refused<void*> == travel_way::pointer);
    static_assert(refused<std::nullptr_t> == travel_way::pointer && refused<std::tuple<int&>> == travel_way::pointer);
    static_assert(refused<std::string_view> == travel_way::view && refused<std::span<int>> == travel_way::view);
    static_assert(refused<std::span<int, 3>> == travel_way::view);
    static_assert(refused<std::initializer_list<int>> == travel_way::view);
    static_assert(refused<std::reference_wrapper<int>> == travel_way::wrapper);
    static_assert(refused<std::vector<int>::iterator> == travel_way::iterator);
    static_assert(refused<std::map<int, int>::const_iterator> == travel_way::iterator);
    static_assert(refused<either> == travel_way::union_type);
    static_assert(refused<untyped> == travel_way::open_enum);
    static_assert(refused<std::shared_ptr<int>> == travel_way::sharer &&
                  refused<std::weak_ptr<int>> == travel_way::sharer);
    static_assert(refused<std::unique_ptr<virtual_base>> == travel_way::owner_of_base);
    static_assert(refused<std::unique_ptr<int[]>> == travel_way::owner_of_another_kind);
    static_assert(refused<std::unique_ptr<int, void (*)(int*)>> == travel_way::owner_of_another_kind);
    static_assert(refused<std::function<void()>> == travel_way::captures);
    auto const holds = [text = std::string()] { return text.size(); };
    static_assert(refused<std::decay_t<decltype(holds)>> == travel_way::captures);
    static_assert(refused<with_private> == travel_way::private_members);
    static_assert(refused<std::any> == travel_way::private_members);
    static_assert(refused<std::bitset<9>> == travel_way::private_members);
    static_assert(refused<std::queue<int>> == travel_way::private_members);
    static_assert(refused<std::forward_list<int>> == travel_way::private_members);
    static_assert(refused<std::mutex> == travel_way::private_members);
    static_assert(refused<std::thread::id> == travel_way::private_members);
    static_assert(refused<as_bytes_by_mistake> == travel_way::bytes_of_no_copy);
    static_assert(refused<hooked_without_default> == travel_way::no_default);
    static_assert(refused<with_reference> == travel_way::no_default);
    static_assert(refused<with_const> == travel_way::const_member);
    static_assert(refused<seventeen> == travel_way::many_members);
    static_assert(refused<derived> == travel_way::base_with_members);
}

TEST(Travels, nothing_that_is_refused_is_hidden_by_what_holds_it) {
    static_assert(refused<with_pointer> == travel_way::pointer &&
                  refused<with_array_of_pointers> == travel_way::pointer);
    static_assert(refused<std::vector<with_pointer>> == travel_way::pointer);
    static_assert(refused<hocket::outcome<int*>> == travel_way::pointer);
    static_assert(refused<std::vector<int*>> == travel_way::pointer);
    static_assert(refused<std::map<std::string_view, int>> == travel_way::view);
    static_assert(refused<std::map<int, std::vector<std::string_view>>> == travel_way::view);
    static_assert(refused<std::tuple<int, std::pair<int, std::span<int>>>> == travel_way::view);
    static_assert(refused<std::array<std::shared_ptr<int>, 2>> == travel_way::sharer);
    static_assert(refused<std::optional<either>> == travel_way::union_type);
    static_assert(refused<std::variant<int, untyped>> == travel_way::open_enum);
    static_assert(refused<std::unique_ptr<with_private>> == travel_way::private_members);
    static_assert(refused<decltype(hocket::bind_front(std::less<>(), std::string_view()))> == travel_way::view);
    struct local {
        int n;
        std::vector<std::optional<std::reference_wrapper<int>>> deep;
    };
    static_assert(refused<local> == travel_way::wrapper);
}

TEST(Travels, only_what_any_bytes_are_a_value_of_is_flat) {
    static_assert(is_flat<int>() && is_flat<double>() && is_flat<scoped>() && is_flat<std::array<short, 5>>());
    static_assert(is_flat<point>() && is_flat<as_bytes>() && is_flat<std::array<point, 2>>());
    struct with_bool {
        int n;
        bool b;
    };
    enum class of_bool : bool { no, yes };
    static_assert(!is_flat<bool>() && !is_flat<with_bool>() && !is_flat<of_bool>() && !is_flat<std::array<bool, 2>>());
    static_assert(!is_flat<std::string>() && !is_flat<int (*)()>() && !is_flat<recursive>() && !is_flat<hooked>());
    auto const function = [](int x) { return x; };
    static_assert(!is_flat<std::decay_t<decltype(function)>>());
}

TEST(Travels, classes_that_say_so_travel_as_bytes) {
    hocket::detail::archive_writer writer;
    hocket::detail::write_value(writer, as_bytes(7));
    EXPECT_EQ(writer.bytes.size(), sizeof(as_bytes));
    hocket::detail::archive_reader reader(writer.bytes);
    EXPECT_EQ(hocket::detail::read_value<as_bytes>(reader).number(), 7);
}
