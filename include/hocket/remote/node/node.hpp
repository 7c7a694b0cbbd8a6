// SPDX-License-Identifier: MIT
// The driver's view of its worker processes and of the calls that it has sent to them. It decides which process gets a
// call, handles the loss of a process, and delivers results. Called by pools that have worker processes.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/os/os_thread.hpp>
#include <hocket/remote/actor/actor_homes.hpp>
#include <hocket/remote/actor/actor_names.hpp>
#include <hocket/remote/node/call_place.hpp>
#include <hocket/remote/node/call_placing.hpp>
#include <hocket/remote/node/open_calls.hpp>
#include <hocket/remote/node/start_call.hpp>
#include <hocket/remote/transport/processes.hpp>
#include <hocket/remote/worker/process_slot.hpp>

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

/// The result of `node::states` for one worker process.
struct worker_state {
    process_index index; ///< 0: no process now
    long pid;
    std::size_t threads; ///< 0: the process does not serve yet
    std::size_t calls;   ///< sent and not answered
    std::string host;    ///< empty: the process does not serve yet
};

/// Counts of events so far.
struct node_counts {
    std::size_t open = 0;       ///< calls that were sent or are queued, and not answered
    std::uint64_t repeated = 0; ///< calls that were sent again when their process was lost
    std::uint64_t lost = 0;     ///< processes that have ended before the end of the node
};

/// The driver's end of all worker processes of one pool. **Threads** any.
class node {
  public:
    /// Starts the worker processes, which serve once they have started. **Throws** std::runtime_error, std::bad_alloc.
    node(program_start const& how, worker_plan const& plan);
    /// Takes the worker processes of another engine. **Throws** as the channel does.
    node(std::unique_ptr<driver_channel> channel, worker_plan const& plan);
    node(node const&) = delete;
    node& operator=(node const&) = delete;
    /// Waits for actor calls without a completion. All other unfinished calls fail with operation_cancelled. **Blocks**
    /// until all worker processes have ended, which takes some seconds at most.
    ~node();

    /// Returns the number of worker processes. A lost process is replaced.
    std::size_t size() const noexcept { return slots_.size(); }
    std::vector<worker_state> states();
    node_counts counts();
    /// Returns a text that says what each process runs, and which process has made the calls.
    std::string report();
    /// Returns the number of threads of each process. **Blocks** until all processes serve, or none is left.
    std::vector<std::uint64_t> wait_for_workers();

    /// Calls the thunk `token` in a worker process. Returns the number of the call. `completion` must live until it is
    /// notified. **Blocks** outside of tasks while the bytes of queued calls exceed a bound. **Throws** std::bad_alloc,
    /// queue_full.
    std::uint64_t call(std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                       call_completion& completion, handle_pins pins = handle_pins());

    /// Makes each process that joins later run this call before any other. Returns the number of the call. The caller
    /// writes it into the terms of the calls to processes that have already joined. **Throws** std::bad_alloc.
    std::size_t add_start_call(start_call call);

    /// Returns the process slot for a call with an explicit location or for a spread call. **Throws**
    /// std::invalid_argument.
    std::size_t slot_of_place(call_place const& where);
    /// Sets the names of the actors of the pool, for processes that ask for an actor. Null at the end of the pool.
    void set_names(actor_names* names) noexcept;
    /// Whether a process can be killed and replaced: for `call_terms::kill_after`.
    bool replaces() const noexcept { return channel_.replaces(); }

    /// Stops a call, which fails with operation_cancelled. Does nothing if the call has finished.
    void cancel(std::uint64_t call) noexcept;

    /// Makes an actor in a worker process by the thunk `token`. Returns its number. `completion` is notified of the
    /// constructor. The actor is recreated up to `max_restarts` times when its process is lost. A non-null `watch` is
    /// notified of each restart and of the actor's death.
    std::uint64_t make_actor(std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                             call_completion& completion);
    /// Makes an actor in two steps: reserves a process slot and a number for it. The first call of the actor makes it.
    std::uint64_t reserve_actor(call_terms const& terms, std::uint32_t max_restarts, actor_watch* watch,
                                std::uint32_t concurrency = 1);
    /// Changes the process slot of an actor that was not made yet.
    void move_actor(std::uint64_t actor, std::size_t to) noexcept;
    /// Calls the thunk `token` on an actor, after all earlier calls by this thread. Drops the result if there is no
    /// completion.
    void call_actor(std::uint64_t actor, std::uint64_t token, std::vector<std::byte> body, call_terms const& terms,
                    call_completion* completion, handle_pins pins = handle_pins());
    /// Destroys an actor after its calls.
    void drop_actor(std::uint64_t actor) noexcept;

    /// Receives messages and completes calls, for a thread that waits for results. Returns whether there were any
    /// messages.
    bool help() noexcept;
    /// Polls until a message has come or the patience has run out, unless another thread polls.
    bool help(poll_patience& patience) noexcept;

