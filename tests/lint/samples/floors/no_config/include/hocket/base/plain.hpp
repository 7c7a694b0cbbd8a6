// SPDX-License-Identifier: MIT
#pragma once
namespace hocket::inline HOCKET_ABI {
}
