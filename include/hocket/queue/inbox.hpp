// SPDX-License-Identifier: MIT
// Tasks that have no place on anybody's stack yet, floor 2: work that comes from outside threads or from a task_group.
// First in, first out for the pool; each group can also take out its own tasks, which is all that a wait may run.
// Any thread may call any function; a mutex guards the lists, and `empty` costs one load.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

namespace hocket::detail {

class task_list;

/// A task in the inbox. Whoever takes it out owns it; `run` also frees it.
struct inbox_task {
    void (*run)(inbox_task* self) noexcept = nullptr;
    task_list* group = nullptr; // the list that this task also lies in

    inbox_task* before = nullptr; // in the inbox
    inbox_task* after = nullptr;
    inbox_task* older = nullptr; // in the group
    inbox_task* newer = nullptr;
};

/// The tasks of one group that nobody has begun. Guarded by the mutex of the inbox.
class task_list {
  public:
    /// A hint.
    bool empty() const noexcept { return newest_.load(std::memory_order_relaxed) == nullptr; }

  private:
    friend class inbox;

    /// Writers: under the mutex. Readers: there, and `empty`.
    std::atomic<inbox_task*> newest_{nullptr};
};

class inbox {
  public:
    inbox() = default;
    inbox(inbox const&) = delete;
    inbox& operator=(inbox const&) = delete;

    void push(inbox_task& task, task_list& group) noexcept {
        std::lock_guard const lock(mutex_);
        task.group = &group;
        task.before = last_;
        (last_ != nullptr ? last_->after : first_) = &task;
        last_ = &task;
        task.older = group.newest_.load(std::memory_order_relaxed);
        if (task.older != nullptr) task.older->newer = &task;
        group.newest_.store(&task, std::memory_order_relaxed);
        size_.store(size_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    /// The oldest task of all, or null.
    inbox_task* take_oldest() noexcept {
        if (empty()) return nullptr;
        std::lock_guard const lock(mutex_);
        return first_ != nullptr ? unlink(*first_) : nullptr;
    }

    /// The group's newest task, or null.
    inbox_task* take_from(task_list& group) noexcept {
        if (group.empty()) return nullptr;
        std::lock_guard const lock(mutex_);
        inbox_task* const newest = group.newest_.load(std::memory_order_relaxed);
        return newest != nullptr ? unlink(*newest) : nullptr;
    }

    /// A hint, exact after a full fence that follows the push.
    bool empty() const noexcept { return size_.load(std::memory_order_relaxed) == 0; }

  private:
    inbox_task* unlink(inbox_task& task) noexcept {
        (task.before != nullptr ? task.before->after : first_) = task.after;
        (task.after != nullptr ? task.after->before : last_) = task.before;
        if (task.older != nullptr) task.older->newer = task.newer;
        if (task.newer != nullptr)
            task.newer->older = task.older;
        else
            task.group->newest_.store(task.older, std::memory_order_relaxed);
        size_.store(size_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
        return &task;
    }

    std::mutex mutex_;
    inbox_task* first_ = nullptr;
    inbox_task* last_ = nullptr;

    /// Writers: under the mutex. Readers: searchers, without it. How many tasks lie in the inbox.
    std::atomic<std::size_t> size_{0};
};

} // namespace hocket::detail
