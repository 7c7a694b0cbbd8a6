// SPDX-License-Identifier: MIT
// Limits oneTBB to a number of threads while it lives, the calling thread included.
#pragma once

#include <tbb/global_control.h>

#include <cstddef>
#include <memory>

namespace hocket_bench {

class tbb_threads {
  public:
    explicit tbb_threads(int threads)
        : limit_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)),
          stack_(tbb::global_control::thread_stack_size, std::size_t{256} << 20) {}

  private:
    tbb::global_control limit_;
    tbb::global_control stack_; // for the deep trees of uts
};

inline auto limit_tbb(int threads) { return std::make_shared<tbb_threads>(threads); }

} // namespace hocket_bench
