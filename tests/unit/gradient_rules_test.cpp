// gradient_rules_test.cpp - every op of the table has a gradient, or stands here with its reason to have none.
#include "interpreter/gradients/gradient_rules.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "interpreter/machine/evaluator.h"

using namespace inlay;

namespace {

// clang-format off
/// Rows without a rule. Names are those of all modules: `prod` of math has a rule under the name of its own parameter.
const std::map<std::string, std::vector<std::string_view>> kWithoutGradient = {
    {"gives no floats", {"len", "repr", "ascii", "format", "type", "isinstance", "callable", "hash", "chr", "ord",
                         "bin", "oct", "hex", "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
                         "logical_and", "logical_or", "logical_xor", "logical_not", "isnan", "isinf", "isfinite",
                         "isclose", "signbit", "bitwise_count", "can_cast", "finfo", "iinfo", "issubdtype",
                         "promote_types", "result_type", "broadcast_shapes", "ndim", "shape", "size", "all", "any",
                         "argmax", "argmin", "count_nonzero", "argwhere", "flatnonzero", "nonzero", "ravel_multi_index",
                         "unravel_index", "argpartition", "argsort", "lexsort", "searchsorted", "_indexer",
                         "_cycles", "_last_named", "_normalize_axes", "_repeats", "array2string", "array_repr",
                         "array_str", "base_repr",
                         "binary_repr", "format_float_positional", "format_float_scientific", "get_printoptions"}},
    {"takes no floats", {"bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift", "gcd", "lcm",
                         "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_right_shift", "empty", "eye",
                         "identity", "ones", "tri", "zeros", "factorial", "comb", "perm", "isqrt"}},
    {"hands on what it is given", {"enumerate", "progress", "zip", "map", "filter", "sorted", "reversed", "_named",
                                   "_gradient", "_map_structure", "grad", "hessian", "jacobian", "stop_gradient", "value_and_grad"}},
    {"reads or writes", {"print", "help", "exit", "set_printoptions", "_elements", "_lines", "_parse", "load", "loadtxt",
                         "save", "savetxt", "savez", "savez_compressed", "imread", "_write_png", "_draw"}},
    {"is random", {"RandomState", "default_rng", "_drawn_shape", "_parameter", "binomial", "exponential", "hypergeometric",
                   "normal", "poisson", "rand", "randn", "random", "random_sample", "ranf", "sample",
                   "standard_exponential", "standard_gamma", "standard_normal", "uniform", "zipf", "choice",
                   "permutation", "randint", "random_integers", "seed"}},
    // errors/gradients.inlay shows what these say.
    {"says that it has none", {"arange", "eig", "eigvals", "item", "tofile", "tolist", "ulp", "view"}},
};
// clang-format on

bool has_rule(Evaluator& evaluator, const OpRow& row) {
  const RowRules rules(evaluator, row);
  const std::size_t count = signature_of(row).parameters.size();
  for (std::size_t at = 0; at < count; ++at)
    if (rules.find(at) != nullptr) return true;
  return false;
}

std::string reason_of(std::string_view name) {
  for (const auto& [reason, names] : kWithoutGradient)
    if (std::find(names.begin(), names.end(), name) != names.end()) return reason;
  return {};
}

}  // namespace

TEST_CASE("every op has a gradient, or a reason to have none") {
  Evaluator evaluator({});
  for (const OpRow* row : op_rows()) {
    INFO(row->name);
    CHECK(has_rule(evaluator, *row) == reason_of(row->name).empty());
  }
}

TEST_CASE("what is said to have no gradient exists") {
  const auto rows = op_rows();
  for (const auto& [reason, names] : kWithoutGradient)
    for (const std::string_view name : names) {
      INFO(name);
      CHECK(std::any_of(rows.begin(), rows.end(), [&](const OpRow* row) { return row->name == name; }));
    }
}
