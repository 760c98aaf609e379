// region_test.cpp - regions against their ops one by one: every dtype, layout and number of threads, to the bit.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/region.h"
#include "runtime/elementwise/region_flat.h"
#include "runtime/elementwise/region_packed.h"
#include "runtime/indexing/scatter.h"
#include "runtime/tensors/shape_ops.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Step = RegionStep::Kind;
using enum ElementwiseOp;

RegionStep step(Step kind, ElementwiseOp op, std::array<std::int16_t, 3> operands) {
  RegionStep out;
  out.kind = kind;
  out.op = op;
  out.operands = operands;
  return out;
}

RegionInput input_of(const Operand& x) {
  RegionInput out{};
  out.weak = x.is_number();
  if (out.weak) {
    out.kind = x.number.kind;
    out.integer = static_cast<std::int64_t>(x.number.integer);
    out.real = x.number.real;
    return out;
  }
  out.data = x.tensor.bytes();
  out.shape = &x.tensor.shape();
  out.strides = &x.tensor.strides();
  out.size = x.tensor.size();
  out.dtype = x.tensor.dtype();
  out.contiguous = x.tensor.is_contiguous();
  return out;
}

/// A plan for operands, and what it is called with.
struct Planned {
  Planned(const RegionSteps& region, const std::vector<Operand>& operands) {
    std::vector<std::uint8_t> signature;
    for (const Operand& each : operands) signature.push_back(inputs.emplace_back(input_of(each)).type_code());
    signature.resize(inputs.size() + region.steps.size());
    inputs.resize(signature.size());
    plan = plan_region(region, inputs, signature);
  }
  std::vector<RegionInput> inputs;
  RegionPlan plan;
};

/// What `finish` makes of the region's call; no tensor where it is not computed in one pass.
template <class Finish>
Tensor call_region(const RegionSteps& region, const std::vector<Operand>& operands, const Finish& finish) {
  Planned planned(region, operands);
  if (!planned.plan.fits) return {};
  RegionCall call(planned.plan, planned.inputs);
  const Shape* shape = call.shape(region);
  return shape ? finish(call, Tensor::empty(planned.plan.result, *shape)) : Tensor();
}

Tensor run(const RegionSteps& region, const std::vector<Operand>& operands) {
  return call_region(region, operands, [](RegionCall& call, Tensor out) {
    call.run(out.mutable_bytes());
    return out;
  });
}

/// The same as a FlatRegion; no tensor where it is left to the call.
Tensor run_flat(const RegionSteps& region, const std::vector<Operand>& operands) {
  Planned planned(region, operands);
  FlatRegion flat(planned.plan, planned.inputs);
  const Shape* shape = flat.shape(region);
  if (!shape) return {};
  Tensor out = Tensor::empty(planned.plan.result, *shape);
  flat.run(out.mutable_bytes());
  return out;
}

/// base[part] = region(operands…), where operands may be views of base; false where that is not computed in one pass.
bool run_into(const RegionSteps& region, const std::vector<Operand>& operands, Tensor& base, const Tensor& part) {
  Planned planned(region, operands);
  if (!planned.plan.fits) return false;
  RegionCall call(planned.plan, planned.inputs);
  Layout layout = layout_of(part);
  layout.offset = part.bytes() - base.bytes();
  call.aim(layout, base.mutable_bytes());
  if (!call.shape(region)) return false;
  call.run_part();
  return true;
}

Tensor run_reduced(const RegionSteps& region, const std::vector<Operand>& operands, ReduceOp op) {
  return call_region(region, operands, [&](RegionCall& call, const Tensor&) { return call.reduce(op); });
}

/// where(a > b, a * s + b, sqrt(absolute(a)))
const RegionSteps kFormula{
    3,
    {step(Step::binary, greater, {0, 1}), step(Step::binary, multiply, {0, 2}), step(Step::binary, add, {4, 1}),
     step(Step::unary, absolute, {0}), step(Step::unary, sqrt, {6}), step(Step::where, {}, {3, 5, 7})}};

Tensor formula(const Operand& a, const Operand& b, const Operand& s) {
  const Tensor x = binary(add, binary(multiply, a, s), b);
  return where(binary(greater, a, b), x, unary(sqrt, unary(absolute, a)));
}

bool same(const Tensor& a, const Tensor& b) {
  if (!a || !b || a.dtype() != b.dtype() || !(a.shape() == b.shape())) return false;
  const Tensor x = a.contiguous(), y = b.contiguous();
  return std::memcmp(x.bytes(), y.bytes(), static_cast<std::size_t>(x.size() * x.itemsize())) == 0;
}

