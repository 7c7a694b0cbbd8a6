// SPDX-License-Identifier: MIT
// What a plugin and its program say to each other.
#pragma once

extern "C" {
using callback = int (*)(void* argument);
int plugin_work(callback back, void* argument);
int plugin_meets(int workers);
int plugin_waits(int depth);
int plugin_workers();
}
