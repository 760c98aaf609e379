// ufunc_at.cpp - add.at(x, indices, values): unbuffered updates, where every occurrence of an index counts.
// Sums, products and extremes combine in one pass. Any other function is applied in rounds: round k takes the k-th
// occurrence of every element, so that no element comes twice in one round and rounds are whole-tensor operations.
// What comes out is cast to the tensor's dtype whatever that loses, as NumPy's `at` does.
// Invariant: the result is that of applying the function entry by entry, in row-major order of the indices.
#include <numeric>
#include <optional>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/mutator_rows.h"
#include "interpreter/subscripts/index_items.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/memory/poller.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

std::optional<UpdateKind> combination_of(ElementwiseOp op) {
  switch (op) {
    case ElementwiseOp::add:
      return UpdateKind::add;
    case ElementwiseOp::subtract:
      return UpdateKind::subtract;
    case ElementwiseOp::multiply:
      return UpdateKind::multiply;
    case ElementwiseOp::minimum:
      return UpdateKind::minimum;
    case ElementwiseOp::maximum:
      return UpdateKind::maximum;
    default:
      return std::nullopt;
  }
}

/// The row-major positions of what is indexed, in the shape of the selection.
Tensor positions_of(const Shape& shape, const IndexItems& items) {
  Tensor all = Tensor::empty(DType::int64, shape);
  std::iota(all.mutable_data<std::int64_t>(), all.mutable_data<std::int64_t>() + all.size(), std::int64_t{0});
  return index_get(all, items).contiguous();
}

/// Entries of one round: where they are written, and which of the values they take.
struct Round {
  std::vector<std::int64_t> positions, entries;
};

std::vector<Round> rounds_of(const Tensor& positions, std::int64_t size) {
  std::vector<std::int32_t> seen(static_cast<std::size_t>(size), 0);
  std::vector<Round> out;
  const auto* at = positions.data<std::int64_t>();
  Poller poll;
  for (std::int64_t entry = 0; entry < positions.size(); ++entry) {
    poll();
    const auto round = static_cast<std::size_t>(seen[static_cast<std::size_t>(at[entry])]++);
    if (round == out.size()) out.emplace_back();
    out[round].positions.push_back(at[entry]);
    out[round].entries.push_back(entry);
  }
  return out;
}

Tensor to_index(const std::vector<std::int64_t>& numbers) {
  Tensor out = Tensor::empty(DType::int64, {static_cast<std::int64_t>(numbers.size())});
  std::copy(numbers.begin(), numbers.end(), out.mutable_data<std::int64_t>());
  return out;
}

Tensor taken(const Tensor& flat, const std::vector<std::int64_t>& numbers) {
  const IndexItem index = to_index(numbers);
  return index_get(flat, {&index, 1});
}

class UfuncAt {
 public:
  UfuncAt(ElementwiseOp op, Tensor& x, const IndexItems& items) : op_(op), x_(x), items_(items) {}

  /// Whether values can be cast to x's dtype first: the result is then the same as that of casting it afterwards.
  [[nodiscard]] bool may_combine(const Operand& value) const {
    return can_cast_same_kind(binary_result_type(op_, x_, value), x_.dtype());
  }

  void combine(UpdateKind kind, const Operand& value) {
    check_rank(value);
    index_accumulate(x_, items_, kind, Operand(cast_for_assignment(value, x_.dtype())));
  }

  void rounds(const Operand* value) {
    const Tensor positions = positions_of(x_.shape(), items_);
    const Operand values = value ? entries_of(*value, positions.shape()) : Operand(Scalar::of(std::int64_t{0}));
    Tensor flat = ravel(x_).copy();
    for (const Round& round : rounds_of(positions, flat.size())) {
      const Tensor old = taken(flat, round.positions);
      const Tensor fresh = value ? binary(op_, old, entry_values(values, round)) : unary(op_, old);
      PathStep step;
      step.items = {to_index(round.positions)};
      path_update(flat, {&step, 1}, {cast(fresh, flat.dtype()), std::nullopt});
    }
    x_ = reshape(flat, x_.shape());
  }

 private:
  /// Values may be broadcast, but unlike those of an assignment they have no axes more than what is indexed.
  void check_rank(const Operand& value) const {
    const bool is_suspect = !value.is_number() && value.tensor.rank() > 0 && value.tensor.dim(0) == 1;
    if (!is_suspect) return;
    const Tensor all = broadcast_to(Tensor::zeros(DType::boolean, {}), x_.shape());
    if (value.tensor.rank() <= index_get(all, items_).rank()) return;
    raise(ErrorKind::ValueError, "array is not broadcastable to correct shape");
  }

  /// One value per entry, flat; a plain number stays one.
  static Operand entries_of(const Operand& value, const Shape& shape) {
    if (value.is_number()) return value;
    const Tensor wide = value.tensor.rank() <= shape.size() ? broadcast_value(value.tensor, shape) : Tensor();
    if (!wide) raise(ErrorKind::ValueError, "array is not broadcastable to correct shape");
    return ravel(wide);
  }

  static Operand entry_values(const Operand& values, const Round& round) {
    return values.is_number() ? values : Operand(taken(values.tensor, round.entries));
  }

  ElementwiseOp op_;
  Tensor& x_;
  const IndexItems& items_;
};

ElementwiseOp op_of(const MutatorCall& call) {
  ElementwiseOp op{};
  if (call.ufunc && find_elementwise(call.ufunc->name, op)) return op;
  raise(ErrorKind::AttributeError, "'{}' is no ufunc: it has no method 'at'",
        call.ufunc ? call.ufunc->name : call.name);
}

}  // namespace

Value apply_ufunc_at(Value& target, const MutatorCall& call) {
  const ElementwiseOp op = op_of(call);
  const std::size_t wanted = static_cast<std::size_t>(arity(op));
  if (call.positional.size() != wanted || !call.keywords.empty()) {
    raise(ErrorKind::TypeError, "{}.at() takes {} arguments: the array, indices{}", name(op), wanted + 1,
          wanted == 2 ? " and values" : "");
  }
  if (!target.is_tensor()) raise(ErrorKind::TypeError, "first operand must be array");
  const IndexItems items = to_index_items(call.positional[0]);
  std::optional<Operand> value;
  if (wanted == 2)
    value = call.positional[1].is_number() ? to_operand(call.positional[1]) : Operand(as_tensor(call.positional[1]));
  HeldTensor x(target);
  UfuncAt at(op, x.tensor, items);
  const std::optional<UpdateKind> kind = combination_of(op);
  if (kind && at.may_combine(*value))
    at.combine(*kind, *value);
  else
    at.rounds(value ? &*value : nullptr);
  return Value::none();
}

}  // namespace inlay
