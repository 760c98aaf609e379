// kernel_sets_test.cpp - every kernel of every instruction set that this processor has gives the baseline's bits, at
// every length and alignment, in place and out of place.
#include "runtime/kernels/kernel_set.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "tests/unit/instruction_sets.h"

using namespace inlay;

namespace {

constexpr int kCount = 203;  // no multiple of any vector's length
constexpr double kEdges[] = {0.0,
                             -0.0,
                             1,
                             -1,
                             0.5,
                             2,
                             1e-310,
                             -5e-324,
                             1e300,
                             -1e300,
                             88.7,
                             -104,
                             710,
                             1e-8,
                             3e38,
                             1e15,
                             HUGE_VAL,
                             -HUGE_VAL,
                             std::numeric_limits<double>::quiet_NaN(),
                             2097152.5,
                             1e22};

/// Elements of all sizes, ordinary and strange.
std::vector<std::byte> elements(DType dtype, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> ordinary(-40, 40);
  std::vector<double> wide(kCount);
  for (int i = 0; i < kCount; ++i) {
    const auto pick = generator();
    wide[i] = pick % 4 == 0 ? kEdges[pick / 4 % std::size(kEdges)] : ordinary(generator);
  }
  std::vector<std::byte> out(kCount * itemsize(dtype));
  baseline_kernel_set().cast(DType::float64, dtype)(wide.data(), out.data(), kCount);
  return out;
}

/// Equal bits, or NaN in both: which of two NaN survives is the instruction's choice.
bool same(DType dtype, const std::byte* a, const std::byte* b) {
  if (std::memcmp(a, b, itemsize(dtype)) == 0) return true;
  return visit(dtype, [&]<class T>(Type<T>) {
    if constexpr (std::is_same_v<T, complex64> || std::is_same_v<T, complex128>) {
      using Part = typename T::value_type;
      constexpr DType part = dtype_v<Part>;
      return same(part, a, b) && same(part, a + sizeof(Part), b + sizeof(Part));
    } else if constexpr (std::is_floating_point_v<T>) {
      T x, y;
      std::memcpy(&x, a, sizeof x);
      std::memcpy(&y, b, sizeof y);
      return x != x && y != y;
    } else {
      return false;
    }
  });
}

void check_same(DType dtype, const std::vector<std::byte>& want, const std::vector<std::byte>& got) {
  for (int i = 0; i < kCount; ++i) {
    CAPTURE(i);
    REQUIRE(same(dtype, &want[i * itemsize(dtype)], &got[i * itemsize(dtype)]));
  }
}

std::vector<const KernelSet*> other_sets() {
  std::vector<const KernelSet*> sets;
  for (const InstructionSet set : sets_here()) {
    if (const KernelSet* kernels = kernel_set_of(set)) sets.push_back(kernels);  // null: a build of one set
  }
  return sets;
}

using Bytes = std::vector<std::byte>;

Bytes run_unary(UnaryKernel kernel, const Bytes& x, DType store, int begin) {
  Bytes out(kCount * itemsize(store));
  const int in_size = static_cast<int>(x.size()) / kCount, out_size = itemsize(store);
  if (begin > 0) kernel(x.data(), out.data(), begin);
  kernel(x.data() + begin * in_size, out.data() + begin * out_size, kCount - begin);
  return out;
}

Bytes run_binary(BinaryKernel kernel, const Bytes& a, const Bytes& b, DType store) {
  Bytes out(kCount * itemsize(store));
  kernel(a.data(), b.data(), out.data(), kCount);
  return out;
}

void check_rows(const KernelRow& want, const KernelRow& got) {
  if (!got.has_loop) return;  // left to the baseline
  const Bytes a = elements(want.load[0], 1), b = elements(want.load[1], 2);
  if (!want.sv) {  // one operand
    const Bytes whole = run_unary(want.v, a, want.store, 0);
    check_same(want.store, whole, run_unary(got.v, a, want.store, 0));
    check_same(want.store, whole, run_unary(got.v, a, want.store, 5));
    check_same(want.store, whole, run_unary(want.v, a, want.store, 5));
    return;
  }
  check_same(want.store, run_binary(want.vv, a, b, want.store), run_binary(got.vv, a, b, want.store));
  check_same(want.store, run_binary(want.vs, a, b, want.store), run_binary(got.vs, a, b, want.store));
  check_same(want.store, run_binary(want.sv, a, b, want.store), run_binary(got.sv, a, b, want.store));
}

}  // namespace

