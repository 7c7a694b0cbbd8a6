// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/base/left.hpp>
