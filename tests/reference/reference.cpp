// reference.cpp - see reference.h. Slow and plain on purpose: what it says is to be believed by reading it.
#include "tests/reference/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/dtypes/scalar.h"

namespace inlay::reference {

namespace {

bool is_real(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }

DType quotient(DType dtype) { return is_real(dtype) ? dtype : DType::float64; }
DType total(DType dtype) { return is_real(dtype) ? dtype : dtype == DType::uint8 ? DType::uint64 : DType::int64; }

/// The place of element number `flat` along each axis.
Numbers place_of(std::int64_t flat, const Numbers& shape) {
  Numbers place(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0; flat /= shape[axis]) place[axis] = flat % shape[axis];
  return place;
}

std::size_t flat_of(const Numbers& place, const Numbers& shape) {
  std::int64_t flat = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) flat = flat * shape[axis] + place[axis];
  return static_cast<std::size_t>(flat);
}

/// Where an array is read for a place of a result it broadcasts to.
std::size_t stretched(const Numbers& place, const Numbers& shape) {
  Numbers own(shape.size());
  const std::size_t leading = place.size() - shape.size();
  for (std::size_t axis = 0; axis < shape.size(); ++axis) own[axis] = shape[axis] == 1 ? 0 : place[leading + axis];
  return flat_of(own, shape);
}

Numbers common_shape(const Numbers& a, const Numbers& b) {
  Numbers out(std::max(a.size(), b.size()), 1);
  for (const Numbers* each : {&a, &b})
    for (std::size_t i = 1; i <= each->size(); ++i)
      if ((*each)[each->size() - i] != 1) out[out.size() - i] = (*each)[each->size() - i];
  return out;
}

std::int64_t wrap(int128 value, DType dtype) {
  switch (dtype) {
    case DType::boolean:
      return value != 0;
    case DType::int8:
      return static_cast<std::int8_t>(value);
    case DType::int16:
      return static_cast<std::int16_t>(value);
    case DType::int32:
      return static_cast<std::int32_t>(value);
    case DType::uint8:
      return static_cast<std::uint8_t>(value);
    default:
      return static_cast<std::int64_t>(value);
  }
}

std::int64_t saturate(double value, DType dtype) {
  if (dtype == DType::boolean) return value != 0;
  if (std::isnan(value)) return 0;
  const int bits = itemsize(dtype) * 8 - (dtype == DType::uint8 ? 0 : 1);
  const double above = std::ldexp(1.0, bits);
  const double lowest = dtype == DType::uint8 ? 0 : -above;
  if (value >= above) return bits == 63 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << bits) - 1;
  return value <= lowest ? static_cast<std::int64_t>(lowest) : static_cast<std::int64_t>(value);
}

double rounded(double value, DType dtype) {
  return dtype == DType::float32 ? static_cast<double>(static_cast<float>(value)) : value;
}

void put(Array& to, std::size_t at, const Array& from, std::size_t source) {
  if (is_real(to.dtype))
    to.reals[at] = from.reals[source];
  else
    to.wholes[at] = from.wholes[source];
}

/// Element by element, the one of x that `pick` names by its place in the result.
template <class Pick>
Array filled(const Array& x, Numbers shape, Pick pick) {
  Array out = zeros(x.dtype, std::move(shape));
  for (std::int64_t i = 0; i < size(out.shape); ++i)
    put(out, static_cast<std::size_t>(i), x, pick(place_of(i, out.shape)));
  return out;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  if (b == 0) return 0;
  const int128 quotient = static_cast<int128>(a) / b;
  return static_cast<std::int64_t>(quotient - ((a % b != 0) && ((a < 0) != (b < 0)) ? 1 : 0));
}

std::int64_t on_wholes(std::string_view op, std::int64_t a, std::int64_t b, DType dtype) {
  const int128 x = a, y = b;
  if (op == "add") return dtype == DType::boolean ? (a | b) : wrap(x + y, dtype);
  if (op == "subtract") return wrap(x - y, dtype);
  if (op == "multiply") return wrap(x * y, dtype);
  if (op == "floor_divide") return wrap(floor_divide(a, b), dtype);
  if (op == "remainder") return b == 0 ? 0 : wrap(x - static_cast<int128>(floor_divide(a, b)) * y, dtype);
  if (op == "bitwise_xor") return a ^ b;
  return op == "minimum" ? std::min(a, b) : std::max(a, b);
}

