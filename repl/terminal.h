// terminal.h - what the terminal around the program can show: its size, colours and letters.
// Asks the environment and the terminal driver, and writes nothing. Invariant: what is no terminal has no colours,
// unless the user asked for them, and nothing is drawn over.
#pragma once

namespace inlay::program {

/// --color
enum class ColorChoice { automatic, always, never };

enum class Palette { none, colors_256, colors_24_bit };

struct WindowSize {
  int columns = 80;
  int rows = 24;
};

/// Decides for the rest of the program; before anything is written.
void choose_color(ColorChoice choice);
/// Whether to colour what goes to this file descriptor: a terminal that can, unless NO_COLOR or --color say otherwise.
bool wants_color(int descriptor);
/// How many colours pictures on this file descriptor may have.
Palette palette(int descriptor);
/// Whether a line that was written there can be written over.
bool can_redraw(int descriptor);
/// The window as it is now; 80x24 where there is none.
WindowSize window_size();
/// How wide a line on standard output may be: the window's width, or beyond any text where it is no terminal.
int line_width();
/// Whether letters beyond ASCII can be shown, by the locale that the environment asks for.
bool shows_utf8();

}  // namespace inlay::program
