// string_methods.cpp - the methods of str that search, take apart, join and pad; those of letters are in
// string_letters.cpp. Positions and widths count characters, as in Python. Invariant: a search for the empty text, and
// bounds beyond the ends, answer as Python does.
#include <algorithm>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/methods/value_methods.h"
#include "interpreter/texts/format_template.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/growing.h"

namespace inlay {
namespace {

using Call = ValueMethodCall;

Value text_value(std::string_view text) { return Value::of(text); }

bool is_space(char c) { return is_ascii_space(c); }

const std::string& text_argument(const Value& value, std::string_view method) {
  if (value.is_string()) return value.string();
  raise(ErrorKind::TypeError, "{}() argument must be str, not {}", method, type_name(value));
}

// ---- ends ----

std::string_view stripped(const Call& call, bool left, bool right) {
  std::string_view text = call.self.string();
  const std::string_view characters = call[0].is_none() ? std::string_view() : text_argument(call[0], "strip");
  const auto is_removed = [&](std::string_view c) {
    return call[0].is_none() ? c.size() == 1 && is_space(c[0]) : characters.find(c) != std::string_view::npos;
  };
  while (left && !text.empty()) {
    context().poll();
    const std::size_t size = utf8_size(text);
    if (!is_removed(text.substr(0, size))) break;
    text.remove_prefix(size);
  }
  while (right && !text.empty()) {
    context().poll();
    const std::string_view last = text.substr(text.size() - utf8_last_size(text));
    if (!is_removed(last)) break;
    text.remove_suffix(last.size());
  }
  return text;
}

Value strip_both(const Call& call) { return text_value(stripped(call, true, true)); }
Value strip_left(const Call& call) { return text_value(stripped(call, true, false)); }
Value strip_right(const Call& call) { return text_value(stripped(call, false, true)); }

bool begins_with(std::string_view text, std::string_view prefix) {
  return same_text(text.substr(0, prefix.size()), prefix);
}
bool finishes_with(std::string_view text, std::string_view suffix) {
  return suffix.size() <= text.size() && same_text(text.substr(text.size() - suffix.size()), suffix);
}

Value remove_prefix(const Call& call) {
  std::string_view text = call.self.string();
  const std::string& prefix = text_argument(call[0], "removeprefix");
  if (begins_with(text, prefix)) text.remove_prefix(prefix.size());
  return text_value(text);
}

Value remove_suffix(const Call& call) {
  std::string_view text = call.self.string();
  const std::string& suffix = text_argument(call[0], "removesuffix");
  if (finishes_with(text, suffix)) text.remove_suffix(suffix.size());
  return text_value(text);
}

// ---- searching ----

/// The part that start and end leave, and where it begins in bytes.
struct Part {
  std::string_view text;
  std::size_t begin = 0;
  bool valid = true;  // else start lies behind the end, where nothing is found, not even the empty text
};

Part part_of(const Value& self, const Value& start, const Value& end) {
  const std::string_view text = self.string();
  if (start.is_none() && end.is_none()) return {text};
  const auto size = static_cast<std::int64_t>(text_length(self));
  const auto position = [&](const Value& value, std::int64_t absent) {
    if (value.is_none()) return absent;
    const std::int64_t at = as_index(value);
    return std::max<std::int64_t>(at < 0 ? at + size : at, 0);
  };
  const std::int64_t first = position(start, 0), last = std::min(position(end, size), size);
  if (first > last) return {{}, 0, false};
  const std::size_t begin = text_offset(self, static_cast<std::size_t>(first));
  const std::size_t stop = text_offset(self, static_cast<std::size_t>(last));
  return {text.substr(begin, stop - begin), begin};
}

/// How many characters the first `bytes` of a text are.
std::size_t characters_in_front(const Value& text, std::size_t bytes) {
  if (text_length(text) == text.string().size()) return bytes;
  charge_text(bytes);
  return utf8_length(std::string_view(text.string()).substr(0, bytes));
}

std::int64_t found_at(const Call& call, std::string_view method, bool from_right) {
  const std::string& wanted = text_argument(call[0], method);
  const Part part = part_of(call.self, call[1], call[2]);
  if (!part.valid) return -1;
  const std::size_t at = from_right ? find_last_text(part.text, wanted) : find_text(part.text, wanted);
  if (at == std::string_view::npos) return -1;
  return static_cast<std::int64_t>(characters_in_front(call.self, part.begin + at));
}

Value find(const Call& call) { return Value::of(found_at(call, "find", false)); }
Value find_right(const Call& call) { return Value::of(found_at(call, "rfind", true)); }

Value checked(std::int64_t at) {
  if (at < 0) raise(ErrorKind::ValueError, "substring not found");
  return Value::of(at);
}
Value index(const Call& call) { return checked(found_at(call, "index", false)); }
Value index_right(const Call& call) { return checked(found_at(call, "rindex", true)); }

Value count(const Call& call) {
  const std::string& wanted = text_argument(call[0], "count");
  const Part part = part_of(call.self, call[1], call[2]);
  if (!part.valid) return Value::of(0);
  if (wanted.empty()) return Value::of(static_cast<std::int64_t>(utf8_length(part.text)) + 1);
  std::int64_t out = 0;
  for (std::size_t at = 0; (at = find_text(part.text, wanted, at)) != std::string_view::npos; at += wanted.size())
    ++out;
  return Value::of(out);
}

/// startswith and endswith take one text or a tuple of them.
template <class Matches>
Value matches_any(const Call& call, std::string_view method, const Matches& matches) {
  const Part part = part_of(call.self, call[1], call[2]);
  const auto test = [&](const Value& affix) { return part.valid && matches(part.text, text_argument(affix, method)); };
  if (!call[0].is(Value::Tag::tuple)) return Value::of(test(call[0]));
  return Value::of(std::any_of(call[0].elements().begin(), call[0].elements().end(), test));
}

Value starts_with(const Call& call) { return matches_any(call, "startswith", begins_with); }
Value ends_with(const Call& call) { return matches_any(call, "endswith", finishes_with); }

// ---- taking apart and joining ----

bool is_no_space(char c) { return !is_space(c); }

/// Blanks behind what is left over stay.
std::vector<Value> split_at_spaces(std::string_view text, std::int64_t most) {
  GrowingList out;
  const auto skip_spaces = [&] { text.remove_prefix(count_until(text, is_no_space)); };
  for (skip_spaces(); !text.empty() && most != 0; skip_spaces(), --most) {
    const std::size_t size = count_until(text, is_space);
    out.add(text_value(text.substr(0, size)));
    text.remove_prefix(size);
  }
  if (!text.empty()) out.add(text_value(text));
  return out.take();
}

std::vector<Value> split_at(std::string_view text, const std::string& separator, std::int64_t most) {
  if (separator.empty()) raise(ErrorKind::ValueError, "empty separator");
  GrowingList out;
  for (; most != 0; --most) {
    const std::size_t at = find_text(text, separator);
    if (at == std::string_view::npos) break;
    out.add(text_value(text.substr(0, at)));
    text.remove_prefix(at + separator.size());
  }
  out.add(text_value(text));
  return out.take();
}

Value split(const Call& call) {
  const std::int64_t most = std::max<std::int64_t>(-1, as_index(call[1]));
  if (call[0].is_none()) return Value::list(split_at_spaces(call.self.string(), most));
  return Value::list(split_at(call.self.string(), text_argument(call[0], "split"), most));
}

std::vector<Value> reversed(std::vector<Value> values) {
  std::reverse(values.begin(), values.end());
  return values;
}

/// The mirror image of split_at_spaces(): blanks in front of what is left over stay.
std::vector<Value> split_at_spaces_from_right(std::string_view text, std::int64_t most) {
  GrowingList out;
  const auto skip_spaces = [&] { text.remove_suffix(count_until_from_right(text, is_no_space)); };
  for (skip_spaces(); !text.empty() && most != 0; skip_spaces(), --most) {
    const std::size_t size = count_until_from_right(text, is_space);
    out.add(text_value(text.substr(text.size() - size)));
    text.remove_suffix(size);
  }
  if (!text.empty()) out.add(text_value(text));
  return reversed(out.take());
}

/// From the right, only the last `maxsplit` separators count.
Value split_right(const Call& call) {
  const std::int64_t most = std::max<std::int64_t>(-1, as_index(call[1]));
  if (most < 0) return split(call);
  if (call[0].is_none()) return Value::list(split_at_spaces_from_right(call.self.string(), most));
  const std::string& separator = text_argument(call[0], "rsplit");
  if (separator.empty()) raise(ErrorKind::ValueError, "empty separator");
  std::string_view text = call.self.string();
  GrowingList out;
  for (std::int64_t left = most; left != 0; --left) {
    const std::size_t at = find_last_text(text, separator);
    if (at == std::string_view::npos) break;
    out.add(text_value(text.substr(at + separator.size())));
    text = text.substr(0, at);
  }
  out.add(text_value(text));
  return Value::list(reversed(out.take()));
}

Value split_lines(const Call& call) {
  std::string_view text = call.self.string();
  const bool keep_ends = truth(call[0]);
  GrowingList out;
  while (!text.empty()) {
    const std::size_t size = count_until(text, [](char c) { return c >= '\n' && c <= '\r'; });
    std::size_t end = std::min(size + 1, text.size());
    if (text.substr(size).starts_with("\r\n")) ++end;
    out.add(text_value(text.substr(0, keep_ends ? end : size)));
    text.remove_prefix(end);
  }
  return Value::list(out.take());
}

Value parts_around(const Call& call, bool from_right) {
  const std::string_view text = call.self.string();
  const std::string& separator = text_argument(call[0], "partition");
  if (separator.empty()) raise(ErrorKind::ValueError, "empty separator");
  const std::size_t at = from_right ? find_last_text(text, separator) : find_text(text, separator);
  const Value none = text_value(""), whole = call.self;
  if (at == std::string_view::npos)
    return from_right ? Value::tuple({none, none, whole}) : Value::tuple({whole, none, none});
  return Value::tuple({text_value(text.substr(0, at)), call[0], text_value(text.substr(at + separator.size()))});
}

Value partition(const Call& call) { return parts_around(call, false); }
Value partition_right(const Call& call) { return parts_around(call, true); }

/// Bytes of the parts and of the separators between them.
std::uint64_t joined_size(const std::vector<Value>& parts, std::uint64_t separator) {
  std::uint64_t out = 0;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    context().charge(1, 0);
    if (!parts[at].is_string())
      raise(ErrorKind::TypeError, "sequence item {}: expected str instance, {} found", at, type_name(parts[at]));
    out += parts[at].string().size() + (at > 0 ? separator : 0);
  }
  return out;
}

Value join(const Call& call) {
  const std::vector<Value> parts = elements_of(call[0]);
  const std::string& separator = call.self.string();
  GrowingText out;
  out.reserve(joined_size(parts, separator.size()));
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (at > 0) out.add(separator);
    out.add(parts[at].string());
  }
  return text_value(out.take());
}

