// elementwise_test.cpp - dtypes, values, refusals and buffers of elementwise functions. The expectations are NumPy's.
#include "runtime/elementwise/elementwise.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;
using Op = ElementwiseOp;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();

Scalar number(std::int64_t value) { return Scalar::of(value); }
Scalar number(double value) { return Scalar::of(value); }

std::vector<double> floats(const Tensor& x) {
  const Tensor dense = cast(x, DType::float64).contiguous();
  return {dense.data<double>(), dense.data<double>() + dense.size()};
}

/// Whether two rows of floats are the same to the sign of zero; any NaN equals any other.
bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::isnan(x) ? std::isnan(y) : x == y && std::signbit(x) == std::signbit(y);
  });
}

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.bytes(), b.bytes(), static_cast<std::size_t>(a.size() * a.itemsize())) == 0;
}

Tensor transposed(const Tensor& x) { return x.view({x.dim(1), x.dim(0)}, {x.strides()[1], x.strides()[0]}); }

/// Warnings as they come.
struct Listener : Context {
  void warn(std::string_view text) override { warnings.emplace_back(text); }
  std::vector<std::string> warnings;
  ContextScope scope{*this};
};

DType unary_dtype(Op op, DType x) { return unary(op, Tensor::zeros(x, {2})).dtype(); }
DType binary_dtype(Op op, DType a, DType b) {
  const Tensor x = Tensor::zeros(a, {1}), y = Tensor::zeros(b, {1});
  const DType dtype = binary(op, x, y).dtype();
  CHECK(binary_result_type(op, x, y) == dtype);
  return dtype;
}

}  // namespace

TEST_CASE("names find ops, aliases included") {
  Op op{};
  CHECK((find_elementwise("add", op) && op == Op::add && arity(op) == 2));
  CHECK((find_elementwise("true_divide", op) && op == Op::divide && name(op) == "divide"));
  CHECK((find_elementwise("ldexp", op) && op == Op::ldexp));
  CHECK((find_elementwise("abs", op) && arity(op) == 1));
  CHECK_FALSE(find_elementwise("frobnicate", op));
  CHECK_FALSE(is_total(Op::power));
  CHECK(is_total(Op::floor_divide));
}

TEST_CASE("a function of one operand computes in the first dtype with a loop") {
  struct Case {
    Op op;
    DType x, result;
  };
  const Case cases[] = {
      {Op::sin, DType::boolean, DType::float16},
      {Op::sin, DType::int8, DType::float16},
      {Op::sin, DType::uint16, DType::float32},
      {Op::sin, DType::int32, DType::float64},
      {Op::sin, DType::bfloat16, DType::bfloat16},
      {Op::sin, DType::complex64, DType::complex64},
      {Op::floor, DType::int16, DType::int16},
      {Op::floor, DType::boolean, DType::boolean},
      {Op::rint, DType::int64, DType::float64},
      {Op::absolute, DType::complex64, DType::float32},
      {Op::absolute, DType::boolean, DType::boolean},
      {Op::square, DType::boolean, DType::int8},
      {Op::isnan, DType::int8, DType::boolean},
      {Op::bitwise_count, DType::int64, DType::uint8},
      {Op::logical_not, DType::complex128, DType::boolean},
      {Op::invert, DType::boolean, DType::boolean},
  };
  for (const Case& row : cases) {
    CAPTURE(name(row.op));
    CAPTURE(name(row.x));
    CHECK(name(unary_dtype(row.op, row.x)) == name(row.result));
  }
}

