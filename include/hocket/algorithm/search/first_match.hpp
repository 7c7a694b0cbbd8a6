// SPDX-License-Identifier: MIT
// The search under parallel_find_if, any_of, all_of and none_of: the first element that passes a test. Blocks are begun
// in the order of the range, so that elements far behind a hit are never tested. The algorithms call it; programs do
// not.
#pragma once

#include <hocket/algorithm/forms/guarded_loop.hpp>
#include <hocket/base/atomic.hpp>
#include <hocket/base/call.hpp>
#include <hocket/loop/loop_work.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/range/projection.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstdint>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// The number of elements that a thread tests before it checks again whether the search was stopped. It grows by small
/// factors: if slow elements follow fast ones, about as many slow elements are tested after a stop.
class search_pace {
  public:
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    void adapt(std::uint64_t tested) noexcept {
        ticks const now = now_ticks();
        ticks const spent = now - std::exchange(before_, now);
        ticks const wanted = loop_times::get().piece / 4;
        if (spent > wanted)
            size_ = tested * wanted / spent + 1;
        else if (tested == size_)
            size_ *= size_ < 16 ? 4 : size_ < 512 ? 2 : 16;
    }

  private:
    std::uint64_t size_ = 1;
    ticks before_ = now_ticks();
};

/// One search over [0, n). The caller tests the first elements by itself. If the rest is worth it, all participants
/// take blocks from a common counter. So when a block is begun, all earlier blocks have been begun, and each of them is
/// searched up to its first hit. The lowest hit is the first, whatever thread finds it and when.
template<class Iterator, class Pred, class Proj>
class first_match {
  public:
    first_match(Iterator const& begin, std::uint64_t n, Pred const& pred, Proj const& proj,
                loop_options const& options) noexcept
        : begin_(begin), n_(n), pred_(pred), proj_(proj), options_(options), hit_(n), errors_(options) {}

    /// Returns the position of the first hit, or n. Throws what rules 3 and 4 of the public surface say. A failure
    /// behind the first hit does not count, because the serial algorithm would not have reached it.
    std::uint64_t find(thread_pool& pool) {
        progress* const bar = options_.progress;
        if (bar != nullptr) bar->expect(n_);
        if (n_ != 0 && !errors_.stopped()) {
            pool_entry entry(pool.sched(), pool_entry::lazily{});
            if (std::uint64_t const done = look_alone(pool, entry); done != n_) {
                static_cast<void>(entry.entered());
                look_together(pool, done);
            }
        }
        std::uint64_t const hit = hit_.load(std::memory_order_relaxed);
        if (hit != n_) errors_.forget_from(hit);
        errors_.finish(n_);
        if (bar != nullptr) bar->advance(n_ - looked_at_.load(std::memory_order_relaxed));
        return hit;
    }

  private:
    static constexpr unsigned tile = 32;

    /// What says whether an element has passed: as wide as the element, so that wide registers hold as many of both.
    using element_type =
        std::remove_cvref_t<decltype(detail::call(std::declval<Proj const&>(), *std::declval<Iterator const&>()))>;
    using flag = std::conditional_t<
        sizeof(element_type) == 8, std::uint64_t,
        std::conditional_t<sizeof(element_type) == 4, std::uint32_t,
                           std::conditional_t<sizeof(element_type) == 2, std::uint16_t, std::uint8_t>>>;

    /// Tests the first elements on the calling thread. Returns how far it came: n if it has tested all.
    std::uint64_t look_alone(thread_pool& pool, pool_entry& entry) noexcept {
        loop_plan const plan{.grain = options_.grain, .max_workers = options_.max_workers};
        serial_part part(pool.sched(), n_, plan, {&look_late, this}, fp_mode::now(),
                         options_.grain != 0 ? options_.grain : 1, false);
        bool lost = false;
        std::uint64_t const done = look_alone_at(pool, part, lost);
        if (late_loop* const late = part.end()) {
            finish_late(entry, *late, done == n_ && !lost);
            return n_;
        }
        return done;
    }

    /// Searches the elements that the caller had not begun when an element took long.
    static bool look_late(void* self, std::uint64_t first, std::uint64_t last) noexcept {
        first_match& search = *static_cast<first_match*>(self);
        stop_scope const scope(search.errors_.link());
        if (search.errors_.stopped() || first >= search.hit_.load(std::memory_order_relaxed)) return false;
        search.look_at(first, last);
        return true;
    }

