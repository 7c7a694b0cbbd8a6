// SPDX-License-Identifier: MIT
// A driver and its worker processes within one process, for tests: the production code of both ends. Their channel
// delays messages, refuses them where there is no room, and loses processes by a seed.
#pragma once

#include <hocket/pool.hpp>
#include <hocket/remote/transport/byte_channel.hpp>
#include <hocket/remote/wire/frame.hpp>
#include <hocket/remote/worker/worker_link.hpp>
#include <hocket/remote/worker/worker_service.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace remote_test {

/// The behaviour of the channel of a simulated cluster.
struct channel_plan {
    std::uint64_t seed = 1;
    unsigned deaths = 0;             ///< number of processes to lose
    unsigned messages_per_death = 8; ///< average number of messages between two losses
    std::size_t longest_message = 256;
    std::size_t room = 2048; ///< bytes that may be on the way from one process to another one
    /// If true, a lost process takes its last messages with it, as between machines; else all its messages arrive.
    bool loses_messages = false;
    std::size_t threads = 2; ///< of each worker process
};

class simulated_cluster {
  public:
    using process_index = hocket::detail::process_index;
    using message = std::vector<std::byte>;

    explicit simulated_cluster(channel_plan plan);
    simulated_cluster(simulated_cluster const&) = delete;
    simulated_cluster& operator=(simulated_cluster const&) = delete;
    /// Waits until all processes have ended.
    ~simulated_cluster();

    /// Returns the channel of the driver. The cluster outlives it.
    std::unique_ptr<hocket::detail::driver_channel> drive();

    /// Whether the process of the calling call still lives. No process sees the actions of a lost process.
    static bool is_alive();
    /// Returns the number of the calling call's process.
    static process_index here();
    /// Whether some process has begun a call, as far as the driver may know.
    bool has_begun(std::uint64_t call);
    /// Returns the number of processes that were lost, or ended by the driver before the driver ended.
    unsigned lost();
    /// Loses no process from now on.
    void end_deaths();

  private:
    /// Messages from one process to another one, in their order.
    struct line {
        std::deque<message> on_the_way;
        std::deque<message> arrived;
        std::size_t bytes = 0; // of both
        bool wants_room = false;
    };
    struct process;
    class driver;
    class service;

    bool put(line& to, std::span<std::byte const> head, std::span<std::byte const> body);
    bool take(line& from, message& next);
    void deliver();
    void lose(process& one, int signal, char const* fault);
    void run(process& one);
    process* find(process_index index);
    std::size_t random(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }

    channel_plan const plan_;
    std::mutex mutex_; // guards the following members
    std::condition_variable changed_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<process>> processes_;
    std::set<std::uint64_t> begun_;
    unsigned deaths_left_;
    unsigned lost_ = 0;
    unsigned lost_early_ = 0; // before they served
    std::size_t until_death_;
    bool woken_ = false; // the driver
    bool over_ = false;
    std::thread network_;
};

struct simulated_cluster::process {
    process(simulated_cluster& its_cluster, process_index its_index) : cluster(its_cluster), index(its_index) {}

    simulated_cluster& cluster;
    process_index const index;
    // Guarded by the mutex of the cluster.
    line to_worker, to_driver;
    std::array<std::uint64_t, hocket::detail::link_page::most_places> begun{};
    hocket::detail::process_end how{};
    bool alive = true;
    unsigned heard = 0; // messages that the driver has taken in: a greeting, then answers
    bool told = false;  // the driver knows of its end
    bool woken = false;

    std::mutex polling; // held by the thread that takes messages out
    std::thread thread;

    static inline thread_local process* here = nullptr;
};

class simulated_cluster::driver final : public hocket::detail::driver_channel {
  public:
    explicit driver(simulated_cluster& of) : cluster_(of) {}

    process_index self() const noexcept override { return 0; }
    std::size_t longest_message() const noexcept override { return cluster_.plan_.longest_message; }

