// gnuplot.cpp - see gnuplot.h. The script goes to gnuplot in a file, because a pipe in and a pipe out could wait for
// each other.
#include "repl/gnuplot.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "repl/entry_text.h"
#include "repl/fold.h"
#include "repl/terminal.h"

extern char** environ;  // NOLINT: POSIX's name

namespace inlay::program {
namespace {

constexpr int kPlotRows = 24, kPlotColumns = 100;  // more of a window than that makes no better picture

/// Text in gnuplot's single quotes.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c == '\n' ? ' ' : c);
  return out + "'";
}

std::string terminal_of(const std::string& file) {
  if (file.ends_with(".png")) return "pngcairo size 960,600 noenhanced";
  if (file.ends_with(".svg")) return "svg size 960,600 noenhanced background 'white'";
  if (!file.empty())
    throw Exception(ErrorKind::ValueError, "a plot's file ends in .png or .svg, not as '" + file + "'");
  const WindowSize window = window_size();
  return fmt::format("dumb size {},{} {} noenhanced", std::min(window.columns, kPlotColumns),
                     std::min(window.rows - 2, kPlotRows), wants_color(STDOUT_FILENO) ? "ansi" : "mono");
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{}", value) : "NaN"; }

/// Pairs of numbers in lines, then `e`.
std::string inline_data(std::span<const double> x, std::span<const double> y) {
  std::string out;
  for (std::size_t at = 0; at < y.size(); ++at) out += number(x[at]) + ' ' + number(y[at]) + '\n';
  return out + "e\n";
}

std::string lines_script(const Drawing& drawing) {
  std::string heads, data;
  for (std::size_t at = 0; at + 1 < drawing.data.size(); at += 2) {
    const std::size_t line = at / 2;
    const std::string title = line < drawing.labels.size() ? "title " + in_quotes(drawing.labels[line]) : "notitle";
    heads += fmt::format("{}'-' using 1:2 with lines {}", heads.empty() ? "" : ", ", title);
    data += inline_data(*drawing.data[at].span<double>(), *drawing.data[at + 1].span<double>());
  }
  return "plot " + heads + "\n" + data;
}

/// Boxes between edges that may differ in width: x, height, width.
std::string bars_script(const Drawing& drawing) {
  const auto heights = *drawing.data[0].span<double>(), edges = *drawing.data[1].span<double>();
  std::string out = "set style fill solid 0.6\nset yrange [0:*]\nplot '-' using 1:2:3 with boxes notitle\n";
  for (std::size_t at = 0; at < heights.size(); ++at)
    out += fmt::format("{} {} {}\n", number((edges[at] + edges[at + 1]) / 2), number(heights[at]),
                       number(edges[at + 1] - edges[at]));
  return out + "e\n";
}

std::string script_of(const Drawing& drawing) {
  std::string out = "set terminal " + terminal_of(drawing.file) + "\n";
  if (!drawing.file.empty()) out += "set output " + in_quotes(drawing.file) + "\n";
  if (!drawing.title.empty()) out += "set title " + in_quotes(drawing.title) + "\n";
  return out + (drawing.kind == Drawing::Kind::bars ? bars_script(drawing) : lines_script(drawing));
}

/// A file that goes when this does.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text)
      : path_((std::filesystem::temp_directory_path() / "inlay-plot-XXXXXX").string()) {
    const int descriptor = mkstemp(path_.data());
    while (descriptor >= 0 && !text.empty()) {
      const ssize_t written = write(descriptor, text.data(), text.size());
      if (written < 0 && errno != EINTR) break;
      text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
    if (descriptor >= 0) close(descriptor);
    if (!text.empty()) throw Exception(ErrorKind::RuntimeError, "the plot's data cannot be written to '" + path_ + "'");
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What a program writes to both streams; its exit status. -1: it cannot be started.
int run(const char* program, const std::string& argument, std::string& printed) {
  int ends[2];
  if (pipe(ends) != 0) return -1;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  const char* words[] = {program, argument.c_str(), nullptr};
  pid_t child = 0;
  const int refused = posix_spawnp(&child, program, &actions, nullptr, const_cast<char**>(words), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  char chunk[1 << 14];
  for (ssize_t count = 1; refused == 0 && count != 0;) {
    count = read(ends[0], chunk, sizeof chunk);
    if (count < 0 && errno != EINTR) break;
    printed.append(chunk, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  close(ends[0]);
  int status = 0;
  while (refused == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return refused == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What gnuplot's `dumb` terminal prints, without the form feed before it and the blank lines around it.
std::string without_margins(std::string printed) {
  std::erase(printed, '\f');
  std::vector<std::string_view> lines = lines_of(printed);
  const auto is_margin = [](std::string_view line) { return is_blank(without_escapes(line)); };
  while (!lines.empty() && is_margin(lines.back())) lines.pop_back();
  const auto first = std::find_if_not(lines.begin(), lines.end(), is_margin);
  return fmt::format("{}", fmt::join(first, lines.end(), ""));
}

}  // namespace

void plot(const Drawing& drawing, Output& output) {
  const TemporaryFile script(script_of(drawing));
  std::string printed;
  const int status = run("gnuplot", script.path(), printed);
  if (status == -1 || status == 127)
    throw Exception(ErrorKind::RuntimeError,
                    "plots are drawn by gnuplot, which is not installed here; on Debian: apt install gnuplot-nox");
  if (status != 0) throw Exception(ErrorKind::RuntimeError, "gnuplot failed: " + printed.substr(0, 500));
  output.write(without_margins(std::move(printed)));
}

}  // namespace inlay::program
