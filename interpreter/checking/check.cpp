// check.cpp - see check.h. One walk over the tree with the scopes beside it.
#include "interpreter/checking/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "grammar/nearest_name.h"
#include "interpreter/checking/scope.h"
#include "interpreter/checking/unknown_name.h"
#include "interpreter/checking/walk.h"
#include "interpreter/lowering/constants.h"
#include "interpreter/methods/mutators.h"
#include "interpreter/methods/value_methods.h"
#include "interpreter/subscripts/view_names.h"
#include "interpreter/telling/help.h"
#include "runtime/memory/poller.h"

namespace inlay {

namespace {

std::string_view describe(const ast::Expr& expr) {
  using namespace ast;
  if (std::holds_alternative<Call>(expr.node)) return "function call";
  if (std::holds_alternative<Lambda>(expr.node)) return "lambda";
  if (std::holds_alternative<Conditional>(expr.node)) return "conditional expression";
  if (std::holds_alternative<Compare>(expr.node)) return "comparison";
  if (std::holds_alternative<Dict>(expr.node)) return "dict literal";
  if (std::holds_alternative<List>(expr.node)) return "list literal";
  if (std::holds_alternative<Tuple>(expr.node)) return "tuple";
  if (std::holds_alternative<ListComprehension>(expr.node)) return "list comprehension";
  if (std::holds_alternative<DictComprehension>(expr.node)) return "dict comprehension";
  if (std::holds_alternative<FString>(expr.node)) return "f-string expression";
  if (std::holds_alternative<NoneLiteral>(expr.node)) return "None";
  if (std::holds_alternative<EllipsisLiteral>(expr.node)) return "ellipsis";
  if (const auto* boolean = std::get_if<BoolLiteral>(&expr.node)) return boolean->value ? "True" : "False";
  const bool literal =
      std::holds_alternative<IntLiteral>(expr.node) || std::holds_alternative<FloatLiteral>(expr.node) ||
      std::holds_alternative<ComplexLiteral>(expr.node) || std::holds_alternative<StringLiteral>(expr.node);
  return literal ? "literal" : "expression";
}

class Checker {
 public:
  Checker(const ast::Module& module, const CheckOptions& options)
      : module_(module), options_(options), top_(analyze_scopes(module)), scope_(top_.get()) {
    collect_modules(module.body);
  }

  std::vector<StaticError> run() {
    block(module_.body);
    for (const Unknown& unknown : unknown_) suggest(unknown);
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; });
    return std::move(errors_);
  }

 private:
  /// An error of a name that nothing binds.
  struct Unknown {
    std::size_t error;
    std::string_view name;
    const Scope* scope;
  };
  /// Of so many names the nearest is looked for: each is compared with all there are.
  static constexpr std::size_t kMostSuggestions = 20;

  void error(ErrorKind kind, Span span, std::string message) { errors_.push_back({kind, std::move(message), span}); }
  void syntax(Span span, std::string message) { error(ErrorKind::SyntaxError, span, std::move(message)); }

  void collect_modules(const ast::Block& block) {
    std::set<std::string_view> rebound;
    for (const auto& stmt : block) {
      if (const auto* import = std::get_if<ast::Import>(&stmt->node))
        for (const auto& name : import->names) {
          const std::string_view first = std::string_view(name.module).substr(0, name.module.find('.'));
          modules_.insert(name.alias.empty() ? first : name.alias);
          imported_[name.alias.empty() ? first : name.alias] = name.alias.empty() ? std::string(first) : name.module;
        }
      else
        for (auto name : bound_names(*stmt)) rebound.insert(name);
    }
    for (auto name : rebound) imported_.erase(name);
  }

  // ---- names ----

  [[nodiscard]] bool in_function() const { return scope_->parent != nullptr; }
  [[nodiscard]] bool is_comprehension_name(std::string_view name) const { return comprehension_names_.contains(name); }
  [[nodiscard]] bool is_own(std::string_view name) const { return is_comprehension_name(name) || scope_->binds(name); }

