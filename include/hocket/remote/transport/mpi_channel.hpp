// SPDX-License-Identifier: MIT
// The engine `mpi`: the ranks of a world carry frames for each other. Called by the node and the session in programs
// with the component `mpi`: hocket::mpi of CMake, or HOCKET_WITH_MPI and mpicxx.
//
// The calls of MPI never overlap: calling is a role that one thread has at a time, as MPI_THREAD_SERIALIZED demands.
// Any thread packs frames; the thread that has the role, or finds it free, sends the packets. MPI cannot sleep, so the
// sleeping thread waits in poll(), with a datagram_bell: remote/README.md says why.
#pragma once

#include <hocket/base/config.hpp>

#ifdef HOCKET_WITH_MPI

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/transport/mpi_world.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <poll.h>
#include <sched.h>
#include <time.h>

namespace hocket::inline HOCKET_ABI::detail {

/// The channel of a rank, for a driver or a worker process.
template<class Role>
class basic_mpi_channel : public Role {
  public:
    using clock = std::chrono::steady_clock;

    explicit basic_mpi_channel(mpi_world& world)
        : world_(world), wake_(make_event()), peers_(world.size()), alive_(world.size() - 1) {}
    basic_mpi_channel(basic_mpi_channel const&) = delete;
    basic_mpi_channel& operator=(basic_mpi_channel const&) = delete;

    process_index self() const noexcept override { return world_.rank(); }
    std::size_t longest_message() const noexcept override { return std::size_t{1} << 30; }
    /// Returns the number of other ranks that have not said goodbye. **Threads** the thread that sleeps.
    std::size_t ranks_alive() const noexcept { return alive_; }

    bool try_send(process_index to, std::span<std::byte const> head,
                  std::span<std::byte const> body) noexcept override {
        {
            os_lock const lock(mutex_);
            peer& rank = peers_[to];
            if (rank.gone || closed_) return true;
            std::size_t const bytes = sizeof(std::uint64_t) + ((head.size() + body.size() + 7) & ~std::size_t{7});
            if (rank.waiting != 0 && rank.waiting + bytes > most_waiting) {
                wants_room_ = true;
                wake_sleeper();
                return false;
            }
            pack(to, head.size() + body.size(), head, body);
            if (polling_) return true; // the thread with the role will send it
            if (rank.pack.size() < full_pack && clock::now() - rank.posted < packing_time) {
                wake_sleeper(); // the next thread that polls will send it
                return true;
            }
            polling_ = true;
        }
        give_role_back(false);
        return true;
    }

    bool poll(channel_events& events) noexcept override { return look(events) == found::messages; }

    void sleep(channel_events& events, int milliseconds = -1) noexcept override {
        using std::chrono::nanoseconds;
        auto const until = clock::now() + std::chrono::milliseconds(milliseconds);
        for (;;) {
            found const came = look(events);
            if (tell_of_ends(events) || came == found::messages) return;
            auto const now = clock::now();
            if (milliseconds >= 0 && now >= until) return;
            nanoseconds nap = world_.longest_sleep();
            {
                os_lock const lock(mutex_);
                if (std::exchange(woken_, false)) return;
                if (!polling_ && next_to_post() != packed_.end()) continue; // a message was packed meanwhile
                bool const others_poll = polls_ - polls_seen_ > 1;
                polls_seen_ = polls_;
                if (now - active_ < awake_time) // senders do not ring yet
                    nap = others_poll || now - active_ > spin_time ? nanoseconds(short_nap) : nanoseconds(0);
                else if (under_way_ != 0)
                    nap = std::min(nap, world_.back_off());
                if (came == found::another_thread) nap = std::min<nanoseconds>(nap, short_nap); // it looks again
                if (milliseconds >= 0) nap = std::min<nanoseconds>(nap, until - now);
                sleeps_ = nap.count() != 0 && !others_poll;
            }
            if (nap.count() == 0)
                ::sched_yield();
            else
                doze(nap);
        }
    }

    void wake() noexcept override {
        os_lock const lock(mutex_);
        woken_ = true;
        ring_event(wake_.get());
    }

    /// Tells a rank that this rank has finished, after all earlier messages to it.
    void say_goodbye(process_index to) noexcept {
        os_lock const lock(mutex_);
        pack(to, goodbye, {}, {});
    }
    /// Sends the packed frames, and nothing afterwards. **Blocks** at most for `limit`. Returns whether all is sent.
    bool close(std::chrono::milliseconds limit) noexcept {
        struct : channel_events {
            void received(process_index, std::span<std::byte const>) noexcept override {}
            void lost(process_index, process_end const&) noexcept override {}
        } deaf;
        for (auto const until = clock::now() + limit;; ::sched_yield()) {
            (void)poll(deaf);
            os_lock const lock(mutex_);
            bool const done = packed_.empty() && under_way_ == 0;
            if (polling_ || delivering_ || (!done && clock::now() < until)) continue;
            closed_ = polling_ = true; // no thread gets the role again
            return done;
        }
    }