double on_reals(std::string_view op, double a, double b) {
  if (op == "add") return a + b;
  if (op == "subtract") return a - b;
  if (op == "multiply") return a * b;
  if (op == "divide") return a / b;
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  return op == "minimum" ? std::min(a, b) : std::max(a, b);
}

template <class T>
bool predicate(std::string_view op, T a, T b) {
  if (op == "less") return a < b;
  if (op == "less_equal") return a <= b;
  if (op == "greater") return a > b;
  if (op == "greater_equal") return a >= b;
  if (op == "equal") return a == b;
  if (op == "not_equal") return a != b;
  return op == "logical_and" ? a != 0 && b != 0 : a != 0 || b != 0;
}

bool is_predicate(std::string_view op) {
  return op.starts_with("less") || op.starts_with("greater") || op.ends_with("equal") || op.starts_with("logical");
}

/// The element a place of a slice stands for.
std::size_t sliced(const Numbers& place, const std::vector<Range>& ranges, const Numbers& shape) {
  Numbers whole(place.size());
  for (std::size_t axis = 0; axis < place.size(); ++axis)
    whole[axis] = ranges[axis].start + place[axis] * ranges[axis].step;
  return flat_of(whole, shape);
}

Numbers counts(const std::vector<Range>& ranges) {
  Numbers out;
  for (const Range& range : ranges) out.push_back(range.count);
  return out;
}

/// The element of x[index] at a place: the index array's axes come first, then x's other ones.
std::size_t chosen(const Array& x, const Array& index, const Numbers& place) {
  const auto split = place.begin() + static_cast<std::ptrdiff_t>(index.shape.size());
  const std::int64_t row = index.wholes[flat_of(Numbers(place.begin(), split), index.shape)];
  Numbers whole{row < 0 ? row + x.shape[0] : row};
  whole.insert(whole.end(), split, place.end());
  return flat_of(whole, x.shape);
}

}  // namespace

std::int64_t size(const Numbers& shape) {
  std::int64_t out = 1;
  for (std::int64_t each : shape) out *= each;
  return out;
}

Array zeros(DType dtype, Numbers shape) {
  const auto count = static_cast<std::size_t>(size(shape));
  return {dtype, std::move(shape), Numbers(is_real(dtype) ? 0 : count),
          std::vector<double>(is_real(dtype) ? count : 0)};
}

Array cast(const Array& x, DType dtype) {
  Array out = zeros(dtype, x.shape);
  for (std::size_t i = 0; i < out.wholes.size(); ++i)
    out.wholes[i] = is_real(x.dtype) ? saturate(x.reals[i], dtype) : wrap(x.wholes[i], dtype);
  for (std::size_t i = 0; i < out.reals.size(); ++i)
    out.reals[i] = is_real(x.dtype)          ? rounded(x.reals[i], dtype)
                   : dtype == DType::float32 ? static_cast<double>(static_cast<float>(x.wholes[i]))
                                             : static_cast<double>(x.wholes[i]);
  return out;
}

DType promote(DType a, DType b) {
  if (a == b || b == DType::boolean) return a;
  if (a == DType::boolean) return b;
  if (is_real(a) && is_real(b)) return DType::float64;
  if (is_real(b)) std::swap(a, b);
  if (is_real(a)) return itemsize(b) <= 2 ? a : DType::float64;
  if (a != DType::uint8 && b != DType::uint8) return itemsize(a) > itemsize(b) ? a : b;
  const DType is_signed = a == DType::uint8 ? b : a;
  return is_signed == DType::int8 ? DType::int16 : is_signed;
}

