// gradient_rules.cpp - finding rules in the library. See gradient_rules.h.
#include "interpreter/gradients/gradient_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "interpreter/machine/machine.h"
#include "interpreter/operations/ufunc_methods.h"

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

/// Ops that only hand on what they are given, or call functions with it.
constexpr std::string_view kTransparent[] = {
    "map",       "filter", "zip",           "enumerate",      "sorted",   "reversed", "_gradient", "grad",
    "_jacobian", "_named", "stop_gradient", "value_and_grad", "jacobian", "hessian",  "callable",  "_map_structure"};
/// Ops that make plain numbers of tensors.
constexpr std::string_view kDropping[] = {"item", "tolist", "tofile"};

RowRules::Role role_of(std::string_view name) {
  const auto has_it = [&](std::span<const std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has_it(kTransparent)) return RowRules::Role::transparent;
  return has_it(kDropping) ? RowRules::Role::dropping : RowRules::Role::ordinary;
}

/// Whether a rule's body is `return g`.
bool is_identity(const GradientRule& rule) {
  if (rule.inputs.size() != 1 || rule.inputs[0].source != GradientRule::Source::cotangent) return false;
  const ir::Function& function = *rule.function.object<FunctionObject>().function;
  const auto& body = function.body.body;
  return body.size() == 1 && body[0].code == ir::Opcode::return_ && body[0].operands[0] == function.parameters[0].place;
}

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

RowRules::RowRules(Evaluator& evaluator, const OpRow& row) : row_(row), role_(role_of(row.name)) {
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
    for (const GradientRule::Input& each : rule.inputs)
      if (each.source == From::argument) read_ |= std::uint64_t{1} << each.index;
    rule.is_identity = is_identity(rule);
    rules_.emplace_back(std::move(rule));
  }
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
