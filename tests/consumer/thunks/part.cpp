// SPDX-License-Identifier: MIT
// Calls of all kinds; compiled once for each part of the program, with SEND as the name of its function and PART as its
// number.
#include "sent_call.hpp"

#include <string>
#include <vector>

namespace {
int add_part(int x) { return x + PART; }
struct multiply {
    int by;
    int operator()(int x) const { return x * by + PART; }
};
struct inner {
    enum class kind { one, two };
    kind which;
    std::string text;
};
int length(inner const& value) {
    return static_cast<int>(value.text.size()) + (value.which == inner::kind::two ? PART : 0);
}
} // namespace

template<int number>
static int from_template(std::vector<int> const& numbers) {
    return static_cast<int>(numbers.size()) + number;
}

extern "C" [[gnu::visibility("default")]] void SEND(std::vector<sent_call>& to) {
    send_call(to, 3 + PART, &add_part, 3);
    send_call(to, 12 + PART, multiply{4}, 3);
    send_call(to, 4 + PART, &length, inner{inner::kind::two, "four"});
    send_call(to, 2 + PART, &from_template<PART>, std::vector<int>{1, 2});
    int captured = static_cast<int>(to.size());
    send_call(
        to, captured + 5 + PART, [captured](int x) { return captured + x + PART; }, 5);
    send_call(to, 3 + PART,
              hocket::bind_front([](std::string const& text, int x) { return static_cast<int>(text.size()) + x; },
                                 std::string("abc")),
              PART);
}
