// check.h - every error that can be known without data, found before anything runs.
// Knows names and syntax trees, no values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "grammar/ast.h"
#include "runtime/memory/error.h"

namespace inlay {

struct StaticError {
  ErrorKind kind;
  std::string message;
  Span span;
};

struct CheckOptions {
  /// Whether a name means something outside this text: built in, or bound by an earlier entry or the host.
  std::function<bool(std::string_view)> is_known;
  /// The built-in module that a variable bound before this text holds, or empty.
  std::function<std::string(std::string_view)> module_of = [](std::string_view) { return std::string(); };
  /// Whether a name is a module without an import.
  std::function<bool(std::string_view)> is_module = [](std::string_view) { return false; };
  /// What is said of a name that nothing binds; `own` are those that the text binds where it stands.
  std::function<std::string(std::string_view name, std::vector<std::string> own)> unknown_name;
  /// What is wrong with `module.name` of a built-in module; empty if nothing is, or the module is not built in.
  std::function<std::string(std::string_view module, std::string_view name)> missing_member;
  /// Whether to tell of what a run raises where it is reached, as Python does, so that what comes before has happened:
  /// a name that is unbound at the top level, a missing member of a module.
  bool when_reached = true;
  /// A REPL's entry: functions may use names that a later entry binds.
  bool interactive = false;
};

/// All static errors in order of their places.
std::vector<StaticError> check(const ast::Module& module, const CheckOptions& options);

}  // namespace inlay
