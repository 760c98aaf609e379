// lowering.h - the state of lowering one function; private to the lower_*.cpp files.
// lower_expression.cpp, lower_statement.cpp, lower_control.cpp and lower_update.cpp hold its parts; only the last knows
// which op an assignment is. Invariant: `environment_[v].place` is the SSA value that local variable v holds at the
// point where instructions are being added.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grammar/parse.h"
#include "interpreter/checking/scope.h"
#include "interpreter/lowering/lower.h"
#include "interpreter/lowering/static_kind.h"
#include "runtime/memory/poller.h"

namespace inlay::lowering {

using ir::Place;

/// Pools shared by all functions of one program.
class ProgramBuilder {
 public:
  ProgramBuilder(const ast::Module& module, const LowerOptions& options, const Scope& scope);

  Place constant(Value value);
  Place global(std::string_view name);
  std::int32_t name(std::string_view text);
  std::int32_t op(const OpRow* row);
  template <class T>
  static std::int32_t add(std::vector<T>& pool, T item) {
    pool.push_back(std::move(item));
    return static_cast<std::int32_t>(pool.size()) - 1;
  }
  ir::Function& new_function(std::int32_t& index);

  /// Whether a bare name is a module variable here (assigned in this text or bound before).
  [[nodiscard]] bool is_module_variable(std::string_view name) const;
  /// The module that a module variable certainly is ("numpy", "numpy.linalg", "tensorflow", "math", …), or empty.
  [[nodiscard]] std::string module_alias(std::string_view name) const;
  [[nodiscard]] std::uint16_t bare_visibility() const;
  /// What is known of a value that is there already.
  StaticKind kind_of(const Value& value);

  ir::Program& program;
  const LowerOptions& options;
  const ast::Module& module;
  std::vector<StaticKind> global_kinds;  // by index in program.globals
  std::int32_t next_shape = 0;
  Poller poll;
  std::map<std::vector<std::int64_t>, std::int32_t> shapes;  // of values that are there already

 private:
  std::unique_ptr<ir::Program> owned_;
  const Scope& scope_;
  std::unordered_map<std::string, std::int32_t> global_index_;
  std::unordered_map<std::string, std::int32_t> name_index_;
  std::map<std::string, std::string, std::less<>> aliases_;
  friend ir::ProgramPtr inlay::lower(const ast::Module&, const LowerOptions&);
};

/// The visibility flag of a built-in module's ops, 0 if the module has none.
std::uint16_t module_visibility(std::string_view module);
/// An integer of any size: saturated at +-2^126, with the value itself as a double beside it.
struct IntegerLiteral {
  int128 integer;
  double real;
};
/// The value of an expression of integer literals alone.
std::optional<IntegerLiteral> fold_integer(const ast::Expr& expr);

/// An assignment's left side taken apart: a root variable and the steps to what is written.
struct PathExpr {
  const ast::Expr* root = nullptr;
  std::vector<const ast::Expr*> steps;  // Subscript, Attribute or Call nodes, outermost last
};
std::optional<PathExpr> take_path(const ast::Expr& target);

class FunctionLowering {
 public:
  FunctionLowering(ProgramBuilder& builder, ir::Function& function, const Scope& scope, FunctionLowering* parent);

  void module_body(const ast::Block& block);
  void function_body(const std::vector<ast::Parameter>& parameters, const ast::ExprPtr& returns,
                     const ast::Block& block);
  void lambda_body(const ast::Lambda& lambda);

 private:
  // ---- instructions (lowering.cpp) ----
  struct Binding {
    Place place;
    enum class State : std::uint8_t { unbound, maybe, bound } state = State::unbound;
  };
  using Environment = std::vector<Binding>;
  struct Loop {
    std::vector<int> carried;
  };
  struct Comprehension {
    std::string_view name;
    int local;
    Place cell;
  };  // a local, or a cell that closures see

