// SPDX-License-Identifier: MIT
#pragma once
namespace hocket::inline HOCKET_ABI {
class thread_pool;
enum class word : int {};
} // namespace hocket
