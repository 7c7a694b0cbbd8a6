// SPDX-License-Identifier: MIT
// Memory that a program's processes change together: made by one of them, found by the others through the descriptors
// of who tells them. Callers: shared_memory, shared_array.
#pragma once

#include <hocket/remote/transport/owned_fd.hpp>
#include <hocket/remote/wire/archive.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hocket::inline HOCKET_ABI::detail {

/// Where another process finds a region.
struct region_address {
    std::int64_t pid = 0;               ///< of who has told it
    std::int64_t fd = -1;               ///< in that process
    std::uint64_t device = 0, file = 0; ///< which file that is
    std::uint64_t bytes = 0;
};

/// Lives until the last process that has it lets it go, or ends.
class shared_region {
  public:
    /// Zeroed memory. **Throws** std::bad_alloc, std::runtime_error.
    explicit shared_region(std::size_t bytes);
    /// Maps what another process has told of. **Throws** object_lost if that process has let it go or has ended;
    /// bad_message.
    explicit shared_region(region_address const& from);

    std::byte* data() const noexcept { return block_.data(); }
    /// How many bytes were asked for.
    std::size_t size() const noexcept { return static_cast<std::size_t>(address_.bytes); }
    region_address const& address() const noexcept { return address_; }

  private:
    shared_block block_;
    region_address address_;
};

/// Writes where a region is, or maps the one that is read. Null regions stay null.
template<class Archive>
void serialize_region(Archive& archive, std::shared_ptr<shared_region const>& region) {
    region_address address = region == nullptr ? region_address() : region->address();
    archive(address.pid, address.fd, address.device, address.file, address.bytes);
    if constexpr (Archive::is_loading)
        region = address.fd < 0 ? nullptr : std::make_shared<shared_region const>(address);
}

} // namespace hocket::detail

#if HOCKET_BODIES
#include <hocket/remote/transport/shared_region.ipp>
#endif
