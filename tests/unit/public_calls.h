// public_calls.h - a public name as the text of a call: of so many operands, or with one parameter given.
// Must not know what the operands are. Invariant: the text follows from the signature of the table that defines the
// name.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "interpreter/telling/catalogue.h"

namespace inlay {

/// What a call has to know of a parameter. Signatures of the library have defaults that only it can read.
struct Parameter {
  std::string name;
  bool is_required = false, keyword_only = false, is_star = false;
};

/// "(a, axis=None, *rest, key=(1, 2))"
inline std::vector<Parameter> parameters_of(std::string_view signature) {
  std::vector<Parameter> out;
  bool keyword_only = false;
  int depth = 0;
  std::size_t begin = 1;
  for (std::size_t at = 1; at < signature.size(); ++at) {
    const char c = signature[at];
    const bool ends = depth == 0 && (c == ',' || c == ')');
    depth += (c == '(' || c == '[') - (c == ')' || c == ']');
    if (!ends) continue;
    std::string_view text = signature.substr(begin, at - begin);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    begin = at + 1;
    const bool is_star = text.starts_with('*');
    keyword_only |= is_star;
    const std::string name(text.substr(is_star ? 1 : 0, text.find_first_of("=:") - (is_star ? 1 : 0)));
    if (name.empty() || name == "/" || text.starts_with("**")) continue;
    out.push_back({name, !is_star && text.find('=') == std::string_view::npos, keyword_only && !is_star, is_star});
  }
  return out;
}

/// A name as a call of some operands.
class Call {
 public:
  explicit Call(const PublicName& name) : name_(name.name) {
    const std::size_t dot = name_.find('.');
    const std::string type = name_.substr(0, dot);
    for (const auto& [receiver, text] : kReceivers)
      if (dot != std::string::npos && type == receiver) receiver_ = text, name_ = name_.substr(dot + 1);
    is_called_ = !name.signature.empty();
    if (is_called_) parameters_ = parameters_of(name.signature);
    is_method_ = type == "ndarray";
  }

  /// How many operands it must have, the tensor whose method it is included.
  [[nodiscard]] std::size_t least() const {
    std::size_t count = is_method_ ? 1 : 0;
    for (const Parameter& parameter : parameters_) count += parameter.is_required || parameter.is_star;
    return count;
  }
  /// Its operands by name where they have one, the optional ones too.
  [[nodiscard]] std::size_t most() const { return parameters_.size() + (is_method_ ? 1 : 0); }

  /// `operands`: the first least() of them; `keyword`: a parameter that is given besides, or most().
  [[nodiscard]] std::string text(const std::vector<std::string>& operands) const {
    std::size_t at = 0;
    std::string out = is_method_ ? operands.at(at++) + "." + name_ : receiver_ + name_;
    if (!is_called_) return out;
    std::string arguments;
    for (const Parameter& parameter : parameters_) {
      if (!parameter.is_required && !parameter.is_star) continue;
      arguments +=
          (arguments.empty() ? "" : ", ") + (parameter.keyword_only ? parameter.name + "=" : "") + operands.at(at++);
    }
    return out + "(" + arguments + ")";
  }
  /// The same with parameter `at`, optional or not, given `value` and every other one that must be there `ordinary`.
  [[nodiscard]] std::string text_with(std::size_t at, const std::string& value, const std::string& ordinary) const {
    std::string out = is_method_ ? (at == parameters_.size() ? value : ordinary) + "." + name_ : receiver_ + name_;
    std::string arguments;
    bool by_name = false;
    for (std::size_t each = 0; each < parameters_.size(); ++each) {
      const Parameter& parameter = parameters_[each];
      const bool is_given = parameter.is_required || parameter.is_star || each == at;
      by_name |= !is_given || parameter.keyword_only;
      if (!is_given || (parameter.is_star && by_name)) continue;
      if (!arguments.empty()) arguments += ", ";
      arguments += (by_name ? parameter.name + "=" : "") + (each == at ? value : ordinary);
    }
    return out + "(" + arguments + ")";
  }
  [[nodiscard]] bool is_called() const { return is_called_; }

 private:
  static constexpr std::pair<std::string_view, std::string_view> kReceivers[] = {{"ndarray", ""},
                                                                                 {"str", "text."},
                                                                                 {"list", "values."},
                                                                                 {"tuple", "(1, 2)."},
                                                                                 {"dict", "items."},
                                                                                 {"int", "(3)."},
                                                                                 {"float", "(2.5)."},
                                                                                 {"range", "range(3)."},
                                                                                 {"slice", "slice(3)."},
                                                                                 {"bool", "True."},
                                                                                 {"complex", "1j."},
                                                                                 {"dtype", "dtype('int8')."},
                                                                                 {"Generator", "generator."}};
  std::string name_, receiver_;
  bool is_called_ = false, is_method_ = false;
  std::vector<Parameter> parameters_;
};

/// Calls of a name with `operand` in every place that must be filled, and in one of them, the others being `ordinary`.
/// None for what is not called, or takes nothing.
inline std::set<std::string> calls_with(const PublicName& name, const std::string& operand,
                                        const std::string& ordinary) {
  const Call call(name);
  std::set<std::string> out;
  if (!call.is_called() || call.least() == 0) return out;
  out.insert(call.text(std::vector<std::string>(call.least(), operand)));
  for (std::size_t at = 0; at < call.least(); ++at) {
    std::vector<std::string> one(call.least(), ordinary);
    one[at] = operand;
    out.insert(call.text(one));
  }
  return out;
}

}  // namespace inlay
