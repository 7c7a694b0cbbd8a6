// SPDX-License-Identifier: MIT
// The state of a stream of parallel_imap: the items between its input and its consumer, and the threads that compute
// them. parallel_imap and parallel_imap_unordered use it.
#pragma once

#include <hocket/algorithm/stream/stream_line.hpp>
#include <hocket/base/atomic.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/options.hpp>
#include <hocket/base/progress.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/fork_join/task_group.hpp>
#include <hocket/future/task_stop_token.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/range/range_traits.hpp>
#include <hocket/range/started_options.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/trace.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/wait.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The options of a stream. Name only those that matter: `{.lookahead = 64, .stop = token}`.
struct stream_options {
    /// The largest number of elements that are read from the input before the first of them was returned. 0: four for
    /// each worker, but at least 64.
    std::size_t lookahead = 0;
    /// After a request no further item begins, and the stream throws `operation_cancelled`.
    detail::stop_option stop{};
    /// The time after its first step when no further item begins and the stream throws `operation_cancelled`.
    time_limit timeout{};
    /// The largest number of threads that compute items, including the consumer; 0: as many as the pool has workers.
    std::uint32_t max_workers = 0;
    /// The name of the stream in a trace. It must live as long as the stream.
    char const* name = nullptr;
    /// Receives the progress of the stream, item by item; see `progress.hpp`.
    hocket::progress* progress = nullptr;
    /// first: the stream ends behind a failed item; collect: the stream continues behind it.
    error_policy errors = error_policy::first;
};

namespace detail {

/// An element on its way through a stream: what was read, or where it stands in an input whose elements last; then the
/// result.
template<class Kept, class Result>
struct stream_item {
    stream_item() noexcept {}
    ~stream_item() {}

    stream_item* next = nullptr; // of the free ones, or of the finished ones
    bool is_back = false;        // the consumer's note that it is finished
    std::uint64_t index = 0;
    enum class state : std::uint8_t { empty, waiting, done, failed } now = state::empty;
    std::exception_ptr error;
    union {
        Kept kept;
        Result result;
    };

    void clear() noexcept {
        if (now == state::waiting) std::destroy_at(std::addressof(kept));
        if (now == state::done) std::destroy_at(std::addressof(result));
        error = nullptr;
        now = state::empty;
    }
};

} // namespace detail

/// What `parallel_imap_unordered` gives: `auto&& [index, value]`.
template<class T>
struct indexed {
    std::uint64_t index; ///< the position in the input
    T value;
};

namespace detail {

/// **Throws** std::invalid_argument.
inline void check_stream_options(stream_options const& options) {
    if (options.errors > error_policy::collect)
        throw std::invalid_argument(
            "hocket: stream_options::errors is not one of first, collect; to keep each error as a "
            "result, write keep_errors(f)");
}

/// One stream. The consumer owns it, and reads the input. Runners are tasks that compute items until there are none.
/// The consumer computes items itself when it would have to wait.
template<class Iterator, class Sentinel, class F, bool ordered>
class stream_core : private stop_link {
  public:
    static constexpr bool lasts = std::forward_iterator<Iterator>; // so an iterator is as good as its element
    using kept = std::conditional_t<lasts, Iterator, std::iter_value_t<Iterator>>;
    using argument = std::conditional_t<lasts, std::iter_reference_t<Iterator>, std::iter_value_t<Iterator>&&>;
    using called = std::remove_cvref_t<call_result<F, argument>>;
    using result = std::conditional_t<ordered, called, indexed<called>>;
    using item = stream_item<kept, result>;

    stream_core(thread_pool& pool, Iterator first, Sentinel last, F const& f, stream_options const& options)
        : stop_link{&stream_core::was_stopped, nullptr},
          pool_(pool.sched()),
          input_(std::move(first)),
          end_(std::move(last)),
          f_(f),
          options_(options),
          around_(this_task::stop_token()),
          lookahead_(lookahead_of(pool, options)),
          runners_(runners_of(pool, options)),
          items_(new item[lookahead_]),
          order_(ordered ? new item*[lookahead_] : nullptr),
          line_(lookahead_),
          group_(pool) {
        for (std::size_t i = lookahead_; i-- != 0;) give_back(items_[i]);
    }

    stream_core(stream_core const&) = delete;
    stream_core& operator=(stream_core const&) = delete;

    /// Ends the stream with its consumer: drops items that have not begun, and waits for running items.
    ~stream_core() {
        ended_.store(true, std::memory_order_relaxed);
        try {
            group_.wait();
        } catch (...) { // in a child of fork(): no thread runs
        }
        for (std::size_t i = 0; i < lookahead_; ++i) items_[i].clear();
    }

