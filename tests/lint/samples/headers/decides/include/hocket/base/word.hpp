// SPDX-License-Identifier: MIT
#pragma once
#ifdef __linux__
#endif
