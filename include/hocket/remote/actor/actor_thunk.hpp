// SPDX-License-Identifier: MIT
// Makes the object of an actor in a worker process: a thunk for each class and list of arguments. Called by actors of
// pools with worker processes, and by the service of a worker process.
#pragma once

#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Reads Args and makes a C of them: `call_frame::object`.
template<class C, class... Args>
struct [[gnu::visibility("hidden")]] actor_thunk {
    static void run(call_frame & frame) {
        std::tuple<Args...> arguments = detail::read_value<std::tuple<Args...>>(frame.arguments);
        if (!frame.arguments.bytes.empty()) throw_bad_message("hocket: a message is longer than its call");
        frame.decoded = true;
        frame.object = std::apply(
            [](Args&... args) {
                if constexpr (std::is_constructible_v<C, Args...>)
                    return new C(std::move(args)...);
                else
                    return new C{std::move(args)...};
            },
            arguments);
        frame.destroy = [](void* object) noexcept { delete static_cast<C*>(object); };
    }

    static inline known_thunk known{&run};
};

/// Returns the name of the thunk that makes a C of `Args`.
template<class C, class... Args>
std::uint64_t actor_thunk_token() {
    return token_of_code(reinterpret_cast<std::uintptr_t>(actor_thunk<C, Args...>::known.run));
}

/// Appends the terms of an actor, which its first message begins with and which are read before its thunk.
inline void write_actor_terms(archive_writer& writer, actor_terms const& terms) {
    writer.append_count(terms.concurrency);
    writer.append_count(terms.interleave ? 1 : 0);
    writer.append_count(terms.restarts);
}
/// Stores the number of restarts in a body that `write_actor_terms` has begun.
inline void count_restart(std::vector<std::byte>& body, std::uint64_t restarts) noexcept {
    std::memcpy(body.data() + 2 * sizeof restarts, &restarts, sizeof restarts);
}
/// Reads the terms of an actor. **Throws** bad_message.
inline actor_terms read_actor_terms(archive_reader& reader) {
    std::uint64_t words[3];
    reader.take(words, sizeof words);
    if (words[0] == 0 || words[0] > 0xffff'ffff || words[1] > 1 || words[2] > 0xffff'ffff)
        throw_bad_message("hocket: an actor with invalid options");
    return {.concurrency = static_cast<std::uint32_t>(words[0]), // pending calls are counted by the callers
            .interleave = words[1] != 0,
            .restarts = static_cast<std::uint32_t>(words[2])};
}

} // namespace hocket::detail
