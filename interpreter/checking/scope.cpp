// scope.cpp - see scope.h. Two walks: names bound in a function first, then the uses inside, which mark what closures
// see.
#include "interpreter/checking/scope.h"

#include <algorithm>

#include "interpreter/checking/walk.h"
#include "interpreter/methods/mutators.h"
#include "runtime/memory/context.h"

namespace inlay {

namespace {

constexpr std::size_t kMany = 16;  // names, from which on they are looked up in a set

/// The part of a dotted module name that `import a.b` binds.
std::string_view first_part(const ast::ImportName& name) {
  if (!name.alias.empty()) return name.alias;
  return std::string_view(name.module).substr(0, name.module.find('.'));
}

enum class Updates { bind, do_not_bind };  // what `x += 1` does to x

void collect_block(const ast::Block& block, Names& out, Updates updates);

void collect_statement(const ast::Stmt& stmt, Names& out, Updates updates = Updates::bind) {
  using namespace ast;
  if (const auto* assign = std::get_if<Assign>(&stmt.node))
    for (const auto& target : assign->targets) collect_target_names(*target, out);
  else if (const auto* annotated = std::get_if<AnnAssign>(&stmt.node))
    collect_target_names(*annotated->target, out);
  else if (const auto* augmented = std::get_if<AugAssign>(&stmt.node); augmented && updates == Updates::bind)
    collect_target_names(*augmented->target, out);
  else if (const auto* loop = std::get_if<For>(&stmt.node))
    collect_target_names(*loop->target, out);
  else if (const auto* removal = std::get_if<Delete>(&stmt.node))
    for (const auto& target : removal->targets) collect_target_names(*target, out);
  else if (const auto* def = std::get_if<FunctionDef>(&stmt.node))
    return out.add(def->name);
  else if (const auto* import = std::get_if<Import>(&stmt.node))
    for (const auto& name : import->names) out.add(first_part(name));
  else if (const auto* from = std::get_if<FromImport>(&stmt.node))
    for (const auto& item : from->items) out.add(item.alias.empty() ? item.name : item.alias);
  for_each_child(
      stmt, [](const Expr&) {}, [&](const Block& block) { collect_block(block, out, updates); });
}

void collect_block(const ast::Block& block, Names& out, Updates updates) {
  for (const auto& stmt : block) collect_statement(*stmt, out, updates);
}

// ---- names that updates rebind ----

/// The variable at the root of a path; nothing for what has none.
void add_root(const ast::Expr& path, Names& out) {
  using namespace ast;
  if (const auto* name = std::get_if<Name>(&path.node))
    out.add(name->id);
  else if (const auto* subscript = std::get_if<Subscript>(&path.node))
    add_root(*subscript->object, out);
  else if (const auto* attribute = std::get_if<Attribute>(&path.node))
    add_root(*attribute->object, out);
  else if (const auto* call = std::get_if<Call>(&path.node))
    add_root(*call->callee, out);
}

void add_changed_by_call(const ast::Expr& expr, Names& out) {
  const auto* call = std::get_if<ast::Call>(&expr.node);
  if (call == nullptr) return;
  const auto* method = std::get_if<ast::Attribute>(&call->callee->node);
  const auto* function = std::get_if<ast::Name>(&call->callee->node);
  const std::string_view name = method != nullptr     ? method->name
                                : function != nullptr ? function->id
                                                      : std::string_view();
  if (method != nullptr && is_mutating_method(name)) add_root(*method->object, out);
  const bool changes_argument =
      is_mutating_function(name) || (method != nullptr && (name == "at" || is_shuffling_method(name)));
  if (changes_argument && !call->arguments.empty()) add_root(*call->arguments[0].value, out);
}

/// A target's parts, or what a call changes.
void add_rebound(const ast::Expr& expr, Names& out) {
  using namespace ast;
  if (const auto* tuple = std::get_if<Tuple>(&expr.node))
    for (const auto& element : tuple->elements) add_rebound(*element, out);
  else if (const auto* list = std::get_if<List>(&expr.node))
    for (const auto& element : list->elements) add_rebound(*element, out);
  else if (const auto* starred = std::get_if<Starred>(&expr.node))
    add_rebound(*starred->value, out);
  else if (std::holds_alternative<Subscript>(expr.node) || std::holds_alternative<Attribute>(expr.node))
    add_root(expr, out);
}

void collect_rebound(const ast::Block& block, Names& out) {
  using namespace ast;
  for (const auto& stmt : block) {
    collect_statement(*stmt, out);
    if (std::holds_alternative<FunctionDef>(stmt->node)) continue;
    if (const auto* assign = std::get_if<Assign>(&stmt->node))
      for (const auto& target : assign->targets) add_rebound(*target, out);
    else if (const auto* augmented = std::get_if<AugAssign>(&stmt->node))
      add_rebound(*augmented->target, out);
    else if (const auto* annotated = std::get_if<AnnAssign>(&stmt->node))
      add_rebound(*annotated->target, out);
    else if (const auto* loop = std::get_if<For>(&stmt->node))
      add_rebound(*loop->target, out);
    else if (const auto* removal = std::get_if<Delete>(&stmt->node))
      for (const auto& target : removal->targets) add_rebound(*target, out);
    for_each_child(
        *stmt, [&](const Expr& expr) { add_changed_by_call(expr, out); },
        [&](const Block& inner) { collect_rebound(inner, out); });
  }
}

/// Resolves the uses of names in one function, creating the scopes of the functions inside.
class Resolver {
 public:
  explicit Resolver(Scope& scope) : scope_(scope) {}

