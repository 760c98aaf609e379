// scatter.cpp - gathering and scattering by index vectors, as TensorFlow defines them.
// Knows nothing of NumPy's subscripts: indices are plain tensors, negative ones are out of range.
// Invariant: every index vector has been checked, and every value cast, before the first element is written.
#include "runtime/indexing/scatter.h"

#include <algorithm>
#include <cstring>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/promote.h"
#include "runtime/indexing/selection.h"

namespace inlay {
namespace {

/// TensorFlow's form of a shape or index vector: "[2,1]".
std::string bracketed(std::span<const std::int64_t> numbers) { return fmt::format("[{}]", fmt::join(numbers, ",")); }

/// Row-major int64 index tensor. Throws TypeError for anything but integers.
Tensor index_tensor(const Tensor& indices) {
  if (!is_integer(indices.dtype())) {
    raise(ErrorKind::TypeError, "indices must be integers, got {}", name(indices.dtype()));
  }
  return cast(indices, DType::int64).contiguous();
}

std::span<const std::int64_t> sizes(const Shape& shape, std::size_t begin, std::size_t end) {
  return {shape.begin() + begin, end - begin};
}

Shape joined(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  Shape out(a);
  for (const std::int64_t size : b) out.push_back(size);
  return out;
}

[[noreturn]] void refuse_vector(const Tensor& indices, std::int64_t row, std::span<const std::int64_t> vector,
                                std::span<const std::int64_t> into) {
  Shape place;
  for (std::size_t axis = indices.rank() - 1; axis-- > 0;) {
    place.insert(0, row % indices.dim(axis));
    row /= indices.dim(axis);
  }
  const std::string where = place.empty() ? "" : bracketed(place);
  raise(ErrorKind::IndexError, "indices{} = {} does not index into shape {}", where, bracketed(vector),
        bracketed(into));
}

/// Offsets of leading batch axes, row-major.
std::int64_t batch_offset(std::int64_t batch, const Shape& shape, const Strides& strides, std::size_t batch_dims) {
  std::int64_t offset = 0;
  for (std::size_t axis = batch_dims; axis-- > 0;) {
    offset += batch % shape[axis] * strides[axis];
    batch /= shape[axis];
  }
  return offset;
}

/// What [..., K] indices select of a layout after `batch_dims` axes that both share.
struct VectorIndices {
  const Tensor& indices;  // int64, row-major
  const Layout& into;
  std::size_t batch_dims;
  std::size_t depth = static_cast<std::size_t>(indices.shape().back());

  [[nodiscard]] std::int64_t offset(std::int64_t row, std::span<const std::int64_t> vector) const {
    std::int64_t sum = 0;
    for (std::size_t at = 0; at < depth; ++at) {
      const std::size_t axis = batch_dims + at;
      if (vector[at] < 0 || vector[at] >= into.shape[axis]) {
        refuse_vector(indices, row, vector, sizes(into.shape, batch_dims, into.shape.size()));
      }
      sum += vector[at] * into.strides[axis];
    }
    return sum;
  }

  [[nodiscard]] Tensor offsets() const {
    Tensor out = Tensor::empty(DType::int64, Shape(sizes(indices.shape(), 0, indices.rank() - 1)));
    const std::int64_t batches = element_count(sizes(into.shape, 0, batch_dims));
    const std::int64_t rows = batches == 0 ? 0 : out.size() / batches;
    const std::int64_t* vectors = indices.data<std::int64_t>();
    std::int64_t* to = out.mutable_data<std::int64_t>();
    for (std::int64_t row = 0; row < out.size(); ++row) {
      const std::int64_t base = batch_dims == 0 ? 0 : batch_offset(row / rows, into.shape, into.strides, batch_dims);
      to[row] = base + offset(row, {vectors + row * static_cast<std::int64_t>(depth), depth});
    }
    return out;
  }

