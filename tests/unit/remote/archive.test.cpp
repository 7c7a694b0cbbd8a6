// SPDX-License-Identifier: MIT
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace detail = hocket::detail;

template<class T>
static std::vector<std::byte> written(T const& value) {
    detail::archive_writer writer;
    detail::write_value(writer, value);
    return std::move(writer.bytes);
}

template<class T>
static T copied(T const& value) {
    std::vector<std::byte> const bytes = written(value);
    detail::archive_reader reader(bytes);
    T copy = detail::read_value<T>(reader);
    EXPECT_TRUE(reader.bytes.empty());
    return copy;
}

template<class T>
static T read_from(std::vector<std::byte> const& bytes) {
    detail::archive_reader reader(bytes);
    return detail::read_value<T>(reader);
}

enum class colour : std::uint8_t { red, green };
enum choice : int { first, second }; // NOLINT: an enum of the older kind is what is tested

struct inner {
    int number = 0;
    std::vector<std::string> names;
    std::optional<double> maybe;
    bool operator==(inner const&) const = default;
};
struct outer {
    std::string title;
    std::map<std::string, inner> by_name;
    std::variant<int, std::string, std::vector<double>> what;
    std::unordered_map<int, colour> colours;
    std::array<short, 5> five;
    std::tuple<int, std::list<inner>> some;
    std::set<int> numbers;
    std::deque<std::pair<int, std::string>> queue;
    bool flag = false;
    bool operator==(outer const&) const = default;
};

TEST(Archive, values_of_all_kinds_come_back_equal) {
    EXPECT_EQ(copied(7), 7);
    EXPECT_EQ(copied(true), true);
    EXPECT_EQ(copied('x'), 'x');
    EXPECT_EQ(copied(2.5L), 2.5L);
    EXPECT_EQ(copied(std::byte{200}), std::byte{200});
    EXPECT_EQ(copied(colour::green), colour::green);
    EXPECT_EQ(copied(second), second);
    EXPECT_EQ(copied(std::string("text")), "text");
    EXPECT_EQ(copied(std::string()), "");
    EXPECT_EQ(copied(std::vector<bool>{true, false, true}), (std::vector<bool>{true, false, true}));
    EXPECT_EQ(copied(std::vector<std::vector<int>>{{1}, {}, {2, 3}}), (std::vector<std::vector<int>>{{1}, {}, {2, 3}}));
    EXPECT_EQ(copied(std::multimap<int, int>{{1, 2}, {1, 3}}), (std::multimap<int, int>{{1, 2}, {1, 3}}));
    EXPECT_EQ(copied(std::unordered_set<std::string>{"a", "b"}), (std::unordered_set<std::string>{"a", "b"}));
    EXPECT_EQ(copied(std::optional<std::string>()), std::nullopt);
    EXPECT_EQ(copied(std::tuple<>()), std::tuple<>());
    EXPECT_EQ(copied(std::variant<std::monostate, int>()).index(), 0U);
    EXPECT_EQ(copied(std::chrono::milliseconds(5)), std::chrono::milliseconds(5));
    EXPECT_EQ(copied(std::complex<double>(1, 2)), std::complex<double>(1, 2));
    EXPECT_EQ(*copied(std::make_unique<std::string>("owned")), "owned");
    EXPECT_EQ(copied(std::unique_ptr<int>()), nullptr);

    outer value;
    value.title = "title";
    value.by_name["x"].names = {"a", "bb", std::string(100, 'c')};
    value.by_name["y"].maybe = 2.5;
    value.what = std::vector<double>(20, 1.5);
    value.colours[3] = colour::green;
    value.five = {1, 2, 3, 4, 5};
    std::get<1>(value.some).push_back({7, {"z"}, {}});
    value.numbers = {1, 2, 3};
    value.queue = {{1, "one"}, {2, "two"}};
    value.flag = true;
    EXPECT_EQ(copied(value), value);
}

struct with_arrays {
    char name[8] = "";
    bool flags[3] = {};
    std::string texts[2];
    double grid[2][2] = {};
};

TEST(Archive, members_that_are_arrays_come_back_equal) {
    with_arrays value;
    std::strcpy(value.name, "abc");
    value.flags[1] = true;
    value.texts[1] = "text";
    value.grid[1][0] = 2.5;
    with_arrays const copy = copied(value);
    EXPECT_STREQ(copy.name, "abc");
    EXPECT_TRUE(copy.flags[1] && !copy.flags[0]);
    EXPECT_EQ(copy.texts[1], "text");
    EXPECT_EQ(copy.grid[1][0], 2.5);
}

struct empty {};
struct sixteen {
    int a, b, c, d, e, f, g, h, i, j, k, l, m, n, o;
    std::string p;
};
struct empty_base {};
struct derived : empty_base {
    int number = 0;
    std::string text;
};
struct bits {
    unsigned a : 3;
    unsigned b : 29;
};