  void block(const ast::Block& block) {
    for (const auto& stmt : block) statement(*stmt);
  }

  void expression(const ast::Expr& expr) {
    using namespace ast;
    if (const auto* name = std::get_if<Name>(&expr.node)) return use(name->id);
    if (const auto* lambda = std::get_if<Lambda>(&expr.node)) {
      for (const auto& parameter : lambda->parameters)
        if (parameter.default_value) expression(*parameter.default_value);
      return function(lambda, lambda->parameters, {}, [&](Resolver& inner) { inner.expression(*lambda->body); });
    }
    if (const auto* list = std::get_if<ListComprehension>(&expr.node))
      return comprehension(list->clauses, [&] { expression(*list->element); });
    if (const auto* dict = std::get_if<DictComprehension>(&expr.node))
      return comprehension(dict->clauses, [&] { expression(*dict->key), expression(*dict->value); });
    for_each_child(expr, [&](const Expr& child) { expression(child); });
  }

 private:
  void statement(const ast::Stmt& stmt) {
    if (const auto* def = std::get_if<ast::FunctionDef>(&stmt.node)) {
      for (const auto& parameter : def->parameters)
        if (parameter.default_value) expression(*parameter.default_value);
      return function(def, def->parameters, bound_names(def->body), [&](Resolver& inner) { inner.block(def->body); });
    }
    for_each_child(
        stmt, [&](const ast::Expr& expr) { expression(expr); }, [&](const ast::Block& inner) { block(inner); });
  }

  template <class Body>
  void function(const void* node, const std::vector<ast::Parameter>& parameters, const Names& bound, Body body) {
    context().poll();  // what is free inside may be as many names as there are, at each of 200 levels
    auto inner = std::make_unique<Scope>();
    inner->parent = &scope_;
    for (const auto& parameter : parameters)
      if (!parameter.name.empty()) inner->bound.add(parameter.name);
    for (auto name : bound) inner->bound.add(name);
    Scope& ref = *inner;
    scope_.inner[node] = std::move(inner);
    Resolver resolver(ref);
    body(resolver);
    for (auto name : ref.free) {
      if (is_comprehension_name(name)) ref.of_comprehension.insert(name);
      reach(name);
    }
  }

  template <class Body>
  void comprehension(const std::vector<ast::ComprehensionFor>& clauses, Body body) {
    const std::size_t before = comprehension_names_.size();
    for (const auto& clause : clauses) {
      expression(*clause.iterable);
      Names names;
      collect_target_names(*clause.target, names);
      for (auto name : names) comprehension_names_.push_back({clause.target.get(), name});
      expression(*clause.target);
      for (const auto& condition : clause.conditions) expression(*condition);
    }
    body();
    comprehension_names_.resize(before);
  }

