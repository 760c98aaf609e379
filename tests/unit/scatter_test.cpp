// scatter_test.cpp - TensorFlow's gather and scatter by index vectors, masks along an axis, nonzero.
#include "runtime/indexing/scatter.h"
#include "runtime/indexing/selection.h"

#include "runtime/tensors/shape_ops.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

std::string scatter_error(Tensor x, const Tensor& indices, const Operand& updates) {
  const Values before = values(x);
  const std::string message = error_of([&] { tensor_scatter_nd(ScatterKind::update, x, indices, updates); });
  CHECK(values(x) == before);
  return message;
}

/// The elements, or their real parts, as int64.
Values reals(const Tensor& x) { return values(is_complex(x.dtype()) ? view_of(x, real_part(layout_of(x))) : x); }

std::string shape_of(const Tensor& x) { return to_string(x.shape()); }

}  // namespace

TEST_CASE("tensor_scatter_nd by kind, duplicates in order") {
  struct Row {
    ScatterKind kind;
    Values result;
  };
  const Row rows[] = {
      {ScatterKind::update, {0, 7, 2, 5}}, {ScatterKind::add, {0, 14, 2, 8}}, {ScatterKind::sub, {0, -12, 2, -2}},
      {ScatterKind::min, {0, 1, 2, 3}},    {ScatterKind::max, {0, 7, 2, 5}},
  };
  for (const Row& row : rows) {
    Tensor x = iota({4});
    const Watch watch;
    tensor_scatter_nd(row.kind, x, ints({3, 1}, {1, 3, 1}), ints({3}, {6, 5, 7}));
    CHECK(values(x) == row.result);
    CHECK(watch.copies() == 0);
  }
}

TEST_CASE("slices, batches and broadcast updates") {
  Tensor x = iota({3, 2});
  tensor_scatter_nd(ScatterKind::update, x, ints({2, 1}, {2, 0}), ints({2, 2}, {6, 7, 8, 9}));
  CHECK(values(x) == Values{8, 9, 2, 3, 6, 7});
  tensor_scatter_nd(ScatterKind::update, x, ints({1, 2, 2}, {0, 0, 1, 1}), ints({1, 2}, {4, 5}));
  CHECK(values(x) == Values{4, 9, 2, 5, 6, 7});
  tensor_scatter_nd(ScatterKind::update, x, ints({2, 1}, {0, 1}), ints({1, 1, 2}, {1, 2}));
  CHECK(values(x) == Values{1, 2, 1, 2, 6, 7});
  tensor_scatter_nd(ScatterKind::add, x, ints({0, 1}, {}), Scalar::of(std::int64_t{1}));
  CHECK(values(x) == Values{1, 2, 1, 2, 6, 7});
}

TEST_CASE("a shared or strided tensor is copied first, another holder sees nothing") {
  Tensor x = transpose(iota({2, 2}));
  const Tensor keep = x;
  tensor_scatter_nd(ScatterKind::update, x, ints({1, 2}, {0, 1}), Scalar::of(std::int64_t{9}));
  CHECK(values(x) == Values{0, 9, 1, 3});
  CHECK(values(keep) == Values{0, 2, 1, 3});
}

