// SPDX-License-Identifier: MIT
// The bodies of the functions of worker_service.hpp that concern actors.
#pragma once

#include <hocket/os/fp_mode.hpp>
#include <hocket/os/os_mutex.hpp>
#include <hocket/remote/actor/actor_cell.hpp>
#include <hocket/remote/actor/actor_thunk.hpp>
#include <hocket/remote/transport/tagged_output.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/remote_error.hpp>
#include <hocket/remote/wire/thunk.hpp>
#include <hocket/remote/worker/worker_service.hpp>
#include <hocket/sched/stop_scope.hpp>

#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

struct worker_service::actor_item : actor_message {
    actor_item(worker_service& its_service, frame_head const& its_head, std::vector<std::byte> its_body)
        : service(its_service), head(its_head), body(std::move(its_body)) {
        run = [](actor_message& self, actor_cell& cell) noexcept {
            auto& mine = static_cast<actor_item&>(self);
            bool const turn_goes_on = mine.execute(cell);
            delete &mine;
            return turn_goes_on;
        };
        mode = fp_mode{head.mode};
    }

    /// Answers the call of a coroutine method when the coroutine has finished.
    struct later final : later_answer {
        later(worker_service& its_service, frame_head const& its_head, actor_cell& its_cell) noexcept
            : later_answer{&its_cell,
                           [](later_answer& self, archive_writer&& out, std::exception_ptr error) noexcept {
                               auto& mine = static_cast<later&>(self);
                               answer(mine.service, mine.head, *mine.cell, out, error);
                               delete &mine;
                           }},
              service(its_service),
              head(its_head) {}

        worker_service& service;
        frame_head const head;
    };

    /// Runs the call. Returns whether the turn continues.
    bool execute(actor_cell& cell) noexcept {
        archive_writer result;
        std::exception_ptr error = cell.refusal();
        if (error == nullptr) {
            try {
                stop_scope const apart(nullptr);
                tag_task(nullptr, "actor", head.subject);
                archive_reader arguments(body);
                bool const makes = head.kind == frame_kind::actor_new;
                if (makes) (void)read_actor_terms(arguments);
                call_frame frame{arguments, result, makes ? nullptr : cell.object()};
                auto answers = std::make_unique<later>(service, head, cell);
                frame.later = answers.get();
                find_thunk(head.token)(frame);
                if (frame.stage != call_stage::ended) {
                    (void)answers.release();
                    return frame.stage == call_stage::answers;
                }
                if (makes) cell.set_object(frame.object, frame.destroy);
            } catch (...) {
                error = std::current_exception();
                if (head.kind == frame_kind::actor_new) cell.fail(error);
            }
        }
        answer(service, head, cell, result, error);
        return true;
    }

    static void answer(worker_service& service, frame_head const& head, actor_cell& cell, archive_writer& result,
                       std::exception_ptr const& error) noexcept {
        bool const silent = (head.flags & frame_flag::no_reply) != 0;
        if (silent) result = {};
        if (error == nullptr) return service.answer(head, frame_kind::result, std::move(result));
        if (silent) cell.report(error);
        result = {};
        write_error(result, error, service.where());
        service.answer(head, frame_kind::error, std::move(result));
    }

    worker_service& service;
    frame_head const head;
    std::vector<std::byte> const body;
};

HOCKET_INLINE void worker_service::make_actor(frame_head const& head, std::vector<std::byte> body) {
    archive_reader reader(body);
    actor_terms const terms = read_actor_terms(reader);
    auto item = std::make_unique<actor_item>(*this, head, std::move(body));
    actor_cell& cell = actor_cell::make(pool_.sched(), terms);
    actors_.emplace(head.subject, &cell);
    {
        os_lock const lock(mutex_);
        known_.emplace(head.call, known_call{});
    }
    cell.begin_with(*item.release());
    cell.start();
}

HOCKET_INLINE void worker_service::call_actor(frame_head const& head, std::vector<std::byte> body) {
    auto const found = actors_.find(head.subject);
    if (found == actors_.end()) throw actor_died("hocket: the actor has ended");
    auto item = std::make_unique<actor_item>(*this, head, std::move(body));
    {
        os_lock const lock(mutex_);
        known_.emplace(head.call, known_call{});
    }
    found->second->push(*item.release());
}

HOCKET_INLINE void worker_service::drop_actor(std::uint64_t actor) noexcept {
    auto const found = actors_.find(actor);
    if (found == actors_.end()) return;
    found->second->release();
    actors_.erase(found);
}

} // namespace
