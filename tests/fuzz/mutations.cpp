// SPDX-License-Identifier: MIT
// Calls a fuzz target with a fixed sequence of mutations of its corpus, and watches the size of single allocations.
// usage: fuzz_NAME [rounds] [seed]
#include <fuzz/fuzz_target.hpp>

#include <hocket/base/config.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <utility>
#include <vector>

static std::size_t largest = 0;

void* operator new(std::size_t size) {
    largest = std::max(largest, size);
    if (void* const memory = std::malloc(size != 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::nothrow_t const& /*tag*/) noexcept {
    largest = std::max(largest, size);
    return std::malloc(size != 0 ? size : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using input = std::vector<std::uint8_t>;

class mutator {
  public:
    mutator(std::uint64_t seed, std::vector<input> corpus) : random_(seed), corpus_(std::move(corpus)) {}

    input next() {
        input bytes = any();
        for (std::uint64_t changes = below(4); changes != 0; --changes) change(bytes);
        return bytes;
    }

  private:
    std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : random_() % end; }
    std::ptrdiff_t place(input const& bytes) { return static_cast<std::ptrdiff_t>(below(bytes.size() + 1)); }
    input const& any() { return corpus_[below(corpus_.size())]; }

    void change(input& bytes) {
        switch (below(6)) {
        case 0: // flips bits
            for (std::uint64_t bits = 1 + below(4); bits != 0 && !bytes.empty(); --bits)
                bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1U << below(8));
            break;
        case 1: // changes a number: of elements, of an alternative, of code
            if (bytes.size() >= 8) {
                std::uint64_t const some[] = {
                    0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63, bytes.size(), random_() >> below(64)};
                std::memcpy(bytes.data() + below(bytes.size() - 7), &some[below(6)], 8);
            }
            break;
        case 2: // cuts off the end
            bytes.resize(below(bytes.size() + 1));
            break;
        case 3: { // copies a range of another input
            input const& other = any();
            std::ptrdiff_t const from = place(other);
            std::ptrdiff_t const to =
                from + static_cast<std::ptrdiff_t>(below(other.size() + 1 - static_cast<std::size_t>(from)));
            bytes.insert(bytes.begin() + place(bytes), other.begin() + from, other.begin() + to);
            break;
        }
        case 4: // erases a range
            if (std::ptrdiff_t const from = place(bytes); static_cast<std::size_t>(from) < bytes.size())
                bytes.erase(bytes.begin() + from,
                            bytes.begin() + from + 1 +
                                static_cast<std::ptrdiff_t>(below(bytes.size() - static_cast<std::size_t>(from))));
            break;
        default: // repeats a byte many times: lists in lists
            bytes.insert(bytes.begin() + place(bytes), below(5000), static_cast<std::uint8_t>(below(3)));
        }
    }

    std::mt19937_64 random_;
    std::vector<input> corpus_;
};

int main(int argc, char** argv) {
    long const rounds = argc > 1 ? std::atol(argv[1]) : (hocket::detail::sanitized ? 20'000 : 100'000);
    std::uint64_t const seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    std::vector<input> const corpus = fuzz_corpus();
    for (input const& sound : corpus) LLVMFuzzerTestOneInput(sound.data(), sound.size());

    mutator mutations(seed, corpus);
    for (long round = 0; round < rounds; ++round) {
        input const bytes = mutations.next();
        largest = 0;
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
        if (largest > 64 * bytes.size() + 65536) {
            std::fprintf(stderr, "round %ld: %zu bytes at once for a message of %zu bytes\n", round, largest,
                         bytes.size());
            return 1;
        }
    }
    std::printf("%ld mutations of %zu inputs\n", rounds, corpus.size());
}
