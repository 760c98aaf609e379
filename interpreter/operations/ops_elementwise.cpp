// ops_elementwise.cpp - rows of the functions that go element by element. The ufuncs' rows come from elementwise.def.
// Knows nothing of kernels: everything here reads arguments and calls the runtime.
// Invariant: every ufunc's row carries its ElementwiseOp in `data`.
#include <array>
#include <bit>
#include <cmath>

#include "interpreter/operations/op_operands.h"
#include "interpreter/operations/ufunc_methods.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/elementwise_dispatch.h"
#include "runtime/indexing/scatter.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

// ---- ufuncs ---------------------------------------------------------------------------------------------------------

ElementwiseOp op_of(const OpCall& call) { return static_cast<ElementwiseOp>(call.row.data); }

[[noreturn]] void refuse_loop(std::string_view ufunc) {
  raise(ErrorKind::TypeError, "No loop matching the specified signature and casting was found for ufunc {}", ufunc);
}

[[noreturn]] void refuse_types(std::string_view ufunc) {
  raise(ErrorKind::TypeError,
        "ufunc '{}' not supported for the input types, and the inputs could not be safely coerced to any supported "
        "types according to the casting rule ''safe''",
        ufunc);
}

/// The operands of a ufunc are numbers: text is refused before it is read as one.
void refuse_text(OpCall& call, std::size_t operands) {
  for (std::size_t at = 0; at < operands; ++at) {
    if (has_text(call[at])) refuse_types(call.row.name);
  }
}

/// An input of a ufunc that is told to compute in `dtype`.
Operand forced_input(std::string_view ufunc, std::string_view which, const Operand& x, DType dtype) {
  const DType from = x.is_number() ? x.number.default_dtype() : x.tensor.dtype();
  if (!can_cast_same_kind(from, dtype)) {
    raise(ErrorKind::TypeError,
          "Cannot cast ufunc '{}' input{} from dtype('{}') to dtype('{}') with casting rule 'same_kind'", ufunc, which,
          name(from), name(dtype));
  }
  return cast_for_assignment(x, dtype);
}

Value forced_result(ElementwiseOp op, Tensor result, DType dtype) {
  if (result.dtype() != dtype) refuse_loop(name(op));
  return Value::of(std::move(result));
}

Value forced_unary(OpCall& call, DType dtype) {
  const ElementwiseOp op = op_of(call);
  const Operand x = operand_argument(call[0]);
  if (info(op).rule == ResultRule::predicate) return forced_result(op, unary(op, x), dtype);
  return forced_result(op, unary(op, forced_input(name(op), "", x, dtype)), dtype);
}

Value forced_binary(OpCall& call, DType dtype) {
  const ElementwiseOp op = op_of(call);
  const Operand a = operand_argument(call[0]), b = operand_argument(call[1]);
  if (info(op).rule == ResultRule::predicate) return forced_result(op, binary(op, a, b), dtype);
  const Operand first = forced_input(name(op), " 0", a, dtype);
  if (info(op).rule == ResultRule::scaled) return forced_result(op, binary(op, first, b), dtype);
  return forced_result(op, binary(op, first, forced_input(name(op), " 1", b, dtype)), dtype);
}

Value op_unary(OpCall& call) {
  refuse_text(call, 1);
  if (const auto dtype = dtype_argument(call[1])) return forced_unary(call, *dtype);
  const OperandArgument x(call, 0);
  return Value::of(unary(op_of(call), *x, {x.is_taken(), false}, call.plan));
}

Value op_binary(OpCall& call) {
  refuse_text(call, 2);
  if (const auto dtype = dtype_argument(call[2])) return forced_binary(call, *dtype);
  const OperandArgument a(call, 0), b(call, 1);
  return Value::of(binary(op_of(call), *a, *b, {a.is_taken(), b.is_taken()}, call.plan));
}

// ---- choice ---------------------------------------------------------------------------------------------------------

Value op_where(OpCall& call) {
  if (is_given(call[1]) != is_given(call[2])) {
    raise(ErrorKind::ValueError, "either both or neither of x and y should be given");
  }
  const Tensor condition = tensor_argument(call[0]);
  if (!is_given(call[1])) return tuple_of(nonzero(condition));
  const OperandArgument y(call, 2);
  return Value::of(where(condition, operand_argument(call[1]), *y, y.is_taken()));
}

