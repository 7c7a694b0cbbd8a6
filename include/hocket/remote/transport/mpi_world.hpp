// SPDX-License-Identifier: MIT
// The ranks that a launcher has started: the life of MPI, and the address of the bell of each rank. The only header
// that includes <mpi.h>, and only in programs with the component `mpi`: hocket::mpi of CMake, or HOCKET_WITH_MPI and
// mpicxx. Called by the session, and by mpi_channel.hpp.
#pragma once

#include <hocket/base/config.hpp>

#ifdef HOCKET_WITH_MPI

#include <hocket/machine/environment.hpp>
#include <hocket/remote/transport/datagram_bell.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <sched.h>
#include <sys/random.h>

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

namespace hocket::inline HOCKET_ABI::detail {

/// The ranks that a launcher has started, from MPI_Init to MPI_Finalize. Collective calls must precede the first
/// message.
class mpi_world {
  public:
    using clock = std::chrono::steady_clock;

    /// Initialises MPI unless the program has done so. **Blocks** until all ranks do this. **Throws**
    /// std::runtime_error if this MPI allows no calls from several threads, std::invalid_argument for an invalid
    /// HOCKET_MPI_IDLE.
    mpi_world() {
        read_idle_policy();
        int level = 0;
        int begun = 0;
        MPI_Initialized(&begun);
        if (begun == 0) {
            MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &level);
            finalizes_ = true;
        } else {
            MPI_Query_thread(&level);
        }
        if (level < MPI_THREAD_SERIALIZED)
            throw std::runtime_error("hocket: MPI lets only one thread of a process call it (level " +
                                     std::to_string(level) + "): hocket needs MPI_THREAD_SERIALIZED" +
                                     (finalizes_ ? "" : ", which the program did not ask MPI_Init_thread for"));
        MPI_Comm_dup(MPI_COMM_WORLD, &communicator_);
        MPI_Comm_rank(communicator_, &rank_);
        MPI_Comm_size(communicator_, &size_);
        MPI_Comm node = MPI_COMM_NULL;
        MPI_Comm_split_type(communicator_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &node);
        MPI_Comm_rank(node, &node_rank_);
        MPI_Comm_size(node, &node_size_);
        MPI_Allreduce(&rank_, &first_of_machine_, 1, MPI_INT, MPI_MIN, node);
        MPI_Comm_free(&node);
        hang_bells();
    }
    mpi_world(mpi_world const&) = delete;
    mpi_world& operator=(mpi_world const&) = delete;
    ~mpi_world() { finalize(); }

    process_index rank() const noexcept { return static_cast<process_index>(rank_); }
    std::size_t size() const noexcept { return static_cast<std::size_t>(size_); }
    /// Returns the rank among the ranks of this machine, and the number of these ranks.
    std::size_t node_rank() const noexcept { return static_cast<std::size_t>(node_rank_); }
    std::size_t node_size() const noexcept { return static_cast<std::size_t>(node_size_); }
    /// Returns the lowest rank of this machine.
    process_index first_of_machine() const noexcept { return static_cast<process_index>(first_of_machine_); }
    MPI_Comm communicator() const noexcept { return communicator_; }

    /// Returns the value of each rank, in the order of the ranks. Collective.
    template<class T>
    std::vector<T> exchange(T const& mine) const {
        static_assert(std::is_trivially_copyable_v<T>);
        std::vector<T> all(size(), mine);
        constexpr int bytes = static_cast<int>(sizeof(T));
        MPI_Allgather(&mine, bytes, MPI_BYTE, all.data(), bytes, MPI_BYTE, communicator_);
        return all;
    }

    /// Whether all other ranks can ring for this rank.
    bool is_in_reach() const noexcept { return in_reach_; }
    /// Returns the descriptor of this rank's bell for poll(), or -1 if there is none.
    int bell_fd() const noexcept { return in_reach_ ? bell_->fd() : -1; }
    bool take_rings() noexcept { return in_reach_ && bell_->take_rings(); }
    void ring(process_index who) noexcept {
        if (bell_ && bell_->is_open()) bell_->ring(who);
    }
    /// Returns the maximum sleep of this rank between two looks for messages.
    std::chrono::nanoseconds longest_sleep() const noexcept {
        return in_reach_ ? std::chrono::nanoseconds(std::chrono::milliseconds(50)) : back_off_;
    }
    /// Returns the sleep between two looks while MPI has something to do.
    std::chrono::nanoseconds back_off() const noexcept { return back_off_; }

