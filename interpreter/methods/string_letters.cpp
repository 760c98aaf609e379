// string_letters.cpp - the methods of str that look at characters one by one: case, classes, translation.
// upper and lower know ASCII letters; other characters stay as they are and count as letters. Invariant: a text that is
// empty has no class but isascii and isprintable, as in Python.
#include <algorithm>

#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/text_search.h"
#include "interpreter/methods/value_methods.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/compare.h"
#include "interpreter/values/growing.h"
#include "runtime/memory/poller.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

using Call = ValueMethodCall;

Value text_value(std::string_view text) { return Value::of(text); }

bool is_ascii(char c) { return static_cast<signed char>(c) >= 0; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_upper(c) || is_lower(c) || !is_ascii(c); }
bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }
bool is_word(char c) { return is_letter_or_digit(c) || c == '_'; }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
char swapped(char c) { return is_upper(c) ? to_lower(c) : to_upper(c); }

// ---- case ----

/// The text with each byte converted, in order. It is stopped between parts.
template <class Convert>
std::string converted(const std::string& text, const Convert& convert) {
  std::string out;
  append_text(out, text);
  serial_for(static_cast<std::int64_t>(out.size()), [&](std::int64_t begin, std::int64_t end) {
    std::transform(out.begin() + begin, out.begin() + end, out.begin() + begin, convert);
  });
  return out;
}

template <char (*convert)(char)>
Value each_letter(const Call& call) {
  return text_value(converted(call.self.string(), convert));
}

Value capitalize(const Call& call) {
  std::string out = converted(call.self.string(), to_lower);
  if (!out.empty()) out[0] = to_upper(out[0]);
  return text_value(out);
}

Value title(const Call& call) {
  bool inside = false;
  return text_value(converted(call.self.string(), [&](char c) {
    c = inside ? to_lower(c) : to_upper(c);
    inside = is_letter(c);
    return c;
  }));
}

// ---- classes ----

bool all_of(const std::string& text, bool (*matches)(char)) {
  return count_until(text, [&](char c) { return !matches(c); }) == text.size();
}
bool any_of(const std::string& text, bool (*matches)(char)) { return count_until(text, matches) < text.size(); }

template <bool (*matches)(char)>
Value all_match(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(!text.empty() && all_of(text, matches));
}

/// isupper and islower: some letter, and none of the other case.
template <bool (*wanted)(char), bool (*other)(char)>
Value has_case(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(any_of(text, wanted) && !any_of(text, other));
}

/// Capitals where words begin and nowhere else, and at least one.
Value is_title(const Call& call) {
  bool inside = false;
  bool some = false;
  Poller poll;
  for (const char c : call.self.string()) {
    poll();
    if ((is_upper(c) && inside) || (is_lower(c) && !inside)) return Value::of(false);
    some = some || is_upper(c);
    inside = is_letter(c);
  }
  return Value::of(some);
}

Value is_ascii_text(const Call& call) { return Value::of(all_of(call.self.string(), is_ascii)); }

Value is_identifier(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(!text.empty() && !is_digit(text[0]) && all_of(text, is_word));
}

Value is_printable(const Call& call) {
  Poller poll;
  for (std::string_view text = call.self.string(); !text.empty(); text.remove_prefix(utf8_size(text))) {
    poll();
    if (!utf8_printable(text)) return Value::of(false);
  }
  return Value::of(true);
}

// ---- translation ----

/// What a table says of a character: a text, a code, None, or nothing.
void translate_character(std::string_view character, const DictObject& table, GrowingText& out) {
  const Value* found = table.find(Value::of(static_cast<std::int64_t>(utf8_decode(character))));
  if (found == nullptr) {
    out.add(character);
  } else if (found->is_string()) {
    out.add(found->string());
  } else if (!found->is_none()) {
    const std::int64_t code = as_index(*found);
    if (code < 0 || code >= kCodePoints) raise(ErrorKind::ValueError, "character mapping must be in range(0x110000)");
    out.add(utf8_encode(static_cast<char32_t>(code)));
  }
}

