// evaluator.cpp - running programs over module variables. See evaluator.h; compile.cpp makes programs of texts,
// modules.cpp looks names up.
#include "interpreter/machine/evaluator.h"

#include "interpreter/checking/function_program.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/observed_context.h"
#include "interpreter/random/random_generator.h"
#include "interpreter/telling/progress.h"
#include "interpreter/texts/print_options.h"
#include "runtime/kernels/instruction_set.h"
#include "runtime/memory/stack.h"
#include "runtime/threads/parallel.h"

namespace inlay {

/// The runtime's context, speaking through the host.
class EvaluatorContext final : public ObservedContext {
 public:
  explicit EvaluatorContext(Host& host) : host_(host) {}
  void warn(std::string_view message) override {
    budget.print(message.size());
    if (!host_.warn) return;
    const TellingScope scope(*this);
    host_.warn(message);
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

void Environment::collect_bound(std::vector<std::string>& out) const {
  for (const std::string& name : names_)
    if (is_bound(name)) out.push_back(name);
}

bool Environment::is_bound(std::string_view name) const { return find(name) != nullptr; }

void Environment::assign(std::span<const Value> values) {
  std::size_t at = 0;
  for (; at < slots_.size(); ++at) slots_[at] = at < values.size() ? values[at] : Value();
}

void Environment::clear() {
  for (std::size_t at = 0; at < slots_.size(); ++at) slots_[at] = Value();
}

// ---- life ----

Evaluator::Evaluator(Host host) : host_(std::move(host)), state_(std::make_unique<State>()) {
  state_->main = make_module("__main__", 0);
  auto context = std::make_unique<EvaluatorContext>(host_);
  context->threads = hardware_threads();
  context->budget.limit(host_.limits);
  state_->context_owner = std::move(context);
  report_operations(*this, *state_);
}

Evaluator::~Evaluator() { end(); }

void Evaluator::end() {
  state_->is_over = true;
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
  static_cast<EvaluatorContext&>(*state_->context_owner).observers = {};
  host_ = {};
}

bool Evaluator::is_busy() const { return state_->uses > 0; }

void Evaluator::end_later(Owner owner) {
  interrupt();
  state_->owner = std::move(owner);
}

Ref<CellObject> Evaluator::new_cell() {
  auto cell = std::make_unique<CellObject>();
  state_->cells.add(*cell);
  return Ref<CellObject>::adopt(cell.release());
}

Environment& Evaluator::variables() { return state_->main.object<ModuleObject>().variables; }
Context& Evaluator::runtime_context() { return *state_->context_owner; }
PrintOptions& Evaluator::print_options() { return state_->context_owner->print_options; }
void Evaluator::require_quiet() const {
  if (state_->is_over) raise(ErrorKind::RuntimeError, "nothing can run in an interpreter that is being ended");
  if (state_->context_owner->is_telling)
    raise(ErrorKind::RuntimeError, "nothing can run while the host is told of an operation");
}
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

RandomState Evaluator::unseeded() {
  if (!host_.entropy) return state_->unseeded.spawn();
  const TellingScope scope(*state_->context_owner);
  return RandomState(host_.entropy());
}

Value Evaluator::new_generator(const RandomState& state, bool is_legacy) {
  auto generator = std::make_unique<GeneratorObject>(state, is_legacy);
  state_->generators.add(*generator);
  return Value::adopt(Value::Tag::host, generator.release());
}

// ---- running ----

std::shared_ptr<LinkedProgram> Evaluator::link(ir::ProgramPtr program, ModuleObject& module) {
  auto linked = std::make_shared<LinkedProgram>();
  linked->module = &module;
  for (const auto& name : program->globals) linked->globals.push_back(&module.variables.slot(name));
  linked->fallbacks.resize(program->globals.size());
  linked->plans.resize(static_cast<std::size_t>(program->caches));
  linked->methods.resize(program->calls.size());
  linked->codes.resize(program->functions.size());
  linked->regions.resize(program->regions.size());
  linked->program = std::move(program);
  linked->self = linked;
  std::erase_if(state_->programs, [](const auto& each) { return each.expired(); });
  state_->programs.push_back(linked);
  return linked;
}

BusyScope::BusyScope(Evaluator& evaluator) : evaluator_(evaluator) { ++evaluator.state_->uses; }

BusyScope::~BusyScope() {
  if (--evaluator_.state_->uses > 0 || !evaluator_.state_->owner) return;
  const Evaluator::Owner last = std::move(evaluator_.state_->owner);
}

RunScope::RunScope(Evaluator& evaluator)
    : evaluator_(evaluator), busy_(evaluator), scope_(evaluator.runtime_context()) {
  check_instruction_set();
  evaluator_.require_quiet();
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

void Evaluator::run_prepared(const std::shared_ptr<LinkedProgram>& program, std::uint64_t* moved) {
  struct CountScope {
    State& state;
    std::uint64_t* const outer;
    ~CountScope() { state.moved = outer; }
  };
  const CountScope scope{*state_, std::exchange(state_->moved, moved)};
  run_linked(program);
}

Value Evaluator::function_of(const std::shared_ptr<LinkedProgram>& program) {
  return Machine::function_value(program, wrapped_function(*program->program));
}

void Evaluator::run_module(ir::ProgramPtr program, ModuleObject& module) {
  run_linked(link(std::move(program), module));
}

void Evaluator::run_linked(const std::shared_ptr<LinkedProgram>& linked) {
  Machine machine(*this);
  machine.keep_whole();  // of a statement that this run is called from
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
  const ir::ProgramPtr program = compile(std::move(expression), true);
  Value result = Value::none();
  auto own = std::exchange(host_.echo, {});
  // What runs inside this one, called by a function of the host's, is shown to the host as always.
  host_.echo = [&, level = state_->runs](const Value& value) {
    if (state_->runs == level)
      result = value;
    else if (own)
      own(value);
  };
  try {
    run_module(program, state_->main.object<ModuleObject>());
  } catch (...) {
    host_.echo = std::move(own);
    throw;
  }
  host_.echo = std::move(own);
  return result;
}

Value Evaluator::call(const Value& function, std::vector<Value> arguments,
                      std::vector<std::pair<std::string, Value>> keywords) {
  const RunScope scope(*this);
  return Machine(*this).apply(function, {std::move(arguments), std::move(keywords)});
}

}  // namespace inlay
