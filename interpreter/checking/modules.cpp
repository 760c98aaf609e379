// modules.cpp - what a name means that no function binds: built-in functions and constants, modules and their members.
// Invariant: built-in modules and files of the library are there once, whatever names they are reached by.
#include "interpreter/checking/modules.h"

#include <algorithm>

#include "grammar/nearest_name.h"
#include "interpreter/checking/unknown_name.h"
#include "interpreter/lowering/constants.h"
#include "interpreter/machine/machine.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/values/share.h"
#include "library/library.h"

namespace inlay {

namespace {

/// Modules that exist without a file, with the ops that are their members.
struct BuiltinModule {
  std::string_view name;
  std::uint16_t visibility;
};
constexpr BuiltinModule kModules[] = {
    {"numpy", kNumpy},
    {"numpy.linalg", kLinalg},
    {"numpy.random", kRandom},
    {"numpy.fft", 0},
    {"math", kMath},
    {"tensorflow", kTensorflow},
    {"tensorflow.math", kTensorflow},
    {"tensorflow.nn", kTensorflow},
    {"tensorflow.linalg", 0},
    {"tensorflow.random", 0},
    {"tensorflow.bitwise", 0},
    {"nn", 0},
    {"numpy.lib", 0},
    {"numpy.lib.stride_tricks", 0},
};
/// Bare names of sub-modules: `linalg.inv` without an import.
struct BareModule {
  std::string_view name, module;
  bool is_pythons = false;  // `import name` would be a module of Python's, whose functions do something else
};
constexpr BareModule kBareModules[] = {
    {"linalg", "numpy.linalg"}, {"random", "numpy.random", true}, {"fft", "numpy.fft"}, {"nn", "nn"}};

template <class Row, std::size_t size>
const Row* find(const Row (&rows)[size], std::string_view name) {
  const auto* found = std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == name; });
  return found == std::end(rows) ? nullptr : found;
}
const BuiltinModule* find_module(std::string_view name) { return find(kModules, name); }

std::vector<std::string> builtin_members(const BuiltinModule& module) {
  std::vector<std::string> members;
  for (const OpRow* row : op_rows())
    if ((row->visibility & module.visibility) != 0) members.emplace_back(row->name);
  for (const auto& row : library_names())
    if (row.module == module.name) members.emplace_back(row.name);
  for (const auto name : module_constant_names(module.name)) members.emplace_back(name);
  const std::string prefix = std::string(module.name) + ".";
  for (const auto& row : kModules) {
    if (!row.name.starts_with(prefix)) continue;
    const std::string_view inner = row.name.substr(prefix.size());
    if (inner.find('.') == std::string_view::npos) members.emplace_back(inner);
  }
  return members;
}

std::string no_member(std::string_view module, std::string_view name, const std::vector<std::string>& members) {
  return fmt::format("module '{}' has no attribute '{}'{}", module, name, did_you_mean(name, {}, members));
}

}  // namespace

bool is_builtin_module(std::string_view name) { return find_module(name) != nullptr; }

bool is_bare_module(std::string_view name) { return find(kBareModules, name) != nullptr; }

Value make_module(std::string_view name, std::uint16_t visibility) {
  auto module = std::make_unique<ModuleObject>();
  module->name = name;
  module->visibility = visibility;
  return Value::adopt(Value::Tag::module, module.release());
}

// ---- names ----

bool Evaluator::is_builtin(std::string_view name) const {
  if (find_op(name, kNumpy | kPython) != nullptr || find_library_name("numpy", name) != nullptr) return true;
  if (!builtin_constant(name).is_undefined() || name == "argv") return true;
  return is_bare_module(name);
}

Value Evaluator::builtin(std::string_view name) {
  if (const OpRow* row = find_op(name, kNumpy | kPython)) return Value::of(row);
  if (Value constant = builtin_constant(name); !constant.is_undefined()) return constant;
  if (Value function = library_value("numpy", name); !function.is_undefined()) return function;
  if (const BareModule* row = find(kBareModules, name)) return import(row->module);
  if (name == "argv") {
    std::vector<Value> arguments;
    for (const auto& argument : host_.arguments) arguments.push_back(Value::of(std::string_view(argument)));
    return Value::list(std::move(arguments));
  }
  return {};
}

Value Evaluator::library_value(std::string_view module, std::string_view name) {
  const LibraryName* row = find_library_name(module, name);
  return row == nullptr ? Value() : *library_file(row->file).variables.find(name);
}

Value Evaluator::library_method(std::string_view name) {
  const LibraryName* row = find_library_name("numpy", name);
  return row == nullptr || !row->method ? Value() : library_value("numpy", name);
}

Value Evaluator::gradient_rule(std::string_view name) { return library_value("gradients", name); }

