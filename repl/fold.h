// fold.h - texts made to fit a width: cut, or folded at blanks.
// Knows no terminal. A column is a code point; escapes take none. Invariant: folding changes blanks only.
#pragma once

#include <string>
#include <string_view>

namespace inlay::program {

std::string without_escapes(std::string_view text);
/// How many columns a text without line feeds takes.
int columns_of(std::string_view text);
/// One line of at most `columns` columns; what is cut off shows as three points.
std::string cut(std::string_view line, int columns);
/// Lines of at most `columns` columns each: a longer one goes on `hang` columns behind its own indentation, from a
/// blank where there is one.
std::string folded(std::string_view text, int columns, int hang);

}  // namespace inlay::program
