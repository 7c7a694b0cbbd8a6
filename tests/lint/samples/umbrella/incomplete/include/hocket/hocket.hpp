// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/word.hpp>
