# SPDX-License-Identifier: MIT
# The rows of calls.cpp that Python's multiprocessing.Pool supports.
import multiprocessing
import os
import time


def add_one(x):
    return x + 1


def third(x):
    return x // 3


def length_of(text):
    return len(text)


def best_rate(each, once):
    once()
    best = 0.0
    for _ in range(5):
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < 0.2:
            once()
            done += each
        best = max(best, done / (time.perf_counter() - start))
    return best


def row(name, value, unit):
    print(f"{name}\t{value:.4g}\t{unit}", flush=True)


def main():
    start = time.perf_counter()
    with multiprocessing.Pool(len(os.sched_getaffinity(0))) as pool:
        assert pool.apply(add_one, (1,)) == 2
        row("first_answer", 1e3 * (time.perf_counter() - start), "ms")

        def one_by_one():
            for i in range(100):
                assert pool.apply(add_one, (i,)) == i + 1

        def window():
            results = [pool.apply_async(add_one, (i,)) for i in range(1000)]
            assert [r.get() for r in results] == list(range(1, 1001))

        def text():
            for _ in range(100):
                assert pool.apply(length_of, ("x" * 8192,)) == 8192

        def mapped():
            assert pool.map(third, range(100_000))[300] == 100

        row("call_one_by_one", best_rate(100, one_by_one), "/s")
        row("call_window", best_rate(1000, window), "/s")
        row("call_8kb", best_rate(100, text), "/s")
        row("map_100k_ints", best_rate(100_000, mapped), "items/s")


if __name__ == "__main__":
    main()
