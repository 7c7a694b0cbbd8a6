// SPDX-License-Identifier: MIT
// Packs elements that are copied as bytes. Each element is read and tested once, without a branch that the processor
// would have to predict, into a buffer of its block. When the counts of the blocks of a round are known, the buffers
// are copied to their places. parallel_copy_if uses it.
#pragma once

#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

namespace hocket::inline HOCKET_ABI::detail {

/// Uninitialised memory for objects.
template<class T>
class raw_buffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    explicit raw_buffer(std::uint64_t n)
        : size_(static_cast<std::size_t>(n)), data_(std::allocator<T>().allocate(size_)) {}
    ~raw_buffer() { std::allocator<T>().deallocate(data_, size_); }
    raw_buffer(raw_buffer const&) = delete;
    raw_buffer& operator=(raw_buffer const&) = delete;
    [[nodiscard]] T* data() const noexcept { return data_; }

  private:
    std::size_t size_;
    T* data_;
};

/// Copies the elements of [at, last) for which `keep` is true to `into`, which has room for all. Returns how many there
/// are.
template<class T, class In, class Keep>
std::uint64_t pack_block(In const& in, Keep const& keep, std::uint64_t& at, std::uint64_t last, T* into) {
    constexpr bool without_branch = sizeof(T) <= 64;
    constexpr unsigned at_once = 4; // else the loop itself costs as much as the test
    hot_callable<Keep> keeps = keep;
    std::uint64_t i = at, kept = 0;
    report_position const report(at, i);
    In element = advanced(in, i);
    auto const take = [&] {
        auto&& value = *element;
        bool const chosen = static_cast<bool>(keeps(value));
        if (without_branch || chosen) ::new (static_cast<void*>(into + kept)) T(value);
        kept += chosen ? 1U : 0U;
        ++i;
        ++element;
    };
    while (last - i >= at_once)
        for (unsigned k = 0; k != at_once; ++k) take();
    while (i != last) take();
    return kept;
}

/// The rounds of a packing. `sink(rank, from, count)` copies the kept elements of a block to their place.
template<class T, class In, class Keep, class Sink>
class pack_work {
  public:
    pack_work(In const& in, Keep const& keep, Sink const& sink, block_cut const& cut)
        : in_(in),
          keep_(keep),
          sink_(sink),
          cut_(cut),
          buffers_(cut.kept_blocks() * cut.block),
          places_(std::make_unique<place[]>(static_cast<std::size_t>(cut.kept_blocks()))) {}

    void first_pass(std::uint64_t b, std::uint64_t& at, stop_pace& pace) const {
        at = cut_.first(b);
        std::uint64_t kept = 0;
        for (std::uint64_t const last = cut_.last(b); at != last;)
            kept += detail::pack_block(in_, keep_, at, pace.next(at, last), buffer(b) + kept);
        places_[cut_.slot(b)].kept = kept;
    }

    void between(std::uint64_t first, std::uint64_t last) noexcept {
        for (std::uint64_t b = first; b != last; ++b) {
            place& here = places_[cut_.slot(b)];
            here.rank = total_;
            total_ += here.kept;
        }
    }

    void second_pass(std::uint64_t b, std::uint64_t& at) const {
        at = cut_.first(b);
        place const& here = places_[cut_.slot(b)];
        sink_(here.rank, buffer(b), here.kept);
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

  private:
    struct place {
        std::uint64_t kept = 0;
        std::uint64_t rank = 0;
    };
    T* buffer(std::uint64_t b) const noexcept { return buffers_.data() + cut_.slot(b) * cut_.block; }

    In const& in_;
    Keep const& keep_;
    Sink const& sink_;
    block_cut const& cut_;
    raw_buffer<T> buffers_;
    std::unique_ptr<place[]> places_;
    std::uint64_t total_ = 0;
};

/// Packs the whole range; returns how many elements were kept.
template<class T, class In, class Keep, class Sink>
std::uint64_t pack(thread_pool& pool, In const& in, Keep const& keep, Sink const& sink, block_cut const& cut,
                   loop_options const& options, loop_errors& errors) {
    pack_work<T, In, Keep, Sink> work(in, keep, sink, cut);
    run_rounds(pool, cut, work, options, errors);
    return work.total();
}

} // namespace hocket::detail
