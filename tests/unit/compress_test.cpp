// compress_test.cpp - every loop over masks, of every instruction set that this processor has, against the naive loop.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "runtime/elementwise/elementwise.h"
#include "runtime/indexing/compress.h"
#include "runtime/indexing/compress_kernels.h"
#include "runtime/indexing/masked_update.h"
#include "runtime/tensors/shape_ops.h"
#include "tests/unit/instruction_sets.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Bytes = std::vector<std::byte>;
using Mask = std::vector<std::uint8_t>;

constexpr std::size_t kFence = 64;
constexpr std::byte kFenceByte{0xa5};

std::vector<const MaskTable*> tables_to_test() {
  std::vector<const MaskTable*> out = {baseline_mask_table()};
  for (const InstructionSet set : sets_here()) {
    const MaskTable* const table = set == InstructionSet::avx2 ? avx2_mask_table() : avx512_mask_table();
    if (table != nullptr) out.push_back(table);
  }
  return out;
}

Bytes random_bytes(std::mt19937& random, std::size_t n) {
  Bytes out(n);
  for (std::byte& byte : out) byte = static_cast<std::byte>(random());
  return out;
}

/// True bytes of any value but 0, in a run of `n` of which about `density` are true.
Mask random_mask(std::mt19937& random, std::size_t n, double density) {
  Mask out(n);
  for (std::uint8_t& byte : out) {
    if (std::uniform_real_distribution<>(0, 1)(random) < density) byte = static_cast<std::uint8_t>(random() % 255 + 1);
  }
  return out;
}

Bytes fenced(std::size_t n) { return Bytes(n + kFence, kFenceByte); }

bool fence_holds(const Bytes& bytes) {
  return std::all_of(bytes.end() - kFence, bytes.end(), [](std::byte byte) { return byte == kFenceByte; });
}

/// One kernel's input, and what the naive loop makes of it.
struct Case {
  Mask mask;
  std::size_t item;
  Bytes x, other, values, packed, stored, filled, blended;

  Case(std::mt19937& random, std::size_t n, double density, std::size_t itemsize)
      : mask(random_mask(random, n, density)),
        item(itemsize),
        x(random_bytes(random, n * item)),
        other(random_bytes(random, n * item)),
        stored(x),
        filled(x),
        blended(x) {
    values = random_bytes(random, (n + 1) * item);
    std::size_t rank = 0;
    for (std::size_t at = 0; at < n; ++at) {
      if (mask[at] == 0) continue;
      packed.insert(packed.end(), x.begin() + at * item, x.begin() + (at + 1) * item);
      std::memcpy(&stored[at * item], &values[rank++ * item], item);
      std::memcpy(&filled[at * item], values.data(), item);
      std::memcpy(&blended[at * item], &other[at * item], item);
    }
    values.resize(std::max(rank, std::size_t{1}) * item);
  }
  [[nodiscard]] std::int64_t n() const { return static_cast<std::int64_t>(mask.size()); }
};

void check_kernels(const Case& c, const MaskKernels& kernels) {
  Bytes to = fenced(c.packed.size());
  const std::byte* end = kernels.pack(c.mask.data(), c.x.data(), to.data(), to.data() + c.packed.size(), c.n());
  CHECK(end == to.data() + c.packed.size());
  CHECK(std::equal(c.packed.begin(), c.packed.end(), to.begin()));
  CHECK(fence_holds(to));

  Bytes x = c.x;
  x.resize(x.size() + kFence, kFenceByte);
  const std::byte* used =
      kernels.store(c.mask.data(), x.data(), c.values.data(), c.values.data() + c.packed.size(), c.n());
  CHECK(used == c.values.data() + c.packed.size());
  CHECK(std::equal(c.stored.begin(), c.stored.end(), x.begin()));
  std::copy(c.x.begin(), c.x.end(), x.begin());
  kernels.fill(c.mask.data(), x.data(), c.values.data(), c.n());
  CHECK(std::equal(c.filled.begin(), c.filled.end(), x.begin()));
  std::copy(c.x.begin(), c.x.end(), x.begin());
  kernels.blend(c.mask.data(), x.data(), c.other.data(), c.n());
  CHECK(std::equal(c.blended.begin(), c.blended.end(), x.begin()));
  CHECK(fence_holds(x));
}

void check_positions(const Mask& mask, const MaskTable& table) {
  std::vector<std::int64_t> expected;
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (mask[at] != 0) expected.push_back(static_cast<std::int64_t>(at) + 7);
  }
  const auto n = static_cast<std::int64_t>(mask.size());
  CHECK(table.count(mask.data(), n) == static_cast<std::int64_t>(expected.size()));
  std::vector<std::int64_t> found(expected.size() + 8, -1);
  const std::int64_t* end = table.positions(mask.data(), 7, found.data(), found.data() + expected.size(), n);
  CHECK(end == found.data() + expected.size());
  CHECK(std::equal(expected.begin(), expected.end(), found.begin()));
  CHECK(std::all_of(found.begin() + expected.size(), found.end(), [](std::int64_t at) { return at == -1; }));
}

}  // namespace

TEST_CASE("every instruction set packs, stores, fills and counts as the naive loop does") {
  std::mt19937 random(5);
  for (const std::size_t n : {0, 1, 7, 8, 31, 32, 33, 63, 64, 65, 100, 127, 128, 200, 513, 1000}) {
    for (const double density : {0.0, 0.01, 0.3, 0.5, 0.97, 1.0}) {
      for (std::size_t log = 0; log < 5; ++log) {
        const Case c(random, n, density, std::size_t{1} << log);
        CAPTURE(n);
        CAPTURE(density);
        CAPTURE(c.item);
        for (const MaskTable* table : tables_to_test()) {
          check_kernels(c, table->sized[log]);
          check_positions(c.mask, *table);
        }
      }
    }
  }
}

