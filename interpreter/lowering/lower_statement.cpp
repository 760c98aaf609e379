// lower_statement.cpp - statements other than branches, loops and updates.
#include "interpreter/lowering/constants.h"
#include "interpreter/lowering/lowering.h"

namespace inlay::lowering {

namespace {

int count_targets(const ast::Expr& target) {
  const std::vector<ast::ExprPtr>* elements = nullptr;
  if (const auto* tuple = std::get_if<ast::Tuple>(&target.node)) elements = &tuple->elements;
  if (const auto* list = std::get_if<ast::List>(&target.node)) elements = &list->elements;
  if (elements == nullptr) return 1;
  int count = 0;
  for (const auto& element : *elements) count += count_targets(*element);
  return count;
}

/// Whether a value is read where something else may rebind it.
bool is_place(Place value) { return value.kind == Place::Kind::global || value.kind == Place::Kind::cell; }

ErrorKind error_kind(std::string_view kind, Span span) {
  static constexpr ErrorKind kRaisable[] = {
      ErrorKind::NameError,      ErrorKind::TypeError,      ErrorKind::ValueError,        ErrorKind::IndexError,
      ErrorKind::KeyError,       ErrorKind::AttributeError, ErrorKind::ZeroDivisionError, ErrorKind::OverflowError,
      ErrorKind::AssertionError, ErrorKind::ImportError,    ErrorKind::MemoryError,       ErrorKind::RecursionError,
      ErrorKind::LinAlgError,    ErrorKind::RuntimeError,   ErrorKind::SyntaxError,       ErrorKind::KeyboardInterrupt};
  for (ErrorKind each : kRaisable)
    if (name(each) == kind) return each;
  throw SyntaxError(
      "raise wants one of the language's kinds of errors, such as ValueError; not '" + std::string(kind) + "'", span);
}

}  // namespace

void FunctionLowering::module_body(const ast::Block& body) {
  block(body);
  if (!terminated_) emit(ir::Opcode::return_, {}, {builder_.constant(Value::none())});
}

void FunctionLowering::block(const ast::Block& block) {
  for (const auto& stmt : block) {
    if (terminated_) return;
    statement(*stmt);
  }
}

void FunctionLowering::statement(const ast::Stmt& stmt) {
  using namespace ast;
  const Span span = stmt.span;
  std::visit(
      [&](const auto& n) {
        using T = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<T, ExprStmt>)
          expression_statement(n, span);
        else if constexpr (std::is_same_v<T, Assign>)
          assign(n, span);
        else if constexpr (std::is_same_v<T, AnnAssign>)
          annotated_assign(n, span);
        else if constexpr (std::is_same_v<T, AugAssign>)
          augmented_assign(n, span);
        else if constexpr (std::is_same_v<T, If>)
          if_arms(n, 0, span);
        else if constexpr (std::is_same_v<T, While>)
          while_loop(n, span);
        else if constexpr (std::is_same_v<T, For>)
          for_loop(n, span);
        else if constexpr (std::is_same_v<T, Break>)
          jump(ir::Opcode::break_, span);
        else if constexpr (std::is_same_v<T, Continue>)
          jump(ir::Opcode::continue_, span);
        else if constexpr (std::is_same_v<T, FunctionDef>)
          function_def(n, span);
        else if constexpr (std::is_same_v<T, Return>) {
          Place value = builder_.constant(Value::none());
          if (n.value && !mutating_call(*n.value, &value)) value = expression(*n.value);
          if (returns_ != nullptr && *returns_) contract(**returns_, "result", value, span);
          emit(ir::Opcode::return_, span, {value});
          terminated_ = true;
        } else if constexpr (std::is_same_v<T, Assert>)
          assertion(n, span);
        else if constexpr (std::is_same_v<T, Raise>)
          raise(n, span);
        else if constexpr (std::is_same_v<T, Delete>)
          remove(n, span);
        else if constexpr (std::is_same_v<T, Import>)
          import(n, span);
        else if constexpr (std::is_same_v<T, FromImport>)
          from_import(n, span);
      },
      stmt.node);
}