Value translate(const Call& call) {
  if (!call[0].is(Value::Tag::dict))
    raise(ErrorKind::TypeError, "translate() argument must be a dict, as str.maketrans() gives, not {}",
          type_name(call[0]));
  GrowingText out;
  for (std::string_view text = call.self.string(); !text.empty(); text.remove_prefix(utf8_size(text)))
    translate_character(text.substr(0, utf8_size(text)), call[0].dictionary(), out);
  return text_value(out.take());
}

Value code_of(std::string_view character) { return Value::of(static_cast<std::int64_t>(utf8_decode(character))); }

/// The table of a dict whose keys are characters or codes.
Value table_of_dict(const Value& source) {
  if (!source.is(Value::Tag::dict))
    raise(ErrorKind::TypeError, "if you give only one argument to maketrans it must be a dict");
  Value out = Value::dict();
  for (const auto& [key, value] : source.dictionary().items) {
    context().charge(1, 0);
    const bool text = key.is_string();
    if (text && utf8_length(key.string()) != 1)
      raise(ErrorKind::ValueError, "string keys in translate table must be of length 1");
    out.mutable_dictionary().set(text ? code_of(key.string()) : Value::of(as_index(key)), value);
  }
  return out;
}

const std::string& table_text(const Value& value) {
  if (value.is_string()) return value.string();
  raise(ErrorKind::TypeError, "maketrans() arguments must be str, not {}", type_name(value));
}

Value make_table(const Call& call) {
  if (call[1].is_none()) return table_of_dict(call[0]);
  std::string_view from = table_text(call[0]), to = table_text(call[1]);
  if (utf8_length(from) != utf8_length(to))
    raise(ErrorKind::ValueError, "the first two maketrans arguments must have equal length");
  Value out = Value::dict();
  DictObject& table = out.mutable_dictionary();
  for (; !from.empty(); from.remove_prefix(utf8_size(from)), to.remove_prefix(utf8_size(to))) {
    context().charge(1, 0);
    table.set(code_of(from), code_of(to));
  }
  if (call[2].is_none()) return out;
  for (std::string_view removed = table_text(call[2]); !removed.empty(); removed.remove_prefix(utf8_size(removed))) {
    context().charge(1, 0);
    table.set(code_of(removed), Value::none());
  }
  return out;
}

constexpr ValueMethodRow kRows[] = {
    {TypeId::string, "upper", "", each_letter<to_upper>},
    {TypeId::string, "lower", "", each_letter<to_lower>},
    {TypeId::string, "swapcase", "", each_letter<swapped>},
    {TypeId::string, "casefold", "", each_letter<to_lower>},
    {TypeId::string, "capitalize", "", capitalize},
    {TypeId::string, "title", "", title},
    {TypeId::string, "isalpha", "", all_match<is_letter>},
    {TypeId::string, "isdigit", "", all_match<is_digit>},
    {TypeId::string, "isdecimal", "", all_match<is_digit>},
    {TypeId::string, "isnumeric", "", all_match<is_digit>},
    {TypeId::string, "isalnum", "", all_match<is_letter_or_digit>},
    {TypeId::string, "isspace", "", all_match<is_ascii_space>},
    {TypeId::string, "isupper", "", has_case<is_upper, is_lower>},
    {TypeId::string, "islower", "", has_case<is_lower, is_upper>},
    {TypeId::string, "istitle", "", is_title},
    {TypeId::string, "isascii", "", is_ascii_text},
    {TypeId::string, "isidentifier", "", is_identifier},
    {TypeId::string, "isprintable", "", is_printable},
    {TypeId::string, "translate", "table", translate},
    {TypeId::string, "maketrans", "x, y=None, z=None", make_table, false, true},
};

}  // namespace

std::span<const ValueMethodRow> string_letter_methods() { return kRows; }

}  // namespace inlay