    bool try_send(process_index to, std::span<std::byte const> head,
                  std::span<std::byte const> body) noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        process* const found = cluster_.find(to);
        if (found == nullptr) return false; // it is about to start
        return !found->alive || cluster_.put(found->to_worker, head, body);
    }

    bool poll(hocket::detail::channel_events& events) noexcept override {
        std::unique_lock const role(polling_, std::try_to_lock);
        return role.owns_lock() && poll_in_role(events);
    }

    void sleep(hocket::detail::channel_events& events, int milliseconds) noexcept override {
        if (poll(events)) return;
        std::vector<process*> ended;
        {
            std::unique_lock lock(cluster_.mutex_);
            auto const longest = std::chrono::milliseconds(milliseconds < 0 ? 1000 : milliseconds);
            cluster_.changed_.wait_for(lock, longest, [&] { return std::exchange(cluster_.woken_, false); });
            for (auto const& each : cluster_.processes_)
                if (!each->alive && !each->told && each->to_driver.bytes == 0) ended.push_back(each.get());
        }
        poll(events);
        for (process* const each : ended) {
            { std::lock_guard const taken_in(polling_); } // another thread may be at its last message
            {
                std::lock_guard const lock(cluster_.mutex_);
                each->told = true;
            }
            events.lost(each->index, each->how);
        }
    }
    void wake() noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        cluster_.woken_ = true;
        cluster_.changed_.notify_all();
    }

    process_index start(std::size_t) override {
        std::lock_guard const lock(cluster_.mutex_);
        auto fresh = std::make_unique<process>(cluster_, next());
        process& one = *fresh;
        cluster_.processes_.push_back(std::move(fresh));
        one.thread = std::thread([&one] { one.cluster.run(one); }); // this driver may end before the thread
        cluster_.woken_ = true;
        cluster_.changed_.notify_all();
        return one.index;
    }
    process_index next_index() const noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        return next();
    }
    void kill(process_index who, char const* fault) noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        if (process* const found = cluster_.find(who)) cluster_.lose(*found, 9, fault);
    }
    void kill_all(char const* fault) noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        for (auto const& each : cluster_.processes_) cluster_.lose(*each, 9, fault);
    }
    bool replaces() const noexcept override { return true; }
    std::size_t alive() const noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        return static_cast<std::size_t>(std::count_if(cluster_.processes_.begin(), cluster_.processes_.end(),
                                                      [](auto const& each) { return !each->told; }));
    }
    long pid(process_index) noexcept override { return 0; }
    std::uint64_t begun(process_index who, std::size_t place) noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        process const* const found = cluster_.find(who);
        return found == nullptr || place >= found->begun.size() ? 0 : found->begun[place];
    }

  private:
    process_index next() const noexcept { return static_cast<process_index>(cluster_.processes_.size() + 1); }

    bool poll_in_role(hocket::detail::channel_events& events) noexcept {
        bool any = false;
        std::size_t count = 0;
        {
            std::lock_guard const lock(cluster_.mutex_);
            count = cluster_.processes_.size();
        }
        message next;
        for (std::size_t i = 0; i != count; ++i) {
            process* one = nullptr;
            {
                std::lock_guard const lock(cluster_.mutex_);
                one = cluster_.processes_[i].get();
            }
            while (cluster_.take(one->to_driver, next)) {
                any = true;
                {
                    std::lock_guard const lock(cluster_.mutex_);
                    ++one->heard;
                }
                events.received(one->index, next);
            }
        }
        return any;
    }

    simulated_cluster& cluster_;
    std::mutex polling_;
};

class simulated_cluster::service final : public hocket::detail::service_channel {
  public:
    explicit service(process& of) : process_(of), cluster_(of.cluster) {}

    process_index self() const noexcept override { return process_.index; }
    std::size_t longest_message() const noexcept override { return cluster_.plan_.longest_message; }

    bool try_send(process_index, std::span<std::byte const> head, std::span<std::byte const> body) noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        return !process_.alive || cluster_.put(process_.to_driver, head, body);
    }
    bool poll(hocket::detail::channel_events& events) noexcept override {
        std::unique_lock const role(process_.polling, std::try_to_lock);
        if (!role.owns_lock()) return false;
        bool any = false;
        for (message next; cluster_.take(process_.to_worker, next); any = true) events.received(0, next);
        return any;
    }
    void sleep(hocket::detail::channel_events& events, int milliseconds) noexcept override {
        if (poll(events)) return;
        {
            std::unique_lock lock(cluster_.mutex_);
            auto const longest = std::chrono::milliseconds(milliseconds < 0 ? 1000 : milliseconds);
            cluster_.changed_.wait_for(lock, longest, [&] { return std::exchange(process_.woken, false); });
        }
        poll(events);
    }
    void wake() noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        process_.woken = true;
        cluster_.changed_.notify_all();
    }
    void begin(std::uint64_t place, std::uint64_t call) noexcept override {
        std::lock_guard const lock(cluster_.mutex_);
        if (!process_.alive) return;
        if (place < process_.begun.size()) process_.begun[place] = call;
        cluster_.begun_.insert(call);
    }

  private:
    process& process_;
    simulated_cluster& cluster_;
};

inline simulated_cluster::simulated_cluster(channel_plan plan)
    : plan_(plan), random_(plan.seed), deaths_left_(plan.deaths), until_death_(random(plan.messages_per_death * 2U)) {
    network_ = std::thread([this] { deliver(); });
}

inline simulated_cluster::~simulated_cluster() {
    for (auto const& each : processes_)
        if (each->thread.joinable()) each->thread.join();
    {
        std::lock_guard const lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }
    network_.join();
}

inline std::unique_ptr<hocket::detail::driver_channel> simulated_cluster::drive() {
    return std::make_unique<driver>(*this);
}

inline bool simulated_cluster::is_alive() {
    process* const one = process::here;
    if (one == nullptr) return true;
    std::lock_guard const lock(one->cluster.mutex_);
    return one->alive;
}

inline simulated_cluster::process_index simulated_cluster::here() {
    return process::here == nullptr ? 0 : process::here->index;
}

inline bool simulated_cluster::has_begun(std::uint64_t call) {
    std::lock_guard const lock(mutex_);
    return begun_.contains(call);
}

