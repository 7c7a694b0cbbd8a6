// SPDX-License-Identifier: MIT
// A call in a process of its own: `process p(f, 10); p.join();`. Public.
#pragma once

#include <hocket/remote/call/remote_arguments.hpp>
#include <hocket/remote/transport/process_run.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/thunk.hpp>
#include <hocket/remote/wire/travels.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hocket::inline HOCKET_ABI {

/// A call of a function in a process of its own, with a memory of its own: what it changes of its arguments, and of the
/// program's variables, no other process sees, but what lies in `shared_memory` and `shared_array`. R is what the
/// function returns.
///
/// The program needs a session, whatever its engine is. The process has the program's arguments, environment and
/// directory, as the session has found them.
///
/// **Threads** each object for one thread at a time.
template<class R>
class process {
  public:
    /// Starts the process, which calls `f(args...)`. They travel as those of `submit` do. **Throws** std::logic_error
    /// without a session, `not_remotable` for what cannot travel, std::runtime_error where the system refuses,
    /// std::bad_alloc.
    template<class F, class... Args>
        requires(!std::is_same_v<std::decay_t<F>, process>)
    explicit process(F&& f, Args&&... args) {
        start<std::decay_t<F>, typename detail::kept_remotely<Args>::type...>(std::forward<F>(f),
                                                                              std::forward<Args>(args)...);
    }
    process(process&&) noexcept = default;
    process& operator=(process&&) = default;
    /// Joins.
    ~process() = default;

    /// Returns when the process has ended, however it has. **Blocks** until then; within a pool, another thread works
    /// meanwhile.
    void join() { run_->join(); }

    /// Joins, and returns what the function has returned. **Throws** what it has thrown; `worker_lost` if the process
    /// has ended before.
    R get() {
        std::vector<std::byte> const bytes = run_->result();
        if constexpr (!std::is_void_v<R>) {
            detail::archive_reader reader(bytes);
            return detail::read_value<R>(reader);
        }
    }

    /// Ends the process at once. What it has started lives on, but processes and pools of hocket, which end with it.
    void kill() noexcept { run_->kill(); }

    /// Nothing while it runs; then 0, 1 if the function has thrown, the status with which it has called exit, or -n
    /// after signal n.
    [[nodiscard]] std::optional<int> exit_code() noexcept { return run_->exit_code(); }

    /// The number that the system has given it.
    [[nodiscard]] long pid() const noexcept { return run_->pid(); }

  private:
    template<class F, class... Kept, class... Args>
    void start(F f, Args&&... args) {
        constexpr bool travels = (detail::explain_travels<F>() && ... && detail::explain_travels<Kept>());
        constexpr bool returns = [] {
            if constexpr (std::is_void_v<R>)
                return true;
            else
                return detail::explain_travels<R>();
        }();
        if constexpr (travels && returns) {
            detail::program_start const& how = detail::program_with_session();
            detail::archive_writer writer;
            detail::write_value(writer, f);
            (detail::write_value<Kept>(writer, Kept(std::forward<Args>(args))), ...);
            run_ = std::make_unique<detail::process_run>(how, detail::thunk_token<F, void, Kept...>(),
                                                         std::move(writer.bytes));
        }
    }

    std::unique_ptr<detail::process_run> run_;
};

template<class F, class... Args>
process(F&&, Args&&...)
    -> process<std::decay_t<std::invoke_result_t<std::decay_t<F>&, typename detail::kept_remotely<Args>::type...>>>;

} // namespace hocket
