// SPDX-License-Identifier: MIT
// Tests of the slabs. Their blocks are aligned, and none is in use twice, on whatever thread they are freed. They take
// nothing from the heap once there are enough blocks, and give chunks back to it. Under sanitizers blocks come from the
// heap; tests that depend on the caches are skipped there.
#include <hocket/memory/slab.hpp>

#include <stress/in_child.hpp>
#include <stress/watchdog.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace hocket::detail;
using stress_test::repetitions;
using stress_test::watchdog;

#define SKIP_WITHOUT_CACHES()                                                                                          \
    if (hocket::detail::sanitized) GTEST_SKIP() << "under a sanitizer every block comes from the heap"

/// A block that checks the bytes that were written into it.
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

/// Frees, one after another, the blocks that other threads have added.
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

/// Runs `f` on a thread of its own, and waits until the thread has finished.
template<class F>
void on_a_thread(F&& f) {
    std::thread(std::forward<F>(f)).join();
}

std::vector<void*> take_blocks(std::size_t size, std::size_t count) {
    std::vector<void*> blocks(count);
    for (void*& b : blocks) b = slab_allocate(size);
    return blocks;
}
void give_back(std::vector<void*> const& blocks, std::size_t size) {
    for (void* const b : blocks) slab_release(b, size);
}

TEST(slab, blocks_that_are_made_one_after_another_lie_side_by_side) {
    SKIP_WITHOUT_CACHES();
    for (std::size_t c = 0; c < slab_classes; ++c)
        on_a_thread([c] {
            std::size_t const size = slab_size(c);
            while (slab_depots[c].take() != nullptr) { // lost, so that all are new
            }
            std::vector<void*> const blocks = take_blocks(size, 2000);
            std::size_t neighbours = 0;
            for (std::size_t i = 1; i < blocks.size(); ++i) {
                auto const* const before = static_cast<unsigned char const*>(blocks[i - 1]);
                auto const* const at = static_cast<unsigned char const*>(blocks[i]);
                neighbours += at == before + size || at == before + 2 * size;
            }
            EXPECT_GE(neighbours, blocks.size() * 9 / 10) << "blocks of " << size;
            give_back(blocks, size);
        });
}

TEST(slab, threads_that_come_and_go_need_no_new_memory) {
    SKIP_WITHOUT_CACHES();
    for (std::size_t size : {64u, 128u, 256u, 512u}) {
        long warm = 0;
        for (int round = 0; round < 200; ++round) {
            on_a_thread([=] { // parts of batches stay in its cache, and in reserve
                give_back(take_blocks(size, 300), size);
                give_back(take_blocks(size, 30), size);
            });
            if (round == 0) warm = slab_chunks_in_use;
        }
        EXPECT_LE(slab_chunks_in_use, warm) << "blocks of " << size; // fewer, if chunks were given back
    }
}

TEST(slab, blocks_that_one_thread_makes_and_another_frees_need_no_new_memory) {
    SKIP_WITHOUT_CACHES();
    long warm = 0;
    for (int round = 0; round < 100; ++round) {
        std::vector<void*> blocks;
        on_a_thread([&] { blocks = take_blocks(100, 3000); });
        on_a_thread([&] { give_back(blocks, 100); });
        if (round == 0) warm = slab_chunks_in_use;
    }
    EXPECT_LE(slab_chunks_in_use, warm);
}