Array binary(std::string_view name, const Array& a, const Array& b) {
  const DType common = promote(a.dtype, b.dtype);
  const DType computed = name == "divide" ? quotient(common) : common;
  const Array x = cast(a, computed), y = cast(b, computed);
  Array out = zeros(is_predicate(name) ? DType::boolean : computed, common_shape(a.shape, b.shape));
  for (std::int64_t i = 0; i < size(out.shape); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Numbers place = place_of(i, out.shape);
    const std::size_t left = stretched(place, a.shape), right = stretched(place, b.shape);
    if (is_predicate(name))
      out.wholes[at] = is_real(computed) ? predicate(name, x.reals[left], y.reals[right])
                                         : predicate(name, x.wholes[left], y.wholes[right]);
    else if (is_real(computed))
      out.reals[at] = rounded(on_reals(name, x.reals[left], y.reals[right]), computed);
    else
      out.wholes[at] = on_wholes(name, x.wholes[left], y.wholes[right], computed);
  }
  return out;
}

Array where(const Array& condition, const Array& x, const Array& y) {
  const DType dtype = promote(x.dtype, y.dtype);
  const Array then = cast(x, dtype), otherwise = cast(y, dtype), test = cast(condition, DType::boolean);
  Array out = zeros(dtype, common_shape(condition.shape, common_shape(x.shape, y.shape)));
  for (std::int64_t i = 0; i < size(out.shape); ++i) {
    const Numbers place = place_of(i, out.shape);
    const bool chosen = test.wholes[stretched(place, test.shape)] != 0;
    put(out, static_cast<std::size_t>(i), chosen ? then : otherwise, stretched(place, chosen ? x.shape : y.shape));
  }
  return out;
}

Array slice(const Array& x, const std::vector<Range>& ranges) {
  return filled(x, counts(ranges), [&](const Numbers& place) { return sliced(place, ranges, x.shape); });
}

void slice_update(Array& x, const std::vector<Range>& ranges, const Array& value) {
  const Array stored = cast(value, x.dtype);
  const Numbers shape = counts(ranges);
  for (std::int64_t i = 0; i < size(shape); ++i) {
    const Numbers place = place_of(i, shape);
    put(x, sliced(place, ranges, x.shape), stored, stretched(place, value.shape));
  }
}

Array masked(const Array& x, const Array& mask) {
  Array out = zeros(x.dtype, {std::count(mask.wholes.begin(), mask.wholes.end(), 1)});
  std::size_t rank = 0;
  for (std::size_t i = 0; i < mask.wholes.size(); ++i)
    if (mask.wholes[i] != 0) put(out, rank++, x, i);
  return out;
}

void mask_update(Array& x, const Array& mask, const Array& value) {
  const Array stored = cast(value, x.dtype);
  std::size_t rank = 0;
  for (std::size_t i = 0; i < mask.wholes.size(); ++i)
    if (mask.wholes[i] != 0) put(x, i, stored, size(value.shape) == 1 ? 0 : rank++);
}

Array gather(const Array& x, const Array& index) {
  Numbers shape = index.shape;
  shape.insert(shape.end(), x.shape.begin() + 1, x.shape.end());
  return filled(x, shape, [&](const Numbers& place) { return chosen(x, index, place); });
}

void scatter(Array& x, const Array& index, const Array& value, bool add) {
  const Array stored = cast(value, x.dtype);
  Numbers shape = index.shape;
  shape.insert(shape.end(), x.shape.begin() + 1, x.shape.end());
  for (std::int64_t i = 0; i < size(shape); ++i) {
    const Numbers place = place_of(i, shape);
    const std::size_t to = chosen(x, index, place), from = stretched(place, value.shape);
    if (!add)
      put(x, to, stored, from);
    else if (is_real(x.dtype))
      x.reals[to] = rounded(x.reals[to] + stored.reals[from], x.dtype);
    else
      x.wholes[to] = on_wholes("add", x.wholes[to], stored.wholes[from], x.dtype);
  }
}

