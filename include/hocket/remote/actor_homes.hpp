// SPDX-License-Identifier: MIT
// Which actor lives in which worker process, floor 8. Called by the node, under its mutex.
#pragma once

#include <hocket/remote/byte_channel.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <unordered_map>

namespace hocket::inline HOCKET_ABI::detail {

struct actor_home {
    std::size_t seat;
    process_index process;
    std::exception_ptr dead = {}; ///< why its calls fail; null while it lives
    bool made = false;            ///< what makes it was sent
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

    /// The seat, of so many, in which the fewest actors live.
    std::size_t emptiest_seat(std::size_t seats) const {
        std::size_t best = 0;
        std::size_t fewest = ~std::size_t{0};
        for (std::size_t seat = 0; seat < seats; ++seat) {
            std::size_t living = 0;
            for (auto const& [number, home] : homes_) living += home.seat == seat && !home.dead;
            if (living >= fewest) continue;
            fewest = living;
            best = seat;
        }
        return best;
    }

    /// A process is lost: calls of the actors that lived there fail with `why`.
    void lose(process_index process, std::exception_ptr const& why) noexcept {
        for (auto& [number, home] : homes_)
            if (home.process == process && !home.dead) home.dead = why;
    }

  private:
    std::unordered_map<std::uint64_t, actor_home> homes_;
    std::uint64_t last_ = 0;
};

} // namespace hocket::detail