TEST_CASE("a function of two operands promotes them") {
  struct Case {
    Op op;
    DType a, b, result;
  };
  const Case cases[] = {
      {Op::add, DType::boolean, DType::boolean, DType::boolean},
      {Op::add, DType::uint8, DType::int8, DType::int16},
      {Op::add, DType::uint64, DType::int64, DType::float64},
      {Op::add, DType::float16, DType::int16, DType::float32},
      {Op::add, DType::float16, DType::bfloat16, DType::float32},
      {Op::add, DType::float64, DType::complex64, DType::complex128},
      {Op::divide, DType::int8, DType::int8, DType::float64},
      {Op::divide, DType::boolean, DType::boolean, DType::float64},
      {Op::divide, DType::float16, DType::int8, DType::float16},
      {Op::power, DType::boolean, DType::boolean, DType::int8},
      {Op::float_power, DType::float32, DType::float32, DType::float64},
      {Op::arctan2, DType::int8, DType::uint8, DType::float16},
      {Op::less, DType::int64, DType::uint64, DType::boolean},
      {Op::ldexp, DType::float32, DType::int64, DType::float32},
      {Op::left_shift, DType::boolean, DType::boolean, DType::int8},
  };
  for (const Case& row : cases) {
    CAPTURE(name(row.op));
    CHECK(name(binary_dtype(row.op, row.a, row.b)) == name(row.result));
  }
}

TEST_CASE("plain numbers are weak") {
  const Tensor bytes = make(DType::uint8, {2}, {5, 200});
  CHECK(binary(Op::add, bytes, number(std::int64_t{3})).dtype() == DType::uint8);
  CHECK(binary(Op::add, bytes, number(1.5)).dtype() == DType::float64);
  CHECK(binary(Op::add, mask({1}, {1}), number(std::int64_t{3})).dtype() == DType::int64);
  CHECK(binary(Op::add, Tensor::zeros(DType::float16, {1}), number(2.5)).dtype() == DType::float16);
  CHECK(error_of([&] { binary(Op::add, bytes, number(std::int64_t{300})); }) ==
        "OverflowError: Python integer 300 out of bounds for uint8");
  CHECK(error_of([&] { binary(Op::bitwise_and, bytes, number(std::int64_t{-1})); }) ==
        "OverflowError: Python integer -1 out of bounds for uint8");
  const Tensor sum = binary(Op::add, number(std::int64_t{3}), number(std::int64_t{4}));
  CHECK(sum.rank() == 0);
  CHECK(sum.item<std::int64_t>() == 7);
  CHECK(unary(Op::sqrt, number(std::int64_t{9})).item<double>() == 3);
}

TEST_CASE("comparisons of integers are exact") {
  const Tensor bytes = make(DType::uint8, {2}, {5, 200});
  CHECK(values(binary(Op::less, bytes, number(std::int64_t{300}))) == Values{1, 1});
  CHECK(values(binary(Op::equal, bytes, number(std::int64_t{-1}))) == Values{0, 0});
  CHECK(values(binary(Op::greater, number(std::int64_t{-1}), bytes)) == Values{0, 0});
  CHECK(values(binary(Op::less, bytes, Scalar::of_wide(int128{1} << 100))) == Values{1, 1});
  CHECK(binary(Op::less, Scalar::of_wide(int128{1} << 100), number(std::int64_t{1})).item<bool>() == false);
  const Tensor minus = ints({2}, {-1, 7});
  Tensor large = Tensor::of<std::uint64_t>({std::numeric_limits<std::uint64_t>::max(), 7});
  CHECK(values(binary(Op::equal, minus, large)) == Values{0, 1});
  CHECK(values(binary(Op::less, minus, large)) == Values{1, 0});
  CHECK(values(binary(Op::greater_equal, large, minus)) == Values{1, 1});
  CHECK(values(binary(Op::less, large, make(DType::int8, {1}, {-1}))) == Values{0, 0});
}

