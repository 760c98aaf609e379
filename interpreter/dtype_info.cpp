// dtype_info.cpp - see dtype_info.h.
#include "interpreter/dtype_info.h"

#include <cmath>
#include <limits>

#include "interpreter/evaluator.h"
#include "runtime/cast.h"

namespace inlay {
namespace {

class Info {
 public:
  explicit Info(std::string_view name) : module_(std::make_unique<ModuleObject>()) { module_->name = name; }
  void set(std::string_view name, Value value) { module_->variables.slot(name) = std::move(value); }
  Value take() { return Value::adopt(Value::Tag::module, module_.release()); }

 private:
  std::unique_ptr<ModuleObject> module_;
};

char kind_letter(DType dtype) {
  switch (kind(dtype)) {
    case Kind::boolean:
      return 'b';
    case Kind::floating:
      return 'f';
    default:
      return 'c';
  }
}

/// Bits of a float's mantissa (without the one that is not stored) and of its exponent.
struct Format {
  DType dtype;
  int mantissa;
  int exponent;
};
constexpr Format kFormats[] = {
    {DType::float16, 10, 5}, {DType::bfloat16, 7, 8}, {DType::float32, 23, 8}, {DType::float64, 52, 11}};

const Format& format_of(DType dtype) {
  for (const Format& format : kFormats) {
    if (format.dtype == real_dtype(dtype)) return format;
  }
  raise(ErrorKind::ValueError, "data type <class 'numpy.{}'> not inexact", name(dtype));
}

}  // namespace

Value integer_info(DType dtype) {
  if (!is_integer(dtype)) raise(ErrorKind::ValueError, "Invalid integer data type '{}'.", kind_letter(dtype));
  const int bits = 8 * itemsize(dtype);
  const bool is_signed = kind(dtype) == Kind::signed_integer;
  const int128 least = is_signed ? -(int128{1} << (bits - 1)) : 0, most = (int128{1} << (bits - is_signed)) - 1;
  Info info("iinfo");
  info.set("bits", Value::of(bits));
  info.set("min", Value::of_wide(least));
  info.set("max", dtype == DType::uint64 ? Value::of(to_tensor(Scalar::of_wide(most), dtype)) : Value::of_wide(most));
  info.set("dtype", Value::of(dtype));
  return info.take();
}

Value float_info(DType dtype) {
  const Format& format = format_of(dtype);
  const int bias = (1 << (format.exponent - 1)) - 1;
  const double eps = std::ldexp(1.0, -format.mantissa);
  const double most = std::ldexp(2 - eps, bias), normal = std::ldexp(1.0, 1 - bias);
  const int precision = static_cast<int>(format.mantissa * std::log10(2.0));
  const auto number = [&](double value) { return Value::of(cast(Tensor::scalar(value), format.dtype)); };
  Info info("finfo");
  info.set("bits", Value::of(8 * itemsize(format.dtype)));
  info.set("eps", number(eps));
  info.set("epsneg", number(eps / 2));
  info.set("max", number(most));
  info.set("min", number(-most));
  info.set("tiny", number(normal));
  info.set("smallest_normal", number(normal));
  info.set("smallest_subnormal", number(std::ldexp(normal, -format.mantissa)));
  info.set("precision", Value::of(precision));
  info.set("resolution", number(std::pow(10.0, -precision)));
  info.set("nmant", Value::of(format.mantissa));
  info.set("nexp", Value::of(format.exponent));
  info.set("maxexp", Value::of(bias + 1));
  info.set("minexp", Value::of(1 - bias));
  info.set("dtype", Value::of(format.dtype));
  return info.take();
}

}  // namespace inlay
