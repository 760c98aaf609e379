// elementwise.cpp - the op layer of elementwise functions: promote, broadcast, check, choose where the result goes,
// then run kernels.
// Knows nothing of what the kernels compute.
// Invariant: everything that can throw has happened before the first element of an operand is overwritten.
#include "runtime/elementwise/elementwise.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/elementwise_dispatch.h"
#include "runtime/elementwise/elementwise_loop.h"
#include "runtime/elementwise/single_elements.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/layout.h"
#include "runtime/threads/parallel.h"
#include "runtime/threads/swift.h"

namespace inlay {
namespace {

// ---- operands -------------------------------------------------------------------------------------------------------

/// An operand ready for kernels: a tensor, or one element of the dtype that they read.
struct Argument {
  const Tensor* tensor = nullptr;
  alignas(16) std::array<std::byte, 16> element{};
};

/// The number as an element of `load`, rounded to `dtype` on the way. Throws as to_tensor does.
void load_number(const Scalar& number, DType dtype, DType load, std::byte* to) {
  if (dtype == load && store_plain(number, dtype, to)) return;
  cast_kernel(dtype, load)(to_tensor(number, dtype).bytes(), to, 1);
}

/// A call of an op on operands that have been promoted: what is left is shapes and elements.
struct Call {
  ElementwiseOp which;
  const OpInfo& op;
  const KernelRow& row;
  DType result;
  std::array<Argument, 2> arguments{};
};

Call make_call(ElementwiseOp op, const ElementwisePlan& plan) { return {op, info(op), kernel_row(plan), plan.result}; }

/// Logic asks numbers for their truth alone, so that none is out of range.
Scalar truth_of(const Scalar& number) {
  return Scalar::of(number.integer != 0 || number.real != 0 || number.imaginary != 0);
}

void load_operand(Call& call, int at, const Operand& operand, DType dtype) {
  Argument& argument = call.arguments[at];
  if (!operand.is_number()) {
    argument.tensor = &operand.tensor;
  } else {
    const Scalar number = is_logical(call.which) ? truth_of(operand.number) : operand.number;
    load_number(number, dtype, call.row.load[at], argument.element.data());
  }
}

void load_second(Call& call, const ElementwisePlan& plan, const Operand& b) {
  load_operand(call, 1, b, call.op.rule == ResultRule::scaled ? DType::int32 : plan.compute);
}

Shape result_shape(const Call& call) {
  const Tensor *a = call.arguments[0].tensor, *b = call.arguments[1].tensor;
  if (!a || !b) return (a ? a : b)->shape();
  return a->shape() == b->shape() ? a->shape() : broadcast_shapes(a->shape(), b->shape());
}

// ---- checks of values -----------------------------------------------------------------------------------------------

/// Whether any element of a tensor of integers or bools passes the test.
template <class Test>
bool any_element(const Tensor& x, Test test) {
  const Tensor row_major = x.contiguous();
  return visit(x.dtype(), [&]<class T>(Type<T>) {
    if constexpr (std::is_integral_v<T>) {
      const T* values = row_major.data<T>();
      bool any = false;
      serial_for(row_major.size(), [&](std::int64_t begin, std::int64_t end) {
        any = any || std::any_of(values + begin, values + end, [&](T value) { return test(+value); });
      });
      return any;
    } else {
      return false;
    }
  });
}

/// Whether the operand that the op's check is about has an element that passes the test.
template <class Test>
bool any_checked(const Operand& operand, Test test) {
  return operand.is_number() ? operand.number.is_integer() && test(operand.number.integer)
                             : any_element(operand.tensor, test);
}

/// Warns of an integer division by zero, refuses a negative integer exponent. Called where there is something to
/// compute.
void check_values(const OpInfo& op, DType compute, const Operand& last) {
  if (op.check == ValueCheck::none || !is_integer(compute)) return;
  if (op.check == ValueCheck::negative_exponent) {
    if (!any_checked(last, [](auto value) { return value < 0; })) return;
    raise(ErrorKind::ValueError, "Integers to negative integer powers are not allowed.");
  }
  if (!any_checked(last, [](auto value) { return value == 0; })) return;
  context().warn(fmt::format("divide by zero encountered in {}", op.name));
}

// ---- comparisons with plain integers --------------------------------------------------------------------------------

bool compare(ElementwiseOp op, int128 a, int128 b) {
  switch (op) {
    case ElementwiseOp::equal:
      return a == b;
    case ElementwiseOp::not_equal:
      return a != b;
    case ElementwiseOp::less:
      return a < b;
    case ElementwiseOp::less_equal:
      return a <= b;
    case ElementwiseOp::greater:
      return a > b;
    default:
      return a >= b;
  }
}

bool fits(int128 number, DType integer) {
  const int bits = 8 * itemsize(integer) - (kind(integer) == Kind::signed_integer);
  const int128 least = kind(integer) == Kind::signed_integer ? -(int128{1} << bits) : 0;
  return number >= least && number < int128{1} << bits;
}

/// Whether this is a comparison with a plain integer beyond the dtype, whose result is known without looking at
/// elements.
bool is_decided(ElementwiseOp op, DType compute, const Operand& number) {
  return is_comparison(op) && number.is_number() && number.number.is_integer() && is_integer(compute) &&
         !fits(number.number.integer, compute);
}

Tensor filled(const Shape& shape, bool value) {
  Tensor out = Tensor::empty(DType::boolean, shape);
  std::memset(out.mutable_bytes(), value, static_cast<std::size_t>(out.size()));
  return out;
}

Tensor binary_of_numbers(ElementwiseOp op, const Scalar& a, const Scalar& b) {
  if (is_comparison(op) && a.is_integer() && b.is_integer()) return Tensor::scalar(compare(op, a.integer, b.integer));
  return binary(op, to_tensor(a), to_tensor(b));
}

// ---- running --------------------------------------------------------------------------------------------------------

void run_unary_row(const void* kernels, const Row* rows, std::byte* out, std::int64_t n) {
  static_cast<const KernelRow*>(kernels)->v(rows[0].data, out, n);
}

void run_binary_row(const void* kernels, const Row* rows, std::byte* out, std::int64_t n) {
  const auto* row = static_cast<const KernelRow*>(kernels);
  (rows[0].scalar ? row->sv : rows[1].scalar ? row->vs : row->vv)(rows[0].data, rows[1].data, out, n);
}

RowBody row_body(const Call& call) { return call.op.arity == 1 ? run_unary_row : run_binary_row; }

/// Whether kernels can run over the argument as it lies.
bool is_direct(const Argument& argument, const Shape& shape, DType load) {
  const Tensor* x = argument.tensor;
  return !x || (x->dtype() == load && x->is_contiguous() && x->shape() == shape);
}

Row row_at(const Argument& argument, std::int64_t element, int itemsize) {
  if (!argument.tensor) return {argument.element.data(), true};
  return {argument.tensor->bytes() + element * itemsize, false};
}

/// Kernels straight over row-major operands; the common case, and the one where every nanosecond of set-up shows.
void run_direct(const Call& call, std::byte* out, std::int64_t size) {
  const RowBody body = row_body(call);
  const int load_size = itemsize(call.row.load[0]);  // of both: unequal ones are of one size
  const int store_size = itemsize(call.row.store);
  const Argument &first = call.arguments[call.row.mirrored], &second = call.arguments[!call.row.mirrored];
  const auto run = [&](std::int64_t begin, std::int64_t end) {
    const Row rows[] = {row_at(first, begin, load_size), call.op.arity == 1 ? Row{} : row_at(second, begin, load_size)};
    body(&call.row, rows, out + begin * store_size, end - begin);
  };
  if (size <= kParallelBlock) return run(0, size);
  expect_work(size * call.op.cost);
  parallel_for(size, kParallelBlock, size * call.op.cost, run);
}

void run_broadcast(const Call& call, const Shape& shape, std::byte* out, DType out_dtype) {
  ElementwiseLoop loop(shape);
  for (int at = 0; at < call.op.arity; ++at) {
    const int from = call.row.mirrored ? 1 - at : at;
    const Argument& argument = call.arguments[from];
    if (argument.tensor)
      loop.add_input(*argument.tensor, call.row.load[from]);
    else
      loop.add_scalar(argument.element.data(), itemsize(call.row.load[from]));
  }
  loop.set_output(out, call.row.store, out_dtype);
  loop.run(row_body(call), &call.row, call.op.cost);
}

/// Computes into row-major elements of `out_dtype`, which may be those of an operand of the same shape.
void run(const Call& call, const Shape& shape, std::byte* out, DType out_dtype) {
  const std::int64_t size = element_count(shape);
  if (size == 0) return;
  bool direct = call.row.store == out_dtype;
  for (int at = 0; at < call.op.arity; ++at) direct = direct && is_direct(call.arguments[at], shape, call.row.load[at]);
  if (direct)
    run_direct(call, out, size);
  else
    run_broadcast(call, shape, out, out_dtype);
}

bool can_take_over(const Argument& argument, DType dtype, const Shape& shape) {
  const Tensor* x = argument.tensor;
  return x && x->dtype() == dtype && x->unique() && x->is_contiguous() && x->shape() == shape;
}

/// Whether the op may write over its operand, which must then not be stopped half-way.
bool is_short_call(const Call& call, std::int64_t size, DType out) {
  bool swift = is_swift(call.op.cost, out);
  for (const Argument& argument : call.arguments)
    swift = swift && (argument.tensor == nullptr || argument.tensor->dtype() == out);  // else it is converted
  return is_short(counted_steps(swift, size * call.op.cost, itemsize(out)), size * itemsize(out));
}

/// The tensor that the result goes into: that of an operand nobody needs any more, or a fresh one.
Tensor output_for(const Call& call, const Shape& shape, std::int64_t size, Reuse reuse) {
  const bool may_reuse[] = {reuse.first, reuse.second};
  for (const int at : {0, 1}) {
    if (!may_reuse[at] || !can_take_over(call.arguments[at], call.result, shape)) continue;
    if (!is_short_call(call, size, call.result)) break;
    context().in_place = true;
    return *call.arguments[at].tensor;
  }
  return Tensor::empty(call.result, shape);
}

Tensor finish(const Call& call, const Shape& shape, Reuse reuse, DType compute, const Operand& last) {
  const std::int64_t size = element_count(shape);
  context().charge(static_cast<std::uint64_t>(size), 0);
  if (size > 0) check_values(call.op, compute, last);
  Tensor out = output_for(call, shape, size, reuse);
  run(call, shape, out.mutable_bytes(), call.result);
  return out;
}

// ---- single elements ------------------------------------------------------------------------------------------------

/// Whether an integer operand passes the op's check for sure.
bool is_unquestionable(const OpInfo& op, DType compute, const SingleOperand& last) {
  if (op.check == ValueCheck::none || !is_integer(compute)) return true;
  std::int64_t number = 0;
  if (last.type.weak) std::memcpy(&number, last.bytes, sizeof number);
  return number > 0;
}

/// Points to the operand as kernels read it, in `room` if it is a number; false if it is to be converted.
bool load_single(const SingleOperand& x, DType compute, DType load, std::byte* room, const std::byte*& at) {
  at = x.type.weak ? room : static_cast<const std::byte*>(x.bytes);
  if (!x.type.weak) return x.type.dtype == load;
  if (compute != load) return false;
  if (x.type.number != Scalar::Kind::floating) {
    std::int64_t number = 0;
    std::memcpy(&number, x.bytes, sizeof number);
    return store_plain(number, load, room);
  }
  double number = 0;
  std::memcpy(&number, x.bytes, sizeof number);
  return store_plain(number, load, room);
}

// ---- assignment -----------------------------------------------------------------------------------------------------

void check_output_shape(const Shape& target, const Tensor* b) {
  if (!b || b->shape() == target) return;
  const Shape* const shapes[] = {&target, &b->shape(),
                                 &target};  // NumPy names the target twice, as operand and as output
  const Shape broadcast = broadcast_shapes(shapes);
  if (broadcast == target) return;
  raise(ErrorKind::ValueError, "non-broadcastable output operand with shape {} doesn't match the broadcast shape {}",
        compact_text(target), compact_text(broadcast));
}

}  // namespace

Tensor unary(ElementwiseOp op, const Operand& x, Reuse reuse, ElementwisePlan* plan) {
  if (x.is_number()) return unary(op, to_tensor(x.number), {}, plan);
  const ElementwisePlan chosen = planned(op, x.tensor.dtype(), x.tensor.dtype(), plan);
  Call call = make_call(op, chosen);
  call.arguments[0].tensor = &x.tensor;
  return finish(call, x.tensor.shape(), reuse, chosen.compute, x);
}

Tensor binary(ElementwiseOp op, const Operand& a, const Operand& b, Reuse reuse, ElementwisePlan* plan) {
  if (a.is_number() && b.is_number()) return binary_of_numbers(op, a.number, b.number);
  const ElementwisePlan chosen = planned(op, OperandType(a), OperandType(b), plan);
  if (is_decided(op, chosen.compute, b)) return filled(a.tensor.shape(), compare(op, 0, b.number.integer));
  if (is_decided(op, chosen.compute, a)) return filled(b.tensor.shape(), compare(op, a.number.integer, 0));
  Call call = make_call(op, chosen);
  load_operand(call, 0, a, chosen.compute);
  load_second(call, chosen, b);
  return finish(call, result_shape(call), reuse, chosen.compute, b);
}

bool binary_single(ElementwiseOp op, const SingleOperand& a, const SingleOperand& b, ElementwisePlan& plan, void* out) {
  constexpr int kMostBytes = 8;
  const ElementwisePlan chosen = planned(op, a.type, b.type, &plan);
  const KernelRow& row = kernel_row(chosen);
  if (row.store != chosen.result || itemsize(chosen.result) > kMostBytes) return false;
  if (!is_unquestionable(info(op), chosen.compute, b)) return false;
  alignas(16) std::byte room[2][16];
  Row rows[2] = {};
  const SingleOperand* const operands[] = {&a, &b};
  for (const int at : {0, 1}) {
    Row& each = rows[row.mirrored ? 1 - at : at];
    each.scalar = operands[at]->type.weak;
    if (!load_single(*operands[at], chosen.compute, row.load[at], room[at], each.data)) return false;
  }
  context().charge(1, 0);
  alignas(16) std::byte result[16];
  run_binary_row(&row, rows, result, 1);
  std::memcpy(out, result, static_cast<std::size_t>(itemsize(chosen.result)));
  return true;
}

DType binary_result_type(ElementwiseOp op, const Operand& a, const Operand& b) {
  if (!a.is_number() || !b.is_number()) return resolve(op, OperandType(a), OperandType(b)).result;
  return resolve(op, OperandType(a.number.default_dtype()), OperandType(b.number.default_dtype())).result;
}

void check_output_cast(ElementwiseOp op, DType from, DType to) {
  if (can_cast_same_kind(from, to)) return;
  raise(ErrorKind::TypeError,
        "Cannot cast ufunc '{}' output from dtype('{}') to dtype('{}') with casting rule 'same_kind'", name(op),
        name(from), name(to));
}

void binary_assign(ElementwiseOp op, Tensor& a, const Operand& b, ElementwisePlan* plan) {
  const ElementwisePlan chosen = planned(op, a.dtype(), OperandType(b), plan);
  Call call = make_call(op, chosen);
  check_output_cast(op, chosen.result, a.dtype());
  load_second(call, chosen, b);
  check_output_shape(a.shape(), call.arguments[1].tensor);
  context().charge(static_cast<std::uint64_t>(a.size()), 0);
  if (a.size() > 0) check_values(call.op, chosen.compute, b);
  call.arguments[0].tensor = &a;
  if (a.unique() && a.is_contiguous() && is_short_call(call, a.size(), a.dtype())) {
    run(call, a.shape(), a.writable(), a.dtype());
    return;
  }
  Tensor fresh = a.replacement();
  run(call, fresh.shape(), fresh.mutable_bytes(), a.dtype());
  a = std::move(fresh);
}

}  // namespace inlay
