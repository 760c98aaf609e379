// random_parameters.cpp - parameters of distributions: what they must be, and the shape that they draw.
#include <algorithm>
#include <cmath>

#include "interpreter/random/random_rows.h"
#include "runtime/dtypes/cast.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

// Ten standard deviations below the largest int64.
constexpr double kLargestMean = 9.223372006484771e+18;

struct ConstraintRow {
  Constraint constraint;
  std::string_view word;
  bool (*is_broken)(double);
  std::string_view complaint;  // after the parameter's name
};
/// ORDER Constraint. NumPy's rules: which of them NaN breaks, and that -0 is negative.
constexpr ConstraintRow kConstraints[] = {
    {Constraint::any, "any", [](double) { return false; }, ""},
    {Constraint::non_negative, ">= 0", [](double x) { return !std::isnan(x) && std::signbit(x); }, " < 0"},
    {Constraint::positive, "> 0", [](double x) { return x <= 0; }, " <= 0"},
    {Constraint::probability, "probability", [](double x) { return !(x >= 0 && x <= 1); }, " < 0, p > 1 or p is NaN"},
    {Constraint::positive_probability, "positive probability", [](double x) { return !(x > 0 && x <= 1); },
     " <= 0, p > 1 or p contains NaNs"},
    {Constraint::logseries, "< 1", [](double x) { return !(x >= 0 && x < 1); }, " < 0, p >= 1 or p is NaN"},
    {Constraint::poisson, "mean", [](double x) { return !(x >= 0); }, " < 0 or lam is NaN"},
    {Constraint::zipf, "> 1", [](double x) { return !(x > 1); }, " <= 1 or a is NaN"},
    {Constraint::count, "count", [](double x) { return !(x >= 0); }, " < 0"},
};

constexpr bool is_in_order() {
  for (std::size_t at = 0; at < std::size(kConstraints); ++at) {
    if (static_cast<std::size_t>(kConstraints[at].constraint) != at) return false;
  }
  return true;
}
static_assert(is_in_order());

bool any_breaks(const Tensor& x, bool (*is_broken)(double)) {
  const double* at = x.data<double>();
  bool is_any = false;
  serial_for(x.size(), [&](std::int64_t begin, std::int64_t end) {
    is_any = is_any || std::any_of(at + begin, at + end, is_broken);
  });
  return is_any;
}

Tensor real_argument(Value& value) {
  if (value.is_none()) raise(ErrorKind::TypeError, "must be real number, not NoneType");
  const Tensor x = tensor_argument(value);
  if (is_complex(x.dtype())) {
    raise(ErrorKind::TypeError, "float() argument must be a string or a real number, not 'complex'");
  }
  return cast(x, DType::float64).contiguous();
}

bool broadcasts_to(const Shape& shape, const Shape& wanted) {
  return shape.size() <= wanted.size() &&
         std::equal(shape.begin(), shape.end(), wanted.end() - static_cast<std::ptrdiff_t>(shape.size()),
                    [](std::int64_t from, std::int64_t to) { return from == 1 || from == to; });
}

}  // namespace

Shape size_argument(const Value& size) { return size.is_none() ? Shape() : shape_argument(size); }

Shape drawn_shape(const Value& size, std::span<const Tensor> parameters) {
  Shape together;
  for (const Tensor& parameter : parameters) together = broadcast_shapes(together, parameter.shape());
  if (size.is_none()) return together;
  const Shape wanted = shape_argument(size);
  if (!broadcasts_to(together, wanted)) {
    raise(ErrorKind::ValueError,
          "shape mismatch: parameters of shape {} cannot be broadcast to the size that is asked for, {}",
          to_string(together), to_string(wanted));
  }
  return wanted;
}

Tensor parameter_argument(Value& value, std::string_view name, Constraint constraint) {
  const ConstraintRow& row = kConstraints[static_cast<std::size_t>(constraint)];
  const Tensor x = real_argument(value);
  if (any_breaks(x, row.is_broken)) raise(ErrorKind::ValueError, "{}{}", name, row.complaint);
  if (constraint == Constraint::poisson && any_breaks(x, [](double lam) { return lam > kLargestMean; })) {
    raise(ErrorKind::ValueError, "{} value too large", name);
  }
  return constraint == Constraint::count ? unary(ElementwiseOp::trunc, x) : x;
}

Constraint constraint_named(std::string_view word) {
  const auto* row = std::find_if(std::begin(kConstraints), std::end(kConstraints),
                                 [&](const ConstraintRow& each) { return each.word == word; });
  if (row == std::end(kConstraints)) raise(ErrorKind::ValueError, "unknown constraint '{}'", word);
  return row->constraint;
}

}  // namespace inlay
