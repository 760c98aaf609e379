// commands_show.cpp - commands that show something: variables, sharing, the core, explanations, times, options.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "repl/commands.h"
#include "repl/did_you_mean.h"
#include "repl/display.h"
#include "repl/entry_text.h"
#include "repl/fold.h"
#include "repl/paint.h"
#include "repl/quantity.h"
#include "repl/terminal.h"
#include "repl/timeit.h"

namespace inlay::program {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string type_of(const VariableInfo& info) {
  return info.dtype ? header(*info.dtype, info.shape) : std::string(info.type);
}

std::string padded(std::string text, int width) {
  const int missing = width - columns_of(text);
  return missing > 0 ? text.append(static_cast<std::size_t>(missing), ' ') : text;
}

/// The width of a column: of its longest text, up to a bound.
template <class Text>
int width_of(const std::vector<VariableInfo>& rows, int most, const Text& text) {
  int width = 4;
  for (const VariableInfo& row : rows) width = std::max(width, columns_of(text(row)));
  return std::max(4, std::min(width, most));
}

const VariableInfo* find(const std::vector<VariableInfo>& rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const VariableInfo& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

/// "<input 3>, line 2: x[0] = 1"
std::string place_of(const LastCopy& copy) {
  return fmt::format("{}, line {}: {}", copy.entry, copy.line, paint(Style::bold, copy.statement));
}

}  // namespace

Outcome show_variables(Workspace& workspace, std::string_view prefix) {
  std::vector<VariableInfo> rows = workspace.interpreter().describe();
  std::erase_if(rows, [&](const VariableInfo& row) { return !row.name.starts_with(prefix); });
  if (rows.empty()) return workspace.output().write("there are no variables\n"), std::nullopt;
  const int width = line_width();
  const int names = width_of(rows, std::min(30, width / 4), [](const VariableInfo& row) { return row.name; });
  const int types = width_of(rows, std::min(40, width / 2 - 8), type_of);
  const int hang = names + types + 14;  // where the last column begins
  std::string text =
      paint(Style::dim, padded("name", names) + "  " + padded("type", types) + "     bytes  shares with");
  text += '\n';
  for (const VariableInfo& row : rows) {
    const std::string bytes = row.bytes == 0 ? "" : bytes_text(row.bytes);
    const std::string line = paint(Style::name, padded(cut(row.name, names), names)) + "  " +
                             padded(cut(type_of(row), types), types) + fmt::format("  {:>8}", bytes) +
                             (row.shared_with.empty() ? "" : "  " + joined(row.shared_with)) + '\n';
    text += folded(line, width, hang);
  }
  workspace.output().write(text);
  return std::nullopt;
}

Outcome show_sharing(Workspace& workspace, std::string_view name) {
  const std::vector<VariableInfo> rows = workspace.interpreter().describe();
  const VariableInfo* row = find(rows, name);
  if (row == nullptr) {
    std::vector<std::string> names;
    for (const VariableInfo& each : rows) names.push_back(each.name);
    workspace.output().write_error(fmt::format("there is no variable '{}'{}\n", name, did_you_mean(name, names)));
    return std::nullopt;
  }
  std::string text = fmt::format("{}: {}, {}\n", paint(Style::name, name), type_of(*row), bytes_text(row->bytes));
  if (row->shared_with.empty())
    text += paint(Style::good, "  nobody else holds its memory: updates happen in place") + "\n";
  else
    text += fmt::format("  {}: the next update of {} copies first\n",
                        paint(Style::bad, "shares its memory with " + joined(row->shared_with)), name);
  if (const LastCopy* copy = workspace.last_copy(row->name)) {
    text += fmt::format("  last copied by {}\n    {}{}: {}\n", place_of(*copy), bytes_text(copy->bytes),
                        copy->times > 1 ? fmt::format(", {} times", copy->times) : "",
                        why_copied(copy->holders, copy->reason));
  } else {
    text += "  no update has copied it\n";
  }
  workspace.output().write_folded(text);
  return std::nullopt;
}

Outcome show_core(Workspace& workspace, std::string_view statement) {
  const auto text = workspace.interpreter().lower(std::string(statement) + "\n", Stage::ir, "<statement>");
  if (text)
    workspace.output().write_folded(paint_core(*text));
  else
    report(text.error(), workspace.output());
  return std::nullopt;
}

Outcome show_explanation(Workspace& workspace, std::string_view statement) {
  const std::string text = std::string(statement) + "\n";
  if (!workspace.prepare(text)) return std::nullopt;
  const Session::Result result = workspace.session().explain(text, "<statement>");
  return result.exited ? Outcome(result.status) : std::nullopt;
}

Outcome show_time(Workspace& workspace, std::string_view statement) {
  const std::string text = std::string(statement) + "\n";
  if (!workspace.prepare(text)) return std::nullopt;
  const auto program = workspace.interpreter().prepare(text, "<statement>");
  std::uint64_t moved = 0;
  const auto begin = std::chrono::steady_clock::now();
  const Session::Result result = workspace.session().run(*program, moved);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const std::string copies = workspace.copies_text();
  workspace.output().write_folded(paint(Style::number, duration_text(seconds)) + moved_text(moved, seconds) +
                                  (copies.empty() ? "" : "; " + paint(Style::bad, copies)) + "\n");
  return result.exited ? Outcome(result.status) : std::nullopt;
}

Outcome show_timing(Workspace& workspace, std::string_view statement) {
  const std::string text = std::string(statement) + "\n";
  if (!workspace.prepare(text)) return std::nullopt;
  const auto timing =
      workspace.session().interruptibly([&] { return time_statement(workspace.interpreter(), text, kTimingSeconds); });
  if (timing)
    workspace.output().write_folded(paint(Style::number, *timing));
  else
    report(timing.error(), workspace.output());
  return std::nullopt;
}

namespace {

constexpr std::string_view kPrintOptions[] = {"precision", "threshold", "edgeitems", "linewidth", "suppress",
                                              "nanstr",    "infstr",    "sign",      "floatmode"};

void list_options(Workspace& workspace) {
  std::string text;
  for (const std::string_view name : kPrintOptions) {
    const auto value = workspace.interpreter().eval(fmt::format("get_printoptions()['{}']", name));
    text += fmt::format("  {}{}\n", paint(Style::name, padded(std::string(name), 12)), value.value().repr());
  }
  text += fmt::format("  {}{}\n", paint(Style::name, padded("undo", 12)), bytes_text(workspace.undo().budget()));
  workspace.output().write(text);
}

/// `:set undo 64` in megabytes.
void set_undo(Workspace& workspace, std::string_view value) {
  std::uint64_t megabytes = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), megabytes);
  if (error != std::errc() || end != value.data() + value.size() || megabytes > 1'000'000)
    workspace.output().write_error("usage: :set undo MEGABYTES\n");
  else
    workspace.undo().set_budget(megabytes * 1'000'000);
}

