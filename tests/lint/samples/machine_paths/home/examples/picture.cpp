// SPDX-License-Identifier: MIT
auto file = "/home/somebody/picture.png";
