// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/first.hpp>
#include <hocket/first.hpp>