Tensor ramp(DType dtype, Shape shape) {
  return cast(binary(subtract, binary(remainder, iota(std::move(shape)), Scalar::of(std::int64_t{101})),
                     Scalar::of(std::int64_t{kind(dtype) == Kind::unsigned_integer ? 0 : 40})),
              dtype);
}

}  // namespace

TEST_CASE("a region has the bits of its ops, for any dtypes") {
  for (int first = 1; first < kDTypeCount; ++first) {
    for (int second = 1; second < kDTypeCount; ++second) {
      const Tensor a = ramp(static_cast<DType>(first), {1500}), b = ramp(static_cast<DType>(second), {1500});
      CAPTURE(name(a.dtype()));
      CAPTURE(name(b.dtype()));
      for (const Operand& s : {Operand(Scalar::of(std::int64_t{3})), Operand(Scalar::of(0.1)), Operand(a)}) {
        CHECK(same(run(kFormula, {a, b, s}), formula(a, b, s)));
      }
    }
  }
}

namespace {

/// The same, or NaN in both: which of two NaN survives is the instruction's choice.
bool same_but_for_nan(const Tensor& a, const Tensor& b) {
  if (!a || !b || a.dtype() != b.dtype() || !(a.shape() == b.shape())) return false;
  const auto cleared = [](const Tensor& x) {
    return is_floating(x.dtype()) ? where(unary(isnan, x), cast(Tensor::scalar(0.5), x.dtype()), x) : x;
  };
  return same(cleared(a), cleared(b)) && (!is_floating(a.dtype()) || same(unary(isnan, a), unary(isnan, b)));
}

/// Elements that arithmetic is strange with, in another order for another `seed`; one element for n = 0.
Tensor strange(DType dtype, std::int64_t n, int seed) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  constexpr double kAll[] = {
      1.1,    -0.0, 0.0,    -2.7, kInfinite, -kInfinite, std::numeric_limits<double>::quiet_NaN(),
      1e-310, 3e38, -1e300, 7,    1.1,       -2.7};
  constexpr double kWhole[] = {1, 0, -1, 2, 2147483647, -2147483648.0, 7, 1, 100};
  const std::span<const double> all =
      is_floating(dtype) ? std::span<const double>(kAll) : std::span<const double>(kWhole);
  Tensor out = Tensor::empty(DType::float64, n == 0 ? Shape{} : Shape{n});
  auto* to = reinterpret_cast<double*>(out.mutable_bytes());
  for (std::int64_t at = 0; at < std::max<std::int64_t>(n, 1); ++at)
    to[at] = all[static_cast<std::size_t>((at * (2 * seed + 1) + at / 13 * seed + seed) % std::ssize(all))];
  return cast(out, dtype);
}

/// Operands of which those of the bits in `singles` are one element.
std::vector<Operand> strange_operands(DType dtype, std::int64_t n, int count, int singles) {
  std::vector<Operand> out;
  for (int at = 0; at < count; ++at) out.emplace_back(strange(dtype, ((singles >> at) & 1) != 0 ? 0 : n, at));
  return out;
}

/// The region as one kernel, over rows of its own and over each of its operands.
void check_fused(const RegionSteps& region, const std::vector<Operand>& operands, const Tensor& expected) {
  REQUIRE(Planned(region, operands).plan.ops.size() == 1);
  CHECK(same_but_for_nan(run(region, operands), expected));
  CHECK(same_but_for_nan(run_flat(region, operands), expected));
  for (std::size_t over = 0; over < operands.size(); ++over) {
    if (operands[over].tensor.size() == 1) continue;
    std::vector<Operand> own = operands;
    const Tensor target = operands[over].tensor.copy();
    own[over] = target;
    call_region(region, own, [&](RegionCall& call, const Tensor& out) {
      call.run(const_cast<std::byte*>(target.bytes()));
      return out;
    });
    CHECK(same_but_for_nan(target, expected));
  }
}

constexpr std::int64_t kOddLengths[] = {2, 9, 37, 509};

void check_pair(ElementwiseOp first, ElementwiseOp second, bool is_right, DType dtype) {
  const RegionSteps region{
      3,
      {step(Step::binary, first, {0, 1}),
       step(Step::binary, second, is_right ? std::array<std::int16_t, 3>{2, 3} : std::array<std::int16_t, 3>{3, 2})}};
  for (const std::int64_t n : kOddLengths)
    for (int singles = 0; singles < 7; ++singles) {
      CAPTURE(n);
      CAPTURE(singles);
      const std::vector<Operand> operands = strange_operands(dtype, n, 3, singles);
      const Tensor made = binary(first, operands[0], operands[1]);
      check_fused(region, operands, is_right ? binary(second, operands[2], made) : binary(second, made, operands[2]));
    }
}

