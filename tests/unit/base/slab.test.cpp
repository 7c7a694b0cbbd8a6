// SPDX-License-Identifier: MIT
// Tests of the slabs: aligned blocks of which none is in use twice, on whatever thread they are freed, and no heap once there
// are enough. Under sanitizers blocks come from the heap; what depends on the caches is skipped there.
#include <hocket/base/slab.hpp>

#include <stress/watchdog.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

#define SKIP_WITHOUT_CACHES()                                                                                          \
    if (hocket::detail::sanitized) GTEST_SKIP() << "under a sanitizer every block comes from the heap"

/// A block that knows what was written into it.
struct block {
    explicit block(std::size_t its_size) : at(slab_allocate(its_size)), size(its_size) {
        std::memset(at, static_cast<int>(size % 251), size);
    }
    bool is_intact() const {
        auto const* const bytes = static_cast<unsigned char const*>(at);
        for (std::size_t i = 0; i < size; ++i)
            if (bytes[i] != size % 251) return false;
        return true;
    }
    void* at;
    std::size_t size;
};

TEST(slab, has_four_sizes) {
    EXPECT_EQ(slab_class(1), 0u);
    EXPECT_EQ(slab_class(64), 0u);
    EXPECT_EQ(slab_class(65), 1u);
    EXPECT_EQ(slab_class(128), 1u);
    EXPECT_EQ(slab_class(129), 2u);
    EXPECT_EQ(slab_class(256), 2u);
    EXPECT_EQ(slab_class(257), 3u);
    EXPECT_EQ(slab_class(512), 3u);
    EXPECT_EQ(slab_class(513), slab_classes);
}

TEST(slab, blocks_are_aligned_and_do_not_overlap) {
    std::vector<block> blocks;
    for (std::size_t size : {1u, 8u, 63u, 64u, 65u, 100u, 128u, 200u, 256u, 300u, 512u, 513u, 5000u})
        for (int i = 0; i < 200; ++i) blocks.emplace_back(size);
    for (block const& b : blocks) {
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(b.at) % slab_alignment, 0u);
        ASSERT_TRUE(b.is_intact()) << "a block of " << b.size;
    }
    for (block const& b : blocks) slab_release(b.at, b.size);
}

TEST(slab, gives_a_block_again_that_was_freed) {
    SKIP_WITHOUT_CACHES();
    for (std::size_t size : {10u, 100u, 200u, 500u}) {
        void* const first = slab_allocate(size);
        slab_release(first, size);
        void* const second = slab_allocate(size);
        EXPECT_EQ(first, second);
        slab_release(second, size);
    }
}

TEST(slab, what_lives_in_a_block_is_made_and_destroyed) {
    static int alive = 0;
    struct counted {
        explicit counted(bool fails) {
            if (fails) throw 1;
            ++alive;
        }
        ~counted() { --alive; }
        char room[100];
    };
    counted* const one = make_in_slab<counted>(false);
    EXPECT_EQ(alive, 1);
    destroy_in_slab(one);
    EXPECT_EQ(alive, 0);
    EXPECT_THROW((void)make_in_slab<counted>(true), int);
    EXPECT_EQ(alive, 0);
}

/// Frees, one after another, as many blocks as have piled up here.
class pile {
  public:
    void add(block const& b) {
        std::lock_guard const lock(mutex_);
        blocks_.push_back(b);
    }
    bool free_one() {
        block b = [this] {
            std::lock_guard const lock(mutex_);
            if (blocks_.empty()) return none();
            block const last = blocks_.back();
            blocks_.pop_back();
            return last;
        }();
        if (b.at == nullptr) return false;
        broken_ += !b.is_intact();
        slab_release(b.at, b.size);
        return true;
    }
    std::size_t size() {
        std::lock_guard const lock(mutex_);
        return blocks_.size();
    }
    int broken() const { return broken_; }

  private:
    static block none() {
        block b(1);
        slab_release(b.at, 1);
        b.at = nullptr;
        return b;
    }
    std::mutex mutex_;
    std::vector<block> blocks_;
    std::atomic<int> broken_{0};
};

