// grammar_test.cpp - the grammar as tables: source -> tree; then texts that are long, deep or broken.
// Knows only parse.h, print_ast.h and, for analyze(), rules.h. The errors are in syntax_errors_test.cpp.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <random>
#include <string>
#include <tao/pegtl/contrib/analyze.hpp>
#include <vector>

#include "grammar/parse.h"
#include "grammar/print_ast.h"
#include "grammar/rules.h"
#include "tests/unit/grammar_rows.h"

namespace {

using inlay::Span;
using namespace grammar_test;

std::string nested(std::string_view open, std::string_view close, std::size_t levels) {
  return repeat(open, levels) + "1" + repeat(close, levels);
}

/// `levels` blocks in each other.
std::string nested_blocks(std::size_t levels) {
  std::string out;
  for (std::size_t level = 0; level < levels; ++level) out += std::string(level, ' ') + "if x:\n";
  return out + std::string(levels, ' ') + "y\n";
}

/// The one expression of a text, with its source.
struct Parsed {
  explicit Parsed(std::string text) : module(parse(source(std::move(text)))) {}
  [[nodiscard]] const ast::Expr& expr() const { return *std::get<ast::ExprStmt>(module.body.at(0)->node).value; }
  template <typename Node>
  [[nodiscard]] const Node& as() const {
    return std::get<Node>(expr().node);
  }
  [[nodiscard]] std::string_view text(Span span) const { return module.source->text(span); }
  ast::Module module;
};

}  // namespace

TEST_CASE("the rules have no left recursion and no empty loops") {
  CHECK(tao::pegtl::analyze<inlay::grammar::rules::module>() == 0);
}

TEST_CASE("literals") {
  check({
      {"None", "(expr (none))"},
      {"True", "(expr (true))"},
      {"False", "(expr (false))"},
      {"...", "(expr (ellipsis))"},
      {"0", "(expr (int 0))"},
      {"000", "(expr (int 0))"},
      {"1_000", "(expr (int 1000))"},
      {"0XfF_0A", "(expr (int 0xff0a))"},
      {"0o17", "(expr (int 0o17))"},
      {"0B1_0", "(expr (int 0b10))"},
      {"123456789012345678901234567890", "(expr (int 123456789012345678901234567890))"},
      {"1.5", "(expr (float 1.5))"},
      {"1.", "(expr (float 1))"},
      {".5e-1", "(expr (float 0.05))"},
      {"1E3", "(expr (float 1000))"},
      {"1_0.0_1", "(expr (float 10.01))"},
      {"1e999", "(expr (float inf))"},
      {"0e999", "(expr (float 0))"},
      {"0.0000000001e-400", "(expr (float 0))"},
      {"2j", "(expr (complex 2j))"},
      {"1.5e1J", "(expr (complex 15j))"},
      {"07j", "(expr (complex 7j))"},
      {"1if x else 2", "(expr (conditional (name x) (int 1) (int 2)))"},
  });
}

TEST_CASE("names") {
  check({
      {"_x1", "(expr (name _x1))"},
      {"größe", "(expr (name größe))"},
      {"α + 数", "(expr (binary + (name α) (name 数)))"},
      {"nothing", "(expr (name nothing))"},
      {"orange", "(expr (name orange))"},
      {"island", "(expr (name island))"},
      {"asynchronous", "(expr (name asynchronous))"},
      {"match", "(expr (name match))"},
      {"match = print", "(assign (name match) (name print))"},
      {"match (x)", "(expr (call (name match) (name x)))"},
      {"print in x", "(expr (compare (name print) in (name x)))"},
      {"x.exec", "(expr (attribute (name x) exec))"},
  });
}

