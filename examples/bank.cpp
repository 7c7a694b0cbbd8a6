// SPDX-License-Identifier: MIT
// A bank of coroutines: clerks serve customers from a queue, two at a time, and none of them occupies a thread while it
// waits. usage: bank
#include <hocket/coroutine.hpp>
#include <hocket/future.hpp>

#include <chrono>
#include <cstdio>
#include <vector>

struct bank {
    hocket::async_event opened;
    hocket::async_semaphore desks{2};
    hocket::async_mutex ledger;
    hocket::channel<int> queue{8};
    std::vector<long> accounts = std::vector<long>(10, 100);
    int at_desks = 0, most_at_desks = 0;
};

hocket::task<int> clerk(bank& of) {
    co_await of.opened.wait();
    int served = 0;
    while (auto const customer = co_await of.queue.pop()) {
        co_await of.desks.acquire();
        {
            hocket::async_lock const lock = co_await of.ledger.lock();
            if (++of.at_desks > of.most_at_desks) of.most_at_desks = of.at_desks;
        }
        co_await hocket::sleep_for(std::chrono::microseconds(100)); // counting money
        {
            hocket::async_lock const lock = co_await of.ledger.lock(); // the lock may be held across a co_await
            std::size_t const from = static_cast<std::size_t>(*customer) % 10, to = (from + 3) % 10;
            of.accounts[from] -= 5;
            co_await hocket::sleep_until(std::chrono::steady_clock::now());
            of.accounts[to] += 5;
            --of.at_desks;
        }
        of.desks.release();
        ++served;
    }
    co_return served;
}

hocket::task<int> day() {
    bank here;
    std::vector<hocket::future<int>> clerks;
    for (int i = 0; i < 5; ++i) clerks.push_back(hocket::submit(clerk(here)));
    here.opened.set();
    for (int customer = 0; customer < 100; ++customer) co_await here.queue.push(customer);
    here.queue.close();
    int served = 0;
    for (hocket::future<int>& each : clerks) served += co_await each;
    long money = 0;
    for (long const account : here.accounts) money += account;
    std::printf("%d customers served, at most %d at a time; %ld in the accounts\n", served, here.most_at_desks, money);
    co_return served == 100 && money == 1000 && here.most_at_desks <= 2 ? 0 : 1;
}

int main() { return hocket::sync_wait(day()); }
