// cast_test.cpp - conversion between element types, and the checks on plain numbers.
#include "runtime/dtypes/cast.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "runtime/dtypes/half.h"

using namespace inlay;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

template <class To, class From>
To convert(From value) {
  To out;
  cast_kernel(dtype_v<From>, dtype_v<To>)(&value, &out, 1);
  return out;
}

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return std::string(name(error.kind())) + ": " + error.message();
  }
  return "no error";
}

/// What a format of `digits` bits, exponents from `lowest` and finite values below `limit` makes of x.
double rounded(double x, int digits, int lowest, double limit) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int last_bit = std::max(std::ilogb(x), lowest) - digits + 1;
  const double result = std::ldexp(std::nearbyint(std::ldexp(x, -last_bit)), last_bit);
  return std::fabs(result) >= limit ? std::copysign(kInf, x) : result;
}

bool same(double a, double b) { return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b); }

/// Values at and around every point where the roundings to 16 bits change: all representable ones and the middles.
template <class T>
std::vector<double> interesting() {
  std::vector<double> out;
  for (std::uint32_t bits = 0; bits < 0x8000; ++bits) {
    const double value = to_float(T{static_cast<std::uint16_t>(bits)});
    const double next = to_float(T{static_cast<std::uint16_t>(bits + 1)});
    if (!std::isfinite(value)) break;
    const double middle = std::isfinite(next) ? (value + next) / 2 : value * (1 + std::ldexp(1.0, -12));
    for (const double x : {value, middle}) {
      for (const double near : {x, std::nextafter(x, kInf), std::nextafter(x, -kInf)})
        out.insert(out.end(), {near, -near});
    }
  }
  out.insert(out.end(),
             {65519.999, 65520.0, 1e300, -1e300, 1e-300, 5e-324, 3.4e38, 3.4028235677973366e38, kInf, -kInf, kNaN});
  return out;
}

template <class T>
int mistakes(int digits, int lowest, double limit) {
  int count = 0;
  for (const double x : interesting<T>()) {
    count += !same(to_float(convert<T>(x)), rounded(x, digits, lowest, limit));
    const auto single = static_cast<float>(x);
    count += !same(to_float(convert<T>(single)), rounded(single, digits, lowest, limit));
  }
  return count;
}

}  // namespace

TEST_CASE("16-bit floats: every value survives the way to float32 and back") {
  int lost = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const BFloat16 brain{static_cast<std::uint16_t>(bits)};
    const bool half_ok = std::isnan(to_float(half)) ? (bits & 0x7FFF) > 0x7C00 : to_half(to_float(half)).bits == bits;
    const bool brain_ok =
        std::isnan(to_float(brain)) ? (bits & 0x7FFF) > 0x7F80 : to_bfloat16(to_float(brain)).bits == bits;
    lost += !half_ok + !brain_ok;
  }
  CHECK(lost == 0);
  CHECK(to_float(Half{0x3C00}) == 1.0F);
  CHECK(to_float(Half{0x0001}) == 0x1p-24F);
  CHECK(to_float(Half{0x7BFF}) == 65504.0F);
  CHECK(to_float(Half{0xFC00}) == -std::numeric_limits<float>::infinity());
  CHECK(to_float(BFloat16{0x3F80}) == 1.0F);
}

TEST_CASE("16-bit floats round once, to nearest, ties to even") {
  CHECK(mistakes<Half>(11, -14, 65536.0) == 0);
  CHECK(mistakes<BFloat16>(8, -126, 0x1p128) == 0);
  CHECK(to_float(convert<BFloat16>((std::int64_t{1} << 60) + (std::int64_t{1} << 52) + 1)) == 0x1.02p60F);
  CHECK(to_float(convert<BFloat16>((std::int64_t{1} << 60) + (std::int64_t{1} << 52))) == 0x1p60F);
  CHECK(to_float(convert<BFloat16>(-(std::int64_t{1} << 60) - (std::int64_t{1} << 52) - 1)) == -0x1.02p60F);
  CHECK(to_float(convert<BFloat16>(std::numeric_limits<std::uint64_t>::max())) == 0x1p64F);
  CHECK(to_float(convert<Half>(std::int32_t{2049})) == 2048.0F);
  CHECK(std::isinf(to_float(convert<Half>(std::int64_t{1} << 62))));
}

