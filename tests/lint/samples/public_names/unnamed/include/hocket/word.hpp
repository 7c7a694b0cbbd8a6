// SPDX-License-Identifier: MIT
// Words.
#pragma once
