// tree.h - what the grammar matched, as a flat list of nodes: the hand-over from the rules to build_ast.cpp.
// Knows neither PEGTL nor the syntax tree of ast.h.
// Invariant: a node comes after its children; a rule that fails takes its nodes with it, so backtracking leaves no
// trace.
#pragma once

#include <cstdint>
#include <vector>

#include "grammar/source.h"

namespace inlay::grammar {

/// The rules of rules.h that leave a node, by their names there. FOLD: only over more than one child. FAMILY: a
/// template over the quotes.
#define INLAY_NODES(NODE, FOLD, FAMILY) \
  NODE(module)                          \
  NODE(block)                           \
  NODE(else_clause)                     \
  NODE(if_statement)                    \
  NODE(while_statement)                 \
  NODE(for_statement)                   \
  NODE(function_definition)             \
  NODE(parameters)                      \
  NODE(parameter)                       \
  NODE(star_parameter)                  \
  NODE(slash_parameter)                 \
  NODE(annotation)                      \
  NODE(default_value)                   \
  NODE(lambda_parameters)               \
  NODE(lambda_parameter)                \
  NODE(lambda_star_parameter)           \
  NODE(returns)                         \
  NODE(expression_statement)            \
  NODE(augmented_operator)              \
  NODE(annotated)                       \
  NODE(pass_statement)                  \
  NODE(break_statement)                 \
  NODE(continue_statement)              \
  NODE(return_statement)                \
  NODE(assert_statement)                \
  NODE(raise_statement)                 \
  NODE(del_statement)                   \
  NODE(import_statement)                \
  NODE(import_name)                     \
  NODE(from_statement)                  \
  NODE(from_item)                       \
  NODE(from_star)                       \
  NODE(dotted_name)                     \
  NODE(identifier)                      \
  FOLD(expression_list)                 \
  FOLD(target_list)                     \
  FOLD(index_list)                      \
  NODE(tuple_comma)                     \
  FOLD(conditional)                     \
  FOLD(disjunction)                     \
  FOLD(conjunction)                     \
  FOLD(inversion)                       \
  NODE(not_operator)                    \
  FOLD(comparison)                      \
  NODE(comparison_operator)             \
  FOLD(arithmetic)                      \
  NODE(prefix_operator)                 \
  NODE(binary_operator)                 \
  FOLD(primary)                         \
  NODE(call)                            \
  NODE(argument)                        \
  NODE(keyword_name)                    \
  NODE(subscript)                       \
  FOLD(slice)                           \
  NODE(slice_tail)                      \
  NODE(slice_stop)                      \
  NODE(slice_step)                      \
  NODE(attribute)                       \
  NODE(starred)                         \
  NODE(lambda)                          \
  NODE(name)                            \
  NODE(number)                          \
  NODE(none_literal)                    \
  NODE(true_literal)                    \
  NODE(false_literal)                   \
  NODE(ellipsis)                        \
  NODE(parentheses)                     \
  NODE(list_display)                    \
  NODE(dict_display)                    \
  NODE(comprehension_for)               \
  NODE(comprehension_if)                \
  NODE(strings)                         \
  NODE(string)                          \
  NODE(fstring)                         \
  FAMILY(fstring_text)                  \
  FAMILY(spec_text)                     \
  FAMILY(field)                         \
  NODE(debug_sign)                      \
  NODE(conversion)                      \
  FAMILY(format_spec)

enum class Kind : std::uint8_t {
#define INLAY_KIND(name) name,
  INLAY_NODES(INLAY_KIND, INLAY_KIND, INLAY_KIND)
#undef INLAY_KIND
};

class Tree {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};

  struct Node {
    Kind kind;
    Span span;
    Index first_child = kNone;
    Index next_sibling = kNone;
    Index begin;  // index of the first node of this one's subtree
  };
  /// Where a rule started, for the nodes it may leave or take back.
  using Mark = std::size_t;

  [[nodiscard]] const Node& operator[](Index index) const { return nodes_[index]; }
  /// The node of the rule that matched last: the whole text's, in the end.
  [[nodiscard]] Index last() const { return static_cast<Index>(nodes_.size() - 1); }

  [[nodiscard]] Mark mark() const { return nodes_.size(); }
  void rewind(Mark mark) { nodes_.resize(mark, Node{}); }
  /// Leaves a node over those since `mark`; a folding one only over several.
  void close(Mark mark, Kind kind, Span span, bool fold);

 private:
  std::vector<Node> nodes_;
};

inline void Tree::close(Mark mark, Kind kind, Span span, bool fold) {
  const auto begin = static_cast<Index>(mark);
  if (fold && mark < nodes_.size() && nodes_.back().begin == begin) return;
  Index child = kNone;
  for (auto end = static_cast<Index>(nodes_.size()); end > begin;) {
    nodes_[end - 1].next_sibling = child;
    child = end - 1;
    end = nodes_[child].begin;
  }
  nodes_.push_back({kind, span, child, kNone, begin});
}

}  // namespace inlay::grammar
