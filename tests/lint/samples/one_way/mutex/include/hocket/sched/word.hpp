// SPDX-License-Identifier: MIT
#pragma once

inline std::mutex guard;