ModuleObject& Evaluator::library_file(int index) {
  const LibraryFile& file = library_files()[static_cast<std::size_t>(index)];
  const std::string key = "<library>/" + std::string(file.path);
  Value& module = state_->modules[key];
  if (!module.is_undefined()) return module.object<ModuleObject>();
  module = make_module(key, 0);
  auto& object = module.object<ModuleObject>();
  // Not the script's steps: it would be stopped elsewhere where the file has been read already.
  Budget& budget = runtime_context().budget;
  const std::uint64_t left = budget.left();
  try {
    ir::ProgramPtr& program = state_->library_programs[index];
    if (program == nullptr) {
      program = compile_module(std::make_shared<Source>(key, source_text(file)), object, true);
      for (const Value& constant : program->constants) share(constant);  // for forks
    }
    run_module(program, object);
  } catch (...) {
    state_->modules.erase(key);  // the next use starts over
    throw;
  }
  budget.restore(left);
  return object;
}

std::vector<std::string> Evaluator::builtin_names() {
  std::vector<std::string> out;
  for (const OpRow* row : op_rows())
    if ((row->visibility & (kNumpy | kPython)) != 0) out.emplace_back(row->name);
  for (const auto& row : library_names())
    if (row.module == "numpy") out.emplace_back(row.name);
  for (const auto name : builtin_constant_names()) out.emplace_back(name);
  for (const auto& row : kBareModules) out.emplace_back(row.name);
  return out;
}

std::vector<std::string> Evaluator::known_names() const {
  std::vector<std::string> out = builtin_names();
  state_->main.object<ModuleObject>().variables.collect_bound(out);
  return out;
}

void Evaluator::raise_unknown_name(std::string_view name, const ModuleObject& module) const {
  std::vector<std::string> own;
  module.variables.collect_bound(own);
  throw Error(ErrorKind::NameError, unknown_name(name, own, builtin_names()));
}

// ---- modules ----

Value Evaluator::import(std::string_view name) {
  if (const auto it = state_->modules.find(name); it != state_->modules.end()) return it->second;
  if (const BuiltinModule* row = find_module(name))
    return state_->modules[std::string(name)] = make_module(name, row->visibility);
  const BareModule* bare = find(kBareModules, name);
  return bare == nullptr || bare->is_pythons ? import_script(name) : import(bare->module);
}

Value Evaluator::import_script(std::string_view name) {
  const SourcePtr source = host_.load_module ? host_.load_module(name) : nullptr;
  if (source == nullptr) {
    if (is_bare_module(name))
      raise(ErrorKind::ImportError,
            "Python's module '{}' is not in the language; NumPy's is there under this name without an import", name);
    std::vector<std::string> known;
    for (const auto& row : kModules) known.emplace_back(row.name);
    raise(ErrorKind::ImportError, "no module named '{}'{}", name, did_you_mean(name, known));
  }
  auto& importing = state_->importing;
  if (std::find(importing.begin(), importing.end(), name) != importing.end())
    raise(ErrorKind::ImportError, "module '{}' imports itself", name);
  importing.emplace_back(name);
  Value module = make_module(name, 0);
  try {
    auto& object = module.object<ModuleObject>();
    run_module(compile_module(source, object, false), object);
  } catch (...) {
    importing.pop_back();
    throw;
  }
  importing.pop_back();
  return state_->modules[std::string(name)] = std::move(module);
}

Value Evaluator::import_name(const Value& module, std::string_view name) {
  Value value = module_member(module.object<ModuleObject>(), name);
  if (value.is_undefined()) raise_no_member(ErrorKind::ImportError, module.object<ModuleObject>(), name);
  return value;
}

std::string Evaluator::missing_member(std::string_view module, std::string_view name) const {
  const BuiltinModule* row = find_module(module);
  if (row == nullptr || (row->visibility != 0 && find_op(name, row->visibility) != nullptr)) return {};
  if (find_library_name(module, name) != nullptr || !module_constant(module, name).is_undefined()) return {};
  if (module.starts_with("tensorflow.") && find_library_name("tensorflow", name) != nullptr) return {};
  if (find_module(fmt::format("{}.{}", module, name)) != nullptr) return {};
  if (module == "numpy" && (is_builtin(name) || is_mutating_function(name))) return {};
  if (module == "numpy.random" && is_shuffling_method(name)) return {};
  return no_member(module, name, builtin_members(*row));
}

Value Evaluator::module_member(ModuleObject& module, std::string_view name) {
  if (const Value* variable = module.variables.find(name)) return *variable;
  if (module.visibility != 0)
    if (const OpRow* row = find_op(name, module.visibility)) return Value::of(row);
  if (Value value = library_value(module.name, name); !value.is_undefined()) return value;
  if (module.name.starts_with("tensorflow."))
    if (Value value = library_value("tensorflow", name); !value.is_undefined()) return value;
  if (Value value = module_constant(module.name, name); !value.is_undefined()) return value;
  const std::string inner = module.name + "." + std::string(name);
  if (find_module(inner) != nullptr) return import(inner);
  if (module.name == "numpy") return builtin(name);
  return {};
}

std::vector<std::string> Evaluator::module_members(const ModuleObject& module) const {
  const BuiltinModule* row = find_module(module.name);
  std::vector<std::string> members = row == nullptr ? std::vector<std::string>() : builtin_members(*row);
  module.variables.collect_bound(members);
  return members;
}

void Evaluator::raise_no_member(ErrorKind kind, const ModuleObject& module, std::string_view name) const {
  throw Error(kind, no_member(module.name, name, module_members(module)));
}

}  // namespace inlay
