// region_fuse.cpp - the end of planning: which ops one kernel does in one pass, and where results lie meanwhile. See
// region.h and fused.def.
// Knows nothing of shapes. Invariant: an op is joined to the one op that reads it, once; ops before and behind the mask
// of a region that packs are never joined, since they run over different elements.
#include <algorithm>

#include "runtime/elementwise/region.h"

namespace inlay {
namespace {

using Op = RegionPlan::Op;

enum Place : unsigned { left = 1, right = 2, either = 3 };

struct PairRow {
  Fused kernel;
  ElementwiseOp first, second;
  Place place;
};
constexpr PairRow kPairs[] = {
#define PAIR(name, first, second, place, dtypes, expression) \
  {Fused::name, ElementwiseOp::first, ElementwiseOp::second, Place::place},
#define CHOICE(name, first, join, second, dtypes, expression)
#define COMPARISON(op, same, exchanged)
#include "runtime/elementwise/fused.def"
#undef PAIR
#undef CHOICE
#undef COMPARISON
};

enum class Join : std::uint8_t { none, both, any };

struct ChoiceRow {
  Fused kernel;
  ElementwiseOp first;
  Join join;
  ElementwiseOp second;
};
constexpr ChoiceRow kChoices[] = {
#define PAIR(name, first, second, place, dtypes, expression)
#define CHOICE(name, first, join, second, dtypes, expression) \
  {Fused::name, ElementwiseOp::first, Join::join, ElementwiseOp::second},
#define COMPARISON(op, same, exchanged)
#include "runtime/elementwise/fused.def"
#undef PAIR
#undef CHOICE
#undef COMPARISON
};

struct ComparisonRow {
  ElementwiseOp op, same;
  bool exchanged;
};
constexpr ComparisonRow kComparisons[] = {
#define PAIR(name, first, second, place, dtypes, expression)
#define CHOICE(name, first, join, second, dtypes, expression)
#define COMPARISON(op, same, exchanged) {ElementwiseOp::op, ElementwiseOp::same, exchanged},
#include "runtime/elementwise/fused.def"
#undef PAIR
#undef CHOICE
#undef COMPARISON
};

/// How truths of two comparisons are joined.
Join join_of(ElementwiseOp op) {
  if (op == ElementwiseOp::bitwise_and || op == ElementwiseOp::logical_and) return Join::both;
  return op == ElementwiseOp::bitwise_or || op == ElementwiseOp::logical_or ? Join::any : Join::none;
}

class Fuser {
 public:
  explicit Fuser(const RegionPlan& plan) : plan_(plan), ops_(plan.ops), reads_(ops_.size()), is_joined_(ops_.size()) {
    for (const Op& op : ops_)
      for (int at = 0; at < op.count; ++at)
        if (const int made = op_of(op.operands[at]); made >= 0) ++reads_[static_cast<std::size_t>(made)];
  }

  bool fuse() {
    for (at_ = 0; at_ < ops_.size(); ++at_) fuse_arithmetic() || fuse_choice();
    return std::find(is_joined_.begin(), is_joined_.end(), true) != is_joined_.end();
  }

  /// The plan without the ops that were joined to others; their slots are gone.
  void finish(RegionPlan& out) const {
    std::vector<int> slots;
    for (std::size_t at = 0; at < plan_.sources.size(); ++at) slots.push_back(static_cast<int>(at));
    out.ops.clear();
    for (std::size_t at = 0; at < ops_.size(); ++at) {
      slots.push_back(static_cast<int>(plan_.sources.size() + out.ops.size()));
      if (is_joined_[at]) continue;
      Op& op = out.ops.emplace_back(ops_[at]);
      for (int i = 0; i < op.count; ++i) op.operands[i] = slots[static_cast<std::size_t>(op.operands[i])];
    }
    if (plan_.mask < 0) return;
    out.mask = slots[static_cast<std::size_t>(plan_.mask)];
    out.mask_ops -= static_cast<std::size_t>(
        std::count(is_joined_.begin(), is_joined_.begin() + static_cast<std::ptrdiff_t>(plan_.mask_ops), true));
  }

