// SPDX-License-Identifier: MIT
// The bodies of the functions that actors_elsewhere.hpp declares.
#pragma once

#include <hocket/base/error.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actor_stub.hpp>
#include <hocket/remote/actor/actors_elsewhere.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_INLINE actor_cell& actors_elsewhere::take_handle(std::uint64_t number, actor_terms const& terms,
                                                        bool announces) {
    auto stub = std::make_unique<actor_stub>();
    actor_cell& cell = actor_cell::make(pool_, terms, nullptr, true);
    stub->cell = &cell;
    cell.set_number(number);
    try {
        if (announces) driver_.send_frame({.kind = frame_kind::actor_new, .subject = number}, {});
        stub->number = number;
    } catch (...) {
        cell.start();
        cell.release();
        throw;
    }
    cell.set_object(stub.release(), [](void* object) noexcept { delete static_cast<actor_stub*>(object); });
    cell.start();
    return cell;
}

HOCKET_INLINE void actors_elsewhere::call(std::uint64_t number, std::uint64_t token, std::vector<std::byte> body,
                                          handle_pins pins, call_completion* completion) {
    send({.kind = frame_kind::actor_call,
          .flags = completion == nullptr ? frame_flag::no_reply : std::uint16_t{0},
          .token = token,
          .subject = number,
          .mode = fp_mode::now().control},
         std::move(body), std::move(pins), completion);
}

HOCKET_COLD HOCKET_INLINE void actors_elsewhere::find(std::string const& name, char const* type,
                                                      call_completion& completion) {
    archive_writer body;
    write_value(body, name);
    write_value(body, std::string(type));
    send({.kind = frame_kind::actor_find}, std::move(body.bytes), handle_pins(), &completion);
}

HOCKET_INLINE void actors_elsewhere::send(frame_head head, std::vector<std::byte> body, handle_pins pins,
                                          call_completion* completion) {
    {
        os_lock const lock(mutex_);
        if (over_) throw operation_cancelled();
        head.call = ++last_;
        sent_.emplace(head.call, sent{completion, std::move(pins)});
    }
    try {
        driver_.send_frame(head, std::move(body));
    } catch (...) {
        os_lock const lock(mutex_);
        if (sent_.erase(head.call) != 0) throw; // otherwise the call has failed already
    }
}

HOCKET_INLINE void actors_elsewhere::drop(std::uint64_t number) noexcept {
    driver_.send_frame({.kind = frame_kind::actor_drop, .subject = number}, {});
}

HOCKET_INLINE void actors_elsewhere::kill(std::uint64_t number) noexcept {
    driver_.send_frame({.kind = frame_kind::cancel, .subject = number}, {});
}

/// The memory of a result of an actor in another process.
struct memory_elsewhere final : result_memory {
    explicit memory_elsewhere(std::uint64_t its_call) noexcept : call(its_call) {}

    void opened() noexcept override {
        if (actors_elsewhere* const all = the_actors_elsewhere.load(std::memory_order_relaxed)) all->has_opened(call);
    }
    std::exception_ptr failed(std::exception_ptr error) noexcept override {
        opened();
        return error;
    }

    std::uint64_t const call;
};

HOCKET_INLINE void actors_elsewhere::has_opened(std::uint64_t call) noexcept {
    driver_.send_frame({.kind = frame_kind::opened, .call = call}, {});
}

HOCKET_INLINE void actors_elsewhere::answered(frame_head const& head, std::vector<std::byte> body) noexcept {
    std::vector<finished_call> ended;
    handle_pins pins;
    {
        os_lock const lock(mutex_);
        auto const found = sent_.find(head.call);
        if (found == sent_.end()) return;
        if (found->second.completion != nullptr)
            ended.push_back({found->second.completion, std::move(body), head.kind == frame_kind::error});
        if (!ended.empty() && (head.flags & frame_flag::shares) != 0)
            ended.back().memory = std::make_shared<memory_elsewhere>(head.call);
        pins = std::move(found->second.pins);
        sent_.erase(found);
    }
    complete_in_pool(ended, nullptr);
}

HOCKET_INLINE void actors_elsewhere::end() noexcept {
    std::unordered_map<std::uint64_t, sent> all;
    {
        os_lock const lock(mutex_);
        over_ = true;
        all.swap(sent_);
    }
    for (auto& [number, one] : all)
        if (one.completion != nullptr) one.completion->failed(std::make_exception_ptr(operation_cancelled()));
}

HOCKET_INLINE actor_cell* read_handle(archive_reader& from) {
    std::uint64_t number = 0, concurrency = 0, interleave = 0, most = 0;
    from(number, concurrency, interleave, most);
    if (number == 0) return nullptr;
    if (concurrency == 0 || concurrency > 0xffff'ffff || interleave > 1 || most > 0xffff'ffff)
        throw_bad_message("hocket: a handle of an actor with invalid options");
    actors_elsewhere* const all = the_actors_elsewhere.load(std::memory_order_relaxed);
    if (all == nullptr) throw_bad_message("hocket: a message to the driver holds a handle of an actor");
    return &all->take_handle(number, {.max_pending = static_cast<std::uint32_t>(most),
                                      .concurrency = static_cast<std::uint32_t>(concurrency),
                                      .interleave = interleave != 0});
}

} // namespace
