# SPDX-License-Identifier: MIT
# The rows of calls.cpp that Ray supports.
import os
import time

import numpy
import ray
from multiprocessing_calls import best_rate, row


@ray.remote
def add_one(x):
    return x + 1


@ray.remote
def length_of(text):
    return len(text)


@ray.remote
def first_of(values):
    return int(values[0])


@ray.remote
def count_of(refs):
    return len(refs)


@ray.remote
class Counter:
    def __init__(self):
        self.n = 0

    def add(self, x):
        self.n += x
        return self.n


def main():
    start = time.perf_counter()
    ray.init(num_cpus=len(os.sched_getaffinity(0)), include_dashboard=False, logging_level="error")
    assert ray.get(add_one.remote(1)) == 2
    row("first_answer", 1e3 * (time.perf_counter() - start), "ms")

    def one_by_one():
        for i in range(100):
            assert ray.get(add_one.remote(i)) == i + 1

    def window():
        assert ray.get([add_one.remote(i) for i in range(1000)]) == list(range(1, 1001))

    def text():
        for _ in range(100):
            assert ray.get(length_of.remote("x" * 8192)) == 8192

    row("call_one_by_one", best_rate(100, one_by_one), "/s")
    row("call_window", best_rate(1000, window), "/s")
    row("call_8kb", best_rate(100, text), "/s")

    counter = Counter.remote()

    def actor_one_by_one():
        for _ in range(100):
            ray.get(counter.add.remote(1))

    def actor_window():
        ray.get([counter.add.remote(1) for _ in range(1000)])

    row("actor_one_by_one", best_rate(100, actor_one_by_one), "/s")
    row("actor_window", best_rate(1000, actor_window), "/s")

    small = ray.put(7)
    row("put_small", best_rate(100, lambda: [ray.put(i) for i in range(100)]), "/s")
    row("get_small", best_rate(100, lambda: [ray.get(small) for _ in range(100)]), "/s")
    large = numpy.full(100_000_000, 98, dtype=numpy.uint8)
    row("put_100mb", 1e-9 * best_rate(100_000_000, lambda: ray.put(large)), "GB/s")
    value = ray.put(large)
    row("look_into_100mb", best_rate(1, lambda: ray.get(first_of.remote(value))), "/s")

    def wait_one_by_one():
        waiting = [add_one.remote(i) for i in range(1000)]
        while waiting:
            _, waiting = ray.wait(waiting)

    row("wait_1000", best_rate(1, wait_one_by_one), "rounds/s")
    refs = [ray.put(i) for i in range(10_000)]
    row("ref_of_10000_refs", best_rate(1, lambda: ray.get(count_of.remote(refs))), "/s")


if __name__ == "__main__":
    main()