    static void check_options(stream_options const& options) { check_stream_options(options); }

    /// Releases the current item, and returns the next one; null at the end.
    item* next(item* before) {
        if (before != nullptr) {
            bool const last = before->now == item::state::failed && options_.errors == error_policy::first;
            before->clear();
            give_back(*before);
            ++given_out_;
            if (last) return finish();
        }
        for (;;) {
            if (was_cancelled() || stop_scope::finds_stopped_here()) { // the token around may be told later
                finish();
                throw operation_cancelled();
            }
            read();
            if (given_out_ == read_) return nullptr;
            collect();
            item* const ready = take_ready();
            if (ready == nullptr)
                wait();
            else if (ready->now != item::state::waiting)
                return ready;
            else
                drop(*ready);
        }
    }

  private:
    /// Drops a skipped item: because of the token, or, in a stream without order, behind a failure.
    void drop(item& one) noexcept {
        if constexpr (ordered) return; // the token: the next look at it ends the stream
        one.clear();
        give_back(one);
        ++given_out_;
    }

    static std::size_t lookahead_of(thread_pool& pool, stream_options const& options) noexcept {
        if (options.lookahead != 0) return options.lookahead;
        return 4 * pool.size() < 64 ? 64 : 4 * pool.size();
    }

    static std::uint32_t runners_of(thread_pool& pool, stream_options const& options) noexcept {
        auto const all = static_cast<std::uint32_t>(pool.size());
        return (options.max_workers != 0 && options.max_workers < all ? options.max_workers : all) - 1;
    }
    static ticks deadline_of(stream_options const& options) noexcept {
        return options.timeout.given() ? end_of_time(options.timeout) : 0;
    }
    static bool was_stopped(stop_link const& link) noexcept { return static_cast<stream_core const&>(link).stopped(); }
    bool stopped() const noexcept { return ended_.load(std::memory_order_relaxed) || was_cancelled(); }
    bool was_cancelled() const noexcept {
        return options_.stop.stop_requested() || around_.stop_requested() ||
               (deadline_ != 0 && now_ticks() >= deadline_);
    }

    void failed_at(std::uint64_t index) noexcept {
        std::uint64_t lowest = failed_.load(std::memory_order_relaxed);
        while (index < lowest && !failed_.compare_exchange_weak(lowest, index, std::memory_order_relaxed)) {
        }
    }

    item* finish() noexcept {
        ended_.store(true, std::memory_order_relaxed);
        input_is_over_ = true;
        given_out_ = read_;
        return nullptr;
    }

    void give_back(item& one) noexcept {
        one.next = free_;
        free_ = &one;
    }

    /// Fills the queue. An input that throws ends there, and its exception stands in the place of the next item.
    void read() {
        while (free_ != nullptr && !input_is_over_ && !ended_.load(std::memory_order_relaxed)) {
            item& one = *free_;
            bool failed = false;
            try {
                if (read_ != 0) ++input_;
                if (input_ == end_) {
                    input_is_over_ = true;
                    return;
                }
                if constexpr (lasts)
                    ::new (static_cast<void*>(std::addressof(one.kept))) kept(input_);
                else
                    ::new (static_cast<void*>(std::addressof(one.kept))) kept(*input_);
                one.now = item::state::waiting;
            } catch (...) {
                one.error = std::current_exception();
                one.now = item::state::failed;
                input_is_over_ = true;
                failed = true;
            }
            free_ = one.next;
            one.index = read_++;
            one.is_back = false;
            if constexpr (ordered) order_[one.index % lookahead_] = &one;
            if (options_.progress != nullptr && !failed) options_.progress->expect(1);
            if (line_.publish(one) < runners_) start_runner();
        }
    }

    void start_runner() {
        if (starved_) return;
        try {
            group_.run([this] { run(); });
            line_.add_runner();
        } catch (std::bad_alloc const&) {
            starved_ = true; // the consumer computes all by itself
        }
    }

    void run() noexcept {
        std::uint64_t const since = trace_begin();
        while (item* const one = line_.claim_or_retire()) compute(*one);
        trace_end(options_.name != nullptr ? options_.name : "stream", "stream", since);
    }

