// SPDX-License-Identifier: MIT
// The interface between a plugin and its program.
#pragma once

extern "C" {
using callback = int (*)(void* argument);
int plugin_work(callback back, void* argument);
int plugin_meets(int workers);
int plugin_waits(int depth);
int plugin_workers();
}
