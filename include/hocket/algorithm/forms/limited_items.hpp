// SPDX-License-Identifier: MIT
// Items of parallel_for_each of which only a limited number run at once. parallel_for_each uses it with `.max_workers`.
#pragma once

#include <hocket/fork_join/task_group.hpp>
#include <hocket/os/os_mutex.hpp>

#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A queue of callables, and a limited number of tasks of a group that run them. A task runs one callable, and the next
/// task runs the next one. So other work that waits for a worker gets its turn in between. When the group has finished,
/// all callables have run.
class limited_items {
  public:
    limited_items(task_group& group, std::uint32_t most) noexcept : group_(group), most_(most) {}
    limited_items(limited_items const&) = delete;
    limited_items& operator=(limited_items const&) = delete;
    ~limited_items() {
        while (first_ != nullptr) delete take(); // the tasks were dropped, in a child of fork()
    }

    /// Runs `f()` once fewer tasks run than the limit. **Throws** std::bad_alloc: then it was not added.
    template<class F>
    void add(F&& f) {
        auto* const added = new item_of<std::decay_t<F>>(std::forward<F>(f));
        if (!push(*added)) return;
        try {
            start();
        } catch (...) {
            if (!give_up(*added)) return; // a task that runs will take it
            delete added;
            throw;
        }
    }

  private:
    struct item {
        item* next = nullptr;
        virtual ~item() = default;
        virtual void run() noexcept = 0;
    };
    template<class F>
    struct item_of final : item {
        explicit item_of(F&& f) : function(std::move(f)) {}
        explicit item_of(F const& f) : function(f) {}
        void run() noexcept override { function(); }
        F function;
    };

    void start() {
        group_.run([this] { run_one(); });
    }

    /// Returns whether one more task is needed.
    bool push(item& one) noexcept {
        os_lock const lock(mutex_);
        (first_ != nullptr ? last_->next : first_) = &one;
        last_ = &one;
        if (tasks_ == most_) return false;
        ++tasks_;
        return true;
    }

    /// Removes an item whose task could not be made. Returns whether it was removed, because nothing would run it.
    bool give_up(item& one) noexcept {
        os_lock const lock(mutex_);
        if (--tasks_ != 0) return false;
        item* before = nullptr;
        for (item* each = first_; each != nullptr; before = each, each = each->next) {
            if (each != &one) continue;
            (before != nullptr ? before->next : first_) = one.next;
            if (last_ == &one) last_ = before;
            return true;
        }
        return false;
    }

    item* take() noexcept {
        os_lock const lock(mutex_);
        item* const one = first_;
        if (one == nullptr)
            --tasks_;
        else
            first_ = one->next;
        return one;
    }

    void run_one() noexcept {
        for (;;) {
            item* const one = take();
            if (one == nullptr) return;
            one->run();
            delete one;
            try {
                return start();
            } catch (...) { // no memory: this task goes on
            }
        }
    }

    task_group& group_;
    std::uint32_t const most_;
    os_mutex mutex_;          // guards the following
    std::uint32_t tasks_ = 0; // that run an item, or will
    item* first_ = nullptr;
    item* last_ = nullptr;
};

} // namespace hocket::inline HOCKET_ABI::detail
