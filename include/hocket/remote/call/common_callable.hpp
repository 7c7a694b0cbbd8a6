// SPDX-License-Identifier: MIT
// The callable of an algorithm that makes many calls, such as `bind_front(f, table)` with a large table. Used by
// remote_algorithms.hpp and remote_stream.hpp.
#pragma once

#include <hocket/base/call.hpp>
#include <hocket/remote/call/remote_pool.hpp>
#include <hocket/remote/node/node_call.hpp>
#include <hocket/remote/object/handle_pins.hpp>
#include <hocket/remote/transport/shared_region.hpp>
#include <hocket/remote/wire/archive.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace hocket::inline HOCKET_ABI::detail {

/// A callable that all calls of one algorithm share. If its bytes are many, the sender writes them once, to memory that
/// the worker processes of its machine read: a message then holds only the address of that memory, and the object
/// must outlive the calls. Otherwise each message holds the bytes.
template<class F>
class common_callable {
  public:
    /// Holds no callable. For the archive, which then reads one.
    common_callable() = default;
    /// Copies `f`. **Throws** not_remotable, std::bad_alloc, and the exceptions of copying and writing it.
    common_callable(remote_pool& all, F const& f) : f_(std::make_shared<F const>(f)) {
        node const* const to = all.node();
        if (to == nullptr || !to->replaces()) return; // ranks may be on other machines
        handle_pins pins(to); // not kept: `f_` holds the handles of actors until the calls have finished
        archive_writer writer;
        writer.context = &pins;
        detail::write_value<F>(writer, f);
        if (writer.bytes.size() < least_bytes) return;
        auto region = std::make_shared<shared_region>(writer.bytes.size());
        std::memcpy(region->data(), writer.bytes.data(), writer.bytes.size());
        bytes_ = std::move(region);
    }

    F const& operator*() const noexcept { return *f_; }
    template<class... Args>
    decltype(auto) operator()(Args&&... args) const {
        return detail::call(*f_, std::forward<Args>(args)...);
    }

    /// For the library.
    template<class Archive>
    void serialize(Archive& archive) {
        detail::serialize_region(archive, bytes_);
        if constexpr (Archive::is_loading) {
            std::shared_ptr<shared_region const> const bytes = std::exchange(bytes_, nullptr);
            if (bytes == nullptr) {
                f_ = std::make_shared<F const>(detail::read_value<F>(archive));
                return;
            }
            archive_reader reader(std::span<std::byte const>(bytes->data(), bytes->size()));
            f_ = std::make_shared<F const>(detail::read_value<F>(reader));
            if (!reader.bytes.empty()) throw_bad_message("hocket: a message describes a callable that is too long");
        } else if (bytes_ == nullptr) {
            detail::write_value<F>(archive, *f_);
        }
    }

  private:
    static constexpr std::size_t least_bytes = std::size_t{32} * 1024; // mapping memory costs as much as copying these

    std::shared_ptr<F const> f_;
    std::shared_ptr<shared_region const> bytes_; // null: each message holds the callable
};

} // namespace hocket::detail
