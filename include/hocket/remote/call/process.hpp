// SPDX-License-Identifier: MIT
// A call in its own process: `process p(f, 10); p.join();`. Public.
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

/// A call of a function in its own process, with its own memory. No other process sees what the function changes in its
/// arguments and in variables of the program, except in `shared_memory` and `shared_array`. R is the type that the
/// function returns.
///
/// The program needs a session, whatever its engine is. The process has the arguments, the environment and the
/// directory that the session has found.
///
/// **Threads** one at a time for each object.
template<class R>
class process {
  public:
    /// Starts the process, which calls `f(args...)`. The callable and its arguments travel like the arguments of
    /// `submit`. **Throws** std::logic_error without a session, `not_remotable` for values that cannot travel,
    /// std::runtime_error if the system refuses, std::bad_alloc.
    template<class F, class... Args>
        requires(!std::is_same_v<std::decay_t<F>, process>)
    explicit process(F&& f, Args&&... args) {
        start<std::decay_t<F>, typename detail::kept_remotely<Args>::type...>(std::forward<F>(f),
                                                                              std::forward<Args>(args)...);
    }
    process(process&&) noexcept = default;
    process& operator=(process&&) = default;
    /// Joins the process.
    ~process() = default;

    /// Returns when the process has ended, for whatever reason. **Blocks** until then. Within a pool, another thread
    /// works meanwhile.
    void join() { run_->join(); }

    /// Joins the process, and returns the result of the function. **Throws** the exception of the function;
    /// `worker_lost` if the process has ended before.
    R get() {
        std::vector<std::byte> const bytes = run_->result();
        if constexpr (!std::is_void_v<R>) {
            detail::archive_reader reader(bytes);
            return detail::read_value<R>(reader);
        }
    }

    /// Kills the process at once. Processes that it has started live on, except processes and pools of hocket, which
    /// end with it.
    void kill() noexcept { run_->kill(); }

    /// Returns nothing while the process runs. Afterwards returns 0, 1 if the function has thrown, the status of a call
    /// of exit, or -n after signal n.
    [[nodiscard]] std::optional<int> exit_code() noexcept { return run_->exit_code(); }

    /// Returns the process id.
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
            detail::take_memory take = nullptr;
            if constexpr (!std::is_void_v<R>)
                take = [](std::vector<std::byte> const& result) {
                    detail::archive_reader reader(result);
                    detail::archive_writer own;
                    detail::write_value(own, detail::read_value<R>(reader));
                    return own;
                };
            run_ = std::make_unique<detail::process_run>(how, detail::thunk_token<F, void, Kept...>(),
                                                         std::move(writer), take);
        }
    }

    std::unique_ptr<detail::process_run> run_;
};

template<class F, class... Args>
process(F&&, Args&&...)
    -> process<std::decay_t<std::invoke_result_t<std::decay_t<F>&, typename detail::kept_remotely<Args>::type...>>>;

} // namespace hocket