TEST_CASE("refusals are in NumPy's words") {
  const Tensor bits = mask({1}, {1}), real = Tensor::of<double>({1.0});
  const std::string unsafe =
      " not supported for the input types, and the inputs could not be safely coerced to any supported types according "
      "to the casting rule ''safe''";
  CHECK(error_of([&] { binary(Op::subtract, bits, bits); }) ==
        "TypeError: numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, "
        "or the logical_xor function instead.");
  CHECK(error_of([&] { unary(Op::negative, bits); }) ==
        "TypeError: The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the "
        "logical_not function instead.");
  CHECK(error_of([&] { unary(Op::positive, bits); }) ==
        "TypeError: ufunc 'positive' did not contain a loop with signature matching types <class "
        "'numpy.dtypes.BoolDType'> -> None");
  CHECK(error_of([&] { binary(Op::gcd, real, Tensor::of<std::uint8_t>({1})); }) ==
        "TypeError: ufunc 'gcd' did not contain a loop with signature matching types (<class "
        "'numpy.dtypes.Float64DType'>, <class 'numpy.dtypes.UInt8DType'>) -> None");
  CHECK(error_of([&] { binary(Op::bitwise_and, real, bits); }) == "TypeError: ufunc 'bitwise_and'" + unsafe);
  CHECK(error_of([&] { binary(Op::left_shift, ints({1}, {1}), Tensor::of<std::uint64_t>({1})); }) ==
        "TypeError: ufunc 'left_shift'" + unsafe);
  CHECK(error_of([&] { unary(Op::floor, Tensor::of<complex128>({{1, 2}})); }) == "TypeError: ufunc 'floor'" + unsafe);
  CHECK(error_of([&] { binary(Op::ldexp, real, real); }) == "TypeError: ufunc 'ldexp'" + unsafe);
  CHECK(error_of([&] {
          binary(Op::add, ints({2}, {1, 2}), ints({3}, {1, 2, 3}));
        }) == "ValueError: operands could not be broadcast together with shapes (2,) (3,) ");
}

TEST_CASE("integers wrap, divide downwards and shift out") {
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  CHECK(values(binary(Op::floor_divide, ints({4}, {7, -7, 7, -7}), ints({4}, {3, 3, -3, -3}))) == Values{2, -3, -3, 2});
  CHECK(values(binary(Op::remainder, ints({4}, {7, -7, 7, -7}), ints({4}, {3, 3, -3, -3}))) == Values{1, 2, -2, -1});
  CHECK(values(binary(Op::fmod, ints({2}, {7, -7}), ints({2}, {-3, 3}))) == Values{1, -1});
  CHECK(values(binary(Op::floor_divide, ints({1}, {least}), ints({1}, {-1}))) == Values{least});
  CHECK(values(unary(Op::absolute, ints({2}, {least, -3}))) == Values{least, 3});
  CHECK(values(binary(Op::add, make(DType::uint8, {1}, {250}), make(DType::uint8, {1}, {10}))) == Values{4});
  CHECK(values(binary(Op::multiply, make(DType::uint16, {1}, {65535}), make(DType::uint16, {1}, {65535}))) ==
        Values{1});
  CHECK(values(binary(Op::left_shift, ints({3}, {1, 1, 3}), ints({3}, {64, -1, 2}))) == Values{0, 0, 12});
  CHECK(values(binary(Op::right_shift, ints({3}, {-5, 5, -5}), ints({3}, {100, -1, 1}))) == Values{-1, 0, -3});
  CHECK(values(binary(Op::right_shift, make(DType::uint8, {2}, {255, 255}), make(DType::uint8, {2}, {8, 7}))) ==
        Values{0, 1});
  CHECK(values(unary(Op::bitwise_count, make(DType::int8, {3}, {-128, -1, 7}))) == Values{1, 1, 3});
  CHECK(values(unary(Op::bitwise_count, make(DType::uint16, {3}, {0xFFFF, 0xA5, 0x8000}))) == Values{16, 4, 1});
  CHECK(values(unary(Op::bitwise_count, make(DType::uint8, {3}, {0xFF, 0, 0x81}))) == Values{8, 0, 2});
  CHECK(values(binary(Op::lcm, make(DType::int8, {2}, {-4, 0}), make(DType::int8, {2}, {6, 5}))) == Values{12, 0});
  CHECK(values(binary(Op::power, ints({3}, {-2, 3, 0}), ints({3}, {5, 4, 0}))) == Values{-32, 81, 1});
  CHECK(values(binary(Op::add, mask({2}, {1, 0}), mask({2}, {1, 0}))) == Values{1, 0});
  CHECK(values(unary(Op::invert, mask({2}, {1, 0}))) == Values{0, 1});
}

