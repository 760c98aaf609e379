// progress_bar.h - one line that says how far a loop or an operation has come.
// Knows no terminal: the width is given, and who shows the line is not its business.
#pragma once

#include <string>

#include "inlay/inlay.hpp"

namespace inlay::program {

/// "fit  45% |####      | 450/1000, 3.9 s left, 140/s" in at most `columns` columns; the bar takes what is left. Of an
/// operation "matmul  45% |####      | 3.2 s, 3.9 s left", or "sort: 3.2 s" where it does not know its work.
/// `blocks`: drawn with eighths of U+2588, else in ASCII.
std::string progress_bar(const Progress& progress, int columns, bool blocks);

}  // namespace inlay::program
