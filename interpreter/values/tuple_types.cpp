// tuple_types.cpp - the table of named tuples.
#include "interpreter/values/tuple_types.h"

#include <algorithm>
#include <iterator>

namespace inlay {
namespace {

constexpr std::string_view kEigen[] = {"eigenvalues", "eigenvectors"};
constexpr std::string_view kQr[] = {"Q", "R"};
constexpr std::string_view kSlogdet[] = {"sign", "logabsdet"};
constexpr std::string_view kSvd[] = {"U", "S", "Vh"};
constexpr std::string_view kUniqueAll[] = {"values", "indices", "inverse_indices", "counts"};
constexpr std::string_view kUniqueCounts[] = {"values", "counts"};
constexpr std::string_view kUniqueInverse[] = {"values", "inverse_indices"};

constexpr TupleType kTypes[] = {
    {"EigResult", kEigen},
    {"EighResult", kEigen},
    {"QRResult", kQr},
    {"SVDResult", kSvd},
    {"SlogdetResult", kSlogdet},
    {"UniqueAllResult", kUniqueAll},
    {"UniqueCountsResult", kUniqueCounts},
    {"UniqueInverseResult", kUniqueInverse},
};

}  // namespace

const TupleType* find_tuple_type(std::string_view name) {
  const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& t) { return t.name == name; });
  return found == std::end(kTypes) ? nullptr : found;
}

}  // namespace inlay