  private:
    static constexpr int tag = 0;
    static constexpr std::uint64_t goodbye = ~std::uint64_t{0}; // replaces the length of a message
    static constexpr std::size_t full_pack = 8 * 1024;
    static constexpr std::size_t most_waiting = 2 * 1024 * 1024; // bytes per rank, unless it is one message
    static constexpr std::size_t most_flights = 64;              // per rank
    static constexpr std::chrono::microseconds packing_time{10};
    static constexpr std::chrono::microseconds bell_time{100};
    static constexpr std::chrono::microseconds spin_time{300}; // may share a core with working threads
    static constexpr std::chrono::microseconds short_nap{100};
    static constexpr std::chrono::milliseconds awake_time{1}; // well above bell_time

    struct peer {
        // Guarded by the mutex.
        std::vector<std::byte> pack;
        std::size_t waiting = 0; // bytes of the pack and of flights
        std::size_t flights = 0;
        clock::time_point posted{};
        bool gone = false;
        // Accessed by the thread with the role.
        clock::time_point believed_awake{}; // since that time; see bell_time
    };
    enum class found { nothing, messages, another_thread };
    struct flight {
        process_index to;
        std::vector<std::byte> bytes;
    };

    // Called under the mutex.

    void pack(process_index to, std::uint64_t length, std::span<std::byte const> head,
              std::span<std::byte const> body) noexcept {
        peer& rank = peers_[to];
        std::vector<std::byte>& into = rank.pack;
        std::size_t const before = into.size();
        if (before == 0) {
            into.reserve(512);
            packed_.push_back(to);
        }
        auto const first = std::as_bytes(std::span(&length, 1));
        into.insert(into.end(), first.begin(), first.end());
        into.insert(into.end(), head.begin(), head.end());
        into.insert(into.end(), body.begin(), body.end());
        into.resize((into.size() + 7) & ~std::size_t{7});
        rank.waiting += into.size() - before;
    }
    auto next_to_post() noexcept {
        return std::find_if(packed_.begin(), packed_.end(), [&](auto to) { return peers_[to].flights < most_flights; });
    }
    void wake_sleeper() noexcept {
        if (std::exchange(sleeps_, false)) ring_event(wake_.get());
    }
    void has_ended(process_index to, std::size_t bytes) noexcept {
        peers_[to].waiting -= bytes;
        if (std::exchange(wants_room_, false)) {
            woken_ = true;
            wake_sleeper();
        }
    }

    // Called by the thread with the role.

    /// Sends the packed frames, and releases the role. Later frames are found by the threads that pack them.
    void give_role_back(bool heard) noexcept {
        for (;;) {
            process_index to = 0;
            std::vector<std::byte> packet;
            {
                os_lock const lock(mutex_);
                auto const next = next_to_post();
                if (next == packed_.end()) {
                    polling_ = false;
                    under_way_ = flights_.size();
                    if (heard || (under_way_ != 0 && sleeps_)) active_ = clock::now();
                    if (heard || under_way_ != 0 || !ended_.empty()) wake_sleeper();
                    return;
                }
                to = *next;
                packed_.erase(next);
                packet = std::exchange(peers_[to].pack, {});
                peers_[to].posted = clock::now();
                ++peers_[to].flights;
            }
            post(to, std::move(packet));
        }
    }

    void post(process_index to, std::vector<std::byte> packet) noexcept {
        auto const before = clock::now();
        MPI_Request request = MPI_REQUEST_NULL;
        std::size_t const bytes = packet.size();
        MPI_Isend(packet.data(), static_cast<int>(bytes), MPI_BYTE, static_cast<int>(to), tag, world_.communicator(),
                  &request);
        int done = 0;
        MPI_Status status;
        MPI_Test(&request, &done, &status);
        peer& rank = peers_[to];
        // The receiver has stayed awake for awake_time since it took the previous packet.
        if (clock::now() - rank.believed_awake > bell_time) world_.ring(to);
        rank.believed_awake = before;
        if (done == 0) {
            requests_.push_back(request);
            flights_.push_back({to, std::move(packet)});
            return;
        }
        os_lock const lock(mutex_);
        --rank.flights;
        has_ended(to, bytes);
    }

    /// Removes the flights that have arrived.
    void reap() noexcept {
        if (flights_.empty()) return;
        int count = 0;
        arrived_.resize(flights_.size());
        statuses_.resize(flights_.size());
        MPI_Testsome(static_cast<int>(flights_.size()), requests_.data(), &count, arrived_.data(), statuses_.data());
        std::sort(arrived_.begin(), arrived_.begin() + count, [](int a, int b) { return a > b; });
        for (int i = 0; i < count; ++i) {
            auto const at = static_cast<std::size_t>(arrived_[static_cast<std::size_t>(i)]);
            flight gone = std::exchange(flights_[at], std::move(flights_.back()));
            requests_[at] = requests_.back();
            flights_.pop_back();
            requests_.pop_back();
            os_lock const lock(mutex_);
            --peers_[gone.to].flights;
            has_ended(gone.to, gone.bytes.size());
        }
        auto const now = clock::now();
        for (flight const& each : flights_) { // large messages need the receiver
            peer& rank = peers_[each.to];
            if (now - rank.believed_awake < awake_time) continue;
            world_.ring(each.to);
            rank.believed_awake = now;
        }
    }

