// SPDX-License-Identifier: MIT
#pragma once
namespace hocket {
}
