// SPDX-License-Identifier: MIT
// The sum over a tree by hocket::join: the left child runs inline, the right one is offered.
#include "../hocket_pool.hpp"
#include "problem.hpp"

namespace hocket_bench::tree_problem {
namespace {

std::int64_t sum(node const* at) {
    if (at->left == nullptr || at->right == nullptr) {
        return at->value + (at->left != nullptr ? sum(at->left) : 0) + (at->right != nullptr ? sum(at->right) : 0);
    }
    auto const [a, b] = hocket::join([at] { return sum(at->left); }, [at] { return sum(at->right); });
    return at->value + a + b;
}

[[maybe_unused]] bool const rows = add<large>(by_hocket, [](int threads) {
    return [pool = make_pool(threads)](node const* root) { return on(*pool, [root] { return sum(root); }); };
});

} // namespace
} // namespace hocket_bench::tree_problem
