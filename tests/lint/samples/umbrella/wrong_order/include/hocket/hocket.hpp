// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/task/second.hpp>
#include <hocket/base/first.hpp>
