// SPDX-License-Identifier: MIT
// Calls that were sent to a worker process: the state of the result, which is notified of the answer. Called by submit
// and by actors.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/atomics.hpp>
#include <hocket/remote/actor/actor_call.hpp>
#include <hocket/remote/actor/actor_stub.hpp>
#include <hocket/remote/actor/actor_thunk.hpp>
#include <hocket/remote/call/remote_call.hpp>
#include <hocket/remote/node/finished_call.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/node/node_use.hpp>
#include <hocket/remote/node/resource_ledger.hpp>
#include <hocket/remote/object/handle_pins.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Returns the node if the session has not ended. **Throws** operation_cancelled after the end of the session.
node& living_node(node& of);
void cancel_call(node& of, std::uint64_t number) noexcept;

template<class T>
class sent_call final : public future_state<T>, call_completion {
  public:
    sent_call(scheduler& pool, node* its_node) noexcept : future_state<T>(type, &pool, false, 2), node_(its_node) {
        if (its_node == nullptr) return; // the serving thread handles the answer
        this->help = [](future_state_base& self, worker&) noexcept {
            node& of = *static_cast<sent_call&>(self).node_;
            node_use const lives(&of);
            return !self.complete() && of.help();
        };
    }

    /// Makes a call with `send(completion)`, which sends it and returns its number. **Throws** the exceptions of
    /// `send`; then nothing was sent.
    template<class Send>
    static future<T> make(scheduler& pool, node* its_node, hocket::stop_token const& stop, Send const& send) {
        auto* const made = make_in_slab<sent_call>(pool, its_node);
        made->scope = new_scope();
        future<T> result(made);
        made->retain(); // the completion may be notified at once
        state_reference<sent_call> const kept(made);
        if (stop.stop_possible()) made->on_stop_.emplace(stop, request{made});
        std::uint64_t number = 0;
        try {
            number = send(static_cast<call_completion&>(*made));
        } catch (...) {
            made->failed(std::current_exception());
            made->word.observe();
            throw;
        }
        made->number_.store(number, std::memory_order_relaxed);
        std_atomics::full_fence(); // sent_call.number ->
        if ((stop.stop_requested() || made->word.unwanted()) && !made->complete()) made->cancel();
        return result;
    }

    void done(std::vector<std::byte> bytes) noexcept override {
        bool const good = this->emplace_result([&bytes]() -> T { return detail::read_result<T>(bytes); });
        call_ready(this->word.set(!good));
        this->release();
    }
    void done_with_memory(std::vector<std::byte> bytes, std::shared_ptr<result_memory> memory) noexcept override {
        bool const good = this->emplace_result([&bytes]() -> T { return detail::read_result<T>(bytes); });
        if (good) {
            memory->opened();
        } else {
            std::exception_ptr error = memory->failed(this->withdraw_error());
            if (error == nullptr) return;
            this->emplace_error(std::move(error));
        }
        call_ready(this->word.set(!good));
        this->release();
    }
    void failed(std::exception_ptr error) noexcept override {
        this->emplace_error(std::move(error));
        call_ready(this->word.set(true));
        this->release();
    }

  private:
    struct request {
        sent_call* call;
        void operator()() const noexcept { call->cancel(); }
    };
    /// Called after a stop request, or when the result was given up.
    void cancel() noexcept {
        // Either this fence comes first, and `make` sees the stop. Or the fence of `make` comes first, and this thread
        // sees the number.
        std_atomics::full_fence(); // <- sent_call.number
        std::uint64_t const number = number_.load(std::memory_order_relaxed);
        if (number == 0 || node_ == nullptr) return;
        node_use const lives(node_);
        if (!this->complete()) cancel_call(*node_, number);
    }
    static void give_up_call(future_state_base& self) noexcept { static_cast<sent_call&>(self).cancel(); }
    static void help_outside(future_state_base& self) noexcept {
        node* const of = static_cast<sent_call&>(self).node_;
        if (of != nullptr) poll_while_incomplete(*of, self);
    }
    static constexpr future_type type =
        with_parts(ordered_type(type_of_state<sent_call, T>(), computing_order::any, &help_outside), &give_up_call);