TEST_CASE("strings") {
  check({
      {"'a'", R"((expr (string "a")))"},
      {R"("a'b")", R"((expr (string "a'b")))"},
      {R"('')", R"((expr (string "")))"},
      {R"('a' "b" '''c''')", R"((expr (string "abc")))"},
      {"('a'\n 'b')", R"((expr (string "ab")))"},
      {"'''a\nb'''", R"((expr (string "a\nb")))"},
      {"'''a\r\nb'''", R"((expr (string "a\nb")))"},
      {"'''a''b'c'''", R"((expr (string "a''b'c")))"},
      {R"("""a\"""b""")", R"((expr (string "a\"\"\"b")))"},
      {"'a\\\nb'", R"((expr (string "ab")))"},
      {R"('\n\t\\\'\x41\u00e4\U0001F600\101\0')", R"((expr (string "\n\x09\\'Aä😀A\x00")))"},
      {R"('\d')", R"((expr (string "\\d")))"},
      {R"('\18\1x\q\X\u20ac')", R"((expr (string "\x018\x01x\\q\\X€")))"},
      {R"('\x4:')", "truncated \\xXX escape [1, 4)"},
      {R"('\x4[')", "truncated \\xXX escape [1, 4)"},
      {R"('\x4g')", "truncated \\xXX escape [1, 4)"},
      {R"('\u12')", "truncated \\uXXXX escape [1, 5)"},
      {R"(r'\n\'')", R"((expr (string "\\n\\'")))"},
      {R"(R"\x")", R"((expr (string "\\x")))"},
      {"'größe'", R"((expr (string "größe")))"},
  });
}

TEST_CASE("f-strings") {
  check({
      {"f''", "(expr (fstring))"},
      {"f'a'", R"((expr (fstring "a")))"},
      {"f'{x}'", "(expr (fstring (field (name x))))"},
      {"F\"a{x}b{ y }c\"", R"((expr (fstring "a" (field (name x)) "b" (field (name y)) "c")))"},
      {"f'{{{x}}}'", R"((expr (fstring "{" (field (name x)) "}")))"},
      {"f'{x!r}'", "(expr (fstring (field (name x) !r)))"},
      {"f'{x!r:>8}'", R"((expr (fstring (field (name x) !r (spec (string ">8"))))))"},
      {"f'{x:{w}.{p}f}'",
       R"((expr (fstring (field (name x) (spec (fstring (field (name w))) (string ".") (fstring (field (name p))) (string "f"))))))"},
      {"f'{x=}'", R"((expr (fstring (field "x=" (name x) !r))))"},
      {"f'{ x + 1 = }'", R"((expr (fstring (field " x + 1 = " (binary + (name x) (int 1)) !r))))"},
      {"f'{x = !s}'", R"((expr (fstring (field "x = " (name x) !s))))"},
      {"f'{x=:.2f}'", R"((expr (fstring (field "x=" (name x) (spec (string ".2f"))))))"},
      {"f'{x==y}'", "(expr (fstring (field (compare (name x) == (name y)))))"},
      {"f'{x!=y}'", "(expr (fstring (field (compare (name x) != (name y)))))"},
      {"f'{x:=10}'", R"((expr (fstring (field (name x) (spec (string "=10"))))))"},
      {"f'{a, b}'", "(expr (fstring (field (tuple (name a) (name b)))))"},
      {"f'{x[1:2]}'", "(expr (fstring (field (subscript (name x) (slice (int 1) (int 2) _)))))"},
      {"f'{ {1: 2}[1] }'", "(expr (fstring (field (subscript (dict (item (int 1) (int 2))) (int 1)))))"},
      {"f'{d[\"k\"]}'", R"((expr (fstring (field (subscript (name d) (string "k"))))))"},
      {"f'{d['k']}'", R"((expr (fstring (field (subscript (name d) (string "k"))))))"},
      {"f'{f\"{x}\"}'", "(expr (fstring (field (fstring (field (name x))))))"},
      {"f'''a\n{x\n}'''", R"((expr (fstring "a\n" (field (name x)))))"},
      {"'a' f'{x}' r'\\n'", R"((expr (fstring "a" (field (name x)) "\\n")))"},
      {"rf'\\n{x}'", R"((expr (fstring "\\n" (field (name x)))))"},
      {"fR'\\{x}'", R"((expr (fstring "\\" (field (name x)))))"},
      {"f'\\x41\\{x}'", R"((expr (fstring "A\\" (field (name x)))))"},
      {"f'\\}}'", R"((expr (fstring "\\}")))"},
      {"f'\\x7b\\x7d{{x}}\\{{'", R"((expr (fstring "{}{x}\\{")))"},
      {"'''a\\\r\nb\r\n'''", R"((expr (string "ab\n")))"},
      {"f'{(lambda: 1)}'", "(expr (fstring (field (lambda () (int 1)))))"},
  });
}

TEST_CASE("operators bind as in Python") {
  check({
      {"a + b * c", "(expr (binary + (name a) (binary * (name b) (name c))))"},
      {"a - b - c", "(expr (binary - (binary - (name a) (name b)) (name c)))"},
      {"a ** b ** c", "(expr (binary ** (name a) (binary ** (name b) (name c))))"},
      {"-a ** -b", "(expr (unary - (binary ** (name a) (unary - (name b)))))"},
      {"a ** -b ** c * d", "(expr (binary * (binary ** (name a) (unary - (binary ** (name b) (name c)))) (name d)))"},
      {"-a * b", "(expr (binary * (unary - (name a)) (name b)))"},
      {"- + ~a", "(expr (unary - (unary + (unary ~ (name a)))))"},
      {"a | b ^ c & d << e + f @ g",
       "(expr (binary | (name a) (binary ^ (name b) (binary & (name c) (binary << (name d) (binary + (name e) (binary "
       "@ (name f) (name g))))))))"},
      {"a // b % c", "(expr (binary % (binary // (name a) (name b)) (name c)))"},
      {"a < b <= c", "(expr (compare (name a) < (name b) <= (name c)))"},
      {"(a < b) < c", "(expr (compare (compare (name a) < (name b)) < (name c)))"},
      {"a not in b", "(expr (compare (name a) not_in (name b)))"},
      {"a not  \\\n in b", "(expr (compare (name a) not_in (name b)))"},
      {"a is not b", "(expr (compare (name a) is_not (name b)))"},
      {"a is (not b)", "(expr (compare (name a) is (unary not (name b))))"},
      {"a == b != c > d >= e", "(expr (compare (name a) == (name b) != (name c) > (name d) >= (name e)))"},
      {"not a == b", "(expr (unary not (compare (name a) == (name b))))"},
      {"not not a and b or c", "(expr (or (and (unary not (unary not (name a))) (name b)) (name c)))"},
      {"a or b or c", "(expr (or (name a) (name b) (name c)))"},
      {"a if b else c if d else e", "(expr (conditional (name b) (name a) (conditional (name d) (name c) (name e))))"},
      {"lambda: x", "(expr (lambda () (name x)))"},
      {"lambda a, b=1, *c, d: a",
       "(expr (lambda ((parameter a) (parameter b (default (int 1))) (star_args c) (keyword_only d)) (name a)))"},
      {"lambda x: x if x else lambda: 0",
       "(expr (lambda ((parameter x)) (conditional (name x) (name x) (lambda () (int 0)))))"},
      {"-x.y[0](1)", "(expr (unary - (call (subscript (attribute (name x) y) (int 0)) (int 1))))"},
  });
}

TEST_CASE("displays, calls and subscripts") {
  check({
      {"()", "(expr (tuple))"},
      {"(a)", "(expr (name a))"},
      {"(a,)", "(expr (tuple (name a)))"},
      {"a,", "(expr (tuple (name a)))"},
      {"a, *b,", "(expr (tuple (name a) (starred (name b))))"},
      {"[]", "(expr (list))"},
      {"[a, *b, 1,]", "(expr (list (name a) (starred (name b)) (int 1)))"},
      {"{}", "(expr (dict))"},
      {"{1: a, 'b': 2,}", R"((expr (dict (item (int 1) (name a)) (item (string "b") (int 2)))))"},
      {"[x for x in y]", "(expr (list_comprehension (name x) (for (name x) (name y))))"},
      {"[x for a, *b in y if a if b for x in a]",
       "(expr (list_comprehension (name x) (for (tuple (name a) (starred (name b))) (name y) (name a) (name b)) (for "
       "(name x) (name a))))"},
      {"[a if b else c for d in e or f]",
       "(expr (list_comprehension (conditional (name b) (name a) (name c)) (for (name d) (or (name e) (name f)))))"},
      {"{k: v for k, v in d}",
       "(expr (dict_comprehension (name k) (name v) (for (tuple (name k) (name v)) (name d))))"},
      {"f()", "(expr (call (name f)))"},
      {"f(a, *b, c=d, *e,)",
       "(expr (call (name f) (name a) (starred (name b)) (keyword c (name d)) (starred (name e))))"},
      {"f(a == b)", "(expr (call (name f) (compare (name a) == (name b))))"},
      {"x[0]", "(expr (subscript (name x) (int 0)))"},
      {"x[:]", "(expr (subscript (name x) (slice _ _ _)))"},
      {"x[::]", "(expr (subscript (name x) (slice _ _ _)))"},
      {"x[::-1]", "(expr (subscript (name x) (slice _ _ (unary - (int 1)))))"},
      {"x[a:b:c, ..., None, 1:]",
       "(expr (subscript (name x) (tuple (slice (name a) (name b) (name c)) (ellipsis) (none) (slice (int 1) _ _))))"},
      {"x[a,]", "(expr (subscript (name x) (tuple (name a))))"},
      {"x[(a, b)]", "(expr (subscript (name x) (tuple (name a) (name b))))"},
      {"x[lambda: 1:2]", "(expr (subscript (name x) (slice (lambda () (int 1)) (int 2) _)))"},
      {"x[y[z[0]]]", "(expr (subscript (name x) (subscript (name y) (subscript (name z) (int 0)))))"},
  });
}

TEST_CASE("simple statements") {
  check({
      {"", ""},
      {"\xEF\xBB\xBFx", "(expr (name x))"},
      {"x = y = 1, 2", "(assign (name x) (name y) (tuple (int 1) (int 2)))"},
      {"a, (b, *c) = d", "(assign (tuple (name a) (tuple (name b) (starred (name c)))) (name d))"},
      {"[a, b] = c", "(assign (list (name a) (name b)) (name c))"},
      {"x[1:].T[0] = v",
       "(assign (subscript (attribute (subscript (name x) (slice (int 1) _ _)) T) (int 0)) (name v))"},
      {"x: int", "(ann_assign (name x) (name int))"},
      {"x: float32[n, 3] = y", "(ann_assign (name x) (subscript (name float32) (tuple (name n) (int 3))) (name y))"},
      {"x += 1", "(aug_assign + (name x) (int 1))"},
      {"x[0] **= 1, 2", "(aug_assign ** (subscript (name x) (int 0)) (tuple (int 1) (int 2)))"},
      {"x @= y", "(aug_assign @ (name x) (name y))"},
      {"x //= y", "(aug_assign // (name x) (name y))"},
      {"x >>= y", "(aug_assign >> (name x) (name y))"},
      {"x <<= y", "(aug_assign << (name x) (name y))"},
      {"pass; break; continue;", "(pass)\n(break)\n(continue)"},
      {"return", "(return)"},
      {"return a, b", "(return (tuple (name a) (name b)))"},
      {"assert a, 'm'", R"((assert (name a) (string "m")))"},
      {"raise ValueError", "(raise ValueError)"},
      {"raise ValueError()", "(raise ValueError)"},
      {"raise ValueError(f'{x}')", "(raise ValueError (fstring (field (name x))))"},
      {"raise linalg.LinAlgError('m')", R"((raise LinAlgError (string "m")))"},
      {"del a, b[0]", "(delete (name a) (subscript (name b) (int 0)))"},
      {"del (a, b)", "(delete (tuple (name a) (name b)))"},
      {"import numpy as np, a . b", "(import (as numpy np) a.b)"},
      {"from a.b import c as d, e", "(from_import a.b (as c d) e)"},
      {"from a import (b,\n c,)", "(from_import a b c)"},
      {"from a import *", "(from_import a *)"},
  });
}

TEST_CASE("lines and blocks") {
  check({
      {"a\n  ", "(expr (name a))"},
      {"if a:\n  b\n\fc", "(if (name a))\n  (expr (name b))\n(expr (name c))"},
      {"a;b\nc", "(expr (name a))\n(expr (name b))\n(expr (name c))"},
      {"a\r\nb\r\n", "(expr (name a))\n(expr (name b))"},
      {"# comment\n\n  # other\na # more", "(expr (name a))"},
      {"(a, # one\n\n b)", "(expr (tuple (name a) (name b)))"},
      {"a + \\\n  b", "(expr (binary + (name a) (name b)))"},
      {"if a: b; c", "(if (name a))\n  (expr (name b))\n  (expr (name c))"},
      {"if a:\n\tb\n\n# x\n\tc\nd", "(if (name a))\n  (expr (name b))\n  (expr (name c))\n(expr (name d))"},
      {"if a:\n b\nelif c: d\nelif e:\n f\nelse:\n g",
       "(if (name a))\n  (expr (name b))\n(elif (name c))\n  (expr (name d))\n(elif (name e))\n  (expr (name "
       "f))\n(else)\n  (expr (name g))"},
      {"if a:\n  if b:\n    c\n  else:\n    d\nelse: e",
       "(if (name a))\n  (if (name b))\n    (expr (name c))\n  (else)\n    (expr (name d))\n(else)\n  (expr (name e))"},
      {"for i, j in a, b:\n break\nelse:\n pass",
       "(for (tuple (name i) (name j)) (tuple (name a) (name b)))\n  (break)\n(else)\n  (pass)"},
      {"while not a: continue", "(while (unary not (name a)))\n  (continue)"},
      {"def f(): pass", "(def f ())\n  (pass)"},
      {"def f(a, /, b: int = 1, *, c=2, d) -> float32[...]:\n  return a",
       "(def f ((positional_only a) (parameter b (annotation (name int)) (default (int 1))) (keyword_only c (default "
       "(int 2))) "
       "(keyword_only d)) (subscript (name float32) (ellipsis)))\n  (return (name a))"},
      {"def f(x: float32[n, 3], *rest: any[..., 3],): pass",
       "(def f ((parameter x (annotation (subscript (name float32) (tuple (name n) (int 3))))) (star_args rest "
       "(annotation "
       "(subscript (name any) (tuple (ellipsis) (int 3)))))))\n  (pass)"},
      {"if a:\n        b\nif c:\n\td", "(if (name a))\n  (expr (name b))\n(if (name c))\n  (expr (name d))"},
  });
}

TEST_CASE("bytes that are no text") {
  check({
      {"x = '\xFF'", "the source is not UTF-8 [5, 6)"},
      {"\xC0\x80", "the source is not UTF-8 [0, 1)"},
      {"\xED\xA0\x80", "the source is not UTF-8 [0, 1)"},
      {"\xE2\x82", "the source is not UTF-8 [0, 1)"},
      {"\xF4\x90\x80\x80", "the source is not UTF-8 [0, 1)"},
      {std::string("x\0y", 3), "source code cannot contain null bytes [1, 2)"},
      {"a\rb", "a carriage return without a line feed [1, 2)"},
  });
}

TEST_CASE("spans are exact") {
  const Parsed sum("(a + b ) * f(x)[1 :2] # c\n");
  const auto& product = sum.as<ast::Binary>();
  CHECK(sum.text(sum.expr().span) == "(a + b ) * f(x)[1 :2]");
  CHECK(sum.text(product.op_span) == "*");
  CHECK(sum.text(product.left->span) == "(a + b )");
  CHECK(product.left->parenthesized);
  CHECK_FALSE(product.right->parenthesized);
  const auto& subscript = std::get<ast::Subscript>(product.right->node);
  CHECK(sum.text(subscript.object->span) == "f(x)");
  CHECK(sum.text(subscript.index->span) == "1 :2");
  CHECK(sum.expr().depth == 4);

  const Parsed call("f(a , key = g.h)");
  const auto& arguments = call.as<ast::Call>().arguments;
  CHECK(call.text(arguments[0].value->span) == "a");
  CHECK(call.text(arguments[1].keyword_span) == "key");
  CHECK(call.text(std::get<ast::Attribute>(arguments[1].value->node).name_span) == "h");

  const Parsed unary("not - x ** 2");
  CHECK(unary.text(unary.expr().span) == "not - x ** 2");
  CHECK(unary.text(unary.as<ast::Unary>().operand->span) == "- x ** 2");

  const ast::Module block = parse(source("if a:\n  b\n\n# c\nd"));
  CHECK(block.source->text(block.body[0]->span) == "if a:\n  b");
  CHECK(block.source->text(block.body[1]->span) == "d");
}

TEST_CASE("a docstring belongs to its function") {
  const ast::Module module = parse(source("def f():\n  'doc' \"s\"\n  return 1\ndef g(): return 'x'"));
  CHECK(std::get<ast::FunctionDef>(module.body[0]->node).doc == "docs");
  CHECK(std::get<ast::FunctionDef>(module.body[0]->node).body.size() == 2);
  CHECK(std::get<ast::FunctionDef>(module.body[1]->node).doc.empty());
}

TEST_CASE("places in a source") {
  const Source text("t", "aä\r\nb😀c\n\n");
  const auto place = [&](std::uint32_t offset) {
    const inlay::Position position = text.position(offset);
    return fmt::format("{}:{}", position.line, position.column);
  };
  CHECK(place(0) == "1:1");
  CHECK(place(3) == "1:3");
  CHECK(place(5) == "2:1");
  CHECK(place(10) == "2:3");
  CHECK(place(12) == "3:1");
  CHECK(place(13) == "4:1");
  CHECK(place(999) == "4:1");
  CHECK(text.line(1) == "aä");
  CHECK(text.line(2) == "b😀c");
  CHECK(text.line(3) == "");
  CHECK(text.line(9) == "");
}

TEST_CASE("when a prompt asks for more") {
  for (const std::string text :
       {"", "\n", "# c", "x = 1", "x = 1\n", "if x: y\n\n", "if x:\n  y\n\n", "if x:\n  y\n  \n", "x = )", "x = 'a",
        "if x", "(1 2)\n", "def f(): pass\nx", "if x:\ny"}) {
    CAPTURE(text);
    CHECK(inlay::is_complete(text));
  }
  for (const std::string text : {"(", "f(1,\n", "x = [1,\n2", "'''a", "x = \"\"\"\n", "if x:", "if x:\n",
                                 "if x: # c\n\n", "if x:\n  y", "if x:\n  y\n", "if x: y\n", "def f():\n  x\n\n  y\n",
                                 "x = 1 + \\\n", "x = 1 \\\n", "x \\", "if x:\n  y\nelse:\n", "f'''{x}", "f'''{x"}) {
    CAPTURE(text);
    CHECK_FALSE(inlay::is_complete(text));
  }
}

TEST_CASE("nesting up to the limit is read, beyond it refused") {
  constexpr std::size_t kLimit = inlay::grammar::kMaxNesting;
  const std::vector<std::pair<std::string, std::string>> brackets = {
      {"(", ")"},           {"[", "]"},          {"x[", "]"},           {"f(a, b=", ")"},
      {"{1:", "}"},         {"f'{", "}'"},       {"[x for x in ", "]"}, {"lambda: ", ""},
      {"lambda a=", ": 1"}, {"a if b else ", ""}};
  for (const auto& [open, close] : brackets) {
    CAPTURE(open);
    CHECK(tree(nested(open, close, kLimit))[0] == '(');
    CHECK(tree(nested(open, close, kLimit + 1)).starts_with("too many nested"));
    CHECK(tree(nested(open, close, 100'000)).starts_with("too many nested"));
    CHECK(tree(repeat(open, 100'000)).starts_with("too many nested"));
  }
  CHECK(tree(nested_blocks(kLimit))[0] == '(');
  CHECK(tree(nested_blocks(kLimit + 1)).starts_with("too many levels of indentation"));
}

TEST_CASE("trees up to the depth limit are built, beyond it refused") {
  for (const char* link : {"1+", "-", "not ", "2**"}) {
    CAPTURE(link);
    CHECK(tree(repeat(link, ast::kMaxDepth - 2) + "1")[0] == '(');
    CHECK(tree(repeat(link, ast::kMaxDepth) + "1").starts_with("too many nested expressions"));
    CHECK(tree(repeat(link, 100'000) + "1").starts_with("too many nested expressions"));
  }
  for (const char* tail : {".a", "()", "[0]"}) {
    CAPTURE(tail);
    CHECK(tree("x" + repeat(tail, ast::kMaxDepth - 2))[0] == '(');
    CHECK(tree("x" + repeat(tail, 100'000)).starts_with("too many nested expressions"));
  }
}

TEST_CASE("long texts are read") {
  const std::vector<std::string> texts = {std::string(10 << 20, 'a'),      std::string(5'000, '9'),
                                          "0x" + std::string(5'000, 'f'),  "1" + std::string(1 << 20, ' '),
                                          "#" + std::string(1 << 20, '#'), "x = [" + repeat("1, ", 20'000) + "]",
                                          repeat("a<", 20'000) + "1",      repeat("a and ", 20'000) + "b",
                                          repeat("a = ", 20'000) + "b",    "if a: b\n" + repeat("elif a: b\n", 20'000),
                                          repeat("'a' ", 20'000),          repeat("x;", 20'000)};
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 20));
    CHECK(tree(text)[0] == (text[0] == '#' ? '\0' : '('));
  }
}

TEST_CASE("broken programs give an error or a tree, and the error lies in the text") {
  const std::string program =
      "import numpy as np\ndef f(x: float32[n, 3], *a, k=1) -> any[...]:\n  'doc'\n  if not x[1:, ..., None] is None "
      "and a < b <= 2:\n"
      "    return f'{x!r:>{w}} {{y}} {z=}' 'a\\x41' r\"\\n\"\n  elif x: pass\n  else:\n\tx = y\n  for i, *j in [k for "
      "k in {1: 2, 'b': 3j} if k]: x[i] **= -1e5\n"
      "  while (a,\n    b): break\n  return lambda q, /, *r: q if r else 0x1f\nx: int = 3 # c\n'''long\n'''; del x, "
      "y[0]\nraise ValueError(f\"{f'{x}'}\")\n";
  const std::string pieces = "()[]{}'\"\\\n\t :=,.*#fr0x1eab!@<>%\xC3\xA4;?$&|+-";
  std::mt19937 random(20240229);
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  int trees = 0;
  int errors = 0;
  const auto attempt = [&](const std::string& text) {
    try {
      trees += ast::print(parse(source(text))).empty() ? 0 : 1;
    } catch (const SyntaxError& error) {
      ++errors;
      CAPTURE(text);
      CHECK(error.span.begin <= error.span.end);
      CHECK(error.span.end <= text.size());
      CHECK(error.what() != std::string("invalid syntax"));
    }
    static_cast<void>(inlay::is_complete(text));
  };
  for (std::size_t length = 0; length <= program.size(); ++length) attempt(program.substr(0, length));
  for (int round = 0; round < 3'000; ++round) {
    std::string text = program;
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, 1 + below(8));
          break;
        case 1:
          text.insert(at, 1, pieces[below(pieces.size())]);
          break;
        case 2:
          text[at] = pieces[below(pieces.size())];
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(20)));
          break;
      }
      if (text.empty()) text = "x";
    }
    attempt(text);
  }
  CHECK(trees > 20);
  CHECK(errors > 1'000);
}