Place FunctionLowering::right_side(const ast::Expr& expr, bool rest_may_fail) {
  Place value;
  undoable_ = rest_may_fail && is_module();
  if (mutating_call(expr, &value)) return value;
  undoable_ = false;
  return expression(expr);
}

void FunctionLowering::end_statement(Span span) {
  if (std::exchange(undoable_, false)) emit(ir::Opcode::end_statement, span, {});
}

void FunctionLowering::assign(const ast::Assign& node, Span span) {
  int targets = 0;
  for (const auto& target : node.targets) targets += count_targets(*target);
  if (targets == 1 && assign_mapped(*node.targets[0], *node.value, span)) return;
  const bool stores_part = !std::holds_alternative<ast::Name>(node.targets[0]->node);
  Place value = right_side(*node.value, targets > 1 || stores_part);
  if (targets > 1) {
    undoable_ = is_module();
    // The first target may rebind the variable that the others are given the old value of.
    if (node.targets.size() > 1 && is_place(value)) value = emit_value(ir::Opcode::copy, span, {value}, kind_of(value));
  }
  for (const auto& target : node.targets) assign_target(*target, value, span);
  end_statement(span);
}

void FunctionLowering::annotated_assign(const ast::AnnAssign& node, Span span) {
  if (!node.value) return;
  Place value = right_side(*node.value, true);
  contract(*node.annotation, "value", value, node.value->span);
  assign_target(*node.target, value, span);
  end_statement(span);
}

void FunctionLowering::augmented_assign(const ast::AugAssign& node, Span span) {
  assign_path(
      *node.target, [&] { return right_side(*node.value, true); }, node.op, span);
  end_statement(span);
}

void FunctionLowering::expression_statement(const ast::ExprStmt& node, Span span) {
  if (mutating_call(*node.value, nullptr)) return;
  const Place value = expression(*node.value);
  const bool shown = is_module() && builder_.options.echo;
  // A name alone is read, so that an unbound one is an error.
  if (shown || is_place(value)) emit(ir::Opcode::echo, span, {value}).detail = shown ? 1 : 0;
}

void FunctionLowering::function_def(const ast::FunctionDef& node, Span span) {
  const Place value = make_function(&node, node.name, node.doc, node.parameters, span, [&](FunctionLowering& inner) {
    inner.function_body(node.parameters, node.returns, node.body);
  });
  bind_name(node.name, value, span);
}

void FunctionLowering::assertion(const ast::Assert& node, Span span) {
  const Place test = condition(*node.condition);
  branch(
      test, [] {},
      [&] {
        const Place message = node.message ? expression(*node.message) : Place{};
        emit(ir::Opcode::raise, span, {message}).detail = static_cast<std::uint8_t>(ErrorKind::AssertionError);
        terminated_ = true;
      },
      span);
}

void FunctionLowering::raise(const ast::Raise& node, Span span) {
  const Place message = node.message ? expression(*node.message) : Place{};
  emit(ir::Opcode::raise, span, {message}).detail = static_cast<std::uint8_t>(error_kind(node.kind, node.kind_span));
  terminated_ = true;
}

void FunctionLowering::remove(const ast::Delete& node, Span span) {
  undoable_ = node.targets.size() > 1 && is_module();
  for (const auto& target : node.targets) {
    if (const auto* name = std::get_if<ast::Name>(&target->node)) {
      read_name(name->id, target->span);
      if (const int local = local_of(name->id); local >= 0) {
        environment_[static_cast<std::size_t>(local)] = {};
        continue;
      }
      const Place cell = cell_of(name->id);
      const Place place = cell ? cell : builder_.global(name->id);
      auto& instruction = emit(ir::Opcode::forget, target->span, {place}, {place});
      instruction.undoable = undoable_;
      set_kind(place, {});
      continue;
    }
    const auto path = take_path(*target);
    if (!path) throw SyntaxError("cannot delete this; only names and items of them", target->span);
    std::vector<Place> operands{root_place(*path)};
    const Place root = operands[0];
    ir::PathShape shape = path_operands(*path, operands);
    const Place result = root_result(*path, root);
    auto& instruction = emit(ir::Opcode::remove, target->span, std::move(operands), {result});
    instruction.undoable = undoable_;
    instruction.attribute = ProgramBuilder::add(builder_.program.paths, std::move(shape));
    finish_root(*path, result);
  }
  end_statement(span);
}