  [[nodiscard]] bool is_bound_somewhere(std::string_view name) const {
    for (const Scope* scope = scope_; scope != nullptr; scope = scope->parent)
      if (scope->binds(name)) return true;
    return is_comprehension_name(name) || scope_->free.contains(name) || options_.is_known(name);
  }

  void use(std::string_view name, Span span) {
    if (is_bound_somewhere(name)) return;
    if (in_function() ? options_.interactive : !options_.when_reached) return;
    if (unknown_.size() < kMostSuggestions) unknown_.push_back({errors_.size(), name, scope_});
    error(ErrorKind::NameError, span, fmt::format("name '{}' is not defined", name));
  }

  /// Says what could be written instead, if there is anything.
  void suggest(const Unknown& unknown) {
    context().poll();
    std::vector<std::string> own;
    for (const Scope* scope = unknown.scope; scope != nullptr; scope = scope->parent)
      own.insert(own.end(), scope->bound.begin(), scope->bound.end());
    errors_[unknown.error].message = options_.unknown_name(unknown.name, std::move(own));
  }

  /// Whether an expression is a module: `np`, `np.linalg`, `linalg`.
  [[nodiscard]] bool is_module(const ast::Expr& expr) const {
    if (const auto* attribute = std::get_if<ast::Attribute>(&expr.node)) return is_module(*attribute->object);
    const auto* name = std::get_if<ast::Name>(&expr.node);
    if (name == nullptr || is_comprehension_name(name->id)) return false;
    if (in_function() && scope_->binds(name->id)) return false;
    if (modules_.contains(name->id)) return true;
    if (!top_->binds(name->id) && !options_.module_of(name->id).empty()) return true;
    return options_.is_module(name->id) && !top_->binds(name->id);
  }

  /// The dotted name of a module that is imported under this name and only so, here or before: `np` is "numpy". Empty
  /// for anything else.
  [[nodiscard]] std::string module_name(const ast::Expr& expr) const {
    if (!is_module(expr)) return {};
    if (const auto* attribute = std::get_if<ast::Attribute>(&expr.node))
      return module_name(*attribute->object) + "." + std::string(attribute->name);
    const std::string_view name = std::get<ast::Name>(expr.node).id;
    const auto it = imported_.find(name);
    if (it != imported_.end()) return it->second;
    return top_->binds(name) ? std::string() : options_.module_of(name);
  }

  /// `np.arrange`: the members of built-in modules are known before anything runs.
  void member(const ast::Attribute& attribute) {
    const std::string module = module_name(*attribute.object);
    if (module.empty() || !options_.when_reached) return;
    const std::string message = options_.missing_member(module, attribute.name);
    if (!message.empty()) error(ErrorKind::AttributeError, attribute.name_span, message);
  }

  // ---- expressions ----

  void expression(const ast::Expr& expr) {
    using namespace ast;
    if (const auto* name = std::get_if<Name>(&expr.node)) return use(name->id, expr.span);
    if (const auto* lambda = std::get_if<Lambda>(&expr.node)) return lambda_expression(*lambda);
    if (const auto* list = std::get_if<ListComprehension>(&expr.node))
      return comprehension(list->clauses, [&] { expression(*list->element); });
    if (const auto* dict = std::get_if<DictComprehension>(&expr.node))
      return comprehension(dict->clauses, [&] { expression(*dict->key), expression(*dict->value); });
    if (const auto* call = std::get_if<Call>(&expr.node)) {
      if (is_help_on_name(*call)) return;
      if (mutation_target(*call) != nullptr && !may_be_plain(*call))
        syntax(expr.span, fmt::format("{}() changes what it is called on, so it must be a statement of its own, or the "
                                      "whole right side of one",
                                      callee_name(*call)));
      return call_parts(*call);
    }
    if (const auto* attribute = std::get_if<Attribute>(&expr.node)) {
      member(*attribute);
      const bool changes = (is_mutating_method(attribute->name) && !is_value_method(attribute->name)) ||
                           is_shuffling_method(attribute->name);
      if (changes && !is_module(*attribute->object))
        syntax(expr.span,
               fmt::format("'{}' changes what it is called on: call it as a statement, it cannot be kept as a value",
                           attribute->name));
    }
    for_each_child(expr, [&](const Expr& child) { expression(child); });
  }

