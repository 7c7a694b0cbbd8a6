// SPDX-License-Identifier: MIT
// Private members cannot be found.
// error: give the class a public `template<class Archive> void serialize
#include <hocket/remote/wire/thunk.hpp>

class counter {
  public:
#ifdef CONTROL
    template<class Archive>
    void serialize(Archive& archive) {
        archive(count_);
    }
#endif

  private:
    int count_ = 0;
};

int main() {
    hocket::detail::archive_writer call;
    hocket::detail::write_call(
        call, [](auto const&) {}, counter());
}
