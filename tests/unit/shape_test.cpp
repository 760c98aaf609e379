// shape_test.cpp - sizes, strides and NumPy's messages about them.
#include "runtime/tensors/shape.h"

#include <doctest/doctest.h>

#include "runtime/memory/error.h"

using namespace inlay;

namespace {

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return std::string(name(error.kind())) + ": " + error.message();
  }
  return "no error";
}

}  // namespace

TEST_CASE("Dims keep their values across the inline bound") {
  Dims dims;
  for (std::int64_t value = 0; value < 10; ++value) dims.push_back(value);
  CHECK(dims.size() == 10);
  CHECK(dims.back() == 9);
  dims.insert(0, -1);
  dims.insert(5, 50);
  CHECK(dims == Dims{-1, 0, 1, 2, 3, 50, 4, 5, 6, 7, 8, 9});
  dims.erase(5);
  dims.erase(0);
  dims.erase(9);
  CHECK(dims == Dims{0, 1, 2, 3, 4, 5, 6, 7, 8});
  const Dims copy = dims;
  const Dims& same = dims;
  dims = same;
  CHECK(dims == copy);
  dims[0] = 7;
  CHECK(copy[0] == 0);
  const Dims moved = std::move(dims);
  CHECK(moved[0] == 7);
  CHECK(moved.size() == 9);
  CHECK(Dims(3, 5) == Dims{5, 5, 5});
  CHECK_FALSE(Dims{1, 2} == Dims{1, 2, 3});
}

TEST_CASE("no more axes than NumPy has") {
  Dims dims(kMaxRank, 1);
  const std::string refused = "ValueError: maximum supported dimension for an ndarray is currently 64, found 65";
  CHECK(message_of([&] { dims.push_back(1); }) == refused);
  CHECK(message_of([&] { dims.insert(0, 1); }) == refused);
  CHECK(message_of([&] { Dims(65, 1); }) == refused);
  CHECK(dims.size() == kMaxRank);
}

TEST_CASE("element counts") {
  const std::string too_big =
      "ValueError: array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.";
  CHECK(element_count(Shape{}) == 1);
  CHECK(element_count(Shape{2, 3, 4}) == 24);
  CHECK(element_count(Shape{2, 0, 4}) == 0);
  CHECK(message_of([] { element_count(Shape{std::int64_t{1} << 62, 2}); }) == too_big);
  CHECK(message_of([] { element_count(Shape{0, std::int64_t{1} << 62, 2}); }) == too_big);
  CHECK(message_of([] { element_count(Shape{2, -1}); }) == "ValueError: negative dimensions are not allowed");
}

TEST_CASE("row-major strides") {
  CHECK(contiguous_strides(Shape{2, 3, 4}, 8) == Strides{96, 32, 8});
  CHECK(contiguous_strides(Shape{}, 8) == Strides{});
  CHECK(contiguous_strides(Shape{2, 0, 4}, 8).back() == 8);
}

TEST_CASE("text") {
  CHECK(to_string(Shape{}) == "()");
  CHECK(to_string(Shape{4}) == "(4,)");
  CHECK(to_string(Shape{2, 3}) == "(2, 3)");
}

TEST_CASE("axes") {
  CHECK(normalize_axis(1, 2) == 1);
  CHECK(normalize_axis(-2, 2) == 0);
  CHECK(message_of([] { normalize_axis(9, 2); }) == "ValueError: axis 9 is out of bounds for array of dimension 2");
  CHECK(message_of([] { normalize_axis(-3, 2); }) == "ValueError: axis -3 is out of bounds for array of dimension 2");
  CHECK(message_of([] { normalize_axis(0, 0); }) == "ValueError: axis 0 is out of bounds for array of dimension 0");
}

TEST_CASE("broadcasting") {
  struct Row {
    Shape a, b, out;
  };
  const Row rows[] = {
      {{}, {}, {}},
      {{3}, {}, {3}},
      {{2, 1}, {3}, {2, 3}},
      {{1}, {0}, {0}},
      {{0, 1}, {1, 4}, {0, 4}},
      {{5, 1, 3}, {4, 1}, {5, 4, 3}},
      {{2, 3}, {2, 3}, {2, 3}},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.a));
    CAPTURE(to_string(row.b));
    CHECK(broadcast_shapes(row.a, row.b) == row.out);
    CHECK(broadcast_shapes(row.b, row.a) == row.out);
  }
}

TEST_CASE("shapes that do not broadcast are all named") {
  const std::string start = "ValueError: operands could not be broadcast together with shapes ";
  CHECK(message_of([] { broadcast_shapes(Shape{2}, Shape{3}); }) == start + "(2,) (3,) ");
  CHECK(message_of([] { broadcast_shapes(Shape{2, 3}, Shape{2}); }) == start + "(2,3) (2,) ");
  CHECK(message_of([] { broadcast_shapes(Shape{0}, Shape{3}); }) == start + "(0,) (3,) ");
  const Shape a{2}, b{2, 1, 2}, c{3};
  const Shape* const all[] = {&a, &b, &c};
  CHECK(message_of([&] { broadcast_shapes(all); }) == start + "(2,) (2,1,2) (3,) ");
}