  /// The callee and the arguments of a call, but for `changed`, which has been checked as a target.
  void call_parts(const ast::Call& call, const ast::Expr* changed = nullptr) {
    const auto* attribute = std::get_if<ast::Attribute>(&call.callee->node);
    const auto* name = std::get_if<ast::Name>(&call.callee->node);
    if (attribute != nullptr) member(*attribute);
    if (attribute != nullptr && attribute->object.get() != changed) expression(*attribute->object);
    if (attribute == nullptr && (name == nullptr || !is_mutating_function(name->id)))
      expression(*call.callee);  // put is a statement, no value
    std::set<std::string_view> keywords;
    for (const auto& argument : call.arguments) {
      if (argument.value.get() == changed) continue;
      if (!argument.keyword.empty() && !keywords.insert(argument.keyword).second)
        syntax(argument.keyword_span, fmt::format("keyword argument repeated: {}", argument.keyword));
      const auto* starred = std::get_if<ast::Starred>(&argument.value->node);
      expression(starred != nullptr ? *starred->value : *argument.value);
    }
  }

  void lambda_expression(const ast::Lambda& lambda) {
    parameters(lambda.parameters);
    inside(&lambda, [&] { expression(*lambda.body); });
  }

  template <class Body>
  void comprehension(const std::vector<ast::ComprehensionFor>& clauses, Body body) {
    const std::size_t before = comprehension_names_.size();
    for (const auto& clause : clauses) {
      expression(*clause.iterable);
      collect_target_names(*clause.target, comprehension_names_);
      target(*clause.target);
      for (const auto& condition : clause.conditions) expression(*condition);
    }
    body();
    comprehension_names_.truncate(before);
  }

  // ---- calls that change something ----

  static std::string callee_name(const ast::Call& call) {
    if (const auto* attribute = std::get_if<ast::Attribute>(&call.callee->node)) return std::string(attribute->name);
    return std::string(std::get<ast::Name>(call.callee->node).id);
  }

  /// What a call changes: its receiver or first argument; null if it changes nothing.
  const ast::Expr* mutation_target(const ast::Call& call) const {
    const auto first = [&]() -> const ast::Expr* {
      return call.arguments.empty() ? nullptr : call.arguments[0].value.get();
    };
    if (const auto* name = std::get_if<ast::Name>(&call.callee->node))
      return is_mutating_function(name->id) && !is_own(name->id) && !top_->binds(name->id) ? first() : nullptr;
    const auto* attribute = std::get_if<ast::Attribute>(&call.callee->node);
    if (attribute == nullptr) return nullptr;
    if (attribute->name == "at" && is_ufunc(*attribute->object)) return first();
    if (is_shuffling_method(attribute->name)) return is_own_module(*attribute->object) ? nullptr : first();
    if (is_module(*attribute->object))
      return is_mutating_function(attribute->name) && !is_own_module(*attribute->object) ? first() : nullptr;
    return is_mutating_method(attribute->name) ? attribute->object.get() : nullptr;
  }

  /// Whether an expression is a module of the user's, or tf.random, whose shuffle() returns: its functions change
  /// nothing.
  [[nodiscard]] bool is_own_module(const ast::Expr& expr) const {
    const std::string module = module_name(expr);
    if (module == "tensorflow.random") return true;
    const std::string first = module.substr(0, module.find('.'));
    return !first.empty() && first != "numpy" && first != "tensorflow";
  }

  /// `help(put)`: about the name, which is no value.
  [[nodiscard]] bool is_help_on_name(const ast::Call& call) const {
    const auto is_ours = [&](const ast::Expr& expr) {
      const auto* name = std::get_if<ast::Name>(&expr.node);
      return name != nullptr && ((!is_own(name->id) && !top_->binds(name->id)) || is_module(expr));
    };
    const auto* name = std::get_if<ast::Name>(&call.callee->node);
    if (name == nullptr || name->id != "help" || !is_ours(*call.callee) || call.arguments.size() != 1) return false;
    const ast::Expr& subject = *call.arguments[0].value;
    const auto* attribute = std::get_if<ast::Attribute>(&subject.node);
    return is_ours(attribute != nullptr ? *attribute->object : subject) && !help_subject(subject).empty();
  }

