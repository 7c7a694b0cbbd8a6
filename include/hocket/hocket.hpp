// SPDX-License-Identifier: MIT
// Includes all of hocket except <hocket/remote.hpp>. Each header below covers one topic and begins with a page about
// its contents. A program that needs only one topic compiles faster with the header of that topic. No header of hocket
// includes hocket.hpp.
//
//     #include <hocket/hocket.hpp>
//
//     int main() {
//         auto const [evens, squares] =
//             hocket::join([] { return hocket::parallel_count_if(0, 100, [](int i) { return i % 2 == 0; }); },
//                          [] { return hocket::parallel_map(0, 100, [](int i) { return i * i; }); });
//         return evens == 50 && squares[9] == 81 ? 0 : 1;
//     }
#pragma once

#include <hocket/coroutine.hpp>
#include <hocket/filter.hpp>
#include <hocket/future.hpp>
#include <hocket/graph.hpp>
#include <hocket/group.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/machine.hpp>
#include <hocket/map.hpp>
#include <hocket/options.hpp>
#include <hocket/pipeline.hpp>
#include <hocket/pool.hpp>
#include <hocket/progress.hpp>
#include <hocket/reduce.hpp>
#include <hocket/scan.hpp>
#include <hocket/search.hpp>
#include <hocket/sort.hpp>
#include <hocket/stream.hpp>
#include <hocket/timer.hpp>
#include <hocket/version.hpp>
#include <hocket/zip.hpp>
