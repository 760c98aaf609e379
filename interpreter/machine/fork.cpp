// fork.cpp - copies of an interpreter's state: a second interpreter that goes its own way, and a state to go back to.
// Knows values and programs, no hosts. What nobody owns (numbers, text, tensors, containers of them) is shared until a
// side writes; what belongs to an evaluator (functions, the variables they see, modules, generators) is made anew,
// once each, so that what was one thing there is one thing here.
// Invariant: parent and fork hold no object together whose count is plain.
#include <unordered_map>

#include "interpreter/machine/machine.h"
#include "interpreter/random/random_generator.h"
#include "interpreter/texts/print_options.h"
#include "interpreter/values/share.h"
#include "runtime/memory/stack.h"

namespace inlay {

namespace {

/// Containers of functions, closures of closures: as deep as the stack of any thread holds.
constexpr int kMostNested = 1000;

/// Between two runs a copy takes no steps from either, and a request to stop is left to the next one.
class BudgetRest {
 public:
  explicit BudgetRest(Budget& budget) : budget_(budget), left_(budget.left()), is_asked_(budget.should_stop()) {
    budget_.end_run();
    budget_.restore(Limits::kNone);
  }
  ~BudgetRest() {
    budget_.restore(left_);
    if (is_asked_) budget_.request_stop();
  }
  BudgetRest(const BudgetRest&) = delete;
  BudgetRest& operator=(const BudgetRest&) = delete;

 private:
  Budget& budget_;
  const std::uint64_t left_;
  const bool is_asked_;
};

}  // namespace

class Forking {
 public:
  Forking(Evaluator& parent, Evaluator& child) : parent_(*parent.state_), child_(child) {
    modules_[&parent_.main.object<ModuleObject>()] = child.state_->main;
  }

  void run() {
    Evaluator::State& state = *child_.state_;
    state.library_programs = parent_.library_programs;
    for (const auto& [name, module] : parent_.modules)
      if (!name.starts_with("<library>")) copy(module);  // those are loaded again, or where a function comes from them
    copy_variables(parent_.main.object<ModuleObject>(), state.main.object<ModuleObject>());
    if (parent_.random) state.random = std::make_unique<RandomState>(*parent_.random);
    state.unseeded = parent_.unseeded;
    state.context_owner->print_options = parent_.context_owner->print_options;
    state.context_owner->threads = parent_.context_owner->threads;
  }

 private:
  void copy_variables(const ModuleObject& from, ModuleObject& to) {
    for (const std::string& name : from.variables.names())
      if (const Value* value = from.variables.find(name)) {
        Value copied = copy(*value);
        to.variables.slot(name) = std::move(copied);
      }
  }

  Value copy(const Value& value) {
    const bool is_held_again = value.is_object() && !value.unique();
    if (const auto known = is_held_again ? copies_.find(&value.object<Object>()) : copies_.end();
        known != copies_.end())
      return known->second;
    if (sharing_.share(value)) return value;
    require_stack("in a copy");
    if (depth_ == kMostNested) raise(ErrorKind::RecursionError, "values nested too deeply to be copied");
    ++depth_;
    Value out = copy_owned(value);
    --depth_;
    if (is_held_again) copies_.emplace(&value.object<Object>(), out);
    return out;
  }

  Value copy_owned(const Value& value) {
    using Tag = Value::Tag;
    switch (value.tag()) {
      case Tag::tuple:
        return Value::tuple(copy_all(value.elements()), value.object<TupleObject>().type);
      case Tag::list:
        return Value::list(copy_all(value.elements()));
      case Tag::dict:
        return copy_dict(value.dictionary());
      case Tag::slice: {
        const auto& slice = value.object<SliceObject>();
        return Value::slice(copy(slice.start), copy(slice.stop), copy(slice.step));
      }
      case Tag::method:
        return copy_method(value.object<MethodObject>());
      case Tag::indexer: {
        auto indexer = std::make_unique<IndexerObject>();
        indexer->function = copy(value.object<IndexerObject>().function);
        return Value::adopt(Tag::indexer, indexer.release());
      }
      case Tag::progress: {
        auto progress = std::make_unique<ProgressObject>();
        progress->iterable = copy(value.object<ProgressObject>().iterable);
        progress->label = value.object<ProgressObject>().label;
        return Value::adopt(Tag::progress, progress.release());
      }
      case Tag::function:
        return copy_function(value.object<FunctionObject>());
      case Tag::module:
        return copy_module(value.object<ModuleObject>());
      case Tag::host:
        return copy_generator(*generator_of(value));
      default:
        raise(ErrorKind::RuntimeError, "a value of type '{}' cannot be copied to another interpreter",
              type_name(value));
    }
  }

