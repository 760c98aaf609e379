// lower_call.cpp - calls: of ops known by name (arguments bound here, once), of methods, of anything else; functions
// and closures.
#include <algorithm>

#include "interpreter/lowering/lowering.h"
#include "interpreter/telling/help.h"

namespace inlay::lowering {

namespace {

/// Binds arguments to a row's parameters. False if they do not fit: the call is then left to run-time, which says why.
bool bind_arguments(const Signature& signature, const std::vector<ast::Argument>& arguments,
                    std::vector<const ast::Expr*>& bound, std::vector<const ast::Expr*>& rest) {
  const auto& parameters = signature.parameters;
  bound.assign(parameters.size(), nullptr);
  std::size_t at = 0;
  for (const auto& argument : arguments) {
    if (std::holds_alternative<ast::Starred>(argument.value->node)) return false;
    if (argument.keyword.empty()) {
      if (at < parameters.size() && parameters[at].star) {
        rest.push_back(argument.value.get());
      } else {
        if (at >= parameters.size() || parameters[at].keyword_only) return false;
        bound[at++] = argument.value.get();
      }
      continue;
    }
    const auto it = std::find_if(parameters.begin(), parameters.end(), [&](const OpParameter& p) {
      return p.name == argument.keyword && !p.star && !p.positional_only;
    });
    if (it == parameters.end()) return false;
    auto& slot = bound[static_cast<std::size_t>(it - parameters.begin())];
    if (slot != nullptr) return false;
    slot = argument.value.get();
  }
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (bound[i] == nullptr && parameters[i].default_value.is_undefined() && !parameters[i].star) return false;
  return true;
}

}  // namespace

std::string FunctionLowering::static_module(const ast::Expr& expr) const {
  if (const auto* name = std::get_if<ast::Name>(&expr.node)) {
    if (local_of(name->id) >= 0 || cell_of(name->id)) return {};
    if (std::string alias = builder_.module_alias(name->id); !alias.empty()) return alias;
    if (!builder_.is_module_variable(name->id) && (name->id == "linalg" || name->id == "random"))
      return "numpy." + std::string(name->id);
    return {};
  }
  if (const auto* attribute = std::get_if<ast::Attribute>(&expr.node)) {
    const std::string module = static_module(*attribute->object);
    if (module == "numpy" && (attribute->name == "linalg" || attribute->name == "random"))
      return module + "." + std::string(attribute->name);
  }
  return {};
}

const OpRow* FunctionLowering::static_op(const ast::Expr& callee) const {
  if (const auto* name = std::get_if<ast::Name>(&callee.node)) {
    if (local_of(name->id) >= 0 || cell_of(name->id) || builder_.is_module_variable(name->id)) return nullptr;
    return find_op(name->id, builder_.bare_visibility());
  }
  const auto* attribute = std::get_if<ast::Attribute>(&callee.node);
  if (attribute == nullptr) return nullptr;
  const std::uint16_t visibility = module_visibility(static_module(*attribute->object));
  return visibility == 0 ? nullptr : find_op(attribute->name, visibility);
}

StaticKind FunctionLowering::op_kind(const OpRow& row, const std::vector<Place>& operands) {
  StaticKind kind;
  if (row.result == ResultKind::any) return kind;
  if (row.result == ResultKind::tensor || row.result == ResultKind::vector) {
    kind = fresh_tensor();
    kind.vector = row.result == ResultKind::vector;
    return kind;
  }
  std::int32_t shape = -1;
  bool one_shape = true;
  for (Place operand : operands) {
    const StaticKind k = kind_of(operand);
    if (!operand || k.is_number()) continue;
    if (!k.is_tensor() || k.shape < 0 || (shape >= 0 && shape != k.shape)) one_shape = false;
    shape = k.shape;
  }
  kind = one_shape && shape >= 0 ? StaticKind::tensor(shape) : fresh_tensor();
  kind.mask = row.result == ResultKind::elementwise_mask;
  return kind;
}

/// `help(put)`: a name that is no value is handed over as a string.
std::string FunctionLowering::subject_of_help(const OpRow& row, const ast::Call& call) const {
  if (row.name != "help" || call.arguments.size() != 1 || !call.arguments[0].keyword.empty()) return {};
  const ast::Expr* first = call.arguments[0].value.get();
  if (const auto* attribute = std::get_if<ast::Attribute>(&first->node)) first = attribute->object.get();
  const auto* name = std::get_if<ast::Name>(&first->node);
  const bool is_variable = name == nullptr || local_of(name->id) >= 0 || cell_of(name->id) ||
                           (builder_.is_module_variable(name->id) && builder_.module_alias(name->id).empty());
  return is_variable ? std::string() : help_subject(*call.arguments[0].value);
}

Place FunctionLowering::call(const ast::Call& call, Span span) {
  if (const OpRow* row = static_op(*call.callee)) return op_call(*row, call, span);
  return general_call(call, span);
}

Place FunctionLowering::op_call(const OpRow& row, const ast::Call& call, Span span) {
  if (const std::string subject = subject_of_help(row, call); !subject.empty())
    return emit_op_row(row, span, {builder_.constant(Value::of(std::string_view(subject)))});
  const Signature& signature = signature_of(row);
  std::vector<const ast::Expr*> bound, rest;
  if (!bind_arguments(signature, call.arguments, bound, rest)) return general_call(call, span);
  std::vector<Place> operands;
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (!signature.parameters[i].star) {
      operands.push_back(bound[i] != nullptr ? expression(*bound[i]) : Place{});
      continue;
    }
    std::vector<Place> elements;
    for (const auto* element : rest) elements.push_back(expression(*element));
    operands.push_back(emit_value(ir::Opcode::make_tuple, span, std::move(elements)));
  }
  while (!operands.empty() && !operands.back()) operands.pop_back();
  return emit_op_row(row, span, std::move(operands));
}

