// SPDX-License-Identifier: MIT
#pragma once

#include <base.hpp>
#include <middle.hpp>

struct top : middle {};
