// SPDX-License-Identifier: MIT
// Partitions a block in place, and then exchanges the elements on the wrong side of the whole range: the k-th element
// that has to go right with the k-th that has to go left. (The blocks of Francis and Pannan, A parallel partition for
// enhanced parallel quicksort, 1992, with a fixed cut.) parallel_partition uses it.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/algorithm/forms/rounds.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/stop_pace.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

inline constexpr std::uint64_t partition_bytes = 16 * 1024;

template<class T>
inline constexpr bool partitioned_by_copies = std::is_trivially_copyable_v<T> && sizeof(T) <= 64;

/// Holds the false elements while the true elements move to the front, and puts them behind those, however the block
/// ends.
template<class T, class Iterator>
class false_elements {
  public:
    explicit false_elements(Iterator const& first) : to_(first) {}
    ~false_elements() {
        for (std::uint64_t k = 0; k != count_; void(++k), ++to_) *to_ = std::move(buffer()[k]);
    }
    false_elements(false_elements const&) = delete;
    false_elements& operator=(false_elements const&) = delete;

    /// Moves are copies of bytes here, also where the element can be moved only: `value` goes to both places.
    HOCKET_ALWAYS_INLINE void add(T value, bool is_true) noexcept {
        ::new (static_cast<void*>(buffer() + count_)) T(std::move(value));
        *to_ = std::move(value);
        count_ += is_true ? 0U : 1U;
        to_ += is_true ? 1 : 0;
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  private:
    T* buffer() noexcept { return reinterpret_cast<T*>(bytes_); }

    Iterator to_;
    std::uint64_t count_ = 0;
    alignas(T) unsigned char bytes_[partition_bytes];
};

/// Partitions [at, last) by `pred(iterator, index)` and returns for how many elements it is true. Each element is
/// tested once, at its place. If `pred` throws, or the operation was stopped, `at` is the element, and all elements are
/// there. With `forwards`, the elements before it were tested and the elements behind it have not moved.
template<class T, class Iterator, class Pred, class Pace>
std::uint64_t partition_one(Iterator const& begin, Pred const& pred, std::uint64_t& at, std::uint64_t last,
                            bool forwards, Pace& pace) {
    hot_callable<Pred> test = pred;
    std::uint64_t const first = at;
    if constexpr (partitioned_by_copies<T>) {
        std::uint64_t i = first;
        report_position const report(at, i);
        Iterator element = advanced(begin, first);
        false_elements<T, Iterator> others(element);
        while (i != last) {
            for (std::uint64_t const stop = pace.next(i, last); i != stop; void(++i), ++element) {
                bool const is_true = static_cast<bool>(test(element, i));
                others.add(T(std::ranges::iter_move(element)), is_true);
            }
        }
        return last - first - others.count();
    } else if (forwards) {
        std::uint64_t trues = first;
        for (; at != last; ++at) {
            Iterator const element = advanced(begin, at);
            static_cast<void>(pace.next(at, at + 1));
            if (!static_cast<bool>(test(element, at))) continue;
            if (trues != at) std::ranges::iter_swap(advanced(begin, trues), element);
            ++trues;
        }
        return trues - first;
    } else {
        std::uint64_t left = first, right = last;
        for (;; ++left) {
            for (; left != right; ++left) {
                at = left;
                static_cast<void>(pace.next(at, at + 1));
                if (!static_cast<bool>(test(advanced(begin, left), left))) break;
            }
            if (left == right) return left - first;
            for (--right; left != right; --right) {
                at = right;
                static_cast<void>(pace.next(at, at + 1));
                if (static_cast<bool>(test(advanced(begin, right), right))) break;
            }
            if (left == right) return left - first;
            std::ranges::iter_swap(advanced(begin, left), advanced(begin, right));
        }
    }
}

/// The pieces of a range that have to change sides, in order. `before(k)` returns how many elements lie before piece k.
class pieces {
  public:
    explicit pieces(std::uint64_t most) : all_(std::make_unique<piece[]>(static_cast<std::size_t>(most))) {}

    void add(std::uint64_t first, std::uint64_t last) noexcept {
        if (first >= last) return;
        all_[count_++] = {first, total_};
        total_ += last - first;
    }
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }

    /// A walk over the elements from the k-th on.
    class walk {
      public:
        walk(pieces const& all, std::uint64_t k) noexcept : all_(all) {
            std::uint64_t low = 0, high = all.count_;
            while (high - low > 1) {
                std::uint64_t const middle = low + (high - low) / 2;
                (all.all_[middle].before <= k ? low : high) = middle;
            }
            piece_ = low;
            position_ = all.all_[low].first + (k - all.all_[low].before);
            left_ = end_of(low) - k;
        }
        [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
        /// Returns how many elements follow here without a gap, including the current one.
        [[nodiscard]] std::uint64_t left() const noexcept { return left_; }
        void skip(std::uint64_t n) noexcept {
            position_ += n;
            left_ -= n;
            if (left_ != 0 || ++piece_ == all_.count_) return;
            position_ = all_.all_[piece_].first;
            left_ = end_of(piece_) - all_.all_[piece_].before;
        }

      private:
        std::uint64_t end_of(std::uint64_t p) const noexcept {
            return p + 1 == all_.count_ ? all_.total_ : all_.all_[p + 1].before;
        }
        pieces const& all_;
        std::uint64_t piece_;
        std::uint64_t position_;
        std::uint64_t left_;
    };

  private:
    struct piece {
        std::uint64_t first;
        std::uint64_t before;
    };
    std::unique_ptr<piece[]> all_;
    std::uint64_t count_ = 0;
    std::uint64_t total_ = 0;
};

template<class Iterator>
struct exchange_kernel {
    static constexpr bool resumes = false;
    Iterator const& begin;
    pieces const& forth;
    pieces const& back;

    void operator()(std::uint64_t first, std::uint64_t last, std::uint64_t&) const {
        pieces::walk a(forth, first), b(back, first);
        for (std::uint64_t k = first; k != last;) {
            std::uint64_t run = a.left() < b.left() ? a.left() : b.left();
            run = last - k < run ? last - k : run;
            Iterator x = advanced(begin, a.position()), y = advanced(begin, b.position());
            for (std::uint64_t r = 0; r != run; void(++r), void(++x), ++y) std::ranges::iter_swap(x, y);
            a.skip(run);
            b.skip(run);
            k += run;
        }
    }
};

} // namespace hocket::detail
