// arrays_test.cpp - arrays of the host's: borrowed, written in place, copied, and given back.
#include <doctest/doctest.h>

#include <array>
#include <complex>
#include <numeric>

#include "inlay/inlay.hpp"

using namespace inlay;

namespace {

/// Binds elements of T, doubles them in a script, and reads them back as T.
template <class T>
void check_round_trip(std::string_view dtype) {
  CAPTURE(dtype);
  const std::array<T, 3> data = {T(0), T(1), T(1)};
  Interpreter in;
  REQUIRE(in.bind("x", view(std::span<const T>(data), 3)));
  REQUIRE(in.run("y = concatenate([x, x])"));
  const auto y = in.get("y");
  REQUIRE(y);
  CHECK(to_string(*y->dtype()) == dtype);
  CHECK(y->shape()[0] == 6);
  const auto elements = y->template span<T>();
  REQUIRE(elements);
  for (std::size_t at = 0; at < 6; ++at) CHECK((*elements)[at] == data[at % 3]);
}

}  // namespace

TEST_CASE("every dtype with a C++ type goes in and out") {
  check_round_trip<bool>("bool");
  check_round_trip<std::int8_t>("int8");
  check_round_trip<std::int16_t>("int16");
  check_round_trip<std::int32_t>("int32");
  check_round_trip<std::int64_t>("int64");
  check_round_trip<std::uint8_t>("uint8");
  check_round_trip<std::uint16_t>("uint16");
  check_round_trip<std::uint32_t>("uint32");
  check_round_trip<std::uint64_t>("uint64");
  check_round_trip<float>("float32");
  check_round_trip<double>("float64");
  check_round_trip<std::complex<float>>("complex64");
  check_round_trip<std::complex<double>>("complex128");
}

TEST_CASE("16-bit floats come out as bytes") {
  Interpreter in;
  const auto x = in.eval("array([1, 2], dtype=float16)");
  REQUIRE(x);
  CHECK(*x->dtype() == DType::float16);
  const auto bytes = x->bytes();
  REQUIRE(bytes);
  CHECK(bytes->size() == 4);
  CHECK((*bytes)[1] == std::byte{0x3C});
}

