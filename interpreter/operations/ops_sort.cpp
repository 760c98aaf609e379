// ops_sort.cpp - rows of the functions that order elements, find places in an order, or count equal ones.
// Invariant: every order is stable, so that kind= makes no difference.
#include <algorithm>
#include <numeric>

#include "interpreter/operations/op_operands.h"
#include "interpreter/subscripts/index_plan.h"
#include "interpreter/texts/quote.h"
#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/elementwise/elementwise.h"
#include "runtime/indexing/scatter.h"
#include "runtime/memory/poller.h"
#include "runtime/reductions/reduce.h"
#include "runtime/reductions/sort.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

void refuse_order(const Value& order) {
  if (!order.is_none()) raise(ErrorKind::ValueError, "Cannot specify order when the array has no fields.");
}

/// A kind is known by its first letter: quicksort, heapsort, mergesort, stable.
void check_kind(const Value& kind, const Value& stable) {
  if (kind.is_none()) return;
  if (!stable.is_none()) {
    raise(ErrorKind::ValueError,
          "`kind` and keyword parameters can't be provided at the same time. Use only one of them.");
  }
  const std::string_view name = string_argument(kind, "kind");
  if (name.empty() || std::string_view("qQhHmMsS").find(name[0]) == std::string_view::npos) {
    raise(ErrorKind::ValueError, "sort kind must be one of 'quick', 'heap', or 'stable' (got {})", short_quote(name));
  }
}

}  // namespace

void check_order(const Value& kind, const Value& order, const Value& stable) {
  check_kind(kind, stable);
  refuse_order(order);
}

Dims kth_argument(const Value& kth, std::int64_t length, std::int64_t elements) {
  Dims places = dims_argument(kth);
  if (elements == 0) return places;
  for (std::int64_t& k : places) {
    if (k < -length || k >= length) raise(ErrorKind::ValueError, "kth(={}) out of bounds ({})", k, length);
    if (k < 0) k += length;
  }
  return places;
}