TEST_CASE("a remainder by a power of two is the remainder") {
  const Tensor numbers = binary(Op::subtract, iota({300}), number(std::int64_t{128}));
  for (const DType dtype : {DType::int8, DType::uint8, DType::int16, DType::int32, DType::uint64, DType::int64}) {
    for (const std::int64_t divisor : {1, 2, 16, 64, 3, -2, -64}) {
      CAPTURE(name(dtype));
      CAPTURE(divisor);
      if (divisor < 0 && kind(dtype) == Kind::unsigned_integer) continue;
      const Tensor x = cast(numbers, dtype), one = make(dtype, {1}, {divisor});
      const Tensor divisors = binary(Op::add, binary(Op::multiply, x, number(std::int64_t{0})), one);
      CHECK(values(binary(Op::remainder, x, number(divisor))) == values(binary(Op::remainder, x, divisors)));
    }
  }
}

TEST_CASE("quotients by one number are those by many") {
  std::mt19937_64 generator(7);
  for (const DType dtype : {DType::int8, DType::uint8, DType::int16, DType::uint16, DType::int32, DType::uint32,
                            DType::int64, DType::uint64}) {
    const int bits = 8 * itemsize(dtype);
    std::vector<std::int64_t> numbers;
    for (int bit = 0; bit < bits; ++bit)
      for (const std::int64_t near : {-2, -1, 0, 1, 2})
        numbers.push_back(static_cast<std::int64_t>((std::uint64_t{1} << bit) + static_cast<std::uint64_t>(near)));
    for (int byte = 0; byte < 256; ++byte) numbers.push_back(byte);
    for (int i = 0; i < 500; ++i) numbers.push_back(static_cast<std::int64_t>(generator() >> (generator() % 64)));
    const auto count = static_cast<std::int64_t>(numbers.size());
    Tensor wide = Tensor::empty(DType::int64, {count});
    std::copy(numbers.begin(), numbers.end(), wide.mutable_data<std::int64_t>());
    const Tensor x = cast(wide, dtype), zeros = binary(Op::multiply, x, make(dtype, {1}, {0}));
    for (const std::int64_t divisor : numbers) {
      const Tensor one = cast(Tensor::of<std::int64_t>({divisor}), dtype), many = binary(Op::add, zeros, one);
      CAPTURE(name(dtype));
      CAPTURE(divisor);
      if (values(cast(one, DType::boolean))[0] == 0) continue;
      REQUIRE(same_bytes(binary(Op::floor_divide, x, one), binary(Op::floor_divide, x, many)));
      REQUIRE(same_bytes(binary(Op::remainder, x, one), binary(Op::remainder, x, many)));
    }
  }
}

TEST_CASE("powers by one exponent are those by many") {
  const Tensor numbers = binary(Op::subtract, iota({700}), number(std::int64_t{350}));
  for (const DType dtype : {DType::int8, DType::uint8, DType::int16, DType::uint16, DType::int32, DType::uint32,
                            DType::int64, DType::uint64, DType::float32, DType::float64}) {
    for (const std::int64_t exponent : {0, 1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 101}) {
      CAPTURE(name(dtype));
      CAPTURE(exponent);
      const Tensor x = cast(numbers, dtype), one = make(dtype, {1}, {exponent});
      const Tensor exponents = binary(Op::add, binary(Op::multiply, x, number(std::int64_t{0})), one);
      const Tensor by_one = binary(Op::power, x, number(exponent)), by_many = binary(Op::power, x, exponents);
      CHECK(std::memcmp(by_one.bytes(), by_many.bytes(), static_cast<std::size_t>(x.size() * x.itemsize())) == 0);
      if (!is_integer(dtype) || exponent == 0 || exponent > 8) continue;
      Tensor product = unary(Op::positive, x);
      for (int i = 1; i < exponent; ++i) product = binary(Op::multiply, product, x);
      CHECK(values(by_one) == values(product));
    }
  }
}

