// lower_update.cpp - assignments. The only file that knows what `x[m] = v` is: `where`, `slice_update` or
// `tensor_scatter_nd_update`; `op=` is read, op, write; a nested target is the innermost update written through each
// selector outwards. What cannot be known before running (is m a mask?) is an `update`, which the index plan decides
// when it sees the values.
#include <algorithm>

#include "interpreter/checking/walk.h"
#include "interpreter/lowering/lowering.h"
#include "interpreter/methods/mutators.h"

namespace inlay::lowering {

namespace {

/// Operators whose result exists for every element, so that computing them where the mask is false is invisible.
bool is_total(ast::BinaryOp op) {
  using enum ast::BinaryOp;
  return op == add || op == subtract || op == multiply || op == divide || op == bitwise_and || op == bitwise_or ||
         op == bitwise_xor;
}

/// The single plain subscript `x[i]` of a path, else null.
const ast::Expr* only_index(const PathExpr& path) {
  if (path.steps.size() != 1) return nullptr;
  const auto* subscript = std::get_if<ast::Subscript>(&path.steps[0]->node);
  if (subscript == nullptr || std::holds_alternative<ast::Slice>(subscript->index->node) ||
      std::holds_alternative<ast::Tuple>(subscript->index->node))
    return nullptr;
  return subscript->index.get();
}

}  // namespace

std::optional<PathExpr> take_path(const ast::Expr& target) {
  PathExpr path;
  for (const ast::Expr* at = &target;;) {
    if (std::holds_alternative<ast::Name>(at->node)) {
      path.root = at;
      std::reverse(path.steps.begin(), path.steps.end());
      return path;
    }
    path.steps.push_back(at);
    if (const auto* subscript = std::get_if<ast::Subscript>(&at->node)) {
      at = subscript->object.get();
    } else if (const auto* attribute = std::get_if<ast::Attribute>(&at->node)) {
      at = attribute->object.get();
    } else if (const auto* call = std::get_if<ast::Call>(&at->node)) {
      const auto* method = std::get_if<ast::Attribute>(&call->callee->node);
      if (method == nullptr) return std::nullopt;
      at = method->object.get();
    } else {
      return std::nullopt;
    }
  }
}

void FunctionLowering::assign_target(const ast::Expr& target, Place value, Span span) {
  if (const auto* name = std::get_if<ast::Name>(&target.node)) return bind_name(name->id, value, target.span);
  if (const auto* tuple = std::get_if<ast::Tuple>(&target.node))
    return unpack_target(tuple->elements, value, target.span);
  if (const auto* list = std::get_if<ast::List>(&target.node)) return unpack_target(list->elements, value, target.span);
  assign_path(
      target, [&] { return value; }, std::nullopt, span);
}

void FunctionLowering::unpack_target(const std::vector<ast::ExprPtr>& elements, Place value, Span span) {
  ir::UnpackShape shape;
  shape.count = static_cast<int>(elements.size());
  std::vector<Place> parts;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (std::holds_alternative<ast::Starred>(elements[i]->node)) {
      if (shape.star >= 0) throw SyntaxError("multiple starred expressions in assignment", elements[i]->span);
      shape.star = static_cast<int>(i);
    }
    parts.push_back(new_register());
  }
  emit(ir::Opcode::unpack, span, {value}, parts).attribute = ProgramBuilder::add(builder_.program.unpacks, shape);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto* starred = std::get_if<ast::Starred>(&elements[i]->node);
    assign_target(starred != nullptr ? *starred->value : *elements[i], parts[i], elements[i]->span);
  }
}

// ---- the variable at the root of a path ----

Place FunctionLowering::root_place(const PathExpr& path) {
  const auto& name = std::get<ast::Name>(path.root->node);
  return read_name(name.id, path.root->span);
}

Place FunctionLowering::root_result(const PathExpr& path, Place root) {
  const auto& name = std::get<ast::Name>(path.root->node);
  return local_of(name.id) >= 0 ? new_register(kind_of(root)) : root;
}

void FunctionLowering::finish_root(const PathExpr& path, Place result) {
  const auto& name = std::get<ast::Name>(path.root->node);
  if (const int local = local_of(name.id); local >= 0) bind_local(local, result);
}

ir::PathShape FunctionLowering::path_operands(const PathExpr& path, std::vector<Place>& operands) {
  ir::PathShape shape;
  shape.root = std::get<ast::Name>(path.root->node).id;
  for (const ast::Expr* step : path.steps) {
    ir::PathStepShape out;
    out.span = step->span;
    if (const auto* subscript = std::get_if<ast::Subscript>(&step->node)) {
      subscript_operands(*subscript->index, out.subscript, operands);
    } else if (const auto* attribute = std::get_if<ast::Attribute>(&step->node)) {
      out.kind = ir::PathStepShape::Kind::attribute;
      out.name = attribute->name;
    } else if (const auto* call = std::get_if<ast::Call>(&step->node)) {
      out.kind = ir::PathStepShape::Kind::method;
      out.name = std::get<ast::Attribute>(call->callee->node).name;
      out.call.name = out.name;
      call_operands(call->arguments, out.call, operands);
    }
    shape.steps.push_back(std::move(out));
  }
  return shape;
}

