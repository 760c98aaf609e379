// shape_ops_test.cpp - reshaping, reordering and joining; views where NumPy has views.
#include "runtime/tensors/shape_ops.h"

#include "runtime/tensors/layout.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Sizes = std::vector<std::int64_t>;

std::string shape_of(const Tensor& x) { return to_string(x.shape()); }

}  // namespace

TEST_CASE("reshape is a view where the layout allows it") {
  struct Row {
    Tensor x;
    Sizes sizes;
    const char* shape;
    bool view;
  };
  const Tensor x = iota({2, 3, 4});
  const Row rows[] = {
      {x, {4, 6}, "(4, 6)", true},
      {x, {-1}, "(24,)", true},
      {x, {2, -1, 2}, "(2, 6, 2)", true},
      {x, {-2, 3}, "(8, 3)", true},
      {x, {1, 2, 1, 12, 1}, "(1, 2, 1, 12, 1)", true},
      {transpose(x), {4, 3, 2}, "(4, 3, 2)", true},
      {transpose(x), {2, 12}, "(2, 12)", false},
      {transpose(x), {4, 3, 1, 2}, "(4, 3, 1, 2)", true},
      {flip(x), {24}, "(24,)", true},
      {swapaxes(x, 1, 2), {2, 2, 2, 3}, "(2, 2, 2, 3)", true},
      {iota({0, 3}), {3, 0, 2}, "(3, 0, 2)", true},
      {iota({1}), {}, "()", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.shape);
    const Tensor out = reshape(row.x, row.sizes);
    CHECK(shape_of(out) == row.shape);
    CHECK(out.shares_buffer(row.x) == row.view);
    CHECK(values(out) == values(row.x));
  }
}

TEST_CASE("what reshape refuses") {
  const Tensor x = iota({6});
  const auto refusal = [&](const Sizes& sizes) { return error_of([&] { reshape(x, sizes); }); };
  CHECK(refusal({4}) == "ValueError: cannot reshape array of size 6 into shape (4,)");
  CHECK(refusal({}) == "ValueError: cannot reshape array of size 6 into shape ()");
  CHECK(refusal({2, 4}) == "ValueError: cannot reshape array of size 6 into shape (2,4)");
  CHECK(refusal({2, -1, 4}) == "ValueError: cannot reshape array of size 6 into shape (2,newaxis,4)");
  CHECK(refusal({-1, 4}) == "ValueError: cannot reshape array of size 6 into shape (4)");
  CHECK(refusal({-1, -1}) == "ValueError: can only specify one unknown dimension");
  CHECK(error_of([] {
          reshape(iota({0}), Sizes{0, -1});
        }) == "ValueError: cannot reshape array of size 0 into shape (0,newaxis)");
}

TEST_CASE("reordered axes") {
  const Tensor x = iota({2, 3, 4});
  CHECK(shape_of(transpose(x)) == "(4, 3, 2)");
  CHECK(shape_of(transpose(x, Sizes{1, -1, 0})) == "(3, 4, 2)");
  CHECK(values(transpose(iota({2, 3}))) == Values{0, 3, 1, 4, 2, 5});
  CHECK(shape_of(swapaxes(x, 0, -1)) == "(4, 3, 2)");
  CHECK(shape_of(moveaxis(x, Sizes{0}, Sizes{-1})) == "(3, 4, 2)");
  CHECK(shape_of(moveaxis(x, Sizes{0, 1}, Sizes{-1, -2})) == "(4, 3, 2)");
  CHECK(error_of([&] { transpose(x, Sizes{0, 1}); }) == "ValueError: axes don't match array");
  CHECK(error_of([&] { transpose(x, Sizes{0, 0, 1}); }) == "ValueError: repeated axis in transpose");
  CHECK(error_of([&] {
          transpose(x, Sizes{0, 3, 1});
        }) == "ValueError: axis 3 is out of bounds for array of dimension 3");
  CHECK(error_of([&] { swapaxes(x, 0, 5); }) == "ValueError: axis2: axis 5 is out of bounds for array of dimension 3");
  CHECK(error_of([&] {
          moveaxis(x, Sizes{0, 1}, Sizes{0});
        }) == "ValueError: `source` and `destination` arguments must have the same number of elements");
}

TEST_CASE("a tensor without axes has none to move") {
  CHECK(moveaxis(Tensor::scalar(std::int64_t{3}), {}, {}).item<std::int64_t>() == 3);
}

