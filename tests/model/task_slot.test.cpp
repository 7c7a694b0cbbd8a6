// SPDX-License-Identifier: MIT
// Model-checks queue/task_slot.hpp the way joins use it. The owner pushes, publishes and takes back, sleeps while a
// thief runs one of its tasks, and uses the slot again. Thieves steal, finish, and put back tasks that they may not
// run.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/queue/task_slot.hpp>
#include <hocket/sched/sleep.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

using model::bounded;
using model::execution;
using model::model_atomics;
using model::require;

namespace slot_word = hocket::detail::slot_word;
using hocket::detail::task_type;

/// Writes the bytes of a slot: the number of the task, later its result. Tells the checker of each access.
void write_bytes(void* bytes, int value) {
    model::plain_write_of(bytes);
    std::memcpy(bytes, &value, sizeof value);
}
int read_bytes(const void* bytes) {
    model::plain_read_of(bytes);
    int value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

constexpr int result_of(int task) { return 100 + task; }

/// How often each task ran in this execution.
std::array<int, 4> runs;

bool run_task(void* bytes) noexcept {
    const int task = read_bytes(bytes);
    require(task >= 0 && task < 4, "the bytes hold a task that has not run");
    ++runs[static_cast<std::size_t>(task)];
    write_bytes(bytes, result_of(task));
    return false;
}
constexpr task_type type{&run_task};

struct world {
    world() { runs.fill(0); }

    hocket::detail::basic_task_slot<model_atomics> slot;
    hocket::detail::basic_parker<model_atomics> owner;

    void push(int task) {
        write_bytes(slot.bytes, task);
        slot.push(&type);
    }

    /// Pops a published task, as a join does: runs it here or waits for the thief.
    void pop_published(int task) {
        for (;;) {
            if (slot.reclaim()) {
                run_task(slot.bytes);
                break;
            }
            while (slot_word::is_stolen(slot.observe())) {
                owner.reset();
                if (slot.announce_wait()) owner.sleep();
            }
            if (slot_word::is_done(slot.observe())) break; // else a thief has put it back
        }
        require(read_bytes(slot.bytes) == result_of(task), "the task's own result lies in the slot");
        require(runs[static_cast<std::size_t>(task)] == 1, "each task runs once");
    }

    void pop_private(int task) {
        run_task(slot.bytes);
        require(read_bytes(slot.bytes) == result_of(task), "a private task is nobody else's business");
    }

    /// Makes one attempt to steal. With `declines` the thief may not run the task that it finds.
    void steal(std::uint32_t me, bool declines) {
        const task_type* const found = slot.steal(me, 0);
        if (found == nullptr) return;
        require(found == &type, "the type that was published");
        if (declines) {
            if (slot.put_back(found)) owner.wake();
            return;
        }
        const bool failed = found->run(slot.bytes);
        if (slot.finish(failed)) owner.wake();
    }
};

/// Runs these tasks in one slot, one after the other, as the owner. `private_tasks` is a mask of tasks that it does not
/// publish.
void tasks_in_a_row(execution& e, int tasks, unsigned private_tasks, std::vector<bool> thieves_that_decline) {
    auto& w = e.make<world>();
    e.thread("owner", [&w, tasks, private_tasks] {
        for (int t = 0; t < tasks; ++t) {
            w.push(t);
            if ((private_tasks >> t & 1) != 0) {
                w.pop_private(t);
            } else {
                w.slot.publish();
                w.pop_published(t);
            }
        }
    });
    std::uint32_t id = 1;
    for (const bool declines : thieves_that_decline) {
        e.thread(declines ? "declining" : "thief", [&w, id, declines] { w.steal(id, declines); });
        ++id;
    }
    e.finally([tasks] {
        for (int t = 0; t < tasks; ++t) require(runs[static_cast<std::size_t>(t)] == 1, "each task runs once");
    });
}

std::vector<model::named_scenario> suite() {
    auto unreliable = bounded(2);
    unreliable.spurious_wakes = 1;
    unreliable.weak_failures = 1;
    return {
        {"one task, one thief, all schedules", {}, [](execution& e) { tasks_in_a_row(e, 1, 0, {false}); }},
        {"published, then private", bounded(3),
         [](execution& e) {
             tasks_in_a_row(e, 2, 0b10, {false, false});
         }},
        {"published twice", bounded(3),
         [](execution& e) {
             tasks_in_a_row(e, 2, 0, {false, false});
         }},
        {"private, then published", bounded(3), [](execution& e) { tasks_in_a_row(e, 2, 0b01, {false}); }},
        {"put back", bounded(3),
         [](execution& e) {
             tasks_in_a_row(e, 1, 0, {true, false});
         }},
        {"put back, then used again", bounded(2),
         [](execution& e) {
             tasks_in_a_row(e, 2, 0, {true, false});
         }},
        {"put back twice", bounded(1),
         [](execution& e) {
             tasks_in_a_row(e, 1, 0, {true, true, false});
         }},
        {"spurious failures and returns", unreliable,
         [](execution& e) {
             tasks_in_a_row(e, 1, 0, {true, false});
         }},
    };
}

TEST(task_slot, each_task_runs_once_and_its_bytes_are_never_raced_for) { model::expect_all_pass(suite()); }

TEST(task_slot, every_weaker_order_is_caught) {
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "task_slot.hpp"),
                                  {{"put_back", "rmw acq_rel -> acquire", "exchange",
                                    "the claim and the exchange continue the release sequence of the publication"}}));
}

} // namespace
