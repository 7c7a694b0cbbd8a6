// SPDX-License-Identifier: MIT
#pragma once

struct middle {
    base part;
};
