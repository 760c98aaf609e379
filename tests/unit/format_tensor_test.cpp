// format_tensor_test.cpp - printed tensors against a table of NumPy's str and repr.
#include "interpreter/texts/format_tensor.h"

#include <doctest/doctest.h>

#include <vector>

#include "runtime/memory/error.h"

using namespace inlay;

namespace {

/// `bytes` (hex) are the elements, repeated until the shape is full.
struct Row {
  const char* dtype;
  std::vector<std::int64_t> shape;
  const char* bytes;
  const char* text;
  const char* repr;
};

const Row kRows[] = {
#include "tests/data/format_tensor.inc"
};

int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

Tensor tensor_of(const Row& row) {
  DType type{};
  REQUIRE(find_dtype(row.dtype, type));
  const std::string_view hex = row.bytes;
  Tensor out = Tensor::empty(type, Shape(std::span<const std::int64_t>(row.shape)));
  const std::size_t size = static_cast<std::size_t>(out.size() * out.itemsize());
  for (std::size_t at = 0; at < size; ++at) {
    const std::size_t from = 2 * at % hex.size();
    out.mutable_bytes()[at] = static_cast<std::byte>(16 * nibble(hex[from]) + nibble(hex[from + 1]));
  }
  return out;
}

}  // namespace

TEST_CASE("tensors print as NumPy's arrays") {
  for (const Row& row : kRows) {
    const Tensor tensor = tensor_of(row);
    CHECK(to_string(tensor) == row.text);
    CHECK(repr(tensor) == row.repr);
  }
}

TEST_CASE("a summary reads only what it prints") {
  // One element seen through strides of zero: no array of this size could be read.
  const Tensor huge = Tensor::scalar(1.5).view({1'000'000'000, 1'000'000'000}, {0, 0});
  CHECK(repr(huge).ends_with("shape=(1000000000, 1000000000))"));
}

TEST_CASE("views print by their strides") {
  const Tensor x = Tensor::of<std::int64_t>({1, 2, 3, 4, 5, 6});
  CHECK(to_string(x.view({3, 2}, {8, 24})) == "[[1 4]\n [2 5]\n [3 6]]");
  CHECK(to_string(x.view({6}, {-8}, 40)) == "[6 5 4 3 2 1]");
}

TEST_CASE("bfloat16 prints by NumPy's rules for its own precision") {
  Tensor x = Tensor::empty(DType::bfloat16, {3});
  const BFloat16 values[] = {{0x3F80}, {0x3DCD}, {0xC020}};
  std::copy(std::begin(values), std::end(values), x.mutable_data<BFloat16>());
  CHECK(repr(x) == "array([ 1. ,  0.1, -2.5], dtype=bfloat16)");
}

TEST_CASE("a format spec applies to one number") {
  CHECK(format(Tensor::scalar(2.5f), ".2f") == "2.50");
  CHECK(format(Tensor::scalar<std::int8_t>(-3), "04d") == "-003");
  CHECK(format(Tensor::of<std::int64_t>({1, 2}), "") == "[1 2]");
  CHECK_THROWS_WITH(format(Tensor::of<std::int64_t>({1, 2}), "d"),
                    "unsupported format string passed to numpy.ndarray.__format__");
}
