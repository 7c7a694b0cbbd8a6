// SPDX-License-Identifier: MIT
// A call on its way from one process to another, through a file.
#pragma once

#include <hocket/remote.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

struct sent_call {
    std::uint64_t token;
    std::vector<std::byte> body;
    int expected;
};

template<class F, class... Args>
void send_call(std::vector<sent_call>& to, int expected, F const& f, Args const&... args) {
    hocket::detail::archive_writer writer;
    hocket::detail::write_call(writer, f, args...);
    to.push_back({hocket::detail::thunk_token<F, void, Args...>(), writer.bytes, expected});
}

// Functions of the program's parts, each of which sends its calls.
extern "C" void send_from_program(std::vector<sent_call>& to);
extern "C" void send_from_archive(std::vector<sent_call>& to);
extern "C" void send_from_library(std::vector<sent_call>& to);
extern "C" void send_from_plugin(std::vector<sent_call>& to);