void FunctionLowering::call_operands(const std::vector<ast::Argument>& arguments, ir::CallShape& shape,
                                     std::vector<Place>& operands, std::size_t from) {
  std::vector<Place> keywords;
  for (std::size_t i = from; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (!argument.keyword.empty()) {
      shape.keywords.emplace_back(argument.keyword);
      keywords.push_back(expression(*argument.value));
      continue;
    }
    const auto* starred = std::get_if<ast::Starred>(&argument.value->node);
    shape.starred.push_back(starred != nullptr);
    ++shape.positional;
    operands.push_back(expression(starred != nullptr ? *starred->value : *argument.value));
  }
  operands.insert(operands.end(), keywords.begin(), keywords.end());
}

Place FunctionLowering::general_call(const ast::Call& call, Span span) {
  ir::CallShape shape;
  std::vector<Place> operands;
  const auto* attribute = std::get_if<ast::Attribute>(&call.callee->node);
  const bool method = attribute != nullptr && static_op(*call.callee) == nullptr;
  if (method) {
    shape.name = attribute->name;
    operands.push_back(expression(*attribute->object));
  } else {
    operands.push_back(expression(*call.callee));
  }
  call_operands(call.arguments, shape, operands);
  const Place result = emit_value(method ? ir::Opcode::call_method : ir::Opcode::call, span, std::move(operands));
  current_->body.back().attribute = ProgramBuilder::add(builder_.program.calls, std::move(shape));
  current_->body.back().cache = builder_.program.caches++;
  return result;
}

Place FunctionLowering::make_function(const void* node, std::string_view name, const std::string& doc,
                                      const std::vector<ast::Parameter>& parameters, Span span,
                                      const std::function<void(FunctionLowering&)>& body) {
  std::vector<Place> defaults;
  std::int32_t index = 0;
  ir::Function& function = builder_.new_function(index);
  function.name = name;
  function.doc = doc;
  function.span = span;
  for (const auto& parameter : parameters) {
    if (parameter.name.empty()) continue;
    ir::Parameter out;
    out.name = parameter.name;
    out.star = parameter.kind == ast::Parameter::Kind::star_args;
    out.keyword_only = parameter.kind == ast::Parameter::Kind::keyword_only;
    out.positional_only = parameter.kind == ast::Parameter::Kind::positional_only;
    if (parameter.default_value) {
      out.default_index = static_cast<int>(defaults.size());
      defaults.push_back(expression(*parameter.default_value));
    }
    function.parameters.push_back(std::move(out));
  }
  FunctionLowering inner(builder_, function, *scope_.inner.at(node), this);
  body(inner);
  const Place result = emit_value(ir::Opcode::make_function, span, std::move(defaults));
  current_->body.back().attribute = index;
  return result;
}

void FunctionLowering::lambda_body(const ast::Lambda& lambda) {
  bind_parameters(lambda.parameters);
  emit(ir::Opcode::return_, lambda.body->span, {expression(*lambda.body)});
}

void FunctionLowering::function_body(const std::vector<ast::Parameter>& parameters, const ast::ExprPtr& returns,
                                     const ast::Block& body) {
  returns_ = &returns;
  bind_parameters(parameters);
  block(body);
  if (!terminated_) emit(ir::Opcode::return_, {}, {builder_.constant(Value::none())});
}

/// Parameters arrive in registers or cells; declared ones are checked first.
void FunctionLowering::bind_parameters(const std::vector<ast::Parameter>& parameters) {
  for (auto& parameter : function_.parameters) {
    const int local = local_of(parameter.name);
    parameter.place = local >= 0 ? new_register() : cell_of(parameter.name);
    if (local >= 0) bind_local(local, parameter.place);
  }
  for (const auto& parameter : parameters) {
    if (!parameter.annotation || parameter.name.empty()) continue;
    Place value = read_name(parameter.name, parameter.name_span);
    contract(*parameter.annotation, "argument '" + std::string(parameter.name) + "'", value, parameter.name_span);
    if (const int local = local_of(parameter.name); local >= 0) bind_local(local, value);
  }
}

}  // namespace inlay::lowering