TEST_CASE("elementwise kernels give the baseline's bits" * doctest::skip(other_sets().empty())) {
  for (const KernelSet* set : other_sets()) {
    for (int op = 0; op < static_cast<int>(ElementwiseOp::count_); ++op) {
      const auto which = static_cast<ElementwiseOp>(op);
      CAPTURE(name(which));
      for (int dtype = 0; dtype < kDTypeCount; ++dtype) {
        CAPTURE(name(static_cast<DType>(dtype)));
        const KernelRow& want = baseline_kernel_set().elementwise(which)[dtype];
        if (want.has_loop) check_rows(want, set->elementwise(which)[dtype]);
      }
    }
  }
}

TEST_CASE("casts give the baseline's bits" * doctest::skip(other_sets().empty())) {
  for (const KernelSet* set : other_sets()) {
    for (int from = 0; from < kDTypeCount; ++from) {
      const Bytes x = elements(static_cast<DType>(from), 3);
      for (int to = 0; to < kDTypeCount; ++to) {
        const DType in = static_cast<DType>(from), out = static_cast<DType>(to);
        CAPTURE(name(in));
        CAPTURE(name(out));
        check_same(out, run_unary(baseline_kernel_set().cast(in, out), x, out, 0),
                   run_unary(set->cast(in, out), x, out, 3));
      }
    }
  }
}

TEST_CASE("reductions give the baseline's bits" * doctest::skip(other_sets().empty())) {
  constexpr ReduceOp kOps[] = {ReduceOp::sum, ReduceOp::prod, ReduceOp::min, ReduceOp::max};
  for (const KernelSet* set : other_sets()) {
    for (const ReduceOp op : kOps) {
      for (int at = 0; at < kDTypeCount; ++at) {
        const auto dtype = static_cast<DType>(at);
        const ReduceKernels &want = baseline_kernel_set().reduce(op, dtype), &got = set->reduce(op, dtype);
        REQUIRE((want.row == nullptr) == (got.row == nullptr));
        if (!want.row) continue;
        CAPTURE(name(dtype));
        const Bytes x = elements(want.load, 4);
        alignas(16) std::byte first[16] = {}, second[16] = {};
        want.row(x.data(), kCount, 0, first);
        got.row(x.data(), kCount, 0, second);
        REQUIRE(same(want.load, first, second));
      }
    }
  }
}

TEST_CASE("extremes of zeros of both signs give the baseline's bits at every length" *
          doctest::skip(other_sets().empty())) {
  std::mt19937_64 generator(9);
  for (const KernelSet* set : other_sets()) {
    for (int n = 1; n < kCount; ++n) {
      float x[kCount];
      for (float& each : x) each = generator() % 2 ? 0.0F : -0.0F;
      for (const ReduceOp op : {ReduceOp::min, ReduceOp::max}) {
        float want, got;
        const DType dtype = DType::float32;
        const auto* bytes = reinterpret_cast<const std::byte*>(x);
        baseline_kernel_set().reduce(op, dtype).row(bytes, n, 0, reinterpret_cast<std::byte*>(&want));
        set->reduce(op, dtype).row(bytes, n, 0, reinterpret_cast<std::byte*>(&got));
        REQUIRE(std::signbit(want) == std::signbit(got));
      }
    }
  }
}