/// Frees a block when the thread ends, after its caches were destroyed.
struct late {
    void* kept = nullptr;
    ~late() {
        if (kept == nullptr) return;
        slab_release(kept, 100);
        void* blocks[200];
        for (void*& b : blocks) b = slab_allocate(100);
        for (void* const b : blocks) slab_release(b, 100);
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

TEST(slab, blocks_that_are_used_after_their_threads_caches_need_no_new_memory) {
    SKIP_WITHOUT_CACHES();
    long warm = 0;
    for (int round = 0; round < 50; ++round) {
        on_a_thread([] { give_back(take_blocks(100, 1000), 100); }); // as whole batches again
        on_a_thread([] {
            static thread_local late last;
            last.kept = slab_allocate(100);
        });
        if (round == 0) warm = slab_chunks_in_use;
    }
    EXPECT_LE(slab_chunks_in_use, warm);
}

TEST(slab, gives_chunks_back_that_nobody_uses) {
    SKIP_WITHOUT_CACHES();
    constexpr std::size_t size = 512;
    constexpr std::size_t c = slab_class(size);
    trim_slabs(c, 0);
    long const before = slab_chunks_in_use;
    on_a_thread([] {
        std::vector<void*> blocks = take_blocks(size, 20'000);
        block const stays(size);
        for (std::size_t i = 0; i < blocks.size(); i += 2) slab_release(blocks[i], size); // in no order
        for (std::size_t i = 1; i < blocks.size(); i += 2) slab_release(blocks[i], size);
        trim_slabs(c, 10'000);
        std::vector<void*> const again = take_blocks(size, 9'000); // still in the caches
        long const made = slab_chunks_in_use;
        give_back(take_blocks(size, 500), size);
        give_back(again, size);
        EXPECT_LE(slab_chunks_in_use, made);
        EXPECT_TRUE(stays.is_intact());
        slab_release(stays.at, size);
    });
    EXPECT_GT(slab_chunks_in_use, before);
    trim_slabs(c, 0);
    EXPECT_LE(slab_chunks_in_use, before);
    block const works(size);
    EXPECT_TRUE(works.is_intact());
    slab_release(works.at, size);
}

TEST(slab, chunks_that_hold_a_block_in_use_stay) {
    SKIP_WITHOUT_CACHES();
    constexpr std::size_t size = 256;
    constexpr std::size_t c = slab_class(size);
    std::vector<block> stay;
    on_a_thread([&] {
        std::vector<void*> blocks;
        for (int i = 0; i < 50'000; ++i)
            if (i % 200 == 0)
                stay.emplace_back(size);
            else
                blocks.push_back(slab_allocate(size));
        give_back(blocks, size);
    });
    long const before = slab_chunks_in_use;
    trim_slabs(c, 0);
    EXPECT_LE(slab_chunks_in_use, before);
    for (block const& b : stay) ASSERT_TRUE(b.is_intact());
    on_a_thread([&] {
        for (block const& b : stay) slab_release(b.at, size);
    });
    trim_slabs(c, 0);
    EXPECT_LT(slab_chunks_in_use, before - 100);
}

TEST(slab, keeps_no_more_than_it_says) {
    SKIP_WITHOUT_CACHES();
    constexpr std::size_t size = 512;
    constexpr std::size_t c = slab_class(size);
    std::size_t const many = static_cast<std::size_t>(slab_most(c)) * 5 / 4;
    long const before = slab_chunks_in_use;
    for (int round = 0; round < 2; ++round) on_a_thread([=] { give_back(take_blocks(size, many), size); });
    EXPECT_LE(slab_chunks_in_use, before + slab_most(c) / 123 + 50);
    trim_slabs(c, 0);
}

/// Returns the memory of the process that lies in chunks, in units of 4 KiB.
std::size_t resident_pages() {
    std::size_t const page_bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::size_t pages = 0;
    for (slab_region* region = slab_regions; region != nullptr; region = region->next) {
        unsigned char in_core[slab_region::chunks * slab_region::chunk_bytes / 4096] = {};
        EXPECT_EQ(mincore(region->base, slab_region::chunks * slab_region::chunk_bytes, in_core), 0);
        for (unsigned char const page : in_core) pages += (page & 1) * page_bytes / 4096;
    }
    return pages;
}

TEST(slab, what_nobody_needed_for_a_while_uses_no_memory) {
    SKIP_WITHOUT_CACHES();
    watchdog const dog("decay of slabs");
    constexpr std::size_t count = 50'000;
    std::vector<void*> all(count);
    for (void*& one : all) one = slab_allocate(512);
    std::size_t const used = resident_pages();
    EXPECT_GE(used, count / 8);
    for (void* one : all) slab_release(one, 512);
    EXPECT_GE(resident_pages(), count / 8); // not at once
    for (int i = 0; i < 2; ++i) {           // the first pass sees that the memory was needed before
        the_slab_decay.last = 0;
        decay_slabs();
    }
    EXPECT_LT(resident_pages(), 2048U);
    EXPECT_FALSE(slabs_hold_much());
    for (void*& one : all) one = slab_allocate(512); // in fresh memory
    EXPECT_LE(resident_pages(), used + 1024);
    for (void* one : all) slab_release(one, 512);
}

TEST(slab, what_was_needed_until_the_last_pass_is_given_back_by_the_next) {
    SKIP_WITHOUT_CACHES();
    constexpr std::size_t count = 50'000, few = 10'000;
    std::vector<void*> all(count);
    auto const pass = [] {
        the_slab_decay.last = 0; // a second goes by
        decay_slabs();
    };
    for (void*& one : all) one = slab_allocate(512);
    for (void* one : all) slab_release(one, 512);
    pass();
    for (std::size_t i = few; i != count; ++i) all[i] = slab_allocate(512); // a few stay unused
    for (std::size_t i = few; i != count; ++i) slab_release(all[i], 512);
    pass(); // gives back those few alone
    EXPECT_GE(resident_pages(), count / 16);
    EXPECT_TRUE(slabs_hold_much()); // so a thread has to look again
    pass();
    EXPECT_LT(resident_pages(), 2048U);
    EXPECT_FALSE(slabs_hold_much());
}

TEST(slab, a_thread_stays_to_look_at_what_comes_in_soon_after_a_pass) {
    SKIP_WITHOUT_CACHES();
    constexpr std::size_t count = 50'000;
    std::vector<void*> all(count);
    for (void*& one : all) one = slab_allocate(512);
    for (std::size_t c = 0; c < slab_classes; ++c) trim_slabs(c, 0);
    the_slab_decay.last = 0;
    decay_slabs();
    ASSERT_FALSE(slabs_hold_much());
    int sleeps = 0;
    EXPECT_FALSE(sleep_beside_slabs([&](long long) {
        if (++sleeps == 1)
            for (void* one : all) slab_release(one, 512);
        the_slab_decay.last = 0; // a second goes by
        return false;
    }));
    EXPECT_GE(sleeps, 2);
    EXPECT_LT(resident_pages(), 2048U);
}

TEST(slab, what_is_needed_again_and_again_stays) {
    SKIP_WITHOUT_CACHES();
    constexpr std::size_t count = 20'000;
    std::vector<void*> all(count);
    std::ptrdiff_t chunks = 0;
    for (int i = 0; i < 10; ++i) {
        for (void*& one : all) one = slab_allocate(256);
        if (i == 2) chunks = slab_chunks_in_use;
        for (void* one : all) slab_release(one, 256);
        the_slab_decay.last = 0; // a second goes by
        decay_slabs();
    }
    EXPECT_GE(slab_chunks_in_use, chunks - 1);
    trim_slabs(slab_class(256), 0);
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
        auto const use_blocks = [] {
            std::vector<block> blocks;
            for (int i = 0; i < 1000; ++i) blocks.emplace_back(64u);
            bool intact = true;
            for (block const& b : blocks) {
                intact = intact && b.is_intact();
                slab_release(b.at, b.size);
            }
            return intact ? 0 : 1;
        };
        ASSERT_EQ(stress_test::in_child(use_blocks), "exit 0");
    }
    done = true;
    busy.join();
}

// Tests the depot itself, also under ThreadSanitizer: each batch belongs to one thread at a time.
TEST(slab_depot, each_batch_comes_out_once) {
    watchdog const dog("slab depot");
    constexpr int batches = 20;
    static slab_depot depot;
    std::vector<free_block> blocks(batches);
    std::vector<std::atomic<int>> held(batches);
    std::atomic<int> twice{0};
    std::atomic<int> ready{0};
    for (free_block& b : blocks) {
        b.count = 1;
        depot.put(b, b, 1);
    }
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
                batch->next = nullptr; // a plain write: the thread that has the batch owns it
                mark.fetch_sub(1, std::memory_order_relaxed);
                depot.put(*batch, *batch, 1);
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(twice, 0);
    int left = 0;
    while (depot.take() != nullptr) ++left;
    EXPECT_EQ(left, batches);
}

TEST(slab_depot, a_lock_that_was_held_at_a_fork_does_not_matter_in_the_child) {
    static slab_depot depot;
    static free_block block{nullptr, nullptr, 1};
    watch_forks();
    auto const take_in_child = [] { // where the lock is still that of the parent's thread
        depot.put(block, block, 1);
        return depot.take() == &block ? 0 : 1;
    };
    bool const sorted = depot.sort_out([&](free_block*&, slab_chunk*&) {
        EXPECT_EQ(depot.take(), nullptr) << "while others take something out";
        EXPECT_EQ(stress_test::in_child(take_in_child), "exit 0");
        return std::ptrdiff_t{0};
    });
    EXPECT_TRUE(sorted);
}

} // namespace