constexpr ElementwiseOp kComparisons[] = {less, less_equal, greater, greater_equal, equal, not_equal};

void check_choice(ElementwiseOp comparison, DType dtype) {
  const RegionSteps region{4, {step(Step::binary, comparison, {0, 1}), step(Step::where, {}, {4, 2, 3})}};
  for (const std::int64_t n : kOddLengths)
    for (int singles = 0; singles < 15; ++singles) {
      CAPTURE(n);
      CAPTURE(singles);
      const std::vector<Operand> operands = strange_operands(dtype, n, 4, singles);
      check_fused(region, operands, where(binary(comparison, operands[0], operands[1]), operands[2], operands[3]));
    }
}

void check_choice(ElementwiseOp first, ElementwiseOp join, ElementwiseOp second, DType dtype) {
  const RegionSteps region{6,
                           {step(Step::binary, first, {0, 1}), step(Step::binary, second, {2, 3}),
                            step(Step::binary, join, {6, 7}), step(Step::where, {}, {8, 4, 5})}};
  for (const std::int64_t n : kOddLengths)
    for (const int singles : {0, 0b000010, 0b001010, 0b100101, 0b011111, 0b110000}) {
      CAPTURE(n);
      CAPTURE(singles);
      const std::vector<Operand> x = strange_operands(dtype, n, 6, singles);
      check_fused(region, x, where(binary(join, binary(first, x[0], x[1]), binary(second, x[2], x[3])), x[4], x[5]));
    }
}

}  // namespace

TEST_CASE("two operations in one pass have the bits of one after the other") {
  for (const DType dtype : {DType::float32, DType::float64})
    for (const ElementwiseOp first : {add, subtract, multiply})
      for (const ElementwiseOp second : {add, subtract, multiply})
        for (const bool is_right : {false, true}) {
          CAPTURE(name(dtype));
          CAPTURE(name(first));
          CAPTURE(name(second));
          check_pair(first, second, is_right, dtype);
        }
}

TEST_CASE("a choice in one pass with its comparisons has the bits of one after the other") {
  for (const DType dtype : {DType::int32, DType::int64, DType::float32, DType::float64})
    for (const ElementwiseOp comparison : kComparisons) {
      CAPTURE(name(dtype));
      CAPTURE(name(comparison));
      check_choice(comparison, dtype);
    }
  for (const DType dtype : {DType::float32, DType::float64})
    for (const ElementwiseOp first : {less, less_equal, greater, greater_equal})
      for (const ElementwiseOp second : {less, less_equal, greater, greater_equal})
        for (const ElementwiseOp join : {bitwise_and, logical_and, bitwise_or, logical_or}) {
          CAPTURE(name(first));
          CAPTURE(name(join));
          CAPTURE(name(second));
          check_choice(first, join, second, dtype);
        }
}

TEST_CASE("operations are joined where one reads the other, once, over the same elements") {
  const auto ops = [](const RegionSteps& region, const std::vector<Operand>& operands) {
    const Planned planned(region, operands);
    REQUIRE(planned.plan.fits);
    return planned.plan.ops.size();
  };
  const Tensor x = ramp(DType::float32, {9}), wide = ramp(DType::float64, {9}), whole = ramp(DType::int16, {9});
  const Operand two = Scalar::of(2.0), half = Scalar::of(0.5);
  const RegionSteps squared{3, {step(Step::binary, add, {0, 1}), step(Step::binary, multiply, {3, 3})}};
  const RegionSteps line{3, {step(Step::binary, multiply, {0, 1}), step(Step::binary, add, {3, 2})}};
  const RegionSteps chosen{4, {step(Step::binary, less, {0, 1}), step(Step::where, {}, {4, 2, 3})}};
  CHECK(ops(squared, {x, two, x}) == 2);  // read twice
  CHECK(ops(line, {x, two, half}) == 1);
  CHECK(ops(line, {two, half, x}) == 2);  // of numbers: once for all elements
  CHECK(ops(line, {x, two, wide}) == 3);  // rounded in between
  CHECK(ops(line, {whole, whole, whole}) == 2);
  CHECK(ops(chosen, {x, two, x, x}) == 1);
  CHECK(ops(chosen, {x, two, wide, x}) == 2);  // elements of another size are chosen
  CHECK(ops(chosen, {whole, whole, x, x}) == 2);
  // x * 2 < y + 0.5 is what a choice behind other operations still waits for: its operands stay in their registers.
  const RegionSteps later{4,
                          {step(Step::binary, multiply, {0, 2}), step(Step::binary, add, {1, 3}),
                           step(Step::binary, less, {4, 5}), step(Step::unary, ElementwiseOp::sqrt, {0}),
                           step(Step::unary, ElementwiseOp::exp, {1}), step(Step::where, {}, {6, 7, 8})}};
  const Tensor a = strange(DType::float32, 3001, 1), b = strange(DType::float32, 3001, 2);
  const Tensor mask = binary(less, binary(multiply, a, two), binary(add, b, half));
  CHECK(same_but_for_nan(run(later, {a, b, two, half}),
                         where(mask, unary(ElementwiseOp::sqrt, a), unary(ElementwiseOp::exp, b))));
  // What is packed by a mask that its own elements make is not joined with what makes the mask.
  const RegionSteps packed{
      2,
      {step(Step::binary, multiply, {0, 1}), step(Step::binary, add, {2, 1}), step(Step::binary, less, {3, 1}),
       step(Step::compress, {}, {4, 0}), step(Step::binary, multiply, {5, 1}), step(Step::binary, subtract, {6, 1})}};
  CHECK(ops(packed, {x, two}) == 4);
}