std::optional<Operand> bound_operand(Value& bound) {
  if (bound.is_none()) return std::nullopt;
  return operand_argument(bound);
}

Value clip_between(Value& x, Value& low, Value& high, Value& dtype) {
  auto least = bound_operand(low), most = bound_operand(high);
  Operand from = operand_argument(x);
  if (const auto to = dtype_argument(dtype)) {
    from = forced_input("clip", " 0", from, *to);
    if (least) least = forced_input("clip", " 1", *least, *to);
    if (most) most = forced_input("clip", " 2", *most, *to);
  }
  return Value::of(clip(from, least ? &*least : nullptr, most ? &*most : nullptr));
}

/// The function has two names for each bound, the method one.
Value op_clip(OpCall& call) {
  if (!is_given(call[1]) && !is_given(call[2])) return clip_between(call[0], call[3], call[4], call[5]);
  for (const std::size_t at : {1, 2}) {
    if (is_given(call[at])) continue;
    raise(ErrorKind::TypeError, "clip() missing 1 required positional argument: '{}'", at == 1 ? "a_min" : "a_max");
  }
  if (!call[3].is_none() || !call[4].is_none()) {
    raise(ErrorKind::ValueError,
          "Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.");
  }
  return clip_between(call[0], call[1], call[2], call[5]);
}

Value op_clip_method(OpCall& call) { return clip_between(call[0], call[1], call[2], call[3]); }

// ---- rounding -------------------------------------------------------------------------------------------------------

/// Rounding to tens, hundreds, …: the number of decimals is negative.
Tensor round_coarsely(const Tensor& x, double scale) {
  Tensor whole = unary(ElementwiseOp::rint, binary(ElementwiseOp::divide, x, Scalar::of(scale)), {.first = true});
  return cast(binary(ElementwiseOp::multiply, std::move(whole), Scalar::of(scale), {.first = true}), x.dtype());
}

Tensor round_finely(const Tensor& x, double scale) {
  Tensor whole = unary(ElementwiseOp::rint, binary(ElementwiseOp::multiply, x, Scalar::of(scale)), {.first = true});
  return binary(ElementwiseOp::divide, std::move(whole), Scalar::of(scale), {.first = true});
}

/// A complex tensor with each part rounded.
template <class Round>
Tensor rounded_parts(const Tensor& z, Round round) {
  const Tensor re = round(real(z)).contiguous(), im = round(imag(z)).contiguous();
  Tensor out = Tensor::empty(z.dtype(), z.shape());
  visit(re.dtype(), [&]<class T>(Type<T>) {
    if constexpr (std::is_floating_point_v<T>) {
      auto* to = out.mutable_data<std::complex<T>>();
      for (std::int64_t at = 0; at < out.size(); ++at) to[at] = {re.data<T>()[at], im.data<T>()[at]};
    }
  });
  return out;
}

Tensor rounded(const Tensor& x, double decimals) {
  if (decimals < 0) return round_coarsely(x, std::pow(10.0, -decimals));
  return decimals == 0 ? unary(ElementwiseOp::rint, x) : round_finely(x, std::pow(10.0, decimals));
}

Value op_round(OpCall& call) {
  if (has_text(call[0])) refuse_types("rint");
  const Tensor x = tensor_argument(call[0]);
  const auto decimals = static_cast<double>(int_argument(call[1]));
  if (x.dtype() == DType::boolean && decimals != 0) {
    raise(ErrorKind::TypeError,
          "Cannot cast ufunc 'multiply' output from dtype('float64') to dtype('bool') with casting rule 'same_kind'");
  }
  if (is_integer(x.dtype()) && decimals >= 0) return Value::of(x);
  if (!is_complex(x.dtype())) return Value::of(rounded(x, decimals));
  return Value::of(rounded_parts(x, [&](const Tensor& part) { return rounded(part, decimals); }));
}

// ---- parts ----------------------------------------------------------------------------------------------------------

Value op_real(OpCall& call) { return Value::of(real(tensor_argument(call[0]))); }
Value op_imag(OpCall& call) { return Value::of(imag(tensor_argument(call[0]))); }

Value op_angle(OpCall& call) {
  const Tensor z = tensor_argument(call[0]);
  const Tensor radians = is_complex(z.dtype()) ? binary(ElementwiseOp::arctan2, imag(z), real(z))
                                               : binary(ElementwiseOp::arctan2, Scalar::of(std::int64_t{0}), z);
  return Value::of(bool_argument(call[1]) ? unary(ElementwiseOp::degrees, radians) : radians);
}

