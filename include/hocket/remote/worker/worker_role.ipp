// SPDX-License-Identifier: MIT
// The bodies of the functions that worker_role.hpp declares.
#pragma once

#include <hocket/os/affinity.hpp>
#include <hocket/remote/worker/worker_role.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace hocket::inline HOCKET_ABI::detail {

/// Whether the process of a pidfd has ended.
inline bool has_ended(int pidfd) noexcept {
    pollfd watched{pidfd, POLLIN, 0};
    return ::poll(&watched, 1, 0) > 0;
}

/// Adopts an open descriptor, and makes exec close it.
inline owned_fd adopt_fd(int fd) {
    int const flags = ::fcntl(fd, F_GETFD);
    if (fd < 3 || flags < 0) throw std::runtime_error("hocket: a worker process did not receive its descriptors");
    ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
    return owned_fd(fd);
}

HOCKET_COLD HOCKET_INLINE void fail_to_begin(char const* text) noexcept {
    std::fprintf(stderr, "%s\n", text);
    std::fflush(nullptr);
    ::_exit(71);
}

/// Takes over the descriptors of a worker process. **Throws** std::runtime_error, std::bad_alloc.
HOCKET_COLD inline worker_role adopt_role(passed_fds const& fds, long driver, unsigned ring_bytes) {
    worker_role role;
    role.own_bell = adopt_fd(fds.own_bell);
    role.driver_bell = adopt_fd(fds.driver_bell);
    role.driver_pid = adopt_fd(fds.driver_pid);
    if (fds.standard_error >= 0) role.standard_error = adopt_fd(fds.standard_error);
    role.link.block = shared_block(adopt_fd(fds.link), link_memory::bytes_for(ring_bytes));
    role.driver = shared_block(adopt_fd(fds.driver), sizeof(driver_page));
    role.link.block.close_fd();
    role.driver.close_fd();
    link_page const& page = role.link.page();
    if (page.magic != link_page::right_magic || page.version != link_page::right_version ||
        page.ring_bytes != ring_bytes || page.driver_pid != driver)
        throw std::runtime_error(
            "hocket: a worker process and its driver are different programs: set HOCKET_EXECUTABLE "
            "to the program");
    return role;
}

HOCKET_COLD HOCKET_INLINE std::optional<worker_role> take_worker_role() {
    char const* const text = ::secure_getenv(worker_variable);
    if (text == nullptr) return std::nullopt;
    passed_fds fds{};
    long driver = 0;
    unsigned ring_bytes = 0;
    int const read = std::sscanf(text, "%d,%d,%d,%d,%d,%d,%ld,%u", &fds.link, &fds.driver, &fds.own_bell,
                                 &fds.driver_bell, &fds.driver_pid, &fds.standard_error, &driver, &ring_bytes);
    ::unsetenv(worker_variable);
    if (read != 8) throw std::runtime_error("hocket: HOCKET_WORKER is reserved for hocket: unset it");
    // A program that was started before the session of a worker process has its variable too. The parent may also
    // differ because the driver has ended. The driver's pidfd says so once the last thread of the driver is gone. A
    // process that looked only once would run all of main.
    if (::getppid() != driver) {
        pollfd watched{fds.driver_pid, POLLIN, 0};
        if (::poll(&watched, 1, 1000) > 0 && (watched.revents & POLLIN) != 0) ::_exit(0);
        return std::nullopt;
    }
    try {
        return adopt_role(fds, driver, ring_bytes);
    } catch (std::exception const& error) {
        fail_to_begin(error.what());
    }
}

extern "C" inline void hocket_ignore_signal(int) {}

HOCKET_COLD HOCKET_INLINE void settle_worker(worker_role const& role) noexcept {
    link_page const& page = role.link.page();
    // Installs a handler that does nothing, since executed programs would inherit ignored signals.
    sigset_t unblocked;
    sigemptyset(&unblocked);
    for (int const number : {SIGINT, SIGHUP}) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
            action.sa_handler = &hocket_ignore_signal;
            action.sa_flags = SA_RESTART;
            ::sigaction(number, &action, nullptr);
        }
    }
    if (page.lets_int != 0) sigaddset(&unblocked, SIGINT);
    if (page.lets_hup != 0) sigaddset(&unblocked, SIGHUP);
    ::pthread_sigmask(SIG_UNBLOCK, &unblocked, nullptr);
    if (page.has_pus != 0) {
        unsigned list[link_page::most_pus];
        std::size_t count = 0;
        for (unsigned pu = 0; pu < link_page::most_pus; ++pu)
            if ((unsigned{page.pus[pu / 8]} >> (pu % 8) & 1U) != 0) list[count++] = pu;
        (void)bind_calling_thread(list, count); // if refused, the process runs where the driver runs
    }
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
}

HOCKET_INLINE void end_early_errors(worker_role& role) noexcept {
    if (!role.standard_error.is_open()) return;
    std::fflush(stderr);
    ::dup2(role.standard_error.get(), 2);
    role.standard_error.close();
}

HOCKET_INLINE worker_channel::worker_channel(worker_role& role) noexcept
    : role_(role),
      page_(role.link.page()),
      out_(page_.to_driver, role.link.to_driver(page_.ring_bytes)),
      in_(page_.to_worker, role.link.to_worker(page_.ring_bytes)) {}

HOCKET_INLINE bool worker_channel::try_send(process_index, std::span<std::byte const> head,
                                            std::span<std::byte const> body) noexcept {
    if (!out_.try_write(head, body)) {
        out_.ask_for_room();
        if (!out_.try_write(head, body)) return false;
    }
    if (reinterpret_cast<driver_page*>(role_.driver.data())->bell.must_ring()) ring_event(role_.driver_bell.get());
    return true;
}

HOCKET_INLINE bool worker_channel::poll_for(channel_events& events, poll_patience* patience) noexcept {
    bool any = false;
    polling_.run(
        page_.bell,
        [&] {
            ring_read came;
            do
                while ((came = in_.read([&](std::span<std::byte const> bytes) { events.received(0, bytes); })) ==
                       ring_read::message)
                    any = true;
            while (!any && came == ring_read::nothing && patience != nullptr && patience->goes_on());
            if (came == ring_read::broken) {
                std::fputs("hocket: a worker process received an unexpected message, and exits\n", stderr);
                ::_exit(70);
            }
            if (any && in_.must_tell_of_room()) ring_event(role_.driver_bell.get());
        },
        [&] { return in_.is_waiting(); });
    return any;
}

HOCKET_INLINE void worker_channel::sleep(channel_events& events, int milliseconds) noexcept {
    if (poll(events)) return;
    pollfd watched[2] = {{role_.own_bell.get(), POLLIN, 0}, {role_.driver_pid.get(), POLLIN, 0}};
    if (::poll(watched, 2, milliseconds) > 0) {
        if (watched[1].revents != 0) {
            process_end how;
            how.pid = static_cast<long>(page_.driver_pid);
            events.lost(0, how);
            return;
        }
        if (watched[0].revents != 0) drain_event(role_.own_bell.get());
    }
    poll(events);
}

} // namespace