TEST_CASE("swift steps count for the bytes that they are of, others for one each") {
  const auto steps = [](const RegionSteps& region, DType dtype) {
    const Tensor x = ramp(dtype, {3});
    const Planned planned(region, std::vector<Operand>(static_cast<std::size_t>(region.inputs), x));
    REQUIRE(planned.plan.fits);
    return planned.plan.element_steps(1000);
  };
  const RegionSteps product{1, {step(Step::binary, multiply, {0, 0}), step(Step::binary, add, {1, 0})}};
  const RegionSteps power{1, {step(Step::unary, ElementwiseOp::exp, {0}), step(Step::binary, add, {1, 0})}};
  CHECK(steps(product, DType::float32) == 2 * 1000 / 4);
  CHECK(steps(product, DType::float64) == 2 * 1000 / 2);
  CHECK(steps(product, DType::complex64) == 2 * 1000);
  CHECK(steps(product, DType::float16) >= 2 * 1000);
  CHECK(steps(power, DType::float32) == (info(ElementwiseOp::exp).cost + 1) * 1000);
}

TEST_CASE("a region has the bits of its ops, for any layouts") {
  const Tensor x = ramp(DType::float32, {300, 400});
  const Tensor flipped = x.view({300, 400}, {-1600, -4}, 4 * (300 * 400 - 1));
  const Tensor square = ramp(DType::float32, {300, 300}), wide = ramp(DType::float64, {400}).view({1, 400}, {0, 8});
  const Tensor column = ramp(DType::int16, {300, 1}), one = ramp(DType::float64, {1, 1}), number = Tensor::scalar(2.5);
  const Tensor narrow = ramp(DType::float32, {5000, 3}), row = ramp(DType::float32, {3});
  const Tensor cut = x.view({298, 199}, {1600, 8}, 1604), moved = x.view({298, 199}, {1600, 8}, 3200);
  const std::vector<std::vector<Operand>> cases = {
      {x, flipped, Scalar::of(2.0)},
      {transpose(square), square, square},
      {x, wide, column},
      {x, one, number},
      {narrow, row, Scalar::of(0.5)},
      {cut, moved, cut},
      {narrow.view({3, 5000}, {4, 12}), ramp(DType::float64, {3, 1}), number},
      {number, one, Scalar::of(1.5)},
  };
  for (const int threads : {1, 8}) {
    Watch watch;
    watch.own.threads = threads;
    for (const auto& each : cases) CHECK(same(run(kFormula, each), formula(each[0], each[1], each[2])));
  }
}

TEST_CASE("a region larger than the caches has the bits of its ops") {
  const Tensor a = ramp(DType::float32, {3'200'001}), b = ramp(DType::float64, {3'200'001});
  const Operand s(Scalar::of(0.1));
  CHECK(same(run(kFormula, {a, a, s}), formula(a, a, s)));
  CHECK(same(run(kFormula, {a, b, s}), formula(a, b, s)));
}

