// SPDX-License-Identifier: MIT
// The outgoing frames from one process to another. It cuts frames into messages, and keeps frames for which there is no
// room yet. Called by the node of the driver and by worker processes, under a mutex of the caller.
#pragma once

#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/wire/frame.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class outbox {
  public:
    /// Sends a frame after all earlier frames. The bytes of `body` must stay in place until the frame was sent or
    /// `clear` was called. **Throws** std::bad_alloc; then nothing was sent.
    void send(byte_channel& to, process_index who, frame_head const& head, std::span<std::byte const> body) {
        send(to, who, {head, body, {}, 0});
    }
    /// Sends a frame. The outbox keeps its body if there is no room for it yet.
    void send_owned(byte_channel& to, process_index who, frame_head const& head, std::vector<std::byte> body) {
        outgoing sent{head, body, {}, 0};
        sent.kept = std::move(body);
        send(to, who, std::move(sent));
    }

    /// Sends waiting frames as far as there is room. Returns whether none is left.
    bool flush(byte_channel& to, process_index who) noexcept {
        while (!waiting_.empty()) {
            if (!go_on(to, who, waiting_.front())) return false;
            waiting_.pop_front();
        }
        return true;
    }

    bool empty() const noexcept { return waiting_.empty(); }
    /// Whether a frame of this call has not been sent completely.
    bool holds(std::uint64_t call) const noexcept {
        return std::any_of(waiting_.begin(), waiting_.end(), [call](outgoing const& o) { return o.head.call == call; });
    }
    void clear() noexcept { waiting_.clear(); }

  private:
    struct outgoing {
        frame_head head;
        std::span<std::byte const> body;
        std::vector<std::byte> kept;
        std::size_t sent; // sent bytes of the body
    };

    void send(byte_channel& to, process_index who, outgoing frame) {
        waiting_.push_back(std::move(frame));
        if (waiting_.size() == 1) flush(to, who); // else earlier frames still wait for room
    }

    static bool go_on(byte_channel& to, process_index who, outgoing& frame) noexcept {
        std::size_t const most = std::min<std::size_t>(to.longest_message(), 64 * 1024) - sizeof(frame_head);
        for (;;) {
            std::size_t const left = frame.body.size() - frame.sent;
            std::span<std::byte const> const piece = frame.body.subspan(frame.sent, std::min(left, most));
            frame_head head = frame.head;
            if (piece.size() < left) head.flags = static_cast<std::uint16_t>(head.flags | frame_flag::more);
            if ((head.flags & frame_flag::checked) != 0) head.check = frame_check(head, piece);
            if (!to.try_send(who, std::as_bytes(std::span(&head, 1)), piece)) return false;
            frame.sent += piece.size();
            if (piece.size() == left) return true;
        }
    }

    std::deque<outgoing> waiting_;
};

} // namespace hocket::detail