    std::uint64_t look_alone_at(thread_pool& pool, serial_part& part, bool& lost) noexcept {
        stop_scope const scope(errors_.link());
        loop_times const& times = loop_times::get();
        std::uint64_t const least = options_.grain != 0 ? options_.grain : 1;
        // One element may need no test, as the first of a range that is to be sorted.
        bool const one_by_one = least == 1 ? n_ <= pool.size() + 1 : (n_ - 1) / least < pool.size();
        ticks const start = now_ticks();
        ticks before = start;
        std::uint64_t done = 0;
        double plain = 0; // ticks per element without tiles
        for (std::uint64_t batch = least;;) {
            std::uint64_t const first = done;
            std::uint64_t const last = n_ - done <= batch ? n_ : done + batch;
            std::uint64_t const at_once = one_by_one ? least : part_of(done, least);
            for (; done != last;) {
                std::uint64_t const next = last - done > at_once ? done + at_once : last;
                lost = done != 0 && !part.claim(next);
                if (lost || look_at(done, next) || next == n_ || errors_.stopped()) return n_;
                done = next;
                look_at_urgent_here();
            }
            ticks const now = now_ticks();
            per_element_ = static_cast<double>(now - before) / static_cast<double>(last - first);
            before = now;
            if (now - start < times.probe) {
                std::uint64_t const growth = batch < 16 ? 4 : now - start < times.probe / 4 ? 16 : 8;
                batch = batch < n_ / growth ? batch * growth : n_;
                continue;
            }
            if (plain == 0) { // cheap tests are tried in tiles once
                plain = per_element_;
                in_tiles_.store(per_element_ * tile < static_cast<double>(times.probe) / 4, std::memory_order_relaxed);
            } else if (per_element_ > plain) {
                in_tiles_.store(false, std::memory_order_relaxed);
            }
            double const rest = per_element_ * static_cast<double>(n_ - done);
            bool const pays = now - start > times.share_cold && rest > static_cast<double>(times.share_cold);
            bool const pays_soon = now - start > 8 * times.probe && rest > static_cast<double>(8 * times.share_hot) &&
                                   pool.sched().somebody_searches();
            if (pool.size() > 1 && (pays || pays_soon)) return done;
            batch = elements_in(times.least_chunk * 2, least);
        }
    }

    /// Returns how many elements of a batch the caller claims at once. While it has measured few elements, the others
    /// may take long.
    static std::uint64_t part_of(std::uint64_t measured, std::uint64_t least) noexcept {
        std::uint64_t const few = measured < 256 ? 64 : 256;
        return least == 1 ? few : (few + least - 1) / least * least;
    }

    /// Returns about how many elements take that long.
    std::uint64_t elements_in(ticks time, std::uint64_t least) const noexcept {
        double const wanted = static_cast<double>(time) / (per_element_ + 0.001);
        return wanted > static_cast<double>(least) ? static_cast<std::uint64_t>(wanted) : least;
    }

    void look_together(thread_pool& pool, std::uint64_t done) {
        std::uint64_t const balanced = (n_ - done) / (8 * pool.size()) + 1;
        std::uint64_t const wanted = elements_in(loop_times::get().least_chunk * 2, 1);
        std::uint64_t const block = options_.grain > wanted ? options_.grain : wanted < balanced ? wanted : balanced;
        next_block_.store(0, std::memory_order_relaxed);
        // Each participant runs one call of this, which lasts until no blocks are left. The loop has more iterations
        // than the pool has workers for those that come when another one has to wait.
        auto look = [this, done, block](std::uint64_t, std::uint64_t) noexcept {
            stop_scope const scope(errors_.link());
            search_pace pace;
            while (!errors_.stopped()) {
                std::uint64_t const number = next_block_.fetch_add(1, std::memory_order_relaxed);
                if (number > (hit_.load(std::memory_order_relaxed) - done) / block) return false;
                std::uint64_t const first = done + number * block;
                if (first >= hit_.load(std::memory_order_relaxed)) return false;
                look_in_parts(first, n_ - first < block ? n_ : first + block, pace);
                look_at_urgent_here();
            }
            return false;
        };
        run_loop(pool, 4 * pool.size(), {.grain = 1, .max_workers = options_.max_workers, .always_parallel = true},
                 look);
    }

