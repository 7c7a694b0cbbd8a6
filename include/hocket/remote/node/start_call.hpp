// SPDX-License-Identifier: MIT
// A call that each process of a pool runs first. Kept by the node.
#pragma once

#include <hocket/os/fp_mode.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

struct start_call {
    std::uint64_t token;
    std::vector<std::byte> body;
    std::vector<std::shared_ptr<void const>> memory{}; ///< whose address is in the body
    fp_mode mode = fp_mode::now();
};

} // namespace hocket::detail
