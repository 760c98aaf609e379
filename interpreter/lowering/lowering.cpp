// lowering.cpp - see lowering.h: pools, instructions and names.
#include "interpreter/lowering/lowering.h"

#include <algorithm>

#include "interpreter/fusion/fuse.h"
#include "interpreter/lowering/unread_values.h"

namespace inlay {

namespace {

/// Sets how many steps each block takes, as many with regions as without: both ways of a branch count, rounds of a loop
/// are paid for one by one.
void count_steps(ir::Block& block) {
  block.steps = block.body.size();
  for (auto& in : block.body) {
    for (auto& inner : in.blocks) count_steps(*inner);
    if (in.code == ir::Opcode::region || in.code == ir::Opcode::if_)
      for (const auto& inner : in.blocks) block.steps += inner->steps;
    if (in.code == ir::Opcode::region) --block.steps;
    if (in.code == ir::Opcode::while_ || in.code == ir::Opcode::for_) block.steps += in.blocks.back()->steps;
  }
}

}  // namespace

ir::ProgramPtr lower(const ast::Module& module, const LowerOptions& options) {
  const auto scope = analyze_scopes(module);
  lowering::ProgramBuilder builder(module, options, *scope);
  std::int32_t index = 0;
  ir::Function& top = builder.new_function(index);
  top.name = "<module>";
  lowering::FunctionLowering(builder, top, *scope, nullptr).module_body(module.body);
  ir::drop_unread_values(builder.program);
  if (options.fuse) ir::fuse(builder.program);
  for (auto& function : builder.program.functions) count_steps(function->body);
  ir::mark_last_uses(builder.program);
#ifndef NDEBUG
  ir::verify(builder.program);
#endif
  return std::shared_ptr<const ir::Program>(std::move(builder.owned_));
}

namespace lowering {

namespace {

struct ModuleVisibility {
  std::string_view module;
  std::uint16_t visibility;
};
constexpr ModuleVisibility kModules[] = {
    {"numpy", kNumpy},   {"numpy.linalg", kLinalg}, {"numpy.random", kRandom},
    {"linalg", kLinalg}, {"math", kMath},           {"tensorflow", kTensorflow},
};

void collect_aliases(const ast::Block& block, std::map<std::string, std::string, std::less<>>& out) {
  for (const auto& stmt : block) {
    const auto* import = std::get_if<ast::Import>(&stmt->node);
    if (import == nullptr) continue;
    for (const auto& name : import->names) {
      if (!name.alias.empty())
        out[std::string(name.alias)] = name.module;
      else if (name.module.find('.') == std::string::npos)
        out[name.module] = name.module;
    }
  }
}

/// Names that other statements than `import` bind are no certain alias of a module.
void remove_rebound(const ast::Block& block, std::map<std::string, std::string, std::less<>>& aliases) {
  for (const auto& stmt : block) {
    if (std::holds_alternative<ast::Import>(stmt->node)) continue;
    for (auto name : bound_names(*stmt))
      if (auto it = aliases.find(name); it != aliases.end()) aliases.erase(it);
  }
}

}  // namespace

std::uint16_t module_visibility(std::string_view module) {
  for (const auto& row : kModules)
    if (row.module == module) return row.visibility;
  return 0;
}

ProgramBuilder::ProgramBuilder(const ast::Module& ast, const LowerOptions& lower_options, const Scope& scope)
    : program(*new ir::Program), options(lower_options), module(ast), owned_(&program), scope_(scope) {
  program.source = ast.source;
  collect_aliases(ast.body, aliases_);
  remove_rebound(ast.body, aliases_);
}

Place ProgramBuilder::constant(Value value) {
  return {Place::Kind::constant, add(program.constants, std::move(value))};
}

StaticKind ProgramBuilder::kind_of(const Value& value) {
  if (!value.is_tensor()) return StaticKind::of(value);
  const Shape& sizes = value.tensor_shape();
  const auto [shape, is_new] = shapes.try_emplace({sizes.begin(), sizes.end()}, next_shape);
  if (is_new) ++next_shape;
  StaticKind kind = StaticKind::tensor(shape->second);
  kind.mask = value.tensor_dtype() == DType::boolean;
  kind.integers = is_integer(value.tensor_dtype());
  kind.vector = sizes.size() == 1;
  return kind;
}

Place ProgramBuilder::global(std::string_view name) {
  auto [it, fresh] = global_index_.try_emplace(std::string(name), static_cast<std::int32_t>(program.globals.size()));
  if (fresh) {
    program.globals.emplace_back(name);
    const Value* value = options.value_of(name);
    global_kinds.push_back(value == nullptr ? StaticKind{} : kind_of(*value));
  }
  return {Place::Kind::global, it->second};
}

std::int32_t ProgramBuilder::name(std::string_view text) {
  auto [it, fresh] = name_index_.try_emplace(std::string(text), static_cast<std::int32_t>(program.names.size()));
  if (fresh) program.names.emplace_back(text);
  return it->second;
}

std::int32_t ProgramBuilder::op(const OpRow* row) {
  const auto it = std::find(program.ops.begin(), program.ops.end(), row);
  if (it != program.ops.end()) return static_cast<std::int32_t>(it - program.ops.begin());
  return add(program.ops, row);
}

ir::Function& ProgramBuilder::new_function(std::int32_t& index) {
  index = add(program.functions, std::make_unique<ir::Function>());
  program.functions.back()->number = index;
  return *program.functions.back();
}

bool ProgramBuilder::is_module_variable(std::string_view name) const {
  return scope_.binds(name) || options.is_bound(name);
}

std::string ProgramBuilder::module_alias(std::string_view name) const {
  if (const auto it = aliases_.find(name); it != aliases_.end()) return it->second;
  return scope_.binds(name) ? std::string() : options.module_of(name);
}

std::uint16_t ProgramBuilder::bare_visibility() const {
  return static_cast<std::uint16_t>(kNumpy | kPython | (options.library ? kInternal : 0));
}

// ---- instructions ----

FunctionLowering::FunctionLowering(ProgramBuilder& builder, ir::Function& function, const Scope& scope,
                                   FunctionLowering* parent)
    : builder_(builder), function_(function), scope_(scope), parent_(parent), current_(&function.body) {
  for (auto name : scope.captured) function.cell_names.emplace_back(name);
  for (const auto& each : scope.comprehension_cells) function.cell_names.emplace_back(each.name);
  function.cells = static_cast<int>(function.cell_names.size());
  for (auto name : scope.free) {
    function.cell_names.emplace_back(name);
    function.captures.push_back(parent_->cell_of(name).index);
  }
  if (is_module()) return;
  for (auto name : scope.bound)
    if (!scope.captured.contains(name)) add_local(name);
}

Place FunctionLowering::new_register(StaticKind kind) {
  kinds_.push_back(kind);
  return {Place::Kind::reg, function_.registers++};
}

ir::Instruction& FunctionLowering::emit(ir::Opcode code, Span span, std::vector<Place> operands,
                                        std::vector<Place> results) {
  builder_.poll();
  ir::Instruction instruction;
  instruction.code = code;
  instruction.span = span;
  instruction.operands = std::move(operands);
  instruction.results = std::move(results);
  current_->body.push_back(std::move(instruction));
  return current_->body.back();
}

Place FunctionLowering::emit_value(ir::Opcode code, Span span, std::vector<Place> operands, StaticKind kind) {
  const Place result = new_register(kind);
  emit(code, span, std::move(operands), {result});
  return result;
}

Place FunctionLowering::emit_op_row(const OpRow& row, Span span, std::vector<Place> operands) {
  const Place result = new_register(op_kind(row, operands));
  auto& instruction = emit(ir::Opcode::op, span, std::move(operands), {result});
  instruction.attribute = builder_.op(&row);
  instruction.cache = builder_.program.caches++;
  return result;
}

StaticKind FunctionLowering::kind_of(Place place) const {
  switch (place.kind) {
    case Place::Kind::reg:
      return kinds_[static_cast<std::size_t>(place.index)];
    case Place::Kind::constant:
      return StaticKind::of(builder_.program.constants[static_cast<std::size_t>(place.index)]);
    case Place::Kind::global:
      return is_module() ? builder_.global_kinds[static_cast<std::size_t>(place.index)] : StaticKind{};
    default:
      return {};
  }
}

void FunctionLowering::set_kind(Place place, StaticKind kind) {
  if (place.kind == Place::Kind::reg) kinds_[static_cast<std::size_t>(place.index)] = kind;
  if (place.kind == Place::Kind::global && is_module())
    builder_.global_kinds[static_cast<std::size_t>(place.index)] = kind;
}

// ---- names ----

int FunctionLowering::add_anonymous() {
  environment_.push_back({});
  return static_cast<int>(environment_.size()) - 1;
}

int FunctionLowering::add_local(std::string_view name) { return locals_[name] = add_anonymous(); }

int FunctionLowering::local_of(std::string_view name) const {
  for (auto it = comprehensions_.rbegin(); it != comprehensions_.rend(); ++it)
    if (it->name == name) return it->local;
  const auto it = locals_.find(name);
  return it == locals_.end() ? -1 : it->second;
}

Place FunctionLowering::cell_of(std::string_view name) const {
  for (auto it = comprehensions_.rbegin(); it != comprehensions_.rend(); ++it)
    if (it->name == name) return it->cell;
  const std::size_t own = scope_.captured.size(), skipped = scope_.comprehension_cells.size();
  for (std::size_t i = 0; i < function_.cell_names.size(); ++i)
    if (function_.cell_names[i] == name && (i < own || i >= own + skipped))
      return {Place::Kind::cell, static_cast<std::int32_t>(i)};
  return {};
}

Place FunctionLowering::comprehension_cell(const ast::Expr& target, std::string_view name) const {
  const auto& cells = scope_.comprehension_cells;
  const auto it = std::find(cells.begin(), cells.end(), Scope::ComprehensionCell{&target, name});
  if (it == cells.end()) return {};
  return {Place::Kind::cell,
          static_cast<std::int32_t>(scope_.captured.size()) + static_cast<std::int32_t>(it - cells.begin())};
}

Place FunctionLowering::read_name(std::string_view name, Span span) {
  if (const int local = local_of(name); local >= 0) {
    const Binding binding = environment_[static_cast<std::size_t>(local)];
    if (binding.state == Binding::State::bound) return binding.place;
    const Place operand = binding.place ? binding.place : builder_.constant(Value());
    const Place result = emit_value(ir::Opcode::bound, span, {operand}, kind_of(operand));
    current_->body.back().attribute = builder_.name(name);
    bind_local(local, result);
    return result;
  }
  if (const Place cell = cell_of(name)) return cell;
  function_.reads.push_back(span);
  return builder_.global(name);
}

void FunctionLowering::bind_local(int local, Place value) {
  environment_[static_cast<std::size_t>(local)] = {value, Binding::State::bound};
}

void FunctionLowering::bind_name(std::string_view name, Place value, Span span) {
  const int local = local_of(name);
  const Place cell = local >= 0 ? Place{} : cell_of(name);
  if (local >= 0) {
    // A variable never holds a place that something else may rebind.
    if (value.kind != Place::Kind::reg && value.kind != Place::Kind::constant)
      value = emit_value(ir::Opcode::copy, span, {value}, kind_of(value));
    return bind_local(local, value);
  }
  const Place target = cell ? cell : builder_.global(name);
  const StaticKind kind = kind_of(value);
  // The instruction that made the value stores it itself, so that it may reuse what the variable held.
  const bool fused = !current_->body.empty() && value.kind == Place::Kind::reg &&
                     current_->body.back().results.size() == 1 && current_->body.back().results[0] == value &&
                     current_->body.back().blocks.empty() && current_->body.back().code != ir::Opcode::bound &&
                     !undoable_;
  if (fused) {
    current_->body.back().results[0] = target;
  } else {
    emit(ir::Opcode::copy, span, {value}, {target}).undoable = undoable_;
  }
  set_kind(target, kind);
}

std::vector<int> FunctionLowering::locals_bound_in(std::initializer_list<const ast::Block*> blocks,
                                                   const ast::Expr* target) const {
  Names names;
  for (const auto* block : blocks)
    for (auto name : rebound_names(*block)) names.add(name);
  if (target != nullptr) collect_rebound_names(*target, names);
  std::vector<int> out;
  for (auto name : names)
    if (const int local = local_of(name); local >= 0) out.push_back(local);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void FunctionLowering::forget_kinds(std::initializer_list<const ast::Block*> blocks, const ast::Expr* target) {
  if (!is_module()) return;
  Names names;
  for (const auto* block : blocks)
    for (auto name : bound_names(*block)) names.add(name);
  if (target != nullptr) collect_target_names(*target, names);
  for (auto name : names) set_kind(builder_.global(name), {});
}

}  // namespace lowering
}  // namespace inlay