/// The method leaves bools bools, where the ufunc makes them int8.
Value op_conjugate_method(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  return Value::of(is_complex(x.dtype()) ? unary(ElementwiseOp::conjugate, x) : x);
}

// ---- ufuncs of two results ------------------------------------------------------------------------------------------

Value op_divmod(OpCall& call) {
  refuse_text(call, 2);
  Operand a = operand_argument(call[0]), b = operand_argument(call[1]);
  if (const auto dtype = dtype_argument(call[2])) {
    if (*dtype == DType::boolean || is_complex(*dtype)) refuse_loop("divmod");
    a = forced_input("divmod", " 0", a, *dtype);
    b = forced_input("divmod", " 1", b, *dtype);
  }
  const Tensor quotient = binary(ElementwiseOp::floor_divide, a, b);
  return Value::tuple({Value::of(quotient), Value::of(binary(ElementwiseOp::remainder, a, b))});
}

/// What a function of floats alone computes in: bools and integers become the smallest float that holds them.
Tensor float_argument(OpCall& call) {
  refuse_text(call, 1);
  const Tensor x = tensor_argument(call[0]);
  const DType dtype = is_floating(x.dtype()) ? x.dtype() : promote(x.dtype(), DType::float16);
  if (is_complex(dtype)) refuse_types(call.row.name);
  return cast(x, dtype).contiguous();
}

/// Computes in float32 where the dtype only stores.
DType arithmetic_dtype(DType dtype) { return itemsize(dtype) == 2 ? DType::float32 : dtype; }

Value op_modf(OpCall& call) {
  if (const auto dtype = dtype_argument(call[1])) {
    if (!is_floating(*dtype)) refuse_loop("modf");
    call[0] = Value::of(to_tensor(forced_input("modf", "", operand_argument(call[0]), *dtype)));
  }
  const Tensor x = float_argument(call);
  const Tensor whole = unary(ElementwiseOp::trunc, x);
  const Tensor rest = binary(ElementwiseOp::subtract, x, whole);
  const Tensor fraction = where(unary(ElementwiseOp::isinf, x), Scalar::of(0.0), rest);
  return Value::tuple({Value::of(binary(ElementwiseOp::copysign, fraction, x)), Value::of(whole)});
}

/// As std::frexp, without branches: loops over this are vector code. Of what is not finite and of 0 the exponent is 0.
struct Fraction {
  explicit Fraction(double x) {
    constexpr std::uint64_t exponent_bits = std::uint64_t{0x7FF} << 52, half = std::bit_cast<std::uint64_t>(0.5);
    const bool is_tiny = std::fabs(x) < 0x1p-1022, is_whole = x - x != 0 || x == 0;
    const auto bits = std::bit_cast<std::uint64_t>(is_tiny ? x * 0x1p54 : x);
    const auto power = static_cast<std::int32_t>(bits >> 52 & 0x7FF) - (is_tiny ? 1022 + 54 : 1022);
    mantissa = is_whole ? x : std::bit_cast<double>((bits & ~exponent_bits) | half);
    exponent = is_whole ? 0 : power;
  }
  double mantissa;
  std::int32_t exponent;
};

Value op_frexp(OpCall& call) {
  if (!call[1].is_none()) refuse_loop("frexp");  // no dtype is that of both results
  const Tensor x = float_argument(call);
  const Tensor in = cast(x, arithmetic_dtype(x.dtype()));
  Tensor mantissa = Tensor::empty(in.dtype(), in.shape()), exponent = Tensor::empty(DType::int32, in.shape());
  context().charge(static_cast<std::uint64_t>(in.size()), 0);
  visit(in.dtype(), [&]<class T>(Type<T>) {
    if constexpr (std::is_floating_point_v<T>) {
      parallel_for(in.size(), kParallelBlock, in.size(),
                   [from = in.data<T>(), part = mantissa.mutable_data<T>(),
                    powers = exponent.mutable_data<std::int32_t>()](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t at = begin; at < end; ++at) {
                       const Fraction each(from[at]);
                       part[at] = static_cast<T>(each.mantissa);
                       powers[at] = each.exponent;
                     }
                   });
    }
  });
  return Value::tuple({Value::of(cast(mantissa, x.dtype())), Value::of(exponent)});
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr OpRow ufunc_row(std::string_view name, int arity, std::string_view rule, ElementwiseOp op) {
  const ResultKind result = rule == "predicate" ? ResultKind::elementwise_mask : ResultKind::elementwise;
  const std::string_view signature = arity == 1 ? "x, /, *, dtype=None" : "x1, x2, /, *, dtype=None";
  const std::uint16_t visibility = name.starts_with('_') ? kInternal : kNumpy;
  return {name, signature, visibility, result, arity == 1 ? op_unary : op_binary, static_cast<int>(op)};
}

