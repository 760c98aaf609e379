// string_letters.cpp - the methods of str that look at characters one by one: case, classes, translation.
// upper and lower know ASCII letters; other characters stay as they are and count as letters. Invariant: a text that is
// empty has no class but isascii and isprintable, as in Python.
#include <algorithm>

#include "interpreter/compare.h"
#include "interpreter/evaluator.h"
#include "interpreter/quote.h"
#include "interpreter/value_methods.h"

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

template <char (*convert)(char)>
Value each_letter(const Call& call) {
  std::string out = call.self.string();
  std::transform(out.begin(), out.end(), out.begin(), convert);
  return text_value(out);
}

Value capitalize(const Call& call) {
  std::string out = call.self.string();
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  if (!out.empty()) out[0] = to_upper(out[0]);
  return text_value(out);
}

Value title(const Call& call) {
  std::string out = call.self.string();
  bool inside = false;
  for (char& c : out) {
    c = inside ? to_lower(c) : to_upper(c);
    inside = is_letter(c);
  }
  return text_value(out);
}

// ---- classes ----

template <bool (*matches)(char)>
Value all_match(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(!text.empty() && std::all_of(text.begin(), text.end(), matches));
}

/// isupper and islower: some letter, and none of the other case.
template <bool (*wanted)(char), bool (*other)(char)>
Value has_case(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(std::any_of(text.begin(), text.end(), wanted) && std::none_of(text.begin(), text.end(), other));
}

/// Capitals where words begin and nowhere else, and at least one.
Value is_title(const Call& call) {
  bool inside = false;
  bool some = false;
  for (const char c : call.self.string()) {
    if ((is_upper(c) && inside) || (is_lower(c) && !inside)) return Value::of(false);
    some = some || is_upper(c);
    inside = is_letter(c);
  }
  return Value::of(some);
}

Value is_ascii_text(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(std::all_of(text.begin(), text.end(), is_ascii));
}

Value is_identifier(const Call& call) {
  const std::string& text = call.self.string();
  return Value::of(!text.empty() && !is_digit(text[0]) && std::all_of(text.begin(), text.end(), is_word));
}

Value is_printable(const Call& call) {
  for (std::string_view text = call.self.string(); !text.empty(); text.remove_prefix(utf8_size(text)))
    if (!utf8_printable(text)) return Value::of(false);
  return Value::of(true);
}

// ---- translation ----

/// What a table says of a character: a text, a code, None, or nothing.
void translate_character(std::string_view character, const DictObject& table, std::string& out) {
  const Value* found = table.find(Value::of(static_cast<std::int64_t>(utf8_decode(character))));
  if (found == nullptr) {
    out += character;
  } else if (found->is_string()) {
    out += found->string();
  } else if (!found->is_none()) {
    const std::int64_t code = as_index(*found);
    if (code < 0 || code >= kCodePoints) raise(ErrorKind::ValueError, "character mapping must be in range(0x110000)");
    out += utf8_encode(static_cast<char32_t>(code));
  }
}

Value translate(const Call& call) {
  if (!call[0].is(Value::Tag::dict))
    raise(ErrorKind::TypeError, "translate() argument must be a dict, as str.maketrans() gives, not {}",
          type_name(call[0]));
  std::string out;
  for (std::string_view text = call.self.string(); !text.empty(); text.remove_prefix(utf8_size(text)))
    translate_character(text.substr(0, utf8_size(text)), call[0].dictionary(), out);
  return text_value(out);
}

Value code_of(std::string_view character) { return Value::of(static_cast<std::int64_t>(utf8_decode(character))); }

/// The table of a dict whose keys are characters or codes.
Value table_of_dict(const Value& source) {
  if (!source.is(Value::Tag::dict))
    raise(ErrorKind::TypeError, "if you give only one argument to maketrans it must be a dict");
  Value out = Value::dict();
  for (const auto& [key, value] : source.dictionary().items) {
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
  for (; !from.empty(); from.remove_prefix(utf8_size(from)), to.remove_prefix(utf8_size(to)))
    table.set(code_of(from), code_of(to));
  if (call[2].is_none()) return out;
  for (std::string_view removed = table_text(call[2]); !removed.empty(); removed.remove_prefix(utf8_size(removed)))
    table.set(code_of(removed), Value::none());
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
