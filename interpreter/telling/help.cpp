// help.cpp - see help.h.
#include "interpreter/telling/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "grammar/nearest_name.h"
#include "interpreter/lowering/constants.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/telling/catalogue.h"
#include "interpreter/texts/quote.h"
#include "library/library.h"

namespace inlay {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::string_view kLibrary = "<library>/";

struct Renaming {
  std::string_view from, to;
};
constexpr Renaming kModules[] = {{"numpy.", ""}, {"np.", ""}, {"tensorflow.", "tf."}};
/// A name that has no text of its own has that of another.
constexpr Renaming kSharing[] = {
    {"ndarray.", ""}, {"Generator.", "random."}, {"linalg.", ""}, {"tf.math.", ""}, {"tf.nn.", ""}, {"tf.", ""}};

std::string without_module(std::string_view name) {
  for (const auto& [from, to] : kModules) {
    if (name.starts_with(from)) return std::string(to) + std::string(name.substr(from.size()));
  }
  return std::string(name);
}

const PublicName* find_public(const std::vector<PublicName>& names, std::string_view name) {
  const auto it = std::lower_bound(names.begin(), names.end(), name,
                                   [](const PublicName& row, std::string_view key) { return row.name < key; });
  return it != names.end() && it->name == name ? &*it : nullptr;
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) out += "    " + std::string(text.substr(0, end));
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// The title, and below it the text.
std::string layout(std::string_view title, std::string_view text) {
  return text.empty() ? fmt::format("{}\n", title) : fmt::format("{}\n\n{}", title, indented(text));
}

std::string text_of(const HelpEntry* entry) { return entry == nullptr ? "" : help_text(*entry); }

/// A name that is also a method of tensors says so.
std::string method_line(const std::vector<PublicName>& names, std::string_view name) {
  const std::string method = "ndarray." + std::string(name);
  const PublicName* found = find_public(names, method);
  const bool is_same = found != nullptr && (find_help(method) == nullptr);
  return is_same ? fmt::format("\n    Also a method of tensors: x.{}{}\n", name, found->signature) : "";
}

/// Names in lines of at most kWidth columns.
std::string filled(const std::vector<std::string_view>& names) {
  std::string out, line = "   ";
  for (const std::string_view name : names) {
    if (line.size() + 1 + name.size() > kWidth) out += std::exchange(line, "   ") + "\n";
    line += " " + std::string(name);
  }
  return out + line + "\n";
}

/// The names behind `prefix`, by the page that explains them.
std::string contents(std::string_view prefix) {
  std::map<std::string_view, std::vector<std::string_view>> pages;
  const std::vector<PublicName> names = public_names();
  for (const PublicName& row : names) {
    const std::string_view name = row.name;
    if (!name.starts_with(prefix) || name.find('.', prefix.size()) != std::string_view::npos) continue;
    const HelpEntry* entry = find_help(name);
    pages[entry == nullptr ? "others" : entry->page()].push_back(name.substr(prefix.size()));
  }
  std::string out;
  for (const auto& [page, members] : pages) out += fmt::format("\n{}\n{}", page, filled(members));
  return out;
}

std::string help_on_module(const ModuleObject& module) {
  std::string prefix = without_module(module.name + ".");
  if (module.variables.names().empty()) return fmt::format("module {}\n{}", module.name, contents(prefix));
  std::vector<std::string_view> members;
  for (const std::string& name : module.variables.names()) {
    if (!name.starts_with('_') && module.variables.is_bound(name)) members.push_back(name);
  }
  return fmt::format("module {}\n\n{}", module.name, filled(members));
}

std::string parameter_text(const FunctionObject& function, const ir::Parameter& parameter) {
  if (parameter.star) return "*" + parameter.name;
  if (parameter.default_index < 0) return parameter.name;
  return parameter.name + "=" + to_repr(function.defaults[static_cast<std::size_t>(parameter.default_index)]);
}

/// The signature of a function of the language from what it is at run time.
std::string signature_text(const FunctionObject& function) {
  std::string out;
  bool is_behind_star = false;
  for (const ir::Parameter& parameter : function.function->parameters) {
    if (!out.empty()) out += ", ";
    if (parameter.keyword_only && !is_behind_star) out += "*, ";
    is_behind_star = is_behind_star || parameter.keyword_only || parameter.star;
    out += parameter_text(function, parameter);
  }
  return "(" + out + ")";
}

/// A docstring without the indentation that its lines below the first share.
std::string without_indentation(std::string_view doc) {
  std::size_t indentation = std::string_view::npos;
  for (std::size_t at = doc.find('\n'); at != std::string_view::npos; at = doc.find('\n', at + 1)) {
    const std::size_t word = doc.find_first_not_of(' ', at + 1);
    if (word != std::string_view::npos && doc[word] != '\n') indentation = std::min(indentation, word - at - 1);
  }
  std::string out;
  for (std::size_t at = 0; at < doc.size(); ++at) {
    out += doc[at];
    if (doc[at] != '\n' || indentation == std::string_view::npos) continue;
    for (std::size_t n = 0; n < indentation && at + 1 < doc.size() && doc[at + 1] == ' '; ++n) ++at;
  }
  const std::size_t begin = out.find_first_not_of(" \n"), end = out.find_last_not_of(" \n");
  return begin == std::string::npos ? "" : out.substr(begin, end - begin + 1);
}

std::string help_on_function(const FunctionObject& function) {
  const std::string_view source = function.program->program->source->name();
  if (source.starts_with(kLibrary)) {
    const std::string_view path = source.substr(kLibrary.size());
    const std::string module(path.substr(0, path.find('/')));
    const std::string name = without_module(module + "." + function.function->name);
    if (find_help(name) != nullptr) return help_on_name(name);
  }
  const std::string_view name = function.function->name;
  return layout((name.empty() ? "lambda" : std::string(name)) + signature_text(function),
                without_indentation(function.function->doc));
}

std::string help_on_method(const MethodObject& method) {
  // A function that another one gave, as grad(f), is told of under that one's name.
  if (!method.function.is_undefined()) return help_on_name(method.name);
  const std::string name = std::string(type_name(method.self)) + "." + method.name;
  const std::vector<PublicName> names = public_names();
  if (find_public(names, name) != nullptr) return help_on_name(name);
  return layout(name + "(…)", "");
}

}  // namespace

