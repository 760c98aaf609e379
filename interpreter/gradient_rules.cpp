// gradient_rules.cpp - finding rules in the library. See gradient_rules.h.
#include "interpreter/gradient_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "interpreter/machine.h"
#include "interpreter/ufunc_methods.h"

namespace inlay {

namespace {

/// Rows that are the same op under another name.
struct Alias {
  std::string_view name, canonical;
};
constexpr Alias kAliases[] = {
    {"amax", "max"},
    {"amin", "min"},
    {"around", "round"},
    {"concat", "concatenate"},
    {"permute_dims", "transpose"},
    {"asin", "arcsin"},
    {"acos", "arccos"},
    {"atan", "arctan"},
    {"asinh", "arcsinh"},
    {"acosh", "arccosh"},
    {"atanh", "arctanh"},
    {"asanyarray", "asarray"},
    {"flatten", "ravel"},
};

/// A ufunc goes by its first name, whatever it is called by; an internal op without its underscore.
std::string_view canonical_name(const OpRow& row) {
  const auto ufunc = ufunc_of(row);
  std::string_view out = ufunc && ufunc->op ? name(*ufunc->op) : row.name;
  for (const Alias& alias : kAliases)
    if (alias.name == out) return alias.canonical;
  return out.substr(std::min(out.find_first_not_of('_'), out.size()));
}

using From = GradientRule::Source;
constexpr std::pair<std::string_view, From> kReserved[] = {
    {"g", From::cotangent}, {"result", From::result}, {"shape", From::shape}, {"into", From::into}};

GradientRule::Input input_named(std::string_view name, const Signature& signature, const FunctionObject& function,
                                const ir::Parameter& parameter) {
  for (const auto& [reserved, source] : kReserved)
    if (reserved == name) return {source, 0, {}};
  const auto& all = signature.parameters;
  const auto it = std::find_if(all.begin(), all.end(), [&](const OpParameter& each) { return each.name == name; });
  if (it != all.end()) return {From::argument, static_cast<std::size_t>(it - all.begin()), {}};
  INLAY_CHECK(parameter.default_index >= 0);
  return {From::default_value, 0, function.defaults[static_cast<std::size_t>(parameter.default_index)]};
}

}  // namespace

bool GradientRule::reads(Source source) const {
  return std::any_of(inputs.begin(), inputs.end(), [&](const Input& each) { return each.source == source; });
}

RowRules::RowRules(Evaluator& evaluator, const OpRow& row) : row_(row) {
  const Signature& signature = signature_of(row);
  for (const OpParameter& parameter : signature.parameters) {
    const std::string name = fmt::format("{}__{}", canonical_name(row), parameter.name);
    GradientRule rule;
    rule.function = evaluator.gradient_rule(name);
    if (rule.function.is_undefined()) {
      rules_.emplace_back();
      continue;
    }
    const auto& function = rule.function.object<FunctionObject>();
    for (const ir::Parameter& each : function.function->parameters)
      rule.inputs.push_back(input_named(each.name, signature, function, each));
    rules_.emplace_back(std::move(rule));
  }
}

bool RowRules::reads(std::size_t argument) const {
  const auto reads_it = [&](const std::optional<GradientRule>& rule) {
    return rule && std::any_of(rule->inputs.begin(), rule->inputs.end(), [&](const GradientRule::Input& each) {
             return each.source == From::argument && each.index == argument;
           });
  };
  return std::any_of(rules_.begin(), rules_.end(), reads_it);
}

const RowRules& GradientRules::of(Evaluator& evaluator, const OpRow& row) {
  std::unique_ptr<RowRules>& rules = rows_[&row];
  if (!rules) rules = std::make_unique<RowRules>(evaluator, row);
  return *rules;
}

const RowRules& gradient_rules_of(Evaluator& evaluator, const OpRow& row) {
  Evaluator::State& state = Machine(evaluator).state;
  if (!state.gradient_rules) state.gradient_rules = std::make_shared<GradientRules>();
  return state.gradient_rules->of(evaluator, row);
}

}  // namespace inlay
