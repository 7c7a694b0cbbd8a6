// SPDX-License-Identifier: MIT
// Finds clusters of points: each part of the points lies in the process that works on it, and an actor keeps the
// centres (a parameter server).
// usage: remote_kmeans
#include <hocket/remote.hpp>

#include <cmath>
#include <cstdio>
#include <random>
#include <span>
#include <vector>

namespace {

struct point {
    double x = 0, y = 0;
};
struct sums { // sums of the points that are nearest to each centre
    explicit sums(std::size_t n = 0) : total(n), count(n) {}
    std::vector<point> total;
    std::vector<long> count;
    void serialize(auto& archive) { archive(total, count); }
};

class centres { // plain: no lock, since one call runs at a time
  public:
    explicit centres(std::vector<point> first) : at_(std::move(first)), next_(at_.size()) {}
    void add(sums const& part) {
        for (std::size_t i = 0; i < at_.size(); ++i) {
            next_.total[i].x += part.total[i].x;
            next_.total[i].y += part.total[i].y;
            next_.count[i] += part.count[i];
        }
    }
    std::vector<point> move() {
        for (std::size_t i = 0; i < at_.size(); ++i)
            if (double const n = static_cast<double>(next_.count[i]); n > 0)
                at_[i] = {next_.total[i].x / n, next_.total[i].y / n};
        next_ = sums(at_.size());
        return at_;
    }

  private:
    std::vector<point> at_;
    sums next_;
};

sums assign(std::span<point const> points, std::vector<point> const& centre) {
    sums found(centre.size());
    for (point const& p : points) {
        auto const distance = [&](point const& c) { return (p.x - c.x) * (p.x - c.x) + (p.y - c.y) * (p.y - c.y); };
        std::size_t nearest = 0;
        for (std::size_t i = 1; i < centre.size(); ++i)
            if (distance(centre[i]) < distance(centre[nearest])) nearest = i;
        found.total[nearest].x += p.x;
        found.total[nearest].y += p.y;
        ++found.count[nearest];
    }
    return found;
}

std::vector<point> make_points(unsigned seed) { // by part and not by process: equal points everywhere
    std::mt19937 random(seed);
    std::normal_distribution<double> around(0, 0.5);
    std::vector<point> made;
    for (int i = 0; i < 50'000; ++i) made.push_back({(i % 2) * 10 + around(random), (i % 4 / 2) * 10 + around(random)});
    return made;
}

} // namespace

int main(int argc, char** argv) {
    hocket::session session(argc, argv); // with HOCKET_ENGINE=processes the workers stay in here
    auto& all = hocket::cluster();
    std::vector<hocket::ref<std::vector<point>>> points; // each part stays in the process that works on it
    for (unsigned part = 0; part < 8; ++part) points.push_back(submit(all, make_points, part));
    std::vector<point> centre{{1, 2}, {8, 3}, {2, 7}, {7, 8}};
    hocket::actor<centres> keeper(all, centre);
    for (int round = 0; round < 8; ++round) {
        hocket::ref const now = put(all, centre);
        for (auto const& part : points) keeper.tell(&centres::add, submit(all, assign, part, now));
        centre = keeper.call(&centres::move).get();
    }
    for (point const& c : centre) std::printf("%ld %ld\n", std::lround(c.x), std::lround(c.y));
}