  Place new_register(StaticKind kind = {});
  ir::Instruction& emit(ir::Opcode code, Span span, std::vector<Place> operands, std::vector<Place> results = {});
  Place emit_value(ir::Opcode code, Span span, std::vector<Place> operands, StaticKind kind = {});
  Place emit_op_row(const OpRow& row, Span span, std::vector<Place> operands);
  [[nodiscard]] StaticKind kind_of(Place place) const;
  void set_kind(Place place, StaticKind kind);
  StaticKind fresh_tensor() { return StaticKind::tensor(builder_.next_shape++); }
  /// Runs `body` adding to a new block; returns the block, and whether its end is reached in `falls_through`.
  template <class Body>
  std::unique_ptr<ir::Block> in_block(Body body, bool* falls_through = nullptr) {
    context().poll();  // what a block begins with and ends with takes as long as there are variables
    auto block = std::make_unique<ir::Block>();
    ir::Block* outer = std::exchange(current_, block.get());
    const bool outer_terminated = std::exchange(terminated_, false);
    body();
    if (falls_through != nullptr) *falls_through = !terminated_;
    terminated_ = outer_terminated;
    current_ = outer;
    return block;
  }

  // ---- names (lowering.cpp) ----
  [[nodiscard]] bool is_module() const { return parent_ == nullptr; }
  int local_of(std::string_view name) const;
  int add_local(std::string_view name);
  int add_anonymous();
  Place cell_of(std::string_view name) const;
  Place comprehension_cell(const ast::Expr& target, std::string_view name) const;
  Place read_name(std::string_view name, Span span);
  /// Where assigning to a name puts the value; a fresh register for a local.
  void bind_name(std::string_view name, Place value, Span span);
  void bind_local(int local, Place value);
  std::vector<int> locals_bound_in(std::initializer_list<const ast::Block*> blocks, const ast::Expr* target) const;
  void forget_kinds(std::initializer_list<const ast::Block*> blocks, const ast::Expr* target);

  // ---- expressions (lower_expression.cpp, lower_call.cpp) ----
  Place expression(const ast::Expr& expr);
  Place name_expression(const ast::Name& name, Span span);
  Place int_literal(const ast::IntLiteral& literal);
  Place integer_constant(IntegerLiteral literal);
  Place display(ir::Opcode code, const std::vector<ast::ExprPtr>& elements, Span span);
  Place dict_display(const ast::Dict& dict, Span span);
  Place fstring(const ast::FString& text, Span span);
  Place unary(const ast::Unary& unary, Span span);
  Place binary(const ast::Binary& binary, Span span);
  Place emit_binary(ast::BinaryOp op, Place left, Place right, Span span);
  Place compare(const ast::Compare& compare, Span span);
  Place compare_rest(const ast::Compare& compare, std::size_t at, Place left, Span span);
  Place logical(const ast::Logical& logical, std::size_t at, Span span);
  Place conditional(const ast::Conditional& conditional, Span span);
  Place subscript(const ast::Subscript& subscript, Span span);
  void subscript_operands(const ast::Expr& index, ir::SubscriptShape& shape, std::vector<Place>& operands);
  Place list_comprehension(const ast::ListComprehension& list, Span span);
  Place dict_comprehension(const ast::DictComprehension& dict, Span span);
  Place leave_comprehension(std::size_t names, int accumulator);
  void fresh_cells(const std::vector<ast::ComprehensionFor>& clauses, Span span);
  void comprehension_loop(const std::vector<ast::ComprehensionFor>& clauses, std::size_t at, int accumulator,
                          const std::function<void()>& innermost);
  void comprehension_conditions(const std::vector<ast::ExprPtr>& conditions, std::size_t at, int accumulator,
                                const std::function<void()>& innermost);
  Place make_function(const void* node, std::string_view name, const std::string& doc,
                      const std::vector<ast::Parameter>& parameters, Span span,
                      const std::function<void(FunctionLowering&)>& body);
  Place call(const ast::Call& call, Span span);
  Place op_call(const OpRow& row, const ast::Call& call, Span span);
  std::string subject_of_help(const OpRow& row, const ast::Call& call) const;
  Place general_call(const ast::Call& call, Span span);
  void call_operands(const std::vector<ast::Argument>& arguments, ir::CallShape& shape, std::vector<Place>& operands,
                     std::size_t from = 0);
  void bind_parameters(const std::vector<ast::Parameter>& parameters);
  const OpRow* static_op(const ast::Expr& callee) const;
  /// The built-in module an expression certainly is, or empty.
  std::string static_module(const ast::Expr& expr) const;
  StaticKind op_kind(const OpRow& row, const std::vector<Place>& operands);

