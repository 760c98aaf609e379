// function_program.h - a text that is the body of a function: what a host compiles once and calls with arguments.
// Knows syntax trees; how they are lowered and run is the same as for any other text.
// Invariant: the only statement of such a program's top level defines the function; it is never run.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "grammar/ast.h"
#include "interpreter/lowering/ir.h"

namespace inlay {

/// Makes the statements of `module` the body of one function of these parameters. The value of an expression that is
/// the last statement is what it returns. The names must live as long as the module.
void wrap_in_function(ast::Module& module, std::span<const std::string_view> parameters);

/// The function of a program that was wrapped.
const ir::Function& wrapped_function(const ir::Program& program);

/// What stands in front of a function of the host's that declares its parameters: `f(x: float32[n], k=2)` as the body
/// of a function of `__host__` that gives `f`, which checks its arguments and hands them on.
struct HostSignature {
  std::string name;
  int parameters = 0;
  bool has_star = false;  // `*args`
  std::string body;
};
/// Throws SyntaxError, with a span in `text`.
HostSignature read_host_signature(std::string_view text);
/// The parameter of HostSignature::body.
inline constexpr std::string_view kHostParameter = "__host__";

}  // namespace inlay
