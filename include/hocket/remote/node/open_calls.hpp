// SPDX-License-Identifier: MIT
// The calls that a driver has made and that have not ended, and the bound on their bytes. Called by the node, under its
// mutex.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/remote/node/finished_call.hpp>
#include <hocket/remote/object/handle_pins.hpp>
#include <hocket/remote/wire/frame.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// Where and how a call is to run.
struct call_terms {
    static constexpr std::size_t anywhere = ~std::size_t{0};

    std::size_t seat = anywhere;   ///< the worker process, from 0 on
    std::uint32_t retries = 0;     ///< how often it may be repeated when its process is lost
    char const* name = nullptr;    ///< for messages; lives as long as the program
    fp_mode mode = fp_mode::now(); ///< in which it runs
    std::uint32_t cpus = 1;        ///< so many threads of the process are its
    bool holds = false;            ///< the body begins with the resources that it holds
    bool named = false;            ///< the body begins with the name
    /// Which one it is of the calls with which each process begins, from 1 on; 0: none.
    std::size_t start = 0;
    /// How long it may run until its process is ended; the greatest value: for ever.
    std::chrono::nanoseconds kill_after = std::chrono::nanoseconds::max();
};

struct open_call {
    static constexpr std::uint64_t no_place = ~std::uint64_t{0}; // head.subject of a task that takes none

    bool is_silent() const noexcept { return (head.flags & frame_flag::no_reply) != 0; }
    bool is_task() const noexcept { return head.kind == frame_kind::task; }
    bool has_place() const noexcept { return is_task() && head.subject != no_place; }
    /// Its error when the process `what` tells of has ended.
    std::exception_ptr lost_error(std::string const& what) const;

    frame_head head{};
    std::vector<std::byte> body;
    call_terms terms;
    call_completion* completion = nullptr; // null: the result is dropped
    std::size_t seat = 0;                  // where it was sent
    bool sent = false;
    std::uint32_t from = 0;                        // the process that has made it; 0: this one
    bool is_overdue = false;                       // its process was ended since it took so long
    std::chrono::steady_clock::time_point began{}; // as it was seen; of one with `kill_after`
    handle_pins pins{};                            // of the handles in its body
};

class open_calls {
  public:
    /// Calls with bodies of more than `most_bytes` have to wait.
    explicit open_calls(std::size_t most_bytes) noexcept : most_bytes_(most_bytes) {}

    /// Returns when the bytes of the calls are within the bound, or `over` is true. In a task, which must not wait for
    /// others of its pool: at once. **Throws** queue_full in a task, beyond four times the bound.
    void wait_for_room(std::unique_lock<std::mutex>& held, std::size_t bytes, bool const& over);

    /// Returns when the calls without a completion have ended, or `over` is true.
    void wait_for_silent(std::unique_lock<std::mutex>& held, bool const& over);

    /// Numbers the call. **Throws** std::bad_alloc.
    open_call& add(open_call made);
    open_call* find(std::uint64_t number) noexcept {
        auto const found = calls_.find(number);
        return found == calls_.end() ? nullptr : found->second.get();
    }
    /// The call has ended: its completion is to hear of `with`.
    void end(std::uint64_t number, finished_call with, std::vector<finished_call>& ended);
    void fail_all(std::exception_ptr const& why, std::vector<finished_call>& ended);
    void erase(std::uint64_t number) noexcept;

    std::size_t size() const noexcept { return calls_.size(); }
    auto begin() const noexcept { return calls_.begin(); }
    auto end() const noexcept { return calls_.end(); }

  private:
    std::unordered_map<std::uint64_t, std::unique_ptr<open_call>> calls_;
    std::condition_variable less_; // there are fewer calls, or none will be sent any more
    std::uint64_t last_ = 0;
    std::size_t bytes_ = 0;
    std::size_t silent_ = 0; // calls that began without a completion
    std::size_t const most_bytes_;
};

/// A call that was entered a moment ago. Its end forgets the call, unless that was kept.
class entered_call {
  public:
    entered_call(open_calls& calls, open_call& made) noexcept : call(made), calls_(calls) {}
    entered_call(entered_call const&) = delete;
    entered_call& operator=(entered_call const&) = delete;
    ~entered_call() {
        if (!kept_) calls_.erase(call.head.call);
    }
    /// Returns the number of the call.
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