Value replace(const Call& call) {
  const std::string& text = call.self.string();
  const std::string &old = text_argument(call[0], "replace"), &fresh = text_argument(call[1], "replace");
  std::int64_t left = std::max<std::int64_t>(-1, as_index(call[2]));
  GrowingText out;
  std::size_t at = 0;
  const auto copy = [&](std::size_t size) { out.add(std::string_view(text).substr(at, size)); };
  for (; left != 0; --left) {
    const std::size_t found = find_text(text, old, at);
    if (found == std::string::npos) break;
    copy(found - at);
    out.add(fresh);
    at = found + old.size();
    if (!old.empty()) continue;
    // The empty text is found in front of every character and at the end.
    if (at == text.size()) return text_value(out.take());
    const std::size_t size = utf8_size(std::string_view(text).substr(at));
    copy(size);
    at += size;
  }
  copy(text.size());
  return text_value(out.take());
}

// ---- padding ----

std::string padding(const Value& fill, std::int64_t count) {
  const std::string& text = text_argument(fill, "fill character");
  if (utf8_length(text) != 1) raise(ErrorKind::TypeError, "The fill character must be exactly one character long");
  GrowingText out;
  for (; count > 0; --count) out.add(text);
  return out.take();
}

std::int64_t missing(const Call& call) {
  const std::int64_t width = std::max<std::int64_t>(0, as_index(call[0]));
  const std::int64_t pad = std::max<std::int64_t>(0, width - static_cast<std::int64_t>(text_length(call.self)));
  context().charge(0, static_cast<std::uint64_t>(pad));
  return pad;
}