TEST_CASE("a borrowed array is not copied, and not changed") {
  std::vector<double> data = {1, 2, 3, 4, 5, 6};
  Interpreter in;
  REQUIRE(in.bind("x", view(data, {2, 3})));
  CHECK(in.get("x")->span<double>()->data() == data.data());
  REQUIRE(in.run("x[x > 2] = 0"));
  CHECK(data == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(in.get("x")->to_string() == "[[1. 2. 0.]\n [0. 0. 0.]]");
}

TEST_CASE("what is lent as bools must be 0 or 1") {
  std::uint8_t bytes[] = {0, 1, 2, 1};
  bool released = false;
  const auto lend = [&](std::vector<std::int64_t> shape, std::vector<std::int64_t> strides) {
    ArrayRef array;
    array.data = bytes;
    array.dtype = DType::boolean;
    array.shape = std::move(shape);
    array.strides = std::move(strides);
    array.release = [&] { released = true; };
    return Value::tensor(array);
  };
  const auto refused = lend({4}, {});
  REQUIRE(!refused);
  CHECK(refused.error().message() == "the elements of a bool array must be 0 or 1, not 2");
  CHECK(released);
  Interpreter in;
  REQUIRE(in.bind("x", lend({2}, {3}).value()));
  REQUIRE(in.bind("y", lend({0}, {}).value()));
  REQUIRE(in.bind("z", lend({1 << 29}, {0}).value()));  // one element, looked at once
  REQUIRE(in.run("r = x.tolist(), y.shape"));
  CHECK(in.get("r")->to_string() == "([False, True], (0,))");
}

TEST_CASE("a writable view is updated in the host's memory") {
  std::vector<float> image = {1, 9, 3, 9};
  Interpreter in;
  REQUIRE(in.bind("x", writable_view(image, {2, 2})));
  REQUIRE(in.run("x[x > 5] = 0\nx[0] += 1\nx *= 2"));
  CHECK(image == std::vector<float>{4, 2, 6, 0});
}

TEST_CASE("a writable view that somebody else holds is copied, as any tensor is") {
  std::vector<std::int32_t> data = {1, 2, 3};
  Interpreter in;
  REQUIRE(in.bind("x", writable_view(data, 3)));
  REQUIRE(in.run("keep = x\nx[0] = 9\n"));
  CHECK(data == std::vector<std::int32_t>{1, 2, 3});
  CHECK(in.get("x")->to_string() == "[9 2 3]");
  CHECK(in.get("keep")->to_string() == "[1 2 3]");
}

TEST_CASE("a name that is bound anew leaves the host's memory as it was") {
  float data[] = {1, 2, 3, 4};
  Interpreter in;
  const auto program = in.prepare("x = y * 2 + 1");
  REQUIRE(program);
  REQUIRE(in.run("y = arange(4, dtype=float32)"));
  for (int round = 0; round < 3; ++round) {
    REQUIRE(in.bind("x", writable_view(data, 4)));
    REQUIRE(in.run(*program));
    CHECK(std::to_array(data) == std::array<float, 4>{1, 2, 3, 4});
  }
}

TEST_CASE("a statement that fails leaves the host's memory as it was") {
  std::vector<double> data = {1, 2, 3};
  Interpreter in;
  REQUIRE(in.bind("x", writable_view(data, 3)));
  CHECK_FALSE(in.run("x[[0, 1, 7]] = 5"));
  CHECK_FALSE(in.run("x[:2] = [1, 2, 3]"));
  CHECK(data == std::vector<double>{1, 2, 3});
}

TEST_CASE("a copy is the interpreter's own") {
  Interpreter in;
  {
    std::vector<double> data = {1, 2};
    REQUIRE(in.bind("x", copy(data, 2)));
    data = {7, 7};
  }
  CHECK(in.get("x")->to_string() == "[1. 2.]");
}

TEST_CASE("adopted memory is the interpreter's, written in place and released once") {
  int released = 0;
  auto* data = new double[3]{1, 2, 3};
  {
    Interpreter in;
    REQUIRE(in.bind("x", adopt(data, 3, [&] { ++released, delete[] data; })));
    REQUIRE(in.run("x[0] = 7"));
    CHECK(data[0] == 7);
    CHECK(released == 0);
  }
  CHECK(released == 1);
  std::vector<float> elements = {1, 2};
  const float* const place = elements.data();
  Interpreter in;
  REQUIRE(in.bind("v", adopt(std::move(elements), 2)));
  REQUIRE(in.run("v += 1"));
  CHECK(in.get("v")->span<float>()->data() == place);
  CHECK(in.get("v")->to_string() == "[2. 3.]");
}

TEST_CASE("strides borrow every second column") {
  const std::vector<std::int16_t> data = {0, 1, 2, 3, 4, 5, 6, 7};
  ArrayRef columns = view(data, {2, 2});
  columns.strides = {8, 4};
  Interpreter in;
  REQUIRE(in.bind("x", columns));
  const auto x = in.get("x");
  REQUIRE(x);
  CHECK(x->to_string() == "[[0 2]\n [4 6]]");
  const auto row_major = x->span<std::int16_t>();
  REQUIRE(row_major);
  CHECK(std::vector<std::int16_t>(row_major->begin(), row_major->end()) == std::vector<std::int16_t>{0, 2, 4, 6});
}

TEST_CASE("memory is given back when the last value over it is gone") {
  int released = 0;
  std::vector<double> data(4);
  ArrayRef array = view(data, 4);
  array.release = [&] { ++released; };
  {
    Interpreter in;
    REQUIRE(in.bind("x", array));
    REQUIRE(in.run("y = x"));
    REQUIRE(in.run("x = 0"));
    CHECK(released == 0);
    const auto y = in.get("y");
    REQUIRE(in.run("y = 0"));
    CHECK(released == 0);
    CHECK(y->size() == 4);
  }
  CHECK(released == 1);
}

TEST_CASE("shapes that do not fit are errors") {
  const std::vector<double> data(6);
  Interpreter in;
  const auto kind_of = [&](const ArrayRef& array) {
    const auto bound = in.bind("x", array);
    return bound ? ErrorKind{} : bound.error().kind();
  };
  CHECK(kind_of(view(data, {2, 4})) == ErrorKind::ValueError);
  CHECK(kind_of(view(data, {2, 2})) == ErrorKind::ValueError);
  CHECK(kind_of(copy(data, {7})) == ErrorKind::ValueError);
  CHECK(kind_of(view(data, {-2, -3})) == ErrorKind::ValueError);
  CHECK(kind_of(view(data, {std::int64_t{1} << 40, std::int64_t{1} << 40})) == ErrorKind::ValueError);
  CHECK(kind_of(view(static_cast<const double*>(nullptr), 3)) == ErrorKind::ValueError);
  ArrayRef backwards = view(data, {6});
  backwards.strides = {-8};
  CHECK(kind_of(backwards) == ErrorKind::ValueError);
  ArrayRef far = view(data, {3});
  far.strides = {24};
  CHECK(kind_of(far) == ErrorKind::ValueError);
  CHECK_FALSE(in.get("x"));
}

TEST_CASE("empty and 0-d arrays") {
  const std::vector<double> none, one = {2.5};
  Interpreter in;
  REQUIRE(in.bind("empty", view(none, {0, 3})));
  REQUIRE(in.bind("point", view(one, Shape())));
  CHECK(in.eval("empty.shape")->to_string() == "(0, 3)");
  CHECK(in.eval("point * 2")->as<double>().value() == 5);
  CHECK(in.get("empty")->span<double>()->empty());
  CHECK(in.get("point")->span<double>()->front() == 2.5);
}