void FunctionLowering::import(const ast::Import& node, Span span) {
  undoable_ = node.names.size() > 1 && is_module();
  for (const auto& name : node.names) {
    const auto imported = [&](std::string_view module) {
      const Place value = emit_value(ir::Opcode::import_module, name.module_span, {});
      current_->body.back().attribute = builder_.name(module);
      return value;
    };
    Place value = imported(name.module);
    const std::string_view first = std::string_view(name.module).substr(0, name.module.find('.'));
    const bool binds_first = name.alias.empty() && first != name.module;  // import a.b needs both and binds a
    if (binds_first) value = imported(first);
    bind_name(name.alias.empty() ? first : name.alias, value, name.module_span);
  }
  end_statement(span);
}

void FunctionLowering::from_import(const ast::FromImport& node, Span span) {
  if (node.star)
    throw SyntaxError("'from " + node.module + " import *' hides where names come from: name what is wanted", span);
  const Place module = emit_value(ir::Opcode::import_module, node.module_span, {});
  current_->body.back().attribute = builder_.name(node.module);
  undoable_ = node.items.size() > 1 && is_module();
  for (const auto& item : node.items) {
    const Place value = emit_value(ir::Opcode::import_name, item.span, {module});
    current_->body.back().attribute = builder_.name(item.name);
    bind_name(item.alias.empty() ? item.name : item.alias, value, item.span);
  }
  end_statement(span);
}

// ---- contracts ----

namespace {

/// Reads `float32[..., n, 3]`; false if the annotation is no contract but a note to the reader (`x: int`).
bool read_contract(const ast::Expr& annotation, ir::Contract& out) {
  const auto* subscript = std::get_if<ast::Subscript>(&annotation.node);
  const auto* dtype = std::get_if<ast::Name>(subscript != nullptr ? &subscript->object->node : &annotation.node);
  if (dtype == nullptr) return false;
  out.any_dtype = dtype->id == "any";
  if (builtin_constant(dtype->id).is(Value::Tag::type)) return false;
  if (!out.any_dtype && !find_dtype(dtype->id, out.dtype)) return false;
  if (subscript == nullptr) return !out.any_dtype;
  out.has_shape = true;
  std::vector<const ast::Expr*> sizes;
  if (const auto* tuple = std::get_if<ast::Tuple>(&subscript->index->node))
    for (const auto& element : tuple->elements) sizes.push_back(element.get());
  else
    sizes.push_back(subscript->index.get());
  for (const auto* size : sizes) {
    if (std::holds_alternative<ast::EllipsisLiteral>(size->node) && out.sizes.empty() && !out.leading)
      out.leading = true;
    else if (const auto* name = std::get_if<ast::Name>(&size->node))
      out.sizes.push_back({std::string(name->id), -1});
    else if (const auto value = fold_integer(*size); value && value->integer >= 0 && value->integer < INT64_MAX)
      out.sizes.push_back({{}, static_cast<std::int64_t>(value->integer)});
    else
      throw SyntaxError("a size in a contract is a number, a name, or '...' in front", size->span);
  }
  return true;
}

}  // namespace

void FunctionLowering::contract(const ast::Expr& annotation, std::string what, Place& value, Span span) {
  ir::Contract contract;
  if (!read_contract(annotation, contract)) return;
  contract.what = std::move(what);
  contract.text = builder_.program.source->text(annotation.span);
  value = emit_value(ir::Opcode::contract, span, {value}, kind_of(value));
  current_->body.back().attribute = ProgramBuilder::add(builder_.program.contracts, std::move(contract));
}

}  // namespace inlay::lowering