TEST_CASE("masks over the rows of a view, across blocks") {
  for (const std::int64_t width : {3, 64, 20000}) {
    const std::int64_t height = 60000 / width;
    const Tensor x = iota({height + 2, width + 2});
    Layout inner = layout_of(x);
    inner.offset += inner.strides[0] + inner.strides[1];
    inner.shape = Shape{height, width};
    const Tensor odd =
        cast(binary(ElementwiseOp::bitwise_and, view_of(x, inner), Scalar::of(std::int64_t{1})), DType::boolean);
    const MaskRanks ranks(odd);
    const Tensor packed = ranks.pack(inner, x.bytes());
    std::vector<std::int64_t> expected;
    for (std::int64_t row = 1; row <= height; ++row) {
      for (std::int64_t at = row * (width + 2) + 1; at <= row * (width + 2) + width; ++at) {
        if (at % 2 != 0) expected.push_back(at);
      }
    }
    REQUIRE(packed.size() == static_cast<std::int64_t>(expected.size()));
    CHECK(std::equal(expected.begin(), expected.end(), packed.data<std::int64_t>()));

    Tensor target = Tensor::zeros(DType::int64, x.shape());
    ranks.store(inner, target.mutable_bytes(), packed);
    const std::int64_t minus = -1;
    for (std::int64_t at = 0; at < x.size(); ++at) {
      const std::int64_t row = at / (width + 2), column = at % (width + 2);
      const bool inside = row >= 1 && row <= height && column >= 1 && column <= width;
      REQUIRE(target.data<std::int64_t>()[at] == (inside && at % 2 != 0 ? at : 0));
    }
    ranks.fill(inner, target.mutable_bytes(), reinterpret_cast<const std::byte*>(&minus));
    CHECK(std::count(target.data<std::int64_t>(), target.data<std::int64_t>() + target.size(), -1) == packed.size());
  }
}

TEST_CASE("updating the chosen elements at once is gathering, updating and storing them") {
  const std::int64_t n = 40000;
  const Tensor odd = cast(binary(ElementwiseOp::bitwise_and, iota({n}), Scalar::of(std::int64_t{1})), DType::boolean);
  const Scalar three = Scalar::of(std::int64_t{3});
  const ElementwiseOp ops[] = {ElementwiseOp::add, ElementwiseOp::subtract, ElementwiseOp::multiply,
                               ElementwiseOp::maximum};
  for (const DType dtype :
       {DType::int8, DType::uint16, DType::int32, DType::int64, DType::float32, DType::complex128}) {
    for (const ElementwiseOp op : ops) {
      CAPTURE(name(dtype));
      Tensor x = cast(iota({n}), dtype);
      const Tensor held = x, all = binary(op, x, three);
      REQUIRE(update_chosen(op, x, layout_of(x), odd, three));
      CHECK(values(binary(ElementwiseOp::equal, x, where(odd, all, held))) == Values(n, 1));
      CHECK(values(binary(ElementwiseOp::equal, held, cast(iota({n}), dtype))) == Values(n, 1));
    }
  }
  Tensor x = iota({n});
  CHECK(!update_chosen(ElementwiseOp::floor_divide, x, layout_of(x), odd, three));
  CHECK(!update_chosen(ElementwiseOp::add, x, layout_of(x), odd, iota({n / 2})));
  CHECK(!update_chosen(ElementwiseOp::add, x, layout_of(x), odd, Scalar::of(0.5)));
}

TEST_CASE("updating a part where it stands is copying, updating and storing it") {
  const std::int64_t rows = 300, columns = 200;
  for (const DType dtype : {DType::uint8, DType::int32, DType::float32, DType::float64}) {
    for (const ElementwiseOp op : {ElementwiseOp::add, ElementwiseOp::subtract, ElementwiseOp::multiply}) {
      CAPTURE(name(dtype));
      const Tensor before = cast(iota({rows, columns}), dtype);
      const std::int64_t item = before.itemsize(), row = columns * item;
      const auto part_of = [&](const Tensor& x) { return x.view({rows - 2, columns - 2}, {row, item}, row + item); };
      const Tensor many = cast(iota({rows - 2, columns - 2}), dtype);
      for (const Operand& value : {Operand(Scalar::of(std::int64_t{3})), Operand(many)}) {
        Tensor x = before.copy(), expected = before.copy();
        const Tensor held = x, to = part_of(expected);
        copy_elements(binary(op, part_of(before), value), const_cast<std::byte*>(to.bytes()), to.strides());
        Layout part = layout_of(part_of(before));
        part.offset = row + item;
        REQUIRE(update_rows(op, x, part, value));
        CHECK(values(x) == values(expected));
        CHECK(values(held) == values(before));
      }
    }
  }
  Tensor x = iota({40});
  CHECK(!update_rows(ElementwiseOp::floor_divide, x, layout_of(x), Scalar::of(std::int64_t{3})));
  CHECK(!update_rows(ElementwiseOp::divide, x, layout_of(x), Scalar::of(std::int64_t{3})));
  CHECK(!update_rows(ElementwiseOp::add, x, layout_of(x), iota({1, 40})));
  CHECK(!update_rows(ElementwiseOp::add, x, layout_of(x), x.view({40}, {8})));
}
