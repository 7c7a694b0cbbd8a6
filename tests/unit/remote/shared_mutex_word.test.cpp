// SPDX-License-Identifier: MIT
// Tests remote/object/shared_mutex_word.hpp: a lock between processes, also where the process that owns it ends.
#include <hocket/remote/call/process.hpp>
#include <hocket/remote/call/session.hpp>
#include <hocket/remote/object/shared_memory.hpp>
#include <hocket/remote/object/shared_mutex_word.hpp>

#include <csignal>
#include <cstddef>
#include <gtest/gtest.h>
#include <mutex>
#include <vector>

namespace {

using hocket::process;
using hocket::shared_array;
using hocket::shared_memory;
using hocket::shared_mutex_word;

struct account {
    shared_mutex_word lock;
    long total = 0;
};

TEST(shared_mutex_words, let_one_process_in_at_a_time) {
    shared_memory<account> const shared(account{});
    auto const add = [](shared_memory<account> to) {
        for (int i = 0; i < 1000; ++i) {
            std::lock_guard const lock(to->lock);
            ++to->total;
        }
    };
    {
        process const one(add, shared), two(add, shared), three(add, shared);
        add(shared);
    }
    EXPECT_EQ(shared->total, 4000);
}

TEST(shared_mutex_words, tell_the_next_owner_of_one_that_has_died) {
    shared_array<shared_mutex_word> const locks(2); // zero bytes
    process dies(
        [](shared_array<shared_mutex_word> all) {
            all[1].lock();
            std::raise(SIGKILL);
        },
        locks);
    dies.join();
    for (shared_mutex_word& each : locks) {
        each.lock();
        EXPECT_EQ(each.owner_died(), &each == &locks[1]);
        process other([](shared_array<shared_mutex_word> all, std::size_t at) { return all[at].try_lock(); }, locks,
                      static_cast<std::size_t>(&each - locks.data()));
        EXPECT_FALSE(other.get());
        each.unlock();
    }
    ASSERT_TRUE(locks[1].try_lock());
    EXPECT_FALSE(locks[1].owner_died());
    locks[1].unlock();
}

} // namespace