TEST_CASE_TEMPLATE("floats into integers are cut off, saturate, and NaN is 0", T, std::int8_t, std::int16_t,
                   std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t) {
  using Limits = std::numeric_limits<T>;
  CHECK(convert<T>(2.9) == 2);
  CHECK(convert<T>(-0.9) == 0);
  CHECK(convert<T>(-2.9F) == (Limits::is_signed ? T(-2) : T(0)));
  CHECK(convert<T>(kNaN) == 0);
  CHECK(convert<T>(std::numeric_limits<float>::quiet_NaN()) == 0);
  for (const double big : {2e19, 1e300, kInf, std::ldexp(1.0, Limits::digits)}) {
    CHECK(convert<T>(big) == Limits::max());
    CHECK(convert<T>(static_cast<float>(big)) == Limits::max());
    CHECK(convert<T>(complex128(big, 5)) == Limits::max());
  }
  for (const double small : {-1e20, -1e300, -kInf}) CHECK(convert<T>(small) == Limits::min());
  CHECK(convert<T>(static_cast<double>(Limits::min())) == Limits::min());
  CHECK(convert<T>(std::nextafter(std::ldexp(1.0F, Limits::digits), 0.0F)) ==
        static_cast<T>(std::nextafter(std::ldexp(1.0F, Limits::digits), 0.0F)));
  if (sizeof(T) < 8) {
    CHECK(convert<T>(static_cast<double>(Limits::max()) + 0.75) == Limits::max());
    CHECK(convert<T>(static_cast<double>(Limits::min()) - 0.75) == Limits::min());
  }
  CHECK(convert<T>(Half{0x5A40}) == (Limits::max() < 200 ? Limits::max() : T(200)));
}

TEST_CASE("integers wrap") {
  CHECK(convert<std::uint8_t>(std::int64_t{300}) == 44);
  CHECK(convert<std::int8_t>(std::uint8_t{200}) == -56);
  CHECK(convert<std::uint64_t>(std::int8_t{-1}) == ~std::uint64_t{0});
  CHECK(convert<std::int32_t>(std::int64_t{1} << 40) == 0);
  CHECK(convert<float>(std::int32_t{16777217}) == 16777216.0F);
  CHECK(convert<double>(~std::uint64_t{0}) == 0x1p64);
}

TEST_CASE("truth, and numbers of truth") {
  CHECK(convert<bool>(std::int64_t{256}));
  CHECK(convert<bool>(kNaN));
  CHECK_FALSE(convert<bool>(-0.0));
  CHECK(convert<bool>(5e-324));
  CHECK(convert<bool>(complex64(0, 1)));
  CHECK_FALSE(convert<bool>(complex128(0, -0.0)));
  CHECK_FALSE(convert<bool>(Half{0x8000}));
  CHECK(convert<bool>(Half{0x0001}));
  CHECK(convert<double>(true) == 1);
  CHECK(convert<complex64>(true) == complex64(1, 0));
  CHECK(convert<Half>(true).bits == 0x3C00);
}

TEST_CASE("floats and complex numbers among each other") {
  CHECK(convert<float>(1e300) == std::numeric_limits<float>::infinity());
  CHECK(convert<complex64>(complex128(1e300, -0.1)) == complex64(std::numeric_limits<float>::infinity(), -0.1F));
  CHECK(convert<complex128>(complex64(1, 2)) == complex128(1, 2));
  CHECK(convert<complex128>(2.5) == complex128(2.5, 0));
}

TEST_CASE("every pair of dtypes keeps small numbers") {
  for (int from = 0; from < kDTypeCount; ++from) {
    for (int to = 0; to < kDTypeCount; ++to) {
      const auto source = static_cast<DType>(from), target = static_cast<DType>(to);
      const bool narrow = source == DType::boolean || target == DType::boolean;
      for (const double value : {0.0, 1.0, narrow ? 1.0 : 100.0}) {
        std::byte a[16], b[16];
        complex128 back;
        cast_kernel(DType::float64, source)(&value, a, 1);
        cast_kernel(source, target)(a, b, 1);
        cast_kernel(target, DType::complex128)(b, &back, 1);
        CAPTURE(std::string(name(source)));
        CAPTURE(std::string(name(target)));
        CHECK(back == complex128(value, 0));
      }
    }
  }
}

TEST_CASE("cast: the same dtype is the same tensor") {
  const Tensor x = Tensor::of<float>({1, 2});
  CHECK(cast(x, DType::float32).same_handle(x));
  CHECK_FALSE(cast(x, DType::float64).shares_buffer(x));
}

TEST_CASE("cast of views and of large tensors, for any number of threads") {
  const std::int64_t n = 200'003;
  Tensor x = Tensor::empty(DType::int32, {n});
  std::iota(x.mutable_data<std::int32_t>(), x.mutable_data<std::int32_t>() + n, 0);
  const Tensor backwards = x.view({n}, {-4}, (n - 1) * 4);
  for (const int threads : {1, 2, 4}) {
    Context own;
    own.threads = threads;
    const ContextScope scope(own);
    const Tensor out = cast(backwards, DType::float64);
    CHECK(out.is_contiguous());
    bool equal = true;
    for (std::int64_t at = 0; at < n; ++at) equal &= out.data<double>()[at] == static_cast<double>(n - 1 - at);
    CHECK(equal);
  }
  CHECK(cast(Tensor::empty(DType::int8, {0, 2}), DType::float32).shape() == Shape{0, 2});
}

TEST_CASE("cast: complex into real is refused, into bool is truth") {
  const Tensor x = Tensor::of<complex64>({{0, 1}, {0, 0}});
  CHECK(message_of([&] { cast(x, DType::float32); }) ==
        "TypeError: cannot cast complex64 to float32: Casting complex values to real discards the imaginary part; use "
        ".real to do so");
  CHECK(
      message_of([&] { cast_for_assignment(x, DType::int8); }).starts_with("TypeError: cannot cast complex64 to int8"));
  CHECK(cast(x, DType::boolean).data<bool>()[0]);
  CHECK_FALSE(cast(x, DType::boolean).data<bool>()[1]);
}

