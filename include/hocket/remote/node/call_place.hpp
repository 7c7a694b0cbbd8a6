// SPDX-License-Identifier: MIT
// Where a call runs or an actor lives: `{.where = on(2)}`. Public: anywhere, on, near, spread, here.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI {

template<class T>
class ref;

/// A location among the processes of a `remote_pool`: the value of `remote_options::where` and `actor_options::where`.
class call_place {
  public:
    enum class kind : std::uint8_t { anywhere, process, spread, here, group };

    constexpr call_place() = default;
    constexpr explicit call_place(kind which, std::size_t process = 0, std::uint64_t group = 0) noexcept
        : which_(which), process_(process), group_(group) {}

    [[nodiscard]] constexpr kind which() const noexcept { return which_; }
    /// Returns the index of the process, or the number of the part within a group.
    [[nodiscard]] constexpr std::size_t process() const noexcept { return process_; }
    /// Returns the number of the group.
    [[nodiscard]] constexpr std::uint64_t group() const noexcept { return group_; }

    friend constexpr bool operator==(call_place const&, call_place const&) = default;

  private:
    kind which_ = kind::anywhere;
    std::size_t process_ = 0;
    std::uint64_t group_ = 0;
};

/// Runs the call in the process with the most room: the default.
inline constexpr call_place anywhere{};
/// Runs each call in the process that follows the process of the previous call.
inline constexpr call_place spread{call_place::kind::spread};
/// Runs the call in the process that makes it.
inline constexpr call_place here{call_place::kind::here};
/// Runs the call in the process with that index, as returned by `remote_pool::nodes` and `this_process::index`. The
/// call throws std::invalid_argument if there is no such process. If the process is lost before the call begins, the
/// call runs in its replacement.
[[nodiscard]] constexpr call_place on(std::size_t process) noexcept {
    return call_place(call_place::kind::process, process);
}
/// Runs the call near the value of a ref. Values stay in the process that made the call and go from there to any other
/// process, so this is `anywhere`.
template<class T>
[[nodiscard]] constexpr call_place near(ref<T> const&) noexcept {
    return anywhere;
}

namespace detail {

class node;

/// The process slot (`slot`) of a node for a call: `call_terms::anywhere`, or nothing if the call runs in the calling
/// process.
struct chosen_slot {
    bool here = false;
    std::size_t slot = ~std::size_t{0};
};
/// Chooses the process slot for a call. `to` is null if calls run on the threads of this process. **Throws**
/// std::invalid_argument.
chosen_slot choose_slot(node* to, call_place const& where);

} // namespace detail
} // namespace hocket
