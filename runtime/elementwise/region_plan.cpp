// region_plan.cpp - from ops and the types of their inputs to kernels and conversions. See region.h.
// Knows nothing of shapes: a plan serves inputs of any.
// Invariant: dtypes are resolved exactly as for the ops one by one, rounding after each of them; whatever looks at
// values first (an integer division, an integer power) does not fit.
#include <algorithm>

#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/region.h"

namespace inlay {
namespace {

using Step = RegionStep;
using Op = RegionPlan::Op;

class Planner {
 public:
  Planner(const RegionSteps& region, std::span<const RegionInput> inputs, std::span<const std::uint8_t> signature)
      : region_(region), inputs_(inputs), results_(region.steps.size()) {
    plan_.signature.assign(signature.begin(), signature.end());
  }

  RegionPlan plan() {
    plan_.fits = true;
    for (std::size_t at = 0; at < region_.steps.size() && plan_.fits; ++at) {
      if (!is_given(region_.inputs + static_cast<int>(at))) add_result(at, region_.steps[at]);
    }
    plan_.fits = plan_.fits && !ops_.empty() && plan_.sources.size() + ops_.size() <= RegionPlan::kMaxSlots;
    if (plan_.fits) finish();
    return std::move(plan_);
  }

 private:
  /// A value on its way: a source, or the result of an op.
  struct Slot {
    bool is_source = false;
    int index = 0;
    DType dtype{};
  };

  [[nodiscard]] bool is_given(int ref) const { return plan_.signature[static_cast<std::size_t>(ref)] != 0; }
  [[nodiscard]] bool is_weak(int ref) const { return is_given(ref) && input(ref).weak; }
  [[nodiscard]] const RegionInput& input(int ref) const { return inputs_[static_cast<std::size_t>(ref)]; }
  [[nodiscard]] const Slot& result(int ref) const { return results_[static_cast<std::size_t>(ref - region_.inputs)]; }

  [[nodiscard]] OperandType type(int ref) const {
    if (!is_given(ref)) return result(ref).dtype;
    return input(ref).weak ? OperandType(input(ref).kind) : OperandType(input(ref).dtype);
  }

  void add_result(std::size_t at, const Step& step) {
    switch (step.kind) {
      case Step::Kind::unary:
      case Step::Kind::binary:
        results_[at] = elementwise(step);
        break;
      case Step::Kind::where:
        results_[at] = where(step);
        break;
      case Step::Kind::assign_where:
        results_[at] = assign_where(step);
        break;
      case Step::Kind::compress:
        results_[at] = compress(step);
        break;
      case Step::Kind::reduce:
        if (is_given(step.operands[0]))
          refuse();
        else
          results_[at] = result(step.operands[0]);
        break;
    }
  }

  // ---- steps ----

  /// Notes a plain integer that an op looks at before it computes; false if it looks at something else.
  bool note_checked(const Step& step) {
    const int checked = step.operands[step.arity() - 1];
    if (!is_weak(checked) || input(checked).kind != Scalar::Kind::integer) return false;
    const bool divides = info(step.op).check == ValueCheck::zero_divisor;
    (divides ? plan_.divisors : plan_.exponents).push_back(checked);
    return true;
  }

  /// Whether the op looks at values before it computes, or is another one for some operands.
  [[nodiscard]] bool depends_on_values(const Step& step, DType compute) {
    const bool is_operator = step.op == ElementwiseOp::power && step.is_operator;
    if (is_operator && is_weak(step.operands[1]) && type(step.operands[0]).dtype == DType::boolean) return true;
    if (info(step.op).check != ValueCheck::none && is_integer(compute)) return !note_checked(step);
    if (is_operator) return compute != DType::float32 && compute != DType::float64;
    const bool has_number = is_weak(step.operands[0]) || (step.arity() == 2 && is_weak(step.operands[1]));
    return is_logical(step.op) && has_number;
  }

  Slot elementwise(const Step& step) {
    const bool is_unary = step.kind == Step::Kind::unary;
    const OperandType first = type(step.operands[0]);
    const ElementwisePlan chosen =
        is_unary ? resolve(step.op, first.dtype) : resolve(step.op, first, type(step.operands[1]));
    if (depends_on_values(step, chosen.compute)) return refuse();
    const KernelRow& row = kernel_row(chosen);
    Op op;
    op.kind = is_unary ? Op::Kind::unary : Op::Kind::binary;
    op.code = step.op;
    op.row = &row;
    const int count = step.arity();
    for (int at = 0; at < count; ++at) {
      const bool is_exponent = at == 1 && info(step.op).rule == ResultRule::scaled;
      const int to = row.mirrored ? count - 1 - at : at;
      op.operands[to] = operand(step.operands[at], is_exponent ? DType::int32 : chosen.compute, row.load[at]);
    }
    plan_.cost += info(step.op).cost;
    plan_.is_swift = plan_.is_swift && inlay::is_swift(info(step.op).cost, chosen.compute);
    return converted(add(op, count, row.store), chosen.result);
  }

  /// The dtype of a choice between two sides; nothing of their values counts.
  [[nodiscard]] DType choice_dtype(int x, int y) const {
    const OperandType a = type(x), b = type(y);
    if (a.weak && b.weak) {
      const Operand first = input(x).number(), second = input(y).number();
      const Operand* const sides[] = {&first, &second};
      return result_type(sides);
    }
    if (a.weak) return promote(b.dtype, a.number);
    return b.weak ? promote(a.dtype, b.number) : promote(a.dtype, b.dtype);
  }