  // ---- control flow (lower_control.cpp) ----
  using Emit = std::function<Place()>;
  /// `if` with one result: the value of whichever branch runs.
  Place choose(Place condition, const Emit& then, const Emit& otherwise, Span span);
  void branch(Place condition, const std::function<void()>& then, const std::function<void()>& otherwise, Span span);
  void if_arms(const ast::If& node, std::size_t at, Span span);
  void while_loop(const ast::While& node, Span span);
  void for_loop(const ast::For& node, Span span);
  void emit_for(Place iterable, const std::vector<int>& carried, const std::function<void(Place)>& body,
                const ast::Block* otherwise, Span span);
  std::vector<Place> places_of(const std::vector<int>& locals);
  std::vector<Place> enter_loop(const std::vector<int>& carried);
  std::unique_ptr<ir::Block> loop_body(const std::vector<int>& carried, const std::function<void()>& body);
  std::unique_ptr<ir::Block> loop_else(const std::vector<int>& carried, const Environment& inside,
                                       const ast::Block& otherwise);
  void finish_loop(ir::Instruction loop, const std::vector<int>& carried, Environment before);
  void yield(std::vector<Place> values, Span span);
  void merge_branches(ir::Instruction branch, const Environment& before, const Environment& then, bool then_falls,
                      const Environment& otherwise, bool else_falls);
  void jump(ir::Opcode code, Span span);
  void expect_deletions(std::initializer_list<const ast::Block*> blocks);
  Place condition(const ast::Expr& expr);

  // ---- statements (lower_statement.cpp) ----
  void block(const ast::Block& block);
  void statement(const ast::Stmt& stmt);
  /// The value of a right side. A call that changes something is undone, at module level, if `rest_may_fail` and what
  /// follows does fail; end_statement() closes that.
  Place right_side(const ast::Expr& expr, bool rest_may_fail);
  void end_statement(Span span);
  void assign(const ast::Assign& node, Span span);
  void annotated_assign(const ast::AnnAssign& node, Span span);
  void augmented_assign(const ast::AugAssign& node, Span span);
  void expression_statement(const ast::ExprStmt& node, Span span);
  void function_def(const ast::FunctionDef& node, Span span);
  void assertion(const ast::Assert& node, Span span);
  void raise(const ast::Raise& node, Span span);
  void remove(const ast::Delete& node, Span span);
  void import(const ast::Import& node, Span span);
  void from_import(const ast::FromImport& node, Span span);
  void contract(const ast::Expr& annotation, std::string what, Place& value, Span span);

  // ---- updates (lower_update.cpp) ----
  void assign_target(const ast::Expr& target, Place value, Span span);
  void unpack_target(const std::vector<ast::ExprPtr>& elements, Place value, Span span);
  /// `target = value` or `target op= value`. The target's subscripts are evaluated first; for a plain assignment
  /// `emit_value_of` gives what is there already.
  void assign_path(const ast::Expr& target, const Emit& emit_value_of, std::optional<ast::BinaryOp> op, Span span);
  void store_where(const PathExpr& path, Place root, Place mask, Place value, std::optional<ast::BinaryOp> op,
                   Span span);
  bool assign_mapped(const ast::Expr& target, const ast::Expr& value, Span span);
  Place map_expression(const ast::Expr& value, const ast::Expr& target, Place whole);
  bool is_map_of(const ast::Expr& value, const ast::Expr& target) const;
  ir::PathShape path_operands(const PathExpr& path, std::vector<Place>& operands);
  ir::UpdateForm update_form(const PathExpr& path, const ir::PathShape& shape, const std::vector<Place>& operands,
                             StaticKind value, bool augmented) const;
  /// The variable a path starts from as operand and result of an update.
  Place root_place(const PathExpr& path);
  Place root_result(const PathExpr& path, Place root);
  void finish_root(const PathExpr& path, Place result);
  /// `path.append(v)`, `put(path, …)`: true if the call changes what is at a path; its value goes to `returned`.
  bool mutating_call(const ast::Expr& expr, Place* returned);
  bool is_mutating(const ast::Call& call, bool* through_argument) const;

  ProgramBuilder& builder_;
  ir::Function& function_;
  const Scope& scope_;
  FunctionLowering* parent_;
  ir::Block* current_ = nullptr;
  bool terminated_ = false;
  bool undoable_ = false;
  Environment environment_;
  std::unordered_map<std::string_view, int> locals_;
  std::vector<Comprehension> comprehensions_;
  std::vector<StaticKind> kinds_;
  std::vector<Loop> loops_;
  const ast::ExprPtr* returns_ = nullptr;  // result annotation of the function
};

}  // namespace inlay::lowering
