# SPDX-License-Identifier: MIT
# The rows of calls.cpp that mpi4py.futures supports: mpirun -n 2 python3 -m mpi4py.futures mpi4py_calls.py
import time

from mpi4py.futures import MPIPoolExecutor
from multiprocessing_calls import add_one, best_rate, length_of, row, third


def main():
    start = time.perf_counter()
    with MPIPoolExecutor() as pool:
        assert pool.submit(add_one, 1).result() == 2
        row("first_answer", 1e3 * (time.perf_counter() - start), "ms")

        def one_by_one():
            for i in range(100):
                assert pool.submit(add_one, i).result() == i + 1

        def window():
            results = [pool.submit(add_one, i) for i in range(1000)]
            assert [r.result() for r in results] == list(range(1, 1001))

        def text():
            for _ in range(100):
                assert pool.submit(length_of, "x" * 8192).result() == 8192

        def mapped():
            assert list(pool.map(third, range(100_000), chunksize=1000))[300] == 100

        row("call_one_by_one", best_rate(100, one_by_one), "/s")
        row("call_window", best_rate(1000, window), "/s")
        row("call_8kb", best_rate(100, text), "/s")
        row("map_100k_ints", best_rate(100_000, mapped), "items/s")


if __name__ == "__main__":
    main()
