// function_program.cpp - see function_program.h.
#include "interpreter/checking/function_program.h"

#include "grammar/parse.h"

namespace inlay {

namespace {

// No script can spell it, so it hides no variable.
constexpr std::string_view kName = "<program>";
constexpr std::string_view kDef = "def ";

}  // namespace

void wrap_in_function(ast::Module& module, std::span<const std::string_view> parameters) {
  ast::FunctionDef function;
  function.name = kName;
  for (const std::string_view name : parameters) {
    ast::Parameter parameter;
    parameter.name = name;
    function.parameters.push_back(std::move(parameter));
  }
  function.body = std::move(module.body);
  if (!function.body.empty()) {
    ast::Stmt& last = *function.body.back();
    if (auto* expression = std::get_if<ast::ExprStmt>(&last.node))
      last.node = ast::Return{std::move(expression->value)};
  }
  auto definition = std::make_unique<ast::Stmt>();
  definition->span = {0, static_cast<std::uint32_t>(module.source->text().size())};
  definition->node = std::move(function);
  module.body.clear();
  module.body.push_back(std::move(definition));
}

const ir::Function& wrapped_function(const ir::Program& program) {
  const ir::Instruction& definition = program.functions[0]->body.body.front();
  INLAY_CHECK(definition.code == ir::Opcode::make_function);
  return *program.functions[static_cast<std::size_t>(definition.attribute)];
}

HostSignature read_host_signature(std::string_view text) {
  const std::string head = std::string(kDef) + std::string(text) + ":\n";
  const auto source = std::make_shared<Source>("<host>", head + "    pass\n");
  const ast::Module module = [&] {
    try {
      return parse(source);
    } catch (const SyntaxError& error) {
      const auto shift = static_cast<std::uint32_t>(kDef.size());
      const auto end = static_cast<std::uint32_t>(text.size());
      const auto inside = [&](std::uint32_t at) { return std::min(at < shift ? 0 : at - shift, end); };
      throw SyntaxError(error.what(), {inside(error.span.begin), inside(error.span.end)});
    }
  }();
  const auto* function = module.body.size() == 1 ? std::get_if<ast::FunctionDef>(&module.body[0]->node) : nullptr;
  if (function == nullptr || function->body.size() != 1)
    throw SyntaxError("expected a function's name and its parameters", {0, static_cast<std::uint32_t>(text.size())});
  HostSignature out;
  out.name = function->name;
  std::string passed;
  for (const ast::Parameter& parameter : function->parameters) {
    if (parameter.name.empty()) continue;  // the bare `*` in front of keyword-only ones
    const bool is_star = parameter.kind == ast::Parameter::Kind::star_args;
    out.has_star = out.has_star || is_star;
    ++out.parameters;
    passed += (passed.empty() ? "" : ", ") + std::string(is_star ? "*" : "") + std::string(parameter.name);
  }
  out.body = head + "    return " + std::string(kHostParameter) + "(" + passed + ")\n" + out.name + "\n";
  return out;
}

}  // namespace inlay