  /// str has a partition() too, which changes nothing: only running it shows which of the two is meant.
  static bool may_be_plain(const ast::Call& call) {
    const auto* attribute = std::get_if<ast::Attribute>(&call.callee->node);
    return attribute != nullptr && is_value_method(attribute->name);
  }

  static bool is_path(const ast::Expr& expr) {
    return std::holds_alternative<ast::Name>(expr.node) || std::holds_alternative<ast::Subscript>(expr.node) ||
           std::holds_alternative<ast::Attribute>(expr.node);
  }

  [[nodiscard]] bool is_ufunc(const ast::Expr& expr) const {
    if (const auto* attribute = std::get_if<ast::Attribute>(&expr.node)) return is_module(*attribute->object);
    const auto* name = std::get_if<ast::Name>(&expr.node);
    return name != nullptr && !is_own(name->id) && !top_->binds(name->id) && options_.is_known(name->id);
  }

  /// An expression in a place where a mutating call is allowed.
  void outer_expression(const ast::Expr& expr) {
    const auto* call = std::get_if<ast::Call>(&expr.node);
    const ast::Expr* changed = call != nullptr ? mutation_target(*call) : nullptr;
    if (changed == nullptr || (may_be_plain(*call) && !is_path(*changed))) return expression(expr);
    path(*changed, callee_name(*call));
    call_parts(*call, changed);
  }

  // ---- targets ----

  /// Checks the left side of an update: a variable of this function, then subscripts and views.
  void path(const ast::Expr& expr, std::string_view change) {
    using namespace ast;
    if (const auto* name = std::get_if<Name>(&expr.node)) {
      const bool outer = in_function() && !is_own(name->id);
      if (outer && is_bound_somewhere(name->id)) return refuse_outer(ErrorKind::SyntaxError, name->id, expr.span);
      return use(name->id, expr.span);
    }
    if (const auto* subscript = std::get_if<Subscript>(&expr.node)) {
      path(*subscript->object, change);
      return expression(*subscript->index);
    }
    if (const auto* attribute = std::get_if<Attribute>(&expr.node)) {
      if (is_module(*attribute->object)) return syntax(expr.span, "a module cannot be assigned into");
      if (attribute->name == "shape") return syntax(expr.span, "x.shape cannot be assigned; write x = x.reshape(…)");
      if (find_view(attribute->name, false) == nullptr)
        return syntax(expr.span, fmt::format("cannot assign to attribute '{}'; the attributes that are views of a "
                                             "tensor are {}",
                                             attribute->name, view_attributes()));
      return path(*attribute->object, change);
    }
    if (const auto* call = std::get_if<Call>(&expr.node)) return call_path(*call, expr.span, change);
    if (change.empty())
      syntax(expr.span, fmt::format("cannot assign to {}", describe(expr)));
    else
      syntax(expr.span,
             fmt::format("{}() changes what it is called on, which must be a variable or a part of one, not {}", change,
                         describe(expr)));
  }

  void call_path(const ast::Call& call, Span span, std::string_view change) {
    const auto* method = std::get_if<ast::Attribute>(&call.callee->node);
    if (method != nullptr && !is_module(*method->object) && find_view(method->name, true) != nullptr) {
      for (const auto& argument : call.arguments) expression(*argument.value);
      return path(*method->object, change);
    }
    const std::string_view name = method != nullptr ? method->name
                                  : std::holds_alternative<ast::Name>(call.callee->node)
                                      ? std::get<ast::Name>(call.callee->node).id
                                      : "";
    if (find_view(name, true) != nullptr && !call.arguments.empty()) {
      const auto text = module_.source->text(call.arguments[0].value->span);
      return syntax(span, fmt::format("cannot assign through the function {}(); write it as a method: {}.{}(…)", name,
                                      text, name));
    }
    if (change.empty()) return syntax(span, "cannot assign to function call");
    syntax(span, fmt::format("{}() would change what {}() returns, which no variable holds: assign that to a variable, "
                             "change it, and store it where it belongs",
                             change, name.empty() ? "a call" : name));
  }

