// SPDX-License-Identifier: MIT
// Loops, maps and reductions over a remote_pool: each process works on chunks (`piece`) of the range with its own pool.
// Algorithms without a form here run on the threads of the calling process.
#pragma once

#include <hocket/algorithm/loops/parallel_for.hpp>
#include <hocket/algorithm/loops/parallel_map.hpp>
#include <hocket/algorithm/loops/parallel_starmap.hpp>
#include <hocket/algorithm/reduce/parallel_reduce.hpp>
#include <hocket/algorithm/stream/parallel_imap.hpp>
#include <hocket/remote/call/common_callable.hpp>
#include <hocket/remote/call/remote_pieces.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/call/remote_stream.hpp>
#include <hocket/remote/call/remote_submit.hpp>
#include <hocket/remote/wire/travels.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The call for a chunk of a map: returns the results of its elements.
template<class Algorithm, class Range, class F>
struct map_piece {
    common_callable<F> f;
    auto operator()(typename piece_source<Range>::type elements) const {
        auto&& in = piece_source<Range>::range(elements);
        auto made = Algorithm::run(current_pool(), loop_options{}, in, *f);
        if constexpr (std::is_same_v<decltype(made), std::vector<bool>>)
            return std::vector<unsigned char>(made.begin(), made.end());
        else
            return made;
    }
};

template<class Range, class F>
struct for_piece {
    common_callable<F> f;
    void operator()(typename piece_source<Range>::type elements) const {
        auto&& in = piece_source<Range>::range(elements);
        parallel_for_fn::run(current_pool(), loop_options{}, in, *f);
    }
};

/// The call for a chunk of a reduction, which consists of whole blocks: returns the value of the part of the tree over
/// them.
template<class T, class Range, class Op, class F>
struct reduce_piece {
    Op op;
    common_callable<F> f;
    std::uint64_t block;
    T operator()(typename piece_source<Range>::type elements_of) const {
        auto&& in = piece_source<Range>::range(elements_of);
        elements const all(in);
        loop_options const options{.grain = block};
        loop_errors errors(options);
        return detail::reduce_range<T>(current_pool(), all.begin(), all.size(), op, *f, options, errors);
    }
};

/// Sends the chunks of a range. A chunk begins at each multiple of `size`.
template<class Call, class Range, class Pieces>
void send_pieces(remote_pool& all, Pieces& pieces, elements<Range> const& in, std::uint64_t size, Call const& call) {
    auto const begin = in.begin();
    std::uint64_t const n = in.size();
    for (std::uint64_t first = 0; first < n; first += size) {
        std::uint64_t const last = n - first < size ? n : first + size;
        pieces.add(hocket::submit(all, call, piece_source<Range>::cut(begin, first, last), pieces.each()),
                   last - first);
    }
}

template<class Algorithm, class Range, class F>
auto map_remotely(remote_pool& all, loop_options const& options, Range& range, F const& f) {
    using source = std::remove_cvref_t<Range>;
    using call = map_piece<Algorithm, source, std::decay_t<F>>;
    using part = std::invoke_result_t<call&, typename piece_source<source>::type>;
    elements const in(range);
    decltype(Algorithm::run(current_pool(), options, range, f)) results;
    call const piece{{all, f}}; // the messages may refer to it
    remote_pieces<part> pieces(all, options, in.size());
    detail::send_pieces(all, pieces, in, pieces.size(in.size()), piece);
    results.reserve(static_cast<std::size_t>(in.size()));
    pieces.collect([&](part&& some) {
        for (auto& each : some) results.push_back(static_cast<typename decltype(results)::value_type>(std::move(each)));
    });
    return results;
}

/// Writes the results of a map to existing storage.
template<class Algorithm, class Range, class Out, class F>
void map_remotely_to(remote_pool& all, loop_options const& options, Range& range, Out& out, F const& f) {
    using source = std::remove_cvref_t<Range>;
    using call = map_piece<Algorithm, source, std::decay_t<F>>;
    using part = std::invoke_result_t<call&, typename piece_source<source>::type>;
    elements const in(range);
    if constexpr (parallel_range<Out>)
        if (range_length(out) < in.size())
            throw std::invalid_argument("hocket: the output range of parallel_map is shorter than its input");
    call const piece{{all, f}}; // the messages may refer to it
    remote_pieces<part> pieces(all, options, in.size());
    detail::send_pieces(all, pieces, in, pieces.size(in.size()), piece);
    auto to = [&] {
        if constexpr (parallel_range<Out>)
            return std::ranges::begin(out);
        else
            return out;
    }();
    pieces.collect([&](part&& some) {
        for (auto& each : some) *to++ = std::move(each);
    });
}

template<class Range, class F>
void for_remotely(remote_pool& all, loop_options const& options, Range& range, F const& f) {
    elements const in(range);
    for_piece<std::remove_cvref_t<Range>, std::decay_t<F>> const piece{{all, f}}; // the messages may refer to it
    remote_pieces<void> pieces(all, options, in.size());
    detail::send_pieces(all, pieces, in, pieces.size(in.size()), piece);
    pieces.collect([] {});
}

