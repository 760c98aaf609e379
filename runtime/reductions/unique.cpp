// unique.cpp - the distinct elements in order, where they come from and how often.
// Invariant: groups are runs of the stable order, so that each group's first member is the first occurrence.
#include "runtime/dtypes/half.h"
#include "runtime/dtypes/order.h"
#include "runtime/reductions/sort.h"
#include "runtime/reductions/sort_keys.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

template <class T>
bool is_not_a_number(T x) {
  if constexpr (is_half_v<T>)
    return (x.bits & 0x7FFF) > (std::same_as<T, Half> ? 0x7C00 : 0x7F80);
  else
    return is_nan(x);
}

/// Whether two neighbours in sorted order are one element: NaNs are, whatever their parts.
template <class T>
bool is_same(T a, T b) {
  if (is_not_a_number(a) && is_not_a_number(b)) return true;
  if constexpr (is_half_v<T>)
    return a.bits == b.bits || ((a.bits | b.bits) & 0x7FFF) == 0;
  else if constexpr (std::integral<T>)
    return a == b;
  else
    return !sorts_before(a, b);
}

/// What elements of a dtype are looked at as: integers as their bits.
template <class T>
struct Looked {
  using type = T;
};
template <std::integral T>
requires(!std::same_as<T, bool>) struct Looked<T> {
  using type = KeyOf<T>;
};

/// Numbers the groups: inverse[order[i]] is the group of the i-th element in sorted order. Returns how many there are.
template <class T>
std::int64_t number_groups(const T* x, const std::int64_t* order, std::int64_t n, bool equal_nan,
                           std::int64_t* inverse) {
  std::int64_t group = -1;
  serial_for(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T element = x[order[i]];
      if (i == 0 || !is_same(x[order[i - 1]], element) || (!equal_nan && is_not_a_number(element))) ++group;
      inverse[order[i]] = group;
    }
  });
  return group + 1;
}

template <class T>
Unique unique_of(const Tensor& x, const Tensor& flat, bool equal_nan) {
  const std::int64_t n = flat.size();
  const Tensor order = argsort(flat, 0);
  Tensor inverse = Tensor::empty(DType::int64, x.shape());
  const auto* at = order.data<std::int64_t>();
  auto* group_of = inverse.mutable_data<std::int64_t>();
  const T* elements = flat.data<T>();
  const std::int64_t groups = number_groups(elements, at, n, equal_nan, group_of);
  Tensor values = Tensor::empty(x.dtype(), {groups}), index = Tensor::empty(DType::int64, {groups}),
         counts = Tensor::zeros(DType::int64, {groups});
  auto *first = index.mutable_data<std::int64_t>(), *count = counts.mutable_data<std::int64_t>();
  serial_for(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t group = group_of[at[i]];
      if (count[group]++ > 0) continue;
      first[group] = at[i];
      values.mutable_data<T>()[group] = elements[at[i]];
    }
  });
  return {values, index, inverse, counts};
}

/// The runs of a sorted line. From the last to the first: what is written last of a run is its first element.
template <class T>
Unique runs_of(const Tensor& sorted, bool equal_nan) {
  const T* x = sorted.data<T>();
  const std::int64_t n = sorted.size();
  const auto begins = [=](std::int64_t i) {
    return i == 0 || !is_same(x[i - 1], x[i]) || (!equal_nan && is_not_a_number(x[i]));
  };
  std::int64_t groups = 0;
  serial_for(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) groups += begins(i);
  });
  Tensor values = Tensor::empty(sorted.dtype(), {groups}), counts = Tensor::empty(DType::int64, {groups});
  T* value = values.mutable_data<T>();
  auto* count = counts.mutable_data<std::int64_t>();
  std::int64_t group = groups - 1, group_end = n;
  serial_for(n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = n - 1 - begin; i > n - 1 - end; --i) {
      const bool first = begins(i);
      value[group] = x[i];
      count[group] = group_end - i;
      group_end = first ? i : group_end;
      group -= first;
    }
  });
  return {values, {}, {}, counts};
}

}  // namespace

Unique unique_values(const Tensor& x, bool equal_nan) {
  const Tensor sorted = sort(ravel(x), 0);
  return visit(x.dtype(), [&]<class T>(Type<T>) { return runs_of<typename Looked<T>::type>(sorted, equal_nan); });
}

Unique unique(const Tensor& x, bool equal_nan) {
  const Tensor flat = ravel(x).contiguous();
  return visit(x.dtype(), [&]<class T>(Type<T>) { return unique_of<typename Looked<T>::type>(x, flat, equal_nan); });
}

}  // namespace inlay
