// SPDX-License-Identifier: MIT
// Calls through a node of worker processes, for tests: they do the work of `submit`, without pools and refs.
#pragma once

#include <hocket/remote/actor/actor_thunk.hpp>
#include <hocket/remote/node/node.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/thunk.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace remote_test {

/// A call that was sent.
template<class R>
class sent_call final : hocket::detail::call_completion {
  public:
    template<class F, class... Args>
    sent_call(hocket::detail::node& to, hocket::detail::call_terms const& terms, F f, Args... args) {
        hocket::detail::archive_writer writer;
        hocket::detail::write_call(writer, f, args...);
        number_ = to.call(hocket::detail::thunk_token<F, void, Args...>(), std::move(writer.bytes), terms, *this);
    }
    struct to_actor {};
    /// Calls a method of an actor.
    template<class C, class F, class... Args>
    sent_call(to_actor, C*, hocket::detail::node& to, std::uint64_t actor, F f, Args... args) {
        hocket::detail::archive_writer writer;
        hocket::detail::write_call(writer, f, args...);
        to.call_actor(actor, hocket::detail::thunk_token<F, C, Args...>(), std::move(writer.bytes), {}, this);
    }
    struct makes_actor {};
    /// Makes an actor; `number()` is its number.
    template<class C, class... Args>
    sent_call(makes_actor, C*, hocket::detail::node& to, std::size_t slot, Args... args) {
        hocket::detail::archive_writer writer;
        hocket::detail::write_actor_terms(writer, {});
        (hocket::detail::write_value(writer, args), ...);
        number_ = to.make_actor(hocket::detail::actor_thunk_token<C, Args...>(), std::move(writer.bytes),
                                {.slot = slot}, *this);
    }
    sent_call(sent_call const&) = delete;
    sent_call& operator=(sent_call const&) = delete;
    ~sent_call() {
        if (future_.valid()) future_.wait();
    }

    R get() {
        std::vector<std::byte> const bytes = future_.get();
        hocket::detail::archive_reader reader(bytes);
        if constexpr (!std::is_void_v<R>) return hocket::detail::read_value<R>(reader);
    }
    std::uint64_t number() const { return number_; }

  private:
    void done(std::vector<std::byte> result) noexcept override {
        auto const kept = promise_; // the end of the wait may destroy this object
        kept->set_value(std::move(result));
    }
    void failed(std::exception_ptr error) noexcept override {
        auto const kept = promise_;
        kept->set_exception(std::move(error));
    }

    std::shared_ptr<std::promise<std::vector<std::byte>>> const promise_ =
        std::make_shared<std::promise<std::vector<std::byte>>>();
    std::future<std::vector<std::byte>> future_ = promise_->get_future();
    std::uint64_t number_ = 0;
};

template<class F, class... Args>
auto send_call_with(hocket::detail::node& to, hocket::detail::call_terms const& terms, F f, Args... args) {
    return std::make_unique<sent_call<std::invoke_result_t<F, Args...>>>(to, terms, f, std::move(args)...);
}
template<class F, class... Args>
auto send_call(hocket::detail::node& to, F f, Args... args) {
    return remote_test::send_call_with(to, {}, f, std::move(args)...);
}

/// Makes a C in the worker process of a seat.
template<class C, class... Args>
auto send_actor(hocket::detail::node& to, std::size_t slot, Args... args) {
    using sent = sent_call<void>;
    return std::make_unique<sent>(typename sent::makes_actor(), static_cast<C*>(nullptr), to, slot, std::move(args)...);
}
template<class C, class F, class... Args>
auto send_method(hocket::detail::node& to, std::uint64_t actor, F f, Args... args) {
    using sent = sent_call<std::invoke_result_t<F, C&, Args...>>;
    return std::make_unique<sent>(typename sent::to_actor(), static_cast<C*>(nullptr), to, actor, f,
                                  std::move(args)...);
}

} // namespace remote_test