std::string help_subject(const ast::Expr& expression) {
  if (const auto* name = std::get_if<ast::Name>(&expression.node)) {
    return is_mutating_function(name->id) ? std::string(name->id) : "";
  }
  const auto* attribute = std::get_if<ast::Attribute>(&expression.node);
  const auto* object = attribute == nullptr ? nullptr : std::get_if<ast::Name>(&attribute->object->node);
  if (object == nullptr) return {};
  if (builtin_constant(object->id).is(Value::Tag::type)) return fmt::format("{}.{}", object->id, attribute->name);
  return is_mutating_function(attribute->name) ? std::string(attribute->name) : "";
}

const HelpEntry* help_entry(std::string_view name) {
  if (const HelpEntry* entry = find_help(name); entry != nullptr && entry->size > 0) return entry;
  for (const auto& [from, to] : kSharing) {
    if (name.starts_with(from)) return help_entry(std::string(to) + std::string(name.substr(from.size())));
  }
  constexpr std::string_view kGenerator = "Generator.";
  if (name.starts_with(kGenerator)) return help_entry("random." + std::string(name.substr(kGenerator.size())));
  return nullptr;
}

std::string help_on_name(std::string_view typed) {
  const std::string name = without_module(typed);
  const std::vector<PublicName> names = public_names();
  if (const PublicName* found = find_public(names, name))
    return layout(name + found->signature, text_of(help_entry(name))) + method_line(names, name);
  if (const HelpEntry* entry = help_entry(name)) return layout(name, help_text(*entry));
  const std::string module = name + ".";
  if (std::any_of(names.begin(), names.end(), [&](const PublicName& row) { return row.name.starts_with(module); }))
    return fmt::format("{}\n{}", typed, contents(module));
  if (name == "numpy" || name == "np") return help_overview();
  std::vector<std::string> candidates;
  for (const PublicName& row : names) candidates.push_back(row.name);
  const auto member =
      std::find_if(names.begin(), names.end(), [&](const PublicName& row) { return row.name.ends_with("." + name); });
  const std::string near = member != names.end() ? member->name : nearest_name(name, {}, candidates);
  raise(ErrorKind::NameError, "there is no help on {}{}", short_quote(typed), did_you_mean(near));
}

std::string help_on_value(const Value& value) {
  using Tag = Value::Tag;
  switch (value.tag()) {
    case Tag::op:
      return help_on_name(public_name(*value.op()));
    case Tag::function:
      return help_on_function(value.object<FunctionObject>());
    case Tag::method:
      return help_on_method(value.object<MethodObject>());
    case Tag::module:
      return help_on_module(value.object<ModuleObject>());
    case Tag::type:
      return help_on_name(type_name(value.type()));
    case Tag::dtype:
      return help_on_name(name(value.dtype()));
    case Tag::host:
      return layout(value.object<HostObject>().name + "(…)", "A function of the program around this one.");
    default:
      return help_on_name(type_name(value));
  }
}

std::string help_overview() {
  return "help(name) says what a function does; help(np.linalg) lists a module.\n" + contents("");
}

}  // namespace inlay
