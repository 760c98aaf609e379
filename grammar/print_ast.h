// print_ast.h - the syntax tree as an s-expression, for `inlay lower --stage ast` and golden tests.
#pragma once

#include <string>

#include "grammar/ast.h"

namespace inlay::ast {

/// One statement a line, blocks indented by two spaces: `(assign (name x) (subscript (name y) (int 0)))`.
std::string print(const Module& module);
std::string print(const Expr& expr);

}  // namespace inlay::ast