namespace {

/// Equal elements and places; what lies between them is no one's.
template <class T>
bool same_found(const Bytes& want, const Bytes& got, int count) {
  const auto *a = reinterpret_cast<const Found<T>*>(want.data()), *b = reinterpret_cast<const Found<T>*>(got.data());
  for (int i = 0; i < count; ++i) {
    const auto bytes = [](const T& v) { return reinterpret_cast<const std::byte*>(&v); };
    if (a[i].index != b[i].index || !same(dtype_v<T>, bytes(a[i].value), bytes(b[i].value))) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("positions of extremes are the baseline's" * doctest::skip(other_sets().empty())) {
  for (const KernelSet* set : other_sets()) {
    for (int at = 0; at < kDTypeCount; ++at) {
      const auto dtype = static_cast<DType>(at);
      for (const bool maximum : {false, true}) {
        const ReduceKernels &want = baseline_kernel_set().arg_reduce(maximum, dtype),
                            &got = set->arg_reduce(maximum, dtype);
        REQUIRE((want.row == nullptr) == (got.row == nullptr));
        if (!want.row) continue;
        CAPTURE(name(dtype));
        const Bytes x = elements(dtype, 8);
        const int size = itemsize(dtype), width = 20;
        Bytes first(want.acc_size * width), second(first.size());
        for (int n = 1; n < kCount; ++n) {
          want.row(x.data(), n, 0, first.data());
          got.row(x.data(), n, 0, second.data());
          REQUIRE(visit(dtype, [&]<class T>(Type<T>) { return same_found<T>(first, second, 1); }));
        }
        want.columns(x.data(), width * size, 10, 0, width, first.data());
        got.columns(x.data(), width * size, 10, 0, width, second.data());
        REQUIRE(visit(dtype, [&]<class T>(Type<T>) { return same_found<T>(first, second, width); }));
      }
    }
  }
}

TEST_CASE("squared distances give the baseline's bits" * doctest::skip(other_sets().empty())) {
  const Bytes x = elements(DType::float64, 9);
  for (const KernelSet* set : other_sets()) {
    for (const bool skip_nan : {false, true}) {
      double first[] = {0.5, 0}, second[] = {0.5, 0};
      const auto bytes = [](double* each) { return reinterpret_cast<std::byte*>(each); };
      baseline_kernel_set().squared_distances(DType::float64, skip_nan).row(x.data(), kCount, 0, bytes(first));
      set->squared_distances(DType::float64, skip_nan).row(x.data(), kCount, 0, bytes(second));
      REQUIRE(same(DType::float64, bytes(&first[1]), bytes(&second[1])));
    }
  }
}

TEST_CASE("selections give the baseline's bits" * doctest::skip(other_sets().empty())) {
  for (const KernelSet* set : other_sets()) {
    for (const DType dtype : {DType::int8, DType::int16, DType::float32, DType::float64, DType::complex128}) {
      const Bytes x = elements(dtype, 5), y = elements(dtype, 6), mask = elements(DType::uint8, 7);
      Bytes want(x.size()), got(x.size());
      for (int scalars = 0; scalars < 4; ++scalars) {
        const SelectSide from_x{x.data(), (scalars & 1) != 0}, from_y{y.data(), (scalars & 2) != 0};
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(mask.data());
        baseline_kernel_set().select(itemsize(dtype))(bytes, from_x, from_y, want.data(), kCount);
        set->select(itemsize(dtype))(bytes, from_x, from_y, got.data(), kCount);
        REQUIRE(want == got);
      }
    }
  }
}

TEST_CASE("fused kernels give the baseline's bits" * doctest::skip(other_sets().empty())) {
  for (const KernelSet* set : other_sets()) {
    for (int which = 0; which < static_cast<int>(Fused::count_); ++which) {
      CAPTURE(which);
      for (const DType dtype : {DType::int32, DType::int64, DType::float32, DType::float64}) {
        const FusedKernel want = baseline_kernel_set().fused(static_cast<Fused>(which), dtype),
                          got = set->fused(static_cast<Fused>(which), dtype);
        REQUIRE((want == nullptr) == (got == nullptr));
        if (!want) continue;
        std::vector<Bytes> operands;
        for (unsigned seed = 0; seed < kMostFusedOperands; ++seed) operands.push_back(elements(dtype, 20 + seed));
        for (unsigned singles = 0; singles < 1U << kMostFusedOperands; singles += 5) {
          SelectSide sides[kMostFusedOperands];
          for (unsigned at = 0; at < kMostFusedOperands; ++at)
            sides[at] = {operands[at].data(), (singles >> at & 1) != 0};
          Bytes first(operands[0].size()), second(first.size());
          want(sides, first.data(), kCount);
          got(sides, second.data(), kCount);
          check_same(dtype, first, second);
        }
      }
    }
  }
}

namespace {

/// Rounds down; 0 for a divisor of 0.
std::int64_t plain_floor_division(std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/// The op by its kernel, through the dtypes that this reads and writes.
template <class T>
std::vector<T> by_kernel(ElementwiseOp op, const std::vector<T>& a, const std::vector<T>& b) {
  const KernelRow& row = kernel_set().elementwise(op)[static_cast<std::size_t>(dtype_v<T>)];
  const auto n = static_cast<std::int64_t>(a.size());
  Bytes x(a.size() * itemsize(row.load[0])), y(a.size() * itemsize(row.load[1])), z(a.size() * itemsize(row.store));
  cast_kernel(dtype_v<T>, row.load[0])(a.data(), x.data(), n);
  cast_kernel(dtype_v<T>, row.load[1])(b.data(), y.data(), n);
  row.vv(x.data(), y.data(), z.data(), n);
  std::vector<T> out(a.size());
  cast_kernel(row.store, dtype_v<T>)(z.data(), out.data(), n);
  return out;
}

template <class T>
void check_division(const std::vector<T>& a, const std::vector<T>& b) {
  const std::vector<T> quotients = by_kernel(ElementwiseOp::floor_divide, a, b);
  const std::vector<T> remainders = by_kernel(ElementwiseOp::remainder, a, b);
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(+a[i]);
    CAPTURE(+b[i]);
    const std::int64_t quotient = plain_floor_division(a[i], b[i]);
    REQUIRE(quotients[i] == static_cast<T>(quotient));
    REQUIRE(remainders[i] == (b[i] == 0 ? T(0) : static_cast<T>(a[i] - quotient * b[i])));
  }
}

/// All pairs of the given numbers.
template <class T>
void check_divisions(const std::vector<T>& numbers) {
  std::vector<T> a, b;
  for (const T x : numbers)
    for (const T y : numbers) {
      a.push_back(x);
      b.push_back(y);
    }
  check_division(a, b);
}

template <class T>
std::vector<T> edges_and_random() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> numbers = {0, 1, 2, 3, 7, static_cast<T>(-1), static_cast<T>(-2), static_cast<T>(-7)};
  for (int i = 0; i < 4; ++i) {
    numbers.push_back(static_cast<T>(Limits::max() - i));
    numbers.push_back(static_cast<T>(Limits::min() + i));
  }
  std::mt19937_64 generator(11);
  while (numbers.size() < 150) numbers.push_back(static_cast<T>(generator() >> (generator() % 64)));
  return numbers;
}

template <class T>
std::vector<T> all_bytes() {
  std::vector<T> numbers;
  for (int i = 0; i < 256; ++i) numbers.push_back(static_cast<T>(i));
  return numbers;
}

}  // namespace

TEST_CASE("narrow integers divide exactly, rounding down") {
  check_divisions(all_bytes<std::int8_t>());
  check_divisions(all_bytes<std::uint8_t>());
  check_divisions(edges_and_random<std::int16_t>());
  check_divisions(edges_and_random<std::uint16_t>());
  check_divisions(edges_and_random<std::int32_t>());
  check_divisions(edges_and_random<std::uint32_t>());
}

/// What a quotient leaves; the product may wrap where the difference wraps back.
static std::int64_t wrapped_remainder(std::int64_t x, std::int64_t quotient, std::int64_t divisor) {
  const auto product = static_cast<std::uint64_t>(quotient) * static_cast<std::uint64_t>(divisor);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(x) - product);
}

TEST_CASE("int64 by one divisor: exact, rounding down, on every set") {
  const std::vector<std::int64_t> numbers = edges_and_random<std::int64_t>();
  const auto at = static_cast<std::size_t>(DType::int64);
  const auto n = static_cast<std::int64_t>(numbers.size());
  std::vector<const KernelSet*> sets = other_sets();
  sets.push_back(&baseline_kernel_set());
  for (const KernelSet* set : sets) {
    for (const std::int64_t divisor : numbers) {
      if (divisor == -1) continue;  // the most negative number wraps
      std::vector<std::int64_t> quotients(numbers.size()), remainders(numbers.size());
      set->elementwise(ElementwiseOp::floor_divide)[at].vs(numbers.data(), &divisor, quotients.data(), n);
      set->elementwise(ElementwiseOp::remainder)[at].vs(numbers.data(), &divisor, remainders.data(), n);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::int64_t quotient = plain_floor_division(numbers[i], divisor);
        CAPTURE(numbers[i]);
        CAPTURE(divisor);
        REQUIRE(quotients[i] == quotient);
        REQUIRE(remainders[i] == (divisor == 0 ? 0 : wrapped_remainder(numbers[i], quotient, divisor)));
      }
    }
  }
}