TEST_CASE("a power has the same bits in a row of any length, with one element and by itself") {
  constexpr double kBases[] = {2.5, -1.25, 0, 3, kInf, 1e-300, 0.7},
                   kExponents[] = {-0.3, 2, 3, 1.5, -4, 7.25, 0, kNan};
  const auto one = [](DType dtype, double value) { return cast(Tensor::of<double>({value}), dtype); };
  for (const DType dtype : {DType::float32, DType::float64}) {
    for (const std::int64_t n : {1, 7, 8, 9, 63, 64, 65, 130}) {
      Tensor bases = Tensor::empty(DType::float64, {n}), exponents = Tensor::empty(DType::float64, {n});
      for (std::int64_t i = 0; i < n; ++i) {
        bases.mutable_data<double>()[i] = kBases[i % std::size(kBases)];
        exponents.mutable_data<double>()[i] = kExponents[i % std::size(kExponents)];
      }
      const Tensor x = cast(bases, dtype), y = cast(exponents, dtype), fourth = one(dtype, -4), third = one(dtype, 3);
      const std::vector<double> rows = floats(binary(Op::power, x, y)), by_one = floats(binary(Op::power, x, fourth)),
                                of_one = floats(binary(Op::power, third, y));
      for (std::int64_t i = 0; i < n; ++i) {
        CAPTURE(i);
        const Tensor base = one(dtype, kBases[i % std::size(kBases)]), exponent = one(dtype, floats(y)[i]);
        CHECK(same(floats(binary(Op::power, base, exponent)), {rows[i]}));
        CHECK(same(floats(binary(Op::power, base, fourth)), {by_one[i]}));
        CHECK(same(floats(binary(Op::power, third, exponent)), {of_one[i]}));
      }
      Tensor in_place = unary(Op::positive, x);
      binary_assign(Op::power, in_place, y);
      CHECK(same(floats(in_place), rows));
    }
  }
}

