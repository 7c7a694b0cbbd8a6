// SPDX-License-Identifier: MIT
#include <hocket/base/error.hpp>
#include <hocket/coroutine/channel.hpp>
#include <hocket/future/future.hpp>
#include <hocket/remote/wire/archive.hpp>
#include <hocket/remote/wire/error_bytes.hpp>
#include <hocket/remote/wire/own_place.hpp>

#include <gtest/gtest.h>

#include <any>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <typeinfo>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace detail = hocket::detail;

static std::exception_ptr sent(std::exception_ptr const& error, std::string const& where = "process 3 of node one") {
    detail::archive_writer writer;
    detail::write_error(writer, error, where);
    detail::archive_reader reader(writer.bytes);
    std::exception_ptr arrived = detail::read_error(reader);
    EXPECT_TRUE(reader.bytes.empty());
    return arrived;
}
template<class Error>
static std::exception_ptr thrown(Error error) {
    return sent(std::make_exception_ptr(std::move(error)));
}

/// Returns the error that is nested in an error that has arrived.
static hocket::remote_error origin_of(std::exception_ptr const& error) {
    try {
        std::rethrow_exception(error);
    } catch (hocket::remote_error const& origin) {
        return origin;
    } catch (std::exception const& any) {
        try {
            std::rethrow_if_nested(any);
        } catch (hocket::remote_error const& origin) {
            return origin;
        } catch (...) {
        }
    }
    return {"nothing is nested", "", ""};
}

template<class Error>
static void comes_back(Error const& error, char const* type) {
    std::exception_ptr const arrived = thrown(error);
    EXPECT_EQ(origin_of(arrived).type(), type);
    EXPECT_EQ(origin_of(arrived).where(), "process 3 of node one");
    EXPECT_STREQ(origin_of(arrived).what(), error.what());
    try {
        std::rethrow_exception(arrived);
    } catch (Error const& caught) {
        EXPECT_STREQ(caught.what(), error.what());
        EXPECT_EQ(typeid(caught), typeid(detail::arrived<Error>)) << "and no base of it";
    } catch (...) {
        FAIL() << type << " came back as something else";
    }
}

TEST(ErrorBytes, standard_exceptions_come_back_as_themselves) {
    comes_back(std::logic_error("text"), "std::logic_error");
    comes_back(std::domain_error("text"), "std::domain_error");
    comes_back(std::invalid_argument("text"), "std::invalid_argument");
    comes_back(std::length_error("text"), "std::length_error");
    comes_back(std::out_of_range("text"), "std::out_of_range");
    comes_back(std::runtime_error("text"), "std::runtime_error");
    comes_back(std::range_error("text"), "std::range_error");
    comes_back(std::overflow_error("text"), "std::overflow_error");
    comes_back(std::underflow_error("text"), "std::underflow_error");
    comes_back(std::bad_alloc(), "std::bad_alloc");
    comes_back(std::bad_array_new_length(), "std::bad_array_new_length");
    comes_back(std::bad_cast(), "std::bad_cast");
    comes_back(std::bad_typeid(), "std::bad_typeid");
    comes_back(std::bad_exception(), "std::bad_exception");
    comes_back(std::bad_weak_ptr(), "std::bad_weak_ptr");
    comes_back(std::bad_optional_access(), "std::bad_optional_access");
    comes_back(std::bad_variant_access(), "std::bad_variant_access");
    comes_back(std::exception(), "std::exception");
    comes_back(std::system_error(2, std::generic_category(), "open"), "std::system_error");
}

TEST(ErrorBytes, codes_of_the_system_stay_what_they_are) {
    try {
        std::rethrow_exception(thrown(std::system_error(13, std::system_category(), "open")));
    } catch (std::system_error const& caught) {
        EXPECT_EQ(caught.code(), std::error_code(13, std::system_category()));
    }
    EXPECT_EQ(origin_of(thrown(std::system_error(1, std::iostream_category()))).type(), "std::system_error");
}

