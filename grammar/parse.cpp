// parse.cpp - text to syntax tree: check the text, match the rules, build the tree.
// The one file that runs PEGTL. The control class records nodes and turns failures into SyntaxErrors.
// Invariant: no recursion is deeper than kMaxNesting levels of the grammar, whatever the text.
#include "grammar/parse.h"

#include "grammar/build_ast.h"
#include "grammar/messages.h"
#include "grammar/text.h"
#include "grammar/tree.h"

namespace inlay {
namespace grammar {
namespace {

struct State {
  Layout layout;
  Tree tree;
};

/// What a rule leaves in the Tree: nothing, unless it has a row.
struct Leaves {
  bool node = false;
  bool fold = false;
  Kind kind{};
};
template <typename Rule>
inline constexpr Leaves leaves{};
#define INLAY_NODE(name) \
  template <>            \
  inline constexpr Leaves leaves<rules::name>{true, false, Kind::name};
#define INLAY_FOLD(name) \
  template <>            \
  inline constexpr Leaves leaves<rules::name>{true, true, Kind::name};
#define INLAY_FAMILY(name) \
  template <char... Quote> \
  inline constexpr Leaves leaves<rules::name<Quote...>>{true, false, Kind::name};
INLAY_NODES(INLAY_NODE, INLAY_FOLD, INLAY_FAMILY)
#undef INLAY_NODE
#undef INLAY_FOLD
#undef INLAY_FAMILY

/// Whether the next token begins with a character that is neither ASCII nor a letter.
template <typename Input>
bool at_sign(const Input& in) {
  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> rest(in.current(), in.end(), "");
  return tao::pegtl::parse<tao::pegtl::seq<tao::pegtl::star<rules::blank>, rules::other_sign>>(rest);
}

template <typename Rule>
struct Control : tao::pegtl::normal<Rule> {
  template <tao::pegtl::apply_mode A, tao::pegtl::rewind_mode M, template <typename...> class Action,
            template <typename...> class Control_, typename Input>
  static bool match(Input& in, State& state) {
    if constexpr (A == tao::pegtl::apply_mode::action && leaves<Rule>.node) {
      const Tree::Mark mark = state.tree.mark();
      const std::uint32_t begin = context::offset(in);
      const bool matched = tao::pegtl::match<Rule, A, M, Action, Control_>(in, state);
      if (!matched) {
        state.tree.rewind(mark);
        return false;
      }
      state.tree.close(mark, leaves<Rule>.kind, {begin, std::max(begin, state.layout.last_token().end)},
                       leaves<Rule>.fold);
      return true;
    } else {
      return tao::pegtl::match<Rule, A, M, Action, Control_>(in, state);
    }
  }

  template <typename Input>
  [[noreturn]] static void raise(const Input& in, State& state) {
    throw diagnose(state.layout, {context::offset(in), at_sign(in)}, message<Rule>);
  }
};

/// Whether the entry ends with a blank line, which closes the blocks of its last statement.
bool ends_with_blank_line(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\f\r\n");
  return std::count(text.begin() + (last == text.npos ? 0 : last + 1), text.end(), '\n') >= 2;
}

bool is_compound(const ast::Stmt& statement) {
  return std::holds_alternative<ast::If>(statement.node) || std::holds_alternative<ast::While>(statement.node) ||
         std::holds_alternative<ast::For>(statement.node) || std::holds_alternative<ast::FunctionDef>(statement.node);
}

}  // namespace
}  // namespace grammar

ast::Module parse(SourcePtr source, const ParseOptions& options) {
  const std::string_view text = source->text();
  grammar::check_text(text);
  const int nesting = std::min(options.nesting, grammar::kMaxNesting);
  grammar::State state{grammar::Layout(text, nesting, options.poll ? &options.poll : nullptr), {}};
  tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
  if (!tao::pegtl::parse<grammar::rules::module, tao::pegtl::nothing, grammar::Control>(in, state)) {
    throw SyntaxError("expected a statement", Span{});
  }
  return grammar::build_ast(state.tree, std::move(source), std::min(options.depth, ast::kMaxDepth));
}

bool is_complete(std::string_view text) {
  try {
    const ast::Module module = parse(std::make_shared<Source>("", std::string(text)));
    return module.body.empty() || !grammar::is_compound(*module.body.back()) || grammar::ends_with_blank_line(text);
  } catch (const SyntaxError& error) {
    return !error.incomplete;
  }
}

}  // namespace inlay
