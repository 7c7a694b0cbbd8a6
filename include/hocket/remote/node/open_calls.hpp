// SPDX-License-Identifier: MIT
// The calls that a driver has made and that have not finished, and the bound on their bytes. Called by the node, under
// its mutex.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_condition.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/node/finished_call.hpp>
#include <hocket/remote/object/handle_pins.hpp>
#include <hocket/remote/wire/frame.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Where and how a call runs.
struct call_terms {
    static constexpr std::size_t anywhere = ~std::size_t{0};

    std::size_t slot = anywhere;   ///< process slot of the worker process, from 0 on
    std::uint32_t retries = 0;     ///< how often it may be repeated when its process is lost
    char const* name = nullptr;    ///< for messages; lives as long as the program
    fp_mode mode = fp_mode::now(); ///< floating-point mode of the call
    std::uint32_t cpus = 1;        ///< number of threads of the process that it occupies
    bool holds = false;            ///< the body begins with the resources that it holds
    bool named = false;            ///< the body begins with the name
    /// Number of the call among the start calls of each process, from 1 on; 0: no start call.
    std::size_t start = 0;
    /// Time that the call may run before its process is killed; the maximum value means forever.
    std::chrono::nanoseconds kill_after = std::chrono::nanoseconds::max();
};

struct open_call {
    static constexpr std::uint64_t no_place = ~std::uint64_t{0}; // head.subject of a task without a call slot

    bool is_silent() const noexcept { return (head.flags & frame_flag::no_reply) != 0; }
    bool is_task() const noexcept { return head.kind == frame_kind::task; }
    bool has_place() const noexcept { return is_task() && head.subject != no_place; }
    /// Returns the error of the call after the end of the process that `what` describes.
    std::exception_ptr lost_error(std::string const& what) const;

    frame_head head{};
    std::vector<std::byte> body;
    call_terms terms;
    call_completion* completion = nullptr; // null: the result is dropped
    std::size_t slot = 0;                  // process slot to which it was sent
    bool sent = false;
    std::uint32_t from = 0;                        // process that has made the call; 0: the driver
    bool is_overdue = false;                       // its process was killed because the call took too long
    std::chrono::steady_clock::time_point began{}; // when it was seen to begin; only with `kill_after`
    handle_pins pins{};                            // pins of the handles in its body
    /// Set while a thread reads its result, whose memory its process keeps. The thread has the completion.
    std::shared_ptr<result_memory> reads{};
    bool is_stopped = false; // while it is read
};

class open_calls {
  public:
    /// Makes calls wait while their bodies together exceed `most_bytes`.
    explicit open_calls(std::size_t most_bytes) noexcept : most_bytes_(most_bytes) {}

    /// Returns when the bytes of the calls are within the bound, or `over` is true. Returns at once in a task, which
    /// must not wait for other tasks of its pool. **Throws** queue_full in a task, beyond four times the bound.
    void wait_for_room(std::unique_lock<os_mutex>& held, std::size_t bytes, bool const& over);

    /// Returns when all calls without a completion have finished, or `over` is true.
    void wait_for_silent(std::unique_lock<os_mutex>& held, bool const& over);

    /// Numbers the call. **Throws** std::bad_alloc.
    open_call& add(open_call made);
    open_call* find(std::uint64_t number) noexcept {
        auto const found = calls_.find(number);
        return found == calls_.end() ? nullptr : found->second.get();
    }
    /// Removes a finished call, and adds its completion with `with` to `ended`.
    void end(std::uint64_t number, finished_call with, std::vector<finished_call>& ended);
    /// Removes a finished call, whose completion was notified.
    std::unique_ptr<open_call> take(std::uint64_t number) noexcept;
    /// Makes all calls fail, except those whose results are read.
    void fail_all(std::exception_ptr const& why, std::vector<finished_call>& ended);
    void erase(std::uint64_t number) noexcept;

    std::size_t size() const noexcept { return calls_.size(); }
    auto begin() const noexcept { return calls_.begin(); }
    auto end() const noexcept { return calls_.end(); }

  private:
    std::unordered_map<std::uint64_t, std::unique_ptr<open_call>> calls_;
    os_condition less_; // notified when there are fewer calls, or none will be sent any more
    std::uint64_t last_ = 0;
    std::size_t bytes_ = 0;
    std::size_t silent_ = 0; // number of calls that began without a completion
    std::size_t const most_bytes_;
};

/// A call that was just added. Its destructor removes the call unless `keep` was called.
class entered_call {
  public:
    entered_call(open_calls& calls, open_call& made) noexcept : call(made), calls_(calls) {}
    entered_call(entered_call const&) = delete;
    entered_call& operator=(entered_call const&) = delete;
    ~entered_call() {
        if (!kept_) calls_.erase(call.head.call);
    }
    /// Keeps the call. Returns its number.
    std::uint64_t keep() noexcept {
        kept_ = true;
        return call.head.call;
    }

    open_call& call;

  private:
    open_calls& calls_;
    bool kept_ = false;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/node/open_calls.ipp>
#endif