    node* const node_;
    /// Writer: the thread that sends the call. Reader: a thread that stops it. The number of the call; 0 before.
    atomic<std::uint64_t> number_{0};
    std::optional<hocket::stop_callback<request>> on_stop_;
};

/// Sends a call of F with the arguments that it has kept in the form of `sent_argument`.
template<class T, class F, class... Kept>
struct send_to_node {
    static constexpr bool sends = true;

    template<class... Sent>
    future<T> operator()(Sent&&... values) && {
        archive_writer writer;
        handle_pins pins(to);
        writer.context = &pins;
        terms.named = terms.name != nullptr;
        if (terms.named) detail::write_value(writer, std::string(terms.name));
        terms.holds = !numbers.empty();
        if (terms.holds) detail::write_value(writer, numbers);
        detail::write_remote_call<F, Kept...>(writer, fn, repeats, values...);
        pins.keep(std::move(writer.memory));
        return sent_call<T>::make(*pool, to, stop, [&](call_completion& completion) {
            return living_node(*to).call(remote_thunk<F, void, Kept...>::token(), std::move(writer.bytes), terms,
                                         completion, std::move(pins));
        });
    }

    F fn;
    std::uint32_t repeats;
    node* to;
    scheduler* pool;
    call_terms terms;
    hocket::stop_token stop{};
    resource_numbers numbers{};
};

/// Makes the stub of an actor that will live in a worker process. The stub's number becomes the number of the cell.
/// **Throws** std::bad_alloc.
std::unique_ptr<actor_stub> reserve_stub(actor_cell& cell, node& to, std::size_t slot);

/// Makes a C in a worker process. Called in the turn of its cell in the driver.
template<class C, class... Kept>
struct make_in_node {
    void move_to(std::size_t slot) { stub->to->move_actor(stub->number, slot); }
    template<class... Sent>
    actor_stub* operator()(Sent&&... values) && {
        archive_writer writer;
        handle_pins pins(stub->to);
        writer.context = &pins;
        write_actor_terms(writer, stub->cell->terms());
        detail::write_remote_call<object_maker<C>, Kept...>(writer, {}, 0, values...);
        pins.keep(std::move(writer.memory));
        stub->make(remote_thunk<object_maker<C>, void, Kept...>::token(), std::move(writer.bytes), std::move(pins));
        return stub.release();
    }

    std::unique_ptr<actor_stub> stub;
};

/// Sends a call of an actor in another process.
template<class T, class C, class F, class... Kept>
struct send_to_actor {
    template<class... Sent>
    future<T> operator()(Sent&&... values) && {
        archive_writer writer;
        handle_pins pins(object->to);
        writer.context = &pins;
        detail::write_remote_call<F, Kept...>(writer, fn, 0, values...);
        pins.keep(std::move(writer.memory));
        return sent_call<T>::make(*pool, object->to, {}, [&](call_completion& completion) {
            object->call(remote_thunk<F, C, Kept...>::token(), std::move(writer.bytes), std::move(pins), &completion);
            return std::uint64_t{0};
        });
    }

    F fn;
    scheduler* pool;
    actor_stub* object = nullptr; // set in the turn
};
/// Sends a call whose result is dropped.
template<class C, class F, class... Kept>
struct tell_actor {
    template<class... Sent>
    void operator()(Sent&&... values) && {
        archive_writer writer;
        handle_pins pins(object->to);
        writer.context = &pins;
        detail::write_remote_call<F, Kept...>(writer, fn, 0, values...);
        pins.keep(std::move(writer.memory));
        object->call(remote_thunk<F, C, Kept...>::token(), std::move(writer.bytes), std::move(pins), nullptr);
    }

    F fn;
    actor_stub* object = nullptr;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/node_call.ipp>
#endif
