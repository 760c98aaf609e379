// ops_linalg.cpp - rows of products, decompositions and the Fourier transform. Everything else of numpy.linalg is said
// in the language. Invariant: a product is one matmul; only axes are moved here.
#include "interpreter/operations/op_operands.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/tuple_types.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/matrices/fourier.h"
#include "runtime/matrices/linear_algebra.h"
#include "runtime/reductions/reduce.h"
#include "runtime/tensors/layout.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

// ---- products -------------------------------------------------------------------------------------------------------

/// Operand number `at` in the dtype that the product is asked for.
Tensor matmul_operand(OpCall& call, std::size_t at) {
  const Tensor x = numbers_argument(call[at], "matmul");
  const std::optional<DType> dtype = dtype_argument(call[2]);
  if (!dtype) return x;
  if (!can_cast_same_kind(x.dtype(), *dtype)) {
    raise(ErrorKind::TypeError,
          "Cannot cast ufunc 'matmul' input {} from dtype('{}') to dtype('{}') with casting rule 'same_kind'", at,
          name(x.dtype()), name(*dtype));
  }
  return cast(x, *dtype);
}

Value op_matmul(OpCall& call) { return Value::of(matmul(matmul_operand(call, 0), matmul_operand(call, 1))); }

[[noreturn]] void refuse_alignment(const Tensor& a, const Tensor& b, std::size_t a_axis, std::size_t b_axis) {
  raise(ErrorKind::ValueError, "shapes {} and {} not aligned: {} (dim {}) != {} (dim {})", compact_text(a.shape()),
        compact_text(b.shape()), a.dim(a_axis), a_axis, b.dim(b_axis), b_axis);
}

/// Sums over the last axis of a and one axis of b: what is left of a's axes, then what is left of b's.
Tensor contract(const Tensor& a, const Tensor& b, std::size_t b_axis) {
  const std::size_t a_axis = a.rank() - 1;
  const std::int64_t length = a.dim(a_axis);
  if (length != b.dim(b_axis)) refuse_alignment(a, b, a_axis, b_axis);
  if (a.rank() == 1 && b.rank() == 1 && a.dtype() == DType::boolean && b.dtype() == DType::boolean) {
    const int axes[] = {0};
    return reduce(ReduceOp::any, binary(ElementwiseOp::bitwise_and, a, b), axes, false);
  }
  const std::int64_t from[] = {static_cast<std::int64_t>(b_axis)}, to[] = {0};
  const Tensor moved = moveaxis(b, from, to);
  Shape left = a.shape(), right = moved.shape();
  left.erase(a_axis);
  right.erase(0);
  const std::int64_t a_sizes[] = {element_count(left), length}, b_sizes[] = {length, element_count(right)};
  for (const std::int64_t size : right) left.push_back(size);
  return reshape(matmul(reshape(a, a_sizes), reshape(moved, b_sizes)), left);
}

Value multiplied(const Tensor& a, const Tensor& b) { return Value::of(binary(ElementwiseOp::multiply, a, b)); }

Value op_dot(OpCall& call) {
  const Tensor a = tensor_argument(call[0]), b = tensor_argument(call[1]);
  if (a.rank() == 0 || b.rank() == 0) return multiplied(a, b);
  return Value::of(contract(a, b, b.rank() == 1 ? 0 : b.rank() - 2));
}

Value op_inner(OpCall& call) {
  const Tensor a = tensor_argument(call[0]), b = tensor_argument(call[1]);
  if (a.rank() == 0 || b.rank() == 0) return multiplied(a, b);
  return Value::of(contract(a, b, b.rank() - 1));
}

Tensor conjugated(const Tensor& x) { return is_complex(x.dtype()) ? unary(ElementwiseOp::conjugate, x) : x; }

Value op_vdot(OpCall& call) {
  const Tensor a = ravel(tensor_argument(call[0])), b = ravel(tensor_argument(call[1]));
  if (a.size() != b.size()) {
    raise(ErrorKind::ValueError, "cannot reshape array of size {} into shape ({},)", b.size(), a.size());
  }
  return Value::of(contract(conjugated(a), b, 0));
}

Value op_outer(OpCall& call) {
  const std::int64_t last[] = {1};
  return Value::of(binary(ElementwiseOp::multiply, expand_dims(ravel(numbers_argument(call[0], "multiply")), last),
                          ravel(numbers_argument(call[1], "multiply"))));
}

// ---- linalg ---------------------------------------------------------------------------------------------------------

Value pair_of(const std::pair<Tensor, Tensor>& pair, std::string_view type) {
  return tuple_of({pair.first, pair.second}, find_tuple_type(type));
}

