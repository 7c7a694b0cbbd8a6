// SPDX-License-Identifier: MIT
// Wakes whoever waits.
