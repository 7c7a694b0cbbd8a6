// SPDX-License-Identifier: MIT
// Pipelines: a stream of items that goes through stages, each of which works on several items, or on one at a time.
// Public: `pipeline(stage<serial>(read), stage<parallel>(work), stage<serial>(write)).run({.tokens = 16})`.
#pragma once

#include <hocket/base/anything.hpp>
#include <hocket/base/atomic.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/pipeline/pipeline_run.hpp>
#include <hocket/pipeline/stage.hpp>
#include <hocket/pipeline/stage_list.hpp>
#include <hocket/pool/default_pool.hpp>

#include <cstddef>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace hocket::inline HOCKET_ABI {

/// The options of a run of a pipeline.
struct pipeline_options {
    std::size_t tokens = 0;     ///< how many items may be in the pipeline at a time; 0: four for each worker
    detail::stop_option stop{}; ///< after a request, no stage begins with an item
    time_limit timeout{};       ///< after this time, no stage begins with an item
};

namespace detail {

/// What stage<order>(f) and its siblings return, or a stage_list.
template<class Stage>
concept is_stage = is_stage_list<Stage> || requires {
    Stage::yield;
};

struct pipeline_run_usage {
    template<class T>
    static constexpr auto says() {
        static_assert(never<T>, "hocket: a pipeline runs on a pool, which may be left out, with pipeline_options last: "
                                "run({.tokens = 16})");
        return true;
    }
};

} // namespace detail

/// A sequence of stages that items pass one after the other. A `filter_stage` drops items, an `expand_stage` makes
/// several items of one, and a `stage_list` holds stages that are chosen at run time. The types of the items are known
/// at compile time; they may be move-only.
template<class... Stages>
class pipeline {
    static_assert(sizeof...(Stages) != 0, "hocket: a pipeline has at least one stage");
    static_assert((detail::is_stage<Stages> && ...),
                  "hocket: a pipeline consists of stages: pipeline(stage<serial>(read), stage<parallel>(work))");

  public:
    explicit pipeline(Stages... stages) : stages_(std::move(stages)...) {}
    pipeline(pipeline const&) = delete;
    pipeline& operator=(pipeline const&) = delete;

    /// Takes items until the first stage signals the end, and returns when all items have finished. An item goes from
    /// stage to stage on one thread as long as the next stage is free. At most `tokens` items are in the pipeline.
    ///
    /// **Threads** any; one run at a time. **Blocks** until the end; the caller takes part. **Throws** the exception of
    /// a stage, and of several exceptions that of the earliest item. After an exception no item enters a stage any
    /// more, and running stages finish. operation_cancelled when the stop token prevented some work.
    /// std::invalid_argument for more than 2^24 tokens, std::logic_error while the pipeline runs and in a child of
    /// fork(), std::bad_alloc. **Order** a serial stage takes items in the order of the first stage; its work on one
    /// item happens before its work on the next. **Cost** for each item a task of the pool, and one or two RMWs for
    /// each serial stage; no allocation per item.
    void run(thread_pool& pool, pipeline_options const& options = {}) {
        constexpr std::size_t most_tokens = std::size_t{1} << 24;
        if (options.tokens > most_tokens) throw std::invalid_argument("hocket: pipeline_options::tokens is above 2^24");
        pool.sched().require_this_process();
        struct mark {
            explicit mark(detail::atomic<bool>& its_flag) : flag(its_flag) {
                if (flag.exchange(true, std::memory_order_acquire)) // <- pipeline.ended
                    throw std::logic_error(
                        "hocket: this pipeline is already running; make another pipeline for a concurrent run");
            }
            ~mark() { flag.store(false, std::memory_order_release); } // pipeline.ended ->
            detail::atomic<bool>& flag;
        } const running(running_);
        std::size_t const tokens = options.tokens != 0 ? options.tokens : 4 * pool.size();
        detail::pipeline_run<Stages...>(pool.sched(), stages_, tokens, options.stop, options.timeout).execute();
    }
    void run(pipeline_options const& options = {}) { run(detail::current_pool(), options); }
    /// Says what `run` takes.
    void run(detail::anything<detail::pipeline_run_usage>, detail::anything_else = {}) {}

  private:
    std::tuple<Stages...> stages_;
    /// Whether a run is going on. Writers: threads that run the pipeline.
    detail::atomic<bool> running_{false};
};

} // namespace hocket
