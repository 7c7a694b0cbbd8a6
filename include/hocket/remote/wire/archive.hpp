// SPDX-License-Identifier: MIT
// Values and errors to bytes and back: what those who send and take messages include.
// Called by the thunks, and by whatever sends values.
#pragma once

#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/archive_values.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/travels.hpp>
