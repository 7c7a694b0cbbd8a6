// SPDX-License-Identifier: MIT
// A million tiny tasks, called one after another through a pointer.
#include "problem.hpp"

#include <memory>

namespace hocket_bench::spawn_problem {
namespace {

struct calls {
    template<class F>
    void bulk(int n, F const& f) {
        F const* callable = &f;
        for (int i = 0; i < n; ++i) {
            conceal(callable);
            (*callable)();
        }
    }
    template<class F>
    void one_by_one(int n, F const& f) {
        bulk(n, f);
    }
    template<class F>
    void inside(int rounds, int n, F const& f) {
        bulk(rounds * n, f);
    }
};

[[maybe_unused]] bool const rows = add(serially, [](int) { return std::make_shared<calls>(); });

} // namespace
} // namespace hocket_bench::spawn_problem
