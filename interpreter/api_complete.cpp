// api_complete.cpp - words that could be meant at a place in a text, for a prompt.
// Knows names and values that exist; evaluates nothing but attributes of modules.
// Invariant: never throws for what was typed; an unknown object has no completions.
#include <algorithm>

#include "interpreter/api.h"

namespace inlay {
inline namespace v1 {
namespace detail {
namespace {

constexpr std::string_view kKeywords[] = {
    "False", "None", "True",   "and", "as", "assert", "break", "continue", "def",  "del",   "elif",   "else", "for",
    "from",  "if",   "import", "in",  "is", "lambda", "not",   "or",       "pass", "raise", "return", "while"};

bool is_word(char c) {
  return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0 || (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// Where the word that ends at `end` begins.
std::size_t word_begin(std::string_view text, std::size_t end) {
  while (end > 0 && is_word(text[end - 1])) --end;
  return end;
}

/// `a.b` of the text that ends in `a.b.`; empty if what is before the dot is more than names.
std::vector<std::string_view> path_before_dot(std::string_view text) {
  std::vector<std::string_view> path;
  while (text.ends_with('.')) {
    text.remove_suffix(1);
    const std::size_t begin = word_begin(text, text.size());
    if (begin == text.size()) return {};
    path.insert(path.begin(), text.substr(begin));
    text = text.substr(0, begin);
  }
  const bool is_tail =
      !text.empty() && (text.back() == ')' || text.back() == ']' || text.back() == '"' || text.back() == '\'');
  return is_tail && path.empty() ? std::vector<std::string_view>{} : path;
}

core::Value find_object(Evaluator& evaluator, const std::vector<std::string_view>& path) {
  const core::Value* variable = evaluator.variables().find(path.front());
  core::Value object = variable != nullptr ? *variable : evaluator.builtin(path.front());
  for (std::size_t at = 1; at < path.size() && !object.is_undefined(); ++at) {
    if (!object.is(core::Value::Tag::module)) return {};
    object = evaluator.attribute(object, path[at]);
  }
  return object;
}

}  // namespace

std::vector<std::string> completions(Evaluator& evaluator, std::string_view text) {
  const std::size_t begin = word_begin(text, text.size());
  const std::string_view word = text.substr(begin);
  std::vector<std::string> names;
  if (begin > 0 && text[begin - 1] == '.') {
    const auto path = path_before_dot(text.substr(0, begin));
    if (path.empty()) return {};
    const core::Value object = find_object(evaluator, path);
    if (!object.is_undefined()) names = evaluator.attribute_names(object);
  } else {
    names = evaluator.known_names();
    for (const std::string_view keyword : kKeywords) names.emplace_back(keyword);
  }
  std::erase_if(names, [&](const std::string& name) {
    return !name.starts_with(word) || (word.empty() && name.starts_with('_'));
  });
  return names;
}

}  // namespace detail
}  // namespace v1
}  // namespace inlay