  void refuse_outer(ErrorKind kind, std::string_view name, Span span) {
    error(kind, span,
          fmt::format("'{}' belongs to an outer scope; a function cannot assign into it. Take it as a parameter and "
                      "return the new value",
                      name));
  }

  void target(const ast::Expr& expr, bool inside_tuple = false) {
    using namespace ast;
    if (const auto* name = std::get_if<Name>(&expr.node)) return reserved(name->id, expr.span);
    if (const auto* tuple = std::get_if<Tuple>(&expr.node)) return targets(tuple->elements, expr.span);
    if (const auto* list = std::get_if<List>(&expr.node)) return targets(list->elements, expr.span);
    if (const auto* starred = std::get_if<Starred>(&expr.node)) {
      if (!inside_tuple) syntax(expr.span, "starred assignment target must be in a list or tuple");
      return target(*starred->value);
    }
    path(expr, {});
  }

  void targets(const std::vector<ast::ExprPtr>& elements, Span span) {
    const auto starred = std::count_if(elements.begin(), elements.end(),
                                       [](const auto& e) { return std::holds_alternative<ast::Starred>(e->node); });
    if (starred > 1) syntax(span, "multiple starred expressions in assignment");
    for (const auto& element : elements) target(*element, true);
  }

  void reserved(std::string_view name, Span span) {
    if (name == "__debug__") syntax(span, "cannot assign to __debug__");
  }

  // ---- statements ----

  void block(const ast::Block& block) {
    for (const auto& stmt : block) statement(*stmt);
  }

  void statement(const ast::Stmt& stmt) {
    using namespace ast;
    poll_();
    std::visit(
        [&](const auto& n) {
          using T = std::decay_t<decltype(n)>;
          if constexpr (std::is_same_v<T, ExprStmt>)
            outer_expression(*n.value);
          else if constexpr (std::is_same_v<T, Assign>) {
            outer_expression(*n.value);
            for (const auto& each : n.targets) target(*each);
          } else if constexpr (std::is_same_v<T, AnnAssign>) {
            if (n.value) outer_expression(*n.value);
            annotation(n.annotation.get());
            if (std::holds_alternative<Tuple>(n.target->node) || std::holds_alternative<List>(n.target->node))
              syntax(n.target->span, "only single target (not tuple) can be annotated");
            else
              target(*n.target);
          } else if constexpr (std::is_same_v<T, AugAssign>) {
            outer_expression(*n.value);
            augmented(*n.target);
          } else if constexpr (std::is_same_v<T, For>) {
            expression(*n.iterable);
            target(*n.target);
            loop(n.body);
            block(n.otherwise);
          } else if constexpr (std::is_same_v<T, While>) {
            expression(*n.condition);
            loop(n.body);
            block(n.otherwise);
          } else if constexpr (std::is_same_v<T, Break>) {
            if (loops_ == 0) syntax(stmt.span, "'break' outside loop");
          } else if constexpr (std::is_same_v<T, Continue>) {
            if (loops_ == 0) syntax(stmt.span, "'continue' not properly in loop");
          } else if constexpr (std::is_same_v<T, Return>) {
            if (!in_function()) syntax(stmt.span, "'return' outside function");
            if (n.value) outer_expression(*n.value);
          } else if constexpr (std::is_same_v<T, FunctionDef>) {
            parameters(n.parameters);
            annotation(n.returns.get());
            function(n);
          } else if constexpr (std::is_same_v<T, Delete>) {
            for (const auto& each : n.targets) deleted(*each);
          } else {
            for_each_child(
                stmt, [&](const Expr& expr) { expression(expr); }, [&](const Block& inner) { block(inner); });
          }
        },
        stmt.node);
  }

  void loop(const ast::Block& body) {
    ++loops_;
    block(body);
    --loops_;
  }

