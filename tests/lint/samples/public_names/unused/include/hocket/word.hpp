// SPDX-License-Identifier: MIT
// * `twice` does it again.
//
// Seldom written out: `once`.
#pragma once
