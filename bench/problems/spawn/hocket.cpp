// SPDX-License-Identifier: MIT
// A million tiny tasks by a hocket::task_group.
#include "../hocket_pool.hpp"
#include "problem.hpp"

#include <hocket/fork_join/task_group.hpp>

namespace hocket_bench::spawn_problem {
namespace {

struct group_of_pool {
    std::shared_ptr<hocket::thread_pool> pool;

    template<class F>
    void one_by_one(int n, F const& f) {
        hocket::task_group group(*pool);
        for (int i = 0; i < n; ++i) {
            group.run(f);
        }
        group.wait();
    }
    template<class F>
    void bulk(int n, F const& f) {
        hocket::task_group group(*pool);
        group.run_bulk(std::size_t(n), [f](std::size_t) { f(); });
        group.wait();
    }
    template<class F>
    void inside(int rounds, int n, F const& f) {
        on(*pool, [&] {
            for (int round = 0; round < rounds; ++round) {
                hocket::task_group group;
                for (int i = 0; i < n; ++i) {
                    group.run(f);
                }
                group.wait();
            }
            return 0;
        });
    }
};

[[maybe_unused]] bool const rows =
    add(by_hocket, [](int threads) { return std::make_shared<group_of_pool>(group_of_pool{make_pool(threads)}); });

} // namespace
} // namespace hocket_bench::spawn_problem
