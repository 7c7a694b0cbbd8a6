// SPDX-License-Identifier: MIT
// The bytes of a lambda that captures a string do not contain the string's text.
// error: pass strings, vectors and their like as arguments, or bind them by hocket::bind_front
#include <hocket/remote/wire/thunk.hpp>

#include <string>

int main() {
    hocket::detail::archive_writer call;
    std::string const text = "text";
#ifdef CONTROL
    hocket::detail::write_call(call, hocket::bind_front([](std::string const& s) { return s.size(); }, text));
#else
    hocket::detail::write_call(call, [text] { return text.size(); });
#endif
}
