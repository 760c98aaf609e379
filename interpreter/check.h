// check.h - every error that can be known without data, found before anything runs.
// Knows names and syntax trees, no values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "grammar/ast.h"
#include "runtime/error.h"

namespace inlay {

struct StaticError {
  ErrorKind kind;
  std::string message;
  Span span;
  /// A name unbound at the top level: a run raises it where it is reached, as Python does, so that what comes before
  /// has happened.
  bool when_reached = false;
};

struct CheckOptions {
  /// Whether a name means something outside this text: built in, or bound by an earlier entry or the host.
  std::function<bool(std::string_view)> is_known;
  /// The built-in module that a variable bound before this text holds, or empty.
  std::function<std::string(std::string_view)> module_of = [](std::string_view) { return std::string(); };
  /// Names for "did you mean".
  std::function<std::vector<std::string>()> known_names;
  /// What is wrong with `module.name` of a built-in module; empty if nothing is, or the module is not built in.
  std::function<std::string(std::string_view module, std::string_view name)> missing_member;
  /// Whether a name that is unbound at the top level gets a message; else its place is enough.
  bool names_missing = true;
  /// A REPL's entry: functions may use names that a later entry binds.
  bool interactive = false;
};

/// All static errors in order of their places.
std::vector<StaticError> check(const ast::Module& module, const CheckOptions& options);

}  // namespace inlay