namespace {

Value op_sort(OpCall& call) {
  check_order(call[2], call[3], call[4]);
  const AlongAxis along(tensor_argument(call[0]), call[1], int_argument);
  return Value::of(sort(along.x, along.axis));
}

/// For functions that give positions: a 0-d tensor counts as one element.
Tensor one_at_least(Tensor x) { return x.rank() == 0 ? ravel(x) : x; }

Value op_argsort(OpCall& call) {
  check_order(call[2], call[3], call[4]);
  const AlongAxis along(one_at_least(tensor_argument(call[0])), call[1]);
  return Value::of(argsort(along.x, along.axis));
}

Value op_partition(OpCall& call) {
  const bool positions = call.row.data != 0;
  const Tensor x = tensor_argument(call[0]);
  const AlongAxis along(positions ? one_at_least(x) : x, call[2], positions ? axis_number : int_argument);
  if (const auto kind = string_argument(call[3], "kind"); kind != "introselect") {
    raise(ErrorKind::ValueError, "select kind must be 'introselect' (got {})", short_quote(kind));
  }
  refuse_order(call[4]);
  const Dims places = kth_argument(call[1], along.size(), along.x.size());
  return Value::of((positions ? argpartition : partition)(along.x, along.axis, places));
}

Value op_sorted_elements(OpCall& call) {
  const Tensor rows = tensor_argument(call[0]), places = cast(tensor_argument(call[1]), DType::int64).contiguous();
  return Value::of(sorted_elements(rows, {places.data<std::int64_t>(), static_cast<std::size_t>(places.size())}));
}

bool is_right(const Value& value) {
  const std::string_view side = string_argument(value, "side");
  if (side != "left" && side != "right") {
    raise(ErrorKind::ValueError, "search side must be 'left' or 'right' (got '{}')", side);
  }
  return side == "right";
}

Tensor take_first(const Tensor& x, const Tensor& positions) {
  const IndexItem items[] = {positions};
  return index_get(x, items);
}

/// Positions that bring x into order.
Tensor sorter_argument(Value& value, const Tensor& x) {
  const Tensor sorter = tensor_argument(value);
  if (!is_integer(sorter.dtype())) raise(ErrorKind::TypeError, "sorter must only contain integers");
  if (sorter.rank() != 1) raise(ErrorKind::TypeError, "could not parse sorter argument");
  if (sorter.size() != x.size()) raise(ErrorKind::ValueError, "sorter.size must equal a.size");
  const Tensor places = cast(sorter, DType::int64).contiguous();
  const auto* at = places.data<std::int64_t>();
  if (std::any_of(at, at + places.size(), [&](std::int64_t place) { return place < 0 || place >= x.size(); })) {
    raise(ErrorKind::ValueError, "Sorter index out of range.");
  }
  return places;
}

Value op_searchsorted(OpCall& call) {
  Tensor x = tensor_argument(call[0]);
  const bool right = is_right(call[2]);
  if (!call[3].is_none() && x.rank() == 1) x = take_first(x, sorter_argument(call[3], x));
  return Value::of(searchsorted(x, tensor_argument(call[1]), right));
}

// ---- several keys ---------------------------------------------------------------------------------------------------

Tensor arange_along(const Tensor& like, int axis) {
  Shape shape(like.rank(), 1);
  shape[static_cast<std::size_t>(axis)] = like.dim(static_cast<std::size_t>(axis));
  Tensor out = Tensor::empty(DType::int64, shape);
  context().charge(static_cast<std::uint64_t>(out.size()), 0);
  auto* const to = out.mutable_data<std::int64_t>();
  serial_for(out.size(), [=](std::int64_t begin, std::int64_t end) { std::iota(to + begin, to + end, begin); });
  return broadcast_to(out, like.shape());
}

/// x's elements in the order that positions along an axis name.
Tensor reordered(const Tensor& x, const Tensor& positions, int axis) {
  IndexItems items;
  for (int each = 0; each < static_cast<int>(x.rank()); ++each) {
    items.emplace_back(each == axis ? positions : arange_along(x, each));
  }
  return index_get(x, items);
}

/// The order by the last key, ties by the one before it, and so on.
Tensor lexical_order(const std::vector<Tensor>& keys, int axis) {
  Tensor order = arange_along(keys[0], axis);
  for (const Tensor& key : keys) order = reordered(order, argsort(reordered(key, order, axis), axis), axis);
  return order;
}

/// The keys, or the first of them if they are single numbers: then none of them orders anything.
std::vector<Tensor> keys_argument(Value& value) {
  std::vector<Tensor> keys;
  const auto add = [&](const Tensor& key) {
    context().charge(1, 0);
    keys.push_back(key);
  };
  if (value.is_sequence()) {
    for (Value key : value.elements()) add(tensor_argument(key));
  } else {
    const Tensor x = tensor_argument(value);
    const std::int64_t count = x.rank() == 0 ? 0 : x.rank() == 1 ? std::min<std::int64_t>(x.dim(0), 1) : x.dim(0);
    for (std::int64_t at = 0; at < count; ++at) add(take_first(x, Tensor::scalar(at)));
  }
  if (keys.empty()) raise(ErrorKind::TypeError, "need sequence of keys with len > 0 in lexsort");
  return keys;
}

Value op_lexsort(OpCall& call) {
  const std::vector<Tensor> keys = keys_argument(call[0]);
  for (const Tensor& key : keys) {
    if (!(key.shape() == keys[0].shape())) raise(ErrorKind::ValueError, "all keys need to be the same shape");
  }
  if (keys[0].rank() == 0) return Value::of(Tensor::scalar<std::int64_t>(0));
  return Value::of(lexical_order(keys, normalize_axis(int_argument(call[1]), keys[0].rank())));
}

// ---- unique ---------------------------------------------------------------------------------------------------------

/// Whether each row of a matrix differs from the one before it; true for the first.
Tensor starts_of_groups(const Tensor& rows) {
  Tensor out = Tensor::empty(DType::boolean, {rows.dim(0)});
  std::fill_n(out.mutable_data<bool>(), out.size(), true);
  if (rows.dim(0) < 2) return out;
  const IndexItem later[] = {SliceItem{1, {}, {}}}, earlier[] = {SliceItem{{}, -1, {}}};
  const Tensor differs = binary(ElementwiseOp::not_equal, index_get(rows, later), index_get(rows, earlier));
  const int columns[] = {1};
  const Tensor changes = reduce(ReduceOp::any, differs, columns, false);
  std::copy_n(changes.data<bool>(), changes.size(), out.mutable_data<bool>() + 1);
  return out;
}

std::vector<Tensor> columns_backwards(const Tensor& rows) {
  std::vector<Tensor> out;
  const Tensor columns = transpose(rows);
  for (std::int64_t at = columns.dim(0); at-- > 0;) out.push_back(take_first(columns, Tensor::scalar(at)));
  return out;
}

/// Group numbers back in the order of the rows they were found in, and the sizes of groups.
void number_groups(const Tensor& order, const Tensor& starts, Unique& out) {
  const std::int64_t n = order.size();
  const Tensor first = order.contiguous();
  out.inverse = Tensor::empty(DType::int64, {n});
  out.counts = Tensor::zeros(DType::int64, {out.index.size()});
  std::int64_t group = -1;
  Poller poll;
  for (std::int64_t at = 0; at < n; ++at) {
    poll();
    group += starts.data<bool>()[at];
    out.inverse.mutable_data<std::int64_t>()[first.data<std::int64_t>()[at]] = group;
    ++out.counts.mutable_data<std::int64_t>()[group];
  }
}

/// numpy.unique(axis=): the distinct parts along an axis, in lexical order.
Unique unique_along(const Tensor& x, int axis) {
  const std::int64_t from[] = {axis}, to[] = {0};
  const Tensor first = moveaxis(x, from, to);
  const std::int64_t count = first.dim(0), width = count == 0 ? 0 : first.size() / count;
  const std::int64_t sizes[] = {count, width};
  const Tensor rows = reshape(first, sizes);
  const Tensor order =
      width == 0 ? arange_along(Tensor::empty(DType::boolean, {count}), 0) : lexical_order(columns_backwards(rows), 0);
  const Tensor starts = starts_of_groups(take_first(rows, order));
  Unique out;
  out.index = take_first(order, starts);
  out.values = moveaxis(take_first(first, out.index), to, from);
  number_groups(order, starts, out);
  return out;
}

Value op_unique(OpCall& call) {
  const Tensor x = tensor_argument(call[0]);
  const int axis = call[4].is_none() ? 0 : normalize_axis(int_argument(call[4]), x.rank());
  const bool flat = call[4].is_none() || x.rank() == 1;
  const bool with_index = bool_argument(call[1]), with_inverse = bool_argument(call[2]);
  const auto unique_of_all = with_index || with_inverse ? unique : unique_values;
  const Unique found = flat ? unique_of_all(x, bool_argument(call[5])) : unique_along(x, axis);
  std::vector<Tensor> out = {found.values};
  if (with_index) out.push_back(found.index);
  if (with_inverse) out.push_back(found.inverse);
  if (bool_argument(call[3])) out.push_back(found.counts);
  return out.size() == 1 ? Value::of(out[0]) : tuple_of(out);
}

// ---- counting -------------------------------------------------------------------------------------------------------

void refuse_unsafe(DType from, DType to) {
  if (can_cast_safe(from, to)) return;
  raise(ErrorKind::TypeError, "Cannot cast array data from dtype('{}') to dtype('{}') according to the rule 'safe'",
        name(from), name(to));
}

/// The numbers that bincount counts, and how many bins they need.
struct Bins {
  Bins(Value& argument, const Value& minimum) : numbers(tensor_argument(argument)), count(least(minimum)) {
    if (numbers.rank() != 1) {
      raise(ErrorKind::ValueError, "object {} for desired array",
            numbers.rank() == 0 ? "of too small depth" : "too deep");
    }
    if (argument.is_tensor() && numbers.dtype() != DType::uint64) refuse_unsafe(numbers.dtype(), DType::int64);
    numbers = cast(numbers, DType::int64).contiguous();
    Poller poll;
    for (const std::int64_t number : values()) {
      poll();
      if (number < 0) raise(ErrorKind::ValueError, "'list' argument must have no negative elements");
      if (number == std::numeric_limits<std::int64_t>::max()) raise_too_big();
      count = std::max(count, number + 1);
    }
  }
  [[nodiscard]] std::span<const std::int64_t> values() const {
    return {numbers.data<std::int64_t>(), static_cast<std::size_t>(numbers.size())};
  }
  static std::int64_t least(const Value& minimum) {
    if (minimum.is_none()) raise(ErrorKind::TypeError, "use 0 instead of None for minlength");
    const std::int64_t count = int_argument(minimum);
    if (count < 0) raise(ErrorKind::ValueError, "'minlength' must not be negative");
    return count;
  }
  Tensor numbers;
  std::int64_t count;
};

Value op_bincount(OpCall& call) {
  const Bins bins(call[0], call[2]);
  const bool weighted = !call[1].is_none() && bins.numbers.size() > 0;
  Tensor out = Tensor::zeros(weighted ? DType::float64 : DType::int64, {bins.count});
  const std::int64_t* const number = bins.values().data();
  if (!weighted) {
    auto* const count = out.mutable_data<std::int64_t>();
    serial_for(bins.numbers.size(), [=](std::int64_t begin, std::int64_t end) {
      for (; begin < end; ++begin) ++count[number[begin]];
    });
    return Value::of(out);
  }
  Tensor weights = tensor_argument(call[1]);
  refuse_unsafe(weights.dtype(), DType::float64);
  weights = cast(weights, DType::float64).contiguous();
  if (!(weights.shape() == bins.numbers.shape())) {
    raise(ErrorKind::ValueError, "The weights and list don't have the same length.");
  }
  const double* const weight = weights.data<double>();
  auto* const total = out.mutable_data<double>();
  serial_for(bins.numbers.size(), [=](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) total[number[begin]] += weight[begin];
  });
  return Value::of(out);
}