TEST_CASE("powers that are products are within 2 units in the last place") {
  std::mt19937_64 generator(7);
  std::vector<double> arguments = {0.0, -0.0, HUGE_VAL, -HUGE_VAL, 1e-160, -1e-100, 1e100, 1e-81};
  std::uniform_real_distribution<double> ordinary(-4, 4);
  while (arguments.size() < 100'000) arguments.push_back(ordinary(generator));
  Tensor x = Tensor::empty(DType::float64, {static_cast<std::int64_t>(arguments.size())});
  std::copy(arguments.begin(), arguments.end(), x.mutable_data<double>());
  for (const double exponent : {3.0, 4.0, 1.5}) {
    const std::vector<double> got = floats(binary(Op::power, x, number(exponent)));
    for (std::size_t i = 0; i < got.size(); ++i) {
      const long double exact = std::pow(static_cast<long double>(arguments[i]), static_cast<long double>(exponent));
      const double rounded = static_cast<double>(exact), size = std::fabs(rounded);
      CAPTURE(arguments[i]);
      CAPTURE(exponent);
      REQUIRE(std::isnan(got[i]) == std::isnan(rounded));
      if (std::isnan(rounded)) continue;
      REQUIRE(std::signbit(got[i]) == std::signbit(rounded));
      if (std::isfinite(rounded))
        REQUIRE(std::fabs(got[i] - exact) <= 2.0L * (std::nextafter(size, HUGE_VAL) - size));
      else
        REQUIRE(got[i] == rounded);
    }
  }
}

TEST_CASE("floats times powers of two are rounded once") {
  const auto constant = [](float value) { return cast(Tensor::of<double>({value}), DType::float32); };
  for (const float x : {1.0F, -3.0F, 0x1.fffffep127F, 0x1.8p-149F, 0x1.000002p0F, -0.0F, HUGE_VALF}) {
    for (const std::int64_t exponent : {0, 1, -1, 127, 128, -126, -149, -150, 277, 300, -400, 100'000, -100'000}) {
      CAPTURE(x);
      CAPTURE(exponent);
      const float got = binary(Op::ldexp, constant(x), ints({1}, {exponent})).data<float>()[0];
      const float want = std::ldexp(x, static_cast<int>(exponent));
      CHECK(std::memcmp(&got, &want, sizeof got) == 0);
    }
  }
}

TEST_CASE("an integer division by zero gives 0 and one warning") {
  Listener listener;
  CHECK(values(binary(Op::floor_divide, ints({3}, {7, -7, 8}), ints({3}, {0, 0, 2}))) == Values{0, 0, 4});
  CHECK(values(binary(Op::remainder, ints({2}, {7, 8}), number(std::int64_t{0}))) == Values{0, 0});
  CHECK(listener.warnings == std::vector<std::string>{"divide by zero encountered in floor_divide",
                                                      "divide by zero encountered in remainder"});
  listener.warnings.clear();
  binary(Op::floor_divide, Tensor::zeros(DType::int64, {0}), number(std::int64_t{0}));
  binary(Op::floor_divide, Tensor::of<double>({1.0}), number(0.0));
  CHECK(listener.warnings.empty());
}

TEST_CASE("a negative integer exponent is refused before anything is written") {
  const std::string refused = "ValueError: Integers to negative integer powers are not allowed.";
  Tensor x = ints({2}, {2, 3});
  CHECK(error_of([&] { binary(Op::power, x, number(std::int64_t{-1})); }) == refused);
  CHECK(error_of([&] { binary_assign(Op::power, x, ints({2}, {2, -1})); }) == refused);
  CHECK(values(x) == Values{2, 3});
  CHECK(binary(Op::power, Tensor::zeros(DType::int64, {0}), number(std::int64_t{-1})).size() == 0);
  CHECK(floats(binary(Op::power, x, number(-1.0))) == std::vector<double>{0.5, 1.0 / 3});
}

TEST_CASE("floats divide as Python's divmod") {
  const Tensor a = Tensor::of<double>({7, -7, kNan, 0, 7, -7, kInf, 0.0, -0.0});
  const Tensor b = Tensor::of<double>({0, 0, 1, 0, kInf, kInf, 2, -2, -3});
  CHECK(same(floats(binary(Op::floor_divide, a, b)), {kInf, -kInf, kNan, kNan, 0, -1, kNan, -0.0, 0}));
  CHECK(same(floats(binary(Op::remainder, a, b)), {kNan, kNan, kNan, kNan, 7, kInf, kNan, -0.0, -0.0}));
}

TEST_CASE("NaN, infinities and zeros of either sign") {
  const Tensor a = Tensor::of<double>({1, kNan, 2, 0.0}), b = Tensor::of<double>({kNan, 1, 1, -0.0});
  CHECK(same(floats(binary(Op::maximum, a, b)), {kNan, kNan, 2, -0.0}));
  CHECK(same(floats(binary(Op::minimum, a, b)), {kNan, kNan, 1, -0.0}));
  CHECK(same(floats(binary(Op::fmax, a, b)), {1, 1, 2, -0.0}));
  CHECK(same(floats(unary(Op::sign, Tensor::of<double>({-2, -0.0, kNan, kInf}))), {-1, 0, kNan, 1}));
  CHECK(same(floats(unary(Op::rint, Tensor::of<double>({0.5, 1.5, 2.5, -0.5}))), {0, 2, 2, -0.0}));
  CHECK(same(floats(binary(Op::power, Tensor::of<double>({-kInf, -0.0, 4}), number(0.5))), {kNan, -0.0, 2}));
  CHECK(same(floats(binary(Op::heaviside, Tensor::of<double>({0, kNan, 1, -1}), number(0.5))), {0.5, kNan, 1, 0}));
  CHECK(same(floats(binary(Op::logaddexp, Tensor::of<double>({-kInf, kInf}), Tensor::of<double>({-kInf, kInf}))),
             {-kInf, kInf}));
  CHECK(same(floats(unary(Op::spacing, Tensor::of<double>({1, -0.0, kInf}))), {0x1p-52, 0x1p-1074, kNan}));
  CHECK(same(floats(unary(Op::spacing, make(DType::float16, {3}, {1, -2, 0}))), {0x1p-10, 0x1p-10, 0x1p-24}));
  CHECK(same(floats(binary(Op::nextafter, make(DType::float16, {2}, {1, 0}), number(-2.0))), {1 - 0x1p-11, -0x1p-24}));
  CHECK(same(floats(binary(Op::ldexp, Tensor::of<float>({1.5F}), ints({1}, {3}))), {12}));
}

TEST_CASE("complex numbers") {
  const Tensor z = Tensor::of<complex128>({{3, 4}, {1, -1}});
  CHECK(same(floats(unary(Op::absolute, z)), {5, std::sqrt(2.0)}));
  CHECK(unary(Op::square, z).data<complex128>()[0] == complex128(-7, 24));
  CHECK(unary(Op::sign, z).data<complex128>()[0] == complex128(0.6, 0.8));
  CHECK(binary(Op::power, z, number(std::int64_t{2})).data<complex128>()[1] == complex128(0, -2));
  CHECK(binary(Op::multiply, z, Scalar::of(complex128(0, 1))).data<complex128>()[0] == complex128(-4, 3));
  CHECK(values(binary(Op::less, z, Scalar::of(complex128(3, 5)))) == Values{1, 1});
  CHECK(values(binary(Op::greater, z, Scalar::of(complex128(1, -2)))) == Values{1, 1});
}

TEST_CASE("the size of a complex number of floats is hypot's") {
  const float parts[] = {0, -0.0F, 1, -3, 1e-30F, 1e-45F, 3.4e38F, 1e19F, float(kInf), -float(kInf), float(kNan)};
  for (const float real : parts) {
    for (const float imaginary : parts) {
      const Tensor size = unary(Op::absolute, Tensor::scalar(complex64(real, imaginary)));
      CHECK(same({size.item<float>()}, {std::hypot(real, imaginary)}));
    }
  }
}

TEST_CASE("operands of any layout broadcast") {
  const Tensor x = iota({3, 4}), row = iota({4}), column = iota({3, 1});
  CHECK(values(binary(Op::add, x, row)) == Values{0, 2, 4, 6, 4, 6, 8, 10, 8, 10, 12, 14});
  CHECK(values(binary(Op::add, column, row)) == Values{0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5});
  CHECK(values(binary(Op::subtract, iota({3, 3}), transposed(iota({3, 3})))) == Values{0, -2, -4, 2, 0, -2, 4, 2, 0});
  const Tensor reversed = row.view({4}, {-8}, 24);
  CHECK(values(binary(Op::subtract, reversed, row)) == Values{3, 1, -1, -3});
  const Tensor still = Tensor::scalar<std::int64_t>(5).view({2, 3}, {0, 0});
  CHECK(values(unary(Op::negative, still)) == Values{-5, -5, -5, -5, -5, -5});
  CHECK(values(binary(Op::add, still, still)) == Values{10, 10, 10, 10, 10, 10});
  CHECK(binary(Op::add, Tensor::zeros(DType::int64, {0, 3}), row.view({3}, {8})).shape() == Shape{0, 3});
  Shape many(kMaxRank, 1);
  many[0] = many[kMaxRank - 1] = 2;
  CHECK(binary(Op::add, Tensor::zeros(DType::int8, many), Tensor::zeros(DType::int16, {2})).shape() == many);
}

TEST_CASE("blocks, rows and conversions agree with the plain loop, for any number of threads") {
  const std::int64_t n = 50'000;
  for (const Shape& shape : {Shape{n, 3}, Shape{3, n}, Shape{200, 70, 3}, Shape{n + 1}}) {
    CAPTURE(to_string(shape));
    const Tensor x = iota(shape), step = iota({shape.back()});
    const Tensor narrow = cast(x, DType::float32),
                 expected = binary(Op::add, cast(narrow, DType::float64),
                                   binary(Op::add, Tensor::zeros(DType::float64, shape), step));
    Context many;
    many.threads = 4;
    const ContextScope scope(many);
    CHECK(same_bytes(binary(Op::add, narrow, step), expected));
    CHECK(same_bytes(binary(Op::add, step, narrow), expected));
  }
}

TEST_CASE("a result takes over an operand only if nobody else holds it and it fits") {
  const auto data_after = [](Tensor x, const Operand& other, Reuse reuse, Op op = Op::add) {
    const std::byte* before = x.bytes();
    return binary(op, std::move(x), other, reuse).bytes() == before;
  };
  CHECK(data_after(iota({4}), number(std::int64_t{1}), {.first = true}));
  CHECK_FALSE(data_after(iota({4}), number(std::int64_t{1}), {}));
  CHECK_FALSE(data_after(iota({4}), number(1.0), {.first = true}));
  CHECK_FALSE(data_after(iota({4}), iota({2, 4}), {.first = true}));
  CHECK_FALSE(data_after(iota({4}), number(std::int64_t{1}), {.first = true}, Op::less));
  const Tensor held = iota({4});
  CHECK_FALSE(data_after(held, number(std::int64_t{1}), {.first = true}));
  CHECK(values(held) == Values{0, 1, 2, 3});
  Operand second(iota({3}));
  const std::byte* before = second.tensor.bytes();
  const Tensor difference = binary(Op::subtract, number(std::int64_t{10}), second, {.second = true});
  CHECK(difference.bytes() == before);
  CHECK(values(difference) == Values{10, 9, 8});
}

TEST_CASE("a plan is kept for equal dtypes and replaced for others") {
  ElementwisePlan plan;
  binary(Op::add, iota({2}), number(std::int64_t{1}), {}, &plan);
  CHECK(plan.signature != 0);
  CHECK(plan.result == DType::int64);
  const std::uint64_t first = plan.signature;
  CHECK(values(binary(Op::add, iota({3}), number(std::int64_t{2}), {}, &plan)) == Values{2, 3, 4});
  CHECK(plan.signature == first);
  CHECK(floats(binary(Op::add, iota({2}), number(0.5), {}, &plan)) == std::vector<double>{0.5, 1.5});
  CHECK(plan.signature != first);
  CHECK(values(binary(Op::less, iota({2}), Scalar::of_wide(int128{1} << 70), {}, nullptr)) == Values{1, 1});
}

TEST_CASE("augmented assignment keeps dtype and shape, or changes nothing") {
  Tensor x = ints({2}, {1, 2});
  CHECK(error_of([&] { binary_assign(Op::add, x, number(1.5)); }) ==
        "TypeError: Cannot cast ufunc 'add' output from dtype('float64') to dtype('int64') with casting rule "
        "'same_kind'");
  CHECK(error_of([&] {
          binary_assign(Op::add, x, iota({1, 2}));
        }) == "ValueError: non-broadcastable output operand with shape (2,) doesn't match the broadcast shape (1,2)");
  CHECK(error_of([&] { binary_assign(Op::add, x, iota({3})); }) ==
        "ValueError: operands could not be broadcast together with shapes (2,) (3,) (2,) ");
  CHECK(values(x) == Values{1, 2});
  Tensor narrow = make(DType::float32, {3}, {1, 2, 3});
  binary_assign(Op::multiply, narrow, Tensor::of<double>({0.5, 2, 3}));
  CHECK(narrow.dtype() == DType::float32);
  CHECK(floats(narrow) == std::vector<double>{0.5, 4, 9});
  Tensor half = make(DType::float16, {2}, {1, 2});
  binary_assign(Op::add, half, number(0.25));
  CHECK(floats(half) == std::vector<double>{1.25, 2.25});
}

TEST_CASE("augmented assignment is in place unless somebody else holds the target") {
  const Watch watch;
  Tensor x = iota({4});
  const std::byte* before = x.bytes();
  binary_assign(Op::add, x, number(std::int64_t{1}));
  CHECK(x.bytes() == before);
  CHECK(watch.copies() == 0);
  const Tensor other = x;
  binary_assign(Op::add, x, other);
  CHECK(values(x) == Values{2, 4, 6, 8});
  CHECK(values(other) == Values{1, 2, 3, 4});
  CHECK(watch.copies() == 1);
  Tensor square = iota({2, 2});
  binary_assign(Op::add, square, transposed(square));
  CHECK(values(square) == Values{0, 3, 3, 6});
}
