// SPDX-License-Identifier: MIT
// One run of a pipeline. A token takes an item from the first stage and carries it as far as it can on the same thread.
// At a serial stage that is taken the token stays behind, and its thread does something else. A token that leaves a
// serial stage hands the next token to the pool, and goes on with its own item. Called by pipeline/pipeline.hpp.
#pragma once

#include <hocket/base/atomic.hpp>
#include <hocket/base/error.hpp>
#include <hocket/base/stop_token.hpp>
#include <hocket/base/time_limit.hpp>
#include <hocket/future/future_state.hpp>
#include <hocket/future/future_wait.hpp>
#include <hocket/loop/loop_errors.hpp>
#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/os/ticks.hpp>
#include <hocket/pipeline/pipeline_bodies.hpp>
#include <hocket/pipeline/pipeline_gate.hpp>
#include <hocket/pipeline/pipeline_items.hpp>
#include <hocket/pipeline/stage.hpp>
#include <hocket/pipeline/stage_list.hpp>
#include <hocket/pipeline/stage_types.hpp>
#include <hocket/sched/pool_entry.hpp>
#include <hocket/sched/spawn.hpp>
#include <hocket/sched/stop_scope.hpp>
#include <hocket/sched/urgent.hpp>
#include <hocket/sched/wait.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

template<class... Stages>
class pipeline_run : stop_operation {
    static constexpr std::size_t count = sizeof...(Stages);
    using items = typename item_types<Stages...>::type;
    template<std::size_t At>
    using item = typename std::tuple_element_t<At, items>::type;
    template<std::size_t At>
    using stage_at = std::tuple_element_t<At, std::tuple<Stages...>>;
    static constexpr bool serial_source = stage_at<0>::order != stage_order::parallel;

    /// Computes the size of a room. The next stage's result goes into the other of two rooms: only stages move items.
    template<std::size_t... At>
    static constexpr std::size_t room_size(std::size_t parity, std::index_sequence<At...>) {
        std::size_t size = 1;
        ((size = At % 2 == parity && sizeof(item<At>) > size ? sizeof(item<At>) : size), ...);
        return size;
    }
    template<std::size_t... At>
    static constexpr std::size_t room_alignment(std::index_sequence<At...>) {
        std::size_t most = 64;
        ((most = alignof(item<At>) > most ? alignof(item<At>) : most), ...);
        return most;
    }
    using all_items = std::make_index_sequence<std::tuple_size_v<items>>;
    static constexpr std::size_t alignment = room_alignment(all_items{});

    struct token : pipeline_token {
        template<std::size_t At>
        void* room() noexcept {
            return At % 2 == 0 ? even : odd;
        }
        template<std::size_t At>
        item<At>& get() noexcept {
            return *std::launder(static_cast<item<At>*>(room<At>()));
        }
        pipeline_run* owner = nullptr;
        std::size_t step = 0; // in a stage_list: where it continues
        bool starts = true;   // has not run yet
        alignas(alignment) std::byte even[room_size(0, all_items{})];
        alignas(alignment) std::byte odd[room_size(1, all_items{})];
    };

  public:
    pipeline_run(scheduler& pool, std::tuple<Stages...>& stages, std::size_t tokens, hocket::stop_token const& stop,
                 time_limit timeout)
        : stop_operation(&pipeline_run::is_stopped, stop.stop_possible() || timeout.given()),
          pool_(pool),
          stages_(stages),
          stop_(stop),
          deadline_(timeout.given() ? end_of_time(timeout) : 0),
          tokens_(new token[tokens]),
          all_tokens_(tokens),
          left_(tokens),
          ended_(make_state<void>(&pool, 1)) {
        prepare_gates(tokens, std::make_index_sequence<count>{});
        ended_->scope = new_scope();
        ended_->help = [](future_state_base& state, worker& me) noexcept { return run_all_of(me, state.scope); };
        for (std::size_t i = 0; i < tokens; ++i) {
            tokens_[i].run = [](work_item* self) noexcept {
                auto* const mine = static_cast<token*>(self);
                mine->owner->go(*mine);
            };
            tokens_[i].scope = ended_->scope;
            tokens_[i].owner = this;
            if (i > 1) tokens_[i - 1].next = &tokens_[i];
        }
        source_gate_.start(tokens > 1 ? &tokens_[1] : nullptr);
        tokens_[0].has_turn = serial_source;
    }

    void execute() {
        pool_entry entry(pool_);
        ended_->retain(); // the reference of the tokens, until the last of them ends
        if (entry.entered() && this_slot->counts_as_awake) {
            job_scope const job(*this_slot, this_slot->base_depth + 1);
            go(tokens_[0]);
            mode_.set();
        } else {
            spawn(pool_, tokens_[0]);
        }
        wait_for_state(*ended_, wanted_by::caller);
        if (error_ != nullptr) std::rethrow_exception(std::move(error_));
        if (!cut_.load(std::memory_order_relaxed)) return;
        if (!stop_.stop_requested() && !timed_out()) throw_stopped_around();
        throw operation_cancelled();
    }

