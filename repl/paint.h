// paint.h - colours for what the prompt prints.
// Knows the forms of the texts (help, core, reports), not what they say. Invariant: painting adds escapes and nothing
// else; without a terminal that wants colours every text stays as it is.
#pragma once

#include <string>
#include <string_view>

namespace inlay::program {

enum class Style { bold, dim, good, bad, name, number };

/// The text in a style, where standard output wants colours.
std::string paint(Style style, std::string_view text);

/// Help on a name: the signature, the examples. All but the examples is folded to `columns` columns.
std::string paint_help(std::string_view text, int columns);
/// The core as `lower` prints it: operations, variables, registers.
std::string paint_core(std::string_view text);
/// What `explain` reports: statements, what ran in place, what was copied.
std::string paint_report(std::string_view text);

}  // namespace inlay::program
