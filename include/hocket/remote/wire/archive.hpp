// SPDX-License-Identifier: MIT
// Conversion of values and errors to bytes and back: the header for senders and receivers of messages. Called by the
// thunks, and by all senders of values.
#pragma once

#include <hocket/remote/wire/archive_bytes.hpp>
#include <hocket/remote/wire/archive_values.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/travels.hpp>
