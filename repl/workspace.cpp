// workspace.cpp - see workspace.h.
#include "repl/workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "repl/display.h"
#include "repl/entry_text.h"
#include "repl/fold.h"
#include "repl/paint.h"
#include "repl/quantity.h"
#include "repl/terminal.h"

namespace inlay::program {
namespace {

/// `_` has a copy of its own of what a variable holds too, up to this size; beyond it shares the memory for a while.
constexpr std::uint64_t kCopiedLast = 1'000'000;
/// Copies of one entry that are looked into.
constexpr std::size_t kNotedCopies = 1000;

bool is_letter(unsigned char c) { return c == '_' || c >= 0x80 || std::isalnum(c) != 0; }

/// Whether `_` stands somewhere as a name of its own.
bool mentions_last(std::string_view text) {
  for (std::size_t at = text.find('_'); at != text.npos; at = text.find('_', at + 1)) {
    const bool goes_on = at + 1 < text.size() && is_letter(text[at + 1]);
    const bool belongs_to_more = at > 0 && (is_letter(text[at - 1]) || text[at - 1] == '.');
    if (!goes_on && !belongs_to_more) return true;
  }
  return false;
}

std::string line_of(std::string_view text, std::size_t line) {
  const auto lines = lines_of(text);
  return line >= 1 && line <= lines.size() ? std::string(trimmed(lines[line - 1])) : std::string();
}

}  // namespace

std::string why_copied(const std::vector<std::string>& holders, std::string_view reason) {
  if (holders.empty()) return std::string(reason);
  return fmt::format("{} still held the tensor", fmt::join(holders, ", "));
}

Workspace::Workspace(const CommandLine& command, Output& output)
    : session_(
          command, output,
          {[this](const Value& value) { show(value); }, [this](const CopyNotice& notice) { note(notice); },
           [&output](std::string_view message) {
             output.write_error(folded(paint(Style::number, "hint: ") + std::string(message), line_width(), 6) + "\n");
           }}),
      undo_(session_.interpreter()) {}

// ---- running ----

std::optional<int> Workspace::enter(std::string_view entry) {
  return enter(entry, "<input " + std::to_string(++count_) + ">", true);
}

std::optional<int> Workspace::enter(std::string_view text, std::string_view name, bool is_entry) {
  shown_.reset();
  is_measured_ = false;
  is_quiet_ = !is_entry || without_end(text).ends_with(';');
  const auto program = interpreter().prepare(text, name);
  if (!program) {
    report(program.error(), output());
    return std::nullopt;
  }
  effects_ = program->effects();
  release_last(text);
  undo_.before(trimmed(text), effects_, true);
  copied_.clear();
  total_ = {};
  const Session::Result result = session_.run(*program);
  explain_copies(text, name);
  keep_last(trimmed(text));
  if (is_entry && result.status == kDone) entries_.emplace_back(without_end(text));
  return result.exited ? std::optional(result.status) : std::nullopt;
}

bool Workspace::prepare(std::string_view statement) {
  is_measured_ = true;
  const auto program = interpreter().prepare(statement, "<statement>");
  if (!program) return report(program.error(), output()), false;
  effects_ = program->effects();
  release_last(statement);
  undo_.before(trimmed(statement), effects_, false);
  copied_.clear();
  total_ = {};
  return true;
}

void Workspace::show(const Value& value) {
  if (is_measured_) return;
  shown_ = value;
  if (!is_quiet_) output().write(display(value));
}

// ---- the last value ----

void Workspace::forget_last() {
  if (interpreter().has_variable("_")) interpreter().run("del _").value();
  last_ = Last::own;
}

/// Before an entry that changes a variable whose memory `_` shares, `_` goes: the change shall not copy because of it.
/// An entry that speaks of `_` has it for its own time.
void Workspace::release_last(std::string_view text) {
  if (effects_.empty() || !interpreter().has_variable("_")) return;
  const Value value = interpreter().get("_").value();
  const auto names = value.is_tensor() ? interpreter().holders(value.memory()) : std::vector<std::string>();
  const bool is_touched = std::any_of(effects_.begin(), effects_.end(), [&](const Effect& effect) {
    return effect.name != "_" && std::find(names.begin(), names.end(), effect.name) != names.end();
  });
  if (!is_touched && last_ != Last::shares) return;
  if (mentions_last(text))
    last_ = Last::lent;
  else
    forget_last();
}

void Workspace::keep_last(std::string_view text) {
  if (last_ == Last::lent) forget_last();
  if (!shown_) return;
  const Value value = *std::exchange(shown_, std::nullopt);
  if (trimmed(text.substr(0, text.find(';'))) == "_") return;
  const bool has_own = value.is_tensor() && interpreter().holders(value.memory()).empty();
  const bool is_copied = !has_own && value.nbytes() <= kCopiedLast;
  interpreter().bind("_", is_copied ? value.copy() : value).value();
  last_ = has_own || is_copied || value.is_tensor() ? Last::own : Last::shares;
}

// ---- copies ----

/// While an update writes, its variable may be empty; if not, it is one of the holders.
void Workspace::note(const CopyNotice& notice) {
  total_.bytes += notice.bytes;
  if (++total_.times > kNotedCopies) return;
  std::vector<std::string> holders = interpreter().holders(notice.memory);
  const auto is_written = [&](const Effect& effect) {
    return effect.kind == Effect::Kind::updates &&
           (!interpreter().has_variable(effect.name) ||
            std::find(holders.begin(), holders.end(), effect.name) != holders.end());
  };
  const auto found = std::find_if(effects_.begin(), effects_.end(), is_written);
  if (found != effects_.end()) std::erase(holders, found->name);
  total_.reasons.insert(why_copied(holders, notice.reason));
  if (found == effects_.end()) return;
  copied_.push_back({*found, notice.bytes, std::string(notice.reason), std::move(holders)});
}

std::string Workspace::copies_text() const {
  if (total_.times == 0) return "";
  return fmt::format("copied {}{}: {}", bytes_text(total_.bytes),
                     total_.times > 1 ? fmt::format(", {} times", total_.times) : "", fmt::join(total_.reasons, "; "));
}

void Workspace::explain_copies(std::string_view text, std::string_view name) {
  for (Copied& each : std::exchange(copied_, {})) {
    LastCopy& copy = copies_[each.updated.name];
    const std::size_t line = each.updated.line;
    const bool is_again = copy.entry == name && copy.line == line;
    copy = {std::string(name),
            line,
            line_of(text, line),
            each.bytes,
            is_again ? copy.times + 1 : 1,
            std::move(each.holders),
            std::move(each.reason)};
  }
}

const LastCopy* Workspace::last_copy(const std::string& name) const {
  const auto found = copies_.find(name);
  return found == copies_.end() ? nullptr : &found->second;
}

// ---- all variables ----

Workspace::Variables Workspace::variables() const {
  Variables out;
  for (const std::string& name : interpreter().variables())
    if (name != "_") out.emplace_back(name, interpreter().get(name).value());
  return out;
}

void Workspace::set_variables(const Variables& variables) {
  for (const std::string& name : interpreter().variables()) interpreter().run("del " + name).value();
  last_ = Last::own;
  for (const auto& [name, value] : variables) interpreter().bind(name, value).value();
  undo_.clear();
}

void Workspace::reset() {
  set_variables({});
  snapshots_.clear();
  copies_.clear();
}

}  // namespace inlay::program
