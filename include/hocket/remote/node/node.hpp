// SPDX-License-Identifier: MIT
// What the driver knows of its worker processes and of the calls that it has sent there: which call goes where, what
// happens to it when a process is lost, and who hears of its result. Called by pools that have worker processes.
#pragma once

#include <hocket/os/os_thread.hpp>
#include <hocket/remote/actor/actor_homes.hpp>
#include <hocket/remote/actor/actor_names.hpp>
#include <hocket/remote/node/call_place.hpp>
#include <hocket/remote/node/call_placing.hpp>
#include <hocket/remote/node/open_calls.hpp>
#include <hocket/remote/node/start_call.hpp>
#include <hocket/remote/transport/processes.hpp>
#include <hocket/remote/worker/worker_seat.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// What `node::states` says of a worker process.
struct worker_state {
    process_index index; ///< 0: none is there now
    long pid;
    std::size_t threads; ///< 0: it does not serve yet
    std::size_t calls;   ///< that were sent and not answered
};

/// What has happened so far.
struct node_counts {
    std::size_t open = 0;       ///< calls that were sent or wait, and were not answered
    std::uint64_t repeated = 0; ///< calls that were sent again when their process was lost
    std::uint64_t lost = 0;     ///< processes that have ended before the node does
};

/// **Threads** any.
class node {
  public:
    /// Starts the worker processes; they serve when they have begun. **Throws** std::runtime_error, std::bad_alloc.
    node(program_start const& how, worker_plan const& plan);
    /// Worker processes of another engine. **Throws** as the channel does.
    node(std::unique_ptr<driver_channel> channel, worker_plan const& plan);
    node(node const&) = delete;
    node& operator=(node const&) = delete;
    /// Waits for calls of actors without a completion; others that have not ended fail with operation_cancelled.
    /// **Blocks** until all worker processes have ended, which takes some seconds at most.
    ~node();

    /// How many worker processes there are; one that is lost is replaced.
    std::size_t size() const noexcept { return seats_.size(); }
    std::vector<worker_state> states();
    node_counts counts();
    /// As text: what each process runs, and which process has made the calls.
    std::string report();
    /// How many threads each process has. **Blocks** until all serve, or there are none any more.
    std::vector<std::uint64_t> wait_for_workers();

    /// Calls the thunk `token` in a worker process. Returns the number of the call. `completion` lives until it has
    /// heard. **Blocks** while the bytes of calls that wait exceed a bound, outside of tasks. **Throws**
    /// std::bad_alloc, queue_full.
    std::uint64_t call(std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                       call_completion& completion, handle_pins pins = handle_pins());

    /// From now on each process that joins runs this call before any other. Returns its number, which the caller writes
    /// into the terms of the calls to processes that have joined before. **Throws** std::bad_alloc.
    std::size_t add_start_call(start_call call);

    /// The seat for a call that is to run on a process or is spread. **Throws** std::invalid_argument.
    std::size_t seat_of_place(call_place const& where);
    /// The names of the actors of its pool, for processes that ask; null at the end of the pool.
    void set_names(actor_names* names) noexcept;
    /// Whether a process can be ended and replaced: for `call_terms::kill_after`.
    bool replaces() const noexcept { return channel_.replaces(); }

    /// Stops a call: it fails with operation_cancelled. Nothing happens where it has ended.
    void cancel(std::uint64_t call) noexcept;

    /// Makes an actor in a worker process by the thunk `token`. Returns its number. `completion` hears of its
    /// constructor. It is made anew as often as `max_restarts` says when its process is lost; `watch`, if there is one,
    /// hears of that and of its end.
    std::uint64_t make_actor(std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                             call_completion& completion);
    /// In two steps: gives an actor a seat and a number; the first call of it makes it.
    std::uint64_t reserve_actor(call_terms const& terms, std::uint32_t max_restarts, actor_watch* watch,
                                std::uint32_t concurrency = 1);
    /// The seat of one that has not been made is another one.
    void move_actor(std::uint64_t actor, std::size_t to) noexcept;
    /// Calls the thunk `token` on an actor, behind what this thread has sent it before. Without a completion the result
    /// is dropped.
    void call_actor(std::uint64_t actor, std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                    call_completion* completion, handle_pins pins = handle_pins());
    /// Ends an actor behind its calls.
    void drop_actor(std::uint64_t actor) noexcept;

    /// For a thread that waits for results: takes in what has come, and completes it. Returns whether something had
    /// come.
    bool help() noexcept;
    /// Goes on until something has come or the patience is over, if no other thread does.
    bool help(poll_patience& patience) noexcept;

