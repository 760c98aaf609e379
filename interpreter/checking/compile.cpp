// compile.cpp - from a text to a program that can be run: the limits on texts, what is checked, what is lowered.
// Knows no values but those of variables that are there already.
// Invariant: preparing a text takes no steps of the script's.
#include <algorithm>
#include <limits>

#include "grammar/parse.h"
#include "interpreter/checking/check.h"
#include "interpreter/checking/function_program.h"
#include "interpreter/checking/modules.h"
#include "interpreter/checking/unknown_name.h"
#include "interpreter/lowering/lower.h"
#include "interpreter/machine/machine.h"
#include "runtime/memory/stack.h"

namespace inlay {

/// What a text is compiled as.
struct Evaluator::Compilation {
  const Environment& bound;
  bool echo = false;
  bool library = false;
  bool knows_values = false;  // those of variables, which will be what they are now
  std::optional<std::span<const std::string_view>> parameters = {};  // the text is a function's body
};

ir::ProgramPtr Evaluator::compile(SourcePtr source, bool echo) {
  return compile_in(std::move(source), {variables(), echo});
}

ir::ProgramPtr Evaluator::compile_function(SourcePtr source, std::span<const std::string_view> parameters) {
  return compile_in(std::move(source), {variables(), false, false, false, parameters});
}

ir::ProgramPtr Evaluator::compile_shown(SourcePtr source) {
  return compile_in(std::move(source), {variables(), false, false, true});
}

ir::ProgramPtr Evaluator::compile_module(SourcePtr source, const ModuleObject& module, bool is_library) {
  return compile_in(std::move(source), {module.variables, false, is_library});
}

ir::ProgramPtr Evaluator::compile_in(SourcePtr source, const Compilation& how) {
  const Environment& bound = how.bound;
  const bool echo = how.echo, library = how.library;
  // Texts in it are no steps: a program costs the same prepared and as a text.
  Budget& budget = runtime_context().budget;
  const std::uint64_t left = budget.left();
  try {
    if (!library) check_size(*source);
    ast::Module module = parse_limited(source);
    if (how.parameters) wrap_in_function(module, *how.parameters);
    CheckOptions rules = check_options(bound);
    rules.when_reached = false;
    rules.interactive = echo;
    if (!library)
      for (const auto& error : inlay::check(module, rules))
        throw LocatedError(Error(error.kind, error.message), source, error.span);
    LowerOptions options;
    options.module_of = rules.module_of;
    options.echo = echo;
    options.library = library;
    options.fuse = host_.fuse;
    options.is_bound = [&](std::string_view name) { return bound.is_bound(name); };
    if (how.knows_values) options.value_of = [&](std::string_view name) { return bound.find(name); };
    ir::ProgramPtr program = lower(module, options);
    runtime_context().budget.poll();
    budget.restore(left);
    return program;
  } catch (const SyntaxError& error) {
    throw LocatedError(Error(ErrorKind::SyntaxError, error.what()), source, error.span);
  }
}

/// How many levels of so many bytes each what is left of the thread's stack is enough for.
static std::uint64_t levels_for_stack(std::size_t bytes) {
  constexpr std::size_t kRest = 32 << 10;
#ifdef __SANITIZE_ADDRESS__
  bytes *= 12;  // its frames are six to ten times as large
#endif
  const std::size_t left = StackBound::of_this_thread().left();
  return left < kRest ? 0 : (left - kRest) / bytes;
}

ast::Module Evaluator::parse_limited(SourcePtr source) {
  constexpr std::uint64_t kMost = std::numeric_limits<int>::max();
  // Measured: 840 bytes for reading a level of brackets, 350 for walking a node of the tree.
  constexpr std::size_t kBracketBytes = 1024, kNodeBytes = 512;
  ParseOptions options;
  options.nesting = static_cast<int>(std::min({host_.limits.nesting, kMost, levels_for_stack(kBracketBytes)}));
  options.depth = static_cast<int>(std::min(kMost, levels_for_stack(kNodeBytes)));
  options.poll = [this] { runtime_context().budget.poll(); };
  return parse(std::move(source), options);
}

void Evaluator::check_size(const Source& source) const {
  const std::uint64_t most = host_.limits.source;
  if (source.text().size() > most)
    raise(ErrorKind::LimitExceeded, "source: a text of {}, {} allowed", size_text(source.text().size()),
          size_text(most));
}

CheckOptions Evaluator::check_options(const Environment& bound) const {
  CheckOptions options;
  options.is_known = [&](std::string_view name) { return bound.is_bound(name) || is_builtin(name); };
  options.is_module = is_bare_module;
  options.module_of = [&](std::string_view name) {
    const Value* value = bound.find(name);
    const bool is_module = value != nullptr && value->is(Value::Tag::module);
    return is_module && is_builtin_module(value->object<ModuleObject>().name) ? value->object<ModuleObject>().name
                                                                              : std::string();
  };
  options.unknown_name = [&](std::string_view name, std::vector<std::string> own) {
    bound.collect_bound(own);
    return unknown_name(name, own, builtin_names());
  };
  options.missing_member = [&](std::string_view in, std::string_view name) { return missing_member(in, name); };
  return options;
}

std::vector<StaticError> Evaluator::check(SourcePtr source) {
  try {
    check_size(*source);
    return inlay::check(parse_limited(source), check_options(variables()));
  } catch (const SyntaxError& error) {
    return {{ErrorKind::SyntaxError, error.what(), error.span}};
  }
}

}  // namespace inlay
