// operators.h - the table of operators: spelling, meaning, precedence.
// Invariant: every spelling that the rules `binary_operator`, `prefix_operator` and `comparison_operator` match has its
// row.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "grammar/ast.h"

namespace inlay::grammar {

struct BinaryRow {
  std::string_view spelling;
  ast::BinaryOp op;
  int precedence;  // a higher one binds tighter
};

/// Python's precedences. Prefix operators lie between `*` and `**`; `**` alone groups to the right.
inline constexpr std::array<BinaryRow, 13> kBinaryOperators = {{{"|", ast::BinaryOp::bitwise_or, 1},
                                                                {"^", ast::BinaryOp::bitwise_xor, 2},
                                                                {"&", ast::BinaryOp::bitwise_and, 3},
                                                                {"<<", ast::BinaryOp::left_shift, 4},
                                                                {">>", ast::BinaryOp::right_shift, 4},
                                                                {"+", ast::BinaryOp::add, 5},
                                                                {"-", ast::BinaryOp::subtract, 5},
                                                                {"*", ast::BinaryOp::multiply, 6},
                                                                {"/", ast::BinaryOp::divide, 6},
                                                                {"//", ast::BinaryOp::floor_divide, 6},
                                                                {"%", ast::BinaryOp::remainder, 6},
                                                                {"@", ast::BinaryOp::matmul, 6},
                                                                {"**", ast::BinaryOp::power, 8}}};
inline constexpr int kPrefixPrecedence = 7;

struct UnaryRow {
  std::string_view spelling;
  ast::UnaryOp op;
};
inline constexpr std::array<UnaryRow, 4> kUnaryOperators = {{{"-", ast::UnaryOp::negative},
                                                             {"+", ast::UnaryOp::positive},
                                                             {"~", ast::UnaryOp::invert},
                                                             {"not", ast::UnaryOp::logical_not}}};

struct CompareRow {
  std::string_view spelling;
  ast::CompareOp op;
};
inline constexpr std::array<CompareRow, 10> kCompareOperators = {{{"==", ast::CompareOp::equal},
                                                                  {"!=", ast::CompareOp::not_equal},
                                                                  {"<", ast::CompareOp::less},
                                                                  {"<=", ast::CompareOp::less_equal},
                                                                  {">", ast::CompareOp::greater},
                                                                  {">=", ast::CompareOp::greater_equal},
                                                                  {"in", ast::CompareOp::in},
                                                                  {"not in", ast::CompareOp::not_in},
                                                                  {"is", ast::CompareOp::is},
                                                                  {"is not", ast::CompareOp::is_not}}};

/// The row with this spelling, which must exist.
template <typename Table>
constexpr const auto& row_of(const Table& table, std::string_view spelling) {
  return *std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.spelling == spelling; });
}
constexpr const BinaryRow& binary_operator(std::string_view spelling) { return row_of(kBinaryOperators, spelling); }

}  // namespace inlay::grammar
