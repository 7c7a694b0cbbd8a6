// SPDX-License-Identifier: MIT
// Chooses among a few elements: a flag for each, on the caller's stack. The predicate runs in a loop over elements. So
// an expensive predicate is shared however few the elements are, and a cheap one costs no memory and no thread.
// Packing, removal and partitions use it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/options.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstdint>

namespace hocket::inline HOCKET_ABI::detail {

/// Stores for [first, last) whether `keep(iterator, index)` is true.
template<class In, class Keep>
struct flag_kernel {
    static constexpr bool resumes = true;
    In const& in;
    Keep const& keep;
    bool* flags; // no bytes: a store of one might change anything, for all that the compiler knows

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t& at) const {
        hot_callable<Keep> keeps = keep;
        std::uint64_t i = first;
        report_position const report(at, i);
        for (In element = advanced(in, i); i != last; void(++i), ++element)
            flags[i] = static_cast<bool>(keeps(element, i));
    }
};

class few_flags {
  public:
    static constexpr std::uint64_t most = 1024;

    /// Tests each of `n` elements, at most `most`. Throws what `keep` throws.
    template<class In, class Keep>
    few_flags(thread_pool& pool, In const& in, std::uint64_t n, Keep const& keep, loop_options const& options) : n_(n) {
        detail::guarded_loop(pool, n, options, flag_kernel<In, Keep>{in, keep, flags_});
    }

    [[nodiscard]] bool operator[](std::uint64_t i) const noexcept { return flags_[i]; }

    [[nodiscard]] std::uint64_t total() const noexcept {
        std::uint64_t chosen = 0;
        for (std::uint64_t i = 0; i != n_; ++i) chosen += flags_[i] ? 1U : 0U;
        return chosen;
    }

  private:
    std::uint64_t n_;
    bool flags_[most];
};

} // namespace hocket::detail
