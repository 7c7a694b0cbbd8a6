// SPDX-License-Identifier: MIT
// The same for lists.