 private:
  /// Which op makes what is in a slot; negative for a source.
  [[nodiscard]] int op_of(int slot) const { return slot - static_cast<int>(plan_.sources.size()); }

  /// The op of two operands that makes what is in a slot, if that may be joined to the one at hand; else null.
  [[nodiscard]] const Op* joinable(int slot) const {
    const int made = op_of(slot);
    if (made < 0) return nullptr;
    const auto at = static_cast<std::size_t>(made);
    const bool runs_along = plan_.mask < 0 || (at < plan_.mask_ops) == (at_ < plan_.mask_ops);
    return runs_along && reads_[at] == 1 && ops_[at].kind == Op::Kind::binary ? &ops_[at] : nullptr;
  }

  [[nodiscard]] bool is_number(int slot) const {
    if (op_of(slot) >= 0) return false;
    const int input = plan_.sources[static_cast<std::size_t>(slot)].input;
    return RegionInput::is_plain(plan_.signature[static_cast<std::size_t>(input)]);
  }
  /// What is computed once, of numbers, is not computed for each element.
  [[nodiscard]] bool is_of_numbers(const Op& op) const {
    return is_number(op.operands[0]) && is_number(op.operands[1]);
  }

  void join(const Op& op) { is_joined_[static_cast<std::size_t>(&op - ops_.data())] = true; }

  bool fuse_arithmetic() {
    const Op& op = ops_[at_];
    if (op.kind != Op::Kind::binary) return false;
    return fuse_pair(op, 0) || fuse_pair(op, 1);
  }

  /// `side`: of the second op, what the first one made.
  bool fuse_pair(const Op& second, int side) {
    const Op* const first = joinable(second.operands[side]);
    if (!first || first->row->store != second.row->load[side] || is_of_numbers(*first)) return false;
    const auto* row = std::find_if(std::begin(kPairs), std::end(kPairs), [&](const PairRow& each) {
      return each.first == first->code && each.second == second.code &&
             (each.place & (side == 0 ? Place::left : Place::right)) != 0;
    });
    if (row == std::end(kPairs)) return false;
    return replace(row->kernel, first->row->load[0],
                   {first->operands[0], first->operands[1], second.operands[1 - side]}, {first});
  }

  struct Comparison {
    const Op* op = nullptr;
    ElementwiseOp same{};
    bool exchanged = false;
  };

  [[nodiscard]] Comparison comparison(int slot, int size) const {
    Comparison out;
    const Op* const op = joinable(slot);
    if (!op || itemsize(op->row->load[0]) != size || op->row->load[0] != op->row->load[1]) return out;
    const auto* row = std::find_if(std::begin(kComparisons), std::end(kComparisons),
                                   [&](const ComparisonRow& each) { return each.op == op->code; });
    if (row != std::end(kComparisons)) out = {op, row->same, row->exchanged};
    return out;
  }

  bool fuse_choice() {
    const Op& op = ops_[at_];
    if (op.kind != Op::Kind::select) return false;
    const Comparison decides = comparison(op.operands[0], op.size);
    if (decides.op) return fuse_choice_by(decides);
    const Op* const join = joinable(op.operands[0]);
    return join && join->row->load[0] == DType::boolean && fuse_choice_by(*join);
  }

  bool fuse_choice_by(const Comparison& by) {
    const auto* row = std::find_if(std::begin(kChoices), std::end(kChoices), [&](const ChoiceRow& each) {
      return each.join == Join::none && each.first == by.same;
    });
    if (row == std::end(kChoices)) return false;
    const Op& op = ops_[at_];
    return replace(
        row->kernel, by.op->row->load[0],
        {by.op->operands[0], by.op->operands[1], op.operands[by.exchanged ? 2 : 1], op.operands[by.exchanged ? 1 : 2]},
        {by.op});
  }

