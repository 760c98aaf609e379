// lower_expression.cpp - expressions: every value in a register, every operator one instruction, short circuits as
// branches.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "interpreter/lowering/lowering.h"
#include "runtime/memory/stack.h"

namespace inlay::lowering {

namespace {

constexpr int128 kSaturated = int128(1) << 126;

int128 saturate(int128 value) { return std::clamp(value, -kSaturated, kSaturated); }
/// The sum of two that are saturated, which 128 bits may just not hold.
int128 add(int128 a, int128 b) {
  int128 out = 0;
  if (__builtin_add_overflow(a, b, &out)) return a < 0 ? -kSaturated : kSaturated;
  return saturate(out);
}

int128 multiply(int128 a, int128 b) {
  int128 out;
  if (__builtin_mul_overflow(a, b, &out)) return (a < 0) == (b < 0) ? kSaturated : -kSaturated;
  return saturate(out);
}

IntegerLiteral multiply(IntegerLiteral a, IntegerLiteral b) {
  return {multiply(a.integer, b.integer), a.real * b.real};
}

std::optional<IntegerLiteral> power(IntegerLiteral base, IntegerLiteral exponent) {
  if (exponent.integer < 0) return std::nullopt;
  IntegerLiteral out{1, 1};
  if (base.integer >= -1 && base.integer <= 1) {
    const int128 value = exponent.integer == 0 ? 1 : base.integer == -1 && exponent.integer % 2 == 0 ? 1 : base.integer;
    return IntegerLiteral{value, static_cast<double>(value)};
  }
  // The value leaves the range of doubles after some thousand factors; more change nothing.
  for (int128 i = 0; i < exponent.integer && std::isfinite(out.real); ++i) out = multiply(out, base);
  return out;
}

IntegerLiteral parse_integer(const std::string& digits) {
  unsigned base = 10;
  std::size_t at = 0;
  if (digits.size() > 1 && digits[0] == '0') {
    base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : digits[1] == 'b' ? 2 : 10;
    if (base != 10) at = 2;
  }
  IntegerLiteral out{0, 0};
  for (std::size_t i = at; i < digits.size(); ++i) {
    const char c = digits[i];
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    out.integer = saturate(multiply(out.integer, base) + digit);
    out.real = out.real * base + digit;
  }
  if (base == 10) out.real = std::strtod(digits.c_str(), nullptr);  // rounded once
  return out;
}

std::optional<IntegerLiteral> fold_binary(ast::BinaryOp op, IntegerLiteral a, IntegerLiteral b) {
  switch (op) {
    case ast::BinaryOp::add:
      return IntegerLiteral{add(a.integer, b.integer), a.real + b.real};
    case ast::BinaryOp::subtract:
      return IntegerLiteral{add(a.integer, -b.integer), a.real - b.real};
    case ast::BinaryOp::multiply:
      return multiply(a, b);
    case ast::BinaryOp::power:
      return power(a, b);
    case ast::BinaryOp::left_shift:
      if (const auto factor = power({2, 2}, b)) return multiply(a, *factor);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<IntegerLiteral> fold_unary(ast::UnaryOp op, IntegerLiteral a) {
  switch (op) {
    case ast::UnaryOp::negative:
      return IntegerLiteral{-a.integer, -a.real};
    case ast::UnaryOp::positive:
      return a;
    case ast::UnaryOp::invert:
      return IntegerLiteral{saturate(-a.integer - 1), -a.real - 1};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<IntegerLiteral> fold_integer(const ast::Expr& expr) {
  if (const auto* literal = std::get_if<ast::IntLiteral>(&expr.node)) return parse_integer(literal->digits);
  if (const auto* unary = std::get_if<ast::Unary>(&expr.node)) {
    const auto value = fold_integer(*unary->operand);
    return value ? fold_unary(unary->op, *value) : std::nullopt;
  }
  if (const auto* binary = std::get_if<ast::Binary>(&expr.node)) {
    const auto left = fold_integer(*binary->left);
    if (!left) return std::nullopt;
    const auto right = fold_integer(*binary->right);
    return right ? fold_binary(binary->op, *left, *right) : std::nullopt;
  }
  return std::nullopt;
}

Place FunctionLowering::integer_constant(IntegerLiteral literal) {
  return builder_.constant(Value::of(Scalar::of_wide(literal.integer, literal.real)));
}

Place FunctionLowering::expression(const ast::Expr& expr) {
  using namespace ast;
  if (StackBound::of_this_thread().is_near())
    throw SyntaxError("too many nested expressions for this thread's stack", expr.span);
  const Span span = expr.span;
  return std::visit(
      [&](const auto& n) -> Place {
        using T = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<T, Name>)
          return name_expression(n, span);
        else if constexpr (std::is_same_v<T, NoneLiteral>)
          return builder_.constant(Value::none());
        else if constexpr (std::is_same_v<T, BoolLiteral>)
          return builder_.constant(Value::of(n.value));
        else if constexpr (std::is_same_v<T, IntLiteral>)
          return int_literal(n);
        else if constexpr (std::is_same_v<T, FloatLiteral>)
          return builder_.constant(Value::of(n.value));
        else if constexpr (std::is_same_v<T, ComplexLiteral>)
          return builder_.constant(Value::of(complex128(0, n.imaginary)));
        else if constexpr (std::is_same_v<T, StringLiteral>)
          return builder_.constant(Value::of(std::string_view(n.value)));
        else if constexpr (std::is_same_v<T, FString>)
          return fstring(n, span);
        else if constexpr (std::is_same_v<T, EllipsisLiteral>)
          return builder_.constant(Value::ellipsis());
        else if constexpr (std::is_same_v<T, Tuple>)
          return display(ir::Opcode::make_tuple, n.elements, span);
        else if constexpr (std::is_same_v<T, List>)
          return display(ir::Opcode::make_list, n.elements, span);
        else if constexpr (std::is_same_v<T, Dict>)
          return dict_display(n, span);
        else if constexpr (std::is_same_v<T, ListComprehension>)
          return list_comprehension(n, span);
        else if constexpr (std::is_same_v<T, DictComprehension>)
          return dict_comprehension(n, span);
        else if constexpr (std::is_same_v<T, Unary>)
          return unary(n, span);
        else if constexpr (std::is_same_v<T, Binary>)
          return binary(n, span);
        else if constexpr (std::is_same_v<T, Compare>)
          return compare(n, span);
        else if constexpr (std::is_same_v<T, Logical>)
          return logical(n, 0, span);
        else if constexpr (std::is_same_v<T, Conditional>)
          return conditional(n, span);
        else if constexpr (std::is_same_v<T, Call>)
          return call(n, span);
        else if constexpr (std::is_same_v<T, Subscript>)
          return subscript(n, span);
        else if constexpr (std::is_same_v<T, Attribute>) {
          if (const OpRow* row = static_op(expr)) return builder_.constant(Value::of(row));
          const Place object = expression(*n.object);
          const Place result = emit_value(ir::Opcode::get_attribute, span, {object});
          current_->body.back().attribute = builder_.name(n.name);
          return result;
        } else if constexpr (std::is_same_v<T, Lambda>) {
          return make_function(&n, "<lambda>", {}, n.parameters, span,
                               [&](FunctionLowering& inner) { inner.lambda_body(n); });
        } else if constexpr (std::is_same_v<T, Slice>) {
          throw SyntaxError("a slice belongs inside a subscript: x[a:b]", span);
        } else {
          throw SyntaxError("can't use starred expression here", span);
        }
      },
      expr.node);
}

Place FunctionLowering::name_expression(const ast::Name& name, Span span) {
  if (local_of(name.id) < 0 && !cell_of(name.id) && !builder_.is_module_variable(name.id))
    if (const OpRow* row = find_op(name.id, builder_.bare_visibility())) return builder_.constant(Value::of(row));
  return read_name(name.id, span);
}

Place FunctionLowering::int_literal(const ast::IntLiteral& literal) {
  return integer_constant(parse_integer(literal.digits));
}

Place FunctionLowering::display(ir::Opcode code, const std::vector<ast::ExprPtr>& elements, Span span) {
  std::vector<Place> operands;
  std::vector<bool> stars;
  for (const auto& element : elements) {
    const auto* starred = std::get_if<ast::Starred>(&element->node);
    stars.push_back(starred != nullptr);
    operands.push_back(expression(starred != nullptr ? *starred->value : *element));
  }
  StaticKind kind;
  kind.base = StaticKind::Base::other;
  const Place result = emit_value(code, span, std::move(operands), kind);
  if (std::find(stars.begin(), stars.end(), true) != stars.end())
    current_->body.back().attribute = ProgramBuilder::add(builder_.program.stars, std::move(stars));
  return result;
}

Place FunctionLowering::dict_display(const ast::Dict& dict, Span span) {
  std::vector<Place> operands;
  for (const auto& [key, value] : dict.items) {
    operands.push_back(expression(*key));
    operands.push_back(expression(*value));
  }
  return emit_value(ir::Opcode::make_dict, span, std::move(operands));
}

Place FunctionLowering::fstring(const ast::FString& text, Span span) {
  std::vector<Place> parts;
  for (const auto& part : text.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      parts.push_back(builder_.constant(Value::of(std::string_view(*literal))));
      continue;
    }
    const auto& field = std::get<ast::FormatField>(part);
    if (!field.text.empty()) parts.push_back(builder_.constant(Value::of(std::string_view(field.text))));
    std::vector<Place> operands{expression(*field.value)};
    if (!field.spec.empty()) {
      std::vector<Place> spec;
      for (const auto& piece : field.spec) spec.push_back(expression(*piece));
      operands.push_back(spec.size() == 1 ? spec[0] : emit_value(ir::Opcode::join, span, std::move(spec)));
    }
    const char conversion = field.conversion == 0 && !field.text.empty() && field.spec.empty() ? 'r' : field.conversion;
    parts.push_back(emit_value(ir::Opcode::format, field.value->span, std::move(operands)));
    current_->body.back().detail = static_cast<std::uint8_t>(conversion);
  }
  StaticKind kind;
  kind.base = StaticKind::Base::other;
  return emit_value(ir::Opcode::join, span, std::move(parts), kind);
}

Place FunctionLowering::unary(const ast::Unary& unary, Span span) {
  if (unary.op == ast::UnaryOp::logical_not)
    return emit_value(ir::Opcode::logical_not, span, {expression(*unary.operand)});
  if (const auto operand = fold_integer(*unary.operand))
    if (const auto folded = fold_unary(unary.op, *operand)) return integer_constant(*folded);
  const Place value = expression(*unary.operand);
  const Place result = emit_value(ir::Opcode::unary, span, {value}, kind_of(value));
  current_->body.back().detail = static_cast<std::uint8_t>(unary.op);
  current_->body.back().cache = builder_.program.caches++;
  return result;
}

Place FunctionLowering::binary(const ast::Binary& binary, Span span) {
  const auto left_value = fold_integer(*binary.left);
  const auto right_value = left_value ? fold_integer(*binary.right) : std::nullopt;
  if (left_value && right_value)
    if (const auto folded = fold_binary(binary.op, *left_value, *right_value)) return integer_constant(*folded);
  const Place left = expression(*binary.left);
  const Place right = expression(*binary.right);
  return emit_binary(binary.op, left, right, span);
}

Place FunctionLowering::emit_binary(ast::BinaryOp op, Place left, Place right, Span span) {
  const StaticKind a = kind_of(left), b = kind_of(right);
  StaticKind kind;
  if (a.is_tensor() && (b.is_number() || (b.is_tensor() && a.shape >= 0 && a.shape == b.shape)) &&
      op != ast::BinaryOp::matmul) {
    kind = a;
    const bool bits =
        op == ast::BinaryOp::bitwise_and || op == ast::BinaryOp::bitwise_or || op == ast::BinaryOp::bitwise_xor;
    kind.mask = a.mask && b.is_tensor() && b.mask && bits;
    kind.integers = false;
  } else if (b.is_tensor() && a.is_number() && op != ast::BinaryOp::matmul) {
    kind = b;
    kind.mask = kind.integers = false;
  }
  const Place result = emit_value(ir::Opcode::binary, span, {left, right}, kind);
  current_->body.back().detail = static_cast<std::uint8_t>(op);
  current_->body.back().cache = builder_.program.caches++;
  return result;
}

/// Each operand of a chain is evaluated in a block inside the one before it, and every stage walks blocks recursively.
static void check_chain(std::size_t at, std::string_view what, Span span) {
  if (at >= static_cast<std::size_t>(ast::kMaxDepth))
    throw SyntaxError(fmt::format("too many {} in one expression; use a loop, all() or any()", what), span);
}

Place FunctionLowering::compare(const ast::Compare& compare, Span span) {
  return compare_rest(compare, 0, expression(*compare.operands[0]), span);
}

/// `a < b < c` is `a < b and b < c` with b evaluated once.
Place FunctionLowering::compare_rest(const ast::Compare& compare, std::size_t at, Place left, Span span) {
  check_chain(at, "comparisons", compare.operands[at + 1]->span);
  const Place right = expression(*compare.operands[at + 1]);
  const auto op = compare.ops[at];
  const StaticKind a = kind_of(left), b = kind_of(right);
  StaticKind kind;
  const bool elementwise = op <= ast::CompareOp::greater_equal;
  if (elementwise && a.is_tensor() && (b.is_number() || (b.is_tensor() && a.shape >= 0 && a.shape == b.shape)))
    kind = a;
  else if (elementwise && b.is_tensor() && a.is_number())
    kind = b;
  kind.mask = kind.is_tensor();
  kind.integers = false;
  const Span place = compare.operands[at]->span.to(compare.operands[at + 1]->span);
  const Place result = emit_value(ir::Opcode::compare, compare.ops.size() == 1 ? span : place, {left, right}, kind);
  current_->body.back().detail = static_cast<std::uint8_t>(op);
  current_->body.back().cache = builder_.program.caches++;
  if (at + 1 == compare.ops.size()) return result;
  const Place test = emit_value(ir::Opcode::truth, place, {result});
  return choose(
      test, [&] { return compare_rest(compare, at + 1, right, span); }, [&] { return result; }, span);
}

/// `a and b` is `b if a else a`, with a evaluated once.
Place FunctionLowering::logical(const ast::Logical& logical, std::size_t at, Span span) {
  check_chain(at, "conditions", logical.operands[at]->span);
  const Place left = expression(*logical.operands[at]);
  if (at + 1 == logical.operands.size()) return left;
  const Place test = emit_value(ir::Opcode::truth, logical.operands[at]->span, {left});
  const Emit rest = [&] { return this->logical(logical, at + 1, span); };
  const Emit stop = [&] { return left; };
  return logical.op == ast::BoolOp::logical_and ? choose(test, rest, stop, span) : choose(test, stop, rest, span);
}

Place FunctionLowering::conditional(const ast::Conditional& conditional, Span span) {
  const Place test = condition(*conditional.condition);
  return choose(
      test, [&] { return expression(*conditional.then); }, [&] { return expression(*conditional.otherwise); }, span);
}

Place FunctionLowering::subscript(const ast::Subscript& subscript, Span span) {
  std::vector<Place> operands{expression(*subscript.object)};
  ir::SubscriptShape shape;
  subscript_operands(*subscript.index, shape, operands);
  const Place result = emit_value(ir::Opcode::get_item, span, std::move(operands));
  current_->body.back().attribute = ProgramBuilder::add(builder_.program.subscripts, std::move(shape));
  return result;
}

void FunctionLowering::subscript_operands(const ast::Expr& index, ir::SubscriptShape& shape,
                                          std::vector<Place>& operands) {
  const auto item = [&](const ast::Expr& expr) {
    const auto* slice = std::get_if<ast::Slice>(&expr.node);
    shape.is_slice.push_back(slice != nullptr);
    if (slice == nullptr) return operands.push_back(expression(expr));
    for (const auto* part : {&slice->start, &slice->stop, &slice->step})
      operands.push_back(*part ? expression(**part) : Place{});
  };
  const auto* tuple = std::get_if<ast::Tuple>(&index.node);
  shape.is_tuple = tuple != nullptr;
  if (tuple == nullptr) return item(index);
  for (const auto& element : tuple->elements) item(*element);
}

// ---- comprehensions ----

Place FunctionLowering::list_comprehension(const ast::ListComprehension& list, Span span) {
  const std::size_t names = comprehensions_.size();
  const int accumulator = add_anonymous();
  bind_local(accumulator, emit_value(ir::Opcode::make_list, span, {}));
  fresh_cells(list.clauses, span);
  comprehension_loop(list.clauses, 0, accumulator, [&] {
    const Place value = expression(*list.element);
    bind_local(accumulator, emit_value(ir::Opcode::append, span,
                                       {environment_[static_cast<std::size_t>(accumulator)].place, value}));
  });
  return leave_comprehension(names, accumulator);
}

Place FunctionLowering::dict_comprehension(const ast::DictComprehension& dict, Span span) {
  const std::size_t names = comprehensions_.size();
  const int accumulator = add_anonymous();
  bind_local(accumulator, emit_value(ir::Opcode::make_dict, span, {}));
  fresh_cells(dict.clauses, span);
  comprehension_loop(dict.clauses, 0, accumulator, [&] {
    const Place key = expression(*dict.key);
    const Place value = expression(*dict.value);
    bind_local(accumulator, emit_value(ir::Opcode::insert, span,
                                       {environment_[static_cast<std::size_t>(accumulator)].place, key, value}));
  });
  return leave_comprehension(names, accumulator);
}

/// Its variables end with it; they were the last ones that were added.
Place FunctionLowering::leave_comprehension(std::size_t names, int accumulator) {
  const auto at = static_cast<std::size_t>(accumulator);
  const Place result = environment_[at].place;
  comprehensions_.resize(names);
  environment_.resize(at);
  return result;
}

/// Each run of a comprehension has variables of its own: closures of an earlier run keep theirs.
void FunctionLowering::fresh_cells(const std::vector<ast::ComprehensionFor>& clauses, Span span) {
  for (const auto& clause : clauses)
    for (const auto& each : scope_.comprehension_cells)
      if (each.target == clause.target.get())
        emit(ir::Opcode::new_cell, span, {}, {comprehension_cell(*each.target, each.name)});
}

void FunctionLowering::comprehension_loop(const std::vector<ast::ComprehensionFor>& clauses, std::size_t at,
                                          int accumulator, const std::function<void()>& innermost) {
  if (at == clauses.size()) return innermost();
  const auto& clause = clauses[at];
  const Place iterable = expression(*clause.iterable);
  Names names;
  collect_target_names(*clause.target, names);
  for (auto name : names) {
    const Place cell = comprehension_cell(*clause.target, name);
    comprehensions_.push_back({name, cell ? -1 : add_anonymous(), cell});
  }
  emit_for(
      iterable, {accumulator},
      [&](Place item) {
        assign_target(*clause.target, item, clause.target->span);
        comprehension_conditions(clause.conditions, 0, accumulator,
                                 [&] { comprehension_loop(clauses, at + 1, accumulator, innermost); });
      },
      nullptr, clause.iterable->span);
}

void FunctionLowering::comprehension_conditions(const std::vector<ast::ExprPtr>& conditions, std::size_t at,
                                                int accumulator, const std::function<void()>& innermost) {
  if (at == conditions.size()) return innermost();
  const Place test = condition(*conditions[at]);
  branch(
      test, [&] { comprehension_conditions(conditions, at + 1, accumulator, innermost); }, [] {}, conditions[at]->span);
}

}  // namespace inlay::lowering
