// SPDX-License-Identifier: MIT
// Sends the calls of all parts of the program to a file, or runs the calls in the file: two processes, with other
// addresses.
// usage: main send|run FILE PLUGIN
#include "sent_call.hpp"

#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include <dlfcn.h>

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    void* const plugin = dlopen(argv[3], RTLD_NOW | RTLD_LOCAL);
    auto const send_from_plugin_of =
        plugin != nullptr ? reinterpret_cast<decltype(&send_from_plugin)>(dlsym(plugin, "send_from_plugin")) : nullptr;
    if (send_from_plugin_of == nullptr) {
        std::printf("no plugin: %s\n", dlerror());
        return 2;
    }
    using all = std::vector<sent_call>;
    if (std::strcmp(argv[1], "send") == 0) {
        all calls;
        send_from_program(calls);
        send_from_archive(calls);
        send_from_library(calls);
        send_from_plugin_of(calls);
        hocket::detail::archive_writer writer;
        writer(calls);
        std::ofstream(argv[2], std::ios::binary)
            .write(reinterpret_cast<char const*>(writer.bytes.data()),
                   static_cast<std::streamsize>(writer.bytes.size()));
        return 0;
    }
    std::ifstream file(argv[2], std::ios::binary);
    std::string const text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    hocket::detail::archive_reader reader(std::as_bytes(std::span(text)));
    all const calls = hocket::detail::read_value<all>(reader);
    int wrong = 0;
    for (sent_call const& call : calls) {
        try {
            hocket::detail::archive_reader arguments(call.body);
            hocket::detail::archive_writer result;
            hocket::detail::call_frame frame{arguments, result};
            hocket::detail::find_thunk(call.token)(frame);
            hocket::detail::archive_reader answer(result.bytes);
            int const value = hocket::detail::read_value<int>(answer);
            if (value == call.expected) continue;
            std::printf("%d and not %d\n", value, call.expected);
        } catch (std::exception const& error) {
            std::printf("%s\n", error.what());
        }
        ++wrong;
    }
    std::printf("%zu calls, %d of them wrong\n", calls.size(), wrong);
    return wrong == 0 && calls.size() == 24 ? 0 : 1;
}
