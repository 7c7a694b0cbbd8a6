// SPDX-License-Identifier: MIT
// Thunks: functions that read a callable and its arguments from bytes, call it, and write the result. Each is
// registered before main, in every process of the program, and a message can call nothing else. Called where calls are
// sent, and where they arrive.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/config.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/code_token.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_cell;

/// Answers a call of an actor method that is a coroutine, once the coroutine has finished. Made by the service of a
/// worker process.
struct later_answer {
    actor_cell* cell;
    /// Answers with the result or an error. The last access to the object.
    void (*end)(later_answer& self, archive_writer&& result, std::exception_ptr error) noexcept;
};

/// The state of a call that may be answered later.
enum class call_stage : std::uint8_t {
    ended,   ///< it was no coroutine, so the caller of the thunk answers
    answers, ///< it answers by itself, and the turn of the actor goes on
    has_turn ///< the same, and the turn stays with it until it has ended
};

/// A call that has arrived.
struct call_frame {
    archive_reader& arguments; ///< the callable and its arguments
    archive_writer& result;
    void* object = nullptr; ///< the actor of a method; a thunk that makes an actor sets it, and the next member
    void (*destroy)(void*) noexcept = nullptr;
    bool decoded = false;          ///< the message was valid: later exceptions come from the program
    later_answer* later = nullptr; ///< set if the method of an actor may be answered later
    call_stage stage = call_stage::ended;
};

using thunk_function = void (*)(call_frame&);

/// The entry of one thunk in a list that only grows.
class known_thunk {
  public:
    explicit known_thunk(thunk_function run, char const* what = nullptr) noexcept;
    known_thunk(known_thunk const&) = delete;
    known_thunk& operator=(known_thunk const&) = delete;

    thunk_function const run;
    char const* const what; // name of the called type, for messages; or null
    known_thunk* next = nullptr;
};

/// Writers: initialisers of static objects, before main or when a library is loaded. Readers: threads that look up a
/// thunk. The head of the list of thunks.
inline constinit atomic<known_thunk*> newest_thunk{nullptr};

/// Returns the newest thunk of this module. A library with its own variables, such as a plugin, thereby reports the
/// thunks that it has registered.
extern "C" [[gnu::visibility("default"), gnu::used]] HOCKET_INLINE known_thunk const* hocket_newest_thunk() noexcept;

/// Returns the thunk that a message names. **Throws** `bad_message` if there is no such thunk.
thunk_function find_thunk(std::uint64_t token);

/// Returns the name of the type that the thunk of a message calls, as a program writes it. For messages.
std::string what_thunk_calls(std::uint64_t token);

/// Makes the next lookup of a thunk search all libraries again.
void forget_thunk_table() noexcept;

/// Calls `function`. A pointer to a member applies to the first argument.
template<class F, class... Args>
decltype(auto) call_remote(F& function, Args&&... args) {
    if constexpr (std::is_member_pointer_v<F>)
        return detail::call_member(function, std::forward<Args>(args)...);
    else
        return function(std::forward<Args>(args)...);
}

/// The thunk that calls an F. `Object` is the actor that has F as a method, or void. Hidden, so that each module of a
/// program registers its own thunks.
template<class F, class Object, class... Args>
struct [[gnu::visibility("hidden")]] thunk {
    static void run(call_frame & frame) {
        F function = detail::read_value<F>(frame.arguments);
        std::tuple<Args...> arguments = detail::read_value<std::tuple<Args...>>(frame.arguments);
        if (!frame.arguments.bytes.empty()) throw_bad_message("hocket: a message is longer than its call");
        frame.decoded = true;
        auto const call = [&](Args&... args) -> decltype(auto) {
            if constexpr (std::is_void_v<Object>)
                return detail::call_remote(function, std::move(args)...);
            else
                return detail::call_remote(function, *static_cast<Object*>(frame.object), std::move(args)...);
        };
        if constexpr (std::is_void_v<decltype(std::apply(call, arguments))>)
            std::apply(call, arguments);
        else
            detail::write_value(frame.result, std::apply(call, arguments));
    }

    static inline known_thunk known{&run};
};

/// Returns the name of the thunk that calls an F with `Args`, on an `Object` unless that is void.
template<class F, class Object, class... Args>
std::uint64_t thunk_token() {
    return token_of_code(
        reinterpret_cast<std::uintptr_t>(thunk<std::decay_t<F>, Object, std::decay_t<Args>...>::known.run));
}

/// Appends a call in the format that its thunk reads. **Throws** the exceptions of `write_value`.
template<class F, class... Args>
void write_call(archive_writer& writer, F const& function, Args const&... args) {
    detail::write_value(writer, function);
    (detail::write_value(writer, args), ...);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/thunk.ipp>
#endif