constexpr OpRow kUfuncs[] = {
#define ELEMENTWISE(name, arity, loops, rule, ...) ufunc_row(#name, arity, #rule, ElementwiseOp::name),
#include "runtime/elementwise/elementwise.def"
#undef ELEMENTWISE
};

/// The same ufunc under another of its names.
constexpr OpRow alias(std::string_view name, ElementwiseOp op, std::uint16_t visibility = kNumpy) {
  OpRow row = kUfuncs[static_cast<int>(op)];
  row.name = name;
  row.visibility = visibility;
  return row;
}

constexpr OpRow kOthers[] = {
    alias("abs", ElementwiseOp::absolute),
    alias("acos", ElementwiseOp::arccos),
    alias("acosh", ElementwiseOp::arccosh),
    alias("asin", ElementwiseOp::arcsin),
    alias("asinh", ElementwiseOp::arcsinh),
    alias("atan", ElementwiseOp::arctan),
    alias("atan2", ElementwiseOp::arctan2),
    alias("atanh", ElementwiseOp::arctanh),
    alias("bitwise_invert", ElementwiseOp::invert),
    alias("bitwise_left_shift", ElementwiseOp::left_shift),
    alias("bitwise_not", ElementwiseOp::invert),
    alias("bitwise_right_shift", ElementwiseOp::right_shift),
    alias("conj", ElementwiseOp::conjugate),
    alias("deg2rad", ElementwiseOp::radians),
    alias("mod", ElementwiseOp::remainder),
    alias("pow", ElementwiseOp::power),
    alias("rad2deg", ElementwiseOp::degrees),
    alias("true_divide", ElementwiseOp::divide),
    {"angle", "z, deg=False", kNumpy, ResultKind::elementwise, op_angle},
    {"around", "a, decimals=0", kNumpy, ResultKind::elementwise, op_round},
    {"clip", "a, a_min=..., a_max=..., *, min=None, max=None, dtype=None", kNumpy, ResultKind::tensor, op_clip},
    {"clip", "a, min=None, max=None, *, dtype=None", kMethod, ResultKind::tensor, op_clip_method},
    {"conj", "x", kMethod, ResultKind::elementwise, op_conjugate_method},
    {"conjugate", "x", kMethod, ResultKind::elementwise, op_conjugate_method},
    {"divmod", "x1, x2, /, *, dtype=None", kNumpy, ResultKind::any, op_divmod},
    {"frexp", "x, /, *, dtype=None", kNumpy, ResultKind::any, op_frexp},
    {"imag", "val", kNumpy, ResultKind::elementwise, op_imag},
    {"modf", "x, /, *, dtype=None", kNumpy, ResultKind::any, op_modf},
    {"real", "val", kNumpy, ResultKind::elementwise, op_real},
    {"round", "a, decimals=0", kNumpy | kMethod, ResultKind::elementwise, op_round},
    {"where", "condition, x=..., y=...", kNumpy, ResultKind::any, op_where},
};

constexpr auto kRows = [] {
  std::array<OpRow, std::size(kUfuncs) + std::size(kOthers)> rows{};
  std::copy(std::begin(kUfuncs), std::end(kUfuncs), rows.begin());
  std::copy(std::begin(kOthers), std::end(kOthers), rows.begin() + std::size(kUfuncs));
  return rows;
}();

}  // namespace

std::optional<Ufunc> ufunc_of(const OpRow& row) {
  if (row.evaluate == op_divmod) return Ufunc{2, 2, std::nullopt};
  if (row.evaluate == op_modf || row.evaluate == op_frexp) return Ufunc{1, 2, std::nullopt};
  if (row.evaluate != op_unary && row.evaluate != op_binary) return std::nullopt;
  return Ufunc{row.evaluate == op_unary ? 1 : 2, 1, static_cast<ElementwiseOp>(row.data)};
}

std::span<const OpRow> elementwise_ops() { return kRows; }

}  // namespace inlay
