// format_template.cpp - see format_template.h.
// Invariant: fields inside a spec are filled in one level deep, as Python does.
#include "interpreter/texts/format_template.h"

#include <algorithm>

#include "interpreter/machine/machine.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/texts/format_spec.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/growing.h"

namespace inlay {
namespace {

class Template {
 public:
  Template(Evaluator& evaluator, std::span<const Value> positional,
           std::span<const std::pair<std::string, Value>> keywords)
      : evaluator_(evaluator), positional_(positional), keywords_(keywords) {}

  std::string fill(std::string_view text, int depth) {
    GrowingText out;
    while (!text.empty()) {
      const std::size_t at = count_until(text, [](char c) { return c == '{' || c == '}'; });
      out.add(text.substr(0, at));
      text.remove_prefix(at);
      if (text.empty()) break;
      if (text.size() > 1 && text[1] == text[0]) {
        out.add(1, text[0]);
        text.remove_prefix(2);
        continue;
      }
      if (text[0] == '}') raise(ErrorKind::ValueError, "Single '}}' encountered in format string");
      out.add(field(take_field(text), depth));
    }
    return out.take();
  }

 private:
  /// What stands between an opening brace, which is next, and the one that closes it.
  static std::string_view take_field(std::string_view& text) {
    int open = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      open += (text[at] == '{') - (text[at] == '}');
      if (open > 0) continue;
      const std::string_view field = text.substr(1, at - 1);
      text.remove_prefix(at + 1);
      return field;
    }
    raise(ErrorKind::ValueError, "{}",
          text.size() == 1 ? "Single '{' encountered in format string" : "expected '}' before end of string");
  }

  std::string field(std::string_view field, int depth) {
    if (depth > 2) raise(ErrorKind::ValueError, "Max string recursion exceeded");
    const std::size_t name_end = std::min(field.find_first_of("!:"), field.size());
    const Value value = part_of_argument(field.substr(0, name_end));
    field.remove_prefix(name_end);
    char conversion = 0;
    if (field.starts_with('!')) {
      if (field.size() < 2) raise(ErrorKind::ValueError, "unmatched '{{' in format spec");
      conversion = field[1];
      field.remove_prefix(2);
      if (!field.empty() && field[0] != ':') raise(ErrorKind::ValueError, "expected ':' after conversion specifier");
    }
    if (field.starts_with(':')) field.remove_prefix(1);
    const std::string spec = fill(field, depth + 1);
    if (conversion == 0) return format_value(value, spec);
    if (conversion == 's') return format(std::string_view(to_str(value)), spec);
    if (conversion == 'r') return format(std::string_view(to_repr(value)), spec);
    if (conversion == 'a') return format(std::string_view(ascii_only(to_repr(value))), spec);
    raise(ErrorKind::ValueError, "Unknown conversion specifier {}", conversion);
  }

  /// "0.real" or "point[x]": the argument, then attributes and subscripts of it.
  Value part_of_argument(std::string_view path) {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    Value value = argument(path.substr(0, end));
    path.remove_prefix(end);
    while (!path.empty()) value = path.front() == '.' ? attribute(value, path) : element(value, path);
    return value;
  }

  Value attribute(const Value& value, std::string_view& path) const {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    if (end == 0) raise(ErrorKind::ValueError, "Empty attribute in format string");
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(end);
    return evaluator_.attribute(value, name);
  }

  /// A subscript is an integer if it looks like one, else a text without quotes.
  static Value element(const Value& value, std::string_view& path) {
    const std::size_t end = path.find(']');
    if (end == std::string_view::npos) raise(ErrorKind::ValueError, "expected '}}' before end of string");
    const std::string_view key = path.substr(1, end - 1);
    path.remove_prefix(end + 1);
    if (key.empty()) raise(ErrorKind::ValueError, "Empty attribute in format string");
    if (!path.empty() && path.front() != '.' && path.front() != '[')
      raise(ErrorKind::ValueError, "Only '.' or '[' may follow ']' in format field specifier");
    std::int64_t index = 0;
    const bool digits = key.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits && parse_int(key, 10, index) == ParseResult::ok) return subscript(value, Value::of(index));
    return subscript(value, Value::of(key));
  }

  const Value& argument(std::string_view name) {
    std::int64_t position = 0;
    const bool numbered = parse_int(name, 10, position) == ParseResult::ok && position >= 0;
    if (name.empty() || numbered) count_as(name.empty() ? Numbering::automatic : Numbering::manual);
    if (name.empty()) return at(next_++);
    if (numbered) return at(static_cast<std::size_t>(position));
    for (const auto& [key, value] : keywords_) {
      if (key == name) return value;
    }
    raise(ErrorKind::KeyError, "'{}'", name);
  }

  enum class Numbering : std::uint8_t { none, automatic, manual };

  /// All fields without a name are numbered by hand, or none is.
  void count_as(Numbering kind) {
    if (numbering_ == Numbering::none) numbering_ = kind;
    if (numbering_ == kind) return;
    raise(ErrorKind::ValueError, "{}",
          kind == Numbering::manual ? "cannot switch from automatic field numbering to manual field specification"
                                    : "cannot switch from manual field specification to automatic field numbering");
  }

  const Value& at(std::size_t position) const {
    if (position < positional_.size()) return positional_[position];
    raise(ErrorKind::IndexError, "Replacement index {} out of range for positional args tuple", position);
  }

  Evaluator& evaluator_;
  std::span<const Value> positional_;
  std::span<const std::pair<std::string, Value>> keywords_;
  std::size_t next_ = 0;
  Numbering numbering_ = Numbering::none;
};

}  // namespace

std::string format_template(Evaluator& evaluator, std::string_view text, std::span<const Value> positional,
                            std::span<const std::pair<std::string, Value>> keywords) {
  return Template(evaluator, positional, keywords).fill(text, 1);
}

}  // namespace inlay