TEST_CASE("plain numbers out of range are refused in NumPy's words") {
  struct Row {
    Scalar number;
    DType dtype;
    const char* message;
  };
  const auto wide = Scalar::of_wide(Scalar::of(std::int64_t{1} << 62).integer * 4);
  const char* const no_long = "OverflowError: Python int too large to convert to C long";
  const Row rows[] = {
      {Scalar::of(std::int64_t{300}), DType::uint8, "OverflowError: Python integer 300 out of bounds for uint8"},
      {Scalar::of(std::int64_t{-1}), DType::uint64, "OverflowError: Python integer -1 out of bounds for uint64"},
      {Scalar::of(std::int64_t{-129}), DType::int8, "OverflowError: Python integer -129 out of bounds for int8"},
      {Scalar::of(300.0), DType::uint8, "OverflowError: Python integer 300 out of bounds for uint8"},
      {Scalar::of(-1.5), DType::uint8, "OverflowError: Python integer -1 out of bounds for uint8"},
      {Scalar::of(1e300), DType::uint8, no_long},
      {Scalar::of(9.3e18), DType::int64, no_long},
      {wide, DType::uint64, no_long},
      {wide, DType::int8, no_long},
      {Scalar::of(kInf), DType::int32, "OverflowError: cannot convert float infinity to integer"},
      {Scalar::of(-kInf), DType::uint64, "OverflowError: cannot convert float infinity to integer"},
      {Scalar::of(complex128(1, 0)), DType::float32,
       "TypeError: float() argument must be a string or a real number, not 'complex'"},
      {Scalar::of(complex128(1, 0)), DType::int32,
       "TypeError: int() argument must be a string, a bytes-like object or a real number, not 'complex'"},
      {Scalar::of_wide(wide.integer, kInf), DType::float64, "OverflowError: int too large to convert to float"},
  };
  for (const Row& row : rows) CHECK(message_of([&] { to_tensor(row.number, row.dtype); }) == row.message);
  CHECK(message_of([&] { to_tensor(wide); }) == no_long);
}

TEST_CASE("plain numbers that fit") {
  CHECK(to_tensor(Scalar::of(255.7), DType::uint8).item<std::uint8_t>() == 255);
  CHECK(to_tensor(Scalar::of(-0.5), DType::uint8).item<std::uint8_t>() == 0);
  CHECK(to_tensor(Scalar::of(-2.7), DType::int32).item<std::int32_t>() == -2);
  CHECK(to_tensor(Scalar::of(kNaN), DType::int32).item<std::int32_t>() == 0);
  CHECK(to_tensor(Scalar::of(std::int64_t{-128}), DType::int8).item<std::int8_t>() == -128);
  CHECK(to_tensor(Scalar::of(1.8e19), DType::uint64).item<std::uint64_t>() == 18000000000000000000U);
  CHECK(to_tensor(Scalar::of(1e300), DType::float32).item<float>() == std::numeric_limits<float>::infinity());
  CHECK(to_tensor(Scalar::of(true), DType::float64).item<double>() == 1);
  CHECK(to_tensor(Scalar::of(kNaN), DType::boolean).item<bool>());
  CHECK(to_tensor(Scalar::of(complex128(0, 1)), DType::boolean).item<bool>());
  CHECK_FALSE(to_tensor(Scalar::of(-0.0), DType::boolean).item<bool>());
  CHECK(to_tensor(Scalar::of(complex128(1, 2)), DType::complex64).item<complex64>() == complex64(1, 2));
  CHECK(to_tensor(Scalar::of(2.0), DType::complex128).item<complex128>() == complex128(2, 0));
  CHECK(to_tensor(Scalar::of(65520.0), DType::float16).item<Half>().bits == 0x7C00);
}

TEST_CASE("wide integers") {
  const auto two_64 = Scalar::of(std::int64_t{1} << 62).integer * 4;
  CHECK(to_tensor(Scalar::of_wide(two_64 - 1), DType::uint64).item<std::uint64_t>() == ~std::uint64_t{0});
  CHECK(to_tensor(Scalar::of_wide(two_64 - 1)).dtype() == DType::uint64);
  CHECK(to_tensor(Scalar::of_wide(two_64), DType::float64).item<double>() == 0x1p64);
  CHECK(to_tensor(Scalar::of_wide(two_64, 1e60), DType::float64).item<double>() == 1e60);
}

TEST_CASE("what an assignment stores") {
  CHECK(cast_for_assignment(Scalar::of(2.7), DType::int64).item<std::int64_t>() == 2);
  CHECK(cast_for_assignment(Tensor::scalar<std::int64_t>(300), DType::uint8).item<std::uint8_t>() == 44);
  CHECK_THROWS_AS(cast_for_assignment(Scalar::of(std::int64_t{300}), DType::uint8), Error);
  CHECK(to_tensor(Operand(Scalar::of(2.5))).dtype() == DType::float64);
}
