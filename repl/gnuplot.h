// gnuplot.h - lines and bars drawn by gnuplot, which is asked for when it is needed.
// Knows gnuplot's language and how to start it. Invariant: no file but the one asked for is left behind, and no
// process.
#pragma once

#include "inlay/inlay.hpp"
#include "repl/output.h"

namespace inlay::program {

/// Draws to the terminal in letters, or into a .png or .svg file. Throws Exception: ValueError for another file name,
/// RuntimeError where gnuplot is missing or fails.
void plot(const Drawing& drawing, Output& output);

}  // namespace inlay::program
