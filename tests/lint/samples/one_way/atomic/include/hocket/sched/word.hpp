// SPDX-License-Identifier: MIT
#pragma once

inline std::atomic<int> word{0}; // std::mutex in a comment is no use of it
