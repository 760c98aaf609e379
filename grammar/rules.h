// rules.h - the grammar: PEGTL rules and nothing else. No semantics, no syntax tree; messages are in messages.h.
//
// Precedence, loosest first: lambda; `a if c else b`; or; and; not; comparisons; then `arithmetic`, which is one flat
// run of prefix operators, operands and binary operators. Its inner precedence (| ^ & << + * - **) is the table in
// operators.h: a rule per level would cost ten calls of depth for every operand and say no more.
//
// Head and tails: nothing is left-recursive and nothing is parsed twice. A rule reads its head and then looks at the
// next token (`slice` reads an expression, then perhaps a ':'; an assignment is an expression followed by '='). PEG
// alternatives that share a prefix are exponential in the nesting, and analyze() does not notice. So an alternative
// either fails on its first token, or is committed and `must` go on.
//
// White space: every token takes the `gap` behind it. Inside brackets a gap may hold line ends and comments, outside
// only blanks and backslash-newline; which of the two holds is the Layout's knowledge.
//
// Indentation: `line_end` also takes the blank and comment lines that follow, so that a statement always starts at the
// beginning of its line, where `indentation<…>` compares the blanks with the block around it.
//
// Invariant: what tells the Layout anything (brackets, quotes, blocks) never fails afterwards except by raising.
#pragma once

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze_traits.hpp>

#include "grammar/layout.h"

namespace inlay::grammar {

// ---- rules that ask or tell the Layout ----

namespace context {

using tao::pegtl::apply_mode;
using tao::pegtl::empty_list;
using tao::pegtl::rewind_mode;

template <typename Input>
std::uint32_t offset(const Input& in) {
  return static_cast<std::uint32_t>(in.current() - in.begin());
}

/// Matches nothing, if a bracket is open.
struct in_brackets {
  using rule_t = in_brackets;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input&, State& state) {
    return !state.layout.brackets().empty();
  }
};

/// Matches nothing, if the line's indentation compares so with that of the block around it.
template <Indentation How>
struct indentation {
  using rule_t = indentation;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input& in, State& state) {
    return !in.empty() && state.layout.compare(offset(in)) == How;
  }
};

/// Matches nothing and calls a member of the Layout with the offset.
template <auto Member>
struct note_offset {
  using rule_t = note_offset;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input& in, State& state) {
    (state.layout.*Member)(offset(in));
    return true;
  }
};

/// Matches nothing and calls a member of the Layout.
template <auto Member>
struct note {
  using rule_t = note;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input&, State& state) {
    (state.layout.*Member)();
    return true;
  }
};

/// `Rules` in sequence, whose span `Member` of the Layout is told; takes all of it or nothing.
template <auto Member, typename... Rules>
struct spanned : tao::pegtl::seq<Rules...> {
  template <apply_mode A, rewind_mode, template <typename...> class Action, template <typename...> class Control,
            typename Input, typename State>
  static bool match(Input& in, State& state) {
    auto marker = in.template mark<rewind_mode::required>();
    const std::uint32_t begin = offset(in);
    if (!tao::pegtl::seq<Rules...>::template match<A, rewind_mode::dontcare, Action, Control>(in, state)) return false;
    if constexpr (A == apply_mode::action) (state.layout.*Member)(Span{begin, offset(in)});
    return marker(true);
  }
};

/// One character that opens a bracket.
template <char C>
struct open : tao::pegtl::one<C> {
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input& in, State& state) {
    const std::uint32_t at = offset(in);
    if (!tao::pegtl::one<C>::match(in)) return false;
    state.layout.open_bracket(C, at);
    return true;
  }
};

/// The quotes that open a string literal.
template <bool Formatted, char... Quote>
struct open_quote : tao::pegtl::string<Quote...> {
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input& in, State& state) {
    const std::uint32_t at = offset(in);
    if (!tao::pegtl::string<Quote...>::match(in)) return false;
    state.layout.open_quote({at, sizeof...(Quote) == 3, Formatted});
    return true;
  }
};

/// Matches nothing, if one more level may be entered.
struct enter {
  using rule_t = enter;
  using subs_t = empty_list;
  template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class, typename Input,
            typename State>
  static bool match(Input&, State& state) {
    return state.layout.enter();
  }
};

