// build_ast.h - from the nodes the grammar left to the syntax tree.
// Knows no PEGTL. Refuses what the rules cannot: parameter order, leading zeros, bad escapes, trees that are too deep.
#pragma once

#include "grammar/ast.h"
#include "grammar/tree.h"

namespace inlay::grammar {

/// The module whose node is the tree's last. Throws SyntaxError.
ast::Module build_ast(const Tree& tree, SourcePtr source, int most_depth);

}  // namespace inlay::grammar
