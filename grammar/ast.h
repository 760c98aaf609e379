// ast.h - the syntax tree: plain structs, one per rule of the grammar that means something.
// Knows nothing of tensors or of what a name is bound to. Trees are owned by their Module and die with it; names are
// views into the Source, which the Module keeps alive.
// Invariant: every node's span covers the spans of its children, and no tree is deeper than kMaxDepth.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "grammar/source.h"

namespace inlay::ast {

// One node a line reads as a table.
// clang-format off

/// No tree is deeper than this: every stage may walk it recursively.
inline constexpr int kMaxDepth = 1000;

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;
using Block = std::vector<StmtPtr>;

enum class UnaryOp { negative, positive, invert, logical_not };
enum class BinaryOp { add, subtract, multiply, divide, floor_divide, remainder, power, matmul, left_shift, right_shift, bitwise_and, bitwise_or, bitwise_xor };
enum class CompareOp { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in, is, is_not };
enum class BoolOp { logical_and, logical_or };

// ---- expressions ----

/// `x`
struct Name { std::string_view id; };
/// `None`
struct NoneLiteral {};
/// `True`, `False`
struct BoolLiteral { bool value; };
/// `12`, `0xff`, `1_000`, of any length: `digits` is the literal without `_`. In base 10 it is decimal digits without leading zeros;
/// in the others the prefix stays, in lower case as the digits are: `0xff`, `0o17`, `0b10`.
struct IntLiteral { std::string digits; };
/// `1.5`, `1e3`
struct FloatLiteral { double value; };
/// `2j`
struct ComplexLiteral { double imaginary; };
/// `'text'`, adjacent literals joined, escapes resolved, UTF-8.
struct StringLiteral { std::string value; };
/// `f'…{x!r:>8}…'`: `parts` alternates as written.
struct FormatField { ExprPtr value; char conversion = 0; /* 0 r s a */ std::vector<ExprPtr> spec; /* StringLiteral or FString parts */ std::string text; /* `x=` of `{x=}`, else empty */ };
struct FString { std::vector<std::variant<std::string, FormatField>> parts; };
/// `...`
struct EllipsisLiteral {};
/// `(a, b)`, `a, b`
struct Tuple { std::vector<ExprPtr> elements; };
/// `[a, *b]`
struct List { std::vector<ExprPtr> elements; };
/// `{k: v}`
struct Dict { std::vector<std::pair<ExprPtr, ExprPtr>> items; };
/// `for target in iterable if condition…` of a comprehension
struct ComprehensionFor { ExprPtr target; ExprPtr iterable; std::vector<ExprPtr> conditions; };
/// `[element for …]`
struct ListComprehension { ExprPtr element; std::vector<ComprehensionFor> clauses; };
/// `{key: value for …}`
struct DictComprehension { ExprPtr key; ExprPtr value; std::vector<ComprehensionFor> clauses; };
/// `-x`, `not x`
struct Unary { UnaryOp op; ExprPtr operand; };
/// `a + b`; `op_span` is the operator alone.
struct Binary { BinaryOp op; ExprPtr left; ExprPtr right; Span op_span; };
/// `a < b <= c`: operands.size() == ops.size() + 1
struct Compare { std::vector<ExprPtr> operands; std::vector<CompareOp> ops; };
/// `a and b and c`: at least two operands
struct Logical { BoolOp op; std::vector<ExprPtr> operands; };
/// `a if c else b`
struct Conditional { ExprPtr condition; ExprPtr then; ExprPtr otherwise; };
/// `*rest`, in calls, displays and targets
struct Starred { ExprPtr value; };
struct Argument { std::string_view keyword; /* empty: positional */ Span keyword_span; ExprPtr value; /* Starred for *args */ };
/// `f(a, *b, key=c)`
struct Call { ExprPtr callee; std::vector<Argument> arguments; };
/// `x.name`
struct Attribute { ExprPtr object; std::string_view name; Span name_span; };
/// `a:b:c` inside a subscript
struct Slice { ExprPtr start; ExprPtr stop; ExprPtr step; /* each may be null */ };
/// `x[index]`; `x[a, b]` has one Tuple index
struct Subscript { ExprPtr object; ExprPtr index; };

/// `name: annotation = default`
struct Parameter {
  enum class Kind { positional_only, positional, star_args, keyword_only };
  std::string_view name;
  Span name_span;
  Kind kind = Kind::positional;
  ExprPtr annotation;     // null if absent
  ExprPtr default_value;  // null if absent
};
/// `lambda a, b=1: body`
struct Lambda { std::vector<Parameter> parameters; ExprPtr body; };

struct Expr {
  Span span;
  std::variant<Name, NoneLiteral, BoolLiteral, IntLiteral, FloatLiteral, ComplexLiteral, StringLiteral, FString, EllipsisLiteral, Tuple, List, Dict, ListComprehension,
               DictComprehension, Unary, Binary, Compare, Logical, Conditional, Starred, Call, Attribute, Slice, Subscript, Lambda>
      node;
  bool parenthesized = false;  // `(a)`: matters for `(a, b)` against `a, b` in messages and for `(a) < b < c`
  int depth = 1;               // 1 + the deepest child
};

// ---- statements ----

/// an expression alone
struct ExprStmt { ExprPtr value; };
/// `a = b = value`; targets left to right
struct Assign { std::vector<ExprPtr> targets; ExprPtr value; };
/// `x: annotation = value`; value may be null
struct AnnAssign { ExprPtr target; ExprPtr annotation; ExprPtr value; };
/// `target op= value`
struct AugAssign { ExprPtr target; BinaryOp op; ExprPtr value; Span op_span; };
/// one arm per `if`/`elif`; `otherwise` is the `else` block
struct If { struct Arm { ExprPtr condition; Block body; }; std::vector<Arm> arms; Block otherwise; };
struct While { ExprPtr condition; Block body; Block otherwise; };
struct For { ExprPtr target; ExprPtr iterable; Block body; Block otherwise; };
struct Break {};
struct Continue {};
struct Pass {};
struct FunctionDef { std::string_view name; Span name_span; std::vector<Parameter> parameters; ExprPtr returns; /* annotation or null */ Block body; std::string doc; };
struct Return { ExprPtr value; /* may be null */ };
struct Assert { ExprPtr condition; ExprPtr message; /* may be null */ };
/// `raise Kind("message")`, `raise Kind`; of a dotted name `kind` is the last part
struct Raise { std::string_view kind; Span kind_span; ExprPtr message; /* may be null */ };
/// `del a, b[0]`
struct Delete { std::vector<ExprPtr> targets; };
/// `import a.b as c`: `module` is the dotted name as written; `alias` empty if none
struct ImportName { std::string module; Span module_span; std::string_view alias; };
struct Import { std::vector<ImportName> names; };
/// `from module import a as b`; `star` for `*`
struct FromImport { struct Item { std::string_view name; std::string_view alias; Span span; }; std::string module; Span module_span; std::vector<Item> items; bool star = false; };

struct Stmt {
  Span span;
  std::variant<ExprStmt, Assign, AnnAssign, AugAssign, If, While, For, Break, Continue, Pass, FunctionDef, Return, Assert, Raise, Delete, Import, FromImport> node;
};

/// A whole source text.
struct Module {
  SourcePtr source;
  Block body;
};

// clang-format on

/// The operator as written: "+", "<=", "not in".
std::string_view spelling(BinaryOp op);
std::string_view spelling(UnaryOp op);
std::string_view spelling(CompareOp op);

}  // namespace inlay::ast
