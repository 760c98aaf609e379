// promote.cpp - which dtype results have.
// bfloat16, which NumPy has not, is treated as float16 is, by the bits that survive: it takes int8 and uint8 in, wider
// integers need float32 or float64; with float16, neither of which holds the other, it becomes float32.
// Invariant: the table is symmetric, and each entry holds both of its dtypes in NumPy's sense.
#include "runtime/dtypes/promote.h"

#include <algorithm>

namespace inlay {
namespace {

constexpr DType kB1 = DType::boolean, kI1 = DType::int8, kI2 = DType::int16, kI4 = DType::int32, kI8 = DType::int64,
                kU1 = DType::uint8, kU2 = DType::uint16, kU4 = DType::uint32, kU8 = DType::uint64, kF2 = DType::float16,
                kBf = DType::bfloat16, kF4 = DType::float32, kF8 = DType::float64, kC8 = DType::complex64,
                kCd = DType::complex128;

// clang-format off
constexpr DType kPromoted[kDTypeCount][kDTypeCount] = {  // ORDER DTYPE
//  bool i1   i2   i4   i8   u1   u2   u4   u8   f2   bf   f4   f8   c8   c16
  {kB1, kI1, kI2, kI4, kI8, kU1, kU2, kU4, kU8, kF2, kBf, kF4, kF8, kC8, kCd},  // bool
  {kI1, kI1, kI2, kI4, kI8, kI2, kI4, kI8, kF8, kF2, kBf, kF4, kF8, kC8, kCd},  // int8
  {kI2, kI2, kI2, kI4, kI8, kI2, kI4, kI8, kF8, kF4, kF4, kF4, kF8, kC8, kCd},  // int16
  {kI4, kI4, kI4, kI4, kI8, kI4, kI4, kI8, kF8, kF8, kF8, kF8, kF8, kCd, kCd},  // int32
  {kI8, kI8, kI8, kI8, kI8, kI8, kI8, kI8, kF8, kF8, kF8, kF8, kF8, kCd, kCd},  // int64
  {kU1, kI2, kI2, kI4, kI8, kU1, kU2, kU4, kU8, kF2, kBf, kF4, kF8, kC8, kCd},  // uint8
  {kU2, kI4, kI4, kI4, kI8, kU2, kU2, kU4, kU8, kF4, kF4, kF4, kF8, kC8, kCd},  // uint16
  {kU4, kI8, kI8, kI8, kI8, kU4, kU4, kU4, kU8, kF8, kF8, kF8, kF8, kCd, kCd},  // uint32
  {kU8, kF8, kF8, kF8, kF8, kU8, kU8, kU8, kU8, kF8, kF8, kF8, kF8, kCd, kCd},  // uint64
  {kF2, kF2, kF4, kF8, kF8, kF2, kF4, kF8, kF8, kF2, kF4, kF4, kF8, kC8, kCd},  // float16
  {kBf, kBf, kF4, kF8, kF8, kBf, kF4, kF8, kF8, kF4, kBf, kF4, kF8, kC8, kCd},  // bfloat16
  {kF4, kF4, kF4, kF8, kF8, kF4, kF4, kF8, kF8, kF4, kF4, kF4, kF8, kC8, kCd},  // float32
  {kF8, kF8, kF8, kF8, kF8, kF8, kF8, kF8, kF8, kF8, kF8, kF8, kF8, kCd, kCd},  // float64
  {kC8, kC8, kC8, kCd, kCd, kC8, kC8, kCd, kCd, kC8, kC8, kC8, kCd, kC8, kCd},  // complex64
  {kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd, kCd},  // complex128
};
// clang-format on

/// The order of "same_kind", in which unsigned integers may become signed but not the other way round.
int rank_of(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return 0;
    case Kind::unsigned_integer:
      return 1;
    case Kind::signed_integer:
      return 2;
    case Kind::floating:
      return 3;
    case Kind::complex:
      break;
  }
  return 4;
}

DType promote_tensors(std::span<const Operand* const> operands) {
  const auto is_tensor = [](const Operand* operand) { return !operand->is_number(); };
  auto at = std::find_if(operands.begin(), operands.end(), is_tensor);
  DType dtype = (*at)->tensor.dtype();
  while ((at = std::find_if(at + 1, operands.end(), is_tensor)) != operands.end()) {
    dtype = promote(dtype, (*at)->tensor.dtype());
  }
  return dtype;
}

DType promote_numbers(std::span<const Operand* const> operands) {
  DType dtype = operands.front()->number.default_dtype();
  for (const Operand* operand : operands.subspan(1)) dtype = promote(dtype, operand->number.default_dtype());
  return dtype;
}

}  // namespace

DType promote(DType a, DType b) { return kPromoted[static_cast<int>(a)][static_cast<int>(b)]; }

DType promote(DType a, Scalar::Kind weak) {
  switch (weak) {
    case Scalar::Kind::boolean:
      return a;
    case Scalar::Kind::integer:
    case Scalar::Kind::wide:
      return a == DType::boolean ? DType::int64 : a;
    case Scalar::Kind::floating:
      return kind(a) < Kind::floating ? DType::float64 : a;
    case Scalar::Kind::complex:
      break;
  }
  return kind(a) < Kind::floating ? DType::complex128 : promote(a, DType::complex64);
}

DType result_type(std::span<const Operand* const> operands) {
  const auto is_number = [](const Operand* operand) { return operand->is_number(); };
  if (std::all_of(operands.begin(), operands.end(), is_number)) return promote_numbers(operands);
  DType dtype = promote_tensors(operands);
  for (const Operand* operand : operands) {
    if (operand->is_number()) dtype = promote(dtype, operand->number.kind);
  }
  return dtype;
}

DType sum_dtype(DType dtype) {
  switch (kind(dtype)) {
    case Kind::boolean:
    case Kind::signed_integer:
      return DType::int64;
    case Kind::unsigned_integer:
      return DType::uint64;
    default:
      return dtype;
  }
}

bool can_cast_same_kind(DType from, DType to) {
  return rank_of(kind(from)) <= rank_of(kind(to)) || can_cast_safe(from, to);
}

bool can_cast_safe(DType from, DType to) { return promote(from, to) == to; }

}  // namespace inlay
