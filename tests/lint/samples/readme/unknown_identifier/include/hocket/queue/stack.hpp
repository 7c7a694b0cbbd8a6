// SPDX-License-Identifier: MIT
void push();