  void augmented(const ast::Expr& expr) {
    if (std::holds_alternative<ast::Tuple>(expr.node) || std::holds_alternative<ast::List>(expr.node))
      return syntax(expr.span, fmt::format("'{}' is an illegal expression for augmented assignment",
                                           std::holds_alternative<ast::Tuple>(expr.node) ? "tuple" : "list"));
    const auto* name = std::get_if<ast::Name>(&expr.node);
    if (name != nullptr && is_never_bound(name->id)) return refuse_outer(ErrorKind::NameError, name->id, expr.span);
    path(expr, {});
  }

  /// Whether a name is this function's own only because it is updated here, and means something outside.
  [[nodiscard]] bool is_never_bound(std::string_view name) {
    if (!in_function()) return false;
    if (!assigned_) {
      assigned_ = assigned_names(function_->body);
      for (const auto& parameter : function_->parameters) assigned_->add(parameter.name);
    }
    if (assigned_->contains(name)) return false;
    bool is_outside = options_.is_known(name);
    for (const Scope* scope = scope_->parent; scope != nullptr; scope = scope->parent)
      is_outside = is_outside || scope->binds(name);
    return is_outside;
  }

  void deleted(const ast::Expr& expr) {
    if (const auto* name = std::get_if<ast::Name>(&expr.node)) return use(name->id, expr.span);
    if (!std::holds_alternative<ast::Subscript>(expr.node))
      return syntax(expr.span, fmt::format("cannot delete {}", describe(expr)));
    path(expr, {});
  }

  void parameters(const std::vector<ast::Parameter>& list) {
    std::set<std::string_view> seen;
    for (const auto& parameter : list) {
      if (!parameter.name.empty() && !seen.insert(parameter.name).second)
        syntax(parameter.name_span, fmt::format("duplicate argument '{}' in function definition", parameter.name));
      if (parameter.default_value) expression(*parameter.default_value);
      annotation(parameter.annotation.get());
    }
  }

  /// `flot32[3]` is meant as a contract; `x: int` and `x: List[int]` are notes to the reader.
  void annotation(const ast::Expr* expr) {
    const auto* subscript = expr == nullptr ? nullptr : std::get_if<ast::Subscript>(&expr->node);
    const auto* base = subscript == nullptr ? nullptr : std::get_if<ast::Name>(&subscript->object->node);
    if (base == nullptr) return;
    DType dtype{};
    const bool is_dtype = find_dtype(base->id, dtype);
    const std::string near =
        is_dtype || is_bound_somewhere(base->id) ? std::string() : did_you_mean(base->id, dtype_names());
    if (!near.empty())
      error(ErrorKind::NameError, subscript->object->span, fmt::format("name '{}' is not defined{}", base->id, near));
    else if (is_dtype && builtin_constant(base->id).is(Value::Tag::type))
      syntax(subscript->object->span, fmt::format("'{}' is the type of a number; a contract wants a dtype: {}[…]",
                                                  base->id, dtype == DType::boolean ? "bool_" : inlay::name(dtype)));
  }

  void function(const ast::FunctionDef& def) {
    const auto* outer = std::exchange(function_, &def);
    auto assigned = std::exchange(assigned_, std::nullopt);
    inside(&def, [&] { block(def.body); });
    function_ = outer;
    assigned_ = std::move(assigned);
  }

  template <class Body>
  void inside(const void* node, Body body) {
    const Scope* outer = std::exchange(scope_, scope_->inner.at(node).get());
    const int loops = std::exchange(loops_, 0);
    body();
    scope_ = outer;
    loops_ = loops;
  }

  const ast::Module& module_;
  const CheckOptions& options_;
  std::unique_ptr<Scope> top_;
  const Scope* scope_;
  const ast::FunctionDef* function_ = nullptr;  // around the statement, as `scope_` is
  std::optional<Names> assigned_;               // names that it binds, those aside that it only updates
  Names comprehension_names_;
  std::set<std::string_view> modules_;
  std::map<std::string_view, std::string> imported_;  // the module each was imported from
  std::vector<StaticError> errors_;
  std::vector<Unknown> unknown_;  // in the order they were found in
  int loops_ = 0;
  Poller poll_;
};

}  // namespace

std::vector<StaticError> check(const ast::Module& module, const CheckOptions& options) {
  return Checker(module, options).run();
}

}  // namespace inlay
