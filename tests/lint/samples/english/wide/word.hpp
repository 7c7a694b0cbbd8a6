// SPDX-License-Identifier: MIT
// word word word word word word word word word word word word word word word word word word word word word word word word word word word word word word 