TEST(ErrorBytes, unknown_types_of_the_standard_library_come_back_as_their_nearest_base) {
    std::exception_ptr const missing =
        thrown(std::filesystem::filesystem_error("open", std::error_code(2, std::generic_category())));
    EXPECT_THROW(std::rethrow_exception(missing), std::system_error);
    EXPECT_NE(origin_of(missing).type().find("filesystem_error"), std::string::npos);
    EXPECT_THROW(std::rethrow_exception(thrown(std::bad_any_cast())), std::bad_cast);
    EXPECT_THROW(std::rethrow_exception(thrown(std::bad_function_call())), hocket::remote_error);
}

TEST(ErrorBytes, errors_of_hocket_come_back_as_themselves) {
    comes_back(hocket::operation_cancelled(), "hocket::operation_cancelled");
    comes_back(hocket::pool_ended(), "hocket::pool_ended");
    comes_back(hocket::too_many_waits(), "hocket::too_many_waits");
    comes_back(hocket::broken_promise(), "hocket::broken_promise");
    comes_back(hocket::channel_closed(), "hocket::channel_closed");
    comes_back(hocket::bad_message("text"), "hocket::bad_message");
    comes_back(hocket::not_remotable("text"), "hocket::not_remotable");
    comes_back(hocket::worker_lost("text"), "hocket::worker_lost");
    comes_back(hocket::actor_died("text"), "hocket::actor_died");
    comes_back(hocket::object_lost("text"), "hocket::object_lost");
    comes_back(hocket::queue_full("text"), "hocket::queue_full");
    EXPECT_THROW(std::rethrow_exception(thrown(detail::stopped_around())), detail::stopped_around);
}

TEST(ErrorBytes, all_failures_of_a_parallel_error_come_back) {
    hocket::parallel_error const error({{3, std::make_exception_ptr(std::out_of_range("three"))},
                                        {5, std::make_exception_ptr(hocket::operation_cancelled())}},
                                       10);
    try {
        std::rethrow_exception(thrown(error));
    } catch (hocket::parallel_error const& caught) {
        EXPECT_STREQ(caught.what(), error.what());
        EXPECT_EQ(caught.total(), 10U);
        ASSERT_EQ(caught.failures().size(), 2U);
        EXPECT_EQ(caught.failures()[1].index, 5U);
        EXPECT_THROW(std::rethrow_exception(caught.failures()[0].exception), std::out_of_range);
        EXPECT_THROW(std::rethrow_exception(caught.failures()[1].exception), hocket::operation_cancelled);
    }
}

namespace {
struct own_error : std::out_of_range {
    using std::out_of_range::out_of_range;
};
struct without_text : std::exception {
    [[nodiscard]] char const* what() const noexcept override { return nullptr; }
};
struct no_exception {};
} // namespace

TEST(ErrorBytes, other_errors_come_back_with_their_type_and_text) {
    hocket::remote_error const own = origin_of(thrown(own_error("text")));
    EXPECT_NE(own.type().find("own_error"), std::string::npos);
    EXPECT_STREQ(own.what(), "text");
    EXPECT_THROW(std::rethrow_exception(thrown(own_error("text"))), hocket::remote_error);
    EXPECT_STREQ(origin_of(thrown(without_text())).what(), "");

    EXPECT_EQ(origin_of(thrown(42)).type(), "int");
    EXPECT_NE(std::string(origin_of(thrown(42)).what()).find("int"), std::string::npos);
    EXPECT_STREQ(origin_of(thrown<char const*>("a text")).what(), "a text");
    EXPECT_STREQ(origin_of(thrown(std::string("a text"))).what(), "a text");
    EXPECT_NE(origin_of(thrown(no_exception())).type().find("no_exception"), std::string::npos);

    std::string const megabyte(std::size_t{1} << 20, 'x');
    EXPECT_EQ(origin_of(thrown(own_error(megabyte))).what(), megabyte);
    EXPECT_EQ(origin_of(thrown(std::runtime_error(megabyte))).what(), megabyte);
}

