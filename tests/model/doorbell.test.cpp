// SPDX-License-Identifier: MIT
// Model-checks remote/transport/ring.hpp and remote/transport/doorbell.hpp: each message arrives whole and once, in
// order. No message stays unseen while the thread that the bell wakes sleeps. A writer that waits for room is told of
// it.
#include "model/checker/model_atomics.hpp"
#include "model/checker/model_gtest.hpp"
#include "model/checker/mutate.hpp"

#include <hocket/remote/transport/doorbell.hpp>
#include <hocket/remote/transport/ring.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace {

using hocket::detail::ring_read;
using model::atomic;
using model::bounded;
using model::execution;
using model::model_atomics;
using model::order;
using model::require;

/// Tells the checker of each word that is copied.
struct model_memory {
    static void write(std::byte* to, void const* from, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; i += 8) model::plain_write_of(to + i);
        std::memcpy(to, from, bytes);
    }
    static void read(void* to, std::byte const* from, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; i += 8) model::plain_read_of(from + i);
        std::memcpy(to, from, bytes);
    }
};

using words = hocket::detail::basic_ring_words<model_atomics>;
using writer = hocket::detail::basic_ring_writer<model_atomics, model_memory>;
using reader = hocket::detail::basic_ring_reader<model_atomics, model_memory>;
using doorbell = hocket::detail::basic_doorbell<model_atomics>;
using poll_role = hocket::detail::basic_poll_role<model_atomics>;

/// Stands for an eventfd: the system orders a write to it before the read that sees it.
struct event {
    atomic<std::uint32_t> word{0, "event"};
    void ring() {
        word.exchange(1, order::acq_rel);
        model_atomics::futex_wake_one(word);
    }
    void wait() {
        while (word.exchange(0, order::acq_rel) == 0) model_atomics::futex_wait(word, 0);
    }
};

template<std::size_t capacity>
struct one_ring {
    words shared;
    alignas(16) std::array<std::byte, capacity> data{};
    writer in{shared, data};
    reader out{shared, data};
    std::uint64_t next = 1; // the message that the reader expects

    bool write(std::uint64_t value) { return in.try_write(std::as_bytes(std::span(&value, 1)), {}); }
    bool read() {
        ring_read const came = out.read([this](std::span<std::byte const> bytes) {
            require(bytes.size() == 8, "the length arrives");
            std::uint64_t value;
            model_memory::read(&value, bytes.data(), 8);
            require(value == next, "messages arrive once and in order");
            ++next;
        });
        require(came != ring_read::broken, "the ring is whole");
        return came == ring_read::message;
    }
};

/// Runs a writer that tries again, and a reader that looks again.
void write_and_read(execution& e, std::uint64_t messages) {
    auto& r = e.make<one_ring<48>>(); // room for three messages of 16 bytes
    e.thread("writer", [&r, messages] {
        for (std::uint64_t i = 1; i <= messages; ++i)
            while (!r.write(i)) model_atomics::pause();
    });
    e.thread("reader", [&r, messages] {
        while (r.next <= messages)
            if (!r.read()) model_atomics::pause();
    });
    e.finally([&r, messages] { require(r.next == messages + 1, "all messages arrive"); });
}

/// Runs a writer that sleeps until it is told of room.
void sleep_for_room(execution& e, std::uint64_t messages) {
    struct state {
        one_ring<32> ring; // room for two messages
        event room;
    };
    auto& s = e.make<state>();
    e.thread("writer", [&s, messages] {
        for (std::uint64_t i = 1; i <= messages; ++i)
            while (!s.ring.write(i)) {
                s.ring.in.ask_for_room();
                if (!s.ring.in.has_room(8)) s.room.wait();
            }
    });
    e.thread("reader", [&s, messages] {
        while (s.ring.next <= messages) {
            if (!s.ring.read())
                model_atomics::pause();
            else if (s.ring.out.must_tell_of_room())
                s.room.ring();
        }
    });
}

/// A process to which publishers write, each into a ring of its own. The bell wakes one thread; others poll now and
/// then.
template<std::size_t publishers>
struct process {
    std::array<one_ring<64>, publishers> rings;
    doorbell bell;
    poll_role role;
    event rung;
    std::uint64_t const messages;
    atomic<std::uint32_t> arrived{0, "arrived"};

    explicit process(std::uint64_t each) : messages(each) {}

    void publish(std::size_t ring) {
        for (std::uint64_t i = 1; i <= messages; ++i) {
            require(rings[ring].write(i), "there is room");
            if (bell.must_ring()) rung.ring();
        }
    }
    void poll() {
        role.run(
            bell,
            [this] {
                for (auto& r : rings)
                    while (r.read()) arrived.fetch_add(1, order::relaxed);
            },
            [this] {
                for (auto& r : rings)
                    if (r.out.is_waiting()) return true;
                return false;
            });
    }
    /// Runs the thread that the bell wakes. It returns after the last message, which another thread may have taken.
    void stand_by() {
        for (;;) {
            poll();
            if (arrived.load(order::relaxed) == messages * publishers) return;
            rung.wait();
        }
    }
};

template<std::size_t publishers>
void ring_and_poll(execution& e, std::uint64_t messages, int waiters) {
    auto& p = e.make<process<publishers>>(messages);
    for (std::size_t i = 0; i < publishers; ++i) e.thread("publisher", [&p, i] { p.publish(i); });
    e.thread("comm", [&p] { p.stand_by(); });
    for (int i = 0; i < waiters; ++i)
        e.thread("waiter", [&p] {
            p.poll();
            // Tells the sleeper which messages this thread has taken, as the end of a wait does; rings for messages
            // that it has not taken.
            if (p.arrived.load(order::relaxed) == p.messages * publishers) p.rung.ring();
        });
}

std::vector<model::named_scenario> suite() {
    return {
        {"a ring, all schedules", {}, [](execution& e) { write_and_read(e, 2); }},
        {"a ring that goes round", bounded(2), [](execution& e) { write_and_read(e, 5); }},
        {"a writer that sleeps for room", bounded(2), [](execution& e) { sleep_for_room(e, 4); }},
        {"one publisher", bounded(3), [](execution& e) { ring_and_poll<1>(e, 2, 0); }},
        {"two publishers", bounded(2), [](execution& e) { ring_and_poll<2>(e, 1, 0); }},
        {"one publisher, one waiter", bounded(2), [](execution& e) { ring_and_poll<1>(e, 1, 1); }},
        {"two messages, one waiter", bounded(1), [](execution& e) { ring_and_poll<1>(e, 2, 1); }},
        {"two publishers, one waiter", model::pct(30'000), [](execution& e) { ring_and_poll<2>(e, 1, 1); }},
        {"one publisher, two waiters", model::pct(30'000), [](execution& e) { ring_and_poll<1>(e, 1, 2); }},
    };
}

TEST(doorbell, no_message_lies_unseen) { model::expect_all_pass(suite()); }

TEST(doorbell, every_weaker_order_is_caught) {
    // With a weaker order a processor may show the armed bell before the role is given back, and a failed try may come
    // between the two. That is a cycle of happens-before and reads-from, which the checker leaves out.
    std::string const circle = "the publisher's ring, and the try that it leads to, come after the role was given back";
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "doorbell.hpp"),
                                  {{"arm", "store release -> relaxed", "armed_.store", circle},
                                   {"must_ring", "rmw acquire -> relaxed", "armed_.exchange", circle}}));
    EXPECT_TRUE(model::all_killed(model::mutate_all(suite(), "ring.hpp")));
}

} // namespace