TEST_CASE("a small region that lies flat has the bits of its ops, for any dtypes") {
  for (int first = 1; first < kDTypeCount; ++first) {
    for (int second = 1; second < kDTypeCount; ++second) {
      const Tensor a = ramp(static_cast<DType>(first), {5, 7}), b = ramp(static_cast<DType>(second), {5, 7});
      CAPTURE(name(a.dtype()));
      CAPTURE(name(b.dtype()));
      for (const Operand& s : {Operand(Scalar::of(std::int64_t{3})), Operand(Scalar::of(0.1)), Operand(a)})
        CHECK(same(run_flat(kFormula, {a, b, s}), formula(a, b, s)));
    }
  }
  const Tensor x = ramp(DType::float32, {512}), one = ramp(DType::float64, {1}), number = Tensor::scalar(2.5);
  CHECK(same(run_flat(kFormula, {x, number, number}), formula(x, number, number)));
  CHECK(same(run_flat(kFormula, {one, x, number}), formula(one, x, number)));
}

TEST_CASE("what does not lie flat in one block is left to the call") {
  const Tensor x = ramp(DType::float32, {6, 6}), long_one = ramp(DType::float32, {1025});
  const Tensor one = ramp(DType::float32, {1, 1}), none = ramp(DType::float32, {0});
  const Operand two = Scalar::of(2.0);
  CHECK(run_flat(kFormula, {x, x, two}));
  CHECK_FALSE(run_flat(kFormula, {transpose(x), x, two}));
  CHECK_FALSE(run_flat(kFormula, {x, ramp(DType::float32, {6}), two}));
  CHECK_FALSE(run_flat(kFormula, {long_one, long_one, two}));
  CHECK_FALSE(run_flat(kFormula, {one, one, two}));
  CHECK_FALSE(run_flat(kFormula, {none, none, two}));
  CHECK_FALSE(run_flat(kFormula, {ramp(DType::float32, {6}), one, two}));  // one row more than any operand has
  const RegionSteps division{2, {step(Step::binary, floor_divide, {0, 1}), step(Step::unary, negative, {2})}};
  CHECK(run_flat(division, {iota({4}), Scalar::of(std::int64_t{3})}));
  CHECK_FALSE(run_flat(division, {iota({4}), Scalar::of(std::int64_t{0})}));
  CHECK_FALSE(run_flat(division, {iota({4}), iota({4})}));
  const RegionSteps assign{3, {step(Step::binary, less, {0, 1}), step(Step::assign_where, {}, {3, 1, 2})}};
  CHECK(run_flat(assign, {iota({4}), Scalar::of(std::int64_t{2}), iota({4})}));
  CHECK_FALSE(run_flat(assign, {Tensor::scalar<std::int64_t>(1), Scalar::of(std::int64_t{2}), iota({4})}));
  const RegionSteps total{2, {step(Step::binary, multiply, {0, 1}), step(Step::reduce, {}, {2, 0, 0})}};
  CHECK_FALSE(run_flat(total, {iota({4}), two}));
}

TEST_CASE("single elements are computed once, and numbers anew when they change") {
  const RegionSteps scaled{3, {step(Step::binary, add, {1, 2}), step(Step::binary, multiply, {0, 3})}};
  const Tensor x = iota({5});
  CHECK(values(run(scaled, {x, Tensor::scalar<std::int64_t>(2), Scalar::of(std::int64_t{1})})) ==
        Values{0, 3, 6, 9, 12});
}

TEST_CASE("what looks at values first, or needs fewer elements, is left to the ops") {
  const RegionSteps division{2, {step(Step::binary, floor_divide, {0, 1}), step(Step::unary, negative, {2})}};
  const Tensor x = iota({4});
  CHECK_FALSE(run(division, {x, x}));
  CHECK(run(division, {cast(x, DType::float64), x}));
  const RegionSteps outer{3, {step(Step::binary, add, {0, 1}), step(Step::binary, multiply, {3, 2})}};
  CHECK_FALSE(run(outer, {x, x, iota({3, 4})}));
  CHECK_FALSE(run(outer, {x, iota({3}), iota({3, 4})}));
  CHECK_FALSE(run(outer, {iota({0}), iota({0}), iota({0})}));
  CHECK(error_of([&] {
          run(outer, {cast(x, DType::uint8), Scalar::of(std::int64_t{300}), x});
        }) == "OverflowError: Python integer 300 out of bounds for uint8");
}

TEST_CASE("an assignment needs a mask of the target's shape and a value that is one") {
  RegionSteps assign{3, {step(Step::binary, less, {0, 1}), step(Step::assign_where, {}, {3, 2, 0})}};
  const Operand limit = Scalar::of(std::int64_t{2}), value = Scalar::of(std::int64_t{9});
  CHECK(values(run(assign, {iota({4}), limit, value})) == Values{9, 9, 2, 3});
  assign.steps[1].one_value = true;
  CHECK_FALSE(run(assign, {iota({4}), limit, iota({4})}));
  assign.steps[1].operands = {3, 1, 2};
  CHECK_FALSE(run(assign, {Tensor::scalar<std::int64_t>(1), limit, iota({4})}));
  CHECK_FALSE(run(assign, {iota({4}), limit, iota({1, 4})}));
}

