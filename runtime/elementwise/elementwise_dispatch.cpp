// elementwise_dispatch.cpp - see elementwise_dispatch.h.
#include "runtime/elementwise/elementwise_dispatch.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "runtime/dtypes/promote.h"
#include "runtime/kernels/kernel_set.h"

namespace inlay {
namespace {

constexpr auto kOpCount = static_cast<std::size_t>(ElementwiseOp::count_);

const OpInfo kOps[] = {
// ORDER ELEMENTWISE
#define ELEMENTWISE(name, arity, loops, rule, check, cost, functor) \
  {#name, arity, loops, ResultRule::rule, ValueCheck::check, cost},
#include "runtime/elementwise/elementwise.def"
#undef ELEMENTWISE
};
static_assert(std::size(kOps) == kOpCount);

constexpr std::pair<std::string_view, ElementwiseOp> kAliases[] = {
    {"abs", ElementwiseOp::absolute},          {"acos", ElementwiseOp::arccos},
    {"acosh", ElementwiseOp::arccosh},         {"asin", ElementwiseOp::arcsin},
    {"asinh", ElementwiseOp::arcsinh},         {"atan", ElementwiseOp::arctan},
    {"atan2", ElementwiseOp::arctan2},         {"atanh", ElementwiseOp::arctanh},
    {"bitwise_invert", ElementwiseOp::invert}, {"bitwise_left_shift", ElementwiseOp::left_shift},
    {"bitwise_not", ElementwiseOp::invert},    {"bitwise_right_shift", ElementwiseOp::right_shift},
    {"conj", ElementwiseOp::conjugate},        {"deg2rad", ElementwiseOp::radians},
    {"mod", ElementwiseOp::remainder},         {"pow", ElementwiseOp::power},
    {"rad2deg", ElementwiseOp::degrees},       {"true_divide", ElementwiseOp::divide},
};

/// The order in which NumPy tries loops: a signed integer before the unsigned one of its size.
constexpr std::array<DType, kDTypeCount> kLoopOrder = {
    DType::boolean,  DType::int8,    DType::uint8,   DType::int16,     DType::uint16,
    DType::int32,    DType::uint32,  DType::int64,   DType::uint64,    DType::float16,
    DType::bfloat16, DType::float32, DType::float64, DType::complex64, DType::complex128};

/// The row of this processor's kernel set, or the baseline's where that has no loops.
const KernelRow& row_of(const OpInfo& op, DType dtype) {
  const auto which = static_cast<ElementwiseOp>(&op - kOps);
  const auto at = static_cast<std::size_t>(dtype);
  const KernelRow& row = kernel_set().elementwise(which)[at];
  return row.has_loop ? row : baseline_kernel_set().elementwise(which)[at];
}

/// NumPy's name of a dtype's class: "Float64DType", "UInt8DType".
std::string class_name(DType dtype) {
  std::string text(name(dtype));
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (text.starts_with("Uint")) text[1] = 'I';
  return fmt::format("<class 'numpy.dtypes.{}DType'>", text);
}

[[noreturn]] void refuse_signature(const OpInfo& op, DType a, DType b) {
  const std::string types = op.arity == 1 ? class_name(a) : fmt::format("({}, {})", class_name(a), class_name(b));
  raise(ErrorKind::TypeError, "ufunc '{}' did not contain a loop with signature matching types {} -> None", op.name,
        types);
}

[[noreturn]] void refuse_types(const OpInfo& op) {
  raise(ErrorKind::TypeError,
        "ufunc '{}' not supported for the input types, and the inputs could not be safely coerced to any supported "
        "types according to the casting rule ''safe''",
        op.name);
}

/// Refuses what is no question of promotion: bools where they are not numbers, and gcd and lcm of anything else than
/// integers.
void check_strict(const OpInfo& op, DType common, DType a, DType b) {
  if (op.loops.front() != '!') return;
  if (common == DType::boolean && op.name == "subtract") {
    raise(ErrorKind::TypeError,
          "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the "
          "logical_xor function instead.");
  }
  if (common == DType::boolean && op.name == "negative") {
    raise(ErrorKind::TypeError,
          "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not "
          "function instead.");
  }
  if (common == DType::boolean || !row_of(op, common).has_loop) refuse_signature(op, a, b);
}

/// The first dtype with a loop that both cast to safely. It may hold less than the dtype they promote to: float16 is
/// enough for int8 with uint8.
DType loop_dtype(const OpInfo& op, DType a, DType b) {
  if (op.rule == ResultRule::quotient && a < DType::float16 && b < DType::float16) return DType::float64;
  const auto* at = std::find_if(kLoopOrder.begin(), kLoopOrder.end(), [&](DType dtype) {
    return row_of(op, dtype).has_loop && can_cast_safe(a, dtype) && can_cast_safe(b, dtype);
  });
  if (at == kLoopOrder.end()) refuse_types(op);
  return *at;
}

DType result_dtype(ResultRule rule, DType compute) {
  switch (rule) {
    case ResultRule::predicate:
      return DType::boolean;
    case ResultRule::count:
      return DType::uint8;
    case ResultRule::magnitude:
      return real_dtype(compute);
    case ResultRule::same:
    case ResultRule::quotient:
    case ResultRule::scaled:
      break;
  }
  return compute;
}

ElementwisePlan plan_for(const OpInfo& op, DType compute) {
  ElementwisePlan plan;
  plan.compute = compute;
  plan.result = result_dtype(op.rule, compute);
  plan.kernels = &row_of(op, compute);
  return plan;
}

DType common_dtype(const OperandType& a, const OperandType& b) {
  if (a.weak) return promote(b.dtype, a.number);
  return b.weak ? promote(a.dtype, b.number) : promote(a.dtype, b.dtype);
}

/// The exponent of ldexp: an integer that fits int64, whatever the first operand is.
void check_exponent(const OpInfo& op, const OperandType& exponent) {
  const bool fits = exponent.weak ? exponent.number <= Scalar::Kind::wide : can_cast_safe(exponent.dtype, DType::int64);
  if (!fits) refuse_types(op);
}

DType default_dtype(const OperandType& x) {
  if (!x.weak) return x.dtype;
  switch (x.number) {
    case Scalar::Kind::boolean:
      return DType::boolean;
    case Scalar::Kind::integer:
    case Scalar::Kind::wide:
      return DType::int64;
    case Scalar::Kind::floating:
      return DType::float64;
    case Scalar::Kind::complex:
      break;
  }
  return DType::complex128;
}

/// The first operand of ldexp: a plain integer is held by any float, and so takes the smallest.
DType scaled_dtype(const OperandType& x) {
  const bool is_whole = x.weak && (x.number == Scalar::Kind::integer || x.number == Scalar::Kind::wide);
  return is_whole ? DType::float16 : default_dtype(x);
}

bool is_uint64_with_signed(const OperandType& a, const OperandType& b) {
  return !a.weak && !b.weak && a.dtype == DType::uint64 && kind(b.dtype) == Kind::signed_integer;
}

/// Exact comparison of integers that promote to a float; null where this is not one.
const KernelRow* mixed_row(ElementwiseOp op, const OperandType& a, const OperandType& b) {
  if (!is_comparison(op)) return nullptr;
  const auto& rows =
      mixed_comparison_rows()[static_cast<std::size_t>(op) - static_cast<std::size_t>(ElementwiseOp::equal)];
  if (is_uint64_with_signed(a, b)) return &rows.unsigned_first;
  return is_uint64_with_signed(b, a) ? &rows.signed_first : nullptr;
}

std::uint64_t type_code(const OperandType& x) {
  constexpr std::uint64_t weak = 0x80;
  return x.weak ? weak | static_cast<std::uint64_t>(x.number) : static_cast<std::uint64_t>(x.dtype);
}

/// Never 0, which marks an empty plan.
std::uint64_t signature(const OperandType& a, const OperandType& b) {
  return 1 | type_code(a) << 8 | type_code(b) << 16;
}

}  // namespace

const OpInfo& info(ElementwiseOp op) { return kOps[static_cast<std::size_t>(op)]; }

std::string_view name(ElementwiseOp op) { return info(op).name; }
int arity(ElementwiseOp op) { return info(op).arity; }
bool is_total(ElementwiseOp op) { return info(op).check != ValueCheck::negative_exponent; }

bool find_elementwise(std::string_view name, ElementwiseOp& out) {
  const auto* alias =
      std::find_if(std::begin(kAliases), std::end(kAliases), [&](auto& row) { return row.first == name; });
  if (alias != std::end(kAliases)) {
    out = alias->second;
    return true;
  }
  const auto* op = std::find_if(std::begin(kOps), std::end(kOps), [&](const OpInfo& row) { return row.name == name; });
  if (op == std::end(kOps)) return false;
  out = static_cast<ElementwiseOp>(op - kOps);
  return true;
}

ElementwisePlan resolve(ElementwiseOp op, DType x) {
  const OpInfo& row = info(op);
  check_strict(row, x, x, x);
  return plan_for(row, loop_dtype(row, x, x));
}

ElementwisePlan resolve(ElementwiseOp op, const OperandType& a, const OperandType& b) {
  const OpInfo& row = info(op);
  if (const KernelRow* mixed = mixed_row(op, a, b)) {
    ElementwisePlan plan;
    plan.compute = mixed->load[0];
    plan.result = DType::boolean;
    plan.kernels = mixed;
    return plan;
  }
  if (row.rule == ResultRule::scaled) {
    check_exponent(row, b);
    const DType scaled = scaled_dtype(a);
    return plan_for(row, loop_dtype(row, scaled, scaled));
  }
  const DType common = common_dtype(a, b);
  check_strict(row, common, default_dtype(a), default_dtype(b));
  const bool weak = a.weak || b.weak;
  return plan_for(row, loop_dtype(row, weak ? common : a.dtype, weak ? common : b.dtype));
}

ElementwisePlan planned(ElementwiseOp op, const OperandType& a, const OperandType& b, ElementwisePlan* plan) {
  const std::uint64_t wanted = signature(a, b);
  if (plan && plan->signature == wanted) return *plan;
  ElementwisePlan fresh = info(op).arity == 1 ? resolve(op, a.dtype) : resolve(op, a, b);
  fresh.signature = wanted;
  if (plan) *plan = fresh;
  return fresh;
}

bool keeps_dtype(const OpInfo& op, const ElementwisePlan& plan, DType dtype) {
  const KernelRow& row = kernel_row(plan);
  return op.arity == 2 && op.rule == ResultRule::same && plan.result == dtype && row.load[0] == dtype &&
         row.load[1] == dtype && row.store == dtype;
}

}  // namespace inlay
