// unknown_name.cpp - see unknown_name.h. What Python has and the language has not is a row of a table.
#include "interpreter/checking/unknown_name.h"

#include <fmt/format.h>

#include "grammar/nearest_name.h"
#include "runtime/dtypes/dtype.h"
#include "runtime/memory/error.h"

namespace inlay {
namespace {

struct Advice {
  std::string_view name;
  std::string_view text;
};
constexpr std::string_view kNoSets = "sets are not in the language: use a list, or unique(...) of a tensor";
constexpr std::string_view kNoAttributes = "attributes have no names at run time: write x.name, or use a dict";
constexpr std::string_view kNoIterators = "iterators are not in the language: write a 'for' loop, or take x[0]";
constexpr Advice kAdvice[] = {
    {"np", "write 'import numpy as np' first"},
    {"numpy", "write 'import numpy' first"},
    {"tf", "write 'import tensorflow as tf' first"},
    {"tensorflow", "write 'import tensorflow' first"},
    {"math", "write 'import math' first"},
    {"set", kNoSets},
    {"frozenset", kNoSets},
    {"getattr", kNoAttributes},
    {"setattr", kNoAttributes},
    {"hasattr", kNoAttributes},
    {"iter", kNoIterators},
    {"next", kNoIterators},
    {"eval", "texts cannot be run: define a function"},
    {"open", "files are read by load(), loadtxt() and imread(), and written by save(), savetxt() and imsave()"},
    {"input", "scripts cannot ask: take values from 'argv'"},
    {"plt", "pictures are drawn by plot(), hist() and show()"},
    {"id", "values have no identity, every assignment is a copy: compare with '=='"},
    {"bytes", "bytes are not in the language: use a tensor of uint8"},
};

}  // namespace

std::string unknown_name(std::string_view name, const std::vector<std::string>& own,
                         const std::vector<std::string>& built_in) {
  std::string hint;
  for (const Advice& row : kAdvice)
    if (row.name == name) hint = fmt::format(": {}", row.text);
  if (hint.empty()) hint = did_you_mean(name, own, built_in);
  return fmt::format("name '{}' is not defined{}", name, hint);
}

namespace {

template <class Parameter>
[[noreturn]] void refuse(std::string_view callee, std::string_view keyword, const std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  for (const Parameter& each : parameters)
    if (!each.star && !each.positional_only) names.emplace_back(each.name);
  const bool chooses = keyword == "key" && (callee == "max" || callee == "min");
  raise(ErrorKind::TypeError, "{}() got an unexpected keyword argument '{}'{}", callee, keyword,
        chooses ? fmt::format(": write sorted(x, key=key{})[0]", callee == "max" ? ", reverse=True" : "")
                : did_you_mean(keyword, names));
}

}  // namespace

void raise_unknown_keyword(std::string_view callee, std::string_view keyword,
                           const std::vector<OpParameter>& parameters) {
  refuse(callee, keyword, parameters);
}

void raise_unknown_keyword(std::string_view callee, std::string_view keyword,
                           const std::vector<ir::Parameter>& parameters) {
  refuse(callee, keyword, parameters);
}

std::vector<std::string> dtype_names() {
  std::vector<std::string> out;
  for (int at = 0; at < kDTypeCount; ++at) out.emplace_back(name(static_cast<DType>(at)));
  return out;
}

}  // namespace inlay
