// SPDX-License-Identifier: MIT
// Remote calls as bytes: the writer of a call, the thunk that reads and runs it, and the reader of its result. Called
// by submit and actors of pools with worker processes, and on threads if HOCKET_CHECK_REMOTE asks for bytes.
#pragma once

#include <hocket/coroutine/coroutine.hpp>
#include <hocket/coroutine/coroutine_state.hpp>
#include <hocket/future/submit.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/call/remote_arguments.hpp>
#include <hocket/remote/node/finished_call.hpp>
#include <hocket/remote/object/ref_bytes.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/thunk.hpp>
#include <hocket/remote/wire/travels.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// How an argument that a call keeps as an A goes to another process: the type of the value there, and the argument
/// that the callable gets.
template<class A>
struct sent_argument {
    using value = A;
    using sent = A; // kept by the call while it waits
    static constexpr bool is_dependency = false;
    static std::tuple<A&&> pass(A& there) noexcept { return {std::move(there)}; }
};
template<class T, class As>
struct sent_argument<ref_argument<T, As>> {
    using value = stored_value<T>;
    using sent = ref_argument<T, std::conditional_t<std::is_void_v<T>, no_value, std::add_lvalue_reference_t<T const>>>;
    static constexpr bool is_dependency = true;
    static auto pass([[maybe_unused]] value& there) {
        if constexpr (std::is_void_v<T>)
            return std::tuple<>();
        else
            return std::tuple<As>(static_cast<As>(std::as_const(there)));
    }
};

/// The callable that makes the object of an actor.
template<class C>
struct object_maker {
    template<class... Args>
        requires(std::is_constructible_v<C, Args...> || requires { C{std::declval<Args>()...}; })
    C* operator()(Args&&... args) && {
        if constexpr (std::is_constructible_v<C, Args...>)
            return new C(std::forward<Args>(args)...);
        else
            return new C{std::forward<Args>(args)...};
    }
};

template<class F>
inline constexpr bool is_object_maker = false;
template<class C>
inline constexpr bool is_object_maker<object_maker<C>> = true;

/// Whether a call of F with the final result T can go to another process. If not, the program does not compile.
template<class F, class T, class... Kept>
constexpr bool explain_call_travels() {
    bool travels = detail::explain_travels<F>();
    ((travels = travels && detail::explain_travels<typename sent_argument<Kept>::value>()), ...);
    if constexpr (!std::is_void_v<T>) travels = travels && detail::explain_travels<T>();
    return travels;
}

template<class Value>
void write_sent(archive_writer& writer, Value const& value) {
    if constexpr (!std::is_same_v<Value, no_value>) detail::write_value<Value>(writer, value);
}
template<class Value>
Value read_sent([[maybe_unused]] archive_reader& reader) {
    if constexpr (std::is_same_v<Value, no_value>)
        return {};
    else
        return detail::read_value<Value>(reader);
}

/// Appends a callable, the number of repetitions if it throws, and its arguments.
template<class F, class... Kept>
void write_remote_call(archive_writer& writer, F const& f, std::uint32_t repeats,
                       typename sent_argument<Kept>::value const&... values) {
    detail::write_value(writer, f);
    detail::write_value(writer, repeats);
    (detail::write_sent<typename sent_argument<Kept>::value>(writer, values), ...);
}

/// A call of an actor method that is a coroutine, in a worker process, until the coroutine has finished. `Made` returns
/// the coroutine. The object keeps everything that the coroutine may refer to. If the actor interleaves, each part
/// between two suspensions takes its own turn.
template<class T, class F, class There>
struct later_call final : continuation, resume_line, actor_message {
    later_call(F&& its_function, There&& its_values, later_answer& its_answer)
        : function(std::move(its_function)), there(std::move(its_values)), answer(its_answer) {
        static constexpr continuation_kind ends = {
            [](continuation* self) noexcept { static_cast<later_call*>(self)->finish(true); },
            [](continuation const&) noexcept -> future_state_base* { return nullptr; }};
        this->kind = &ends;
        this->push = [](resume_line& self, coroutine_run& its_run) noexcept {
            auto& resumed = static_cast<later_call&>(self);
            resumed.resumes = &its_run;
            resumed.answer.cell->push(resumed);
        };
        this->actor_message::run = [](actor_message& self, actor_cell&) noexcept {
            coroutine_run* const resumed = static_cast<later_call&>(self).resumes;
            resumed->work_item::run(resumed);
            return true;
        };
    }

