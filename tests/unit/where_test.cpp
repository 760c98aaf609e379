// where_test.cpp - choice by a mask, masked assignment, clip.
#include <doctest/doctest.h>

#include "runtime/elementwise/elementwise.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

Scalar number(std::int64_t value) { return Scalar::of(value); }

}  // namespace

TEST_CASE("where broadcasts three ways") {
  const Tensor row = mask({3}, {1, 0, 1}), column = mask({2, 1}, {1, 0});
  CHECK(values(where(row, number(7), iota({3}))) == Values{7, 1, 7});
  CHECK(values(where(row, iota({3}), number(7))) == Values{0, 7, 2});
  CHECK(values(where(row, number(1), number(2))) == Values{1, 2, 1});
  CHECK(values(where(column, iota({3}), number(9))) == Values{0, 1, 2, 9, 9, 9});
  CHECK(values(where(row, iota({2, 3}), iota({2, 1}))) == Values{0, 0, 2, 3, 1, 5});
  CHECK(values(where(Tensor::scalar(false), iota({2}), number(4))) == Values{4, 4});
  CHECK(where(Tensor::zeros(DType::boolean, {0}), number(1), number(2)).shape() == Shape{0});
  CHECK(error_of([] {
          where(mask({2}, {1, 0}), iota({2}), iota({3}));
        }) == "ValueError: operands could not be broadcast together with shapes (2,) (2,) (3,) ");
}

TEST_CASE("the condition counts by truth, the sides promote") {
  CHECK(values(where(Tensor::of<double>({0.5, 0.0, -1.0}), number(1), number(0))) == Values{1, 0, 1});
  const Tensor bytes = make(DType::uint8, {2}, {1, 2});
  CHECK(where(mask({2}, {1, 0}), bytes, number(5)).dtype() == DType::uint8);
  CHECK(where(mask({2}, {1, 0}), bytes, Scalar::of(0.5)).dtype() == DType::float64);
  CHECK(where(mask({2}, {1, 0}), bytes, make(DType::int8, {2}, {0, 0})).dtype() == DType::int16);
  CHECK(where(mask({1}, {1}), number(1), Scalar::of(2.0)).dtype() == DType::float64);
  CHECK(error_of([&] {
          where(mask({2}, {1, 0}), bytes, number(300));
        }) == "OverflowError: Python integer 300 out of bounds for uint8");
}

TEST_CASE("every size of element and every pair of forms agree on long data") {
  const std::int64_t n = 3000;
  const Tensor even = cast(binary(ElementwiseOp::remainder, iota({n}), number(2)), DType::boolean);
  for (int at = 0; at < kDTypeCount; ++at) {
    const auto dtype = static_cast<DType>(at);
    CAPTURE(name(dtype));
    const Tensor x = Tensor::zeros(dtype, {n}),
                 ones = cast(binary(ElementwiseOp::add, Tensor::zeros(DType::int64, {n}), number(1)), dtype);
    const Tensor one = cast(Tensor::scalar<std::int64_t>(1), dtype), zero = Tensor::zeros(dtype, {});
    const auto parity = [&](const Operand& a, const Operand& b) {
      return binary(ElementwiseOp::equal, where(even, a, b), cast(even, dtype));
    };
    for (const Tensor& result : {parity(ones, x), parity(one, x), parity(ones, zero), parity(one, zero)}) {
      CHECK(values(result) == Values(n, 1));
    }
  }
}

TEST_CASE("where takes over its last operand when told to") {
  Operand y(iota({3}));
  const std::byte* before = y.tensor.bytes();
  const Tensor chosen = where(mask({3}, {0, 1, 0}), number(9), y, true);
  CHECK(chosen.bytes() == before);
  CHECK(values(chosen) == Values{0, 9, 2});
  const Tensor held = iota({3});
  CHECK(values(where(mask({3}, {0, 1, 0}), number(9), held, true)) == Values{0, 9, 2});
  CHECK(values(held) == Values{0, 1, 2});
}

TEST_CASE("masked assignment keeps the target's dtype and shape") {
  const Watch watch;
  Tensor x = iota({2, 3});
  const std::byte* before = x.bytes();
  where_assign(x, mask({2, 3}, {1, 0, 0, 0, 0, 1}), Scalar::of(7.9));
  CHECK(values(x) == Values{7, 1, 2, 3, 4, 7});
  CHECK(x.bytes() == before);
  where_assign(x, mask({3}, {0, 1, 0}), number(-1));
  CHECK(values(x) == Values{7, -1, 2, 3, -1, 7});
  CHECK(watch.copies() == 0);
  const Tensor held = x;
  where_assign(x, mask({2, 3}, {1, 1, 1, 0, 0, 0}), number(0));
  CHECK(values(held) == Values{7, -1, 2, 3, -1, 7});
  CHECK(values(x) == Values{0, 0, 0, 3, -1, 7});
  CHECK(watch.copies() == 1);
  CHECK(error_of([&] {
          where_assign(x, mask({2}, {1, 0}), number(0));
        }) == "ValueError: could not broadcast input array from shape (2,) into shape (2,3)");
}

TEST_CASE("clip bounds on either side") {
  const Operand low(number(1)), high(number(3)), half(Scalar::of(2.5)), far(number(1000)), below(number(-1000));
  CHECK(values(clip(iota({5}), &low, &high)) == Values{1, 1, 2, 3, 3});
  CHECK(values(clip(iota({5}), &low, nullptr)) == Values{1, 1, 2, 3, 4});
  CHECK(values(clip(iota({5}), nullptr, &high)) == Values{0, 1, 2, 3, 3});
  CHECK(values(clip(iota({2}), &high, &low)) == Values{1, 1});
  CHECK(clip(iota({2}), &low, &half).dtype() == DType::float64);
  const Tensor bytes = make(DType::int8, {2}, {-5, 5}), held = bytes;
  CHECK(values(clip(bytes, &below, &far)) == Values{-5, 5});
  CHECK(clip(bytes, &below, &far).dtype() == DType::int8);
  CHECK(values(clip(bytes, &low, &high)) == Values{1, 3});
  CHECK(values(held) == Values{-5, 5});
  CHECK(error_of([&] { clip(bytes, &far, nullptr); }) == "OverflowError: Python integer 1000 out of bounds for int8");
}
