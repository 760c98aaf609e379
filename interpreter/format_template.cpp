// format_template.cpp - see format_template.h.
// Invariant: fields inside a spec are filled in one level deep, as Python does.
#include "interpreter/format_template.h"

#include <algorithm>

#include "interpreter/format_number.h"
#include "interpreter/format_spec.h"
#include "interpreter/machine.h"

namespace inlay {
namespace {

class Template {
 public:
  Template(std::span<const Value> positional, std::span<const std::pair<std::string, Value>> keywords)
      : positional_(positional), keywords_(keywords) {}

  std::string fill(std::string_view text, int depth) {
    std::string out;
    while (!text.empty()) {
      const std::size_t at = std::min(text.find_first_of("{}"), text.size());
      out += text.substr(0, at);
      text.remove_prefix(at);
      if (text.empty()) break;
      if (text.size() > 1 && text[1] == text[0]) {
        out += text[0];
        text.remove_prefix(2);
        continue;
      }
      if (text[0] == '}') raise(ErrorKind::ValueError, "Single '}}' encountered in format string");
      out += field(take_field(text), depth);
    }
    return out;
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
    const Value& value = argument(field.substr(0, name_end));
    field.remove_prefix(name_end);
    char conversion = 0;
    if (field.starts_with('!')) {
      if (field.size() < 2) raise(ErrorKind::ValueError, "unmatched '{{' in format spec");
      conversion = field[1];
      field.remove_prefix(2);
    }
    if (field.starts_with(':')) field.remove_prefix(1);
    const std::string spec = fill(field, depth + 1);
    if (conversion == 0) return format_value(value, spec);
    if (conversion == 's') return format(std::string_view(to_str(value)), spec);
    if (conversion == 'r' || conversion == 'a') return format(std::string_view(to_repr(value)), spec);
    raise(ErrorKind::ValueError, "Unknown conversion specifier {}", conversion);
  }

  const Value& argument(std::string_view name) {
    if (name.empty()) return at(next_++);
    std::int64_t position = 0;
    if (parse_int(name, 10, position) == ParseResult::ok) return at(static_cast<std::size_t>(position));
    if (name.find_first_of(".[") != std::string_view::npos) {
      raise(ErrorKind::ValueError,
            "'{}' in a format string: attributes and subscripts are not supported, use an f-string", name);
    }
    for (const auto& [key, value] : keywords_) {
      if (key == name) return value;
    }
    raise(ErrorKind::KeyError, "'{}'", name);
  }

  const Value& at(std::size_t position) const {
    if (position < positional_.size()) return positional_[position];
    raise(ErrorKind::IndexError, "Replacement index {} out of range for positional args tuple", position);
  }

  std::span<const Value> positional_;
  std::span<const std::pair<std::string, Value>> keywords_;
  std::size_t next_ = 0;
};

}  // namespace

std::string format_template(std::string_view text, std::span<const Value> positional,
                            std::span<const std::pair<std::string, Value>> keywords) {
  return Template(positional, keywords).fill(text, 1);
}

}  // namespace inlay
