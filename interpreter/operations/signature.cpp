// signature.cpp - reading parameter lists and binding arguments.
#include "interpreter/operations/signature.h"

#include <algorithm>

#include "interpreter/checking/unknown_name.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/values/share.h"

namespace inlay {
namespace {

Value parse_default(std::string_view text) {
  if (text == "None") return Value::none();
  if (text == "True") return Value::of(true);
  if (text == "False") return Value::of(false);
  if (text == "()") return Value::tuple({});
  if (text == "...") return Value::ellipsis();
  if (text == R"('\n')") return Value::of(std::string_view("\n"));  // the one escape that signatures have
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'')
    return Value::of(text.substr(1, text.size() - 2));
  std::int64_t integer = 0;
  if (parse_int(text, 10, integer) == ParseResult::ok) return Value::of(integer);
  double real = 0;
  INLAY_CHECK(parse_float(text, real));
  return Value::of(real);
}

/// Cuts the text up to the next comma off, commas in quotes aside.
std::string_view take_part(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  while (end < rest.size() && (quoted || rest[end] != ',')) quoted ^= rest[end++] == '\'';
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  const std::size_t begin = part.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view()
                                         : part.substr(begin, part.find_last_not_of(' ') - begin + 1);
}

OpParameter parse_parameter(std::string_view part) {
  OpParameter out;
  if (part.starts_with("**")) {
    out.name = part;  // which no keyword can be called
    out.keywords = true;
    out.default_value = Value::dict();
    share(out.default_value);
    return out;
  }
  out.star = part.front() == '*';
  if (out.star) part.remove_prefix(1);
  const std::size_t assign = part.find('=');
  out.name = part.substr(0, assign);
  if (assign != std::string_view::npos) out.default_value = parse_default(part.substr(assign + 1));
  share(out.default_value);  // every interpreter's, on any thread
  return out;
}

const OpParameter* star_of(const Signature& signature) {
  return signature.star < 0 ? nullptr : &signature.parameters[static_cast<std::size_t>(signature.star)];
}

[[noreturn]] void refuse_count(std::string_view callee, const Signature& signature, std::size_t given) {
  const auto takes = static_cast<std::size_t>(std::count_if(signature.parameters.begin(), signature.parameters.end(),
                                                            [](const OpParameter& p) { return !p.keyword_only; }));
  raise(ErrorKind::TypeError, "{}() takes {}{} argument{} ({} given)", callee, takes == 0 ? "" : "at most ",
        takes == 0 ? "no" : std::to_string(takes), takes == 1 ? "" : "s", given);
}

class Binding {
 public:
  Binding(std::string_view callee, const Signature& signature)
      : callee_(callee), signature_(signature), bound_(signature.parameters.size()) {}

  void positional(std::span<const Value> values) {
    std::size_t at = 0;
    for (; at < values.size(); ++at) {
      if (at == static_cast<std::size_t>(signature_.star)) break;
      if (at >= bound_.size() || signature_.parameters[at].keyword_only)
        refuse_count(callee_, signature_, values.size());
      bound_[at] = values[at];
    }
    if (star_of(signature_)) {
      bound_[static_cast<std::size_t>(signature_.star)] =
          Value::tuple({values.begin() + static_cast<std::ptrdiff_t>(at), values.end()});
    }
  }

  void keyword(std::string_view name, const Value& value) {
    const auto& parameters = signature_.parameters;
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const OpParameter& p) {
      return p.name == name && !p.star && !p.positional_only;
    });
    if (found == parameters.end() && !parameters.empty() && parameters.back().keywords) return collect(name, value);
    if (found == parameters.end()) raise_unknown_keyword(callee_, name, parameters);
    Value& slot = bound_[static_cast<std::size_t>(found - parameters.begin())];
    if (!slot.is_undefined()) raise(ErrorKind::TypeError, "{}() got multiple values for argument '{}'", callee_, name);
    slot = value;
  }

  std::vector<Value> finish() {
    for (std::size_t at = 0; at < bound_.size(); ++at) {
      if (!bound_[at].is_undefined()) continue;
      const OpParameter& parameter = signature_.parameters[at];
      if (parameter.default_value.is_undefined())
        raise(ErrorKind::TypeError, "{}() missing required argument: '{}'", callee_, parameter.name);
      bound_[at] = parameter.default_value;
    }
    return std::move(bound_);
  }

 private:
  /// Into the dict of `**keywords`.
  void collect(std::string_view name, const Value& value) {
    if (bound_.back().is_undefined()) bound_.back() = Value::dict();
    bound_.back().mutable_dictionary().set(Value::of(name), value);
  }

  std::string_view callee_;
  const Signature& signature_;
  std::vector<Value> bound_;
};

}  // namespace

Signature parse_signature(std::string_view text) {
  Signature out;
  bool keyword_only = false;
  while (!text.empty()) {
    const std::string_view part = take_part(text);
    if (part.empty()) continue;
    if (part == "/") {
      for (OpParameter& parameter : out.parameters) parameter.positional_only = true;
      continue;
    }
    if (part == "*") {
      keyword_only = true;
      continue;
    }
    OpParameter parameter = parse_parameter(part);
    parameter.keyword_only = keyword_only || parameter.keywords;
    if (parameter.star) {
      out.star = static_cast<int>(out.parameters.size());
      keyword_only = true;
    }
    out.parameters.push_back(std::move(parameter));
  }
  return out;
}

std::vector<Value> bind_arguments(std::string_view callee, const Signature& signature, const CallArguments& arguments) {
  Binding binding(callee, signature);
  binding.positional(arguments.positional);
  for (std::size_t at = 0; at < arguments.keywords.size(); ++at) {
    binding.keyword(arguments.keyword_names[at], arguments.keywords[at]);
  }
  return binding.finish();
}

std::vector<Value> bind_arguments(std::string_view callee, const Signature& signature,
                                  std::span<const Value> positional,
                                  std::span<const std::pair<std::string, Value>> keywords) {
  Binding binding(callee, signature);
  binding.positional(positional);
  for (const auto& [name, value] : keywords) binding.keyword(name, value);
  return binding.finish();
}

}  // namespace inlay
