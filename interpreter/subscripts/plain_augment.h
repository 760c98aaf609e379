// plain_augment.h - `op=` at the commonest subscripts without index plans: x[i], d[k], x[i, j], x[a:b], x[m],
// x[indices]. Knows nothing of instructions. Where a subscript or a value asks for more, or for an error, these
// functions say so by their result and have done nothing: index_plan.h has all the rules and messages. Invariant: what
// is done is what path_update does, in a tensor nobody else holds.
#pragma once

#include <span>

#include "grammar/ast.h"
#include "interpreter/subscripts/plain_parts.h"
#include "runtime/elementwise/elementwise.h"

namespace inlay {

/// target[index] op= value: numbers that are elements of a list or entries of a dict, an element of a vector, a row of
/// a tensor, and the few elements that a mask or a list of indices chooses. `plan` is the call site's.
bool augment_plain_item(ast::BinaryOp op, Value& target, const Value& index, const Value& value, ElementwisePlan& plan);
/// x[i, j, …] op= number.
bool augment_plain_element(ast::BinaryOp op, Value& target, std::span<const Value* const> indices, const Value& value,
                           ElementwisePlan& plan);
/// x[a:b, i, ::2] op= value of few elements: a number, or elements of x's dtype of the part's shape or of its last
/// axes.
bool augment_plain_parts(ast::BinaryOp op, Value& target, std::span<const PlainItem> items, const Value& value,
                         ElementwisePlan& plan);

}  // namespace inlay