// ---- which update it is ----

ir::UpdateForm FunctionLowering::update_form(const PathExpr& path, const ir::PathShape& shape,
                                             const std::vector<Place>& operands, StaticKind value,
                                             bool augmented) const {
  using enum ir::UpdateForm;
  if (shape.steps.size() != 1 || shape.steps[0].kind != ir::PathStepShape::Kind::subscript ||
      !kind_of(operands[0]).is_tensor())
    return update;
  bool slices = false, arrays = false;
  std::size_t at = 1;
  for (bool is_slice : shape.steps[0].subscript.is_slice) {
    const StaticKind item = kind_of(operands[at]);
    if (is_slice)
      slices = true;
    else if (operands[at].kind == Place::Kind::constant)
      slices = slices || !item.is_number();
    else if (item.is_tensor() || item.base == StaticKind::Base::other)
      arrays = true;
    else
      return update;
    at += is_slice ? 3 : 1;
  }
  const ast::Expr* index = only_index(path);
  const bool mask = index != nullptr && kind_of(operands[1]).mask;
  if (mask && (value.is_number() || !value.is_tensor()) && !augmented) return update;
  return slices && !arrays ? slice_update : tensor_scatter_nd_update;
}

void FunctionLowering::assign_path(const ast::Expr& target, const Emit& emit_value_of, std::optional<ast::BinaryOp> op,
                                   Span span) {
  const auto path = take_path(target);
  if (!path)
    throw SyntaxError("cannot assign to this; the left side is a name, then subscripts, keys and views of it",
                      target.span);
  std::vector<Place> operands{Place{}};
  ir::PathShape shape = path_operands(*path, operands);
  const Place value = emit_value_of();
  const StaticKind value_kind = kind_of(value);
  // Read last: the value may be a call that changes the same variable.
  const Place root = operands[0] = root_place(*path);
  if (only_index(*path) != nullptr && value_kind.is_number() && kind_of(operands[1]).is_mask_of(kind_of(root)) &&
      (!op || is_total(*op)))
    return store_where(*path, root, operands[1], op ? emit_binary(*op, root, value, span) : value, op, span);
  shape.form = update_form(*path, shape, operands, value_kind, op.has_value());
  shape.mask = only_index(*path) != nullptr && kind_of(operands[1]).mask;
  operands.push_back(value);
  StaticKind kind = kind_of(root);
  if (path->steps.empty() && op) kind = {};
  const Place result = root_result(*path, root);
  auto& instruction = emit(ir::Opcode::update, span, std::move(operands), {result});
  instruction.undoable = undoable_;
  if (op) instruction.detail = static_cast<std::uint8_t>(*op);
  instruction.attribute = ProgramBuilder::add(builder_.program.paths, std::move(shape));
  instruction.cache = builder_.program.caches++;
  set_kind(result, kind);
  finish_root(*path, result);
}

void FunctionLowering::store_where(const PathExpr& path, Place root, Place mask, Place value,
                                   std::optional<ast::BinaryOp> op, Span span) {
  const StaticKind kind = kind_of(root);
  const Place result = root_result(path, root);
  auto& instruction = emit(ir::Opcode::store_where, span, {mask, value, root}, {result});
  instruction.undoable = undoable_;
  if (op) instruction.detail = static_cast<std::uint8_t>(*op);
  set_kind(result, kind);
  finish_root(path, result);
}

// ---- x[m] = f(x[m]) ----

bool FunctionLowering::is_map_of(const ast::Expr& value, const ast::Expr& target) const {
  const auto& source = *builder_.program.source;
  if (std::holds_alternative<ast::Subscript>(value.node)) return source.text(value.span) == source.text(target.span);
  if (const auto* binary = std::get_if<ast::Binary>(&value.node))
    return is_total(binary->op) && is_map_of(*binary->left, target) && is_map_of(*binary->right, target);
  if (const auto* unary = std::get_if<ast::Unary>(&value.node))
    return unary->op != ast::UnaryOp::logical_not && is_map_of(*unary->operand, target);
  if (const auto* call = std::get_if<ast::Call>(&value.node)) {
    const OpRow* row = static_op(*call->callee);
    if (row == nullptr || row->result != ResultKind::elementwise || call->arguments.size() != 1 ||
        !call->arguments[0].keyword.empty())
      return false;
    return is_map_of(*call->arguments[0].value, target);
  }
  return std::holds_alternative<ast::IntLiteral>(value.node) || std::holds_alternative<ast::FloatLiteral>(value.node);
}