TEST_CASE("axes of size one") {
  const Tensor x = iota({1, 3, 1});
  CHECK(shape_of(squeeze(x)) == "(3,)");
  CHECK(shape_of(squeeze(x, Sizes{-1})) == "(1, 3)");
  CHECK(shape_of(expand_dims(iota({3}), Sizes{0, 2})) == "(1, 3, 1)");
  CHECK(shape_of(expand_dims(iota({3}), Sizes{-1})) == "(3, 1)");
  CHECK(error_of([&] { squeeze(x, Sizes{1}); }) ==
        "ValueError: cannot select an axis to squeeze out which has size not equal to one");
  CHECK(error_of([&] { squeeze(x, Sizes{0, 0}); }) == "ValueError: duplicate value in 'axis'");
  CHECK(error_of([&] { expand_dims(x, Sizes{0, 0}); }) == "ValueError: repeated axis");
}

TEST_CASE("broadcasting to a shape") {
  CHECK(values(broadcast_to(iota({2, 1}), Shape{2, 3})) == Values{0, 0, 0, 1, 1, 1});
  CHECK(error_of([] {
          broadcast_to(iota({2}), Shape{3, 4});
        }) ==
        "ValueError: operands could not be broadcast together with remapped shapes [original->remapped]: (2,)  and "
        "requested shape (3,4)");
  CHECK(error_of([] {
          broadcast_to(iota({2, 2}), Shape{2});
        }) == "ValueError: input operand has more dimensions than allowed by the axis remapping");
  CHECK(error_of([] { broadcast_to(iota({2}), Shape{-1}); }) ==
        "ValueError: all elements of broadcast shape must be non-negative");
}

TEST_CASE("diagonals") {
  const Tensor x = iota({3, 4});
  CHECK(values(diagonal(x)) == Values{0, 5, 10});
  CHECK(values(diagonal(x, 2)) == Values{2, 7});
  CHECK(values(diagonal(x, -1)) == Values{4, 9});
  CHECK(shape_of(diagonal(x, 9)) == "(0,)");
  CHECK(shape_of(diagonal(x, INT64_MIN)) == "(0,)");
  CHECK(values(diagonal(iota({2, 3, 2}), 0, 0, 2)) == Values{0, 7, 2, 9, 4, 11});
  CHECK(error_of([] { diagonal(iota({3})); }) == "ValueError: diag requires an array of at least two dimensions");
  CHECK(error_of([&] { diagonal(x, 0, 1, 1); }) == "ValueError: axis1 and axis2 cannot be the same");
}

TEST_CASE("parts of complex tensors are views, of real ones itself and zeros") {
  const Tensor z = Tensor::of<complex128>({{1, 2}, {3, 4}});
  CHECK(values(real(z)) == Values{1, 3});
  CHECK(values(imag(z)) == Values{2, 4});
  CHECK(imag(z).shares_buffer(z));
  const Tensor x = iota({2});
  CHECK(real(x).same_handle(x));
  CHECK(values(imag(x)) == Values{0, 0});
}

TEST_CASE("concatenate and stack") {
  const Tensor a = iota({2, 3});
  const Tensor both[] = {a, make(DType::float32, {1, 3}, {7, 8, 9})};
  const Tensor joined = concatenate(both, 0);
  CHECK(joined.dtype() == DType::float64);
  CHECK(values(joined) == Values{0, 1, 2, 3, 4, 5, 7, 8, 9});
  const Tensor twice[] = {a, transpose(iota({3, 2}))};
  CHECK(values(concatenate(twice, -1)) == Values{0, 1, 2, 0, 2, 4, 3, 4, 5, 1, 3, 5});
  CHECK(shape_of(stack(twice, 1)) == "(2, 2, 3)");
  CHECK(values(stack(twice, -1)) == Values{0, 0, 1, 2, 2, 4, 3, 1, 4, 3, 5, 5});

  const auto refusal = [](std::vector<Tensor> parts) { return error_of([&] { concatenate(parts, 0); }); };
  CHECK(refusal({}) == "ValueError: need at least one array to concatenate");
  CHECK(refusal({Tensor::scalar(1.0)}) == "ValueError: zero-dimensional arrays cannot be concatenated");
  CHECK(refusal({iota({2, 3}), iota({3, 2})}) ==
        "ValueError: all the input array dimensions except for the concatenation axis must match exactly, but along "
        "dimension 1, the array at index 0 has size 3 and the array at index 1 has size 2");
  CHECK(refusal({iota({2, 3}), iota({2, 3, 4, 5})}) ==
        "ValueError: all the input arrays must have same number of dimensions, but the array at index 0 has 2 "
        "dimension(s) and the array at index 1 has 4 dimension(s)");
  CHECK(error_of([] { stack(std::vector<Tensor>{}, 0); }) == "ValueError: need at least one array to stack");
  CHECK(error_of([] {
          stack(std::vector<Tensor>{iota({2}), iota({3})}, 0);
        }) == "ValueError: all input arrays must have the same shape");
}

