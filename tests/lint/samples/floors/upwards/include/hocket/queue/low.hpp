// SPDX-License-Identifier: MIT
#pragma once
#include <hocket/pool/high.hpp>