// ---- rows -----------------------------------------------------------------------------------------------------------

constexpr std::uint16_t kBoth = kNumpy | kMethod;
constexpr ResultKind kTensor = ResultKind::tensor;

constexpr OpRow kRows[] = {
    {"_sorted_elements", "rows, places", kInternal, kTensor, op_sorted_elements},
    {"argpartition", "a, kth, axis=-1, kind='introselect', order=None", kBoth, kTensor, op_partition, 1},
    {"argsort", "a, axis=-1, kind=None, order=None, *, stable=None", kBoth, kTensor, op_argsort},
    {"bincount", "x, weights=None, minlength=0", kNumpy, ResultKind::vector, op_bincount},
    {"lexsort", "keys, axis=-1", kNumpy, kTensor, op_lexsort},
    {"partition", "a, kth, axis=-1, kind='introselect', order=None", kNumpy, kTensor, op_partition, 0},
    {"searchsorted", "a, v, side='left', sorter=None", kBoth, kTensor, op_searchsorted},
    {"sort", "a, axis=-1, kind=None, order=None, *, stable=None", kNumpy, kTensor, op_sort},
    {"unique",
     "ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True",
     kNumpy, ResultKind::any, op_unique},
};

}  // namespace

std::span<const OpRow> sort_ops() { return kRows; }

}  // namespace inlay
