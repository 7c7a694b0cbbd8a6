// SPDX-License-Identifier: MIT
#pragma once
namespace hocket {
class thread_pool;
enum class word : int {};
} // namespace hocket