Value justify_left(const Call& call) {
  return text_value(joined_text({call.self.string(), padding(call[1], missing(call))}));
}
Value justify_right(const Call& call) {
  return text_value(joined_text({padding(call[1], missing(call)), call.self.string()}));
}

Value center(const Call& call) {
  const std::int64_t pad = missing(call);
  const std::int64_t left = pad / 2 + (pad & as_index(call[0]) & 1);
  return text_value(joined_text({padding(call[1], left), call.self.string(), padding(call[1], pad - left)}));
}

Value fill_zeros(const Call& call) {
  const std::string_view text = call.self.string();
  const std::size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const auto zeros = static_cast<std::size_t>(missing(call));
  GrowingText out;
  out.reserve(text.size() + zeros);
  out.add(text.substr(0, sign));
  out.add(zeros, '0');
  out.add(text.substr(sign));
  return text_value(out.take());
}

/// Blanks up to the next multiple of the tab size; columns are counted from the last line break.
Value expand_tabs(const Call& call) {
  const std::int64_t size = as_index(call[0]);
  GrowingText out;
  std::int64_t column = 0;
  for (std::string_view text = call.self.string(); !text.empty();) {
    const std::string_view character = text.substr(0, utf8_size(text));
    text.remove_prefix(character.size());
    const bool tab = character == "\t";
    const std::int64_t blanks = tab && size > 0 ? size - column % size : 0;
    if (tab)
      out.add(static_cast<std::size_t>(blanks), ' ');
    else
      out.add(character);
    column = character == "\n" || character == "\r" ? 0 : column + (tab ? blanks : 1);
  }
  return text_value(out.take());
}

