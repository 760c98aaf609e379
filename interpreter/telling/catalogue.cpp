// catalogue.cpp - see catalogue.h.
#include "interpreter/telling/catalogue.h"

#include <algorithm>

#include "interpreter/lowering/constants.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/methods/tensor_attributes.h"
#include "interpreter/methods/value_methods.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/random/random_generator.h"
#include "library/library.h"

namespace inlay {
namespace {

struct Prefix {
  std::uint16_t visibility;
  std::string_view text;
};
constexpr Prefix kPrefixes[] = {
    // the shortest first
    {kNumpy | kPython, ""}, {kMath, "math."}, {kLinalg, "linalg."}, {kRandom, "random."}, {kTensorflow, "tf."},
};

/// As a user would write it: a default that is a line feed is shown as its escape.
std::string in_parentheses(std::string_view parameters) {
  std::string out = "(";
  for (const char c : parameters) out += c == '\n' ? std::string("\\n") : std::string(1, c);
  return out + ")";
}

/// The parameters of a method: those of the function behind the first one, which is the receiver.
std::string_view without_first(std::string_view parameters) {
  const std::size_t comma = parameters.find(", ");
  std::string_view rest = comma == std::string_view::npos ? std::string_view() : parameters.substr(comma + 2);
  return rest.starts_with("/, ") ? rest.substr(3) : rest;
}

class Catalogue {
 public:
  void add_ops() {
    for (const OpRow* row : op_rows()) {
      for (const Prefix& prefix : kPrefixes) {
        if ((row->visibility & prefix.visibility) != 0) add(prefix.text, row->name, in_parentheses(row->signature));
      }
      if ((row->visibility & kMethod) != 0) {
        add("ndarray.", row->name, in_parentheses(without_first(row->signature)));
      }
    }
  }

  void add_library() {
    for (const HelpEntry& entry : help_entries()) {
      if (entry.signature.size > 0) add("", entry.name, std::string(entry.signature));
    }
    for (const LibraryName& row : library_names()) {
      if (row.module == "numpy") add("", row.name, "");  // what is no function, as r_; the others are there already
      if (!row.method) continue;
      std::string_view parameters = find_help(row.name)->signature;
      parameters = parameters.substr(1, parameters.size() - 2);
      add("ndarray.", row.name, in_parentheses(without_first(parameters)));
    }
  }

  void add_generators() {
    add("random.", "shuffle", "(x, axis=0)");  // a changing call that is known by its receiver
    for (const GeneratorMethod& method : generator_methods()) {
      add("Generator.", method.name, in_parentheses(method.signature));
    }
    for (const LibraryName& row : library_names()) {
      if (row.module != "numpy.random") continue;
      add("Generator.", row.name, std::string(find_help("random." + std::string(row.name))->signature));
    }
  }

  void add_constants() {
    for (const std::string_view name : builtin_constant_names()) add("", name, "");
    for (const std::string_view name : module_constant_names("numpy")) add("", name, "");
    for (const std::string_view name : module_constant_names("math")) add("math.", name, "");
    for (const std::string_view name : module_constant_names("tensorflow")) add("tf.", name, "");
  }

  void add_members() {
    for (const std::string_view name : tensor_attribute_names()) add("ndarray.", name, "");
    for (const ValueMethodRow* row : value_method_rows()) {
      add(std::string(type_name(row->type)) + ".", row->name, in_parentheses(row->signature));
    }
    for (const MutatingCall& call : mutating_calls()) {
      if (call.is_method) {
        add(std::string(type_name(call.type)) + ".", call.name, in_parentheses(call.signature));
      } else {
        const std::string_view comma = call.signature.empty() ? "" : ", ";
        add("", call.name, "(target" + std::string(comma) + std::string(call.signature) + ")");
      }
    }
  }

  std::vector<PublicName> sorted() && {
    std::stable_sort(names_.begin(), names_.end(),
                     [](const PublicName& a, const PublicName& b) { return a.name < b.name; });
    names_.erase(std::unique(names_.begin(), names_.end(),
                             [](const PublicName& a, const PublicName& b) { return a.name == b.name; }),
                 names_.end());
    return std::move(names_);
  }

 private:
  void add(std::string_view prefix, std::string_view name, std::string signature) {
    if (name.starts_with('_')) return;
    names_.push_back({std::string(prefix) + std::string(name), std::move(signature)});
  }

  std::vector<PublicName> names_;
};

}  // namespace

std::vector<PublicName> public_names() {
  Catalogue catalogue;
  catalogue.add_ops();
  catalogue.add_library();
  catalogue.add_generators();
  catalogue.add_constants();
  catalogue.add_members();
  return std::move(catalogue).sorted();
}

std::string public_name(const OpRow& row) {
  for (const Prefix& prefix : kPrefixes) {
    if ((row.visibility & prefix.visibility) != 0) return std::string(prefix.text) + std::string(row.name);
  }
  return (row.visibility & kMethod) != 0 ? "ndarray." + std::string(row.name) : std::string(row.name);
}

}  // namespace inlay
