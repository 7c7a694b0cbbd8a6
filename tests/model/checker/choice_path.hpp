// SPDX-License-Identifier: MIT
// The choices of one execution (which thread runs next, which store a load reads), and the derivation of the next
// execution's choices: depth first, at random, or from a recorded path.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace model {

class choice_path {
  public:
    enum class source : std::uint8_t { depth_first, random, recorded };

    void start_search(source from, std::uint64_t seed) {
        from_ = from;
        path_.clear();
        random_ = seed * 0x9E3779B97F4A7C15ull | 1;
    }

    void start_execution() {
        position_ = 0;
        frozen_ = false;
        if (from_ == source::random) path_.clear();
    }

    /// Returns one of 0 .. n-1. 0 is always the plainest choice: continue the same thread, read the newest store.
    std::uint32_t pick(std::uint32_t n) {
        return n <= 1 ? 0 : take(n, from_ == source::random ? static_cast<std::uint32_t>(random() % n) : 0);
    }

    /// Returns a choice as `pick` does, but returns `suggestion` where the path does not say otherwise.
    std::uint32_t take(std::uint32_t n, std::uint32_t suggestion) {
        if (frozen_) return 0;
        if (position_ == path_.size()) path_.push_back({n, from_ == source::recorded ? 0 : suggestion});
        return path_[position_++].taken;
    }

    /// Makes every choice from here to the end of this execution the plainest one, and explores none of them.
    void freeze() { frozen_ = true; }

    std::uint64_t random() {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        return random_;
    }

    /// Goes on to the next path of the depth-first search. Returns false when there is none.
    bool advance() {
        path_.resize(position_);
        while (!path_.empty() && path_.back().taken + 1 == path_.back().of) path_.pop_back();
        if (path_.empty()) return false;
        ++path_.back().taken;
        return true;
    }

    /// Returns `3=1,17=2` for: the second possibility at choice 3, the third at choice 17, the first everywhere else.
    std::string text() const {
        std::string s;
        for (std::size_t i = 0; i < path_.size(); ++i)
            if (path_[i].taken != 0)
                s += (s.empty() ? "" : ",") + std::to_string(i) + "=" + std::to_string(path_[i].taken);
        return s.empty() ? "-" : s;
    }

    void record(const std::string& text) {
        from_ = source::recorded;
        path_.clear();
        for (const char* p = text.c_str(); *p >= '0' && *p <= '9';) {
            char* end = nullptr;
            const auto index = std::strtoul(p, &end, 10);
            if (*end != '=') break;
            const auto taken = static_cast<std::uint32_t>(std::strtoul(end + 1, &end, 10));
            while (path_.size() < index) path_.push_back({0, 0});
            path_.push_back({0, taken});
            p = *end == ',' ? end + 1 : end;
        }
    }

  private:
    struct choice {
        std::uint32_t of;
        std::uint32_t taken;
    };
    std::vector<choice> path_;
    std::size_t position_ = 0;
    std::uint64_t random_ = 1;
    source from_ = source::depth_first;
    bool frozen_ = false;
};

} // namespace model