    /// Receives a packet, if one has come.
    bool take_packet() noexcept {
        int there = 0;
        MPI_Message message;
        MPI_Status status;
        MPI_Improbe(MPI_ANY_SOURCE, tag, world_.communicator(), &there, &message, &status);
        if (there == 0) return false;
        int count = 0;
        MPI_Get_count(&status, MPI_BYTE, &count);
        in_from_ = static_cast<process_index>(status.MPI_SOURCE);
        in_.resize(static_cast<std::size_t>(count));
        MPI_Mrecv(in_.data(), count, MPI_BYTE, &message, &status);
        return true;
    }

    // Called by the thread that delivers.

    /// Receives and delivers messages. The role is free while `events` handles a message. A task that the message wakes
    /// may preempt this thread and send.
    found look(channel_events& events) noexcept {
        {
            os_lock const lock(mutex_);
            if (delivering_) return found::another_thread;
            delivering_ = true;
            ++polls_;
        }
        found came = found::nothing;
        for (;;) {
            {
                os_lock const lock(mutex_);
                if (polling_ && came == found::nothing) came = found::another_thread;
                if (polling_) break;
                polling_ = true;
            }
            reap();
            bool const heard = take_packet();
            give_role_back(heard);
            if (!heard) break;
            came = found::messages;
            deliver(events);
        }
        if (in_.capacity() > 1024 * 1024) in_ = {};
        os_lock const lock(mutex_);
        delivering_ = false;
        return came;
    }

    void deliver(channel_events& events) noexcept {
        std::span<std::byte const> left(in_);
        while (!left.empty()) {
            std::uint64_t length = 0;
            if (left.size() < sizeof length) world_.abort("received bytes that are not a message");
            std::memcpy(&length, left.data(), sizeof length);
            left = left.subspan(sizeof length);
            if (length == goodbye) {
                os_lock const lock(mutex_);
                if (!std::exchange(peers_[in_from_].gone, true)) ended_.push_back(in_from_);
                wake_sleeper();
                continue;
            }
            if (length > left.size()) world_.abort("received bytes that are not a message");
            events.received(in_from_, left.first(length));
            left = left.subspan(std::min<std::size_t>(left.size(), (length + 7) & ~std::uint64_t{7}));
        }
    }

    // Called by the thread that sleeps.

    bool tell_of_ends(channel_events& events) noexcept {
        std::vector<process_index> ended;
        {
            os_lock const lock(mutex_);
            ended.swap(ended_);
        }
        for (process_index const who : ended) {
            --alive_;
            process_end how;
            how.known = true;
            events.lost(who, how);
        }
        return !ended.empty();
    }

    void doze(std::chrono::nanoseconds nap) noexcept {
        timespec const limit{nap.count() / 1'000'000'000, nap.count() % 1'000'000'000};
        pollfd watched[2] = {{wake_.get(), POLLIN, 0}, {world_.bell_fd(), POLLIN, 0}};
        bool rung = false;
        if (::ppoll(watched, 2, &limit, nullptr) > 0) {
            if (watched[0].revents != 0) drain_event(wake_.get());
            rung = watched[1].revents != 0 && world_.take_rings();
        }
        os_lock const lock(mutex_);
        sleeps_ = false;
        if (rung) active_ = clock::now();
    }

    mpi_world& world_;
    owned_fd wake_;

    // Accessed by the thread that delivers.
    std::vector<std::byte> in_; // a packet
    process_index in_from_ = 0;

    // Accessed by the thread with the role.
    std::vector<flight> flights_;
    std::vector<MPI_Request> requests_; // one for each flight
    std::vector<MPI_Status> statuses_;
    std::vector<int> arrived_;

    os_mutex mutex_; // guards all members below
    std::vector<peer> peers_;
    std::vector<process_index> packed_; // ranks with a pack
    std::vector<process_index> ended_;  // ranks that have said goodbye, not yet reported to the owner
    clock::time_point active_ = clock::now();
    std::size_t under_way_ = 0; // number of flights
    std::uint64_t polls_ = 0;
    std::uint64_t polls_seen_ = 0;
    bool delivering_ = false; // a thread delivers messages
    bool polling_ = false;    // a thread has the role
    bool sleeps_ = false;     // a thread waits in poll() for long
    bool woken_ = false;      // `wake` was called, or there is room
    bool wants_room_ = false;
    bool closed_ = false;

    std::size_t alive_; // accessed by the thread that sleeps
};

using mpi_channel = basic_mpi_channel<service_channel>;

} // namespace hocket::detail

#endif
