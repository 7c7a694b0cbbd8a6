// SPDX-License-Identifier: MIT
// The two archives: `archive_writer` appends values to bytes, and `archive_reader` reads values from bytes that may be
// damaged. Called by archive.hpp, which knows how each kind of value is written, and by the `serialize` functions of
// programs.
#pragma once

#include <hocket/base/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The maximum nesting depth of values. Reading a deeper list of nodes would overflow the stack of the reader.
inline constexpr unsigned most_nested = 1000;

[[noreturn]] [[gnu::cold]] void throw_bad_message(char const* what);
[[noreturn]] [[gnu::cold]] void throw_not_remotable(char const* what);

/// Counts the containers and pointers around a value. **Throws** `bad_message` beyond `most_nested`.
class nesting {
  public:
    explicit nesting(unsigned& depth) : depth_(depth) {
        if (depth_ == most_nested) throw_bad_message("hocket: a value is nested more than 1000 levels deep");
        ++depth_;
    }
    ~nesting() { --depth_; }
    nesting(nesting const&) = delete;
    nesting& operator=(nesting const&) = delete;

  private:
    unsigned& depth_;
};

/// Appends values to `bytes`. The `serialize(Archive& archive)` of a class may use `archive & a & b` or
/// `archive(a, b)`. It can query `Archive::is_loading`, as a value or as a type with a `value`.
class archive_writer {
  public:
    struct is_loading : std::false_type {};
    static constexpr struct is_loading is_loading {};
    struct is_saving : std::true_type {};
    static constexpr struct is_saving is_saving {};

    std::vector<std::byte> bytes;
    void* context = nullptr; ///< for the hooks of hocket's own types
    unsigned depth = 0;      ///< containers and pointers around what is written now
    /// Memory whose address is in `bytes`, and which must live until the receiver has read them.
    std::vector<std::shared_ptr<void const>> memory{};

    template<class... T>
    archive_writer& operator()(T const&... values);
    template<class T>
    archive_writer& operator&(T const& value);

    /// Not inlined, because g++ 12 warns of null pointers in the insertion when it knows that nothing was written
    /// before.
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
    /// Reads the number of elements that follow, each of at least `least` bytes.
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

// Declares functions for values that hold errors; error_bytes.hpp has their bodies.

/// Appends a non-null error and the errors nested in it. `where` names this process; empty: `own_place`. An
/// error that has arrived from another process keeps the place that it names.
void write_error(archive_writer& writer, std::exception_ptr const& error, std::string const& where = {});

/// Reads an error from the bytes of `reader`. **Throws** `bad_message` if they do not begin with an error.
std::exception_ptr read_error(archive_reader& reader);

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/wire/archive_bytes.ipp>
#endif