  /// By two comparisons, of which either may come first.
  bool fuse_choice_by(const Op& join) {
    const Op& op = ops_[at_];
    const Comparison a = comparison(join.operands[0], op.size), b = comparison(join.operands[1], op.size);
    if (!a.op || !b.op || a.exchanged || b.exchanged || a.op->row->load[0] != b.op->row->load[0]) return false;
    for (const auto& [first, second] : {std::pair(a, b), std::pair(b, a)}) {
      const auto* row = std::find_if(std::begin(kChoices), std::end(kChoices), [&](const ChoiceRow& each) {
        return each.join != Join::none && each.join == join_of(join.code) && each.first == first.same &&
               each.second == second.same;
      });
      if (row == std::end(kChoices)) continue;
      return replace(row->kernel, first.op->row->load[0],
                     {first.op->operands[0], first.op->operands[1], second.op->operands[0], second.op->operands[1],
                      op.operands[1], op.operands[2]},
                     {first.op, second.op, &join});
    }
    return false;
  }

  /// The op at hand becomes a kernel that does the work of others, too; false if there is none for the dtype.
  bool replace(Fused which, DType dtype, std::initializer_list<int> operands, std::initializer_list<const Op*> joined) {
    const FusedKernel kernel = fused_kernel(which, dtype);
    if (!kernel) return false;
    Op& op = ops_[at_];
    for (const Op* each : joined) join(*each);
    if (op.kind == Op::Kind::select) op.mask_operands = operands.size() - 2;
    op.kind = Op::Kind::fused;
    op.fused = kernel;
    op.count = static_cast<int>(operands.size());
    std::copy(operands.begin(), operands.end(), op.operands.begin());
    return true;
  }

  const RegionPlan& plan_;
  std::vector<Op> ops_;
  std::vector<int> reads_;  // of each op's result
  std::vector<bool> is_joined_;
  std::size_t at_ = 0;  // the op at hand
};

/// Registers that are taken up again as soon as their value has been read.
class Registers {
 public:
  int take() {
    if (free_.empty()) return count_++;
    const int reg = free_.back();
    free_.pop_back();
    return reg;
  }
  void give_back(int reg) { free_.push_back(reg); }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::vector<int> free_;
  int count_ = 0;
};

}  // namespace

/// A result may lie over an operand of its size that nothing else reads.
void assign_registers(RegionPlan& plan) {
  const auto sources = static_cast<int>(plan.sources.size());
  std::vector<std::size_t> last_reads(plan.ops.size(), plan.ops.size());
  for (std::size_t at = 0; at < plan.ops.size(); ++at)
    for (int i = 0; i < plan.ops[at].count; ++i)
      if (const int slot = plan.ops[at].operands[i]; slot >= sources)
        last_reads[static_cast<std::size_t>(slot - sources)] = at;
  Registers registers;
  std::vector<int> done;  // registers of what is read for the last time
  for (std::size_t at = 0; at < plan.ops.size(); ++at) {
    Op& op = plan.ops[at];
    const bool goes_along = op.kind != Op::Kind::cast && op.kind != Op::Kind::compress;
    int over = -1;
    done.clear();
    for (int i = 0; i < op.count; ++i) {
      const int slot = op.operands[i];
      if (slot < sources || last_reads[static_cast<std::size_t>(slot - sources)] != at) continue;
      last_reads[static_cast<std::size_t>(slot - sources)] = plan.ops.size();  // once, if it is read twice here
      const Op& read = plan.ops[static_cast<std::size_t>(slot - sources)];
      done.push_back(read.reg);
      if (goes_along && read.size == op.size) over = read.reg;
    }
    op.reg = over >= 0 ? over : registers.take();
    for (const int reg : done)
      if (reg != over) registers.give_back(reg);
  }
  plan.registers = registers.count();
}

/// What waits for the op that it is joined to keeps its operands' registers. More than the ops one by one take are
/// taken only where no layout of the sources could run out of them: what is refused must not depend on kernels.
void fuse_ops(RegionPlan& plan) {
  Fuser fuser(plan);
  if (!fuser.fuse()) return;
  RegionPlan fused = plan;
  fuser.finish(fused);
  assign_registers(fused);
  const bool has_room = fused.registers + static_cast<int>(plan.sources.size()) <= RegionPlan::kMaxRegisters;
  if (fused.registers > plan.registers && !has_room) return;
  fused.registers = std::max(fused.registers, plan.registers);
  plan = std::move(fused);
}

}  // namespace inlay
