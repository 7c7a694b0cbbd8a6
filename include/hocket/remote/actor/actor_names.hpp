// SPDX-License-Identifier: MIT
// The names of the actors of a pool, and those that live without a handle. Caller: actors.
#pragma once

#include <hocket/remote/actor/actor_cell.hpp>

#include <mutex>
#include <string>
#include <typeinfo>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

class actor_names {
  public:
    actor_names() = default;
    actor_names(actor_names const&) = delete;
    actor_names& operator=(actor_names const&) = delete;
    /// Detached actors end.
    ~actor_names();

    /// Gives a living actor of that name with a handle for the caller, or null: then `fresh` has the name from now on.
    /// **Throws** std::invalid_argument where a living actor has the name and `may_exist` is false, or is of another
    /// class.
    actor_cell* take(std::string const& name, std::type_info const& type, actor_cell& fresh, bool may_exist);
    /// With a handle for the caller; null if no living actor has the name. **Throws** std::invalid_argument where it is
    /// of another class.
    actor_cell* find(std::string const& name, std::type_info const& type);
    /// As above, by the name of the type, which is what another process sends.
    actor_cell* find(std::string const& name, char const* type);
    /// The actor lives until it is killed.
    void detach(actor_cell& cell);
    /// It has been killed, or has no handles any more: its name is free.
    void remove(actor_cell& cell) noexcept;

  private:
    static void forget(actor_names& self, actor_cell& cell) noexcept { self.remove(cell); }

    struct entry {
        std::string name;
        std::type_info const* type;
        actor_cell* cell;
    };

    /// With a handle for the caller.
    actor_cell* find_locked(std::string const& name, char const* type, bool is_taken);

    std::mutex mutex_;
    std::vector<entry> named_;
    std::vector<actor_cell*> detached_; // each with a handle
};

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/actor/actor_names.ipp>
#endif