/// Returns `levels` errors, each nested in the next.
static std::exception_ptr nested_errors(int levels) {
    std::exception_ptr inner;
    for (int i = 0; i < levels; ++i) {
        try {
            if (inner == nullptr) throw std::invalid_argument("innermost");
            try {
                std::rethrow_exception(inner);
            } catch (...) {
                std::throw_with_nested(own_error("around"));
            }
        } catch (...) {
            inner = std::current_exception();
        }
    }
    return inner;
}
static int count_levels(std::exception_ptr const& error) {
    int levels = 0;
    for (std::exception_ptr at = error; at != nullptr; ++levels) at = detail::nested_in(at);
    return levels;
}

TEST(ErrorBytes, nested_errors_come_along) {
    std::exception_ptr const arrived = sent(nested_errors(3));
    EXPECT_EQ(count_levels(arrived), 3 + 1) << "the innermost is a standard one, in which its remote_error is nested";
    std::exception_ptr const innermost = detail::nested_in(detail::nested_in(arrived));
    EXPECT_THROW(std::rethrow_exception(innermost), std::invalid_argument);
    EXPECT_NE(origin_of(arrived).type().find("own_error"), std::string::npos);
    EXPECT_EQ(origin_of(arrived).type().find("Nested"), std::string::npos) << "the class around it is not told";
    try {
        std::throw_with_nested(std::range_error("outside"));
    } catch (...) {
        EXPECT_THROW(std::rethrow_exception(sent(std::current_exception())), std::range_error);
    }
    EXPECT_GT(count_levels(sent(nested_errors(5000))), 50) << "too many: the innermost are left out";
}

TEST(ErrorBytes, an_error_that_goes_on_to_another_process_says_where_it_was_thrown) {
    std::exception_ptr const once = sent(std::make_exception_ptr(std::out_of_range("text")), "first");
    std::exception_ptr const twice = sent(once, "second");
    EXPECT_THROW(std::rethrow_exception(twice), std::out_of_range);
    EXPECT_EQ(origin_of(twice).where(), "first");
    EXPECT_EQ(origin_of(twice).type(), "std::out_of_range");
    EXPECT_EQ(count_levels(twice), 2);

    std::exception_ptr const other = sent(sent(std::make_exception_ptr(own_error("text")), "first"), "second");
    EXPECT_EQ(origin_of(other).where(), "first");
    EXPECT_NE(origin_of(other).type().find("own_error"), std::string::npos);
    EXPECT_EQ(count_levels(other), 1);
    EXPECT_EQ(count_levels(sent(sent(nested_errors(3)))), 4);
    EXPECT_THROW(std::rethrow_exception(sent(
                     thrown(hocket::parallel_error({{3, std::make_exception_ptr(std::out_of_range("three"))}}, 4)))),
                 hocket::parallel_error);
}

TEST(ErrorBytes, an_error_within_a_value_says_where_it_was_thrown) {
    detail::archive_writer writer;
    detail::write_value(writer, std::make_exception_ptr(own_error("text")));
    detail::archive_reader reader(writer.bytes);
    std::string const where = origin_of(detail::read_value<std::exception_ptr>(reader)).where();
    EXPECT_EQ(where, detail::own_place());
    EXPECT_NE(where.find(" on " + detail::host_name() + " (pid " + std::to_string(getpid()) + ")"), std::string::npos)
        << where;
}

TEST(ErrorBytes, a_trace_comes_along) {
    std::exception_ptr const arrived = thrown(hocket::remote_error("type", "text", "there", "main\nparse\n"));
    EXPECT_EQ(origin_of(arrived).trace(), "main\nparse\n");
}

TEST(ErrorBytes, broken_errors_are_bad_messages) {
    detail::archive_writer writer;
    detail::write_error(writer, nested_errors(2), "here");
    for (std::size_t size = 0; size < writer.bytes.size(); ++size) {
        detail::archive_reader reader(std::span<std::byte const>(writer.bytes).first(size));
        EXPECT_THROW((void)detail::read_error(reader), hocket::bad_message);
    }
    writer.bytes.front() = std::byte{200};
    detail::archive_reader reader(writer.bytes);
    EXPECT_THROW((void)detail::read_error(reader), hocket::bad_message) << "an unknown kind";
}