Tensor conjugate_transpose(const Tensor& x) { return conjugated(swapaxes(x, -1, -2)); }

/// inv; its data says what becomes of singular matrices.
Value op_inv(OpCall& call) { return Value::of(inv(tensor_argument(call[0]), static_cast<Singular>(call.row.data))); }
Value op_solve(OpCall& call) { return Value::of(solve(tensor_argument(call[0]), tensor_argument(call[1]))); }
Value op_det(OpCall& call) { return Value::of(det(tensor_argument(call[0]))); }
Value op_slogdet(OpCall& call) { return pair_of(slogdet(tensor_argument(call[0])), "SlogdetResult"); }
Value op_eig(OpCall& call) { return pair_of(eig(tensor_argument(call[0])), "EigResult"); }
Value op_eigvals(OpCall& call) { return Value::of(eig(tensor_argument(call[0])).first); }

Value op_cholesky(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const bool upper = bool_argument(call[1]) && x.rank() >= 2;
  return Value::of(upper ? conjugate_transpose(cholesky(conjugate_transpose(x))) : cholesky(x));
}

Value op_qr(OpCall& call) {
  const std::string_view mode = string_argument(call[1], "mode");
  if (mode == "raw") {
    const std::pair<Tensor, Tensor> factors = qr_raw(tensor_argument(call[0]));
    return tuple_of({factors.first, factors.second});
  }
  if (mode != "reduced" && mode != "complete" && mode != "r")
    raise(ErrorKind::ValueError, "Unrecognized mode {}", short_quote(mode));
  const std::pair<Tensor, Tensor> factors = qr(tensor_argument(call[0]), mode == "complete");
  return mode == "r" ? Value::of(factors.second) : pair_of(factors, "QRResult");
}

Value op_svd(OpCall& call) {
  const bool vectors = bool_argument(call[2]);
  const Svd factors = svd(tensor_argument(call[0]), bool_argument(call[1]), vectors);
  return vectors ? tuple_of({factors.u, factors.s, factors.vh}, find_tuple_type("SVDResult")) : Value::of(factors.s);
}

/// The triangle that UPLO names, as the lower one.
Tensor hermitian_argument(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const std::string_view triangle = string_argument(call[1], "UPLO");
  if (triangle == "L" || triangle == "l") return x;
  if (triangle == "U" || triangle == "u") return x.rank() >= 2 ? conjugate_transpose(x) : x;
  raise(ErrorKind::ValueError, "UPLO argument must be 'L' or 'U'");
}

Value op_eigh(OpCall& call) { return pair_of(eigh(hermitian_argument(call)), "EighResult"); }
Value op_eigvalsh(OpCall& call) { return Value::of(eigh(hermitian_argument(call)).first); }

Value op_fourier(OpCall& call) { return Value::of(fourier(tensor_argument(call[0]), bool_argument(call[1]))); }

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr ResultKind kTensor = ResultKind::tensor;

constexpr OpRow kRows[] = {
    {"cholesky", "a, /, *, upper=False", kLinalg, kTensor, op_cholesky},
    {"det", "a", kLinalg, kTensor, op_det},
    {"dot", "a, b", kNumpy | kMethod, kTensor, op_dot},
    {"eig", "a", kLinalg, ResultKind::any, op_eig},
    {"eigh", "a, UPLO='L'", kLinalg, ResultKind::any, op_eigh},
    {"eigvals", "a", kLinalg, kTensor, op_eigvals},
    {"eigvalsh", "a, UPLO='L'", kLinalg, kTensor, op_eigvalsh},
    {"_fourier", "x, inverse", kInternal, kTensor, op_fourier},
    {"inner", "a, b, /", kNumpy, kTensor, op_inner},
    {"inv", "a", kLinalg, kTensor, op_inv, static_cast<int>(Singular::refused)},
    {"_inv_or_nan", "a", kInternal, kTensor, op_inv, static_cast<int>(Singular::becomes_nan)},
    {"matmul", "x1, x2, /, *, dtype=None", kNumpy | kLinalg, kTensor, op_matmul},
    {"outer", "a, b", kNumpy, kTensor, op_outer},
    {"qr", "a, mode='reduced'", kLinalg, ResultKind::any, op_qr},
    {"slogdet", "a", kLinalg, ResultKind::any, op_slogdet},
    {"solve", "a, b", kLinalg, kTensor, op_solve},
    {"_svd", "a, full_matrices, compute_uv", kInternal, ResultKind::any, op_svd},
    {"vdot", "a, b, /", kNumpy, kTensor, op_vdot},
};

}  // namespace

std::span<const OpRow> linalg_ops() { return kRows; }

}  // namespace inlay
