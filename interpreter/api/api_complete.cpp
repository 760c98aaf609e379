// api_complete.cpp - words that could be meant at a place in a text, for a prompt: names, attributes by the type of the
// value before the dot, parameters of the function around.
// Knows names and values that exist; evaluates nothing but attributes of modules.
// Invariant: never throws for what was typed; an unknown object has no completions.
#include <algorithm>

#include "interpreter/api/api.h"

namespace inlay {
inline namespace v1 {
namespace detail {
namespace {

using Tag = core::Value::Tag;

constexpr std::string_view kKeywords[] = {
    "False", "None", "True",   "and", "as", "assert", "break", "continue", "def",  "del",   "elif",   "else", "for",
    "from",  "if",   "import", "in",  "is", "lambda", "not",   "or",       "pass", "raise", "return", "while"};
/// Attributes of a tensor that are tensors of another layout.
constexpr std::string_view kTensorsOfTensors[] = {"T", "mT", "real", "imag", "flat"};

bool is_word(char c) {
  return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// Where the word that ends at `end` begins.
std::size_t word_begin(std::string_view text, std::size_t end) {
  while (end > 0 && is_word(text[end - 1])) --end;
  return end;
}

/// Where the bracket that closes at the end of the text opens; npos if none does.
std::size_t opening(std::string_view text) {
  int depth = 0;
  for (std::size_t at = text.size(); at-- > 0;) {
    if (text[at] == ']' || text[at] == ')' || text[at] == '}') ++depth;
    if (text[at] == '[' || text[at] == '(' || text[at] == '{') --depth;
    if (depth == 0) return at;
  }
  return std::string_view::npos;
}

core::Value object_before(Evaluator& evaluator, std::string_view text);

/// What a literal, or a subscript of a tensor, is an example of.
core::Value object_in_brackets(Evaluator& evaluator, std::string_view text) {
  const std::size_t at = opening(text);
  if (at == std::string_view::npos) return {};
  const bool is_literal = at == 0 || !(is_word(text[at - 1]) || text[at - 1] == ')' || text[at - 1] == ']');
  if (text[at] == '[' && is_literal) return core::Value::list({});
  if (text[at] == '{' && is_literal) return core::Value::dict();
  if (text[at] != '[') return {};
  core::Value object = object_before(evaluator, text.substr(0, at));
  return object.is_tensor() || object.is_string() ? object : core::Value();
}

core::Value member(Evaluator& evaluator, const core::Value& object, std::string_view name) {
  const bool is_tensor =
      std::find(std::begin(kTensorsOfTensors), std::end(kTensorsOfTensors), name) != std::end(kTensorsOfTensors);
  if (object.is_tensor()) return is_tensor ? object : core::Value();
  if (!object.is(Tag::module)) return {};
  return evaluator.attribute(object, name);
}

/// The value, or one of its type, that the text ends with: `a`, `a.b`, `'text'`, `[1]`, `x[0].T`; undefined if that is
/// not known without running something.
core::Value object_before(Evaluator& evaluator, std::string_view text) {
  if (text.ends_with('\'') || text.ends_with('"')) return core::Value::of("");
  if (text.ends_with(']') || text.ends_with('}')) return object_in_brackets(evaluator, text);
  const std::size_t begin = word_begin(text, text.size());
  const std::string_view name = text.substr(begin);
  if (name.empty()) return {};
  if (begin > 0 && text[begin - 1] == '.') {
    const core::Value object = object_before(evaluator, text.substr(0, begin - 1));
    return object.is_undefined() ? core::Value() : member(evaluator, object, name);
  }
  const core::Value* variable = evaluator.variables().find(name);
  return variable != nullptr ? *variable : evaluator.builtin(name);
}

/// The text before the parenthesis that is open at the end of it; empty if none is.
std::string_view called(std::string_view text) {
  int depth = 0;
  for (std::size_t at = text.size(); at-- > 0;) {
    if (text[at] == ')' || text[at] == ']' || text[at] == '}') ++depth;
    if (text[at] != '(' && text[at] != '[' && text[at] != '{') continue;
    if (--depth < 0) return text[at] == '(' ? text.substr(0, at) : std::string_view();
  }
  return {};
}

void add_parameters(const OpRow& row, std::size_t skipped, std::vector<std::string>& names) {
  const auto& parameters = signature_of(row).parameters;
  for (std::size_t at = skipped; at < parameters.size(); ++at) {
    const OpParameter& each = parameters[at];
    if (!each.positional_only && !each.star && !each.keywords) names.push_back(each.name + "=");
  }
}

void add_parameters(const core::Value& function, std::size_t skipped, std::vector<std::string>& names) {
  if (function.is(Tag::op)) return add_parameters(*function.op(), skipped, names);
  if (!function.is(Tag::function)) return;
  const auto& parameters = function.object<FunctionObject>().function->parameters;
  for (std::size_t at = skipped; at < parameters.size(); ++at)
    if (!parameters[at].positional_only && !parameters[at].star) names.push_back(parameters[at].name + "=");
}

/// The keywords of the call that the text is in.
void add_keywords(Evaluator& evaluator, std::string_view text, std::vector<std::string>& names) {
  const std::string_view function = called(text);
  if (function.empty()) return;
  const std::size_t begin = word_begin(function, function.size());
  const std::string_view name = function.substr(begin);
  if (begin > 0 && function[begin - 1] == '.') {
    const core::Value object = object_before(evaluator, function.substr(0, begin - 1));
    if (object.is_tensor()) {
      if (const OpRow* row = find_op(name, kMethod)) return add_parameters(*row, 1, names);
      return add_parameters(evaluator.library_method(name), 1, names);
    }
  }
  add_parameters(object_before(evaluator, function), 0, names);
}

}  // namespace

std::vector<std::string> completions(Evaluator& evaluator, std::string_view text) {
  const std::size_t begin = word_begin(text, text.size());
  const std::string_view word = text.substr(begin);
  std::vector<std::string> names;
  if (begin > 0 && text[begin - 1] == '.') {
    const core::Value object = object_before(evaluator, text.substr(0, begin - 1));
    if (!object.is_undefined()) names = evaluator.attribute_names(object);
  } else {
    names = evaluator.known_names();
    for (const std::string_view keyword : kKeywords) names.emplace_back(keyword);
    guarded([&] { add_keywords(evaluator, text.substr(0, begin), names); });
  }
  std::erase_if(names, [&](const std::string& name) {
    return !name.starts_with(word) || (word.empty() && name.starts_with('_'));
  });
  return names;
}

}  // namespace detail
}  // namespace v1
}  // namespace inlay
