// op_operands.h - what rows of the op table share: operands in, tensors out.
// Knows nothing of any particular op.
#pragma once

#include <exception>
#include <vector>

#include "interpreter/operations/op_table.h"
#include "interpreter/values/nested.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {

/// An operand of an op, taken out of the call where nobody needs it afterwards, so that the op may work in its place.
/// If the op throws, the call has its argument back.
class OperandArgument {
 public:
  OperandArgument(OpCall& call, std::size_t at)
      : value_(call[at]),
        taken_(call.may_reuse(at) && value_.is(Value::Tag::tensor)),
        operand_(taken_ ? Operand(value_.take_tensor()) : operand_argument(value_)) {}
  ~OperandArgument() {
    if (taken_ && std::uncaught_exceptions() > exceptions_) value_ = Value::of(std::move(operand_.tensor));
  }
  OperandArgument(const OperandArgument&) = delete;
  OperandArgument& operator=(const OperandArgument&) = delete;

  [[nodiscard]] const Operand& operator*() const { return operand_; }
  /// The operand's tensor, for updates that leave it as it was if they throw.
  [[nodiscard]] Tensor& tensor() { return operand_.tensor; }
  /// Whether the op may write into the operand's tensor.
  [[nodiscard]] bool is_taken() const { return taken_; }

 private:
  Value& value_;
  bool taken_;
  int exceptions_ = std::uncaught_exceptions();
  Operand operand_;
};

/// A tensor and the axis that an argument names; for None, its elements in a row.
struct AlongAxis {
  AlongAxis(Tensor from, const Value& argument) : AlongAxis(std::move(from), argument, axis_number) {}
  /// With a way of its own to read a number.
  AlongAxis(Tensor from, const Value& argument, std::int64_t (*number)(const Value&)) : x(std::move(from)) {
    if (argument.is_none())
      x = ravel(x);
    else
      axis = normalize_axis(number(argument), x.rank());
  }
  [[nodiscard]] std::int64_t size() const { return x.dim(static_cast<std::size_t>(axis)); }

  Tensor x;
  int axis = 0;
};

/// The arguments of sort and argsort that change no result: what NumPy refuses in them is a TypeError or a ValueError.
void check_order(const Value& kind, const Value& order, const Value& stable);
/// The places of a partition, counted from the front, in an axis of `length` of a tensor of so many elements. Throws
/// ValueError for a place that there is not; of no elements none is asked.
Dims kth_argument(const Value& kth, std::int64_t length, std::int64_t elements);

/// Python's tuple of several results, named ones if there is a type.
inline Value tuple_of(const std::vector<Tensor>& tensors, const TupleType* type = nullptr) {
  std::vector<Value> out;
  out.reserve(tensors.size());
  for (const Tensor& tensor : tensors) out.push_back(Value::of(tensor));
  return Value::tuple(std::move(out), type);
}

/// Whether a value is text, or a sequence with text in it: nothing to calculate with.
inline bool has_text(const Value& value) {
  return any_in_operand(value, [](const Value& each) { return each.is_string(); });
}

/// tensor_argument() of a function that calculates: text is a TypeError, as for every ufunc.
inline Tensor numbers_argument(Value& value, std::string_view ufunc) {
  if (has_text(value)) raise(ErrorKind::TypeError, "ufunc '{}' has no loop for text", ufunc);
  return tensor_argument(value);
}

/// Whether a parameter whose default is `...` was left out.
inline bool is_given(const Value& value) { return !value.is(Value::Tag::ellipsis); }

/// The elements of a sequence, or of a tensor along its first axis, in the dtype that all of them promote to: plain
/// numbers are weak, and have to fit.
std::vector<Tensor> promoted_elements(const Value& sequence);

/// The path of a file, no longer than the system takes. TypeError, RuntimeError "[Errno 36] File name too long: '…'".
std::string path_argument(const Value& value, std::string_view parameter);

}  // namespace inlay
