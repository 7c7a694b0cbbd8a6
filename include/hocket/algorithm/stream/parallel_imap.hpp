// SPDX-License-Identifier: MIT
// parallel_imap and parallel_imap_unordered: the results of a function as a stream, while its input is still being
// read. Public.
#pragma once

#include <hocket/algorithm/stream/stream_core.hpp>
#include <hocket/base/call.hpp>
#include <hocket/base/say_why.hpp>
#include <hocket/pool/default_pool.hpp>
#include <hocket/pool/thread_pool.hpp>
#include <hocket/range/call_form.hpp>
#include <hocket/range/range_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// A range that one thread at a time can traverse once; it can be moved. While it lives, results are computed ahead of
/// the reader. Its destructor drops calls that have not begun, and waits for running calls. A step (`begin`, `++`)
/// reads the input, always on the thread that makes the step. It waits for the next result, and computes results itself
/// meanwhile. Elements are rvalues, valid until the next step.
template<class Range, class F, bool ordered>
class result_stream {
    using input = std::remove_reference_t<Range>;
    using core = detail::stream_core<detail::range_iterator<input>, decltype(std::ranges::end(std::declval<input&>())),
                                     F, ordered>;

    struct shared {
        thread_pool& pool;
        Range range; // a reference to an lvalue, the object where it was a temporary
        F f;
        stream_options options;
        std::optional<core> work;
        typename core::item* current = nullptr;

        void step() {
            typename core::item* const before = std::exchange(current, nullptr);
            current = work->next(before);
        }
    };

  public:
    class iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = typename core::result;
        using difference_type = std::ptrdiff_t;

        iterator() = default;

        /// **Throws** what the function threw for this element, each time.
        value_type&& operator*() const {
            if (state_->current->error != nullptr) std::rethrow_exception(state_->current->error);
            return std::move(state_->current->result);
        }
        /// The position of the element in the input, also of one that has failed.
        [[nodiscard]] std::uint64_t index() const noexcept { return state_->current->index; }

        iterator& operator++() {
            state_->step();
            return *this;
        }
        void operator++(int) { state_->step(); }

        friend bool operator==(iterator const& a, std::default_sentinel_t) noexcept {
            return a.state_->current == nullptr;
        }

      private:
        friend result_stream;
        explicit iterator(shared& state) noexcept : state_(&state) {}
        shared* state_ = nullptr;
    };

    /// Starts the work; a later call goes on where the stream is.
    [[nodiscard]] iterator begin() {
        shared& state = *state_;
        if (!state.work.has_value()) {
            state.work.emplace(state.pool, std::ranges::begin(state.range), std::ranges::end(state.range), state.f,
                               state.options);
            state.step();
        }
        return iterator(state);
    }
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return std::default_sentinel; }

    /// For the library.
    template<class Given>
    result_stream(thread_pool& pool, Range&& range, Given&& f, stream_options const& options)
        : state_(new shared{pool, std::forward<Range>(range), F(std::forward<Given>(f)), options, {}}) {
        core::check_options(options);
    }

  private:
    std::unique_ptr<shared> state_;
};

namespace detail {

/// Says what is wrong with the function of a stream; false if there is something.
template<class Range, class F>
constexpr bool explain_stream() {
    using iterator = range_iterator<Range>;
    using argument = std::conditional_t<std::forward_iterator<iterator>, std::iter_reference_t<iterator>,
                                        std::iter_value_t<iterator>&&>;
    if constexpr (!shared_callable<F, argument>) {
        static_assert(says_why<F, argument>(),
                      "the function of parallel_imap takes one element of the input (of an input that can be read only "
                      "once, an rvalue)");
        return false;
    } else {
        using result = call_result<F, argument>;
        static_assert(!std::is_void_v<result>, "the function of parallel_imap returns nothing: use parallel_for_each");
        static_assert(
            !std::is_reference_v<result>,
            "the function of parallel_imap returns a reference: return a value (in a lambda, `-> auto`), or a "
            "pointer");
        return !std::is_void_v<result> && (!std::is_reference_v<result> || std::is_member_object_pointer_v<F>);
    }
}

template<bool ordered, class Range, class F>
auto stream_of(thread_pool& pool, stream_options const& options, Range&& range, F&& f) {
    if constexpr (explain_stream<std::remove_reference_t<Range>, std::decay_t<F>>())
        return result_stream<Range, std::decay_t<F>, ordered>(pool, std::forward<Range>(range), std::forward<F>(f),
                                                              options);
}

struct parallel_imap_fn : value_form<parallel_imap_fn, stream_options> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_imap takes an input (a range, two iterators or two integers) and a "
                                     "function; a pool may come first, and options last");
    }

    template<class Range, class F>
    static auto run(thread_pool& pool, stream_options const& options, Range&& range, F&& f) {
        return detail::stream_of<true>(pool, options, std::forward<Range>(range), std::forward<F>(f));
    }
};

struct parallel_imap_unordered_fn : value_form<parallel_imap_unordered_fn, stream_options> {
    static constexpr std::size_t least = 1, most = 1;

    template<class Source>
    static constexpr auto usage() {
        static_assert(never<Source>, "parallel_imap_unordered takes an input (a range, two iterators or two integers) "
                                     "and a function; a pool may come first, and options last");
    }

    template<class Range, class F>
    static auto run(thread_pool& pool, stream_options const& options, Range&& range, F&& f) {
        return detail::stream_of<false>(pool, options, std::forward<Range>(range), std::forward<F>(f));
    }
};

} // namespace detail

/// Returns the results of a function for each element of an input, as a stream in the order of the input: `for (auto&&
/// r : parallel_imap(lines, parse, {.lookahead = 64})) use(r);`; two iterators of any kind or two integers will do. The
/// input may be unbounded, and of a kind that can be read only once: at most `.lookahead` of its elements are read
/// before the first of them is given out, so the memory is constant. It is read by the thread that goes through the
/// stream, and by no other. An lvalue is referred to and has to outlive the stream; a temporary is moved into it. `f`
/// is copied or moved into the stream, and called through a const reference, from several threads at once. **Threads**
/// any; one at a time goes through it, and takes part. **Blocks** in each step until the next result is there; helps
/// only with results of this stream. **Throws** in its place what `f` threw, or what reading the input threw, when that
/// element is looked at: with `error_policy::first` the stream ends behind it, with `collect` the next step goes on. A
/// step throws `operation_cancelled` once the token is requested. `std::invalid_argument` for options that do not
/// exist. **Order** the calls begin in the order of the input, on size - 1 workers and in the steps; each happens
/// before its result is given out. **Cost** two allocations a stream; an element costs about a tenth of a microsecond
/// beside its call.
inline constexpr detail::parallel_imap_fn parallel_imap{};

/// Returns the results of a function in the order in which they are there, each with its position in the input: `for
/// (auto&& [index, r] : parallel_imap_unordered(urls, fetch)) use(index, r);` With `error_policy::first` the stream
/// ends behind the failure that comes first, and results behind it in the input may be missing; the iterator's
/// `index()` says which one failed. **Threads**, **Blocks**, **Throws**, **Cost** as `parallel_imap`.
inline constexpr detail::parallel_imap_unordered_fn parallel_imap_unordered{};

} // namespace hocket
