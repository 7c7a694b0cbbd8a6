// SPDX-License-Identifier: MIT
// The bodies of the functions that processes.hpp declares.
#pragma once

#include <hocket/machine/cpu_quota.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/os/affinity.hpp>
#include <hocket/remote/transport/processes.hpp>
#include <hocket/remote/wire/code_token.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

HOCKET_COLD HOCKET_INLINE std::size_t usual_processes(topology const& on) {
    std::size_t const cores = on.cores.size();
    std::optional<cpu_quota> const quota = read_cpu_quota();
    return quota ? std::max<std::size_t>(1, std::min(cores, quota->workers())) : cores;
}

HOCKET_COLD HOCKET_INLINE core_share share_of_cores(topology const& on, std::size_t slot, std::size_t shares) {
    std::size_t const cores = on.cores.size();
    std::size_t const first = shares <= cores ? slot * cores / shares : slot % cores;
    std::size_t const last = shares <= cores ? (slot + 1) * cores / shares : first + 1;
    core_share share;
    for (std::size_t c = first; c < last; ++c)
        for (std::size_t p = 0; p < on.cores[c].pu_count; ++p)
            share.pus.push_back(on.pus[on.cores[c].first_pu + p].os_index);
    std::size_t const granted = usual_processes(on);
    share.threads =
        std::max<std::size_t>(1, std::min(last - first, (slot + 1) * granted / shares - slot * granted / shares));
    return share;
}

HOCKET_INLINE processes::link::link(std::size_t ring_bytes)
    : memory{shared_block(link_memory::bytes_for(ring_bytes), "hocket:link")},
      out((new (memory.block.data()) link_page)->to_worker, memory.to_worker(ring_bytes)),
      in(memory.page().to_driver, memory.to_driver(ring_bytes)),
      bell(make_event()) {}

HOCKET_COLD HOCKET_INLINE processes::processes(program_start const& how, worker_plan const& plan)
    : how_(how),
      plan_(plan),
      driver_(sizeof(driver_page), "hocket:driver"),
      own_bell_(make_event()),
      own_pid_(own_pidfd()) {
    new (driver_.data()) driver_page;
    need_descriptors(3 * plan.workers);
}

HOCKET_INLINE processes::~processes() {
    for (auto const& each : links_) {
        send_signal(each->process.pidfd.get(), SIGKILL);
        (void)reap(each->process.pidfd.get(), true);
    }
}

HOCKET_COLD HOCKET_INLINE void processes::settle(link& fresh, std::size_t slot) const {
    link_page& page = fresh.memory.page();
    page.index = fresh.index;
    page.count = static_cast<std::uint32_t>(plan_.workers);
    page.ring_bytes = static_cast<std::uint32_t>(plan_.ring_bytes);
    page.driver_pid = ::getpid();
    page.fingerprint = code_fingerprint();
    program_build_id().copy(page.build, sizeof page.build - 1);
    page.lets_int = sigismember(&how_.blocked, SIGINT) == 0;
    page.lets_hup = sigismember(&how_.blocked, SIGHUP) == 0;
    page.ends_with_its_call = plan_.ends_with_its_call ? 1 : 0;
    if (!plan_.shares_cores) return;
    core_share const share = share_of_cores(machine(), slot, plan_.workers);
    page.threads = static_cast<std::uint32_t>(share.threads);
    for (unsigned const pu : share.pus) {
        if (pu >= link_page::most_pus) continue;
        page.pus[pu / 8] = static_cast<unsigned char>(page.pus[pu / 8] | 1U << (pu % 8));
        page.has_pus = 1;
    }
}

HOCKET_COLD HOCKET_INLINE process_index processes::start(std::size_t slot) {
    auto fresh = std::make_unique<link>(plan_.ring_bytes);
    fresh->index = last_index_ + 1;
    settle(*fresh, slot);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw_system_error("cannot make a pipe");
    owned_fd reads = checked_fd(ends[0], "cannot make a pipe");
    owned_fd writes = checked_fd(ends[1], "cannot make a pipe");
    ::fcntl(writes.get(), F_SETFL, 0); // the worker's writes wait for room
    passed_fds const fds{fresh->memory.block.fd(), driver_.fd(),   fresh->bell.get(),
                         own_bell_.get(),          own_pid_.get(), how_.standard_error.get()};
    char variable[160];
    std::snprintf(variable, sizeof variable, "%s=%d,%d,%d,%d,%d,%d,%ld,%zu", worker_variable, fds.link, fds.driver,
                  fds.own_bell, fds.driver_bell, fds.driver_pid, fds.standard_error, static_cast<long>(::getpid()),
                  plan_.ring_bytes);
    std::vector<std::string> defaults;
    if (std::uint32_t const threads = fresh->memory.page().threads)
        for (char const* name : {"OMP_NUM_THREADS=", "OPENBLAS_NUM_THREADS=", "MKL_NUM_THREADS="})
            defaults.push_back(name + std::to_string(threads));
    fresh->process =
        start_process(how_, {fds.link, fds.driver, fds.own_bell, fds.driver_bell, fds.driver_pid, fds.standard_error},
                      {variable}, defaults, how_.standard_error.is_open() ? writes.get() : -1);
    fresh->memory.block.close_fd();
    fresh->errors = std::move(reads);
    for (bool added = false; !added;) {
        polling_.run(
            bell(),
            [&] {
                if (added) return;
                os_lock const lock(mutex_);
                last_index_ = fresh->index;
                links_.push_back(std::move(fresh));
                added = true;
            },
            [] { return false; });
        if (!added) yield_core();
    }
    wake(); // what came meanwhile was not looked at
    return last_index_;
}

HOCKET_INLINE processes::link* processes::find(process_index who) noexcept {
    for (auto const& each : links_)
        if (each->index == who) return each.get();
    return nullptr;
}