  Slot where(const Step& step) {
    if (is_weak(step.operands[0])) return refuse();
    const DType dtype = choice_dtype(step.operands[1], step.operands[2]);
    return select(step, dtype);
  }

  Slot assign_where(const Step& step) {
    const int value = step.operands[1], target = step.operands[2];
    if (!is_given(target) || is_weak(target)) return refuse();
    const DType dtype = input(target).dtype;
    const bool fits = is_weak(value) || (!step.one_value && type(value).dtype == dtype);
    if (!fits || is_weak(step.operands[0]) || type(step.operands[0]).dtype != DType::boolean) return refuse();
    return select(step, dtype);
  }

  Slot compress(const Step& step) {
    const int mask = step.operands[0], from = step.operands[1];
    const bool fits = is_given(from) && !is_weak(from) && !is_weak(mask) && type(mask).dtype == DType::boolean;
    if (!fits) return refuse();
    Op op;
    op.kind = Op::Kind::compress;
    op.operands[0] = operand(mask, DType::boolean, DType::boolean);
    if (plan_.mask_sources == 0) {
      plan_.mask_sources = plan_.sources.size();
      plan_.mask_ops = ops_.size();
      plan_.mask_cost = plan_.cost;
    }
    const DType dtype = input(from).dtype;
    op.operands[1] = operand(from, dtype, dtype);
    plan_.cost += RegionPlan::kPackCost;
    return add(op, 2, dtype);
  }

  Slot select(const Step& step, DType dtype) {
    Op op;
    op.kind = Op::Kind::select;
    op.select = select_kernel(itemsize(dtype));
    op.operands[0] = operand(step.operands[0], DType::boolean, DType::boolean);
    op.operands[1] = operand(step.operands[1], dtype, dtype);
    op.operands[2] = operand(step.operands[2], dtype, dtype);
    ++plan_.cost;
    return add(op, 3, dtype);
  }

  Slot refuse() {
    plan_.fits = false;
    return {};
  }

  // ---- operands and results; slots of ops are negative until the number of sources is known ----

  /// The operand as the kernel reads it. A plain number is rounded to `dtype` first.
  int operand(int ref, DType dtype, DType load) {
    if (is_given(ref)) return source(ref, dtype, load);
    return -1 - converted(result(ref), load).index;
  }

  int source(int ref, DType dtype, DType load) {
    const bool weak = input(ref).weak;
    const auto same = [&](const RegionPlan::Source& known) {
      return known.input == ref && known.load == load && (!weak || known.dtype == dtype);
    };
    const auto it = std::find_if(plan_.sources.begin(), plan_.sources.end(), same);
    if (it != plan_.sources.end()) return static_cast<int>(it - plan_.sources.begin());
    RegionPlan::Source& fresh = plan_.sources.emplace_back();
    fresh.input = ref;
    fresh.dtype = dtype;
    fresh.load = load;
    fresh.load_size = itemsize(load);
    if (!weak && input(ref).dtype != load) fresh.convert = cast_kernel(input(ref).dtype, load);
    note_elements(load);
    if (!weak) note_elements(input(ref).dtype);
    return static_cast<int>(plan_.sources.size()) - 1;
  }

  Slot converted(const Slot& from, DType to) {
    if (from.dtype == to) return from;
    Op op;
    op.kind = Op::Kind::cast;
    op.cast = cast_kernel(from.dtype, to);
    op.operands[0] = -1 - from.index;
    ++plan_.cost;
    return add(op, 1, to);
  }

  Slot add(Op op, int count, DType dtype) {
    op.count = count;
    op.size = itemsize(dtype);
    note_elements(dtype);
    ops_.push_back(op);
    return {false, static_cast<int>(ops_.size()) - 1, dtype};
  }

  void note_elements(DType dtype) {
    plan_.widest = std::max(plan_.widest, itemsize(dtype));
    plan_.is_swift = plan_.is_swift && inlay::is_swift(0, dtype);
  }

  void finish() {
    const int sources = static_cast<int>(plan_.sources.size());
    for (Op& op : ops_) {
      for (int at = 0; at < op.count; ++at) {
        if (op.operands[at] < 0) op.operands[at] = sources - 1 - op.operands[at];
      }
      if (op.kind == Op::Kind::compress) plan_.mask = op.operands[0];
    }
    plan_.ops = std::move(ops_);
    plan_.result = results_.back().dtype;
    plan_.block = RegionPlan::kRegisterBytes / std::max(plan_.widest, 2);
    plan_.steps = static_cast<int>(region_.steps.size());
    assign_registers(plan_);
    plan_.fits = plan_.registers <= RegionPlan::kMaxRegisters / 2;
    if (plan_.fits) fuse_ops(plan_);
    plan_.is_flat = plan_.fits && region_.steps.back().kind != Step::Kind::reduce &&
                    std::all_of(plan_.signature.begin() + region_.inputs, plan_.signature.end(),
                                [](int code) { return code == 0; }) &&
                    plan_.sources.size() + plan_.ops.size() <= RegionPlan::kFlatSlots;
  }

  const RegionSteps& region_;
  std::span<const RegionInput> inputs_;
  RegionPlan plan_;
  std::vector<Op> ops_;
  std::vector<Slot> results_;  // of the steps that are not given
};

}  // namespace

Scalar RegionInput::number() const {
  Scalar out;
  out.kind = kind;
  out.integer = integer;
  out.real = real;
  out.imaginary = imaginary;
  return out;
}

RegionPlan plan_region(const RegionSteps& region, std::span<const RegionInput> inputs,
                       std::span<const std::uint8_t> signature) {
  return Planner(region, inputs, signature).plan();
}

}  // namespace inlay