TEST_CASE("what tensor_scatter_nd refuses") {
  const Tensor one = ints({1}, {5});
  CHECK(scatter_error(iota({8}), ints({1, 1}, {8}), one) ==
        "IndexError: indices[0] = [8] does not index into shape [8]");
  CHECK(scatter_error(iota({8}), ints({2, 1}, {0, -1}), one) ==
        "IndexError: indices[1] = [-1] does not index into shape [8]");
  CHECK(scatter_error(iota({0}), ints({1, 1}, {0}), one) ==
        "IndexError: indices[0] = [0] does not index into shape [0]");
  CHECK(scatter_error(iota({3}), ints({3, 1}, {0, 1, 2}), ints({2}, {5, 6})) ==
        "ValueError: Outer dimensions of indices and update must match. Indices shape: [3,1], updates shape:[2]");
  CHECK(scatter_error(iota({3, 4}), ints({2, 1}, {0, 1}), ints({2}, {5, 6})) ==
        "ValueError: Inner dimensions of output shape must match inner dimensions of updates shape. Output: [3,4] "
        "updates: [2]");
  CHECK(scatter_error(iota({3}), ints({1, 0}, {}), one) ==
        "ValueError: Indices and updates specified for empty output shape");
  CHECK(scatter_error(iota({3}), ints({1, 2}, {0, 0}), one) ==
        "ValueError: index innermost dimension length must be <= params rank; saw: 2 vs. 1");
  CHECK(scatter_error(iota({3}), ints({1, 1}, {0}), Scalar::of(1.5)) ==
        "TypeError: Cannot convert 1.5 to a tensor of dtype int64");
  CHECK(scatter_error(iota({3}), ints({1, 1}, {0}), Tensor::of<double>({1.5}))
            .starts_with("TypeError: updates of dtype"));
  CHECK(scatter_error(iota({3}), make(DType::float32, {1, 1}, {0}), one) ==
        "TypeError: indices must be integers, got float32");
}

TEST_CASE("scatter_nd adds into zeros") {
  CHECK(values(scatter_nd(ints({3, 1}, {0, 2, 0}), ints({3}, {1, 2, 3}), Shape{4})) == Values{4, 0, 2, 0});
}

TEST_CASE("gather_nd and gather") {
  const Tensor x = iota({2, 3, 4});
  CHECK(values(gather_nd(x, ints({2, 3}, {0, 1, 2, 1, 2, 3}))) == Values{6, 23});
  CHECK(values(gather_nd(x, ints({1, 2}, {1, 0}))) == Values{12, 13, 14, 15});
  CHECK(values(gather_nd(x, ints({2, 1, 1}, {2, 0}), 1)) == Values{8, 9, 10, 11, 12, 13, 14, 15});
  CHECK(shape_of(gather_nd(x, ints({5, 0}, {}))) == "(5, 2, 3, 4)");

  CHECK(values(gather(iota({2, 3}), ints({2}, {2, 0}), 1, 0)) == Values{2, 0, 5, 3});
  CHECK(shape_of(gather(x, ints({5, 6}, Values(30)), 1, 0)) == "(2, 5, 6, 4)");
  CHECK(values(gather(iota({2, 3}), ints({2, 2}, {0, 1, 2, 2}), 1, 1)) == Values{0, 1, 5, 5});
  const Tensor batched = gather(x, ints({2, 1}, {3, 0}), -1, 1);
  CHECK(shape_of(batched) == "(2, 3, 1)");
  CHECK(values(batched) == Values{3, 7, 11, 12, 16, 20});
  CHECK(error_of([&] { gather(x, ints({2}, {0, 3}), 1, 0); }) == "IndexError: indices[1] = 3 is not in [0, 3)");
  CHECK(error_of([&] { gather(x, ints({1}, {-1}), 0, 0); }) == "IndexError: indices[0] = -1 is not in [0, 2)");
  CHECK(error_of([&] {
          gather_nd(x, ints({1, 1}, {2}));
        }) == "IndexError: indices[0] = [2] does not index into shape [2,3,4]");
}

TEST_CASE("boolean_mask along axes") {
  const Tensor x = iota({2, 3});
  CHECK(values(boolean_mask(x, mask({2}, {0, 1}), 0)) == Values{3, 4, 5});
  CHECK(values(boolean_mask(x, mask({3}, {1, 0, 1}), 1)) == Values{0, 2, 3, 5});
  CHECK(values(boolean_mask(x, mask({3}, {1, 0, 1}), -1)) == Values{0, 2, 3, 5});
  CHECK(values(boolean_mask(x, mask({2, 3}, {1, 0, 0, 0, 1, 1}), 0)) == Values{0, 4, 5});
  CHECK(values(boolean_mask(transpose(x), mask({3, 2}, {1, 0, 0, 0, 1, 1}), 0)) == Values{0, 2, 5});
  CHECK(error_of([&] { boolean_mask(x, Tensor::scalar(true), 0); }) == "ValueError: mask cannot be scalar.");
  CHECK(error_of([&] {
          boolean_mask(iota({3}), mask({2}, {1, 0}), 0);
        }) == "ValueError: Shapes (3,) and (2,) are incompatible");
  CHECK(error_of([&] { boolean_mask(x, ints({2}, {0, 1}), 0); }).starts_with("TypeError: boolean_mask expects"));
}