HOCKET_COLD HOCKET_INLINE void processes::kill(process_index who, char const* fault) noexcept {
    if (link* const found = find(who)) {
        if (found->fault.empty()) found->fault = fault;
        send_signal(found->process.pidfd.get(), SIGKILL);
    }
}

HOCKET_COLD HOCKET_INLINE void processes::kill_all(char const* fault) noexcept {
    for (auto const& each : links_) kill(each->index, fault);
}

HOCKET_INLINE long processes::pid(process_index who) noexcept {
    os_lock const lock(mutex_);
    link const* const found = find(who);
    return found == nullptr ? 0 : found->process.pid;
}

HOCKET_INLINE std::uint64_t processes::begun(process_index who, std::size_t place) noexcept {
    link const* const found = find(who);
    return found == nullptr || place >= link_page::most_places
               ? 0
               : found->memory.page().begun[place].load(std::memory_order_relaxed);
}

HOCKET_INLINE bool processes::try_send(process_index to, std::span<std::byte const> head,
                                       std::span<std::byte const> body) noexcept {
    os_lock const lock(mutex_);
    link* const found = find(to);
    if (found == nullptr) return to <= last_index_; // a process that has ended, or is about to start
    if (!found->out.try_write(head, body)) {
        found->out.ask_for_room();
        if (!found->out.try_write(head, body)) return false;
    }
    if (found->memory.page().bell.must_ring()) ring_event(found->bell.get());
    return true;
}

HOCKET_INLINE void processes::take_all(link& from, channel_events& events, bool& any) noexcept {
    if (from.broken) return;
    bool took = false;
    ring_read came;
    while ((came = from.in.read([&](std::span<std::byte const> bytes) { events.received(from.index, bytes); })) ==
           ring_read::message)
        took = true;
    if (took) {
        any = from.serves = true;
        if (from.in.must_tell_of_room()) ring_event(from.bell.get());
    }
    if (came == ring_read::broken) {
        from.broken = true;
        from.fault = "has written bytes that are not a message, and was terminated";
        send_signal(from.process.pidfd.get(), SIGKILL);
    }
}

HOCKET_INLINE bool processes::poll_for(channel_events& events, poll_patience* patience) noexcept {
    bool any = false;
    polling_.run(
        bell(),
        [&] {
            do
                for (auto const& each : links_) take_all(*each, events, any);
            while (!any && patience != nullptr && patience->goes_on());
        },
        [&] {
            os_lock const lock(mutex_); // without the role, the list may change
            return std::any_of(links_.begin(), links_.end(),
                               [](auto const& each) { return !each->broken && each->in.is_waiting(); });
        });
    return any;
}

HOCKET_INLINE void processes::forward_errors(link& from) noexcept {
    char text[4096];
    for (;;) {
        ssize_t const got = ::read(from.errors.get(), text, sizeof text);
        if (got < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) from.errors.close();
            return;
        }
        if (got == 0) {
            from.errors.close();
            return;
        }
        std::size_t const size = static_cast<std::size_t>(got);
        for (std::size_t done = 0; done < size;) {
            ssize_t const put = ::write(2, text + done, size - done);
            if (put <= 0) break;
            done += static_cast<std::size_t>(put);
        }
        constexpr std::size_t most = 8192;
        from.said.append(text, size);
        if (from.said.size() > most) from.said.erase(0, from.said.size() - most);
    }
}

HOCKET_INLINE void processes::lose(std::size_t at, exit_report const& report, channel_events& events) noexcept {
    link& gone = *links_[at];
    process_end how;
    how.pid = gone.process.pid;
    how.known = report.known;
    how.signal = report.signal;
    how.status = report.status;
    how.oom = report.signal == SIGKILL && gone.fault.empty() && oom_kills_.explains_a_death();
    if (gone.errors.is_open()) forward_errors(gone);
    for (bool polled = false; !polled;) { // messages published before the end
        polled = polling_.run(
            bell(),
            [&] {
                bool any = false;
                take_all(gone, events, any);
            },
            [] { return false; });
        if (!polled) yield_core();
    }
    if (!gone.serves) how.said = std::move(gone.said);
    how.fault = std::move(gone.fault);
    events.lost(gone.index, how);
    std::unique_ptr<link> dead;
    for (bool polled = false; !polled;) {
        polled = polling_.run(
            bell(),
            [&] {
                if (dead) return;
                os_lock const lock(mutex_);
                dead = std::move(links_[at]);
                links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(at));
            },
            [] { return false; });
        if (!polled) yield_core();
    }
    wake(); // what came meanwhile was not looked at
}

HOCKET_INLINE void processes::sleep(channel_events& events, int milliseconds) noexcept {
    if (poll(events)) return;
    std::vector<pollfd> watched;
    watched.reserve(1 + 2 * links_.size());
    watched.push_back({own_bell_.get(), POLLIN, 0});
    for (auto const& each : links_) {
        watched.push_back({each->process.pidfd.get(), POLLIN, 0});
        watched.push_back({each->errors.get(), POLLIN, 0}); // poll skips a closed descriptor, -1
    }
    int const count = ::poll(watched.data(), watched.size(), milliseconds);
    if (count > 0) {
        if (watched[0].revents != 0) drain_event(own_bell_.get());
        for (std::size_t at = links_.size(); at-- > 0;)
            if (watched[2 + 2 * at].revents != 0) forward_errors(*links_[at]);
        for (std::size_t at = links_.size(); at-- > 0;) {
            if (watched[1 + 2 * at].revents == 0) continue;
            exit_report const report = reap(links_[at]->process.pidfd.get(), false);
            if (report.ended) lose(at, report, events);
        }
    }
    poll(events);
}

} // namespace