using leave = note<&Layout::leave>;

}  // namespace context

namespace rules {

using tao::pegtl::any;
using tao::pegtl::at;
using tao::pegtl::bytes;
using tao::pegtl::digit;
using tao::pegtl::eof;
using tao::pegtl::eol;
using tao::pegtl::if_must;
using tao::pegtl::must;
using tao::pegtl::not_at;
using tao::pegtl::not_one;
using tao::pegtl::one;
using tao::pegtl::opt;
using tao::pegtl::plus;
using tao::pegtl::raise;
using tao::pegtl::range;
using tao::pegtl::seq;
using tao::pegtl::sor;
using tao::pegtl::star;
using tao::pegtl::until;
using tao::pegtl::xdigit;
namespace utf8 = tao::pegtl::utf8;

// ---- white space and tokens ----

struct blank : one<' ', '\t', '\f'> {};
struct comment : seq<one<'#'>, star<not_one<'\n', '\r'>>> {};
struct joined_line_end : seq<eol, not_at<eof>> {};
struct line_join : if_must<one<'\\'>, joined_line_end> {};
struct gap : star<sor<blank, line_join, seq<context::in_brackets, sor<eol, comment>>>> {};

template <typename... Rules>
struct token : seq<context::spanned<&Layout::note_token, Rules...>, gap> {};

struct blank_lines : seq<star<star<blank>, opt<comment>, eol>, opt<star<blank>, opt<comment>, eof>> {};
struct line_end : seq<opt<comment>, sor<seq<eol, blank_lines>, eof>> {};

// ---- names and keywords ----

/// Letters beyond ASCII, roughly: all but the signs, spaces, dashes and quotes of Latin-1 and the punctuation blocks.
struct other_sign
    : sor<utf8::range<0x80, 0xA9>, utf8::range<0xAB, 0xB4>, utf8::range<0xB6, 0xB9>, utf8::range<0xBB, 0xBF>,
          utf8::one<0xD7, 0xF7, 0xFEFF>, utf8::range<0x2000, 0x206F>, utf8::range<0x20A0, 0x20CF>,
          utf8::range<0x2190, 0x2BFF>, utf8::range<0x3000, 0x3004>, utf8::range<0x3008, 0x3020>> {};
struct other_letter : seq<not_at<other_sign>, utf8::range<0x80, 0x10FFFF>> {};
struct name_first : sor<range<'a', 'z'>, range<'A', 'Z'>, one<'_'>, other_letter> {};
struct name_rest : sor<range<'a', 'z'>, range<'A', 'Z'>, digit, one<'_'>, other_letter> {};

template <typename... Words>
struct word : seq<sor<Words...>, not_at<name_rest>> {};
template <typename Word>
struct key : token<word<Word>> {};

#define INLAY_WORD(text) word<TAO_PEGTL_STRING(text)>
#define INLAY_KEY(text) key<TAO_PEGTL_STRING(text)>

struct hard_keyword
    : word<TAO_PEGTL_STRING("False"), TAO_PEGTL_STRING("None"), TAO_PEGTL_STRING("True"), TAO_PEGTL_STRING("and"),
           TAO_PEGTL_STRING("assert"), TAO_PEGTL_STRING("async"), TAO_PEGTL_STRING("as"), TAO_PEGTL_STRING("await"),
           TAO_PEGTL_STRING("break"), TAO_PEGTL_STRING("class"), TAO_PEGTL_STRING("continue"), TAO_PEGTL_STRING("def"),
           TAO_PEGTL_STRING("del"), TAO_PEGTL_STRING("elif"), TAO_PEGTL_STRING("else"), TAO_PEGTL_STRING("except"),
           TAO_PEGTL_STRING("finally"), TAO_PEGTL_STRING("for"), TAO_PEGTL_STRING("from"), TAO_PEGTL_STRING("global"),
           TAO_PEGTL_STRING("if"), TAO_PEGTL_STRING("import"), TAO_PEGTL_STRING("in"), TAO_PEGTL_STRING("is"),
           TAO_PEGTL_STRING("lambda"), TAO_PEGTL_STRING("nonlocal"), TAO_PEGTL_STRING("not"), TAO_PEGTL_STRING("or"),
           TAO_PEGTL_STRING("pass"), TAO_PEGTL_STRING("raise"), TAO_PEGTL_STRING("return"), TAO_PEGTL_STRING("try"),
           TAO_PEGTL_STRING("while"), TAO_PEGTL_STRING("with"), TAO_PEGTL_STRING("yield")> {};
/// Keywords that may follow an operand.
struct operator_word : sor<INLAY_WORD("and"), INLAY_WORD("else"), INLAY_WORD("for"), INLAY_WORD("if"), INLAY_WORD("in"),
                           INLAY_WORD("is"), INLAY_WORD("not"), INLAY_WORD("or")> {};

struct name_token : token<not_at<hard_keyword>, name_first, star<name_rest>> {};
struct name : name_token {};        // a variable
struct identifier : name_token {};  // any other name: of an attribute, a parameter, a module
struct dotted_name : seq<identifier, star<token<one<'.'>>, must<identifier>>> {};

struct key_and : INLAY_KEY("and") {};
struct key_as : INLAY_KEY("as") {};
struct key_else : INLAY_KEY("else") {};
struct key_for : INLAY_KEY("for") {};
struct key_if : INLAY_KEY("if") {};
struct key_import : INLAY_KEY("import") {};
struct key_in : INLAY_KEY("in") {};
struct key_or : INLAY_KEY("or") {};

// ---- punctuation ----

template <char C>
struct sign : token<one<C>> {};
struct comma : sign<','> {};
struct colon : token<one<':'>, not_at<one<'='>>> {};
struct equal_sign : token<one<'='>, not_at<one<'='>>> {};
struct star_sign : token<one<'*'>, not_at<one<'*', '='>>> {};
struct double_star : token<TAO_PEGTL_STRING("**"), not_at<one<'='>>> {};

struct too_many_brackets : context::enter {};
template <char Close>
struct closing : one<Close> {};
template <char Open, typename Body, typename Close>
struct bracketed : seq<context::open<Open>, must<too_many_brackets>, gap, Body, must<Close>,
                       context::note<&Layout::close_bracket>, context::leave> {};
template <char Open, typename Body, char Close, typename End = closing<Close>>
struct bracket_token : token<bracketed<Open, Body, End>> {};

struct too_deep_expression : context::enter {};
template <typename Rule>
struct nested : seq<must<too_deep_expression, Rule>, context::leave> {};

/// `item, item,`: after the first item and its comma.
template <typename Item>
struct more : opt<Item, star<comma, Item>, opt<comma>> {};

// ---- what Python has and this language has not: each is refused by name ----

struct no_async : INLAY_KEY("async") {};
struct no_await : INLAY_KEY("await") {};
struct no_class : INLAY_KEY("class") {};
struct no_except : sor<INLAY_KEY("except"), INLAY_KEY("finally")> {};
struct no_global : INLAY_KEY("global") {};
struct no_nonlocal : INLAY_KEY("nonlocal") {};
struct no_try : INLAY_KEY("try") {};
struct no_with : INLAY_KEY("with") {};
struct no_yield : INLAY_KEY("yield") {};
struct no_decorator : sign<'@'> {};
struct no_keyword_splat : double_star {};
struct no_generator : key_for {};
struct no_set : at<one<',', '}'>> {};
struct no_set_comprehension : key_for {};
struct no_raise_from : INLAY_KEY("from") {};
struct no_relative_import : sign<'.'> {};
struct no_exec : seq<INLAY_KEY("exec"), at<one<'('>>> {};
struct no_bytes : seq<sor<seq<one<'b', 'B'>, opt<one<'r', 'R'>>>, seq<one<'r', 'R'>, one<'b', 'B'>>, one<'u', 'U'>>,
                      at<one<'\'', '"'>>> {};
struct no_named_escape : TAO_PEGTL_STRING("\\N{") {};

template <typename... Rules>
struct refused : sor<if_must<Rules, raise<Rules>>...> {};

/// A name that Python 2 or a soft keyword puts before an operand: `print x`, `match x:`.
template <typename Word>
struct before_operand : seq<key<Word>, not_at<operator_word>, at<sor<name_rest, one<'"', '\''>>>> {};
struct no_print : before_operand<TAO_PEGTL_STRING("print")> {};
struct no_exec_statement : before_operand<TAO_PEGTL_STRING("exec")> {};
struct no_match : before_operand<TAO_PEGTL_STRING("match")> {};
struct no_case : before_operand<TAO_PEGTL_STRING("case")> {};

// ---- numbers ----

struct digits : seq<digit, star<opt<one<'_'>>, digit>> {};
template <typename Digit>
struct based_digits : plus<opt<one<'_'>>, Digit> {};
struct hexadecimal : based_digits<xdigit> {};
struct octal : based_digits<range<'0', '7'>> {};
struct binary : based_digits<one<'0', '1'>> {};
struct hexadecimal_end : not_at<name_rest> {};
struct octal_end : not_at<name_rest> {};
struct binary_end : not_at<name_rest> {};
struct based
    : seq<one<'0'>, sor<if_must<one<'x', 'X'>, hexadecimal, hexadecimal_end>, if_must<one<'o', 'O'>, octal, octal_end>,
                        if_must<one<'b', 'B'>, binary, binary_end>>> {};
struct mantissa : sor<seq<digits, opt<one<'.'>, opt<digits>>>, seq<one<'.'>, digits>> {};
struct exponent : seq<one<'e', 'E'>, opt<one<'+', '-'>>, digits> {};
struct decimal_end : sor<not_at<name_rest>, at<operator_word>> {};
struct decimal : seq<mantissa, opt<exponent>, opt<one<'j', 'J'>>, must<decimal_end>> {};
struct number : token<sor<based, decimal>> {};

// ---- strings ----

struct raw_prefix : opt<one<'r', 'R'>> {};
struct fstring_prefix : sor<seq<one<'f', 'F'>, opt<one<'r', 'R'>>>, seq<one<'r', 'R'>, one<'f', 'F'>>> {};
struct escape_pair : seq<one<'\\'>, sor<eol, any>> {};
using end_quote = context::note<&Layout::close_quote>;

template <char... Quote>
struct closing_quote : tao::pegtl::string<Quote...> {};
template <char Quote>
struct short_string : if_must<context::open_quote<false, Quote>, star<sor<escape_pair, not_one<Quote, '\\', '\n'>>>,
                              closing_quote<Quote>, end_quote> {};
template <char Quote>
struct long_string
    : if_must<context::open_quote<false, Quote, Quote, Quote>,
              star<sor<escape_pair, seq<not_at<tao::pegtl::string<Quote, Quote, Quote>>, not_one<'\\'>>>>,
              closing_quote<Quote, Quote, Quote>, end_quote> {};
struct string : token<raw_prefix, sor<long_string<'"'>, long_string<'\''>, short_string<'"'>, short_string<'\''>>> {};

/// A backslash never hides the brace behind it.
struct fstring_escape
    : sor<if_must<no_named_escape, raise<no_named_escape>>, seq<one<'\\'>, sor<at<one<'{', '}'>>, eol, any>>> {};
struct fstring_brace : sor<TAO_PEGTL_STRING("{{"), TAO_PEGTL_STRING("}}")> {};
template <char... Quote>
struct text_character : seq<not_at<tao::pegtl::string<Quote...>>, not_one<'{', '}', '\n'>> {};
template <char Quote>
struct text_character<Quote, Quote, Quote> : seq<not_at<tao::pegtl::string<Quote, Quote, Quote>>, not_one<'{', '}'>> {};

template <char... Quote>
struct fstring_text
    : context::spanned<&Layout::note_token, plus<sor<fstring_brace, fstring_escape, text_character<Quote...>>>> {};
template <char... Quote>
struct spec_text : context::spanned<&Layout::note_token, plus<sor<fstring_escape, text_character<Quote...>>>> {};

struct expression_list;
struct field_value : seq<expression_list> {};
struct debug_sign : equal_sign {};
struct conversion_letter : token<one<'r', 's', 'a'>, not_at<name_rest>> {};
struct conversion : if_must<one<'!'>, conversion_letter> {};
struct single_brace : at<one<'}'>> {};
struct field_end : one<'}'> {};

template <char... Quote>
struct field;
template <char... Quote>
struct format_spec : seq<one<':'>, star<sor<spec_text<Quote...>, field<Quote...>>>> {};
template <char... Quote>
struct field : context::spanned<
                   &Layout::note_token,
                   bracketed<'{', seq<must<field_value>, opt<debug_sign>, opt<conversion>, opt<format_spec<Quote...>>>,
                             field_end>> {};
template <char... Quote>
struct fstring_body
    : if_must<context::open_quote<true, Quote...>,
              star<sor<fstring_text<Quote...>, field<Quote...>, if_must<single_brace, raise<single_brace>>>>,
              closing_quote<Quote...>, end_quote> {};
struct fstring
    : token<fstring_prefix,
            sor<fstring_body<'"', '"', '"'>, fstring_body<'\'', '\'', '\''>, fstring_body<'"'>, fstring_body<'\''>>> {};
struct strings : plus<sor<fstring, string, refused<no_bytes>>> {};

// ---- expressions ----

struct expression;
struct disjunction;
struct arithmetic;
struct target_list;

struct starred : seq<star_sign, must<arithmetic>> {};
struct star_expression : sor<starred, expression> {};
struct tuple_comma : comma {};
struct expression_list : seq<star_expression, opt<tuple_comma, more<star_expression>>> {};

struct comprehension_if : seq<key_if, must<disjunction>> {};
struct comprehension_for : seq<key_for, must<target_list, key_in, disjunction>, star<comprehension_if>> {};

struct parentheses : bracket_token<'(', opt<expression_list, opt<refused<no_generator>>>, ')'> {};
struct list_display
    : bracket_token<'[', opt<star_expression, sor<plus<comprehension_for>, opt<comma, more<star_expression>>>>, ']'> {};
struct dict_colon : colon {};
struct dict_pair : seq<sor<refused<no_keyword_splat>, expression>, must<dict_colon, expression>> {};
struct first_dict_pair : seq<sor<refused<no_keyword_splat>, if_must<star_sign, raise<no_set>>, expression>,
                             opt<refused<no_set, no_set_comprehension>>, must<dict_colon, expression>> {};
struct dict_display
    : bracket_token<'{', opt<first_dict_pair, sor<plus<comprehension_for>, opt<comma, more<dict_pair>>>>, '}'> {};

struct none_literal : INLAY_KEY("None") {};
struct true_literal : INLAY_KEY("True") {};
struct false_literal : INLAY_KEY("False") {};
struct ellipsis : token<TAO_PEGTL_STRING("...")> {};
struct atom : sor<strings, refused<no_exec>, name, number, parentheses, list_display, dict_display, ellipsis,
                  none_literal, true_literal, false_literal, refused<no_yield, no_await>> {};

struct keyword_name : seq<identifier, equal_sign> {};
struct bound_value : seq<expression> {};
struct argument : sor<refused<no_keyword_splat>, starred, seq<keyword_name, must<bound_value>>,
                      seq<expression, opt<refused<no_generator>>>> {};
struct call_end : one<')'> {};
struct call : bracket_token<'(', more<argument>, ')', call_end> {};

struct slice_stop : seq<expression> {};
struct slice_step : seq<expression> {};
struct slice_tail : seq<colon, opt<slice_stop>, opt<colon, opt<slice_step>>> {};
struct slice : sor<slice_tail, seq<expression, opt<slice_tail>>> {};
struct index_item : sor<starred, slice> {};
struct index_list : seq<index_item, opt<tuple_comma, more<index_item>>> {};
struct subscript : bracket_token<'[', must<index_list>, ']'> {};

struct attribute : seq<sign<'.'>, must<identifier>> {};
struct primary : seq<atom, star<sor<call, subscript, attribute>>> {};

struct prefix_operator : token<one<'-', '+', '~'>> {};
struct operand : sor<seq<plus<prefix_operator>, must<primary>>, primary> {};
struct binary_operator : token<sor<TAO_PEGTL_STRING("**"), TAO_PEGTL_STRING("//"), TAO_PEGTL_STRING("<<"),
                                   TAO_PEGTL_STRING(">>"), one<'+', '-', '*', '/', '%', '@', '&', '|', '^'>>,
                               not_at<one<'='>>> {};
struct arithmetic : seq<operand, star<binary_operator, must<operand>>> {};
struct comparison_operator
    : token<sor<TAO_PEGTL_STRING("=="), TAO_PEGTL_STRING("!="), TAO_PEGTL_STRING("<="), TAO_PEGTL_STRING(">="),
                seq<one<'<'>, not_at<one<'<', '>'>>>, seq<one<'>'>, not_at<one<'>'>>>, INLAY_WORD("in"),
                seq<INLAY_WORD("not"), gap, INLAY_WORD("in")>, seq<INLAY_WORD("is"), opt<gap, INLAY_WORD("not")>>>> {};
struct comparison : seq<arithmetic, star<comparison_operator, must<arithmetic>>> {};
struct not_operator : INLAY_KEY("not") {};
struct inversion : sor<seq<plus<not_operator>, must<comparison>>, comparison> {};
struct conjunction : seq<inversion, star<key_and, must<inversion>>> {};
struct disjunction : seq<conjunction, star<key_or, must<conjunction>>> {};
struct expected_else : key_else {};
struct conditional : seq<disjunction, opt<key_if, must<disjunction, expected_else>, nested<expression>>> {};

struct default_value : seq<equal_sign, nested<bound_value>> {};
struct slash_parameter : sign<'/'> {};
struct lambda_star_parameter : seq<star_sign, opt<identifier>> {};
struct lambda_parameter : seq<identifier, opt<default_value>> {};
struct lambda_parameters
    : more<sor<refused<no_keyword_splat>, lambda_star_parameter, slash_parameter, lambda_parameter>> {};
struct expected_colon : colon {};
struct lambda_colon : colon {};
struct lambda : seq<INLAY_KEY("lambda"), lambda_parameters, must<lambda_colon>, nested<expression>> {};
struct expression : sor<lambda, conditional> {};
struct condition : seq<expression> {};

struct target : sor<starred, arithmetic> {};
struct target_list : seq<target, opt<tuple_comma, more<target>>> {};

// ---- simple statements ----

struct augmented_operator
    : token<sor<TAO_PEGTL_STRING("**="), TAO_PEGTL_STRING("//="), TAO_PEGTL_STRING("<<="), TAO_PEGTL_STRING(">>="),
                seq<one<'+', '-', '*', '/', '%', '@', '&', '|', '^'>, one<'='>>>> {};
struct annotation_value : seq<expression> {};
struct annotated : seq<colon, must<annotation_value>, opt<equal_sign, must<expression_list>>> {};
struct expression_statement
    : seq<opt<refused<no_print, no_exec_statement, no_match, no_case>>, expression_list,
          sor<seq<augmented_operator, must<expression_list>>, annotated, star<equal_sign, must<expression_list>>>> {};

struct pass_statement : INLAY_KEY("pass") {};
struct break_statement : INLAY_KEY("break") {};
struct continue_statement : INLAY_KEY("continue") {};
struct return_statement : seq<INLAY_KEY("return"), opt<expression_list>> {};
struct assert_statement : seq<INLAY_KEY("assert"), must<condition>, opt<comma, must<expression>>> {};
struct error_kind : seq<dotted_name> {};
struct raise_end : one<')'> {};
struct raise_statement
    : seq<INLAY_KEY("raise"), must<error_kind>, opt<bracket_token<'(', opt<expression, opt<comma>>, ')', raise_end>>,
          opt<refused<no_raise_from>>> {};
struct del_statement : seq<INLAY_KEY("del"), must<target_list>> {};

struct alias : opt<key_as, must<identifier>> {};
struct import_name : seq<dotted_name, alias> {};
struct import_statement : seq<key_import, must<import_name>, star<comma, must<import_name>>> {};
struct from_star : star_sign {};
struct from_item : seq<identifier, alias> {};
struct from_end : one<')'> {};
struct from_items : sor<from_star, bracket_token<'(', seq<must<from_item>, opt<comma, more<from_item>>>, ')', from_end>,
                        seq<from_item, star<comma, must<from_item>>>> {};
struct from_statement
    : seq<INLAY_KEY("from"), opt<refused<no_relative_import>>, must<dotted_name, key_import, from_items>> {};

struct simple_statement
    : sor<pass_statement, break_statement, continue_statement, return_statement, assert_statement, raise_statement,
          del_statement, import_statement, from_statement,
          refused<no_async, no_class, no_except, no_global, no_nonlocal, no_try, no_with, no_decorator>,
          expression_statement> {};
struct end_of_statement : line_end {};
struct next_statement : sor<simple_statement, at<sor<one<'#'>, eol, eof>>> {};
struct simple_line : seq<context::note_offset<&Layout::note_statement>, simple_statement,
                         star<sign<';'>, must<next_statement>>, must<end_of_statement>> {};

// ---- blocks and the statements that hold them ----

struct unexpected_indent : context::indentation<Indentation::deeper> {};
struct unmatched_indent : context::indentation<Indentation::unmatched> {};
struct inconsistent_indent : context::indentation<Indentation::inconsistent> {};
struct line_start : sor<refused<unexpected_indent, unmatched_indent, inconsistent_indent>,
                        seq<context::indentation<Indentation::same>, star<blank>, gap>> {};

struct statement;
struct statement_line : seq<line_start, must<statement>> {};
struct too_many_blocks : context::enter {};
struct indented_block
    : seq<sor<context::indentation<Indentation::deeper>, refused<inconsistent_indent>>, must<too_many_blocks>,
          context::note_offset<&Layout::open_block>, star<blank>, gap, must<statement>, star<statement_line>,
          context::note<&Layout::close_block>, context::leave> {};
struct block : sor<seq<line_end, must<indented_block>>, simple_line> {};
struct suite : must<expected_colon, block> {};

template <typename Word>
struct header : seq<context::spanned<&Layout::note_header, context::spanned<&Layout::note_token, word<Word>>>, gap> {};
#define INLAY_HEADER(text) header<TAO_PEGTL_STRING(text)>

struct else_clause : seq<line_start, INLAY_HEADER("else"), suite> {};
struct elif_arm : seq<line_start, INLAY_HEADER("elif"), must<condition>, suite> {};
struct if_statement : seq<INLAY_HEADER("if"), must<condition>, suite, star<elif_arm>, opt<else_clause>> {};
struct while_statement : seq<INLAY_HEADER("while"), must<condition>, suite, opt<else_clause>> {};
struct for_statement : seq<INLAY_HEADER("for"), must<target_list, key_in, expression_list>, suite, opt<else_clause>> {};

struct annotation : seq<colon, must<expression>> {};
struct parameter : seq<identifier, opt<annotation>, opt<default_value>> {};
struct star_parameter : seq<star_sign, opt<identifier, opt<annotation>>> {};
struct parameters_end : one<')'> {};
struct parameters : bracket_token<'(', more<sor<refused<no_keyword_splat>, star_parameter, slash_parameter, parameter>>,
                                  ')', parameters_end> {};
struct arrow : token<TAO_PEGTL_STRING("->")> {};
struct returns : seq<arrow, must<expression>> {};
struct function_definition : seq<INLAY_HEADER("def"), must<identifier, parameters>, opt<returns>, suite> {};

struct statement : sor<if_statement, while_statement, for_statement, function_definition, simple_line> {};
struct module : seq<opt<utf8::bom>, blank_lines, star<statement_line>, must<eof>> {};

#undef INLAY_WORD
#undef INLAY_KEY
#undef INLAY_HEADER

}  // namespace rules
}  // namespace inlay::grammar

namespace tao::pegtl {

// For analyze(): what looks at or tells the Layout consumes nothing.
template <typename Name>
struct analyze_traits<Name, inlay::grammar::context::in_brackets> : analyze_opt_traits<> {};
template <typename Name, inlay::grammar::Indentation How>
struct analyze_traits<Name, inlay::grammar::context::indentation<How>> : analyze_opt_traits<> {};
template <typename Name, auto Member>
struct analyze_traits<Name, inlay::grammar::context::note_offset<Member>> : analyze_opt_traits<> {};
template <typename Name, auto Member>
struct analyze_traits<Name, inlay::grammar::context::note<Member>> : analyze_opt_traits<> {};
template <typename Name>
struct analyze_traits<Name, inlay::grammar::context::enter> : analyze_opt_traits<> {};

}  // namespace tao::pegtl
