// region_gradient.h - the gradient of a region: for each operand that is tracked, a region again.
// Knows no op: the rules of library/gradients are followed once, with values that stand for tensors, and what they do
// is the region. So a formula is computed and pulled in one pass each, and keeps nothing but the operands that are
// read. Invariant: a gradient is for the dtypes of its region's operands and for the plain numbers among them; shapes
// differ from run to run.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "interpreter/fusion/region_inputs.h"

namespace inlay {

class Evaluator;
struct Tape;

/// The operands of one evaluation of a region. A step on plain numbers alone is one too, behind the others.
struct RegionOperands {
  std::span<const RegionInput> inputs;
  std::span<const std::uint8_t> signature;  // 0: a step that is no operand
  std::uint64_t tracked = 0;                // bit i: operand i is tracked
};

/// What an input of a pull is.
struct PullInput {
  enum class Source : std::uint8_t { operand, result, cotangent, constant };
  Source source{};
  int operand = 0;
  Value constant;  // a plain number, or a tensor of rank 0
};

/// From the cotangent of a region's result to that of operands, which may have to be summed to their shapes.
struct RegionPull {
  std::vector<int> operands;  // more than one: their cotangents are the same
  std::vector<PullInput> inputs;
  RegionSteps steps;  // none: the only input is the cotangent
  RegionPlan plan;
};

/// What a node of a tape keeps for its pulls.
struct RegionResiduals {
  const std::vector<Value>& operands;
  const Value& result;
};

/// The pulls of a region for the operands of one signature.
class RegionGradient {
 public:
  /// Follows the rules. A region whose last step reduces is taken without it.
  RegionGradient(Evaluator& evaluator, const RegionSteps& region, const RegionOperands& operands);
  [[nodiscard]] bool is_for(const RegionOperands& operands) const;
  /// Whether all of it can be said as regions; else the ops are recorded one by one.
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] bool reads_operand(int operand) const;
  [[nodiscard]] bool reads_result() const;
  [[nodiscard]] const std::vector<RegionPull>& pulls() const { return pulls_; }
  /// Whether a cotangent of the operand comes out of a pull.
  [[nodiscard]] bool reaches(int operand) const;

 private:
  friend class RegionTrace;
  std::vector<std::uint8_t> signature_;
  std::vector<Value> constants_;  // by place: plain numbers, and what steps on them gave; undefined for other operands
  std::uint64_t tracked_ = 0;
  std::vector<RegionPull> pulls_;
  bool fits_ = false;
};

/// Runs a pull. The cotangent's memory is taken for the result if nobody else holds it.
Value run_pull(const RegionPull& pull, const RegionResiduals& kept, Value cotangent);

/// The gradients of one call site, made when they are first needed.
class RegionGradients {
 public:
  /// Null if the region is to be recorded op by op.
  std::shared_ptr<const RegionGradient> of(Evaluator& evaluator, const RegionSteps& region,
                                           const RegionOperands& operands);

 private:
  std::vector<std::shared_ptr<const RegionGradient>> made_;
};

/// What recording a gradient adds to one evaluation of a region.
class RegionTracking {
 public:
  /// What an operand stands for; the region cannot be recorded as one if that is no tensor, or of a higher level.
  const Value& primal(const Value& operand, std::size_t at);
  [[nodiscard]] bool is_tracking() const { return tape_ != nullptr; }
  /// Whether the region can be noted as one op, with `operands` as they were described.
  bool finds_gradient(std::shared_ptr<RegionGradients>& cache, const RegionSteps& region, RegionOperands operands);
  /// Holds an operand if it is tracked or will be read, so that its memory is not taken for the result.
  void keep(std::size_t at, const Value& operand);
  /// The result as a tracked value; `shape`: before a reduction.
  Value noted(const RegionSteps& region, Value result, const Shape& shape);

 private:
  Tape* tape_ = nullptr;
  std::uint64_t tracked_ = 0;
  bool refuses_ = false;
  std::shared_ptr<const RegionGradient> gradient_;
  std::vector<Value> operands_;
};

}  // namespace inlay
