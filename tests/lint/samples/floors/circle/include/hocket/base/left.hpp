// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/base/right.hpp>
