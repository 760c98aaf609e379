// drawing.cpp - see drawing.h. Which way a drawing goes.
#include "repl/drawing.h"

#include <unistd.h>

#include "repl/gnuplot.h"
#include "repl/picture.h"
#include "repl/terminal.h"

namespace inlay::program {

void draw(const Drawing& drawing, Output& output) {
  if (drawing.kind != Drawing::Kind::image) return plot(drawing, output);
  const Picture picture(drawing.data.front());
  if (!drawing.title.empty()) output.write(drawing.title + "\n");
  output.write(picture.text(window_size(), palette(STDOUT_FILENO), shows_utf8()));
}

}  // namespace inlay::program
