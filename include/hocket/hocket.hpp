// SPDX-License-Identifier: MIT
// All of hocket: every public header, floor by floor. Above all floors: no header of hocket includes it. A program that
// needs one thing compiles faster with the header of that thing.
#pragma once

#include <hocket/base/version.hpp>

#include <hocket/machine/hwloc.hpp>
#include <hocket/machine/machine.hpp>
#include <hocket/machine/topology.hpp>