  private:
    bool timed_out() const noexcept { return deadline_ != 0 && now_ticks() >= deadline_; }
    static bool is_stopped(stop_link const& link) noexcept {
        auto const& self = static_cast<pipeline_run const&>(link);
        return self.failed_.load(std::memory_order_relaxed) || self.stop_.stop_requested() || self.timed_out();
    }

    /// Returns whether nothing may begin any more. A stop or time limit that cuts off work makes the run a cancelled
    /// one.
    bool stopped() noexcept {
        if (failed_.load(std::memory_order_relaxed)) return true;
        if (!stop_.stop_requested() && !timed_out() && !(place.is_somewhere() && place.stopped())) return false;
        cut_.store(true, std::memory_order_relaxed);
        return true;
    }

    template<std::size_t... At>
    void prepare_gates(std::size_t tokens, std::index_sequence<At...>) {
        auto const prepare = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            if constexpr (is_stage_list<stage_at<I>>)
                std::get<I>(gates_).prepare(tokens, std::get<I>(stages_));
            else
                std::get<I>(gates_).prepare(tokens);
        };
        (prepare(std::integral_constant<std::size_t, At>{}), ...);
    }

    /// Carries the token as far as it can go. May leave the thread in another mode.
    void go(token& mine) noexcept {
        body_sequence bodies(*this, mode_);
        for (unsigned done = 1; enter_at(mine, bodies, mine.stage, std::make_index_sequence<count>{}); ++done) {
            mine.stage = 0;
            if (leaves_turn(done)) return spawn(pool_, mine);
        }
    }

    template<std::size_t... At>
    bool enter_at(token& mine, body_sequence& bodies, std::size_t from, std::index_sequence<At...>) noexcept {
        bool goes_on = false;
        static_cast<void>(((from == At && (goes_on = enter<At>(mine, bodies), true)) || ...));
        return goes_on;
    }

    /// Carries the token from stage At to the end. Returns false when it waits at a gate, or was retired.
    template<std::size_t At>
    bool enter(token& mine, body_sequence& bodies) noexcept {
        if constexpr (At == 0) {
            if (!take_item(mine, bodies)) return false;
        } else if constexpr (is_stage_list<stage_at<At>>) {
            if (!pass_list<At>(mine, bodies)) return false;
        } else {
            if (!pass_gate<At>(mine)) return false;
            work<At>(mine, bodies);
            leave_gate<At>(mine);
        }
        if constexpr (At + 1 < count)
            return enter<At + 1>(mine, bodies);
        else
            return true;
    }

    template<std::size_t At>
    bool pass_gate(token& mine) noexcept {
        if constexpr (stage_at<At>::order != stage_order::parallel) {
            if (!mine.has_turn) {
                mine.stage = At;
                if constexpr (stage_at<At>::order == stage_order::in_order)
                    return std::get<At>(gates_).arrive(mine);
                else
                    return std::get<At>(gates_).arrive(mine) == fifo_gate::entry::enters;
            }
            mine.has_turn = false;
        }
        return true;
    }

    template<std::size_t At>
    void leave_gate(token& mine) noexcept {
        if constexpr (stage_at<At>::order == stage_order::in_order)
            hand_on(std::get<At>(gates_).leave(mine.number));
        else if constexpr (stage_at<At>::order == stage_order::any_order)
            hand_on(std::get<At>(gates_).leave());
    }

    /// Carries the token through the stages of a list. Returns false when it waits at a gate.
    template<std::size_t At>
    bool pass_list(token& mine, body_sequence& bodies) noexcept {
        stage_list<typename stage_at<At>::item>& list = std::get<At>(stages_);
        for (; mine.step != list.size(); ++mine.step) {
            bool const gated = list.order(mine.step) != stage_order::parallel;
            if (gated && !mine.has_turn) {
                mine.stage = At;
                if (!std::get<At>(gates_).arrive(mine.step, mine)) return false;
            }
            mine.has_turn = false;
            work_in_list<At>(mine, bodies);
            if (gated) hand_on(std::get<At>(gates_).leave(mine.step, mine.number));
        }
        mine.step = 0;
        if (mine.empty) return true;
        item<At - 1>& input = mine.template get<At - 1>();
        if constexpr (At + 1 < count) {
            try {
                ::new (mine.template room<At>()) item<At>(std::move(input));
            } catch (...) {
                mine.empty = true;
                keep_error(mine.number);
            }
        } else {
            mine.empty = true;
        }
        std::destroy_at(std::addressof(input));
        return true;
    }

    template<std::size_t At>
    void work_in_list(token& mine, body_sequence& bodies) noexcept {
        if (mine.empty) return;
        body_sequence::body const one(bodies);
        item<At - 1>& input = mine.template get<At - 1>();
        bool goes_on = !stopped();
        if (goes_on) {
            try {
                goes_on = stage_types<stage_at<At>, item<At - 1>>::apply(
                    std::get<At>(stages_), mine.step, input, [this] { return look_at_urgent_here(), !stopped(); });
            } catch (...) {
                goes_on = false;
                keep_error(mine.number);
            }
        }
        if (goes_on) return;
        mine.empty = true;
        std::destroy_at(std::addressof(input));
    }

    void hand_on(pipeline_token* next) noexcept {
        if (next == nullptr) return;
        next->has_turn = true;
        spawn(pool_, *next);
    }

    template<std::size_t At>
    void work(token& mine, body_sequence& bodies) noexcept {
        using types = stage_types<stage_at<At>, item<At - 1>>;
        if (mine.empty) return;
        body_sequence::body const one(bodies);
        item<At - 1>& input = mine.template get<At - 1>();
        if (stopped()) {
            mine.empty = true;
        } else {
            auto const goes_on = [this] { return look_at_urgent_here(), !stopped(); }; // between elements
            try {
                typename types::call::body body = std::get<At>(stages_).body;
                if constexpr (At + 1 < count) {
                    auto* const made = ::new (mine.template room<At>()) item<At>(types::make(body, input, goes_on));
                    if constexpr (is_several<item<At>>)
                        if (made->empty()) {
                            std::destroy_at(made);
                            mine.empty = true;
                        }
                } else {
                    types::end(body, input, goes_on);
                }
            } catch (...) {
                mine.empty = true;
                keep_error(mine.number);
            }
        }
        std::destroy_at(std::addressof(input));
        if constexpr (At + 1 == count) mine.empty = true;
    }

    /// Runs the first stage. Returns false when there is no item, or not yet.
    bool take_item(token& mine, body_sequence& bodies) noexcept {
        if constexpr (serial_source) {
            if (!mine.has_turn) {
                using gate = any_order_gate<true>;
                typename gate::entry const entry = source_gate_.arrive(mine);
                if (entry == gate::entry::closed) retire();
                if (entry != gate::entry::enters) return false;
            }
            mine.has_turn = false;
            if (!read(mine, bodies)) {
                close();
                return false;
            }
            mine.number = given_;
            given_ = given_ + 1;
            hand_on(source_gate_.leave());
        } else {
            if (mine.starts) { // each token starts the next one: as many run as threads are free
                mine.starts = false;
                if (&mine + 1 != tokens_.get() + all_tokens_) spawn(pool_, *(&mine + 1));
            }
            if (ended_early_.load(std::memory_order_relaxed) || !read(mine, bodies)) {
                ended_early_.store(true, std::memory_order_relaxed);
                retire();
                return false;
            }
            mine.number = given_++;
        }
        return true;
    }

    bool read(token& mine, body_sequence& bodies) noexcept {
        if (stopped()) return false;
        body_sequence::body const one(bodies);
        try {
            auto given = pipeline_source<decltype(stage_at<0>::body)>::next(std::get<0>(stages_).body);
            if (!given.has_value()) return false;
            if constexpr (count > 1) {
                ::new (mine.template room<0>()) item<0>(*std::move(given));
                mine.empty = false;
            }
            return true;
        } catch (...) {
            keep_error(given_);
            return false;
        }
    }

    /// Retires the token that noticed the end of the input, and all tokens that wait for input.
    void close() noexcept {
        std::size_t idle = 1;
        for (work_item* waiting = source_gate_.close(); waiting != nullptr; waiting = waiting->next) ++idle;
        retire(idle);
    }

    /// Retires tokens: their last access to the run.
    void retire(std::size_t tokens = 1) noexcept {
        if (left_.fetch_sub(tokens, std::memory_order_acq_rel) != tokens) // pipeline.retire ->, <- pipeline.retire
            return;
        state_reference<future_state<void>> const ended(ended_.get()); // the reference of the tokens
        ended->set_value();
    }

    HOCKET_COLD void keep_error(std::uint64_t number) noexcept {
        if (stopped() && handles_cancellation()) return; // reports nothing new
        {
            os_lock const lock(error_mutex_);
            if (error_ == nullptr || number < failed_number_) {
                error_ = std::current_exception();
                failed_number_ = number;
            }
        }
        if (!failed_.exchange(true, std::memory_order_relaxed)) tell_of_stop();
    }

    scheduler& pool_;
    fp_mode const mode_ = fp_mode::now(); // of the caller
    std::tuple<Stages...>& stages_;
    hocket::stop_token const& stop_;
    ticks const deadline_; // 0: none
    std::tuple<gate_of<Stages>...> gates_;
    any_order_gate<true> source_gate_;
    std::unique_ptr<token[]> const tokens_;
    std::size_t const all_tokens_;
    /// How many items there were so far. Writers: the tokens in the first stage.
    std::conditional_t<serial_source, std::uint64_t, atomic<std::uint64_t>> given_{0};
    /// Whether a parallel input has ended. Writers: tokens that see the end.
    atomic<bool> ended_early_{false};
    /// Whether a stage has failed. Writers: tokens that fail or drop work for the stop token. Readers: all tokens.
    atomic<bool> failed_{false};
    atomic<bool> cut_{false};
    /// How many tokens have not ended. Writers: tokens that end.
    atomic<std::size_t> left_;
    os_mutex error_mutex_; // guards the next two
    std::exception_ptr error_;
    std::uint64_t failed_number_ = 0;
    state_reference<future_state<void>> ended_;
};

} // namespace hocket::detail
