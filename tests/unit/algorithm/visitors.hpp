// SPDX-License-Identifier: MIT
// Table of the algorithms that call a callable of the program once for each element.
#pragma once

#include <hocket/hocket.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

namespace algorithm_test {

using namespace hocket;

using call_of =
    std::function<void(thread_pool&, std::vector<int>&, std::function<void(int)> const&, loop_options const&)>;

/// An algorithm that calls a callable once for each element: `visit` stands in for the callable.
struct visitor {
    char const* name;
    call_of run;
};

inline std::vector<visitor> visitors() {
    return {
        {"parallel_for",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for(
                 pool, v, [&](int i) { visit(i); }, options);
         }},
        {"parallel_for over integers",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for(
                 pool, std::size_t{0}, v.size(), [&](std::size_t i) { visit(static_cast<int>(i)); }, options);
         }},
        {"parallel_for_each",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for_each(
                 pool, v, [&](int i, feeder<int>&) { visit(i); }, options);
         }},
        {"parallel_map",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_map(
                 pool, v, [&](int i) { return visit(i), i; }, options));
         }},
        {"parallel_map into storage",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<int> out(v.size());
             parallel_map(
                 pool, v, out.begin(), [&](int i) { return visit(i), i; }, options);
         }},
        {"parallel_starmap",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<std::tuple<int, int>> pairs;
             for (int const i : v) pairs.emplace_back(i, i);
             static_cast<void>(parallel_starmap(
                 pool, pairs, [&](int i, int) { return visit(i), i; }, options));
         }},
        {"parallel_transform_reduce",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_transform_reduce(
                 pool, v, 0L, std::plus<>(), [&](int i) { return visit(i), long{i}; }, options));
         }},
        {"parallel_copy_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_copy_if(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options));
         }},
        {"parallel_copy_if of strings",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<std::string> strings;
             for (int const i : v) strings.push_back(std::to_string(i));
             auto const pred = [&](std::string const& s) { return visit(std::stoi(s)), s.size() % 2 == 0; };
             static_cast<void>(parallel_copy_if(pool, strings, pred, options));
         }},
        {"parallel_copy_if into storage",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<int> out(v.size());
             parallel_copy_if(
                 pool, v, out.begin(), [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_partition",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_partition(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_partition of strings",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<std::string> strings;
             for (int const i : v) strings.push_back(std::to_string(i));
             parallel_partition(
                 pool, strings, [&](std::string const& s) { return visit(std::stoi(s)), s.back() % 2 == 0; }, options);
         }},
        {"parallel_remove_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_remove_if(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_find_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_find_if(
                 pool, v, [&](int i) { return visit(i), false; }, options));
         }},
        {"parallel_none_of",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_none_of(
                 pool, v, [&](int i) { return visit(i), false; }, options));
         }},
        {"parallel_count_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_count_if(
                 pool, v, [&](int i) { return visit(i), true; }, options));
         }},
        {"parallel_histogram",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             auto const key = [&](int i) { return visit(i), static_cast<std::size_t>(i % 7); };
             static_cast<void>(parallel_histogram(pool, v, 7, key, options));
         }},
        {"parallel_group_by",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_group_by(
                 pool, v, [&](int i) { return visit(i), i % 7; }, options));
         }},
        {"parallel_generate",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::atomic<int> next = 0;
             parallel_generate(
                 pool, v, [&] { return visit(next.fetch_add(1)), 0; }, options);
         }},
        {"parallel_for_each_n",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_for_each_n(
                 pool, v.begin(), v.size(), [&](int i) { visit(i); }, options);
         }},
        {"parallel_transform",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_transform(
                 pool, v, v, [&](int i) { return visit(i), i; }, options);
         }},
        {"parallel_transform of two ranges",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_transform(
                 pool, v, v, v.begin(), [&](int i, int) { return visit(i), i; }, options);
         }},
        {"parallel_replace_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_replace_if(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, -1, options);
         }},
        {"parallel_find_if_not",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_find_if_not(
                 pool, v, [&](int i) { return visit(i), true; }, options));
         }},
        {"parallel_equal",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_equal(
                 pool, v, v, [&](int i, int) { return visit(i), true; }, options));
         }},
        {"parallel_is_partitioned",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_is_partitioned(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options));
         }},
        {"parallel_remove_copy_if",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             static_cast<void>(parallel_remove_copy_if(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options));
         }},
        {"parallel_partition_copy",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             std::vector<int> yes(v.size()), no(v.size());
             parallel_partition_copy(
                 pool, v, yes.begin(), no.begin(), [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
        {"parallel_stable_partition",
         [](auto& pool, auto& v, auto& visit, auto& options) {
             parallel_stable_partition(
                 pool, v, [&](int i) { return visit(i), i % 2 == 0; }, options);
         }},
    };
}

} // namespace algorithm_test
