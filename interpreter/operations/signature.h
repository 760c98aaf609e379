// signature.h - Python's parameter lists as text, and binding arguments to them.
// Knows nothing of what is called.
// Invariant: bind_arguments() gives one value per parameter, in order; nothing in it is undefined.
#pragma once

#include "interpreter/operations/op_table.h"

namespace inlay {

/// Parses "a, axis=None, *, keepdims=False". Defaults are None, True, False, numbers, 'text', () and ...,
/// which stands for "not given" where None is a value like any other.
Signature parse_signature(std::string_view text);

/// Arguments as a call has them.
struct CallArguments {
  std::span<const Value> positional;
  std::span<const std::string> keyword_names;
  std::span<const Value> keywords;
};

/// The arguments in the order of the parameters, defaults filled in, `*args` as one tuple.
/// TypeError in Python's words: "find() takes at most 3 arguments (4 given)", "… got an unexpected keyword argument
/// 'x'".
std::vector<Value> bind_arguments(std::string_view callee, const Signature& signature, const CallArguments& arguments);
/// The same for keywords that come with their names.
std::vector<Value> bind_arguments(std::string_view callee, const Signature& signature,
                                  std::span<const Value> positional,
                                  std::span<const std::pair<std::string, Value>> keywords);

}  // namespace inlay
