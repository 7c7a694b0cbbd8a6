// SPDX-License-Identifier: MIT
// The places from which a body may wait: itself, and parts of it that other threads may run.
#pragma once

#include <hocket/future.hpp>
#include <hocket/graph.hpp>
#include <hocket/join.hpp>
#include <hocket/loop.hpp>
#include <hocket/pipeline.hpp>

#include <functional>
#include <optional>

namespace wait_test {

using namespace hocket;

inline void nothing() {}

/// The place from which a task waits.
struct place {
    char const* name;
    void (*call)(std::function<void()> const&);
};
inline place const places[] = {
    {"itself", [](auto const& f) { f(); }},
    {"a join", [](auto const& f) { join(f, nothing); }},
    {"the end of a join", [](auto const& f) { join(nothing, nothing, f); }},
    {"both sides of a join", [](auto const& f) { join(f, f); }},
    {"a loop",
     [](auto const& f) { parallel_for(0, 3, [&](int) { f(); }, {.grain = 1, .schedule = schedule::dynamic}); }},
    {"a group",
     [](auto const& f) {
         task_group g;
         g.run([&] { f(); });
         g.run([&] { f(); });
         g.wait();
     }},
    {"a group in a group",
     [](auto const& f) {
         task_group g;
         g.run([&] {
             task_group inner;
             inner.run([&] { f(); });
             inner.wait();
         });
         g.wait();
     }},
    {"a graph",
     [](auto const& f) {
         task_graph g;
         g.add([&] { f(); });
         g.add([&] { f(); });
         g.run().get();
     }},
    {"a pipeline",
     [](auto const& f) {
         auto read = [i = 0]() mutable { return i < 2 ? std::optional<int>(i++) : std::nullopt; };
         pipeline(stage<serial>(read), stage<parallel>([&](int) { f(); })).run({.tokens = 2});
     }},
    {"a task", [](auto const& f) { submit([&] { f(); }).get(); }},
};

} // namespace wait_test