TEST(Archive, aggregates_of_all_shapes_come_back_equal) {
    (void)copied(empty());
    EXPECT_EQ(copied(std::vector<empty>(3)).size(), 3U);
    sixteen const many = copied(sixteen{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, "16"});
    EXPECT_EQ(many.a, 1);
    EXPECT_EQ(many.o, 15);
    EXPECT_EQ(many.p, "16");
    derived const below = copied(derived{{}, 3, "text"});
    EXPECT_EQ(below.number, 3);
    EXPECT_EQ(below.text, "text");
    bits const packed = copied(bits{5, 1'000'000});
    EXPECT_EQ(packed.a, 5U);
    EXPECT_EQ(packed.b, 1'000'000U);
    struct local {
        int number;
        std::string text;
    };
    EXPECT_EQ(copied(local{4, "local"}).text, "local");
}

// Follows the conventions of the libraries that classes with private members are written for.
class hook_of_cereal {
  public:
    hook_of_cereal() = default;
    explicit hook_of_cereal(int number) : number_(number), text_(std::to_string(number)) {}
    template<class Archive>
    void serialize(Archive& archive) {
        archive(number_, text_);
        if (Archive::is_loading::value) loaded_ = true;
    }
    bool operator==(hook_of_cereal const& other) const { return number_ == other.number_ && text_ == other.text_; }
    [[nodiscard]] bool loaded() const { return loaded_; }

  private:
    int number_ = 0;
    std::string text_;
    bool loaded_ = false;
};
class hook_of_boost {
  public:
    int number = 0;
    int added_later = 0;
    hook_of_boost() {} // NOLINT: not an aggregate
    template<class Archive>
    void serialize(Archive& archive, unsigned version) {
        archive& number;
        if (version >= 2) archive& added_later;
    }
};
class hook_outside {
  public:
    hook_outside() {} // NOLINT: not an aggregate
    std::vector<int> numbers;
};
template<class Archive>
void serialize(Archive& archive, hook_outside& value) {
    archive& value.numbers;
}
class hook_outside_versioned {
  public:
    hook_outside_versioned() {} // NOLINT: not an aggregate
    std::vector<int> numbers;
};
template<class Archive>
void serialize(Archive& archive, hook_outside_versioned& value, unsigned /*version*/) {
    archive& value.numbers;
}
enum open { one = 1, two = 2 }; // NOLINT: an enum without a type is what is tested
template<class Archive>
void serialize(Archive& archive, open& value) {
    int number = value;
    archive& number;
    if constexpr (Archive::is_loading) {
        if (number != one && number != two) throw hocket::bad_message("neither one nor two");
        value = static_cast<open>(number);
    }
}

TEST(Archive, hooks_of_four_forms_are_found) {
    hook_of_cereal const copy = copied(hook_of_cereal(5));
    EXPECT_EQ(copy, hook_of_cereal(5));
    EXPECT_TRUE(copy.loaded());
    hook_of_boost versioned;
    versioned.number = 3;
    versioned.added_later = 4;
    EXPECT_EQ(copied(versioned).number, 3);
    EXPECT_EQ(copied(versioned).added_later, 4) << "the version is the newest";
    hook_outside outside;
    outside.numbers = {1, 2};
    EXPECT_EQ(copied(outside).numbers, outside.numbers);
    hook_outside_versioned both;
    both.numbers = {3};
    EXPECT_EQ(copied(both).numbers, both.numbers);
    EXPECT_EQ(copied(std::vector<hook_of_cereal>{hook_of_cereal(1), hook_of_cereal(2)})[1], hook_of_cereal(2));
    EXPECT_EQ(copied(two), two);
    EXPECT_THROW((void)read_from<open>(written(7)), hocket::bad_message);
}

struct list_node {
    int number = 0;
    std::unique_ptr<list_node> next;
};
struct tree {
    std::vector<tree> below;
};

TEST(Archive, nesting_ends_at_a_thousand_for_who_writes_and_for_who_reads) {
    auto const deep = [](unsigned levels) {
        tree value;
        for (unsigned i = 1; i < levels; ++i) {
            tree above;
            above.below.push_back(std::move(value));
            value = std::move(above);
        }
        return value;
    };
    tree copy = copied(deep(900));
    unsigned levels = 1;
    for (tree const* at = &copy; !at->below.empty(); at = at->below.data()) ++levels;
    EXPECT_EQ(levels, 900U);
    EXPECT_THROW((void)written(deep(1100)), hocket::bad_message);

    std::vector<std::byte> list; // of a million nodes
    for (int i = 0; i < 1'000'000; ++i) list.insert(list.end(), {{}, {}, {}, {}, std::byte{1}});
    EXPECT_THROW((void)read_from<list_node>(list), hocket::bad_message);
}

TEST(Archive, what_ends_early_is_a_bad_message_wherever_it_ends) {
    inner value{5, {"one", "two"}, 2.5};
    std::vector<std::byte> const bytes = written(value);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_THROW((void)read_from<inner>({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}),
                     hocket::bad_message);
}

