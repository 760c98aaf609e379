// terminal.cpp - see terminal.h.
#include "repl/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

namespace inlay::program {
namespace {

ColorChoice choice = ColorChoice::automatic;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

bool is_dumb() { return variable("TERM").empty() || variable("TERM") == "dumb"; }

}  // namespace

void choose_color(ColorChoice chosen) { choice = chosen; }

bool wants_color(int descriptor) {
  if (choice != ColorChoice::automatic) return choice == ColorChoice::always;
  return variable("NO_COLOR").empty() && can_redraw(descriptor);
}

Palette palette(int descriptor) {
  if (!wants_color(descriptor)) return Palette::none;
  const std::string_view depth = variable("COLORTERM");
  return depth == "truecolor" || depth == "24bit" ? Palette::colors_24_bit : Palette::colors_256;
}

bool can_redraw(int descriptor) { return isatty(descriptor) != 0 && !is_dumb(); }

WindowSize window_size() {
  winsize size = {};
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO})
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
      return {size.ws_col, size.ws_row};
  return {};
}

int line_width() { return isatty(STDOUT_FILENO) != 0 ? window_size().columns : std::numeric_limits<int>::max(); }

bool shows_utf8() {
  std::string locale;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (locale.empty()) locale = variable(name);
  std::transform(locale.begin(), locale.end(), locale.begin(), [](unsigned char c) { return std::tolower(c); });
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

}  // namespace inlay::program
