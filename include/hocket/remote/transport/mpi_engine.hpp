// SPDX-License-Identifier: MIT
// The engine `mpi` as the session sees it: rank 0 drives, the others serve. Included by remote.hpp in programs with the
// component `mpi`: hocket::mpi of CMake, or HOCKET_WITH_MPI and mpicxx.
//
//     mpirun -n 8 --hostfile hosts ./app        one rank for each line of `hosts`, or as many as a line's slots=
//     mpirun -n 5 --oversubscribe ./app         more ranks than cores, for tests
//     srun -n 8 --mpi=pmix ./app                the same under Slurm
//
// A rank that dies ends the job, as MPI prescribes, with a nonzero exit code.
#pragma once

#include <hocket/base/config.hpp>

#ifdef HOCKET_WITH_MPI

#include <hocket/remote/transport/launched_world.hpp>
#include <hocket/remote/transport/mpi_channel.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI::detail {

/// The channel of rank 0: rank i + 1 has process slot i. It starts no process and replaces none.
class mpi_driver_channel final : public basic_mpi_channel<driver_channel> {
  public:
    explicit mpi_driver_channel(mpi_world& world) : basic_mpi_channel(world), world_(world) {}

    process_index start(std::size_t slot) override { return last_ = static_cast<process_index>(slot + 1); }
    process_index next_index() const noexcept override { return last_ + 1; }
    void kill(process_index who, char const* fault) noexcept override {
        world_.abort(("does not understand rank " + std::to_string(who) + ", which " + fault).c_str());
    }
    void kill_all(char const* fault) noexcept override {
        world_.abort((std::to_string(alive()) + " ranks, each of which " + fault).c_str());
    }
    bool replaces() const noexcept override { return false; }
    std::size_t alive() const noexcept override { return ranks_alive(); }
    long pid(process_index) noexcept override { return 0; }
    std::uint64_t begun(process_index, std::size_t) noexcept override { return 0; }

  private:
    mpi_world& world_;
    process_index last_ = 0;
};

class mpi_ranks final : public launched_world {
  public:
    ~mpi_ranks() override { leave(); }

    process_index rank() const noexcept override { return world_.rank(); }
    std::size_t size() const noexcept override { return world_.size(); }
    process_index first_of_machine() const noexcept override { return world_.first_of_machine(); }
    std::size_t node_rank() const noexcept override { return world_.node_rank(); }

    std::vector<rank_facts> exchange(rank_facts const& mine) override { return world_.exchange(mine); }
    std::unique_ptr<driver_channel> drive() override { return std::make_unique<mpi_driver_channel>(world_); }
    service_channel& serve() override { return serving_.emplace(world_); }

    void leave() noexcept override {
        if (serving_ && !std::exchange(has_left_, true)) {
            serving_->say_goodbye(0);
            (void)serving_->close(std::chrono::seconds(1));
        }
        world_.finalize();
    }
    [[noreturn]] void abort(char const* why) noexcept override { world_.abort(why); }

  private:
    mpi_world world_;
    std::optional<mpi_channel> serving_;
    bool has_left_ = false;
};

inline bool const mpi_is_there =
    (join_world.store([]() -> std::unique_ptr<launched_world> { return std::make_unique<mpi_ranks>(); }), true);

} // namespace hocket::detail

#endif