Place FunctionLowering::map_expression(const ast::Expr& value, const ast::Expr& target, Place whole) {
  if (std::holds_alternative<ast::Subscript>(value.node)) return whole;
  if (const auto* binary = std::get_if<ast::Binary>(&value.node)) {
    if (fold_integer(value)) return expression(value);
    const Place left = map_expression(*binary->left, target, whole);
    return emit_binary(binary->op, left, map_expression(*binary->right, target, whole), value.span);
  }
  if (const auto* unary = std::get_if<ast::Unary>(&value.node)) {
    if (fold_integer(value)) return expression(value);
    const Place operand = map_expression(*unary->operand, target, whole);
    const Place result = emit_value(ir::Opcode::unary, value.span, {operand}, kind_of(operand));
    current_->body.back().detail = static_cast<std::uint8_t>(unary->op);
    current_->body.back().cache = builder_.program.caches++;
    return result;
  }
  if (const auto* call = std::get_if<ast::Call>(&value.node))
    return emit_op_row(*static_op(*call->callee), value.span,
                       {map_expression(*call->arguments[0].value, target, whole)});
  return expression(value);
}

bool FunctionLowering::assign_mapped(const ast::Expr& target, const ast::Expr& value, Span span) {
  const auto path = take_path(target);
  if (!path || only_index(*path) == nullptr || std::holds_alternative<ast::Subscript>(value.node)) return false;
  bool uses_target = false;
  const std::function<void(const ast::Expr&)> look = [&](const ast::Expr& e) {
    if (std::holds_alternative<ast::Subscript>(e.node))
      uses_target = true;
    else
      for_each_child(e, look);
  };
  look(value);
  if (!uses_target || !is_map_of(value, target)) return false;
  const std::size_t start = current_->body.size();
  const Environment before = environment_;
  const Place root = root_place(*path);
  const Place mask = expression(*only_index(*path));
  if (!kind_of(mask).is_mask_of(kind_of(root))) {
    current_->body.resize(start);  // pure so far: left to the general way
    environment_ = before;
    return false;
  }
  store_where(*path, root, mask, map_expression(value, target, root), std::nullopt, span);
  return true;
}

// ---- calls that change what they are given ----

bool FunctionLowering::is_mutating(const ast::Call& call, bool* through_argument) const {
  *through_argument = true;
  const auto* attribute = std::get_if<ast::Attribute>(&call.callee->node);
  if (attribute != nullptr && attribute->name == "at") {
    const OpRow* row = static_op(*attribute->object);
    if (row != nullptr && (row->result == ResultKind::elementwise || row->result == ResultKind::elementwise_mask))
      return !call.arguments.empty();
  }
  const auto* name = std::get_if<ast::Name>(&call.callee->node);
  if (name != nullptr) {
    if (local_of(name->id) >= 0 || cell_of(name->id) || builder_.is_module_variable(name->id)) return false;
    return is_mutating_function(name->id) && !call.arguments.empty();
  }
  if (attribute == nullptr) return false;
  const std::string module = static_module(*attribute->object);
  if (module == "numpy" || module == "numpy.random") {
    const bool is_numpy = module == "numpy";
    return (is_numpy ? is_mutating_function(attribute->name) : is_shuffling_method(attribute->name)) &&
           !call.arguments.empty();
  }
  if (!module.empty()) return false;
  if (is_shuffling_method(attribute->name))
    return !call.arguments.empty() && take_path(*call.arguments[0].value).has_value();
  *through_argument = false;
  return is_mutating_method(attribute->name) && take_path(*attribute->object).has_value();
}

bool FunctionLowering::mutating_call(const ast::Expr& expr, Place* returned) {
  const auto* call = std::get_if<ast::Call>(&expr.node);
  bool through_argument = false;
  if (call == nullptr || !is_mutating(*call, &through_argument)) return false;
  const auto* attribute = std::get_if<ast::Attribute>(&call->callee->node);
  const ast::Expr& target = through_argument ? *call->arguments[0].value : *attribute->object;
  const auto path = take_path(target);
  if (!path)
    throw SyntaxError("this call changes its first argument, which must be a variable or a part of one", target.span);
  ir::MutationShape mutation;
  mutation.function = through_argument;
  if (attribute != nullptr && attribute->name == "at") mutation.ufunc = static_op(*attribute->object);
  std::vector<Place> operands{root_place(*path)};
  const Place root = operands[0];
  mutation.path = path_operands(*path, operands);
  mutation.shuffling = through_argument && attribute != nullptr && is_shuffling_method(attribute->name);
  if (mutation.shuffling) {
    operands.push_back(expression(*attribute->object));
    mutation.call.starred.push_back(false);
    ++mutation.call.positional;
  }
  call_operands(call->arguments, mutation.call, operands, through_argument ? 1 : 0);
  mutation.call.name = attribute != nullptr ? attribute->name : std::get<ast::Name>(call->callee->node).id;
  const Place result = root_result(*path, root);
  const Place value = new_register();
  auto& instruction = emit(ir::Opcode::mutate, expr.span, std::move(operands), {result, value});
  instruction.undoable = undoable_;
  instruction.attribute = ProgramBuilder::add(builder_.program.mutations, std::move(mutation));
  finish_root(*path, result);
  if (returned != nullptr) *returned = value;
  return true;
}

}  // namespace inlay::lowering
