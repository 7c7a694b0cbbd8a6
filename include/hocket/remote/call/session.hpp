// SPDX-License-Identifier: MIT
// The first line of a program whose calls may run in other processes: `hocket::session session(argc, argv);`. Public.
#pragma once

#include <hocket/base/config.hpp>
#include <hocket/remote/transport/byte_channel.hpp>

#include <memory>

namespace hocket::inline HOCKET_ABI {

namespace detail {

class node;

/// What sends calls to the worker processes of this program; null where its calls run on its threads. **Throws**
/// std::logic_error where the environment asks for worker processes and the program has no session;
/// std::invalid_argument, std::runtime_error as the session.
node* node_of_session();

/// Returns the node of the session, or null: before the first session and after its end.
node* session_node() noexcept;

/// Whether HOCKET_CHECK_REMOTE asks for bytes on threads as well. **Throws** as `node_of_session`.
bool checks_remote();

/// The index of this process: 0 that of the driver.
process_index index_of_process() noexcept;

} // namespace detail

/// Lets worker processes begin and end: the first statement of `main`. HOCKET_ENGINE says which there are.
///
/// * `threads`, and where the variable is not set: none. Nothing happens.
/// * `processes`: this program is started again HOCKET_PROCESSES times, by default once for each core. In the worker
///   processes, the constructor serves calls and ends by `std::exit(0)`: they never go on behind it. So what stands
///   before the session, and all initialisers of static objects, run in every process. Workers have the arguments, the
///   environment and the directory that the session found.
///
/// * `mpi`, and where a launcher of MPI has started the program several times: rank 0 goes on behind the session, the
///   other ranks are its worker processes. The program needs the component: hocket::mpi of
///   `find_package(hocket COMPONENTS mpi)`, or `mpicxx -DHOCKET_WITH_MPI`. The session initialises MPI unless the
///   program has, by one thread and before it. Ranks of one machine share its cores. A rank that is lost ends the job,
///   with an exit code that is not 0.
///
///       mpirun -n 8 --hostfile hosts ./app     one rank for each machine that the file lists
///       mpirun -n 5 --oversubscribe ./app      more ranks than cores, for tests
///       srun -n 8 --mpi=pmix ./app             the same under Slurm
///
/// Worker processes read nothing from standard input. What a task prints stands before its result. They outlive Ctrl-C
/// as long as the driver does, and end with it, however it ends. A worker that is lost is replaced.
///
/// The destructor ends them: calls that have not ended fail with `operation_cancelled`. **Blocks** until then, two
/// seconds at most.
///
/// **Threads** the first thread of the program. **Throws** std::logic_error if another thread calls it, or if a pool or
/// another session exists; std::invalid_argument that names a variable whose value makes no sense; std::runtime_error
/// where processes cannot be started, or where a launcher has started several drivers.
class session {
  public:
    session(int argc, char const* const* argv);
    session(session const&) = delete;
    session& operator=(session const&) = delete;
    ~session();

    /// To be called when the program has loaded a library by dlopen, behind the session: the worker processes load it
    /// too, also those that come later, so that functions and callables of it can be called there. Nothing has to be
    /// said of what was loaded before. **Threads** one at a time; calls that go on meanwhile have nothing of the
    /// library. **Blocks** until all have loaded it. **Throws** std::runtime_error where one cannot;
    /// operation_cancelled. A `process_pool` that exists already does not hear of it.
    void announce_modules() const;

  private:
    std::unique_ptr<detail::node> node_;
};

} // namespace hocket

#if HOCKET_BODIES
#include <hocket/remote/call/session.ipp>
#endif