TEST(Archive, impossible_bytes_are_bad_messages) {
    EXPECT_THROW((void)read_from<bool>({std::byte{2}}), hocket::bad_message);
    EXPECT_THROW((void)read_from<std::optional<int>>({std::byte{115}}), hocket::bad_message);
    EXPECT_THROW((void)(read_from<std::variant<int, char>>(written(2))), hocket::bad_message);
    struct flags {
        bool a = false, b = false;
    };
    EXPECT_THROW((void)read_from<flags>({std::byte{1}, std::byte{7}}), hocket::bad_message);
}

class no_bytes {
  public:
    no_bytes() {} // NOLINT: not an aggregate
    template<class Archive>
    void serialize(Archive& /*archive*/) {}
    std::array<char, 4096> room = {};
};

TEST(Archive, counts_are_bounded_by_the_bytes_that_follow) {
    for (std::uint64_t const count : {std::uint64_t{1} << 63, ~std::uint64_t{0}, std::uint64_t{1} << 32}) {
        std::vector<std::byte> const bytes = written(std::pair(count, count));
        EXPECT_THROW((void)read_from<std::string>(bytes), hocket::bad_message);
        EXPECT_THROW((void)read_from<std::vector<std::string>>(bytes), hocket::bad_message);
        EXPECT_THROW((void)read_from<std::vector<no_bytes>>(bytes), hocket::bad_message);
        EXPECT_THROW((void)read_from<std::vector<empty>>(bytes), hocket::bad_message);
        EXPECT_THROW((void)(read_from<std::map<int, no_bytes>>(bytes)), hocket::bad_message);
        EXPECT_THROW((void)read_from<std::list<std::vector<no_bytes>>>(bytes), hocket::bad_message);
    }
    EXPECT_EQ(copied(std::vector<no_bytes>(3)).size(), 3U);
}

class throws {
  public:
    throws() = default;
    explicit throws(int) { throw 1; }
    throws(throws const& /*other*/) {} // NOLINT: may throw, so a variant cannot keep what it had
    throws& operator=(throws const&) = default;
    template<class Archive>
    void serialize(Archive& /*archive*/) {}
};

TEST(Archive, a_variant_without_value_is_refused) {
    std::variant<std::string, throws> value;
    EXPECT_THROW(value.emplace<1>(1), int);
    ASSERT_TRUE(value.valueless_by_exception());
    EXPECT_THROW((void)written(value), hocket::not_remotable);
}

namespace {
struct in_anonymous_namespace {
    enum class kind { one, two };
    struct nested {
        kind which = kind::one;
        std::string text;
    };
    nested member;
    empty nothing;
};
template<class T>
struct of_template {
    T value;
    std::vector<T> more;
};
} // namespace

TEST(Archive, classes_of_all_places_travel) {
    using nested = in_anonymous_namespace::nested;
    in_anonymous_namespace const copy = copied(in_anonymous_namespace{{in_anonymous_namespace::kind::two, "text"}, {}});
    EXPECT_EQ(copy.member.which, in_anonymous_namespace::kind::two);
    EXPECT_EQ(copy.member.text, "text");
    of_template<nested> both;
    both.more.resize(1);
    both.more[0].text = "more";
    EXPECT_EQ(copied(both).more[0].text, "more");
    struct local_base {};
    struct local : local_base {
        std::map<std::string, nested> named;
    };
    local value;
    value.named["a"].text = "text";
    EXPECT_EQ(copied(value).named["a"].text, "text");
}

class hook_that_throws {
  public:
    hook_that_throws() = default;
    explicit hook_that_throws(bool writing) : writing_(writing) {}
    template<class Archive>
    void serialize(Archive& archive) {
        archive& writing_;
        if (writing_ == !Archive::is_loading::value) throw std::range_error("of the hook");
    }

  private:
    bool writing_ = false;
};

TEST(Archive, what_a_hook_throws_comes_out_and_leaves_the_archive_usable) {
    using list = std::vector<std::optional<hook_that_throws>>;
    detail::archive_writer writer;
    EXPECT_THROW(detail::write_value(writer, list{hook_that_throws(true)}), std::range_error);
    EXPECT_EQ(writer.depth, 0U);
    writer.bytes.clear();
    detail::write_value(writer, list{hook_that_throws(false)});
    detail::archive_reader reader(writer.bytes);
    EXPECT_THROW((void)detail::read_value<list>(reader), std::range_error);
    EXPECT_EQ(reader.depth, 0U);
}

TEST(Archive, values_that_are_there_are_replaced) {
    std::tuple<std::string, std::vector<int>> value("before", {1, 2, 3});
    std::vector<std::byte> const bytes = written(std::tuple<std::string, std::vector<int>>("after", {4}));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        detail::archive_reader reader(std::span<std::byte const>(bytes).first(size));
        EXPECT_THROW(detail::read_into(reader, value), hocket::bad_message);
        EXPECT_EQ(std::get<0>(value), "before") << "whole, or not at all";
    }
    detail::archive_reader reader(bytes);
    detail::read_into(reader, value);
    EXPECT_EQ(value, (std::tuple<std::string, std::vector<int>>("after", {4})));
}
