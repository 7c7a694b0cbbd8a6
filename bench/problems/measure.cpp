// SPDX-License-Identifier: MIT
// The program around the rows of one library. Takes the flags of Google Benchmark; fails when an answer was wrong.
#include "measure.hpp"

#include <cstdlib>

namespace hocket_bench {

void sampler::report() {
    if (values_.empty()) {
        return;
    }
    std::sort(values_.begin(), values_.end());
    auto const at = [&](double part) { return values_[static_cast<std::size_t>(part * double(values_.size() - 1))]; };
    state_.counters["best"] = at(row_.quantile);
    state_.counters["median"] = at(0.5);
}

bool add_row(row const& what, library const& with, std::function<void(sampler&, int)> const& body) {
    for (int const threads : with.threads) {
        auto name = what.name;
        name.append("/").append(with.name);
        if (threads != 0) {
            name.append("/").append(std::to_string(threads));
        }
        benchmark::RegisterBenchmark(name.c_str(),
                                     [what, threads, body](benchmark::State& state) {
                                         sampler samples(state, what);
                                         body(samples, threads);
                                     })
            ->Iterations(what.samples)
            ->UseManualTime();
    }
    return true;
}

} // namespace hocket_bench

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return EXIT_FAILURE;
    }
    benchmark::RunSpecifiedBenchmarks();
    return hocket_bench::wrong_answers == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
