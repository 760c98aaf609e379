// path_update.cpp - writing through a path: x[1:].T[m] = v.
// Knows nothing of statements. Steps that are views compose into one layout without a reference to the buffer, so that
// a tensor nobody else holds stays unique; other steps are gathered, updated as tensors of their own, and scattered
// back. Invariant: whatever can fail has happened before writable() is asked for; a throw leaves the root as it was.
#include <cstring>

#include "interpreter/subscripts/assign_value.h"
#include "interpreter/subscripts/index_select.h"
#include "runtime/indexing/masked_update.h"
#include "runtime/indexing/nonzero.h"
#include "runtime/tensors/dense_rows.h"
#include "runtime/tensors/shape_ops.h"

namespace inlay {
namespace {

using Path = std::span<const PathStep>;
using StepKind = PathStep::Kind;

/// How far a path leads by views and at most one subscript that is none.
struct Place {
  Selection selection;
  std::size_t steps = 0;         // consumed
  const Tensor* mask = nullptr;  // the last step is a mask of the whole view, not yet taken into `selection`
  bool through_flat = false;     // the last view before the end is .flat, where values repeat
};

std::optional<Layout> reshaped_view(const Layout& x, std::span<const std::int64_t> sizes) {
  return reshaped(x, resolve_shape(element_count(x.shape), sizes));
}

/// A step other than a subscript as a view; nothing where it moves elements.
std::optional<Layout> step_view(const Layout& x, const PathStep& step) {
  const Dims& n = step.numbers;
  switch (step.kind) {
    case StepKind::transpose:
      return permuted(x, {});
    case StepKind::matrix_transpose:
      return matrix_transposed(x);
    case StepKind::real:
      return is_complex(x.dtype) ? real_part(x) : x;
    case StepKind::imag:
      return is_complex(x.dtype) ? std::optional(imaginary_part(x)) : std::nullopt;
    case StepKind::reshape:
      return reshaped_view(x, n);
    case StepKind::ravel:
    case StepKind::flat:
      return reshaped_view(x, Shape{-1});
    case StepKind::permute:
      return permuted(x, n);
    case StepKind::swapaxes:
      return swapped(x, n[0], n[1]);
    case StepKind::squeeze:
      return squeezed(x, n);
    case StepKind::diagonal:
      return diagonal_of(x, n[0], n[1], n[2]);
    case StepKind::subscript:
      break;
  }
  return std::nullopt;
}

Place follow(const Layout& root, Path path) {
  Place place;
  place.selection.view = root;
  for (; place.steps < path.size() && !place.selection.indexed; ++place.steps) {
    const PathStep& step = path[place.steps];
    const bool is_last = place.steps + 1 == path.size();
    Selection& at = place.selection;
    if (step.kind == StepKind::subscript) {
      const Tensor* mask = is_last ? whole_mask(at.view, step.items) : nullptr;
      if (mask) {
        check_mask(at.view, 0, *mask);
        place.mask = mask;
        continue;
      }
      at = select(Layout(std::move(at.view)), step.items, IndexMode::raise);
      continue;
    }
    std::optional<Layout> view = step_view(at.view, step);
    if (!view) break;
    at.view = std::move(*view);
    at.scalar = false;
    place.through_flat = step.kind == StepKind::flat;
  }
  return place;
}

Tensor read(const Tensor& x, const Selection& from) {
  return from.indexed ? gather_selection(from, x.bytes()) : view_of(x, from.view);
}

/// A non-view step's elements as a tensor of their own.
Tensor step_copy(const Tensor& x, const PathStep& step) {
  switch (step.kind) {
    case StepKind::imag:
      return imag(x);
    case StepKind::reshape:
      return reshape(x, step.numbers);
    default:
      return ravel(x);
  }
}

bool covers(const Layout& view, const Tensor& x) {
  return view.offset == 0 && view.dtype == x.dtype() && view.shape == x.shape() && view.strides == x.strides();
}

void write(Tensor& x, const Selection& to, const Tensor& value) {
  if (element_count(to.shape()) == 0) return;
  if (!to.indexed && !x.unique() && covers(to.view, x)) {
    // Nothing of the old elements is left: no need to copy them first.
    Tensor fresh = Tensor::empty(x.dtype(), x.shape());
    copy_elements(broadcast_value(value, x.shape()), fresh.mutable_bytes(), fresh.strides());
    x = std::move(fresh);
    return;
  }
  update_elements(UpdateKind::set, x, to, value);
}

/// The chosen elements of a view as a group of offsets.
Selection masked(const Layout& view, const Tensor& mask) {
  Selection out;
  out.offsets = mask_offsets(mask, view.strides);
  out.view = {view.dtype, out.offsets.shape(), Strides{0}, view.offset};
  out.indexed = true;
  out.group_rank = 1;
  return out;
}

void write_masked(Tensor& x, const Layout& view, const MaskRanks& ranks, const Tensor& value) {
  if (ranks.count() == 0) return;
  if (!has_dense_rows(view)) return write(x, masked(view, ranks.mask()), value);
  std::byte* to = x.writable();
  if (value.size() == 1)
    ranks.fill(view, to, value.bytes());
  else
    ranks.store(view, to, value);
}

Tensor read_masked(const Tensor& x, const Layout& view, const MaskRanks& ranks) {
  if (has_dense_rows(view)) return ranks.pack(view, x.bytes());
  return gather_selection(masked(view, ranks.mask()), x.bytes());
}

void update_masked(Tensor& x, const Place& place, const Update& update) {
  const Layout& view = place.selection.view;
  if (update.op && has_dense_rows(view) && update_chosen(*update.op, x, view, *place.mask, update.value)) return;
  const MaskRanks ranks(*place.mask);
  if (update.op) {
    Tensor chosen = read_masked(x, view, ranks);
    binary_assign(*update.op, chosen, update.value);
    return write_masked(x, view, ranks, chosen);
  }
  if (!place.through_flat) return write_masked(x, view, ranks, value_to_store(update.value, view.dtype, ranks));
  const Tensor cycled = value_to_cycle(update.value, view.dtype, ranks.count());
  if (cycled.size() > 0) write_masked(x, view, ranks, cycled);
}

void update_cycled(Tensor& x, const Selection& to, const Operand& value) {
  const Tensor cycled = value_to_cycle(value, to.view.dtype, element_count(to.shape()));
  if (cycled.size() > 0) write(x, to, reshape(cycled, to.shape()));
}

/// A list may be broadcast, but it may not be nested deeper than the view that it is assigned to has axes.
void check_nesting(const Tensor& value, const Selection& to) {
  const bool is_truth = to.scalar && to.view.dtype == DType::boolean;
  if (to.indexed || is_truth || value.rank() <= to.shape().size()) return;
  if (to.scalar && is_integer(to.view.dtype)) {
    raise(ErrorKind::TypeError, "int() argument must be a string, a bytes-like object or a real number, not 'list'");
  }
  if (to.scalar && is_complex(to.view.dtype)) raise(ErrorKind::TypeError, "must be real number, not list");
  if (to.scalar) raise(ErrorKind::ValueError, "setting an array element with a sequence.");
  raise(ErrorKind::ValueError,
        "setting an array element with a sequence. The requested array would exceed the maximum number of dimension "
        "of {}.",
        to.shape().size());
}

/// The end of a path: one selection.
void update_selection(Tensor& x, const Place& place, const Update& update) {
  const Selection& to = place.selection;
  if (!update.op && place.through_flat && !to.scalar) return update_cycled(x, to, update.value);
  if (!update.op && update.is_nested) check_nesting(update.value.tensor, to);
  if (!update.op) return write(x, to, value_to_store(update.value, to));
  if (!to.indexed && has_dense_rows(to.view) && update_rows(*update.op, x, to.view, update.value)) return;
  Tensor part = to.indexed ? gather_selection(to, x.bytes()) : view_of(x, to.view).copy();
  binary_assign(*update.op, part, update.value);
  write(x, to, part);
}

void update_path(Tensor& x, Path path, Update update);

/// A step in the middle that moves elements: gathered, updated, scattered back.
void update_gathered(Tensor& x, Path path, const Place& place, Update update) {
  Selection to = place.selection;
  Path rest = path.subspan(place.steps);
  Tensor part = read(x, to);
  if (!to.indexed) {
    const PathStep& step = rest.front();
    if (step.kind == StepKind::imag) raise(ErrorKind::TypeError, "array does not have imaginary part to set");
    part = step_copy(part, step);
    // Values repeat through .flat, whether or not it could be a view.
    if (step.kind != StepKind::flat) rest = rest.subspan(1);
  }
  update_path(part, rest, std::move(update));
  write(x, to, reshape(part, to.shape()));
}

void update_path(Tensor& x, Path path, Update update) {
  update_with_settled_layout(x, [&](Tensor& root) {
    const Place place = follow(layout_of(root), path);
    if (place.mask)
      update_masked(root, place, update);
    else if (place.steps == path.size())
      update_selection(root, place, update);
    else
      update_gathered(root, path, place, std::move(update));
  });
}

/// Whether several elements lie at one place, as those of a broadcast view do.
bool repeats_elements(const Tensor& x) {
  for (std::size_t axis = 0; axis < x.rank(); ++axis)
    if (x.strides()[axis] == 0 && x.dim(axis) > 1) return true;
  return false;
}

/// The offset of the one element that an update of a single value names; nothing where there is more to do.
std::optional<std::int64_t> updated_element(const Tensor& x, Path path, const Operand& value) {
  if (path.size() != 1 || path[0].kind != StepKind::subscript || x.rank() == 0) return std::nullopt;
  if (!value.is_number() && value.tensor.rank() > 0) return std::nullopt;
  if (!x.is_contiguous() && (!x.unique() || repeats_elements(x))) return std::nullopt;
  return element_offset(x, path[0].items);
}

/// x[i, j] = v and x[i, j] += v, the most frequent updates: no layout, no selection.
bool update_element(Tensor& x, Path path, const Update& update) {
  const std::optional<std::int64_t> offset = updated_element(x, path, update.value);
  if (!offset) return false;
  const auto size = static_cast<std::size_t>(x.itemsize());
  alignas(complex128) std::byte element[sizeof(complex128)];
  if (update.op) {
    Tensor part = Tensor::empty(x.dtype(), {});
    std::memcpy(part.mutable_bytes(), x.bytes() + *offset, size);
    binary_assign(*update.op, part, update.value);
    std::memcpy(element, part.bytes(), size);
  } else {
    store_number(update.value, x.dtype(), element);
  }
  std::memcpy(x.writable() + *offset, element, size);
  return true;
}

}  // namespace

Tensor path_get(const Tensor& x, std::span<const PathStep> path) {
  Tensor at = x;
  for (const PathStep& step : path) {
    if (step.kind == StepKind::subscript) {
      at = index_get(at, step.items);
    } else {
      const std::optional<Layout> view = step_view(layout_of(at), step);
      at = view ? view_of(at, *view) : step_copy(at, step);
    }
  }
  return at;
}

void path_update(Tensor& x, std::span<const PathStep> path, Update update) {
  if (update_element(x, path, update)) return;
  // A copy of the old elements lets go of the buffer, which may then be written where it stands.
  const Tensor& value = update.value.tensor;
  if (value && value.shares_buffer(x)) update.value = Operand(value.copy());
  if (path.empty() && update.op) return binary_assign(*update.op, x, update.value);
  update_path(x, path, std::move(update));
}

}  // namespace inlay