  [[nodiscard]] Selection selection() const {
    const std::size_t taken = batch_dims + depth;
    Selection out;
    const bool serves_as_is = batch_dims == 0 && depth == 1 && offsets_within(indices, 0, into.shape[0]);
    if (serves_as_is) {
      out.offsets = indices.view(Shape(sizes(indices.shape(), 0, indices.rank() - 1)),
                                 Strides(sizes(indices.strides(), 0, indices.rank() - 1)));
      out.step = into.strides[0];
      out.size = into.shape[0];
    } else {
      out.offsets = offsets();
    }
    out.indexed = true;
    out.group_rank = out.offsets.rank();
    out.view.dtype = into.dtype;
    out.view.offset = into.offset;
    out.view.shape = joined(out.offsets.shape(), sizes(into.shape, taken, into.shape.size()));
    out.view.strides = Strides(out.group_rank, 0);
    for (std::size_t axis = taken; axis < into.shape.size(); ++axis) out.view.strides.push_back(into.strides[axis]);
    return out;
  }
};

void check_depth(const Tensor& indices, std::size_t rank) {
  if (indices.rank() == 0) raise(ErrorKind::ValueError, "Indices shape must have rank at least one. Found:[]");
  if (indices.shape().back() > static_cast<std::int64_t>(rank)) {
    raise(ErrorKind::ValueError, "index innermost dimension length must be <= params rank; saw: {} vs. {}",
          indices.shape().back(), rank);
  }
}

UpdateKind update_kind(ScatterKind kind) {
  switch (kind) {
    case ScatterKind::update:
      return UpdateKind::set;
    case ScatterKind::add:
      return UpdateKind::add;
    case ScatterKind::sub:
      return UpdateKind::subtract;
    case ScatterKind::min:
      return UpdateKind::minimum;
    case ScatterKind::max:
      return UpdateKind::maximum;
  }
  return UpdateKind::set;
}

bool fits_kind(const Scalar& number, DType dtype) {
  if (number.kind == Scalar::Kind::complex) return is_complex(dtype);
  return number.kind != Scalar::Kind::floating || is_floating(dtype) || is_complex(dtype);
}

Tensor cast_updates(const Operand& updates, DType dtype) {
  if (updates.is_number()) {
    const Scalar& number = updates.number;
    if (!fits_kind(number, dtype)) {
      raise(ErrorKind::TypeError, "Cannot convert {} to a tensor of dtype {}", number.real, name(dtype));
    }
    return to_tensor(number, dtype);
  }
  const DType from = updates.tensor.dtype();
  if (!can_cast_same_kind(from, dtype)) {
    raise(ErrorKind::TypeError, "updates of dtype {} cannot be cast to the tensor's dtype {} by the rule 'same_kind'",
          name(from), name(dtype));
  }
  return cast(updates.tensor, dtype);
}

/// The axes of the index part fit if they broadcast; otherwise the message names them, or the slices' axes.
[[noreturn]] void refuse_updates(const Tensor& indices, const Shape& updates, const Shape& wanted,
                                 const Shape& output) {
  const std::size_t outer = indices.rank() - 1;
  const std::size_t inner = wanted.size() - outer;
  for (std::size_t back = 1; back <= std::min(inner, updates.size()); ++back) {
    const std::int64_t size = updates[updates.size() - back];
    if (size == 1 || size == wanted[wanted.size() - back]) continue;
    raise(ErrorKind::ValueError,
          "Inner dimensions of output shape must match inner dimensions of updates shape. Output: {} updates: {}",
          bracketed(output), bracketed(updates));
  }
  raise(ErrorKind::ValueError, "Outer dimensions of indices and update must match. Indices shape: {}, updates shape:{}",
        bracketed(indices.shape()), bracketed(updates));
}

void scatter_into(UpdateKind kind, Tensor& x, const Tensor& indices, const Operand& updates) {
  const Layout into = layout_of(x);
  const Selection to = VectorIndices{indices, into, 0}.selection();
  const Tensor value = cast_updates(updates, x.dtype());
  if (!broadcasts_to(value.shape(), to.shape())) refuse_updates(indices, value.shape(), to.shape(), x.shape());
  check_combination(kind, x.dtype());
  if (element_count(to.shape()) == 0) return;
  update_elements(kind, x, to, value);
}

void check_batch(const Tensor& params, const Tensor& indices, std::size_t batch_dims, std::size_t limit) {
  const bool fits = batch_dims <= limit && batch_dims <= params.rank() &&
                    std::equal(indices.shape().begin(), indices.shape().begin() + batch_dims, params.shape().begin());
  if (fits) return;
  raise(ErrorKind::ValueError, "batch dimensions of params {} and indices {} do not match for batch_dims={}",
        bracketed(params.shape()), bracketed(indices.shape()), batch_dims);
}

std::size_t normalized_batch_dims(int batch_dims, std::size_t rank) {
  const int wanted = batch_dims < 0 ? batch_dims + static_cast<int>(rank) : batch_dims;
  if (wanted < 0 || wanted > static_cast<int>(rank)) {
    raise(ErrorKind::ValueError, "batch_dims={} is out of range for indices of rank {}", batch_dims, rank);
  }
  return static_cast<std::size_t>(wanted);
}

/// Throws IndexError "indices[0] = 7 is not in [0, 3)".
void check_indices(const Tensor& indices, std::int64_t size) {
  if (offsets_within(indices, 0, size)) return;
  const std::int64_t* from = indices.data<std::int64_t>();
  const std::int64_t at =
      std::find_if(from, from + indices.size(), [=](std::int64_t i) { return i < 0 || i >= size; }) - from;
  Shape place;
  for (std::int64_t axis = static_cast<std::int64_t>(indices.rank()) - 1, rest = at; axis >= 0; --axis) {
    place.insert(0, rest % indices.dim(axis));
    rest /= indices.dim(axis);
  }
  raise(ErrorKind::IndexError, "indices{} = {} is not in [0, {})", place.empty() ? "" : bracketed(place), from[at],
        size);
}

/// Where the axes of a batched gather lie: batch | axes before `axis` | the index's own | axes behind.
Tensor batched_offsets(const Tensor& params, const Tensor& indices, std::size_t axis, std::size_t batch_dims) {
  const Shape outer(sizes(params.shape(), 0, axis));
  const Shape own(sizes(indices.shape(), batch_dims, indices.rank()));
  const std::int64_t stride = params.strides()[axis];
  const std::int64_t between = element_count(sizes(outer, batch_dims, axis));
  const std::int64_t n_own = element_count(own);
  Tensor out = Tensor::empty(DType::int64, joined(outer, own));
  std::int64_t* to = out.mutable_data<std::int64_t>();
  const std::int64_t places = element_count(outer);
  for (std::int64_t place = 0; place < places; ++place) {
    const std::int64_t base = batch_offset(place, params.shape(), params.strides(), axis);
    const std::int64_t* from = indices.data<std::int64_t>() + place / between * n_own;
    to = std::transform(from, from + n_own, to, [=](std::int64_t index) { return base + index * stride; });
  }
  return out;
}

}  // namespace

void tensor_scatter_nd(ScatterKind kind, Tensor& x, const Tensor& indices, const Operand& updates) {
  check_depth(indices, x.rank());
  if (indices.shape().back() == 0) {
    raise(ErrorKind::ValueError, "Indices and updates specified for empty output shape");
  }
  const Tensor vectors = index_tensor(indices);
  update_with_settled_layout(x, [&](Tensor& target) { scatter_into(update_kind(kind), target, vectors, updates); });
}

Tensor scatter_nd(const Tensor& indices, const Tensor& updates, const Shape& shape) {
  Tensor out = Tensor::zeros(updates.dtype(), shape);
  tensor_scatter_nd(ScatterKind::add, out, indices, updates);
  return out;
}

Tensor gather_nd(const Tensor& params, const Tensor& indices, int batch_dims) {
  const std::size_t batch = normalized_batch_dims(batch_dims, indices.rank());
  if (indices.rank() == 0) raise(ErrorKind::ValueError, "indices must be at least a vector");
  check_batch(params, indices, batch, indices.rank() - 1);
  check_depth(indices, params.rank() - batch);
  const Tensor vectors = index_tensor(indices);
  const Layout into = layout_of(params);
  return gather_selection(VectorIndices{vectors, into, batch}.selection(), params.bytes());
}

Tensor gather(const Tensor& params, const Tensor& indices, int axis, int batch_dims) {
  const std::size_t batch = normalized_batch_dims(batch_dims, indices.rank());
  const auto along = static_cast<std::size_t>(normalize_axis(axis, params.rank()));
  check_batch(params, indices, batch, along);
  const Tensor plain = index_tensor(indices);
  check_indices(plain, params.dim(along));
  Selection from;
  from.indexed = true;
  from.group = batch == 0 ? along : 0;
  from.offsets = batch == 0 ? plain : batched_offsets(params, plain, along, batch);
  if (batch == 0) {
    from.step = params.strides()[along];
    from.size = params.dim(along);
  }
  from.group_rank = from.offsets.rank();
  from.view.dtype = params.dtype();
  from.view.shape = joined(sizes(params.shape(), 0, from.group), from.offsets.shape());
  from.view.strides = Strides(from.view.shape.size(), 0);
  std::copy_n(params.strides().begin(), from.group, from.view.strides.begin());
  for (std::size_t behind = along + 1; behind < params.rank(); ++behind) {
    from.view.shape.push_back(params.dim(behind));
    from.view.strides.push_back(params.strides()[behind]);
  }
  return gather_selection(from, params.bytes());
}

}  // namespace inlay
