// SPDX-License-Identifier: MIT
// The one file of a program in the compiled form that has the bodies of hocket's functions.
#define HOCKET_SOURCE
#include <hocket/hocket.hpp>
#include <hocket/remote.hpp>
