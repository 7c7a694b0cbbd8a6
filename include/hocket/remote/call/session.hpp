// SPDX-License-Identifier: MIT
// The first statement of a program whose calls may run in other processes: `hocket::session session(argc, argv);`.
// Public.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/transport/byte_channel.hpp>

#include <memory>

namespace hocket::inline HOCKET_ABI {

namespace detail {

class node;

/// Returns the node that sends calls to the worker processes of this program, or null if its calls run on its threads.
/// **Throws** std::logic_error if the environment asks for worker processes and the program has no session;
/// std::invalid_argument, std::runtime_error as the session.
node* node_of_session();

/// Returns the node of the session, or null: before the first session and after its end.
node* session_node() noexcept;

/// Whether HOCKET_CHECK_REMOTE asks for bytes on threads as well. **Throws** as `node_of_session`.
bool checks_remote();

/// Returns the index of this process; 0 is the driver.
process_index index_of_process() noexcept;

} // namespace detail

/// Starts and ends the worker processes: the first statement of `main`. HOCKET_ENGINE selects the engine:
///
/// * `threads`, the default: no worker processes. The session does nothing.
/// * `processes`: this program is started again HOCKET_PROCESSES times, by default once for each core. In a worker
///   process, the constructor serves calls and finishes with `std::exit(0)`; it never returns. So statements before the
///   session, and all initialisers of static objects, run in every process. Worker processes have the arguments, the
///   environment and the directory that the session found.
///
/// * `mpi`, the default if a launcher of MPI has started the program several times: rank 0 returns from the session,
///   and the other ranks are its worker processes. The program needs the component: hocket::mpi of
///   `find_package(hocket COMPONENTS mpi)`, or `mpicxx -DHOCKET_WITH_MPI`. The session initialises MPI unless the
///   program has done so, on one thread and before the session. Ranks of one machine share its cores. A lost rank ends
///   the job with a nonzero exit code.
///
///       mpirun -n 8 --hostfile hosts ./app     one rank for each machine that the file lists
///       mpirun -n 5 --oversubscribe ./app      more ranks than cores, for tests
///       srun -n 8 --mpi=pmix ./app             the same under Slurm
///
///   Tasks may start programs by `system` or posix_spawn. Their ranks are not affected, but the MPI library may print a
///   warning. On InfiniBand, a task must not go on in a child of fork() without exec: MPI may corrupt its memory.
///
/// Worker processes read nothing from standard input. The output of a task precedes its result. Worker processes
/// survive Ctrl-C as long as the driver does, and end with the driver, however it ends. A lost worker process is
/// replaced.
///
/// The destructor ends the worker processes: unfinished calls fail with `operation_cancelled`. **Blocks** until all
/// have ended, two seconds at most.
///
/// **Threads** the first thread of the program. **Throws** std::logic_error if another thread calls it, or if a pool or
/// another session exists; std::invalid_argument that names a variable with an invalid value; std::runtime_error if
/// processes cannot be started, or if a launcher has started several drivers.
class session {
  public:
    session(int argc, char const* const* argv);
    session(session const&) = delete;
    session& operator=(session const&) = delete;
    ~session();

    /// Announces libraries that the program has loaded by dlopen after the session. All worker processes load them,
    /// including processes that start later, so calls can use their functions and callables. Libraries loaded before
    /// the session need no announcement. **Threads** one at a time; concurrent calls must use nothing of the libraries.
    /// **Blocks** until all processes have loaded them. **Throws** std::runtime_error if a process cannot;
    /// operation_cancelled. An existing `process_pool` is not informed.
    void announce_modules() const;

  private:
    std::unique_ptr<detail::node> node_;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/call/session.ipp>
#endif
