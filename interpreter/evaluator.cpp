// evaluator.cpp - the pipeline from text to effects, module variables and modules. See evaluator.h.
#include "interpreter/evaluator.h"

#include <algorithm>
#include <limits>

#include "grammar/parse.h"
#include "interpreter/check.h"
#include "interpreter/constants.h"
#include "interpreter/drawing.h"
#include "interpreter/function_program.h"
#include "interpreter/lower.h"
#include "interpreter/machine.h"
#include "interpreter/mutators.h"
#include "interpreter/nearest_name.h"
#include "interpreter/print_options.h"
#include "interpreter/progress.h"
#include "interpreter/random_generator.h"
#include "interpreter/share.h"
#include "library/library.h"
#include "runtime/instruction_set.h"
#include "runtime/parallel.h"
#include "runtime/stack.h"

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
constexpr std::pair<std::string_view, std::string_view> kBareModules[] = {
    {"linalg", "numpy.linalg"}, {"random", "numpy.random"}, {"fft", "numpy.fft"}, {"nn", "nn"}};

const BuiltinModule* find_module(std::string_view name) {
  for (const auto& row : kModules)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

/// The runtime's context, speaking through the host.
class EvaluatorContext final : public ObservedContext {
 public:
  explicit EvaluatorContext(Host& host) : host_(host) {}
  void warn(std::string_view message) override {
    budget.print(message.size());
    if (host_.warn) host_.warn(message);
  }

 private:
  Host& host_;
};

// ---- environment ----

Value& Environment::slot(std::string_view name) {
  const auto it = index_.find(name);
  if (it != index_.end()) return *it->second;
  slots_.emplace_back();
  names_.emplace_back(name);
  index_.emplace(std::string(name), &slots_.back());
  return slots_.back();
}

const Value* Environment::find(std::string_view name) const {
  const auto it = index_.find(name);
  return it == index_.end() || it->second->is_undefined() ? nullptr : it->second;
}

bool Environment::is_bound(std::string_view name) const { return find(name) != nullptr; }

void Environment::assign(std::span<const Value> values) {
  std::size_t at = 0;
  for (Value& slot : slots_) slot = at < values.size() ? values[at++] : Value();
}

void Environment::clear() {
  for (auto& slot : slots_) slot = Value();
}

// ---- life ----

Value make_module(std::string_view name, std::uint16_t visibility) {
  auto module = std::make_unique<ModuleObject>();
  module->name = name;
  module->visibility = visibility;
  return Value::adopt(Value::Tag::module, module.release());
}

Evaluator::Evaluator(Host host) : host_(std::move(host)), state_(std::make_unique<State>()) {
  state_->main = make_module("__main__", 0);
  auto context = std::make_unique<EvaluatorContext>(host_);
  context->threads = hardware_threads();
  context->budget.limit(host_.limits);
  state_->context_owner = std::move(context);
  report_operations(*this, *state_);
}

Evaluator::~Evaluator() {
  // Functions, the cells they see and the programs they belong to may hold each other: emptying all three breaks every
  // cycle.
  for (auto& program : state_->programs)
    if (const auto linked = program.lock()) linked->fallbacks.clear();
  variables().clear();
  for (auto& [name, module] : state_->modules) module.object<ModuleObject>().variables.clear();
  // From the back: where a cell ends on the way, one that was there already takes its place.
  const Registry<CellObject>& cells = state_->cells;
  for (std::size_t at = cells.objects().size(); at-- > 0;) {
    if (at >= cells.objects().size()) continue;
    const auto cell = Ref<CellObject>::of(cells.objects()[at]);
    cell->value = Value();
  }
}

Ref<CellObject> Evaluator::new_cell() {
  auto cell = std::make_unique<CellObject>();
  state_->cells.add(*cell);
  return Ref<CellObject>::adopt(cell.release());
}

Environment& Evaluator::variables() { return state_->main.object<ModuleObject>().variables; }
Context& Evaluator::runtime_context() { return *state_->context_owner; }
PrintOptions& Evaluator::print_options() { return state_->context_owner->print_options; }
void Evaluator::interrupt() { state_->context_owner->budget.request_stop(); }

bool Evaluator::is_running() const { return state_->runs > 0; }

void Evaluator::print(std::string_view text) {
  runtime_context().budget.print(text.size());
  if (host_.print) host_.print(text);
}

RandomState& Evaluator::random() {
  if (!state_->random) state_->random = std::make_unique<RandomState>(unseeded());
  return *state_->random;
}

RandomState Evaluator::unseeded() { return host_.entropy ? RandomState(host_.entropy()) : state_->unseeded.spawn(); }

Value Evaluator::new_generator(const RandomState& state, bool is_legacy) {
  auto generator = std::make_unique<GeneratorObject>(state, is_legacy);
  state_->generators.add(*generator);
  return Value::adopt(Value::Tag::host, generator.release());
}

// ---- text to program ----

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
    const auto is_bound = [&](std::string_view name) { return bound.is_bound(name); };
    const auto module_of = [&](std::string_view name) {
      const Value* value = bound.find(name);
      const bool is_module = value != nullptr && value->is(Value::Tag::module);
      return is_module && find_module(value->object<ModuleObject>().name) != nullptr
                 ? value->object<ModuleObject>().name
                 : std::string();
    };
    LowerOptions options;
    options.module_of = module_of;
    if (!library) {
      CheckOptions rules;
      rules.is_known = [&](std::string_view name) { return is_bound(name) || is_builtin(name); };
      rules.known_names = [&] { return known_names(); };
      rules.missing_member = [&](std::string_view in, std::string_view name) { return missing_member(in, name); };
      rules.interactive = echo;
      rules.names_missing = false;
      rules.module_of = module_of;
      for (const auto& error : inlay::check(module, rules)) {
        if (!error.when_reached) throw LocatedError(Error(error.kind, error.message), source, error.span);
        if (error.kind == ErrorKind::NameError) options.unbound.push_back(error.span);
      }
    }
    options.echo = echo;
    options.library = library;
    options.fuse = host_.fuse;
    options.is_bound = is_bound;
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

std::vector<StaticError> Evaluator::check(SourcePtr source) {
  try {
    CheckOptions options;
    options.is_known = [&](std::string_view name) { return variables().is_bound(name) || is_builtin(name); };
    options.known_names = [&] { return known_names(); };
    options.missing_member = [&](std::string_view in, std::string_view name) { return missing_member(in, name); };
    check_size(*source);
    return inlay::check(parse_limited(source), options);
  } catch (const SyntaxError& error) {
    return {{ErrorKind::SyntaxError, error.what(), error.span, false}};
  }
}

std::shared_ptr<LinkedProgram> Evaluator::link(ir::ProgramPtr program, ModuleObject& module) {
  auto linked = std::make_shared<LinkedProgram>();
  linked->module = &module;
  for (const auto& name : program->globals) linked->globals.push_back(&module.variables.slot(name));
  linked->fallbacks.resize(program->globals.size());
  linked->plans.resize(static_cast<std::size_t>(program->caches));
  linked->codes.resize(program->functions.size());
  linked->regions.resize(program->regions.size());
  linked->program = std::move(program);
  linked->self = linked;
  std::erase_if(state_->programs, [](const auto& each) { return each.expired(); });
  state_->programs.push_back(linked);
  return linked;
}

// ---- running ----

RunScope::RunScope(Evaluator& evaluator) : evaluator_(evaluator), scope_(evaluator.runtime_context()) {
  check_instruction_set();
  if (evaluator_.state_->is_reporting)
    raise(ErrorKind::RuntimeError, "nothing can run while the host is told of an operation");
  if (evaluator_.state_->runs++ != 0) return;
  evaluator_.state_->stack = StackBound::of_this_thread();
  evaluator_.runtime_context().budget.begin_run();
}

RunScope::~RunScope() {
  if (--evaluator_.state_->runs == 0) evaluator_.runtime_context().budget.end_run();
}

void Evaluator::run(ir::ProgramPtr program) {
  const RunScope scope(*this);
  run_module(std::move(program), state_->main.object<ModuleObject>());
}

std::shared_ptr<LinkedProgram> Evaluator::prepare(ir::ProgramPtr program) {
  return link(std::move(program), state_->main.object<ModuleObject>());
}

void Evaluator::run(const std::shared_ptr<LinkedProgram>& program) {
  const RunScope scope(*this);
  run_linked(program);
}

void Evaluator::run(const std::shared_ptr<LinkedProgram>& program, std::uint64_t* moved) {
  struct CountScope {
    State& state;
    std::uint64_t* const outer;
    ~CountScope() { state.moved = outer; }
  };
  const CountScope scope{*state_, std::exchange(state_->moved, moved)};
  run(program);
}

Value Evaluator::function_of(const std::shared_ptr<LinkedProgram>& program) {
  return Machine::function_value(program, wrapped_function(*program->program));
}

void Evaluator::run_module(ir::ProgramPtr program, ModuleObject& module) {
  run_linked(link(std::move(program), module));
}

void Evaluator::run_linked(const std::shared_ptr<LinkedProgram>& linked) {
  Machine machine(*this);
  const std::size_t mark = state_->undo.size();
  try {
    machine.run_function(*linked, *linked->program->functions[0], {}, {});
  } catch (...) {
    while (state_->undo.size() > mark) {
      *state_->undo.back().first = std::move(state_->undo.back().second);
      state_->undo.pop_back();
    }
    throw;
  }
}

Value Evaluator::evaluate(SourcePtr expression) {
  const RunScope scope(*this);
  Value result = Value::none();
  auto echo = std::exchange(host_.echo, [&](const Value& value) { result = value; });
  try {
    run(compile(std::move(expression), true));
  } catch (...) {
    host_.echo = std::move(echo);
    throw;
  }
  host_.echo = std::move(echo);
  return result;
}

Value Evaluator::call(const Value& function, std::vector<Value> arguments,
                      std::vector<std::pair<std::string, Value>> keywords) {
  const RunScope scope(*this);
  return Machine(*this).apply(function, {std::move(arguments), std::move(keywords)});
}

// ---- names ----

bool Evaluator::is_builtin(std::string_view name) const {
  if (find_op(name, kNumpy | kPython) != nullptr || find_library_name("numpy", name) != nullptr) return true;
  if (!builtin_constant(name).is_undefined() || name == "argv") return true;
  return std::any_of(std::begin(kBareModules), std::end(kBareModules),
                     [&](const auto& row) { return row.first == name; });
}

Value Evaluator::builtin(std::string_view name) {
  if (const OpRow* row = find_op(name, kNumpy | kPython)) return Value::of(row);
  if (Value constant = builtin_constant(name); !constant.is_undefined()) return constant;
  if (Value function = library_value("numpy", name); !function.is_undefined()) return function;
  for (const auto& [bare, module] : kBareModules)
    if (bare == name) return import(module);
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
      program = compile_in(std::make_shared<Source>(key, source_text(file)), {object.variables, false, true});
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

std::vector<std::string> Evaluator::known_names() const {
  std::vector<std::string> out;
  const auto& variables = state_->main.object<ModuleObject>().variables;
  for (const auto& name : variables.names())
    if (variables.is_bound(name)) out.push_back(name);
  for (const OpRow* row : op_rows())
    if ((row->visibility & (kNumpy | kPython)) != 0) out.emplace_back(row->name);
  for (const auto& row : library_names())
    if (row.module == "numpy") out.emplace_back(row.name);
  for (auto name : builtin_constant_names()) out.emplace_back(name);
  for (const auto& [bare, module] : kBareModules) out.emplace_back(bare);
  return out;
}

void Evaluator::raise_unknown_name(std::string_view name, const ModuleObject& module) const {
  std::vector<std::string> candidates = known_names();
  for (const auto& each : module.variables.names())
    if (module.variables.is_bound(each)) candidates.push_back(each);
  const std::string near = nearest_name(name, candidates);
  raise(ErrorKind::NameError, "name '{}' is not defined{}", name,
        near.empty() ? "" : fmt::format(". Did you mean: '{}'?", near));
}

// ---- modules ----

Value Evaluator::import(std::string_view name) {
  if (const auto it = state_->modules.find(name); it != state_->modules.end()) return it->second;
  if (const BuiltinModule* row = find_module(name))
    return state_->modules[std::string(name)] = make_module(name, row->visibility);
  for (const auto& [bare, module] : kBareModules)
    if (bare == name && module != name) return import(module);
  return import_script(name);
}

Value Evaluator::import_script(std::string_view name) {
  const SourcePtr source = host_.load_module ? host_.load_module(name) : nullptr;
  if (source == nullptr) {
    std::vector<std::string> known;
    for (const auto& row : kModules) known.emplace_back(row.name);
    const std::string near = nearest_name(name, known);
    raise(ErrorKind::ImportError, "no module named '{}'{}", name,
          near.empty() ? "" : fmt::format(". Did you mean: '{}'?", near));
  }
  auto& importing = state_->importing;
  if (std::find(importing.begin(), importing.end(), name) != importing.end())
    raise(ErrorKind::ImportError, "module '{}' imports itself", name);
  importing.emplace_back(name);
  Value module = make_module(name, 0);
  try {
    auto& object = module.object<ModuleObject>();
    run_module(compile_in(source, {object.variables}), object);
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
  std::vector<std::string> members;
  for (const OpRow* op : op_rows())
    if ((op->visibility & row->visibility) != 0) members.emplace_back(op->name);
  for (const auto& each : library_names())
    if (each.module == module) members.emplace_back(each.name);
  const std::string near = nearest_name(name, members);
  return fmt::format("module '{}' has no attribute '{}'{}", module, name,
                     near.empty() ? "" : fmt::format(". Did you mean: '{}'?", near));
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
  std::vector<std::string> members;
  for (const auto& each : module.variables.names()) members.push_back(each);
  for (const OpRow* row : op_rows())
    if ((row->visibility & module.visibility) != 0) members.emplace_back(row->name);
  for (const auto& row : library_names())
    if (row.module == module.name) members.emplace_back(row.name);
  for (const auto name : module_constant_names(module.name)) members.emplace_back(name);
  for (const auto& row : kModules) {
    if (!row.name.starts_with(module.name + ".")) continue;
    const std::string_view inner = row.name.substr(module.name.size() + 1);
    if (inner.find('.') == std::string_view::npos) members.emplace_back(inner);
  }
  return members;
}

void Evaluator::raise_no_member(ErrorKind kind, const ModuleObject& module, std::string_view name) const {
  const std::string near = nearest_name(name, module_members(module));
  raise(kind, "module '{}' has no attribute '{}'{}", module.name, name,
        near.empty() ? "" : fmt::format(". Did you mean: '{}'?", near));
}

}  // namespace inlay
