// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/base/there.hpp>
