// SPDX-License-Identifier: MIT
// The two archives: one appends values to bytes, the other reads them back from bytes that may be broken.
// Called by archive.hpp, which knows how each kind of value is written, and by the `serialize` of programs.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// How deep values may hold each other: a list of more than so many nodes would overflow the stack of who reads it.
inline constexpr unsigned most_nested = 1000;

[[noreturn]] [[gnu::cold]] void throw_bad_message(char const* what);
[[noreturn]] [[gnu::cold]] void throw_not_remotable(char const* what);

/// Counts the containers and pointers around a value. **Throws** `bad_message` beyond `most_nested`.
class nesting {
  public:
    explicit nesting(unsigned& depth) : depth_(depth) {
        if (depth_ == most_nested) throw_bad_message("hocket: a value holds others more than 1000 deep");
        ++depth_;
    }
    ~nesting() { --depth_; }
    nesting(nesting const&) = delete;
    nesting& operator=(nesting const&) = delete;

  private:
    unsigned& depth_;
};

/// Appends values to `bytes`. `serialize(Archive& archive)` of a class may say `archive & a & b`, or `archive(a, b)`,
/// and ask `Archive::is_loading`, as a value or as a type with a `value`.
class archive_writer {
  public:
    struct is_loading : std::false_type {};
    static constexpr struct is_loading is_loading {};
    struct is_saving : std::true_type {};
    static constexpr struct is_saving is_saving {};

    std::vector<std::byte> bytes;
    void* context = nullptr; ///< for the hooks of hocket's own types
    unsigned depth = 0;      ///< containers and pointers around what is written now

    template<class... T>
    archive_writer& operator()(T const&... values);
    template<class T>
    archive_writer& operator&(T const& value);

    /// Not inlined: g++ 12 warns of null pointers in the insertion where it knows that nothing was written before.
    HOCKET_NOINLINE void append(void const* from, std::size_t size) {
        constexpr std::size_t usual = 120; // of a call: a vector that begins with 8 bytes is moved four times
        if (bytes.capacity() == 0 && size < usual) bytes.reserve(usual);
        auto const* const first = static_cast<std::byte const*>(from);
        bytes.insert(bytes.end(), first, first + size);
    }
    void append_count(std::uint64_t count) { append(&count, sizeof count); }
};

/// Reads values from `bytes`, which shrink. **Throws** `bad_message` instead of reading beyond their end.
class archive_reader {
  public:
    struct is_loading : std::true_type {};
    static constexpr struct is_loading is_loading {};
    struct is_saving : std::false_type {};
    static constexpr struct is_saving is_saving {};

    std::span<std::byte const> bytes;
    void* context = nullptr; ///< for the hooks of hocket's own types
    unsigned depth = 0;      ///< containers and pointers around what is read now

    explicit archive_reader(std::span<std::byte const> from) noexcept : bytes(from) {}

    template<class... T>
    archive_reader& operator()(T&... values);
    template<class T>
    archive_reader& operator&(T& value);

    void take(void* to, std::size_t size) {
        if (size > bytes.size()) throw_bad_message("hocket: a message ends too early");
        if (size != 0) std::memcpy(to, bytes.data(), size);
        bytes = bytes.subspan(size);
    }
    /// Takes how many elements follow, of at least `least` bytes each.
    std::size_t take_count(std::size_t least) {
        std::uint64_t count;
        take(&count, sizeof count);
        if (count > bytes.size() / least) throw_bad_message("hocket: a message claims more elements than it holds");
        return static_cast<std::size_t>(count);
    }
    bool take_bool() {
        unsigned char byte;
        take(&byte, 1);
        if (byte > 1) throw_bad_message("hocket: a message holds a bool that is neither false nor true");
        return byte != 0;
    }
};

// Declared here for values that hold errors; the bodies are those of error_bytes.hpp.

/// Appends an error that is not null, and those nested in it. `where` names this process, and its node; an error that
/// has come from another process keeps what it says there.
void write_error(archive_writer& writer, std::exception_ptr const& error, std::string const& where = {});

/// Takes an error from the bytes of `reader`. **Throws** `bad_message` if they do not begin with one.
std::exception_ptr read_error(archive_reader& reader);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/archive_bytes.ipp>
#endif