TEST_CASE("nonzero, its count and its coordinates") {
  const Tensor x = ints({2, 3}, {0, 5, 0, 7, 0, -1});
  const std::vector<Tensor> axes = nonzero(x);
  REQUIRE(axes.size() == 2);
  CHECK(values(axes[0]) == Values{0, 1, 1});
  CHECK(values(axes[1]) == Values{1, 0, 2});
  CHECK(values(where_indices(x)) == Values{0, 1, 1, 0, 1, 2});
  CHECK(values(where_indices(transpose(x))) == Values{0, 1, 1, 0, 2, 1});
  CHECK(shape_of(where_indices(Tensor::scalar(true))) == "(1, 0)");
  CHECK(count_nonzero(x) == 3);
  CHECK(count_nonzero(Tensor::of<double>({0.0 / 0.0, -0.0, 0.5})) == 2);
  const Tensor cube = mask({2, 2, 3}, {0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1});
  CHECK(values(where_indices(cube)) == Values{0, 0, 1, 0, 1, 2, 1, 0, 0, 1, 1, 2});
  CHECK(error_of([] { nonzero(Tensor::scalar(1.0)); }) ==
        "ValueError: Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead.");
}

TEST_CASE("offsets are checked at both ends, in every block, however wild they are") {
  CHECK(offsets_within(ints({0}, {}), 0, 0));
  CHECK(!offsets_within(ints({1}, {0}), 0, 0));
  for (const std::int64_t n : {1, 7, 64, 1000, 50000}) {
    Tensor offsets = ints({n}, Values(n, -3));
    std::int64_t* at = offsets.mutable_data<std::int64_t>();
    at[0] = 2;
    CHECK(offsets_within(offsets, -3, 3));
    for (const std::int64_t wild : {std::int64_t{3}, std::int64_t{-4}, INT64_MIN, INT64_MAX}) {
      at[n - 1] = wild;
      CHECK(!offsets_within(offsets, -3, 3));
    }
  }
}

TEST_CASE("entries of any step, counted from either end, read and write as their bytes do") {
  for (const DType dtype : {DType::int8, DType::int16, DType::float32, DType::int64, DType::complex128}) {
    for (const std::int64_t spread : {1, 3, -2}) {
      CAPTURE(name(dtype));
      CAPTURE(spread);
      const Tensor root = cast(iota({60}), dtype);
      Selection s = take_along(layout_of(root), 0, ints({5}, {3, -1, 0, -7, 3}));
      s.view.offset = spread < 0 ? 40 * root.itemsize() : 0;
      s.step = spread * root.itemsize();
      s.size = 12;
      Selection bytes = s;
      settle_offsets(bytes);
      CHECK(values(bytes.offsets)[1] == 11 * s.step);
      const std::int64_t first = spread < 0 ? 40 : 0;
      const Values places = {first + 3 * spread, first + 11 * spread, first, first + 5 * spread, first + 3 * spread};
      for (const Selection& selection : {s, bytes}) {
        CHECK(reals(gather_selection(selection, root.bytes())) == places);
        Tensor target = Tensor::zeros(dtype, {60});
        scatter_selection(selection, target.mutable_bytes(), make(dtype, {5}, {1, 2, 3, 4, 5}));
        Values expected(60, 0);
        for (std::size_t at = 0; at < places.size(); ++at) expected[places[at]] = static_cast<std::int64_t>(at) + 1;
        CHECK(reals(target) == expected);
        combine_selection(UpdateKind::add, selection, target.mutable_bytes(), make(dtype, {1}, {1}));
        for (const std::int64_t place : places) ++expected[place];
        CHECK(reals(target) == expected);
      }
    }
  }
}
