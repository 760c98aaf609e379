// gradient_rules.h - which function of library/gradients says the gradient of an op, and what it reads.
// A rule is a function named after the op and the parameter it is the gradient for: `def sin__x(g, x): return …`.
// Its parameters are found by name: those of the op, and
//   g       the cotangent of the result (a list of them where the op gives several results; None where nothing came)
//   result  what the op gave
//   shape   the shape of the argument
//   into    the cotangent that the argument has so far, or None: the rule adds to it and gives the sum
// What a rule gives need only broadcast to the argument, or be reducible to it by sums. None: there is no gradient, as
// for a function of steps.
// Invariant: an op keeps of its arguments only what some rule reads.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "interpreter/operations/op_table.h"

namespace inlay {

struct FunctionObject;

/// The rule for one parameter.
struct GradientRule {
  enum class Source : std::uint8_t { argument, cotangent, result, shape, into, default_value };
  struct Input {
    Source source;
    std::size_t index = 0;  // of an argument
    Value value;            // by default
  };
  Value function;
  std::vector<Input> inputs;
  bool is_identity = false;  // `def …(g): return g`, which need not be called
  [[nodiscard]] bool reads(Source source) const;
};

/// The rules of one row, by parameter.
class RowRules {
 public:
  /// What is done with a row that meets tracked values, besides noting it.
  enum class Role : std::uint8_t {
    ordinary,
    transparent,  // hands on what it is given, or calls functions with it: not noted itself
    dropping      // makes plain numbers of tensors: refused
  };
  RowRules(Evaluator& evaluator, const OpRow& row);
  /// Null if the op has no gradient for this parameter.
  [[nodiscard]] const GradientRule* find(std::size_t parameter) const {
    return rules_[parameter] ? &*rules_[parameter] : nullptr;
  }
  /// Whether a rule reads the argument, which is then kept.
  [[nodiscard]] bool reads(std::size_t argument) const { return ((read_ >> argument) & 1) != 0; }
  [[nodiscard]] const OpRow& row() const { return row_; }
  [[nodiscard]] Role role() const { return role_; }

 private:
  const OpRow& row_;
  Role role_;
  std::uint64_t read_ = 0;  // bit i: a rule reads argument i
  std::vector<std::optional<GradientRule>> rules_;
};

/// The rows asked for so far, one table per evaluator.
class GradientRules {
 public:
  const RowRules& of(Evaluator& evaluator, const OpRow& row);

 private:
  std::unordered_map<const OpRow*, std::unique_ptr<RowRules>> rows_;
};

/// The rules of a row, looked up once per evaluator.
const RowRules& gradient_rules_of(Evaluator& evaluator, const OpRow& row);

}  // namespace inlay