  private:
    /// What one thread hears from the channel.
    struct listener final : channel_events {
        explicit listener(node& of) noexcept : owner(of) {}
        void received(process_index from, std::span<std::byte const> message) noexcept override;
        void lost(process_index who, process_end const& how) noexcept override;

        node& owner;
        std::vector<finished_call> ended;
    };
    friend struct listener;

    using lock = std::unique_lock<std::mutex>;

    // Under the mutex.
    open_call& enter(lock& held, frame_head const& head, std::vector<std::byte> body, call_terms const& terms,
                     call_completion* completion, handle_pins pins);
    worker_seat* seat_of(process_index who) noexcept;
    void take_frame(worker_seat& seat, frame_head const& head, std::span<std::byte const> body,
                    std::vector<finished_call>& ended);
    void answered(worker_seat& seat, frame_head const& head, finished_call with, std::vector<finished_call>& ended);
    /// Returns the calls that are to be sent again when their actors were made anew.
    std::vector<std::uint64_t> settle_calls_of(std::size_t seat, process_end const& how,
                                               std::vector<finished_call>& ended);
    void send_to_home(actor_home& home, open_call& call);
    void end_unmade(std::uint64_t actor, finished_call const& with) noexcept;
    bool is_called_again(worker_seat const& from, open_call& call) noexcept;
    void restart_actors(std::size_t seat, process_index lost, std::vector<std::uint64_t> calls,
                        std::vector<finished_call>& ended);
    void give_up(std::exception_ptr const& why, std::vector<finished_call>& ended);

    void drop_actor(std::uint64_t actor, std::vector<finished_call>& ended) noexcept;
    struct handed_on;
    void take_from_user(worker_seat const& seat, frame_head const& head, std::vector<std::byte> body,
                        std::vector<finished_call>& ended);
    void find_actor(worker_seat const& seat, frame_head const& head, std::vector<std::byte> const& body) noexcept;
    void send_early(actor_home& home);
    void send_answer(process_index to, frame_kind kind, std::uint64_t call, std::vector<std::byte> bytes) noexcept;
    void release_holds(process_index of) noexcept;

    std::string report_calls(bool by_sleeper) const;
    int report_standstill();
    void limit(open_call const& call);
    int kill_overdue() noexcept;
    bool may_retire(worker_seat const& seat) const noexcept;
    std::vector<std::size_t> retire_seats(std::vector<finished_call>& ended);

    void has_started(worker_seat& seat, open_call const& call, finished_call const& with) noexcept;
    void send_start_calls(std::size_t seat, std::vector<finished_call>& ended);
    void start_in(std::size_t seat, std::vector<finished_call>& ended);
    void refused(process_index who, char const* why) noexcept;
    void flush_all() noexcept;
    static void* run_comm(void* self);
    void comm() noexcept;

    std::mutex mutex_; // guards what follows, up to the channel
    std::vector<worker_seat> seats_;
    open_calls calls_;
    actor_homes actors_;
    std::multimap<std::pair<process_index, std::uint64_t>, actor_cell*> holds_; // handles in processes, by actor
    std::vector<std::uint64_t> limited_;                                        // calls with `kill_after`
    std::vector<start_call> at_start_;
    actor_names* names_ = nullptr;
    std::size_t next_spread_ = 0;
    std::size_t const most_tasks_; // of a process; worker_seat::no_limit
    unsigned early_deaths_ = 0;    // in a row, before the process has done its start calls
    std::uint64_t repeated_ = 0, lost_ = 0;
    std::uint64_t finished_ = 0;                           // calls
    std::chrono::steady_clock::time_point stands_since_{}; // when the next was seen first
    std::uint64_t stands_at_ = 0;                          // finished calls, since when nothing has ended
    bool has_reported_ = false;                            // that nothing does
    std::chrono::seconds const report_after_;              // zero: never
    std::exception_ptr given_up_;                          // why there are no processes any more
    bool over_ = false;                                    // it has been given up
    bool ending_ = false;
    std::uint16_t const flags_; // of each frame

    std::unique_ptr<driver_channel> const owned_channel_;
    driver_channel& channel_;
    call_placing placing_; // guarded by the mutex
    os_thread comm_;
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/actor/node_actors.ipp>
#include <hocket/remote/node/node.ipp>
#include <hocket/remote/node/node_handles.ipp>
#include <hocket/remote/node/node_limits.ipp>
#include <hocket/remote/node/node_report.ipp>
#include <hocket/remote/node/node_starts.ipp>
#endif