TEST_CASE("a reduced region has the bits of the reduction of its result") {
  RegionSteps total{2, {step(Step::binary, multiply, {0, 1}), step(Step::reduce, {}, {2, 0, 0})}};
  for (const std::int64_t n : {1, 7, 4096, 5000, 300000}) {
    for (const DType dtype : {DType::float32, DType::float64, DType::int8, DType::float16}) {
      const Tensor x = ramp(dtype, {n}), all = binary(multiply, x, Scalar::of(std::int64_t{1}));
      for (const ReduceOp op : {ReduceOp::sum, ReduceOp::max, ReduceOp::any, ReduceOp::mean}) {
        CAPTURE(name(dtype));
        CAPTURE(n);
        const Tensor made = run_reduced(total, {x, Scalar::of(std::int64_t{1})}, op);
        const int axes[] = {0};
        const bool is_direct = dtype != DType::float16 && !(dtype == DType::int8 && op == ReduceOp::mean);
        CHECK((made || !is_direct));
        if (made) CHECK(same(made, reduce(op, all, axes, false)));
      }
    }
  }
}

namespace {

/// x[x > limit] * s + y[x > limit]
const RegionSteps kPacked{
    4,
    {step(Step::binary, greater, {0, 1}), step(Step::compress, {}, {4, 0}), step(Step::compress, {}, {4, 2}),
     step(Step::binary, multiply, {5, 3}), step(Step::binary, add, {7, 6})}};

/// What a region of chosen elements gives, reduced if there is an op for that; no tensor where blocks do not compute
/// it.
Tensor run_packed(const RegionSteps& region, const std::vector<Operand>& operands, std::optional<ReduceOp> op = {}) {
  Planned planned(region, operands);
  if (!planned.plan.fits) return {};
  RegionCall call(planned.plan, planned.inputs);
  if (!call.shape(region)) return {};
  PackedRegion packed(call);
  if (!packed.fits()) return {};
  const std::int64_t count = packed.count();
  if (op) return count == 0 ? Tensor() : packed.reduce(*op);
  Tensor out = Tensor::empty(planned.plan.result, {count});
  packed.run(out.mutable_bytes());
  return out;
}

void check_packed(const Tensor& x, const Tensor& y, std::int64_t limit) {
  const Operand low = Scalar::of(limit), s = Scalar::of(std::int64_t{3});
  const Tensor mask = binary(greater, x, low), chosen = boolean_mask(x, mask, 0), others = boolean_mask(y, mask, 0);
  const Tensor all = binary(add, binary(multiply, chosen, s), others);
  CHECK(same(run_packed(kPacked, {x, low, y, s}), all));
  const RegionSteps alone{2, {kPacked.steps[0], step(Step::compress, {}, {2, 0})}};
  const RegionSteps by_mask{2, {step(Step::compress, {}, {1, 0})}};
  const RegionSteps doubled{
      2, {step(Step::binary, greater, {0, 1}), step(Step::compress, {}, {2, 0}), step(Step::binary, add, {3, 1})}};
  CHECK(same(run_packed(alone, {x, low}), chosen));
  CHECK(same(run_packed(by_mask, {y, mask}), others));
  CHECK(same(run_packed(doubled, {x, low}), binary(add, chosen, low)));
  const int axes[] = {0};
  for (const ReduceOp op : {ReduceOp::sum, ReduceOp::max, ReduceOp::count, ReduceOp::mean}) {
    if (all.size() == 0) continue;
    CHECK(same(run_packed(kPacked, {x, low, y, s}, op), reduce(op, all, axes, false)));
    CHECK(same(run_packed(alone, {x, low}, op), reduce(op, chosen, axes, false)));
  }
}

}  // namespace

TEST_CASE("what is computed of chosen elements has the bits of choosing first, on any number of threads") {
  for (const int threads : {1, 3}) {
    Watch watch;
    watch.own.threads = threads;
    for (const DType dtype : {DType::int8, DType::int32, DType::float32, DType::float64})
      for (const std::int64_t n : {2, 1000, 1025, 40000, 300001})
        for (const std::int64_t limit : {-100, -40, 0, 57, 59, 100}) {
          CAPTURE(name(dtype));
          CAPTURE(n);
          CAPTURE(limit);
          check_packed(ramp(dtype, {n}), ramp(DType::float32, {n}), limit);
        }
  }
}