    /// Calls the method with `make(function, there)`, in the turn. **Throws** the exceptions of `make`; then the caller
    /// still owns the object.
    template<class Make>
    static call_stage begin(std::unique_ptr<later_call> self, Make const& make) {
        actor_cell& cell = *self->answer.cell;
        auto* const state = coroutine_state<T>::make(cell.pool(), make(self->function, self->there));
        self->inner = future<T>(state);
        cell.retain();
        later_call* const begun = self.release();
        if (cell.terms().interleave) {
            state->line = begun;
            cell.begins_to_await();
            (void)state->add(*begun);
            state->start_here();
            return call_stage::answers;
        }
        state->start();
        if (state->add(*begun)) return call_stage::has_turn;
        begun->finish(false);
        return call_stage::answers;
    }
    void finish(bool late) noexcept {
        archive_writer result;
        std::exception_ptr error;
        try {
            future_state<T>& from = *inner.state();
            if (from.failed())
                error = inner.hand_on_error();
            else if constexpr (std::is_void_v<T>)
                from.take();
            else
                detail::write_value<T>(result, from.take());
        } catch (...) {
            error = std::current_exception();
        }
        later_answer& answers = answer;
        actor_cell& cell = *answers.cell;
        bool const interleaves = cell.terms().interleave;
        bool const had_turn = late && !interleaves;
        delete this;
        if (error != nullptr) result = {};
        answers.end(answers, std::move(result), error);
        if (interleaves) cell.ends_to_await();
        if (had_turn) cell.go_on();
        cell.release();
    }

    F function;
    There there;
    future<T> inner{};
    later_answer& answer;
    coroutine_run* resumes = nullptr;
};

/// The thunk of a remote call. `Object` is the actor that has F as a method, or void.
template<class F, class Object, class... Kept>
struct [[gnu::visibility("hidden")]] remote_thunk {
    static void run(call_frame & frame) {
        F function = detail::read_value<F>(frame.arguments);
        auto repeats = detail::read_value<std::uint32_t>(frame.arguments);
        values there{detail::read_sent<typename sent_argument<Kept>::value>(frame.arguments)...};
        if (!frame.arguments.bytes.empty()) throw_bad_message("hocket: a message is longer than its call");
        frame.decoded = true;
        if constexpr (is_coroutine()) {
            if (frame.later != nullptr) {
                using later = later_call<typename promised<returned>::type, F, values>;
                frame.stage =
                    later::begin(std::make_unique<later>(std::move(function), std::move(there), *frame.later),
                                 [&](F& kept, values& kept_values) {
                                     return call_it(frame, kept, kept_values, std::index_sequence_for<Kept...>());
                                 });
                return;
            }
        }
        for (; repeats != 0; --repeats) {
            if constexpr (std::is_copy_constructible_v<F> &&
                          (std::is_copy_constructible_v<typename sent_argument<Kept>::value> && ...)) {
                try {
                    F again(function);
                    auto copies = there;
                    return call(frame, again, copies, std::index_sequence_for<Kept...>());
                } catch (...) {
                    if (this_task::stop_requested()) throw;
                    frame.result.bytes.clear();
                }
            }
        }
        call(frame, function, there, std::index_sequence_for<Kept...>());
    }
    static std::uint64_t token() { return token_of_code(reinterpret_cast<std::uintptr_t>(known.run)); }

    static inline known_thunk known{&run, typeid(F).name()};

  private:
    using values = std::tuple<typename sent_argument<Kept>::value...>;