    /// Searches [i, last), and begins no further part after a stop.
    void look_in_parts(std::uint64_t i, std::uint64_t last, search_pace& pace) noexcept {
        for (;;) {
            std::uint64_t const end = last - i < pace.size() ? last : i + pace.size();
            if (look_at(i, end)) return;
            pace.adapt(end - i);
            i = end;
            if (i == last || errors_.stopped() || i >= hit_.load(std::memory_order_relaxed)) return;
            look_at_urgent_here();
        }
    }

    /// Searches [i, last) up to the first hit, or to the first failure if that ends the search. Returns whether the
    /// search is over.
    bool look_at(std::uint64_t i, std::uint64_t last) noexcept {
        std::uint64_t const first = i;
        flag passed[tile];
        unsigned k = 0; // elements of the current tile that were looked at
        for (;;) {
            try {
                if (find_in(i, last, passed, k)) return hit_at(i);
                if (options_.progress != nullptr) count(last - first);
                return false;
            } catch (...) {
                for (unsigned before = 0; before < k; ++before)
                    if (passed[before] != 0) return hit_at(i + before);
                i += k;
                if (!errors_.record(i)) return true;
                k = 0;
                if (++i == last) return false;
            }
        }
    }

    /// Moves `i` to the first hit and returns true, or to `last`. When the test throws, the element is the one at i +
    /// k. Cheap tests run over whole tiles without a branch an element: where the compiler has wide registers for them,
    /// that is several times faster.
    HOCKET_ALWAYS_INLINE bool find_in(std::uint64_t& i, std::uint64_t last, flag* passed, unsigned& k) const {
        hot_callable<Pred> pred = pred_;
        hot_callable<Proj> proj = proj_;
        projected_test<Pred, Proj> const test{pred, proj};
        Iterator element = advanced(begin_, i);
        if (in_tiles_.load(std::memory_order_relaxed)) {
            for (; last - i >= tile; i += tile) {
                for (k = 0; k < tile; void(++k), ++element) passed[k] = test(*element) ? 1 : 0;
                k = 0;
                flag any = 0;
                for (unsigned one = 0; one < tile; ++one) any |= passed[one];
                if (any == 0) continue;
                while (passed[k] == 0) ++k;
                i += k;
                return true;
            }
        }
        for (; last - i >= 4; void(++i), ++element) {
            if (test(*element)) return true;
            void(++i), ++element;
            if (test(*element)) return true;
            void(++i), ++element;
            if (test(*element)) return true;
            void(++i), ++element;
            if (test(*element)) return true;
        }
        for (; i != last; void(++i), ++element)
            if (test(*element)) return true;
        return false;
    }

    /// Notes a hit: the lowest one stays.
    bool hit_at(std::uint64_t position) noexcept {
        std::uint64_t lowest = hit_.load(std::memory_order_relaxed);
        while (position < lowest && !hit_.compare_exchange_weak(lowest, position, std::memory_order_relaxed)) {
        }
        return true;
    }

    HOCKET_COLD void count(std::uint64_t elements) noexcept {
        looked_at_.fetch_add(elements, std::memory_order_relaxed);
        options_.progress->advance(elements);
    }

    Iterator const& begin_;
    std::uint64_t const n_;
    Pred const& pred_;
    Proj const& proj_;
    loop_options const& options_;
    double per_element_ = 0; // ticks; the caller's
    /// Writer: the caller. Readers: all participants.
    atomic<bool> in_tiles_{false};
    /// Writers and readers of these three: all participants. Relaxed: they are numbers, and the end of the loop orders
    /// everything before the caller's last look. The position of the lowest hit so far, n before there is one:
    atomic<std::uint64_t> hit_;
    atomic<std::uint64_t> next_block_{0};
    atomic<std::uint64_t> looked_at_{0}; // elements that the progress object was told about
    loop_errors errors_;
};

template<class Iterator, class Pred, class Proj>
std::uint64_t find_first(thread_pool& pool, Iterator const& begin, std::uint64_t n, Pred const& pred, Proj const& proj,
                         loop_options const& options) {
    check_options(options);
    first_match<Iterator, Pred, Proj> search(begin, n, pred, proj, options);
    return search.find(pool);
}

} // namespace hocket::detail
