// SPDX-License-Identifier: MIT
#pragma once

inline auto now() { return std::chrono::steady_clock::now(); }