  private:
    /// Receives the events of the channel, in one thread at a time.
    struct listener final : channel_events {
        explicit listener(node& of) noexcept : owner(of) {}
        void received(process_index from, std::span<std::byte const> message) noexcept override;
        void lost(process_index who, process_end const& how) noexcept override;

        node& owner;
        std::vector<finished_call> ended;
    };
    friend struct listener;

    using lock = std::unique_lock<os_mutex>;

    // Called under the mutex.
    open_call& enter(lock& held, frame_head const& head, std::vector<std::byte> body, call_terms const& terms,
                     call_completion* completion, handle_pins pins);
    process_slot* slot_of(process_index who) noexcept;
    void take_frame(process_slot& slot, frame_head const& head, std::span<std::byte const> body,
                    std::vector<finished_call>& ended);
    void answered(process_slot& slot, frame_head const& head, finished_call with, std::vector<finished_call>& ended);
    /// Returns the calls to send again once their actors were recreated.
    std::vector<std::uint64_t> settle_calls_of(std::size_t slot, process_end const& how,
                                               std::vector<finished_call>& ended);
    void send_to_home(actor_home& home, open_call& call);
    void end_unmade(std::uint64_t actor, finished_call const& with) noexcept;
    bool is_called_again(process_slot const& from, open_call& call) noexcept;
    void restart_actors(std::size_t slot, process_index lost, std::vector<std::uint64_t> calls,
                        std::vector<finished_call>& ended);
    void give_up(std::exception_ptr const& why, std::vector<finished_call>& ended);

    void drop_actor(std::uint64_t actor, std::vector<finished_call>& ended) noexcept;
    struct handed_on;
    void take_from_user(process_slot const& slot, frame_head const& head, std::vector<std::byte> body,
                        std::vector<finished_call>& ended);
    void find_actor(process_slot const& slot, frame_head const& head, std::vector<std::byte> const& body) noexcept;
    void send_early(actor_home& home);
    void send_answer(process_index to, frame_kind kind, std::uint64_t call, std::vector<std::byte> bytes,
                     std::uint16_t flags = 0) noexcept;
    void release_holds(process_index of) noexcept;

    std::string report_calls(bool by_sleeper) const;
    int report_standstill();
    void limit(open_call const& call);
    struct memory_there;
    void read_shared(process_slot& slot, open_call& call, finished_call with, std::vector<finished_call>& ended);
    void release(memory_there const& memory) noexcept;
    std::exception_ptr has_lost(memory_there const& memory, std::exception_ptr error) noexcept;
    bool is_made_again(memory_there const& memory, open_call& call, std::vector<finished_call>& ended);
    std::unique_ptr<open_call> has_opened(memory_there const& memory) noexcept;
    void forget_results() noexcept;
    void has_opened(process_index who, std::uint64_t number) noexcept;
    void release_handed_on(process_index to) noexcept;

    int kill_overdue() noexcept;
    bool may_retire(process_slot const& slot) const noexcept;
    std::vector<std::size_t> retire_slots(std::vector<finished_call>& ended);

    void has_started(process_slot& slot, open_call const& call, finished_call const& with) noexcept;
    void send_start_calls(std::size_t slot, std::vector<finished_call>& ended);
    void start_in(std::size_t slot, std::vector<finished_call>& ended);
    void refused(process_index who, char const* why) noexcept;
    void flush_all() noexcept;
    static void* run_comm(void* self);
    void comm() noexcept;

    os_mutex mutex_; // guards the members below, up to the channel
    std::vector<process_slot> slots_;
    open_calls calls_;
    actor_homes actors_;
    std::multimap<std::pair<process_index, std::uint64_t>, actor_cell*> holds_; // handles in processes, by actor
    /// A process that was lost while it kept memory of results.
    struct lost_process {
        std::size_t results; ///< not read yet
        bool is_spared;      ///< the process was killed for one of its calls: making the others again costs no retry
        std::string how;     ///< text of its end
    };
    std::map<process_index, lost_process> lost_memory_;
    /// Results with memory that another process reads, by that process and the number of its call.
    std::map<std::pair<process_index, std::uint64_t>, std::shared_ptr<result_memory>> handed_on_;
    std::vector<std::uint64_t> limited_; // calls with `kill_after`
    std::vector<start_call> at_start_;
    actor_names* names_ = nullptr;
    std::size_t next_spread_ = 0;
    std::size_t const most_tasks_; // per process; process_slot::no_limit: no limit
    unsigned early_deaths_ = 0;    // consecutive, before the process has done its start calls
    std::uint64_t repeated_ = 0, lost_ = 0;
    std::uint64_t finished_ = 0;                           // number of finished calls
    std::chrono::steady_clock::time_point stands_since_{}; // when `stands_at_` was first seen
    std::uint64_t stands_at_ = 0;                          // value of `finished_` at that time
    bool has_reported_ = false;                            // the standstill was reported
    std::chrono::seconds const report_after_;              // zero: never
    std::exception_ptr given_up_;                          // why there are no processes any more
    bool over_ = false;                                    // the node was given up
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
#include <hocket/remote/node/node_results.ipp>
#include <hocket/remote/node/node_starts.ipp>
#endif
