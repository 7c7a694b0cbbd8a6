// SPDX-License-Identifier: MIT
// Where a call is to run or an actor to live: `{.where = on(2)}`. Public: anywhere, on, near, spread, here.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>

namespace hocket::inline HOCKET_ABI {

template<class T>
class ref;

/// A place among the processes of a `remote_pool`, the value of `remote_options::where` and `actor_options::where`.
class call_place {
  public:
    enum class kind : std::uint8_t { anywhere, process, spread, here, group };

    constexpr call_place() = default;
    constexpr explicit call_place(kind which, std::size_t process = 0, std::uint64_t group = 0) noexcept
        : which_(which), process_(process), group_(group) {}

    [[nodiscard]] constexpr kind which() const noexcept { return which_; }
    /// The index of the process; of a part of a group, its number there.
    [[nodiscard]] constexpr std::size_t process() const noexcept { return process_; }
    /// The number of the group.
    [[nodiscard]] constexpr std::uint64_t group() const noexcept { return group_; }

    friend constexpr bool operator==(call_place const&, call_place const&) = default;

  private:
    kind which_ = kind::anywhere;
    std::size_t process_ = 0;
    std::uint64_t group_ = 0;
};

/// Where there is most room: the default.
inline constexpr call_place anywhere{};
/// Each call in the process behind that of the call before.
inline constexpr call_place spread{call_place::kind::spread};
/// In the process that makes the call.
inline constexpr call_place here{call_place::kind::here};
/// In the process with that index, as `remote_pool::nodes` and `this_process::index` say it. A call throws
/// std::invalid_argument where there is none. If the process is lost before the call begins, the call runs in the one
/// that comes in its place.
[[nodiscard]] constexpr call_place on(std::size_t process) noexcept {
    return call_place(call_place::kind::process, process);
}
/// Where the value of a ref is. Values lie in the process that made the call and go from there to any other one, so
/// this is `anywhere`.
template<class T>
[[nodiscard]] constexpr call_place near(ref<T> const&) noexcept {
    return anywhere;
}

namespace detail {

class node;

/// The seat of a node for a call; `call_terms::anywhere`, or nothing where it runs in the calling process.
struct chosen_seat {
    bool here = false;
    std::size_t seat = ~std::size_t{0};
};
/// `to`: null where calls run on the threads of this process. **Throws** std::invalid_argument.
chosen_seat choose_seat(node* to, call_place const& where);

} // namespace detail
} // namespace hocket
