// SPDX-License-Identifier: MIT
// The driver's view of the worker process in one process slot: the call slots, the queued calls, and a message that has
// arrived in part. Called by the node, under its mutex.
#pragma once

#include <hocket/remote/transport/outbox.hpp>
#include <hocket/remote/wire/frame.hpp>
#include <hocket/remote/worker/worker_link.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class process_slot {
  public:
    process_index index = 0;           ///< index of its process; 0: no process
    std::size_t threads = 0;           ///< 0: the process does not serve yet
    std::array<char, 65> host{};       ///< name of its host, at most 64 bytes; empty until it serves
    std::size_t open = 0;              ///< unanswered tasks, and calls of actors as far as they can run at once
    std::size_t unanswered = 0;        ///< unanswered calls
    std::deque<std::uint64_t> waiting; ///< calls for this process slot alone
    /// Number of tasks that may still be sent to the process.
    std::size_t tasks_left = no_limit;
    bool is_ended = false;    ///< it was killed for one of its calls: the others cost no retry
    std::size_t started = 0;  ///< number of start calls that this process runs by itself
    std::size_t starting = 0; ///< unanswered start calls
    std::size_t shared = 0;   ///< results whose memory the process keeps
    outbox to_send;

    static constexpr std::size_t no_limit = ~std::size_t{0};

    bool serves() const noexcept { return threads != 0; }
    std::size_t free_places() const noexcept { return std::min(free_.size(), tasks_left); }

    /// Handles the first message of the process: the number of its threads, and the name of its host. Returns false if
    /// the message is invalid.
    bool begin(std::span<std::byte const> greeting) {
        std::uint32_t count = 0;
        if (greeting.size() < sizeof count || serves()) return false;
        std::memcpy(&count, greeting.data(), sizeof count);
        host = {};
        if (greeting.size() != sizeof count)
            std::memcpy(host.data(), greeting.data() + sizeof count,
                        std::min(greeting.size() - sizeof count, host.size() - 1));
        begin(count);
        return true;
    }
    /// Handles that the process serves with `count` threads. At first there are two call slots (`place`) for each
    /// thread, and two more.
    void begin(std::size_t count) {
        threads = count;
        places_ = least_places();
        for (std::size_t i = link_page::most_places; i-- > 0;)
            (i < places_ ? free_ : spare_).push_back(static_cast<std::uint32_t>(i));
    }
    /// Whether a call should go here rather than to `other`: there is a free call slot, and fewer calls per thread.
    bool has_more_room_than(process_slot const& other) const noexcept {
        bool const room = free_places() != 0, room_there = other.free_places() != 0;
        if (!room || !room_there) return room && !room_there;
        return open * other.threads < other.open * threads;
    }
    std::uint32_t free_place() const noexcept { return free_.back(); }
    void take_place() noexcept {
        free_.pop_back();
        if (tasks_left != no_limit) --tasks_left;
    }

    /// Returns the number of threads without a call.
    std::size_t idle_threads() const noexcept { return free_places() == 0 || open >= threads ? 0 : threads - open; }
    /// Returns the number of tasks that have not begun, since each thread runs one.
    std::size_t calls_ahead() const noexcept {
        return open <= threads ? 0 : std::min(places_ - free_.size(), open - threads);
    }

    /// Frees the call slot of an answered call, at a time in microseconds of any clock. Keeps as many call slots as
    /// calls that are answered in `work_ahead` while others are open. So short calls follow each other without a gap,
    /// and few long calls are sent ahead.
    void give_back(std::uint32_t place, double microseconds) {
        free_.push_back(place);
        if (last_answer_ >= 0) between_ += (microseconds - last_answer_ - between_) / 8;
        last_answer_ = open > 0 ? microseconds : -1; // only a busy process has a meaningful interval
        heard_ = microseconds;
        fit_places();
    }

    // Calls that the process returns: see recall_watch.hpp.

    /// Notes that a call was sent that may be recalled.
    void may_come_back() noexcept { has_recallable_ = true; }
    bool can_recall() const noexcept { return has_recallable_ && asked_ == 0 && calls_ahead() != 0; }
    /// Whether calls that were sent ahead begin late: no answer for `limit` microseconds, or all of them together take
    /// longer.
    bool is_slow(double now, double limit) const noexcept {
        return now - heard_ > limit || static_cast<double>(calls_ahead()) * between_ > limit;
    }
    /// Notes that `count` calls are recalled. The answer does not cover calls that are sent from now on.
    void recalls(std::size_t count) noexcept {
        asked_ = count;
        has_recallable_ = false;
    }
    bool is_recalling() const noexcept { return asked_ != 0; }
    /// Notes that `count` calls were returned. If they are fewer than requested, all others had begun.
    void has_returned(std::size_t count) noexcept {
        if (count >= asked_) has_recallable_ = true;
        asked_ = 0;
    }
    /// Notes that the process was asked but could not look: it may be asked again.
    void cannot_return() noexcept {
        has_recallable_ = true;
        asked_ = 0;
    }
    /// Frees the call slot of a returned call. Fewer calls are sent ahead from now on.
    void vacate(std::uint32_t place) {
        free_.push_back(place);
        if (tasks_left != no_limit) ++tasks_left;
        between_ = std::max(between_, work_ahead);
        fit_places();
    }

    /// Resets the process slot when its process is lost, and another one may come. Queued calls for the slot stay.
    void leave() {
        std::deque<std::uint64_t> kept = std::move(waiting);
        *this = process_slot();
        waiting = std::move(kept);
    }

    /// A complete body.
    struct body {
        std::vector<std::byte> bytes;
        bool lost = false; ///< it was dropped for lack of memory
    };
    /// Adds the bytes of a frame. Returns whether the body is complete; then `take_body` returns it.
    bool append(frame_head const& head, std::span<std::byte const> bytes) noexcept {
        try {
            if (!partial_.lost) partial_.bytes.insert(partial_.bytes.end(), bytes.begin(), bytes.end());
        } catch (std::bad_alloc const&) {
            partial_ = {{}, true};
        }
        return (head.flags & frame_flag::more) == 0;
    }
    body take_body() noexcept { return std::exchange(partial_, {}); }

  private:
    static constexpr double work_ahead = 200; // microseconds

    std::size_t least_places() const noexcept { return std::min(2 * threads + 2, link_page::most_places); }
    void fit_places() {
        double const wanted = work_ahead / std::max(between_, 0.1);
        std::size_t const most = link_page::most_places;
        std::size_t const target =
            wanted >= static_cast<double>(most) ? most : std::max(least_places(), static_cast<std::size_t>(wanted));
        for (; places_ < target; ++places_) move_last(spare_, free_);
        for (; places_ > target && !free_.empty(); --places_) move_last(free_, spare_);
    }
    static void move_last(std::vector<std::uint32_t>& from, std::vector<std::uint32_t>& to) {
        to.push_back(from.back());
        from.pop_back();
    }

    std::vector<std::uint32_t> free_;
    std::vector<std::uint32_t> spare_; // call slots that are not used now
    std::size_t places_ = 0;           // call slots that are free, or taken by calls
    double between_ = work_ahead;      // time between answers, in microseconds
    double last_answer_ = -1;
    double heard_ = 0;            // time of the last answer
    std::size_t asked_ = 0;       // number of recalled calls; 0: none, or already answered
    bool has_recallable_ = false; // it may have calls that have not begun
    body partial_;
};

} // namespace hocket::detail