Value format(const Call& call) {
  return text_value(format_template(call.evaluator, call.self.string(), call[0].elements(), call.keywords));
}

constexpr const char* kBounds = "sub, start=None, end=None";
constexpr ValueMethodRow kRows[] = {
    {TypeId::string, "strip", "chars=None", strip_both},
    {TypeId::string, "lstrip", "chars=None", strip_left},
    {TypeId::string, "rstrip", "chars=None", strip_right},
    {TypeId::string, "removeprefix", "prefix", remove_prefix},
    {TypeId::string, "removesuffix", "suffix", remove_suffix},
    {TypeId::string, "find", kBounds, find},
    {TypeId::string, "rfind", kBounds, find_right},
    {TypeId::string, "index", kBounds, index},
    {TypeId::string, "rindex", kBounds, index_right},
    {TypeId::string, "count", kBounds, count},
    {TypeId::string, "startswith", kBounds, starts_with},
    {TypeId::string, "endswith", kBounds, ends_with},
    {TypeId::string, "split", "sep=None, maxsplit=-1", split},
    {TypeId::string, "rsplit", "sep=None, maxsplit=-1", split_right},
    {TypeId::string, "splitlines", "keepends=False", split_lines},
    {TypeId::string, "partition", "sep", partition},
    {TypeId::string, "rpartition", "sep", partition_right},
    {TypeId::string, "join", "iterable", join},
    {TypeId::string, "replace", "old, new, count=-1", replace},
    {TypeId::string, "ljust", "width, fillchar=' '", justify_left},
    {TypeId::string, "rjust", "width, fillchar=' '", justify_right},
    {TypeId::string, "center", "width, fillchar=' '", center},
    {TypeId::string, "zfill", "width", fill_zeros},
    {TypeId::string, "expandtabs", "tabsize=8", expand_tabs},
    {TypeId::string, "format", "*args", format, true},
};

}  // namespace

std::span<const ValueMethodRow> string_methods() { return kRows; }

}  // namespace inlay
