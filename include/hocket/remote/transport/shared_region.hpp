// SPDX-License-Identifier: MIT
// Memory that several processes of a program modify. One of them makes it. The others find it through a descriptor of
// the process that sends its address. Called by shared_memory and shared_array.
#pragma once

#include <hocket/remote/transport/owned_fd.hpp>
#include <hocket/remote/wire/archive.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

/// The address under which another process finds a region.
struct region_address {
    std::int64_t pid = 0;               ///< process that sent the address
    std::int64_t fd = -1;               ///< descriptor in that process
    std::uint64_t device = 0, file = 0; ///< identity of the file
    std::uint64_t bytes = 0;
    std::uint32_t server = 0; ///< number of the server that passes the descriptor; 0: none
};

/// A region, which lives until the last process that maps it unmaps it or ends.
class shared_region {
  public:
    /// Makes zeroed memory. **Throws** std::bad_alloc, std::runtime_error.
    explicit shared_region(std::size_t bytes);
    /// Maps a region at the address that another process has sent. **Throws** object_lost if that process has unmapped
    /// it or has ended; bad_message.
    explicit shared_region(region_address const& from);

    std::byte* data() const noexcept { return block_.data(); }
    /// Returns the requested number of bytes.
    std::size_t size() const noexcept { return static_cast<std::size_t>(address_.bytes); }
    region_address const& address() const noexcept { return address_; }

  private:
    shared_block block_;
    region_address address_;
};

/// Writes the address of a region, which the archive then keeps, or maps the region whose address is read. Null regions
/// stay null.
template<class Archive>
void serialize_region(Archive& archive, std::shared_ptr<shared_region const>& region) {
    region_address address = region == nullptr ? region_address() : region->address();
    archive(address.pid, address.fd, address.device, address.file, address.bytes, address.server);
    if constexpr (Archive::is_loading)
        region = address.fd < 0 ? nullptr : std::make_shared<shared_region const>(address);
    else if (region != nullptr)
        archive.memory.push_back(region);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/shared_region.ipp>
#endif
