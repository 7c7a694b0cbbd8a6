// SPDX-License-Identifier: MIT
// Says which actor lives in which worker process. Called by the node, under its mutex.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/remote/actor/actor_stub.hpp>
#include <hocket/remote/object/handle_pins.hpp>
#include <hocket/remote/transport/byte_channel.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// How an actor is recreated when its process is lost.
struct restart_terms {
    std::uint32_t left = 0;        ///< remaining restarts
    std::uint32_t done = 0;        ///< restarts so far
    std::uint64_t token = 0;       ///< thunk that makes it
    std::vector<std::byte> body{}; ///< its arguments; kept only if it may be recreated
    fp_mode mode = fp_mode::now(); ///< floating-point mode of its constructor
    handle_pins pins{};            ///< pins of the handles among its arguments
};

struct actor_home {
    /// Whether it lives and may be recreated.
    bool can_restart() const noexcept { return !dead && made && restart.left != 0; }

    /// Returns the number of threads of its process that it occupies.
    std::size_t load() const noexcept { return std::max<std::size_t>(cpus, std::min<std::size_t>(calls, concurrency)); }

    std::size_t slot;
    process_index process;
    std::exception_ptr dead = {}; ///< why its calls fail; null while it lives
    bool made = false;            ///< the message that makes it was sent
    restart_terms restart{};
    actor_watch* watch = nullptr;       ///< lives until the actor is dropped
    std::uint32_t call_retries = 0;     ///< retries of calls that the driver forwards
    std::uint32_t concurrency = 1;      ///< number of its calls that run at once
    std::uint32_t cpus = 0;             ///< reserved workers
    std::size_t calls = 0;              ///< calls sent to its process and not answered
    std::vector<std::uint64_t> early{}; ///< calls that came before it was made
};

class actor_homes {
  public:
    /// Returns the number of the new actor.
    std::uint64_t add(actor_home home) {
        homes_.emplace(++last_, std::move(home));
        return last_;
    }
    actor_home* find(std::uint64_t actor) noexcept {
        auto const found = homes_.find(actor);
        return found == homes_.end() ? nullptr : &found->second;
    }
    void erase(std::uint64_t actor) noexcept { homes_.erase(actor); }

    /// Returns the process slot, of `slots`, in which the fewest actors live.
    std::size_t emptiest_seat(std::size_t slots) const {
        std::size_t best = 0;
        std::size_t fewest = ~std::size_t{0};
        for (std::size_t slot = 0; slot < slots; ++slot) {
            std::size_t living = 0;
            for (auto const& [number, home] : homes_) living += home.slot == slot && !home.dead;
            if (living >= fewest) continue;
            fewest = living;
            best = slot;
        }
        return best;
    }

    /// Handles the end of the node.
    void forget_node() noexcept {
        for (auto& [number, home] : homes_)
            if (home.watch != nullptr) home.watch->forget_node();
    }

    /// Whether any actor lives in the process.
    bool any_in(process_index process) const noexcept {
        for (auto const& [number, home] : homes_)
            if (home.process == process && !home.dead) return true;
        return false;
    }

    /// Handles the loss of a process: calls of actors that lived there, and cannot be recreated, fail with `why`.
    void lose(process_index process, std::exception_ptr const& why) noexcept {
        for (auto& [number, home] : homes_)
            if (home.process == process && home.made && !home.can_restart()) end(home, why);
    }
    static void end(actor_home& home, std::exception_ptr const& why) noexcept {
        if (home.dead) return;
        home.dead = why;
        home.restart.body.clear();
        if (home.watch != nullptr) home.watch->died(why);
    }

    /// Calls `restart(number, home)` for each actor that lived in the process and will be recreated.
    template<class Restart>
    void for_lost(process_index process, Restart const& restart) {
        for (auto& [number, home] : homes_)
            if (home.process == process && !home.dead) restart(number, home);
    }

  private:
    std::unordered_map<std::uint64_t, actor_home> homes_;
    std::uint64_t last_ = 0;
};

} // namespace hocket::detail
