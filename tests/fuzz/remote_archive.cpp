// SPDX-License-Identifier: MIT
// Fuzzes messages of unknown origin, from bytes to frame to call: each is answered, or ends in bad_message.
// clang++ -std=c++20 -fsanitize=fuzzer,address,undefined -Iinclude -Itests tests/fuzz/remote_archive.cpp -lhwloc
#include <fuzz/fuzz_target.hpp>

#include <hocket/base/error.hpp>
#include <hocket/base/outcome.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/frame.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace detail = hocket::detail;

enum class colour : std::uint8_t { red, green };
struct inner {
    int number = 0;
    std::vector<std::string> names;
    std::optional<double> maybe;
};
struct outer {
    std::string title;
    std::map<std::string, inner> by_name;
    std::variant<int, std::string, std::vector<double>> what;
    std::unordered_map<int, colour> colours;
    std::array<short, 5> five = {};
    std::tuple<int, std::list<inner>> some;
    std::set<int> numbers;
    std::unique_ptr<inner> owned;
    std::deque<std::pair<int, std::string>> queue;
    std::vector<bool> flags;
    char text[8] = "";
};
struct tree {
    std::vector<tree> below;
    std::unique_ptr<tree> beside;
};
class hooked {
  public:
    template<class Archive>
    void serialize(Archive& archive, unsigned /*version*/) {
        archive& number_& names_;
    }
    [[nodiscard]] std::size_t size() const { return names_.size() + static_cast<std::size_t>(number_ & 1); }

  private:
    int number_ = 3;
    std::vector<std::string> names_ = {"a"};
};
struct counter {
    std::size_t calls = 0;
    std::size_t add(outer const& value, std::vector<hooked> const& more) {
        return calls += value.title.size() + more.size();
    }
};

static std::size_t count(outer const& value) { return value.title.size() + value.by_name.size(); }
static std::size_t count_all(tree const& value) {
    std::size_t all = value.beside != nullptr ? count_all(*value.beside) : 1;
    for (tree const& each : value.below) all += count_all(each);
    return all;
}

static outer some_value() {
    outer value;
    value.title = "title";
    value.by_name["x"].names = {"a", "bb", std::string(100, 'c')};
    value.by_name["y"].maybe = 2.5;
    value.what = std::vector<double>(20, 1.5);
    value.colours[3] = colour::green;
    std::get<1>(value.some).push_back({7, {"z"}, {}});
    value.numbers = {1, 2, 3};
    value.owned = std::make_unique<inner>();
    value.queue = {{1, "one"}, {2, "two"}};
    value.flags = {true, false};
    return value;
}

/// The calls that the inputs name by a small number, since tokens differ from build to build.
struct named_call {
    std::uint64_t token;
    std::vector<std::byte> body;
};
template<class Object, class F, class... Args>
static named_call call_of(F const& function, Args const&... args) {
    detail::archive_writer writer;
    detail::write_call(writer, function, args...);
    return {detail::thunk_token<F, Object, Args...>(), std::move(writer.bytes)};
}
static std::vector<named_call> const& calls() {
    static std::vector<named_call> const all = [] {
        unsigned three = 3; // not a constant: so it is captured
        std::vector<named_call> list;
        list.push_back(call_of<void>(&count, some_value()));
        list.push_back(call_of<void>(&count_all, tree()));
        list.push_back(
            call_of<void>([three](unsigned x, std::string const& text) { return text + std::to_string(x + three); }, 5U,
                          std::string("text")));
        list.push_back(call_of<void>(hocket::bind_front([](std::vector<std::string> const& words,
                                                           hooked const& value) { return words.size() + value.size(); },
                                                        std::vector<std::string>{"a", "b"}),
                                     hooked()));
        auto const add = [three](unsigned x) { return x + three; };
        struct job {
            std::decay_t<decltype(add)> function;
            std::string name;
        };
        list.push_back(call_of<void>(
            [](std::vector<hocket::outcome<std::string>> const& results, std::vector<job> const& jobs) {
                std::size_t sum = jobs.empty() ? 0 : jobs[0].function(1);
                for (auto const& result : results) sum += result.has_value() ? result.value_or("").size() : 1;
                return sum;
            },
            std::vector<hocket::outcome<std::string>>{std::string("a"), std::make_exception_ptr(std::logic_error("b"))},
            std::vector<job>{{add, "a"}}));
        list.push_back(call_of<counter>(&counter::add, some_value(), std::vector<hooked>(3)));
        list.push_back(call_of<counter>(
            [](counter& self, std::vector<std::pair<int (*)(int), std::string>> const& pairs) {
                self.calls += pairs.size();
            },
            std::vector<std::pair<int (*)(int), std::string>>{{nullptr, "none"},
                                                              {+[](int x) { return x; }, "itself"}}));
        return list;
    }();
    return all;
}

static std::vector<std::byte> some_error() {
    std::exception_ptr error;
    try {
        try {
            throw std::system_error(2, std::generic_category(), "open");
        } catch (...) {
            std::throw_with_nested(std::runtime_error("around"));
        }
    } catch (...) {
        error = std::current_exception();
    }
    detail::archive_writer writer;
    detail::write_error(writer, std::make_exception_ptr(hocket::parallel_error({{3, error}, {4, error}}, 5)),
                        "process 1");
    return std::move(writer.bytes);
}

static std::vector<std::uint8_t> message(detail::frame_kind kind, std::uint64_t token,
                                         std::span<std::byte const> body) {
    detail::frame_head head{.kind = kind, .token = token};
    std::vector<std::uint8_t> bytes(sizeof head + body.size());
    std::memcpy(bytes.data(), &head, sizeof head);
    if (!body.empty()) std::memcpy(bytes.data() + sizeof head, body.data(), body.size());
    return bytes;
}

std::vector<std::vector<std::uint8_t>> fuzz_corpus() {
    std::vector<std::vector<std::uint8_t>> all;
    for (std::uint64_t i = 0; i < calls().size(); ++i) {
        all.push_back(message(detail::frame_kind::task, i, calls()[i].body));
        all.push_back(message(detail::frame_kind::actor_call, calls()[i].token, calls()[i].body));
    }
    detail::archive_writer writer;
    detail::write_value(writer, some_value());
    all.push_back(message(detail::frame_kind::result, 0, writer.bytes));
    all.push_back(message(detail::frame_kind::error, 0, some_error()));
    return all;
}

/// Takes a message as a process does.
static void take(std::span<std::byte const> bytes) {
    detail::frame_head head;
    if (detail::read_head(bytes, head) != nullptr) return;
    detail::archive_reader reader(bytes.subspan(sizeof head));
    counter object;
    switch (head.kind) {
    case detail::frame_kind::task:
    case detail::frame_kind::actor_call: {
        std::uint64_t const token = head.token < calls().size() ? calls()[head.token].token : head.token;
        detail::archive_writer result;
        detail::call_frame frame{reader, result, &object};
        detail::find_thunk(token)(frame);
        break;
    }
    case detail::frame_kind::result: (void)detail::read_value<outer>(reader); break;
    case detail::frame_kind::error: (void)detail::read_error(reader); break;
    default: break;
    }
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    try {
        take(std::as_bytes(std::span(data, size)));
    } catch (hocket::bad_message const&) {
    } catch (std::exception const& error) {
        std::fprintf(stderr, "not a bad_message: %s\n", error.what());
        std::abort();
    }
    return 0;
}