  std::vector<Value> copy_all(const std::vector<Value>& values) {
    std::vector<Value> out;
    out.reserve(values.size());
    for (const Value& value : values) out.push_back(copy(value));
    return out;
  }

  Value copy_dict(const DictObject& dict) {
    Value out = Value::dict();
    for (const auto& [key, item] : dict.items) out.mutable_dictionary().set(copy(key), copy(item));
    return out;
  }

  Value copy_method(const MethodObject& method) {
    auto out = std::make_unique<MethodObject>();
    out->self = copy(method.self);
    out->function = copy(method.function);
    out->name = method.name;
    return Value::adopt(Value::Tag::method, out.release());
  }

  Value copy_generator(const GeneratorObject& generator) {
    Value& known = generators_[&generator];
    if (known.is_undefined()) known = child_.new_generator(generator.state, generator.is_legacy);
    return known;
  }

  Value copy_module(const ModuleObject& module) {
    if (const auto known = modules_.find(&module); known != modules_.end()) return known->second;
    Value out = make_module(module.name, module.visibility);
    auto& object = out.object<ModuleObject>();
    object.str = module.str;
    object.repr = module.repr;
    modules_[&module] = out;
    const auto registered = parent_.modules.find(module.name);
    if (registered != parent_.modules.end() && &registered->second.object<ModuleObject>() == &module)
      child_.state_->modules[module.name] = out;
    copy_variables(module, object);
    return out;
  }

  Value copy_function(const FunctionObject& function) {
    Value out = Machine::function_value(copy_program(*function.program), *function.function);
    auto& object = out.object<FunctionObject>();
    object.defaults = copy_all(function.defaults);
    for (const auto& cell : function.captured) object.captured.push_back(copy_cell(*cell));
    return out;
  }

  std::shared_ptr<LinkedProgram> copy_program(const LinkedProgram& program) {
    if (const auto known = programs_.find(&program); known != programs_.end()) return known->second;
    for (const Value& constant : program.program->constants) sharing_.share(constant);
    const Value module = copy_module(*program.module);
    return programs_[&program] = child_.link(program.program, module.object<ModuleObject>());
  }

  /// Known before it is filled: a function may see itself.
  Ref<CellObject> copy_cell(const CellObject& cell) {
    if (const auto known = cells_.find(&cell); known != cells_.end()) return known->second;
    const Ref<CellObject> out = child_.new_cell();
    cells_[&cell] = out;
    out->value = copy(cell.value);
    return out;
  }

  Evaluator::State& parent_;
  Evaluator& child_;
  int depth_ = 0;
  Sharing sharing_;
  std::unordered_map<const Object*, Value> copies_;  // of what several hold
  std::unordered_map<const ModuleObject*, Value> modules_;
  std::unordered_map<const LinkedProgram*, std::shared_ptr<LinkedProgram>> programs_;
  std::unordered_map<const CellObject*, Ref<CellObject>> cells_;
  std::unordered_map<const GeneratorObject*, Value> generators_;
};

std::unique_ptr<Evaluator> Evaluator::fork(Host host) {
  auto child = std::make_unique<Evaluator>(std::move(host));
  ContextScope scope(runtime_context());
  const BudgetRest rest(runtime_context().budget);
  Forking(*this, *child).run();
  return child;
}

struct EvaluatorSnapshot {
  std::vector<Value> variables;                                          // in the order of their names
  std::vector<std::pair<Ref<GeneratorObject>, RandomState>> generators;  // all, wherever they are held
  std::optional<RandomState> random;
  RandomState unseeded;
  PrintOptions print_options;
};

std::shared_ptr<const EvaluatorSnapshot> Evaluator::snapshot() {
  EvaluatorSnapshot out{variables().values(), {}, {}, state_->unseeded, print_options()};
  for (GeneratorObject* generator : state_->generators.objects())
    out.generators.emplace_back(Ref<GeneratorObject>::of(generator), generator->state);
  if (state_->random) out.random = *state_->random;
  return std::make_shared<const EvaluatorSnapshot>(std::move(out));
}

void Evaluator::restore(const EvaluatorSnapshot& snapshot) {
  const BusyScope busy(*this);
  const TellingScope scope(runtime_context());  // what is let go of may call back
  variables().assign(snapshot.variables);
  for (const auto& [generator, state] : snapshot.generators) generator->state = state;
  state_->random = snapshot.random ? std::make_unique<RandomState>(*snapshot.random) : nullptr;
  state_->unseeded = snapshot.unseeded;
  print_options() = snapshot.print_options;
}

}  // namespace inlay
