// SPDX-License-Identifier: MIT
// The service of a worker process: runs the calls of its driver as tasks of its default pool, and answers them. Called
// by the session.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/os_condition.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actors_elsewhere.hpp>
#include <hocket/remote/transport/outbox.hpp>
#include <hocket/sched/scheduler.hpp>
#include <hocket/sched/stop_link.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

class thread_pool;

namespace detail {

class actor_cell;
class archive_writer;

class worker_service final : channel_events, frame_sender, outside_work {
  public:
    /// Makes the service. With `waits`, the service continues after `stop` until all calls have finished.
    worker_service(service_channel& channel, thread_pool& pool, bool waits = false);
    ~worker_service();
    worker_service(worker_service const&) = delete;
    worker_service& operator=(worker_service const&) = delete;

    /// Serves until the driver sends `stop`. Ends the process if the driver has ended.
    void serve();

    /// Whether any call has thrown.
    bool has_failed() noexcept;

    /// Stops the running calls. **Blocks** until no call runs, at most for `milliseconds`. Returns whether no call
    /// runs.
    bool stop_calls(unsigned milliseconds) noexcept;

  private:
    struct call_item;
    /// A running task.
    struct call_stop;
    /// A call of an actor, in its mailbox.
    struct actor_item;
    /// A call that has arrived and was not answered.
    struct known_call {
        call_stop* running = nullptr;
        std::uint64_t place = no_place; ///< call slot of a task
        bool stays = true;              ///< it is no task, or must run in this process
        bool begun = false;
        bool stopped = false;
    };
    static constexpr std::uint64_t no_place = ~std::uint64_t{0};

    void received(process_index from, std::span<std::byte const> message) noexcept override;
    void lost(process_index who, process_end const& how) noexcept override;

    bool poll() noexcept override;

    void send_frame(frame_head const& head, std::vector<std::byte> body) override;

    void take_whole(frame_head const& head, std::vector<std::byte> body) noexcept;
    void take_frame(frame_head const& head, std::vector<std::byte> body);
    bool hold_back(frame_head const& head, std::vector<std::byte>& body);
    void take_actor_frame(frame_head const& head, std::vector<std::byte> body);
    void take_held() noexcept;
    void run_later(frame_head const& head, std::vector<std::byte> body) noexcept;
    void answer_error(frame_head const& head) noexcept;
    void stop_call(std::uint64_t number) noexcept;
    void make_actor(frame_head const& head, std::vector<std::byte> body);
    void call_actor(frame_head const& head, std::vector<std::byte> body);
    void drop_actor(std::uint64_t actor) noexcept;
    void give_back(frame_head const& asked);
    void run_task(frame_head const& head, std::vector<std::byte> const& body) noexcept;
    void answer(frame_head const& call, frame_kind kind, archive_writer&& bytes) noexcept;
    void release_memory(std::uint64_t call) noexcept;
    std::string where() const;

    thread_pool& pool_;
    actors_elsewhere elsewhere_;
    service_channel& channel_;
    std::vector<std::byte> partial_; // bytes of a message that comes in several frames
    /// The driver has sent `stop`. Writer: the thread that polls. Reader: the thread that sleeps.
    atomic<bool> over_{false};
    /// Whether frames may wait for calls that begin before them. Writers: the thread that polls sets it; the thread
    /// that has taken the frames clears it under their mutex. Reader: the thread that polls.
    atomic<bool> holding_{false};
    os_mutex frames_; // guards `held_` and `actors_` while `holding_`
    std::deque<std::pair<frame_head, std::vector<std::byte>>> held_;
    std::unordered_map<std::uint64_t, actor_cell*> actors_; // holds a handle of each; for the thread that polls
    /// Number of unfinished start calls, which precede all others. Writers: the holder of the mutex. Relaxed: a thread
    /// that reads a stale value is woken.
    atomic<std::size_t> first_{0};
    bool const waits_; // waits for its calls after `stop`
    os_mutex mutex_;   // guards all members below
    os_condition none_known_;
    outbox to_send_;
    bool failed_ = false; // a call has thrown
    std::unordered_map<std::uint64_t, known_call> known_;
    /// Memory of results that the driver has not opened yet, by call.
    std::unordered_map<std::uint64_t, std::vector<std::shared_ptr<void const>>> kept_;
};

} // namespace detail
} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/actor/worker_actors.ipp>
#include <hocket/remote/worker/worker_service.ipp>
#endif