TEST_CASE("chosen elements of views") {
  const Tensor x = ramp(DType::float32, {300, 400}), y = ramp(DType::float64, {400, 300});
  check_packed(x, transpose(y), 10);
  check_packed(transpose(x), y, 10);
  const std::int64_t reversed[] = {1};
  check_packed(flip(x, reversed), transpose(y), 50);
  check_packed(x.view({300, 133}, {1600, 12}), transpose(y).view({300, 133}, {8, 2400}), -20);
  check_packed(x.view({2, 300, 400}, {0, 1600, 4}), ramp(DType::int64, {2, 300, 400}), 0);
}

TEST_CASE("chosen elements that are computed with others are left to their ops") {
  const Tensor x = ramp(DType::float32, {30, 40});
  const Operand low = Scalar::of(std::int64_t{0}), s = Scalar::of(std::int64_t{3});
  CHECK(run_packed(kPacked, {x, low, x, Tensor::scalar(2.0F)}));
  CHECK_FALSE(run_packed(kPacked, {x, low, ramp(DType::float32, {40}), s}));    // another shape to choose from
  CHECK_FALSE(run_packed(kPacked, {x, low, Tensor::scalar(1.0F), s}));          // one element
  CHECK_FALSE(run_packed(kPacked, {x, low, x, x}));                             // not chosen from
  CHECK_FALSE(run_packed(kPacked, {x, low, x, ramp(DType::float32, {1, 1})}));  // spreads over an axis more
  CHECK_FALSE(run_packed(kPacked, {Tensor::scalar(1.0F), low, Tensor::scalar(1.0F), s}));
  const RegionSteps by_number{2, {step(Step::compress, {}, {1, 0})}};
  CHECK_FALSE(run_packed(by_number, {x, x}));  // no mask
  CHECK_FALSE(run_packed(by_number, {x, low}));
  const RegionSteps dear{2,
                         {step(Step::unary, ElementwiseOp::sin, {0}), step(Step::binary, greater, {2, 1}),
                          step(Step::compress, {}, {3, 0})}};
  CHECK_FALSE(run_packed(dear, {x, low}));
}

namespace {

/// a * s + b - c
const RegionSteps kNeighbours{
    4, {step(Step::binary, multiply, {0, 1}), step(Step::binary, add, {4, 2}), step(Step::binary, subtract, {5, 3})}};

/// A part of a matrix and the elements that lie around it, which are computed with.
struct Stencil {
  Shape shape, part;
  std::array<std::int64_t, 2> at;                    // where the part begins
  std::array<std::array<std::int64_t, 2>, 3> moved;  // where each operand begins
  std::int64_t step = 1;                             // along the last axis
};

Tensor view_at(const Tensor& base, const Stencil& stencil, std::array<std::int64_t, 2> at) {
  const Strides strides{base.strides()[0], base.strides()[1] * stencil.step};
  return base.view(stencil.part, strides, at[0] * base.strides()[0] + at[1] * base.strides()[1]);
}

void check_stencil(const Stencil& stencil, DType dtype) {
  Tensor base = ramp(dtype, stencil.shape);
  const Operand s = Scalar::of(std::int64_t{3});
  const auto operands_of = [&](const Tensor& x) {
    return std::vector<Operand>{view_at(x, stencil, stencil.moved[0]), s, view_at(x, stencil, stencil.moved[1]),
                                view_at(x, stencil, stencil.moved[2])};
  };
  const Tensor before = base.copy();
  Tensor expected = base.copy();
  const std::vector<Operand> old = operands_of(before);
  const Tensor value = binary(subtract, binary(add, binary(multiply, old[0], s), old[2]), old[3]);
  const Tensor to = view_at(expected, stencil, stencil.at);
  copy_elements(value, const_cast<std::byte*>(to.bytes()), to.strides());
  REQUIRE(run_into(kNeighbours, operands_of(base), base, view_at(base, stencil, stencil.at)));
  CHECK(same(base, expected));
}

}  // namespace

