// SPDX-License-Identifier: MIT
// Progress of long operations: objects that the option `.progress` takes.
//
//     #include <hocket/loop.hpp>
//     #include <hocket/progress.hpp>
//
//     int main() {
//         hocket::progress counted;
//         hocket::parallel_for(0, 1000, [](int) {}, {.progress = &counted});
//         return counted.done() == 1000 && counted.fraction() == 1.0 ? 0 : 1;
//     }
//
// * `progress` counts the finished elements. Any thread may read it at any time.
// * `progress_callback` calls a function from time to time, for a window or a log.
// * `terminal_progress bar("reading");` draws a bar on the terminal, with the rate and the remaining time. It is silent
//   if stderr is no terminal.
#pragma once

#include <hocket/base/progress.hpp>
#include <hocket/loop/progress_callback.hpp>
#include <hocket/loop/terminal_progress.hpp>
