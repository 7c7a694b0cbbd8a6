// SPDX-License-Identifier: MIT
// The process that receives a value first constructs a default one.
// error: without a public default constructor
#include <hocket/remote/wire/thunk.hpp>

class counter {
  public:
#ifdef CONTROL
    counter() = default;
#endif
    explicit counter(int count) : count_(count) {}
    template<class Archive>
    void serialize(Archive& archive) {
        archive(count_);
    }

  private:
    int count_ = 0;
};

int main() {
    hocket::detail::archive_writer call;
    hocket::detail::write_call(
        call, [](auto const&) {}, counter(3));
}