TEST_CASE("a part is computed from old elements, wherever its operands lie") {
  const std::vector<Stencil> stencils = {
      {{40, 3000}, {38, 2998}, {1, 1}, {{{0, 1}, {2, 1}, {1, 2}}}},  // rows longer than a block
      {{700, 300}, {698, 298}, {1, 1}, {{{0, 0}, {2, 2}, {1, 1}}}},  // rows of one block
      {{3000, 40}, {2998, 38}, {1, 1}, {{{0, 1}, {2, 1}, {1, 0}}}},  // several rows in a block
      {{1, 600000}, {1, 599000}, {0, 1000}, {{{0, 0}, {0, 999}, {0, 500}}}},
      {{1, 600000}, {1, 599000}, {0, 0}, {{{0, 1000}, {0, 1}, {0, 500}}}},
      {{300, 2000}, {300, 999}, {0, 0}, {{{0, 1}, {0, 2}, {0, 0}}}, 2},  // every second element
      {{300, 2000}, {298, 2000}, {2, 0}, {{{0, 0}, {1, 0}, {2, 0}}}},
      {{300, 2000}, {100, 2000}, {200, 0}, {{{0, 0}, {50, 0}, {99, 0}}}},  // apart
      {{3, 5}, {1, 1}, {1, 1}, {{{0, 1}, {2, 1}, {1, 1}}}},
  };
  for (const int threads : {1, 8}) {
    Watch watch;
    watch.own.threads = threads;
    for (const Stencil& stencil : stencils) {
      CAPTURE(to_string(stencil.shape));
      CAPTURE(to_string(stencil.part));
      for (const DType dtype : {DType::float32, DType::float64, DType::int16}) check_stencil(stencil, dtype);
    }
  }
}

TEST_CASE("operands that lie across a part in another way need the whole result first") {
  Tensor base = ramp(DType::float32, {200, 200});
  const Tensor part = base.view({200, 100}, {800, 4});
  const Operand s = Scalar::of(std::int64_t{3});
  const auto refuses = [&](const Tensor& x) { return !run_into(kNeighbours, {x, s, x, x}, base, part); };
  const Tensor before = base.copy();
  CHECK(refuses(base.view({200, 100}, {4, 800})));              // transposed
  CHECK(refuses(base.view({200, 100}, {800, 8})));              // every second
  CHECK(refuses(base.view({200, 100}, {-800, 4}, 199 * 800)));  // from below
  CHECK(refuses(base.view({200, 1}, {800, 4})));                // broadcast
  CHECK(refuses(base.view({100, 100}, {800, 4})));              // of another shape
  CHECK(same(base, before));
  CHECK_FALSE(refuses(ramp(DType::float32, {200, 100})));
  const Tensor backwards = base.view({200, 100}, {-800, -4}, 199 * 800 + 99 * 4);
  CHECK_FALSE(run_into(
      kNeighbours,
      {before.view({200, 100}, {800, 4}), s, before.view({200, 100}, {800, 4}), before.view({200, 100}, {800, 4})},
      base, backwards));
}

namespace {

/// Assigns to x where m is true; `steps` are over x, a second operand and a number.
Tensor assigned(std::vector<RegionStep> steps, const Tensor& m, const Tensor& x, const Operand& y) {
  RegionSteps region{4, std::move(steps)};
  const auto last = static_cast<std::int16_t>(3 + region.steps.size());
  region.steps.push_back(step(Step::assign_where, {}, {0, last, 1}));
  return call_region(region, {m, x, y, Scalar::of(2.0)}, [&](RegionCall& call, const Tensor&) {
    Tensor target = x.copy();
    call.run_chosen(target.mutable_bytes());
    return target;
  });
}

}  // namespace

TEST_CASE("a formula is computed where a mask is true, however much that is") {
  const std::vector<RegionStep> cheap = {step(Step::binary, multiply, {1, 3}), step(Step::binary, add, {4, 2})};
  const std::vector<RegionStep> costly = {
      step(Step::unary, ElementwiseOp::sin, {1}), step(Step::unary, ElementwiseOp::exp, {2}),
      step(Step::binary, multiply, {4, 5}), step(Step::unary, ElementwiseOp::cos, {6})};
  const Tensor x = ramp(DType::float64, {300, 400}), y = ramp(DType::float32, {300, 400});
  const Tensor steps = ramp(DType::int32, {300, 400});
  for (const int threads : {1, 8}) {
    Watch watch;
    watch.own.threads = threads;
    for (const double limit : {-100.0, -39.0, 0.0, 30.0, 100.0}) {
      CAPTURE(limit);
      const Tensor m = binary(less, steps, Scalar::of(limit));
      for (const Tensor& other : {x, y}) {
        const Tensor line = binary(add, binary(multiply, x, Scalar::of(2.0)), other);
        CHECK(same(assigned(cheap, m, x, other), where(m, line, x)));
        const Tensor wave = unary(ElementwiseOp::cos, binary(multiply, unary(ElementwiseOp::sin, x),
                                                             unary(ElementwiseOp::exp, cast(other, DType::float64))));
        CHECK(same(assigned(costly, m, x, cast(other, DType::float64)), where(m, wave, x)));
      }
    }
  }
}
