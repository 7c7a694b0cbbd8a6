// SPDX-License-Identifier: MIT
// The bodies of the functions that process_run.hpp declares.
#pragma once

#include <hocket/pool/blocking.hpp>
#include <hocket/remote/transport/process_run.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include <signal.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE program_start const& program_with_session() {
    if (this_program == nullptr)
        throw std::logic_error(
            "hocket: a process needs a session: make hocket::session session(argc, argv); the first statement of main");
    return *this_program;
}

HOCKET_COLD HOCKET_INLINE process_run::process_run(program_start const& how, std::uint64_t token, archive_writer&& call,
                                                   take_memory take)
    : channel_(how, {.workers = 1, .shares_cores = false, .ends_with_its_call = true}),
      call_(std::move(call)),
      take_(take) {
    slot_.index = channel_.start(0);
    pid_ = channel_.pid(slot_.index);
    to_send_.send(channel_, slot_.index, {.kind = frame_kind::task, .call = 1, .token = token}, call_.bytes);
    to_send_.send_owned(channel_, slot_.index, {.kind = frame_kind::stop}, {});
}

HOCKET_INLINE process_run::~process_run() { join(); }

HOCKET_INLINE void process_run::received(process_index, std::span<std::byte const> message) noexcept {
    frame_head head{};
    char const* wrong = read_head(message, head);
    bool const known =
        head.kind == frame_kind::hello || head.kind == frame_kind::result || head.kind == frame_kind::error;
    if (wrong == nullptr && !known) wrong = "an unexpected message";
    if (wrong != nullptr)
        return channel_.kill(slot_.index, (std::string("has sent ") + wrong + ", and was terminated").c_str());
    if (!slot_.append(head, message.subspan(sizeof head))) return;
    process_slot::body whole = slot_.take_body();
    if (head.kind == frame_kind::hello) return;
    answer_ = std::move(whole);
    answered_ = head.kind;
    if ((head.flags & frame_flag::shares) == 0) return;
    try {
        archive_writer own = take_(answer_.bytes);
        answer_.bytes = std::move(own.bytes);
        memory_ = std::move(own.memory);
    } catch (...) {
        unread_ = std::current_exception();
    }
    try {
        to_send_.send_owned(channel_, slot_.index, {.kind = frame_kind::opened, .call = head.call}, {});
    } catch (...) { // out of memory
        kill();
    }
}

HOCKET_INLINE void process_run::lost(process_index, process_end const& how) noexcept {
    end_ = how;
    call_.memory.clear();
}

HOCKET_INLINE void process_run::step(int milliseconds) noexcept {
    channel_.sleep(*this, milliseconds);
    if (!to_send_.empty()) to_send_.flush(channel_, slot_.index);
}

HOCKET_INLINE bool process_run::has_ended() noexcept {
    if (!end_) step(0);
    return end_.has_value();
}

HOCKET_INLINE void process_run::join() {
    if (has_ended()) return;
    blocking([this] {
        while (!end_) step(-1);
    });
}

HOCKET_INLINE void process_run::kill() noexcept {
    if (!end_) channel_.kill(slot_.index, "");
}

HOCKET_INLINE std::optional<int> process_run::exit_code() noexcept {
    if (!has_ended()) return std::nullopt;
    return end_->signal != 0 ? -end_->signal : end_->status;
}

HOCKET_INLINE std::vector<std::byte> process_run::result() {
    join();
    if (answered_ == frame_kind::hello) {
        std::string text = "hocket: " + end_->text(slot_.index) + " before its call had returned";
        if (!end_->said.empty()) text += "; it wrote:\n" + end_->said;
        throw worker_lost(text);
    }
    if (answer_.lost) throw std::bad_alloc();
    if (unread_ != nullptr) std::rethrow_exception(unread_);
    if (answered_ == frame_kind::result) return answer_.bytes;
    archive_reader reader(answer_.bytes);
    std::rethrow_exception(read_error(reader));
}

} // namespace