    /// Computes a claimed item, unless it is no longer wanted, and hands it to the consumer.
    void compute(item& one) noexcept {
        bool const is_wanted = one.index < failed_.load(std::memory_order_relaxed) && !stopped();
        if (one.now == item::state::waiting && is_wanted) {
            stop_scope const scope(this);
            fp_scope const mode(mode_);
            try {
                if constexpr (lasts) {
                    kept const place = std::move(one.kept);
                    std::destroy_at(std::addressof(one.kept));
                    one.now = item::state::empty;
                    ::new (static_cast<void*>(std::addressof(one.result))) result(made(one.index, *place));
                } else {
                    kept value(std::move(one.kept));
                    std::destroy_at(std::addressof(one.kept));
                    one.now = item::state::empty;
                    ::new (static_cast<void*>(std::addressof(one.result))) result(made(one.index, std::move(value)));
                }
                one.now = item::state::done;
            } catch (...) {
                if (one.now == item::state::waiting) std::destroy_at(std::addressof(one.kept));
                one.now = item::state::failed;
                one.error = std::current_exception();
                if (options_.errors == error_policy::first) failed_at(one.index);
            }
            if (options_.progress != nullptr) options_.progress->advance(1);
        }
        scheduler& pool = pool_;
        if (std::uint32_t const waiter = line_.finish(one); waiter != 0) pool.worker_slot(waiter - 1)->wake_waiter();
        look_at_urgent_here();
    }

    template<class Argument>
    auto made(std::uint64_t index, Argument&& element) const {
        if constexpr (ordered)
            return detail::call(f_, std::forward<Argument>(element));
        else
            return result{index, detail::call(f_, std::forward<Argument>(element))};
    }

    /// Collects items that have finished meanwhile; called by the consumer.
    void collect() noexcept {
        item* one = line_.take_finished();
        while (one != nullptr) {
            item* const following = one->next;
            one->next = nullptr;
            one->is_back = true;
            if constexpr (!ordered) {
                (ready_first_ != nullptr ? ready_last_->next : ready_first_) = one;
                ready_last_ = one;
            }
            one = following;
        }
    }

    item* take_ready() noexcept {
        if constexpr (ordered) {
            item* const one = order_[given_out_ % lookahead_];
            return one->is_back ? one : nullptr;
        } else {
            item* const one = ready_first_;
            if (one != nullptr) ready_first_ = one->next;
            return one;
        }
    }

    /// Waits until another item has finished; computes an item meanwhile.
    void wait() {
        pool_entry entry(pool_);
        if (!entry.entered()) { // too many external callers: by itself
            if (item* const one = line_.claim())
                compute(*one);
            else
                scheduler::let_pass(100'000);
            return;
        }
        worker& me = *this_slot;
        bool is_ready = false;
        wait_until(
            me,
            [&] {
                collect();
                if constexpr (ordered)
                    is_ready = order_[given_out_ % lookahead_]->is_back;
                else
                    is_ready = ready_first_ != nullptr;
                return is_ready;
            },
            [&] {
                item* const one = line_.claim();
                if (one == nullptr) return false;
                job_scope const job(me, me.base_depth + 1);
                compute(*one);
                return true;
            },
            [&] { return line_.announce_wait(me.id); }, "waits for an item of a stream");
    }

    scheduler& pool_;
    Iterator input_; // moved by the consumer only
    Sentinel end_;
    F const& f_;                          // the stream owns it
    fp_mode const mode_ = fp_mode::now(); // of the thread that has made the stream
    stream_options options_;
    hocket::stop_token const around_;              // of the operation in which the stream was made
    ticks const deadline_ = deadline_of(options_); // 0: none
    std::size_t const lookahead_;
    std::uint32_t const runners_; // that are wanted: the consumer is one more
    std::unique_ptr<item[]> items_;
    std::unique_ptr<item*[]> order_; // ordered, and the consumer's: the item with each number, modulo the look-ahead
    stream_line<item> line_;

    // The consumer's.
    std::uint64_t read_ = 0;
    std::uint64_t given_out_ = 0;
    item* free_ = nullptr;
    item* ready_first_ = nullptr; // unordered: finished and not given out
    item* ready_last_ = nullptr;
    bool input_is_over_ = false;
    bool starved_ = false;

    /// Whether the stream has ended. Writer: the consumer. Readers: all threads, before each item. Relaxed: it only
    /// saves work.
    atomic<bool> ended_{false};
    /// The lowest index of a failed item that ends the stream: later items are skipped. Writers and readers: threads
    /// that compute items. Relaxed: it only saves work.
    atomic<std::uint64_t> failed_{~std::uint64_t{0}};
    task_group group_; // the runners; last, so that it ends first
};

} // namespace detail
} // namespace hocket