void set_print_option(Workspace& workspace, std::string_view name, std::string_view value) {
  const bool is_text = name == "nanstr" || name == "infstr" || name == "sign" || name == "floatmode";
  const bool is_quoted = value.starts_with('\'') || value.starts_with('"');
  const std::string literal = is_text && !is_quoted ? fmt::format("'{}'", value) : std::string(value);
  const auto done = workspace.session().printed_by(fmt::format("set_printoptions({}={})", name, literal));
  if (!done) workspace.output().write_error(done.error().message() + "\n");
}

}  // namespace

Outcome set_option(Workspace& workspace, std::string_view argument) {
  const std::size_t end = std::min(argument.find_first_of(" ="), argument.size());
  const std::string_view name = argument.substr(0, end);
  std::string_view value = trimmed(argument.substr(end));
  if (value.starts_with('=')) value = trimmed(value.substr(1));
  const bool is_print_option =
      std::find(std::begin(kPrintOptions), std::end(kPrintOptions), name) != std::end(kPrintOptions);
  if (argument.empty())
    list_options(workspace);
  else if (name == "undo" && !value.empty())
    set_undo(workspace, value);
  else if (is_print_option && !value.empty())
    set_print_option(workspace, name, value);
  else if (is_print_option || name == "undo")
    workspace.output().write_error(fmt::format("usage: :set {} VALUE\n", name));
  else
    workspace.output().write_error(fmt::format("there is no option '{}'; :set lists them\n", name));
  return std::nullopt;
}

}  // namespace inlay::program