TEST_CASE("flip and roll") {
  const Tensor x = iota({2, 3});
  CHECK(values(flip(x)) == Values{5, 4, 3, 2, 1, 0});
  CHECK(values(flip(x, Sizes{1})) == Values{2, 1, 0, 5, 4, 3});
  CHECK(values(roll(x, {}, {})) == Values{0, 1, 2, 3, 4, 5});
  CHECK(values(roll(x, Sizes{-1}, Sizes{1})) == Values{1, 2, 0, 4, 5, 3});
  CHECK(values(roll(x, Sizes{1}, Sizes{0, 1})) == Values{5, 3, 4, 2, 0, 1});
  CHECK(values(roll(x, Sizes{INT64_MIN}, Sizes{1})) == Values{2, 0, 1, 5, 3, 4});
}

TEST_CASE("tile and repeat") {
  const Tensor x = iota({3});
  CHECK(values(tile(x, Sizes{2})) == Values{0, 1, 2, 0, 1, 2});
  CHECK(shape_of(tile(x, Sizes{2, 2, 2})) == "(2, 2, 6)");
  CHECK(shape_of(tile(iota({2, 3}), Sizes{2})) == "(2, 6)");
  CHECK(shape_of(tile(x, Sizes{2, 0})) == "(2, 0)");
  CHECK(values(tile(iota({2, 2}), Sizes{2, 1})) == Values{0, 1, 2, 3, 0, 1, 2, 3});
  CHECK(values(repeat(x, Sizes{2}, 0)) == Values{0, 0, 1, 1, 2, 2});
  CHECK(values(repeat(x, Sizes{2, 0, 1}, 0)) == Values{0, 0, 2});
  CHECK(values(repeat(iota({2, 2}), Sizes{2}, 1)) == Values{0, 0, 1, 1, 2, 2, 3, 3});
  CHECK(values(repeat(iota({2, 2}), Sizes{2, 1}, 0)) == Values{0, 1, 0, 1, 2, 3});
  CHECK(values(repeat(Tensor::scalar<std::int64_t>(5), Sizes{2}, 0)) == Values{5, 5});
  CHECK(error_of([&] {
          repeat(x, Sizes{1, 2}, 0);
        }) == "ValueError: operands could not be broadcast together with shape (3,) (2,)");
  CHECK(error_of([&] { repeat(x, Sizes{1, -1, 2}, 0); }) == "ValueError: repeats may not contain negative values.");
  CHECK(error_of([&] { tile(x, Sizes{-1}); }) == "ValueError: negative dimensions are not allowed");
}

TEST_CASE("triangles") {
  const Tensor x = iota({3, 3});
  CHECK(values(triangle(x, 0, true)) == Values{0, 0, 0, 3, 4, 0, 6, 7, 8});
  CHECK(values(triangle(x, 1, false)) == Values{0, 1, 2, 0, 0, 5, 0, 0, 0});
  CHECK(values(triangle(x, -9, true)) == Values(9));
  CHECK(values(triangle(iota({2}), 0, false)) == Values{0, 1, 0, 1});
  CHECK(values(triangle(iota({2, 2, 2}), 0, true)) == Values{0, 0, 2, 3, 4, 0, 6, 7});
}

TEST_CASE("what passes between memory and the caches when every element is read") {
  const Layout rows{DType::float32, {1000, 100}, {400, 4}, 0};
  CHECK(passing_bytes(rows) == 400'000);
  CHECK(passing_bytes({DType::float32, {1000, 50}, {400, -8}, 396}) == 400'000);  // every second, from behind
  CHECK(passing_bytes({DType::float32, {1000, 1}, {400, 4}, 0}) == 64'000);       // a column: a line for each
  CHECK(passing_bytes({DType::complex128, {10, 10}, {16, 160}, 0}) == 1600);      // transposed
  CHECK(passing_bytes({DType::int8, {}, {}, 0}) == 64);
  CHECK(passing_bytes({DType::int8, {0, 5}, {5, 1}, 0}) == 0);
}