Array reduce(std::string_view name, const Array& x, const std::vector<bool>& axes, bool keepdims) {
  const bool truth = name == "any" || name == "all", extreme = name == "min" || name == "max";
  const Array from = cast(x, truth            ? DType::boolean
                             : extreme        ? x.dtype
                             : name == "mean" ? quotient(x.dtype)
                                              : total(x.dtype));
  Numbers kept, squeezed;
  std::int64_t count = 1;
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    kept.push_back(axes[axis] ? 1 : x.shape[axis]);
    if (axes[axis])
      count *= x.shape[axis];
    else
      squeezed.push_back(x.shape[axis]);
  }
  Array out = zeros(from.dtype, kept);
  std::vector<bool> begun(static_cast<std::size_t>(size(kept)));
  const std::string_view op = name == "prod"                   ? "multiply"
                              : name == "min" || name == "all" ? "minimum"
                              : name == "max" || name == "any" ? "maximum"
                                                               : "add";
  for (std::int64_t i = 0; i < size(x.shape); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::size_t to = stretched(place_of(i, x.shape), kept);
    if (!begun[to])
      put(out, to, from, at);
    else if (is_real(out.dtype))
      out.reals[to] = rounded(on_reals(op, out.reals[to], from.reals[at]), out.dtype);
    else
      out.wholes[to] = on_wholes(op, out.wholes[to], from.wholes[at], out.dtype);
    begun[to] = true;
  }
  for (double& each : out.reals)
    if (name == "mean") each = rounded(each / static_cast<double>(count), out.dtype);
  if (!keepdims) out.shape = squeezed;
  return out;
}

Array cumsum(const Array& x, std::size_t axis) {
  Array out = cast(x, total(x.dtype));
  for (std::int64_t i = 0; i < size(x.shape); ++i) {
    Numbers place = place_of(i, x.shape);
    if (place[axis]-- == 0) continue;
    const std::size_t before = flat_of(place, x.shape), at = static_cast<std::size_t>(i);
    if (is_real(out.dtype))
      out.reals[at] = rounded(out.reals[before] + out.reals[at], out.dtype);
    else
      out.wholes[at] = on_wholes("add", out.wholes[before], out.wholes[at], out.dtype);
  }
  return out;
}

/// Insertion: each element moves down past those it comes before; NaN comes last.
Array sort(const Array& x, std::size_t axis) {
  Array out = x;
  const auto precedes = [&](std::size_t a, std::size_t b) {
    if (!is_real(x.dtype)) return out.wholes[a] < out.wholes[b];
    return out.reals[a] < out.reals[b] || (std::isnan(out.reals[b]) && !std::isnan(out.reals[a]));
  };
  for (std::int64_t i = 0; i < size(x.shape); ++i) {
    Numbers place = place_of(i, x.shape);
    for (auto at = static_cast<std::size_t>(i); place[axis]-- > 0;) {
      const std::size_t before = flat_of(place, x.shape);
      if (!precedes(at, before)) break;
      is_real(x.dtype) ? std::swap(out.reals[at], out.reals[before]) : std::swap(out.wholes[at], out.wholes[before]);
      at = before;
    }
  }
  return out;
}

Array transpose(const Array& x, const Numbers& axes) {
  Numbers shape;
  for (std::int64_t axis : axes) shape.push_back(x.shape[static_cast<std::size_t>(axis)]);
  return filled(x, shape, [&](const Numbers& place) {
    Numbers from(axes.size());
    for (std::size_t axis = 0; axis < axes.size(); ++axis) from[static_cast<std::size_t>(axes[axis])] = place[axis];
    return flat_of(from, x.shape);
  });
}

Array broadcast(const Array& x, const Numbers& shape) {
  return filled(x, shape, [&](const Numbers& place) { return stretched(place, x.shape); });
}

Array concatenate(const Array& a, const Array& b, std::size_t axis) {
  const DType dtype = promote(a.dtype, b.dtype);
  const Array x = cast(a, dtype), y = cast(b, dtype);
  Numbers shape = a.shape;
  shape[axis] += b.shape[axis];
  Array out = zeros(dtype, shape);
  for (std::int64_t i = 0; i < size(shape); ++i) {
    Numbers place = place_of(i, shape);
    const bool first = place[axis] < a.shape[axis];
    if (!first) place[axis] -= a.shape[axis];
    put(out, static_cast<std::size_t>(i), first ? x : y, flat_of(place, first ? a.shape : b.shape));
  }
  return out;
}

}  // namespace inlay::reference
