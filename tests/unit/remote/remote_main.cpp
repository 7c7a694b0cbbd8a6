// SPDX-License-Identifier: MIT
// The main of the tests of remote/: worker processes stay in the session. HOCKET_TEST_MAIN selects the behaviour of a
// further program that a test starts.
#include <hocket/pool.hpp>
#include <hocket/remote.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <gtest/gtest.h>
#include <string>
#include <thread>

int main(int argc, char** argv) {
    char const* const text = std::getenv("HOCKET_TEST_MAIN");
    std::string const wanted = text == nullptr ? "" : text;
    unsetenv("HOCKET_TEST_MAIN");
    try {
        if (wanted == "no session") return hocket::cluster().size() == 1 ? 0 : 1;
        if (wanted == "pool first") hocket::default_pool();
        if (wanted == "other thread") {
            std::thread([&] {
                try {
                    hocket::session const late(argc, argv);
                } catch (std::logic_error const& error) {
                    std::printf("%s\n", error.what());
                }
            }).join();
            return 0;
        }
        hocket::session const session(argc, argv);
        if (wanted == "two sessions") hocket::session const second(argc, argv);
        testing::InitGoogleTest(&argc, argv);
        return RUN_ALL_TESTS();
    } catch (std::exception const& error) {
        std::printf("%s\n", error.what());
        return 3;
    }
}
