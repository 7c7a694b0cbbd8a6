// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/base/first.hpp>
#include <hocket/base/first.hpp>