    /// Finalises MPI in this process, unless the program initialised it. **Blocks** until the others do so too.
    void finalize() noexcept {
        int over = 0;
        MPI_Finalized(&over);
        if (std::exchange(finalizes_, false) && over == 0) MPI_Finalize();
    }
    /// Ends the whole job at once.
    [[noreturn]] void abort(char const* why) const noexcept {
        std::fprintf(stderr, "hocket: rank %d %s: the job ends\n", rank_, why);
        MPI_Abort(communicator_, 70);
        std::abort();
    }

  private:
    void read_idle_policy() {
        char const* const text = variable("HOCKET_MPI_IDLE");
        if (text == nullptr) return;
        std::string word = small_letters(text).text;
        if (word == "bell") return;
        uses_bell_ = false;
        if (word == "spin") {
            back_off_ = {};
            return;
        }
        std::optional<unsigned long long> number;
        if (word.size() > 2 && word.ends_with("us")) number = parse_number(word.substr(0, word.size() - 2).c_str());
        if (!number || *number == 0 || *number > 1'000'000)
            throw_bad_variable("HOCKET_MPI_IDLE", text, "bell, spin, or how long a rank sleeps at most, such as 200us");
        back_off_ = std::chrono::microseconds(*number);
    }

    /// Finds out where each rank can be rung for, and whether every rank can be.
    void hang_bells() {
        std::array<std::uint64_t, 2> job{};
        if (rank_ == 0 && ::getrandom(job.data(), sizeof job, 0) != sizeof job) job[0] = 1;
        MPI_Bcast(job.data(), sizeof job, MPI_BYTE, 0, communicator_);
        bell_ = std::make_unique<datagram_bell>(job);
        bell_address const mine = uses_bell_ ? bell_->address() : bell_address{};
        bell_->introduce(exchange(mine), rank());
        auto const begin = clock::now();
        MPI_Request all_done = MPI_REQUEST_NULL;
        for (auto asked = begin - std::chrono::hours(1);;) {
            auto const now = clock::now();
            if (bell_->is_open()) (void)bell_->take_rings();
            if (all_done == MPI_REQUEST_NULL && now - asked > std::chrono::milliseconds(20)) {
                asked = now;
                bool const enough = bell_->ask() == 0 || !bell_->is_open() || now - begin > patience;
                if (enough) MPI_Ibarrier(communicator_, &all_done);
            }
            int done = 0;
            MPI_Status status;
            if (all_done != MPI_REQUEST_NULL) MPI_Test(&all_done, &done, &status);
            if (done != 0) break;
            ::sched_yield();
        }
        std::vector<unsigned char> reached(size());
        for (process_index who = 0; who < size(); ++who) reached[who] = bell_->reaches(who);
        std::vector<unsigned char> reached_by(size());
        MPI_Alltoall(reached.data(), 1, MPI_UNSIGNED_CHAR, reached_by.data(), 1, MPI_UNSIGNED_CHAR, communicator_);
        auto const deaf = std::count(reached_by.begin(), reached_by.end(), 0);
        in_reach_ = uses_bell_ && deaf == 0;
        if (uses_bell_ && deaf != 0 && read_environment().display)
            std::fprintf(stderr,
                         "hocket: datagrams of %ld ranks do not reach rank %d, which therefore polls for messages "
                         "every %ld us\n",
                         static_cast<long>(deaf), rank_, static_cast<long>(back_off_.count() / 1000));
    }

    static constexpr std::chrono::milliseconds patience{500};

    bool finalizes_ = false;
    bool uses_bell_ = true;
    bool in_reach_ = false;
    int rank_ = 0, size_ = 1, node_rank_ = 0, node_size_ = 1, first_of_machine_ = 0;
    std::chrono::nanoseconds back_off_ = std::chrono::microseconds(200);
    MPI_Comm communicator_ = MPI_COMM_NULL;
    std::unique_ptr<datagram_bell> bell_;
};

} // namespace hocket::detail

#endif