inline unsigned simulated_cluster::lost() {
    std::lock_guard const lock(mutex_);
    return lost_;
}

inline void simulated_cluster::end_deaths() {
    std::lock_guard const lock(mutex_);
    deaths_left_ = 0;
}

inline simulated_cluster::process* simulated_cluster::find(process_index index) {
    return index == 0 || index > processes_.size() ? nullptr : processes_[index - 1].get();
}

/// Puts a message into a line; the caller holds the mutex. Returns false if there is no room.
inline bool simulated_cluster::put(line& to, std::span<std::byte const> head, std::span<std::byte const> body) {
    std::size_t const bytes = head.size() + body.size();
    if (to.bytes != 0 && to.bytes + bytes > plan_.room) {
        to.wants_room = true;
        return false;
    }
    message whole(head.begin(), head.end());
    whole.insert(whole.end(), body.begin(), body.end());
    to.bytes += bytes;
    to.on_the_way.push_back(std::move(whole));
    changed_.notify_all();
    return true;
}

/// Takes the next message out. Wakes every process, since any of them may have waited for room.
inline bool simulated_cluster::take(line& from, message& next) {
    std::lock_guard const lock(mutex_);
    if (from.arrived.empty()) return false;
    next = std::move(from.arrived.front());
    from.arrived.pop_front();
    from.bytes -= next.size();
    if (std::exchange(from.wants_room, false)) {
        woken_ = true;
        for (auto const& each : processes_) each->woken = true;
        changed_.notify_all();
    }
    if (from.bytes == 0) { // the end of the process may be due
        woken_ = true;
        changed_.notify_all();
    }
    return true;
}

/// Carries messages, one at a time, from any process to any other one, and loses processes. Runs on a thread of its
/// own.
inline void simulated_cluster::deliver() {
    std::unique_lock lock(mutex_);
    for (;;) {
        std::vector<std::pair<line*, process*>> lines;
        for (auto const& each : processes_) {
            if (!each->to_worker.on_the_way.empty()) lines.emplace_back(&each->to_worker, each.get());
            if (!each->to_driver.on_the_way.empty()) lines.emplace_back(&each->to_driver, nullptr);
        }
        if (lines.empty()) {
            if (over_) return;
            changed_.wait(lock);
            continue;
        }
        auto const [chosen, to] = lines[random(lines.size())];
        for (std::size_t many = 1 + random(3); many != 0 && !chosen->on_the_way.empty(); --many) {
            chosen->arrived.push_back(std::move(chosen->on_the_way.front()));
            chosen->on_the_way.pop_front();
        }
        (to != nullptr ? to->woken : woken_) = true;
        changed_.notify_all();
        if (deaths_left_ != 0 && until_death_-- == 0) {
            until_death_ = random(plan_.messages_per_death * 2U);
            std::vector<process*> living;
            for (auto const& each : processes_)
                if (each->alive && (each->heard > 1 || lost_early_ < 2)) living.push_back(each.get());
            if (!living.empty()) {
                --deaths_left_;
                process& chosen_one = *living[random(living.size())];
                if (chosen_one.heard < 2) ++lost_early_; // after three of these in a row the driver gives up
                lose(chosen_one, 9, "");
            }
        }
        std::size_t const pause = random(8);
        lock.unlock();
        if (pause == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        else if (pause < 4)
            std::this_thread::yield();
        lock.lock();
    }
}

/// Ends a process; the caller holds the mutex. The thread of the process gets a stop message, as if the driver had sent
/// it.
inline void simulated_cluster::lose(process& one, int signal, char const* fault) {
    if (!one.alive) return;
    one.alive = false;
    if (signal != 0) ++lost_;
    one.how = {.pid = 0, .known = true, .signal = signal, .status = 0, .said = {}, .fault = fault};
    if (plan_.loses_messages && signal != 0) {
        std::size_t const kept = random(one.to_driver.on_the_way.size() + 1);
        while (one.to_driver.on_the_way.size() > kept) {
            one.to_driver.bytes -= one.to_driver.on_the_way.back().size();
            one.to_driver.on_the_way.pop_back();
        }
    }
    one.to_worker = {};
    hocket::detail::frame_head const stop{.kind = hocket::detail::frame_kind::stop};
    auto const bytes = std::as_bytes(std::span(&stop, 1));
    one.to_worker.arrived.emplace_back(bytes.begin(), bytes.end());
    one.to_worker.bytes = bytes.size();
    one.woken = woken_ = true;
    changed_.notify_all();
}

/// Runs a worker process.
inline void simulated_cluster::run(process& one) {
    auto pool = std::make_unique<hocket::thread_pool>(hocket::pool_options{
        .workers = plan_.threads,
        .bind = hocket::binding::none,
        .on_thread_start = [&one](std::size_t) { process::here = &one; },
    });
    service channel(one);
    auto serves = std::make_unique<hocket::detail::worker_service>(channel, *pool);
    serves->serve();
    while (!serves->stop_calls(1000)) {
    }
    pool.reset();
    serves.reset();
    std::lock_guard const lock(mutex_);
    lose(one, 0, "");
}

} // namespace remote_test