TEST(slab, blocks_are_freed_by_other_threads) {
    watchdog const dog("slabs, other threads free");
    pile between;
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([&] {
            while (!done || between.size() != 0)
                if (!between.free_one()) std::this_thread::yield();
        });
    std::size_t const sizes[] = {16, 64, 90, 250, 512, 600};
    for (int i = 0; i < repetitions(100'000); ++i) {
        between.add(block(sizes[i % 6]));
        while (between.size() > 1000) std::this_thread::yield();
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(between.broken(), 0);
}

TEST(slab, a_thread_that_ends_gives_back_what_it_kept) {
    SKIP_WITHOUT_CACHES();
    // What one thread has freed another one gets: no new memory is taken for it.
    std::vector<void*> blocks;
    std::thread([&blocks] {
        for (int i = 0; i < 200; ++i) blocks.push_back(slab_allocate(500));
        for (void* const b : blocks) slab_release(b, 500);
    }).join();
    std::vector<void*> again;
    std::thread([&] {
        for (int i = 0; i < 64; ++i) again.push_back(slab_allocate(500));
        for (void* const b : again) slab_release(b, 500);
    }).join();
    int known = 0;
    for (void* const b : again)
        for (void* const other : blocks) known += b == other;
    EXPECT_EQ(known, 64);
}

/// Frees a block when the thread ends, after its caches have ended.
struct late {
    void* kept = nullptr;
    ~late() {
        if (kept == nullptr) return;
        slab_release(kept, 100);
        for (int i = 0; i < 200; ++i) slab_release(slab_allocate(100), 100);
        auto const second = slab_allocate(64);
        slab_release(second, 64);
    }
};

TEST(slab, works_in_destructors_of_thread_local_objects) {
    std::thread([] {
        static thread_local late last; // made before the caches: destroyed after them
        last.kept = slab_allocate(100);
        std::vector<void*> blocks;
        for (int i = 0; i < 300; ++i) blocks.push_back(slab_allocate(100));
        for (void* const b : blocks) slab_release(b, 100);
    }).join();
}

TEST(slab, works_in_a_child_of_fork_while_others_use_the_depot) {
    SKIP_WITHOUT_CACHES();
    watchdog const dog("slabs and fork");
    std::atomic<bool> done{false};
    std::thread busy([&done] {
        std::vector<void*> blocks;
        while (!done) {
            for (int i = 0; i < 500; ++i) blocks.push_back(slab_allocate(64));
            for (void* const b : blocks) slab_release(b, 64);
            blocks.clear();
        }
    });
    for (int round = 0; round < 50; ++round) {
        pid_t const child = fork();
        ASSERT_NE(child, -1);
        if (child == 0) {
            alarm(20);
            std::vector<block> blocks;
            for (int i = 0; i < 1000; ++i) blocks.emplace_back(64u);
            bool intact = true;
            for (block const& b : blocks) {
                intact = intact && b.is_intact();
                slab_release(b.at, b.size);
            }
            _exit(intact ? 0 : 1);
        }
        int status = 0;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
        ASSERT_EQ(WEXITSTATUS(status), 0);
    }
    done = true;
    busy.join();
}

// The depot itself, also under ThreadSanitizer: each batch is in one pair of hands.
TEST(slab_depot, each_batch_comes_out_once) {
    watchdog const dog("slab depot");
    constexpr int batches = 20;
    static slab_depot depot;
    std::vector<free_block> blocks(batches);
    std::vector<std::atomic<int>> held(batches);
    std::atomic<int> twice{0};
    std::atomic<int> ready{0};
    for (free_block& b : blocks) ASSERT_TRUE(depot.put(&b));
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (++ready; ready != 3;) {
            }
            for (int i = 0; i < repetitions(5'000'000); ++i) {
                free_block* const batch = depot.take();
                if (batch == nullptr) continue;
                auto& mark = held[static_cast<std::size_t>(batch - blocks.data())];
                if (mark.fetch_add(1, std::memory_order_relaxed) != 0) ++twice;
                batch->next = nullptr; // plain: whoever has it owns it
                mark.fetch_sub(1, std::memory_order_relaxed);
                while (!depot.put(batch)) std::this_thread::yield();
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(twice, 0);
    int left = 0;
    while (depot.take() != nullptr) ++left;
    EXPECT_EQ(left, batches);
}

} // namespace
