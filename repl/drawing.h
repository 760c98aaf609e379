// drawing.h - pictures of scripts before the user's eyes: images in the terminal or as PNG, lines and bars by gnuplot.
// Knows the public header and the terminal. Invariant: a picture that cannot be drawn is an error of the script that
// says why; nothing of it is left behind.
#pragma once

#include "inlay/inlay.hpp"
#include "repl/output.h"

namespace inlay::program {

/// Draws to the terminal or into a file. Throws Exception.
void draw(const Drawing& drawing, Output& output);

}  // namespace inlay::program
