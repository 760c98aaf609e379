// messages.h - what is said when a rule that must match does not: a table from rule to message.
// In CPython's words where it has any; what the language leaves out is refused by name, with what to write instead.
// What a row leaves open - after what, and what came instead - diagnose.cpp adds.
// Invariant: every rule under a `must` or a `raise` has its row here; one without does not compile.
#pragma once

#include "grammar/diagnose.h"
#include "grammar/rules.h"

namespace inlay::grammar {

template <typename Rule>
consteval Message no_row();
template <typename Rule>
inline constexpr Message message = no_row<Rule>();

// What stands under a `must` but cannot fail: a repetition, a note to the Layout, a `raise`, which names another rule.
template <typename... Rules>
inline constexpr Message message<tao::pegtl::star<Rules...>>{};
template <auto Member>
inline constexpr Message message<context::note<Member>>{};
template <typename Rule>
inline constexpr Message message<tao::pegtl::raise<Rule>>{};

#define INLAY_MESSAGE(rule, where, text)          \
  template <>                                     \
  inline constexpr Message message<rules::rule> { \
    text, At::where                               \
  }

// ---- what was expected ----

INLAY_MESSAGE(expression, operand, "an expression");
INLAY_MESSAGE(expression_list, operand, "an expression");
INLAY_MESSAGE(disjunction, operand, "an expression");
INLAY_MESSAGE(conjunction, operand, "an expression");
INLAY_MESSAGE(inversion, operand, "an expression");
INLAY_MESSAGE(comparison, operand, "an expression");
INLAY_MESSAGE(arithmetic, operand, "an expression");
INLAY_MESSAGE(operand, operand, "an expression");
INLAY_MESSAGE(primary, operand, "an expression");
INLAY_MESSAGE(bound_value, bound_value, "an expression");
INLAY_MESSAGE(condition, operand, "a condition");
INLAY_MESSAGE(index_list, operand, "an index");
INLAY_MESSAGE(annotation_value, annotation, "an annotation");
INLAY_MESSAGE(target_list, target, "a target");
INLAY_MESSAGE(identifier, name, "a name");
INLAY_MESSAGE(import_name, name, "the name of a module");
INLAY_MESSAGE(dotted_name, name, "the name of a module");
INLAY_MESSAGE(from_items, name, "a name");
INLAY_MESSAGE(from_item, name, "a name");
INLAY_MESSAGE(key_import, delimiter, "'import' after the name of the module");
INLAY_MESSAGE(key_in, delimiter, "'in' after the target of 'for'");
INLAY_MESSAGE(expected_else, delimiter, "'else' after 'if' expression");
INLAY_MESSAGE(lambda_colon, delimiter, "':' after the parameters of 'lambda'");
INLAY_MESSAGE(end_of_statement, statement_end, "the end of the statement");
INLAY_MESSAGE(statement, statement, "a statement");
INLAY_MESSAGE(eof, statement, "a statement");
INLAY_MESSAGE(block, inner_statement, "a statement");
INLAY_MESSAGE(next_statement, inner_statement, "a statement");
INLAY_MESSAGE(expected_colon, colon, "expected ':'");
INLAY_MESSAGE(parameters, next_token, "expected '('");
INLAY_MESSAGE(dict_colon, next_token, "':' expected after dictionary key");
INLAY_MESSAGE(error_kind, last_token, "'raise' needs a kind of error: raise ValueError(\"message\")");
INLAY_MESSAGE(joined_line_end, line_join, "unexpected character after line continuation character");

// ---- brackets, blocks, nesting ----

template <char Close>
inline constexpr Message message<rules::closing<Close>>{Close == '}' ? "a key" : "an expression", At::closing_bracket};
INLAY_MESSAGE(call_end, closing_call, "an argument");
INLAY_MESSAGE(parameters_end, closing_names, "a parameter");
INLAY_MESSAGE(from_end, closing_names, "a name");
INLAY_MESSAGE(raise_end, next_token, "'raise' takes one message: raise ValueError(\"message\")");
INLAY_MESSAGE(indented_block, block, "expected an indented block");
INLAY_MESSAGE(unexpected_indent, here, "unexpected indent");
INLAY_MESSAGE(unmatched_indent, here, "unindent does not match any outer indentation level");
INLAY_MESSAGE(inconsistent_indent, here, "inconsistent use of tabs and spaces in indentation");
INLAY_MESSAGE(too_many_brackets, bracket, "too many nested parentheses");
INLAY_MESSAGE(too_many_blocks, last_token, "too many levels of indentation");
INLAY_MESSAGE(too_deep_expression, last_token, "too many nested expressions");

// ---- literals ----

template <char... Quote>
inline constexpr Message message<rules::closing_quote<Quote...>>{"unterminated string literal", At::quote};
INLAY_MESSAGE(field_value, field, "f-string: valid expression required");
INLAY_MESSAGE(field_end, next_token, "f-string: expecting '}'");
INLAY_MESSAGE(single_brace, here, "f-string: single '}' is not allowed");
INLAY_MESSAGE(conversion_letter, next_token, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
INLAY_MESSAGE(decimal_end, word, "invalid decimal literal");
INLAY_MESSAGE(hexadecimal, word, "invalid hexadecimal literal");
INLAY_MESSAGE(hexadecimal_end, word, "invalid hexadecimal literal");
INLAY_MESSAGE(octal, word, "invalid octal literal");
INLAY_MESSAGE(octal_end, word, "invalid octal literal");
INLAY_MESSAGE(binary, word, "invalid binary literal");
INLAY_MESSAGE(binary_end, word, "invalid binary literal");

// ---- what is not in the language ----

INLAY_MESSAGE(no_async, last_token,
              "'async' is not in the language: calls run one after the other, write 'def' or 'for' alone");
INLAY_MESSAGE(no_await, last_token,
              "'await' is not in the language: calls run one after the other, write the call alone");
INLAY_MESSAGE(no_class, last_token, "'class' is not in the language: use functions, with dicts or tuples for records");
INLAY_MESSAGE(no_except, last_token, "'try' is not in the language: test for the case with 'if' before it fails");
INLAY_MESSAGE(no_try, last_token, "'try' is not in the language: test for the case with 'if' before it fails");
INLAY_MESSAGE(no_global, last_token,
              "'global' is not in the language: pass the value as an argument and return the new one");
INLAY_MESSAGE(no_nonlocal, last_token,
              "'nonlocal' is not in the language: pass the value as an argument and return the new one");
INLAY_MESSAGE(no_with, last_token, "'with' is not in the language: there is nothing to close, write its body alone");
INLAY_MESSAGE(no_yield, last_token, "'yield' is not in the language: append to a list and return it");
INLAY_MESSAGE(no_match, last_token, "'match' is not in the language: use 'if' and 'elif'");
INLAY_MESSAGE(no_case, last_token, "'case' is not in the language: use 'if' and 'elif'");
INLAY_MESSAGE(no_decorator, last_token,
              "decorators are not in the language: write 'f = decorator(f)' after the definition of f");
INLAY_MESSAGE(no_exec, last_token,
              "'exec' is not in the language: define a function, or put the code in a module and import it");
INLAY_MESSAGE(no_exec_statement, last_token,
              "'exec' is not in the language: define a function, or put the code in a module and import it");
INLAY_MESSAGE(no_print, last_token, "Missing parentheses in call to 'print'. Did you mean print(...)?");
INLAY_MESSAGE(no_keyword_splat, last_token,
              "'**' in calls, definitions and dicts is not in the language: name each argument, or pass a dict as one");
INLAY_MESSAGE(no_generator, last_token,
              "generator expressions are not in the language: write a list, '[... for ... in ...]'");
INLAY_MESSAGE(no_set, bracket, "sets are not in the language: use a list, or unique(...) of a tensor");
INLAY_MESSAGE(no_set_comprehension, bracket, "sets are not in the language: use a list, '[... for ... in ...]'");
INLAY_MESSAGE(no_raise_from, last_token, "'raise ... from' is not in the language: say the cause in the message");
INLAY_MESSAGE(no_relative_import, last_token,
              "relative imports are not in the language: write the module's name, it is found beside the script");
INLAY_MESSAGE(no_bytes, word,
              "the string prefixes are 'r' and 'f': bytes are not in the language, and all text is Unicode");
INLAY_MESSAGE(no_named_escape, last_character,
              "\\N{...} is not in the language: write the character, or its number as \\uXXXX");

#undef INLAY_MESSAGE

}  // namespace inlay::grammar
