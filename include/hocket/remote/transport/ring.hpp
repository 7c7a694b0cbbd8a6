// SPDX-License-Identifier: MIT
// A ring of messages in memory that two processes share. One thread writes at a time, and one reads. The words in
// shared memory are checked before they are used, because the other process may have overwritten them. The proof is in
// remote/README.md. Called by the engine `processes`.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/os/atomics.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace hocket::inline HOCKET_ABI::detail {

/// How the bytes of a ring are copied. The model test has a variant that reports each access to the checker.
struct plain_memory {
    static void write(std::byte* to, void const* from, std::size_t bytes) noexcept { std::memcpy(to, from, bytes); }
    static void read(void* to, std::byte const* from, std::size_t bytes) noexcept { std::memcpy(to, from, bytes); }
};

/// The words of a ring that both processes see. Zeroed memory is an empty ring.
template<class Atomics>
struct basic_ring_words {
    /// Writer: the writing process. Reader: the reading process. The number of bytes written since the beginning.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> written{0};
    /// Writer: the reading process. Reader: the writing process. The number of bytes taken out since the beginning.
    alignas(cache_line) typename Atomics::template atomic<std::uint64_t> taken{0};
    /// Writers: the writing process sets it, the reading process clears it. Reader: the reading process. 1: the writer
    /// waits for room.
    alignas(cache_line) typename Atomics::template atomic<std::uint32_t> wants_room{0};
};

namespace ring_format {
inline constexpr std::uint64_t go_to_front = ~std::uint64_t{0}; ///< replaces a length: the rest up to the end is unused
inline constexpr std::size_t length_bytes = 8;

/// Returns the number of ring bytes that a message of `bytes` occupies.
constexpr std::size_t room_for(std::size_t bytes) noexcept { return length_bytes + ((bytes + 7) & ~std::size_t{7}); }

/// Returns the length of the longest message that a ring of `capacity` bytes takes at any position.
constexpr std::size_t longest_message(std::size_t capacity) noexcept { return capacity / 2 - length_bytes; }
} // namespace ring_format

/// The writing side. A lock of its process lets one thread at a time call it.
template<class Atomics, class Memory = plain_memory>
class basic_ring_writer {
  public:
    /// Writes to the ring in `data`, whose size is a multiple of 16 bytes.
    basic_ring_writer(basic_ring_words<Atomics>& words, std::span<std::byte> data) noexcept
        : words_(&words), data_(data) {}

    std::size_t longest() const noexcept { return ring_format::longest_message(data_.size()); }

    /// Writes a message of two parts, which together are no longer than `longest()`. Returns false if there is no room
    /// now.
    bool try_write(std::span<std::byte const> first, std::span<std::byte const> second) noexcept {
        std::uint64_t const length = first.size() + second.size();
        std::size_t const need = ring_format::room_for(length);
        if (!has_room(length)) return false;
        std::size_t at = place();
        if (data_.size() - at < need) {
            Memory::write(data_.data() + at, &ring_format::go_to_front, ring_format::length_bytes);
            written_ += data_.size() - at;
            at = 0;
        }
        Memory::write(data_.data() + at, &length, ring_format::length_bytes);
        at += ring_format::length_bytes;
        if (!first.empty()) Memory::write(data_.data() + at, first.data(), first.size());
        if (!second.empty()) Memory::write(data_.data() + at + first.size(), second.data(), second.size());
        written_ += need;
        words_->written.store(written_, std::memory_order_release); // ring.written ->
        return true;
    }

    /// Whether a message of `bytes` fits now.
    bool has_room(std::size_t bytes) noexcept {
        std::size_t const need = ring_format::room_for(bytes);
        std::size_t const rest = data_.size() - place();
        std::size_t const total = need <= rest ? need : rest + need;
        if (fits(total)) return true;
        std::uint64_t const taken = words_->taken.load(std::memory_order_acquire); // <- ring.taken
        if (written_ - taken > data_.size()) return false; // the other process has corrupted it: never room again
        taken_ = taken;
        return fits(total);
    }

    /// Asks the reader to report room. The caller checks for room once more before it relies on the report.
    void ask_for_room() noexcept {
        words_->wants_room.store(1, std::memory_order_relaxed);
        Atomics::full_fence(); // <- ring.room
    }

  private:
    std::size_t place() const noexcept { return static_cast<std::size_t>(written_ % data_.size()); }
    bool fits(std::size_t bytes) const noexcept { return written_ - taken_ + bytes <= data_.size(); }

    basic_ring_words<Atomics>* words_;
    std::span<std::byte> data_;
    std::uint64_t written_ = 0; // the words in shared memory are never read back
    std::uint64_t taken_ = 0;   // last value seen
};

enum class ring_read : std::uint8_t {
    nothing, ///< there is no message
    message, ///< a message was passed to the callback
    broken   ///< what lies there was not written by a writer
};

/// The reading side. One thread at a time calls it.
template<class Atomics, class Memory = plain_memory>
class basic_ring_reader {
  public:
    basic_ring_reader(basic_ring_words<Atomics>& words, std::span<std::byte const> data) noexcept
        : words_(&words), data_(data) {}

    /// Calls `take(bytes)` for the next message. The bytes stay in the ring, and the writer may reuse them after the
    /// return.
    template<class Take>
    ring_read read(Take&& take) {
        for (;;) {
            std::uint64_t const waiting = words_->written.load(std::memory_order_acquire) - taken_; // <- ring.written
            if (waiting == 0) return ring_read::nothing;
            if (waiting > data_.size() || waiting < ring_format::length_bytes || waiting % 8 != 0)
                return ring_read::broken;
            std::size_t const at = static_cast<std::size_t>(taken_ % data_.size());
            std::size_t const rest = data_.size() - at;
            std::uint64_t length;
            Memory::read(&length, data_.data() + at, ring_format::length_bytes);
            if (length == ring_format::go_to_front) {
                if (at == 0 || rest > waiting) return ring_read::broken;
                release(rest);
                continue;
            }
            if (length > ring_format::longest_message(data_.size())) return ring_read::broken;
            std::size_t const room = ring_format::room_for(static_cast<std::size_t>(length));
            if (room > rest || room > waiting) return ring_read::broken;
            take(data_.subspan(at + ring_format::length_bytes, static_cast<std::size_t>(length)));
            release(room);
            return ring_read::message;
        }
    }

    /// Whether there is something to read. Relaxed, for callers that check once more after a full fence. **Threads**
    /// any.
    bool is_waiting() const noexcept {
        return words_->written.load(std::memory_order_relaxed) != words_->taken.load(std::memory_order_relaxed);
    }

    /// Whether the writer waits for room and must be told now. Called after reads.
    bool must_tell_of_room() noexcept {
        Atomics::full_fence(); // ring.room ->
        return words_->wants_room.load(std::memory_order_relaxed) != 0 &&
               words_->wants_room.exchange(0, std::memory_order_relaxed) != 0;
    }

  private:
    void release(std::size_t bytes) noexcept {
        taken_ += bytes;
        words_->taken.store(taken_, std::memory_order_release); // ring.taken ->
    }

    basic_ring_words<Atomics>* words_;
    std::span<std::byte const> data_;
    std::uint64_t taken_ = 0; // the word in shared memory is never read back
};

using ring_words = basic_ring_words<std_atomics>;
using ring_writer = basic_ring_writer<std_atomics>;
using ring_reader = basic_ring_reader<std_atomics>;

} // namespace hocket::detail