  void use(std::string_view name) {
    if (!is_comprehension_name(name) && !scope_.binds(name)) reach_outwards(name);
  }

  /// A function inside uses `name` freely: it is captured here, or free here too.
  void reach(std::string_view name) {
    const auto binder = comprehension_name(name);
    auto& cells = scope_.comprehension_cells;
    if (binder != comprehension_names_.rend()) {
      if (std::find(cells.begin(), cells.end(), *binder) == cells.end()) cells.push_back(*binder);
    } else if (scope_.parent != nullptr && scope_.binds(name)) {
      scope_.captured.insert(name);
    } else {
      reach_outwards(name);
    }
  }

  void reach_outwards(std::string_view name) {
    if (scope_.parent != nullptr) scope_.free.add(name);
  }

  /// The innermost comprehension's name, or rend().
  [[nodiscard]] std::vector<Scope::ComprehensionCell>::const_reverse_iterator comprehension_name(
      std::string_view name) const {
    return std::find_if(comprehension_names_.rbegin(), comprehension_names_.rend(),
                        [&](const auto& each) { return each.name == name; });
  }
  [[nodiscard]] bool is_comprehension_name(std::string_view name) const {
    return comprehension_name(name) != comprehension_names_.rend();
  }

  Scope& scope_;
  std::vector<Scope::ComprehensionCell> comprehension_names_;  // of the comprehensions around, innermost last
};

/// Drops from `free` what nothing around binds: those are module variables or built-ins. Outer scopes first.
void prune(Scope& scope) {
  context().poll();
  scope.free.erase_if([&](std::string_view name) {
    return !scope.of_comprehension.contains(name) && !scope.parent->captured.contains(name) &&
           !scope.parent->free.contains(name);
  });
  for (auto& [node, inner] : scope.inner) prune(*inner);
}

}  // namespace

void Names::add(std::string_view name) {
  if (contains(name)) return;
  in_order_.push_back(name);
  if (in_order_.size() == kMany) known_.insert(in_order_.begin(), in_order_.end());
  if (in_order_.size() > kMany) known_.insert(name);
}

bool Names::contains(std::string_view name) const {
  return in_order_.size() < kMany ? std::find(begin(), end(), name) != end() : known_.contains(name);
}

void Names::truncate(std::size_t size) {
  for (; in_order_.size() > size; in_order_.pop_back()) known_.erase(in_order_.back());
  if (size < kMany) known_.clear();
}

void Names::erase_if(const std::function<bool(std::string_view)>& wanted) {
  std::erase_if(in_order_, wanted);
  known_.clear();
  if (in_order_.size() >= kMany) known_.insert(in_order_.begin(), in_order_.end());
}

void collect_target_names(const ast::Expr& target, Names& out) {
  using namespace ast;
  if (const auto* name = std::get_if<Name>(&target.node)) out.add(name->id);
  if (const auto* tuple = std::get_if<Tuple>(&target.node))
    for (const auto& element : tuple->elements) collect_target_names(*element, out);
  if (const auto* list = std::get_if<List>(&target.node))
    for (const auto& element : list->elements) collect_target_names(*element, out);
  if (const auto* starred = std::get_if<Starred>(&target.node)) collect_target_names(*starred->value, out);
}

Names bound_names(const ast::Block& block) {
  Names out;
  collect_block(block, out, Updates::bind);
  return out;
}

Names assigned_names(const ast::Block& block) {
  Names out;
  collect_block(block, out, Updates::do_not_bind);
  return out;
}

void collect_rebound_names(const ast::Expr& target, Names& out) {
  collect_target_names(target, out);
  add_rebound(target, out);
}

Names rebound_names(const ast::Block& block) {
  Names out;
  collect_rebound(block, out);
  return out;
}

Names bound_names(const ast::Stmt& stmt) {
  Names out;
  collect_statement(stmt, out);
  return out;
}

std::unique_ptr<Scope> analyze_scopes(const ast::Module& module) {
  auto scope = std::make_unique<Scope>();
  scope->bound = bound_names(module.body);
  Resolver(*scope).block(module.body);
  prune(*scope);
  return scope;
}

}  // namespace inlay