/// Returns the same bits as on threads. Size and grain alone divide the range into blocks, and a chunk has a power of
/// two of them. The result of a chunk is therefore a node of the tree over all blocks.
template<class T, class Range, class Op, class F>
T reduce_remotely(remote_pool& all, loop_options const& options, Range& range, T init, Op const& op, F const& f) {
    elements const in(range);
    std::uint64_t const n = in.size();
    common_callable<std::decay_t<F>> const shared(all, f); // the messages may refer to it
    remote_pieces<T> pieces(all, options, n);
    if (n == 0) return init;
    std::uint64_t const block = reduce_block(n, options.grain, joins_at_once<T, Op>);
    std::uint64_t const blocks_each = std::bit_ceil((pieces.size(n) + block - 1) / block);
    detail::send_pieces(all, pieces, in, blocks_each * block,
                        reduce_piece<T, std::remove_cvref_t<Range>, Op, std::decay_t<F>>{op, shared, block});
    std::vector<T> sums;
    pieces.collect([&](T&& sum) { sums.push_back(std::move(sum)); });
    for (std::size_t stride = 1; stride < sums.size(); stride *= 2)
        for (std::size_t at = 0; at + stride < sums.size(); at += 2 * stride)
            detail::fold_in(op, sums[at], std::move(sums[at + stride]));
    return static_cast<T>(op(std::move(init), std::move(sums[0])));
}

/// The form of an algorithm in other processes: `run(all, options, range, operands...)`. None by default.
template<class Algorithm>
struct remote_form {
    static constexpr bool exists = false;
};

template<class Algorithm>
struct remote_map_form {
    static constexpr bool exists = true;
    template<class Range, class F>
    static auto run(remote_pool& all, loop_options const& options, Range&& range, F const& f) {
        return detail::map_remotely<Algorithm>(all, options, range, f);
    }
    template<class Range, class Out, class F>
    static void run(remote_pool& all, loop_options const& options, Range&& range, Out&& out, F const& f) {
        detail::map_remotely_to<Algorithm>(all, options, range, out, f);
    }
};
template<>
struct remote_form<parallel_map_fn> : remote_map_form<parallel_map_fn> {};
template<>
struct remote_form<parallel_starmap_fn> : remote_map_form<parallel_starmap_fn> {};

template<>
struct remote_form<parallel_for_fn> {
    static constexpr bool exists = true;
    template<class Range, class F>
    static void run(remote_pool& all, loop_options const& options, Range&& range, F const& f) {
        detail::for_remotely(all, options, range, f);
    }
};

template<>
struct remote_form<parallel_transform_reduce_fn> {
    static constexpr bool exists = true;
    template<class Range, class T, class Op, class F>
    static auto run(remote_pool& all, loop_options const& options, Range&& range, T&& init, Op const& op, F const& f) {
        return detail::reduce_remotely<std::decay_t<T>>(all, options, range, std::forward<T>(init),
                                                        detail::callable(op), f);
    }
    /// Reduces two ranges on the threads of this process, as algorithms without a form here.
    template<class A, class B, class... Rest>
        requires(sizeof...(Rest) != 2)
    static auto run(remote_pool& all, loop_options const& options, A&& a, B&& b, Rest&&... rest) {
        return parallel_transform_reduce_fn::run(all.threads(), options, a, b, std::forward<Rest>(rest)...);
    }
};

template<>
struct remote_form<parallel_reduce_fn> {
    static constexpr bool exists = true;
    template<class Range, class T = loop_options, class Op = std::plus<>>
    static auto run(remote_pool& all, loop_options const& options, Range&& range, T&& init = {}, Op const& op = {}) {
        if constexpr (std::is_same_v<std::remove_cvref_t<T>, loop_options>) {
            using value = std::iter_value_t<range_iterator<Range>>;
            return detail::reduce_remotely<value>(all, options, range, value(), detail::callable(op), as_it_is());
        } else {
            return detail::reduce_remotely<std::decay_t<T>>(all, options, range, std::forward<T>(init),
                                                            detail::callable(op), as_it_is());
        }
    }
};

template<class Algorithm>
inline constexpr bool is_stream = false;
template<>
inline constexpr bool is_stream<parallel_imap_fn> = true;
template<>
inline constexpr bool is_stream<parallel_imap_unordered_fn> = true;

template<class Algorithm, class Range, class F>
auto remote_stream_of(remote_pool& all, stream_options const& options, Range&& range, F&& f) {
    constexpr bool ordered = std::is_same_v<Algorithm, parallel_imap_fn>;
    if constexpr (explain_stream<std::remove_reference_t<Range>, std::decay_t<F>>())
        return remote_stream<Range, std::decay_t<F>, ordered>(all, std::forward<Range>(range), std::forward<F>(f),
                                                              options);
}

} // namespace hocket::detail

namespace hocket::inline HOCKET_ABI {

template<class Algorithm, class Options, class Source, class... Operands>
decltype(auto) remote_pool::execute(Algorithm algorithm, Options const& options, Source&& source,
                                    Operands&&... operands) {
    if constexpr (detail::is_stream<Algorithm>)
        return detail::remote_stream_of<Algorithm>(*this, options, std::forward<Source>(source),
                                                   std::forward<Operands>(operands)...);
    else
        return run_in_pieces(algorithm, options, std::forward<Source>(source), std::forward<Operands>(operands)...);
}

template<class Algorithm, class Options, class Source, class... Operands>
decltype(auto) remote_pool::run_in_pieces(Algorithm algorithm, Options const& options, Source&& source,
                                          Operands&&... operands) {
    using result =
        decltype(algorithm.run(*threads_, options, std::forward<Source>(source), std::forward<Operands>(operands)...));
    if constexpr (detail::remote_form<Algorithm>::exists &&
                  requires { typename detail::piece_source<std::remove_cvref_t<Source>>::type; })
        if (sends_bytes_)
            return static_cast<result>(detail::remote_form<Algorithm>::run(*this, options, std::forward<Source>(source),
                                                                           std::forward<Operands>(operands)...));
    return algorithm.run(*threads_, options, std::forward<Source>(source), std::forward<Operands>(operands)...);
}

} // namespace hocket
