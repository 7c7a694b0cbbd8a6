// SPDX-License-Identifier: MIT
// The head of each message between processes: 40 bytes, little endian, and the checks that a head passes before any
// code acts on it. Called by the node, which sends and takes frames.
#pragma once

#include <hocket/base/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace hocket::inline HOCKET_ABI::detail {

static_assert(std::endian::native == std::endian::little, "hocket: frames between processes are little endian");

enum class frame_kind : std::uint32_t {
    hello = 1,  ///< the first frame of a worker process: number of its threads, host name
    task,       ///< calls the thunk `token`; `subject` is the call slot in the table of begun calls
    actor_new,  ///< makes the actor `subject`
    actor_call, ///< calls a method of the actor `subject`
    actor_drop, ///< destroys the actor `subject` after its calls
    actor_find, ///< asks the driver for the actor of a name; the driver answers `call`
    result,     ///< answers `call` with a value
    error,      ///< answers `call` with an exception
    cancel,     ///< requests a stop of `call`
    recall,     ///< asks for the return of `subject` tasks that have not begun
    returned,   ///< answers `recall`: the body lists the numbers of the returned calls
    opened,     ///< the memory of the result of `call` is mapped by its receiver, or of no use any more
    stop        ///< ends the worker
};
inline constexpr frame_kind last_frame_kind = frame_kind::stop;

namespace frame_flag {
inline constexpr std::uint16_t more = 1;     ///< the body continues in the next frame of this sender
inline constexpr std::uint16_t no_reply = 2; ///< the sender expects no answer (`tell`)
inline constexpr std::uint16_t checked = 4;  ///< `check` is the CRC-32C of head and body
inline constexpr std::uint16_t bound = 8;    ///< the task must run in this process, and is never returned
inline constexpr std::uint16_t first = 16;   ///< the task finishes before any later frame begins
inline constexpr std::uint16_t holds = 32;   ///< the body of the task begins with the resources that it holds
inline constexpr std::uint16_t named = 64;   ///< the body of the task begins with its name
inline constexpr std::uint16_t shares = 128; ///< the sender keeps memory for the answer until `opened`
inline constexpr std::uint16_t all = more | no_reply | checked | bound | first | holds | named | shares;
} // namespace frame_flag

struct frame_head {
    static constexpr std::uint16_t current_version = 1;

    frame_kind kind;
    std::uint16_t flags = 0;
    std::uint16_t version = current_version;
    std::uint64_t call = 0;    ///< number of the call in the process that made it; the answer repeats it
    std::uint64_t token = 0;   ///< name of the thunk; 0 if none is called
    std::uint64_t subject = 0; ///< meaning depends on the kind
    std::uint32_t mode = 0;    ///< floating-point mode of the caller
    std::uint32_t check = 0;   ///< see frame_flag::checked
};
static_assert(sizeof(frame_head) == 40 && alignof(frame_head) == 8);

/// Returns the CRC-32C of `bytes` that follow bytes with the CRC `before`.
std::uint32_t crc32c(std::span<std::byte const> bytes, std::uint32_t before = 0) noexcept;

/// Returns the value of `check` for a frame.
std::uint32_t frame_check(frame_head head, std::span<std::byte const> body) noexcept;

/// Copies the head of `message` to `head` and checks it. Returns null, or a description of the fault.
char const* read_head(std::span<std::byte const> message, frame_head& head) noexcept;

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/frame.ipp>
#endif
