// SPDX-License-Identifier: MIT
// The names of the actors of a pool, and the detached actors, which live without a handle. Called by actors.
#pragma once

#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actor_cell.hpp>

#include <string>
#include <typeinfo>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_names {
  public:
    actor_names() = default;
    actor_names(actor_names const&) = delete;
    actor_names& operator=(actor_names const&) = delete;
    /// Ends all detached actors.
    ~actor_names();

    /// Returns a living actor of that name with a handle for the caller. Returns null if there is none, and gives the
    /// name to `fresh`. **Throws** std::invalid_argument if a living actor has the name and `may_exist` is false, or is
    /// of another class.
    actor_cell* take(std::string const& name, std::type_info const& type, actor_cell& fresh, bool may_exist);
    /// Returns the living actor of that name with a handle for the caller, or null. **Throws** std::invalid_argument if
    /// it is of another class.
    actor_cell* find(std::string const& name, std::type_info const& type);
    /// Finds an actor like the overload above, by the name of the type, which another process can send.
    actor_cell* find(std::string const& name, char const* type);
    /// Keeps the actor alive until it is killed.
    void detach(actor_cell& cell);
    /// Frees the name of an actor that was killed, or has no handles any more.
    void remove(actor_cell& cell) noexcept;

  private:
    static void forget(actor_names& self, actor_cell& cell) noexcept { self.remove(cell); }

    struct entry {
        std::string name;
        std::type_info const* type;
        actor_cell* cell;
    };

    /// Returns the actor with a handle for the caller.
    actor_cell* find_locked(std::string const& name, char const* type, bool is_taken);

    os_mutex mutex_;
    std::vector<entry> named_;
    std::vector<actor_cell*> detached_; // each holds a handle
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/actor/actor_names.ipp>
#endif