    template<class There, std::size_t... at>
    static decltype(auto) call_it([[maybe_unused]] call_frame & frame, F & function, There & there,
                                  std::index_sequence<at...>) {
        auto all = std::tuple_cat(sent_argument<Kept>::pass(std::get<at>(there))...);
        return std::apply(
            [&](auto&&... args) -> decltype(auto) {
                if constexpr (std::is_void_v<Object>)
                    return detail::call_once(std::move(function), std::forward<decltype(args)>(args)...);
                else
                    return detail::call_once(std::move(function), *static_cast<Object*>(frame.object),
                                             std::forward<decltype(args)>(args)...);
            },
            std::move(all));
    }
    using returned = std::decay_t<decltype(call_it(std::declval<call_frame&>(), std::declval<F&>(),
                                                   std::declval<values&>(), std::index_sequence_for<Kept...>()))>;
    static constexpr bool is_coroutine() { return !std::is_void_v<Object> && promised<returned>::coroutine; }

    /// Not inlined, because g++ 12 would see the size of a small object, and warn that a pointer to a member might be
    /// virtual.
    template<class There, std::size_t... at>
    HOCKET_NOINLINE static void call(call_frame & frame, F & function, There & there, std::index_sequence<at...> all) {
        if constexpr (is_object_maker<F>) {
            frame.object = call_it(frame, function, there, all);
            frame.destroy = [](void* object) noexcept { delete static_cast<std::remove_pointer_t<returned>*>(object); };
        } else if constexpr (std::is_void_v<returned>)
            call_it(frame, function, there, all);
        else if constexpr (promised<returned>::coroutine)
            write_result(frame, hocket::submit(call_it(frame, function, there, all)));
        else if constexpr (promised<returned>::nested)
            write_result(frame, call_it(frame, function, there, all));
        else
            detail::write_value<returned>(frame.result, call_it(frame, function, there, all));
    }
    template<class Given>
    static void write_result(call_frame & frame, Given given) {
        if constexpr (std::is_void_v<decltype(given.get())>)
            given.get();
        else
            detail::write_value<std::decay_t<decltype(given.get())>>(frame.result, given.get());
    }
};

/// Reads the result that a thunk has written.
template<class T>
T read_result(std::vector<std::byte> const& bytes, void* context = nullptr) {
    archive_reader reader(bytes);
    reader.context = context;
    if constexpr (!std::is_void_v<T>) {
        T value = detail::read_value<T>(reader);
        if (!reader.bytes.empty()) throw_bad_message("hocket: a message is longer than its result");
        return value;
    } else if (!reader.bytes.empty()) {
        throw_bad_message("hocket: a message is longer than its result");
    }
}

/// Context values of an archive: the bytes stay in this process and are read once, or they are never read.
inline constexpr char stays_here = 0;
inline constexpr char is_dropped = 0;

/// Calls F through bytes on threads if HOCKET_CHECK_REMOTE asks for it, with the arguments that the call has kept in
/// the form of `sent_argument`.
template<class T, class F, class Object, class... Kept>
struct call_by_bytes {
    template<class... Sent>
    T operator()(Sent&&... values) && {
        archive_writer writer, result;
        writer.context = result.context = const_cast<char*>(&stays_here);
        detail::write_remote_call<F, Kept...>(writer, fn, repeats, values...);
        archive_reader reader(writer.bytes);
        reader.context = writer.context;
        call_frame frame{reader, result, object};
        remote_thunk<F, Object, Kept...>::run(frame);
        if constexpr (is_object_maker<F>)
            return static_cast<T>(frame.object);
        else
            return detail::read_result<T>(result.bytes, writer.context);
    }

    F fn;
    std::uint32_t repeats = 0;
    Object* object = nullptr;
};

/// Checks on the calling thread that a callable can go to another process. **Throws** not_remotable if it cannot.
template<class F>
void check_callable_travels(F const& f) {
    archive_writer probe;
    probe.context = const_cast<char*>(&is_dropped);
    detail::write_value<F>(probe, f);
}

} // namespace hocket::detail
