// SPDX-License-Identifier: MIT
// The interface of a fuzz target: the function that libFuzzer calls, and inputs to begin with. Without libFuzzer,
// mutations.cpp calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Uses the bytes as a program would use a message. An error in its answer ends the process.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

/// Returns valid inputs, from which mutations begin.
std::vector<std::vector<std::uint8_t>> fuzz_corpus();
